// What is counted and listed for a caller without the whole reach is what a record would say that
// holds nothing but what lies within it.
#include <random>

#include "common/store/within_reach.h"
#include "services/training/handlers.h"
#include "services/training/officer_events.h"
#include "tests/contract/store_fixture.h"
#include "tests/unit/training/no_agreements.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using testing::IsOk;
using testing::ProtoEquals;

const Date kToday = MakeDate(2026, 3, 2);
constexpr int kOfficers = 120;

// A record, and what answers from it.
struct Side {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Handlers> handlers;
};

class TrainingReachTest : public store::StoreTest {
 protected:
  void SetUp() override {
    clock_.Set(StartOfDay(kToday, policy_->time_zone()) + absl::Hours(12));
    all_ = NewSide();
    own_ = NewSide();
    for (int i = 0; i < kOfficers; ++i) Draw(i);
  }

  Side NewSide() {
    Side side;
    absl::StatusOr<std::string> url = NewUrl();
    EXPECT_THAT(url, IsOk());
    url_ = *std::move(url);
    side.store = TryOpen({}, Types()).value();
    side.handlers = std::make_unique<Handlers>(*side.store, policy_, agreements_);
    return side;
  }

  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  template <typename T>
  T About(const v1::Officer& officer, const std::string& name) {
    T resource;
    resource.set_name(name);
    resource.set_officer(officer.name());
    CopyOfficer(officer, resource);
    return resource;
  }

  // An officer, and some of what there can be about one.
  void Draw(int number) {
    v1::Officer officer;
    officer.set_name(absl::StrCat("officers/o", 1000 + number));
    officer.set_model(Below(2) == 0 ? "AAA" : "BBB");
    officer.set_template_(absl::StrCat(officer.model(), "-1"));
    const int agency = Below(6);
    officer.set_agency(absl::StrCat("agencies/a", agency));
    officer.set_agreement(absl::StrCat("agreements/a", agency));
    if (agency > 0) officer.set_field_office(absl::StrCat("fieldOffices/f", agency % 3));
    officer.set_fictitious(true);
    officer.set_state(static_cast<v1::Officer::State>(1 + Below(9)));
    officer.set_certification(static_cast<v1::Certification::State>(1 + Below(5)));
    officer.set_policy_version(Below(5) == 0 ? "v0" : "v1");
    if (officer.certification() == v1::Certification::CURRENT) {
      const Date through = kToday + days(Below(300));
      *officer.mutable_current_through() = ToProto(through);
      *officer.mutable_next_change_date() = ToProto(through + days(1));
      officer.set_ends_by("aaa-annual");
    }
    *officer.mutable_nomination_date() = ToProto(kToday - days(Below(300)));
    if (IsOnDuty(officer.state())) {
      v1::OfficerEvent& certified = *officer.add_events();
      certified.set_kind(v1::OfficerEvent::CERTIFIED);
      *certified.mutable_date() = ToProto(kToday - days(5));
      *officer.mutable_first_certification_date() = certified.date();
    }
    Write(officer);
    auto completion = About<v1::Completion>(officer, absl::StrCat("completions/c", 1000 + number));
    completion.set_course("aaa-annual");
    *completion.mutable_date() = ToProto(kToday - days(Below(400)));
    completion.set_result(Below(3) == 0 ? v1::Completion::FAILED : v1::Completion::PASSED);
    completion.set_attempt(1);
    // Recorded before the officer came, or before they left: neither is asked about.
    if (Below(3) == 0) completion.set_agency("agencies/a0");
    if (Below(3) == 0) completion.set_field_office("fieldOffices/f2");
    Write(completion);
    auto enrollment = About<v1::Enrollment>(officer, absl::StrCat("enrollments/e", 1000 + number));
    enrollment.set_offering("offerings/one");
    enrollment.set_course("aaa-annual");
    enrollment.set_state(v1::Enrollment::WAITING);
    *enrollment.mutable_request_date() = ToProto(kToday - days(Below(300)));
    // The others wait for a class without being on a list.
    if (Below(3) > 0) Write(enrollment);
    auto revocation =
        About<v1::RevocationCase>(officer, absl::StrCat("revocationCases/r", 1000 + number));
    revocation.set_state(v1::RevocationCase::OPEN);
    *revocation.mutable_open_date() = ToProto(kToday - days(60));
    *revocation.mutable_decision_due_date() = ToProto(kToday - days(Below(60) - 30));
    Write(revocation);
  }

  // Into both records, or only into the one that has everything.
  template <typename T>
  void Write(const T& resource) {
    Put(all_, resource);
    const auto snapshot = all_.store->Read(Soon());
    if (*store::Covers(reach_, ***snapshot, resource)) Put(own_, resource);
  }
  template <typename T>
  static void Put(const Side& side, const T& resource) {
    const auto write = [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
      store::WriteSet writes;
      if constexpr (std::is_same_v<T, v1::Completion>) {
        std::vector<std::unique_ptr<google::protobuf::Message>> rows;
        rows.push_back(std::make_unique<T>(resource));
        writes.AppendRows(resource.officer(), std::move(rows));
      } else {
        writes.Create(resource);
      }
      return writes;
    };
    ASSERT_THAT(side.store->Mutate(By("Put"), write), IsOk());
  }

  // The same question to both: by who may see some of it, and by who may see everything there.
  template <typename Response, typename Request>
  void ExpectSame(absl::StatusOr<Response> (Handlers::*method)(rpc::Call&, const Request&),
                  const Request& request) {
    SCOPED_TRACE(absl::StrCat(Request::descriptor()->name(), " ", request.ShortDebugString()));
    rpc::Call some = rpc::Call::ForTest("unverified:ann", {.reach = reach_});
    rpc::Call whole = rpc::Call::ForTest("unverified:ann");
    auto shown = ((*all_.handlers).*method)(some, request);
    auto expected = ((*own_.handlers).*method)(whole, request);
    ASSERT_THAT(shown, IsOk());
    ASSERT_THAT(expected, IsOk());
    EXPECT_THAT(Shown(*shown), ProtoEquals(Shown(*expected)));
    auto everything = ((*all_.handlers).*method)(whole, request);
    ASSERT_THAT(everything, IsOk());
    EXPECT_NE(Shown(*everything).SerializeAsString(), Shown(*expected).SerializeAsString());
  }

  // Without what tells one record from the other.
  template <typename Response>
  static Response Shown(Response response) {
    const auto clear = [](auto& rows) {
      for (auto& row : rows) {
        if constexpr (requires { row.clear_etag(); }) row.clear_etag();
        if constexpr (requires { row.clear_create_time(); }) row.clear_create_time();
        if constexpr (requires { row.clear_update_time(); }) row.clear_update_time();
      }
    };
    if constexpr (requires { response.mutable_officers()->size(); }) {
      clear(*response.mutable_officers());
    }
    if constexpr (requires { response.mutable_enrollments(); }) {
      clear(*response.mutable_enrollments());
    }
    if constexpr (requires { response.mutable_revocation_cases(); }) {
      clear(*response.mutable_revocation_cases());
    }
    return response;
  }

  // An office, an agency of none, and oneself in an agency of another office.
  const Reach reach_{.field_offices = {"fieldOffices/f1"},
                     .agencies = {"agencies/a0"},
                     .self = true,
                     .officers = {"officers/o1003", "officers/o1004", "officers/o1005"}};
  const std::shared_ptr<const Policy> policy_ = Policy::Parse(PolicyText(), "test").value();
  const NoAgreements agreements_{};
  std::mt19937 random_{20260302};
  Side all_;
  Side own_;
};

INSTANTIATE_TEST_SUITE_P(Databases, TrainingReachTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         store::DialectName);

TEST_P(TrainingReachTest, FiguresCountWhatLiesWithin) {
  for (const bool past : {false, true}) {
    v1::GetTrainingSummaryRequest summary;
    summary.set_fictitious(true);
    if (past) *summary.mutable_as_of() = ToProto(kToday - days(10));
    // Nobody of these had been nominated before today: of the past there is nothing to count but
    // cases.
    ExpectSame(&Handlers::GetTrainingSummary, summary);
  }
  v1::GetTrainingCapacityRequest capacity;
  capacity.set_fictitious(true);
  ExpectSame(&Handlers::GetTrainingCapacity, capacity);
  capacity.set_model("AAA");
  capacity.set_long_wait_days(10);
  ExpectSame(&Handlers::GetTrainingCapacity, capacity);
  v1::GetResultRatesRequest rates;
  rates.set_fictitious(true);
  ExpectSame(&Handlers::GetResultRates, rates);
  *rates.mutable_from() = ToProto(kToday - days(100));
  ExpectSame(&Handlers::GetResultRates, rates);
}

TEST_P(TrainingReachTest, AnAgencyOutsideHasNobody) {
  v1::GetAgencyTrainingRequest agency;
  for (const char* name : {"agencies/a2", "agencies/a3", "agencies/a5"}) {
    agency.set_agency(name);
    ExpectSame(&Handlers::GetAgencyTraining, agency);
  }
}

TEST_P(TrainingReachTest, ListsHoldWhatLiesWithin) {
  v1::ListOfficersRequest officers;
  officers.set_page_size(1000);
  ExpectSame(&Handlers::ListOfficers, officers);
  v1::ListCompletionsRequest completions;
  completions.set_page_size(1000);
  ExpectSame(&Handlers::ListCompletions, completions);
  v1::ListEnrollmentsRequest enrollments;
  enrollments.set_page_size(1000);
  ExpectSame(&Handlers::ListEnrollments, enrollments);
  v1::ListRevocationCasesRequest cases;
  cases.set_page_size(1000);
  ExpectSame(&Handlers::ListRevocationCases, cases);
  v1::ListVerificationGapsRequest gaps;
  gaps.set_year(2026);
  gaps.set_page_size(1000);
  ExpectSame(&Handlers::ListVerificationGaps, gaps);
}

// An agency lies within by itself or by its office, and not by one of its officers.
TEST_P(TrainingReachTest, MonitorGapsAreOfAgenciesWithin) {
  for (const int agency : {0, 1, 2}) {
    v1::Monitor monitor;
    monitor.set_name(absl::StrCat("monitors/a", agency));
    monitor.set_agency(absl::StrCat("agencies/a", agency));
    monitor.set_fictitious(true);
    monitor.mutable_manager_acknowledge_time()->set_seconds(1);
    if (agency == 1) monitor.mutable_training_officer_acknowledge_time()->set_seconds(1);
    Put(all_, monitor);
  }
  rpc::Call whole = rpc::Call::ForTest("unverified:ann");
  rpc::Call some = rpc::Call::ForTest("unverified:ann", {.reach = reach_});
  v1::ListMonitorGapsRequest request;
  request.set_fictitious(true);
  const auto everything = all_.handlers->ListMonitorGaps(whole, request);
  ASSERT_THAT(everything, IsOk());
  // All but the one where both have acknowledged it.
  EXPECT_EQ(everything->gaps_size(), 5);
  v1::ListMonitorGapsResponse expected;
  for (const v1::MonitorGap& gap : everything->gaps()) {
    EXPECT_NE(gap.agency(), "agencies/a1");
    EXPECT_GT(gap.officers(), 1);
    if (reach_.Covers(gap.agency(), gap.field_office())) *expected.add_gaps() = gap;
  }
  EXPECT_GT(expected.gaps_size(), 1);
  const auto shown = all_.handlers->ListMonitorGaps(some, request);
  ASSERT_THAT(shown, IsOk());
  EXPECT_THAT(*shown, ProtoEquals(expected));
}

TEST_P(TrainingReachTest, AListFromTheLogHoldsTheSame) {
  rpc::Call call = rpc::Call::ForTest("unverified:ann", {.reach = reach_});
  v1::ListEnrollmentsRequest request;
  request.set_page_size(1000);
  const auto now = all_.handlers->ListEnrollments(call, request);
  ASSERT_THAT(now, IsOk());
  EXPECT_GT(now->enrollments_size(), 1);
  EXPECT_LT(now->enrollments_size(), kOfficers);
  request.set_as_known_at((**all_.store->Read(Soon()))->position().revision);
  const auto known = all_.handlers->ListEnrollments(call, request);
  ASSERT_THAT(known, IsOk());
  EXPECT_THAT(*known, ProtoEquals(*now));
}

TEST_P(TrainingReachTest, WhatIsOfNoAgencyIsEverybodys) {
  v1::Offering offering;
  offering.set_name("offerings/one");
  Put(all_, offering);
  const auto snapshot = all_.store->Read(Soon());
  ASSERT_THAT(snapshot, IsOk());
  for (const Reach& reach : {reach_, Reach{.self = true}, Reach()}) {
    EXPECT_EQ(*store::Covers(reach, ***snapshot, offering), true);
    store::Query query;
    query.where = store::CoversSql(reach, Types(), Types().Of<v1::Offering>(), &query.params);
    const auto found = (**snapshot)->Select<v1::Offering>(query);
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(found->size(), 1);
  }
}

}  // namespace
}  // namespace accord::training
