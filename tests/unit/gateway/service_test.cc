#include "services/gateway/service.h"

#include "tests/unit/gateway/gateway_harness.h"

namespace accord::gateway {
namespace {

using State = av1::Agreement;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::PartiallyEqualsProto;

class ServiceTest : public GatewayTest {
 protected:
  void PutAgency(const std::string& id, const std::vector<Move>& moves) {
    fake.record.Put(MakeAgency(absl::StrCat("agencies/", id)));
    fake.record.Put(
        MakeAgreement(absl::StrCat("agreements/", id), absl::StrCat("agencies/", id), moves));
  }
  void RefuseOwner(absl::Status status) {
    fake.agreements.before = [status](rpc::Call&) { return status; };
  }
  std::vector<std::string> BadFields(const absl::Status& status) {
    google::rpc::BadRequest bad;
    const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
    if (payload) bad.ParseFromString(std::string(*payload));
    std::vector<std::string> fields;
    for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
    return fields;
  }
};

TEST_F(ServiceTest, AsksTheOwner) {
  PutAgency("1", {{State::ACTIVE, "2025-01-01"}, {State::SUSPENDED, "2025-08-01", "2025-07-01"}});
  Start(/*with_feed=*/false);
  const auto status = Status("agencies/1");
  ASSERT_THAT(status, IsOk());
  EXPECT_THAT(*status, PartiallyEqualsProto(R"pb(
    agency { name: "agencies/1" }
    verdict: IN_FORCE
    agreements { verdict: IN_FORCE state: ACTIVE }
    as_of { year: 2025 month: 7 day: 2 }
    valid_until { year: 2025 month: 8 day: 1 }
    basis: DERIVED
    sources {
      service: "agreements"
      revision: "agreements@L1:2"
      reachable: true
      age {}
    }
    freshness_met: true
    policy_version: "v1"
  )pb"));
  EXPECT_TRUE(status->has_compute_time());
  EXPECT_THAT(revisions, ElementsAre("agreements@L1:2"));
}

TEST_F(ServiceTest, TodayIsTheProgramsDay) {
  PutAgency("1", {{State::ACTIVE, "2025-07-02"}});
  clock.Set(absl::FromCivil(absl::CivilMinute(2025, 7, 2, 3, 30), absl::UTCTimeZone()));
  Start(false);
  // Half past eleven on the evening of 1 July in New York.
  EXPECT_EQ(FormatDate(*FromProto(Status("agencies/1")->as_of())), "2025-07-01");
}

TEST_F(ServiceTest, ResolvesAMergedAgency) {
  PutAgency("1", {{State::ACTIVE, "2025-01-01"}});
  av1::Agency merged = MakeAgency("agencies/2");
  merged.set_merged_into("agencies/1");
  fake.record.Put(merged);
  Start(false);
  const auto status = Status("agencies/2");
  ASSERT_THAT(status, IsOk());
  EXPECT_EQ(status->agency().name(), "agencies/1");
  EXPECT_EQ(status->verdict(), v1::IN_FORCE);
}

TEST_F(ServiceTest, AnswersWithTheLastKnownWhenTheOwnerIsAway) {
  av1::Agency agency = MakeAgency("agencies/1");
  agency.set_fictitious(true);
  fake.record.Put(agency);
  av1::Agreement agreement =
      MakeAgreement("agreements/1", "agencies/1", {{State::ACTIVE, "2025-01-01"}});
  *agreement.mutable_effective_date() = ToProto(Day("2025-01-01"));
  fake.record.Put(agreement);
  Start();
  CatchUp();
  const std::string seen = fake.record.Token();
  fake.Stop();
  clock.Advance(absl::Seconds(30));
  const auto status = Status("agencies/1", WithToken(seen));
  ASSERT_THAT(status, IsOk());
  EXPECT_THAT(*status, PartiallyEqualsProto(R"pb(
    verdict: IN_FORCE
    reasons { code: "IN_FORCE" fact: "agreements/1" }
    agreements {
      agreement {
        state: ACTIVE
        effective_date { year: 2025 month: 1 day: 1 }
      }
    }
    basis: SYNTHETIC
    fictitious: true
    sources { service: "agreements" revision: "agreements@L1:2" reachable: false }
    freshness_met: true
  )pb"));
  EXPECT_GE(status->sources(0).age().seconds(), 30);
  EXPECT_THAT(revisions, ElementsAre("agreements@L1:2"));
  EXPECT_FALSE(Status("agencies/1", WithToken("agreements@L1:3"))->freshness_met());
}

TEST_F(ServiceTest, AnOwnerThatIsTooSlowIsAway) {
  owner_timeout = absl::Milliseconds(100);
  PutAgency("1", {{State::ACTIVE, "2025-01-01"}});
  Start();
  CatchUp();
  std::promise<void> release;
  fake.agreements.before = [open = release.get_future().share()](rpc::Call&) {
    open.wait();
    return absl::OkStatus();
  };
  const auto status = Status("agencies/1");
  release.set_value();
  ASSERT_THAT(status, IsOk());
  EXPECT_FALSE(status->sources(0).reachable());
  EXPECT_EQ(status->verdict(), v1::IN_FORCE);
}

TEST_F(ServiceTest, WithNothingKnownItSaysWhatIsMissing) {
  fake.Stop();
  Start(false);
  EXPECT_THAT(Status("agencies/1"),
              FailsWith(absl::StatusCode::kUnavailable, "PROJECTION_NOT_READY"));
  fake.Start();
  StartFeed();
  CatchUp();
  fake.Stop();
  EXPECT_THAT(Status("agencies/new"),
              FailsWith(absl::StatusCode::kUnavailable, "SERVICE_UNREACHABLE"));
}

TEST_F(ServiceTest, NoSuchAgency) {
  Start(false);
  EXPECT_THAT(Status("agencies/none"), FailsWith(absl::StatusCode::kNotFound, "AGENCY_NOT_FOUND"));
}

TEST_F(ServiceTest, TheOwnersRefusalIsTheAnswer) {
  PutAgency("1", {{State::ACTIVE, "2025-01-01"}});
  Start();
  CatchUp();
  RefuseOwner(MakeError(absl::StatusCode::kPermissionDenied, "agreements.accord", "ROLE", "no"));
  EXPECT_THAT(Status("agencies/1"), FailsWith(absl::StatusCode::kPermissionDenied, "ROLE"));
}

TEST_F(ServiceTest, EveryBadFieldIsNamed) {
  Start(false);
  v1::GetAgencyStatusRequest request;
  request.set_agency("agencies/");
  request.mutable_as_of()->set_year(2025);
  const auto status =
      rpc::CallUnary(*stub, &v1::Gateway::Stub::GetAgencyStatus, request, WithToken("nonsense"));
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(BadFields(status.status()), ElementsAre("agency", "as_of", "accord-revision"));

  v1::ListAgencyStatusesRequest list;
  list.set_page_size(-1);
  list.set_filter("nothing = 1");
  list.set_page_token("x");
  *list.mutable_as_of() = ToProto(Day("1990-01-01"));
  EXPECT_THAT(BadFields(List(list).status()),
              ElementsAre("page_size", "filter", "as_of", "page_token"));

  v1::BatchGetAgencyStatusesRequest batch;
  EXPECT_THAT(
      BadFields(rpc::CallUnary(*stub, &v1::Gateway::Stub::BatchGetAgencyStatuses, batch).status()),
      ElementsAre("agencies"));
  batch.add_agencies("agencies/1");
  batch.add_agencies("x/1");
  EXPECT_THAT(
      BadFields(rpc::CallUnary(*stub, &v1::Gateway::Stub::BatchGetAgencyStatuses, batch).status()),
      ElementsAre("agencies[1]"));
}

TEST_F(ServiceTest, ABatchKeepsTheOrderAndNamesWhatIsMissing) {
  v1::BatchGetAgencyStatusesRequest request;
  for (int i = 0; i < 40; ++i) {
    const std::string id = absl::StrCat(39 - i);
    if (i != 7) PutAgency(id, {{State::ACTIVE, "2025-01-01"}});
    request.add_agencies(absl::StrCat("agencies/", id));
  }
  Start(false);
  const auto response =
      rpc::CallUnary(*stub, &v1::Gateway::Stub::BatchGetAgencyStatuses, request, {}, &revisions);
  ASSERT_THAT(response, IsOk());
  ASSERT_EQ(response->statuses_size(), 39);
  EXPECT_THAT(response->not_found(), ElementsAre("agencies/32"));
  EXPECT_EQ(response->statuses(0).agency().name(), "agencies/39");
  EXPECT_EQ(response->statuses(38).agency().name(), "agencies/0");
  EXPECT_THAT(revisions, ElementsAre(fake.record.Token()));
}

TEST_F(ServiceTest, ListsPageByPage) {
  for (int i = 0; i < 5; ++i) PutAgency(absl::StrCat(i), {{State::ACTIVE, "2025-01-01"}});
  PutAgency("9", {{State::PENDING, "2025-01-01"}});
  Start();
  CatchUp();
  for (const std::string filter : {"", "verdict = IN_FORCE AND models_in_force:AAA"}) {
    v1::ListAgencyStatusesRequest request;
    request.set_filter(filter);
    request.set_page_size(2);
    std::vector<std::string> names;
    int pages = 0;
    do {
      const auto page = List(request);
      ASSERT_THAT(page, IsOk());
      EXPECT_EQ(page->total_size(), filter.empty() ? 6 : 5);
      EXPECT_EQ(page->sources_size(), 1);
      for (const auto& status : page->statuses()) names.push_back(status.agency());
      request.set_page_token(page->next_page_token());
      ++pages;
    } while (!request.page_token().empty() && pages < 10);
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(names.size(), filter.empty() ? 6u : 5u);
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  }
}

TEST_F(ServiceTest, APageTokenIsGoodForItsQuestionOnly) {
  for (int i = 0; i < 3; ++i) PutAgency(absl::StrCat(i), {{State::ACTIVE, "2025-01-01"}});
  Start();
  CatchUp();
  v1::ListAgencyStatusesRequest request;
  request.set_page_size(1);
  request.set_page_token(List(request)->next_page_token());
  EXPECT_THAT(List(request), IsOk());
  request.set_filter("verdict = IN_FORCE");
  EXPECT_THAT(BadFields(List(request).status()), ElementsAre("page_token"));
  request.clear_filter();
  EXPECT_THAT(BadFields(List(request, {.metadata = {{rpc::kActorKey, "other"}}}).status()),
              ElementsAre("page_token"));
}

TEST_F(ServiceTest, ListsAsOfADate) {
  PutAgency("1", {{State::PENDING, "2025-01-01"}, {State::ACTIVE, "2025-06-01", "2025-05-20"}});
  Start();
  CatchUp();
  v1::ListAgencyStatusesRequest request;
  for (const auto& [day, verdict] : {std::pair("2025-05-19", v1::IN_PIPELINE),
                                     std::pair("2025-05-20", v1::SIGNED_NOT_YET_IN_FORCE),
                                     std::pair("2025-06-01", v1::IN_FORCE)}) {
    *request.mutable_as_of() = ToProto(Day(day));
    EXPECT_EQ(List(request)->statuses(0).verdict(), verdict) << day;
  }
}

TEST_F(ServiceTest, MetricsNeverAddRealAndFictitious) {
  PutAgency("1", {{State::ACTIVE, "2025-01-01"}});
  av1::Agreement made_up =
      MakeAgreement("agreements/2", "agencies/2", {{State::ACTIVE, "2025-01-01"}});
  made_up.set_fictitious(true);
  fake.record.Put(made_up);
  made_up.set_name("agreements/3");
  fake.record.Put(made_up);
  Start();
  CatchUp();
  const auto real = Metrics();
  ASSERT_THAT(real, IsOk());
  EXPECT_EQ(real->in_force().agreements(), 1);
  EXPECT_FALSE(real->fictitious());
  EXPECT_TRUE(real->freshness_met());
  EXPECT_THAT(revisions, ElementsAre(fake.record.Token()));
  v1::GetProgramMetricsRequest request;
  request.set_fictitious(true);
  const auto demo = rpc::CallUnary(*stub, &v1::Gateway::Stub::GetProgramMetrics, request);
  EXPECT_EQ(demo->in_force().agreements(), 2);
  EXPECT_EQ(demo->basis(), av1::SYNTHETIC);
  EXPECT_TRUE(demo->fictitious());
}

TEST_F(ServiceTest, MetricsOfTodayMoveWithTheDay) {
  PutAgency("1", {{State::ACTIVE, "2025-01-01"}, {State::TERMINATED, "2025-07-03"}});
  Start();
  CatchUp();
  EXPECT_EQ(Metrics()->in_force().agreements(), 1);
  clock.Advance(absl::Hours(24));
  EXPECT_EQ(Metrics()->in_force().agreements(), 0);
  v1::GetProgramMetricsRequest request;
  *request.mutable_as_of() = ToProto(Day("2025-07-02"));
  const auto before = rpc::CallUnary(*stub, &v1::Gateway::Stub::GetProgramMetrics, request);
  EXPECT_EQ(before->in_force().agreements(), 1);
}

TEST_F(ServiceTest, AReaderWithATokenWaitsForTheFeed) {
  PutAgency("1", {{State::PENDING, "2025-01-01"}});
  Start();
  CatchUp();
  fake.feed.Hold(true);
  PutAgency("2", {{State::ACTIVE, "2025-01-01"}});
  const std::string token = fake.record.Token();
  auto waiting = std::async(std::launch::async, [&] {
    return rpc::CallUnary(*stub, &v1::Gateway::Stub::GetProgramMetrics, {}, WithToken(token));
  });
  EXPECT_EQ(projection.sizes().revision, 2);
  fake.feed.Hold(false);
  const auto metrics = waiting.get();
  ASSERT_THAT(metrics, IsOk());
  EXPECT_TRUE(metrics->freshness_met());
  EXPECT_EQ(metrics->in_force().agreements(), 1);
}

TEST_F(ServiceTest, AWaitIsBoundedAndItsFailureSaid) {
  freshness_wait = absl::Milliseconds(50);
  PutAgency("1", {{State::ACTIVE, "2025-01-01"}});
  Start();
  CatchUp();
  EXPECT_FALSE(Metrics(WithToken("agreements@L1:99"))->freshness_met());
  // The caller's own deadline bounds it, too.
  EXPECT_THAT(Metrics(WithToken("agreements@L1:2")), IsOk());
}

TEST_F(ServiceTest, AnotherLogIsNotWaitedFor) {
  PutAgency("1", {{State::ACTIVE, "2025-01-01"}});
  Start();
  CatchUp();
  const absl::Time begun = absl::Now();
  EXPECT_FALSE(Metrics(WithToken("agreements@gone:1"))->freshness_met());
  EXPECT_LT(absl::Now() - begun, freshness_wait / 2);
}

TEST_F(ServiceTest, AnAnswerOfTheOwnerIsCheckedAgainstTheToken) {
  PutAgency("1", {{State::ACTIVE, "2025-01-01"}});
  Start(false);
  EXPECT_TRUE(Status("agencies/1", WithToken("agreements@L1:2"))->freshness_met());
  EXPECT_FALSE(Status("agencies/1", WithToken("agreements@L1:3"))->freshness_met());
}

}  // namespace
}  // namespace accord::gateway
