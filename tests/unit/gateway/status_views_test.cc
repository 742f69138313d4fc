#include "services/gateway/status_views.h"

#include "tests/unit/gateway/gateway_harness.h"

namespace accord::gateway {
namespace {

using State = av1::Agreement;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;

class StatusViewsTest : public GatewayTest {
 protected:
  StatusViewsTest() {
    fake.agreements.before = [this](rpc::Call&) {
      ++asked;
      return absl::OkStatus();
    };
    PutAgency("1", {{State::ACTIVE, "2025-01-01"}});
  }

  void PutAgency(const std::string& id, const std::vector<Move>& moves) {
    fake.record.Put(MakeAgency(absl::StrCat("agencies/", id)));
    fake.record.Put(
        MakeAgreement(absl::StrCat("agreements/", id), absl::StrCat("agencies/", id), moves));
  }
  // The name that the status shows, whether it is labelled as the last known, or the error.
  std::string Shown(const std::string& agency, const rpc::CallOptions& options = {}) {
    const auto status = Status(agency, options);
    if (!status.ok()) return GetReason(status.status());
    return absl::StrCat(status->agency().display_name(),
                        status->sources(0).reachable() ? "" : " (last known)",
                        status->freshness_met() ? "" : " (too old)");
  }
  std::future<absl::StatusOr<v1::AgencyStatus>> Later(const std::string& agency) {
    return std::async(std::launch::async, [this, agency] {
      v1::GetAgencyStatusRequest request;
      request.set_agency(agency);
      return rpc::CallUnary(*stub, &v1::Gateway::Stub::GetAgencyStatus, request);
    });
  }
  void Rename(const std::string& display_name) {
    fake.record.Put(MakeAgency("agencies/1", display_name));
  }
  void Begin() {
    Start();
    CatchUp();
  }

  std::atomic<int> asked = 0;
};

TEST_F(StatusViewsTest, WhatWasAskedOnceIsServedAsItWasStored) {
  Begin();
  const auto first = Status("agencies/1");
  ASSERT_THAT(first, IsOk());
  const std::vector<std::string> first_revisions = revisions;
  const auto second = Status("agencies/1");
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  EXPECT_EQ(revisions, first_revisions);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(Metric("accord_cache_hits_total"), 1);
}

TEST_F(StatusViewsTest, AChangeThatNamesTheAgencyIsShownAtOnce) {
  Begin();
  Rename("Before");
  CatchUp();
  EXPECT_EQ(Shown("agencies/1"), "Before");
  Rename("After");
  CatchUp();
  EXPECT_EQ(Shown("agencies/1"), "After");
  EXPECT_EQ(Shown("agencies/1"), "After");
  EXPECT_EQ(asked, 2);
}

TEST_F(StatusViewsTest, AChangeOfAnotherAgencyCostsNothing) {
  Begin();
  (void)Status("agencies/1");
  PutAgency("2", {{State::ACTIVE, "2025-01-01"}});
  CatchUp();
  (void)Status("agencies/1");
  EXPECT_EQ(asked, 1);
}

TEST_F(StatusViewsTest, AChangeOfAnAgreementNamesItsAgency) {
  Begin();
  EXPECT_EQ(Status("agencies/1")->verdict(), v1::IN_FORCE);
  fake.record.Put(MakeAgreement("agreements/1", "agencies/1",
                                {{State::ACTIVE, "2025-01-01"}, {State::SUSPENDED, "2025-06-01"}}));
  CatchUp();
  EXPECT_EQ(Status("agencies/1")->verdict(), v1::SUSPENDED);
}

TEST_F(StatusViewsTest, AFillerThatWasOvertakenByAChangeDoesNotBringItBack) {
  Begin();
  Rename("Before");
  CatchUp();
  std::promise<void> arrived, release;
  fake.agreements.after = [&, once = std::make_shared<std::once_flag>(),
                           open = release.get_future().share()] {
    bool first = false;
    std::call_once(*once, [&] { first = true; });
    if (!first) return;
    arrived.set_value();
    open.wait();
  };
  auto slow = Later("agencies/1");
  ASSERT_EQ(arrived.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  Rename("After");
  CatchUp();
  release.set_value();
  // It was right when it was asked.
  EXPECT_EQ(slow.get()->agency().display_name(), "Before");
  EXPECT_EQ(Shown("agencies/1"), "After");
  EXPECT_EQ(Metric("accord_cache_refused_total"), 1);
}

TEST_F(StatusViewsTest, ASilentLogProvesNothing) {
  Begin();
  Rename("Before");
  CatchUp();
  EXPECT_EQ(Shown("agencies/1"), "Before");
  fake.feed.Hold(true);
  Rename("After");
  clock.Advance(kFeedSilence + absl::Milliseconds(1));
  EXPECT_EQ(Shown("agencies/1"), "After");
  EXPECT_EQ(asked, 2);
}

TEST_F(StatusViewsTest, ALogThatBecameAnotherProvesNothing) {
  Begin();
  EXPECT_EQ(asked, 0);
  (void)Status("agencies/1");
  fake.record.Fork();
  fake.feed.End();
  ASSERT_TRUE(Eventually([this] { return projection.forked(); }));
  Rename("After");
  EXPECT_EQ(Shown("agencies/1"), "After");
  EXPECT_EQ(Shown("agencies/1"), "After");
  EXPECT_EQ(asked, 3);
}

TEST_F(StatusViewsTest, AReaderWhoHasSeenMoreThanTheFeedAsksTheOwner) {
  Begin();
  (void)Status("agencies/1");
  fake.feed.Hold(true);
  Rename("After");
  EXPECT_EQ(Shown("agencies/1", WithToken(fake.record.Token())), "After");
  EXPECT_EQ(asked, 2);
}

TEST_F(StatusViewsTest, AViewLivesNoLongerThanItsDay) {
  Begin();
  const auto on = [](const absl::StatusOr<v1::AgencyStatus>& status) {
    return FormatDate(*FromProto(status->as_of()));
  };
  clock.Set(absl::FromCivil(absl::CivilSecond(2025, 7, 2, 23, 59, 59), policy->time_zone()));
  EXPECT_EQ(on(Status("agencies/1")), "2025-07-02");
  const int before = asked;
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(on(Status("agencies/1")), "2025-07-03");
  EXPECT_EQ(asked, before + 1);
}

TEST_F(StatusViewsTest, AnotherDayIsAskedForEachTime) {
  Begin();
  v1::GetAgencyStatusRequest request;
  request.set_agency("agencies/1");
  *request.mutable_as_of() = ToProto(Day("2025-03-01"));
  for (int i = 0; i < 2; ++i) {
    const auto status = rpc::CallUnary(*stub, &v1::Gateway::Stub::GetAgencyStatus, request);
    ASSERT_THAT(status, IsOk());
    EXPECT_EQ(FormatDate(*FromProto(status->as_of())), "2025-03-01");
  }
  EXPECT_EQ(asked, 2);
  *request.mutable_as_of() = ToProto(Day("2025-07-02"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(rpc::CallUnary(*stub, &v1::Gateway::Stub::GetAgencyStatus, request), IsOk());
  }
  EXPECT_EQ(asked, 3);
}

TEST_F(StatusViewsTest, AMergedAgencySharesTheViewOfWhatItBecame) {
  Begin();
  PutAgency("2", {});
  av1::Agency merged = MakeAgency("agencies/2");
  merged.set_merged_into("agencies/1");
  fake.record.Put(merged);
  CatchUp();
  EXPECT_EQ(Status("agencies/2")->agency().name(), "agencies/1");
  EXPECT_EQ(Status("agencies/1")->agency().name(), "agencies/1");
  EXPECT_EQ(asked, 1);
  Rename("After");
  CatchUp();
  EXPECT_EQ(Shown("agencies/2"), "After");
}

TEST_F(StatusViewsTest, OneAsksForAllWhoWait) {
  view_options.wait_for_filler = absl::Seconds(20);
  Begin();
  std::promise<void> release;
  fake.agreements.before = [this, open = release.get_future().share()](rpc::Call&) {
    ++asked;
    open.wait();
    return absl::OkStatus();
  };
  std::vector<std::future<absl::StatusOr<v1::AgencyStatus>>> answers;
  for (int i = 0; i < 8; ++i) answers.push_back(Later("agencies/1"));
  ASSERT_TRUE(Eventually([this] { return asked > 0; }));
  release.set_value();
  for (auto& each : answers) EXPECT_THAT(each.get(), IsOk());
  EXPECT_EQ(asked, 1);
}

TEST_F(StatusViewsTest, AFillerThatIsTooSlowLeavesTheLastViewLabelled) {
  view_options.wait_for_filler = absl::Milliseconds(50);
  Begin();
  Rename("Before");
  CatchUp();
  EXPECT_EQ(Shown("agencies/1"), "Before");
  std::promise<void> arrived, release;
  fake.agreements.before = [&, open = release.get_future().share()](rpc::Call&) {
    arrived.set_value();
    open.wait();
    return absl::OkStatus();
  };
  Rename("After");
  CatchUp();
  const std::string token = fake.record.Token();
  auto slow = Later("agencies/1");
  ASSERT_EQ(arrived.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(Shown("agencies/1", WithToken(token)), "Before (last known) (too old)");
  release.set_value();
  EXPECT_EQ(slow.get()->agency().display_name(), "After");
  EXPECT_EQ(Shown("agencies/1", WithToken(token)), "After");
}

TEST_F(StatusViewsTest, AKeptViewIsTheLastKnownWhenTheOwnerIsAway) {
  Begin();
  Rename("Kept");
  CatchUp();
  auto fresh = Status("agencies/1");
  ASSERT_THAT(fresh, IsOk());
  fake.Stop();
  clock.Advance(absl::Seconds(30));
  auto status = Status("agencies/1");
  ASSERT_THAT(status, IsOk());
  EXPECT_FALSE(status->sources(0).reachable());
  EXPECT_GE(status->sources(0).age().seconds(), 30);
  // All that the owner had said, not only what the projection holds.
  fresh->clear_sources();
  status->clear_sources();
  EXPECT_EQ(status->SerializeAsString(), fresh->SerializeAsString());
  fake.Start();
  CatchUp();
  ASSERT_TRUE(Eventually([this] { return Shown("agencies/1") == "Kept"; }));
}

TEST_F(StatusViewsTest, AnOwnerThatDoesNotAnswerIsAskedByAFewOnly) {
  Begin();
  std::promise<void> release;
  fake.agreements.before = [this, open = release.get_future().share()](rpc::Call&) {
    ++asked;
    open.wait();
    return absl::OkStatus();
  };
  fake.feed.Hold(true);
  clock.Advance(absl::Seconds(30));
  std::vector<std::future<absl::StatusOr<v1::AgencyStatus>>> asking;
  for (int i = 0; i < 8; ++i) asking.push_back(Later("agencies/1"));
  ASSERT_TRUE(Eventually([this] { return asked == 8; }));
  EXPECT_EQ(Shown("agencies/1"), "Agency agencies/1 (last known)");
  EXPECT_EQ(asked, 8);
  release.set_value();
  for (auto& each : asking) EXPECT_THAT(each.get(), IsOk());
}

TEST_F(StatusViewsTest, ABatchTakesWhatIsKeptAndKeepsWhatItAsked) {
  PutAgency("2", {{State::ACTIVE, "2025-01-01"}});
  Begin();
  (void)Status("agencies/1");
  v1::BatchGetAgencyStatusesRequest request;
  for (const char* agency : {"agencies/2", "agencies/none", "agencies/1"}) {
    request.add_agencies(agency);
  }
  asked = 0;
  const auto batch = rpc::CallUnary(*stub, &v1::Gateway::Stub::BatchGetAgencyStatuses, request);
  ASSERT_THAT(batch, IsOk());
  ASSERT_EQ(batch->statuses_size(), 2);
  EXPECT_EQ(batch->statuses(0).agency().name(), "agencies/2");
  EXPECT_EQ(batch->statuses(1).agency().name(), "agencies/1");
  EXPECT_THAT(batch->not_found(), ElementsAre("agencies/none"));
  EXPECT_EQ(asked, 2);
  (void)Status("agencies/2");
  EXPECT_EQ(asked, 2);
}

TEST_F(StatusViewsTest, WithoutACacheTheOwnerIsAskedEachTime) {
  with_views = false;
  Begin();
  EXPECT_THAT(Status("agencies/1"), IsOk());
  EXPECT_THAT(Status("agencies/1"), IsOk());
  EXPECT_EQ(asked, 2);
}

TEST_F(StatusViewsTest, WhatDoesNotExistIsNotKept) {
  Begin();
  EXPECT_THAT(Status("agencies/2"), FailsWith(absl::StatusCode::kNotFound, "AGENCY_NOT_FOUND"));
  fake.record.Put(MakeAgency("agencies/2", "New"));
  EXPECT_EQ(Shown("agencies/2"), "New");
}

}  // namespace
}  // namespace accord::gateway
