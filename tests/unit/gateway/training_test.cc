// The gateway in front of two services: what training adds to statuses and figures, and the
// authority of officers, which fails closed.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/base/log.h"
#include "common/rpc/channel.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "services/gateway/authority_views.h"
#include "services/gateway/errors.h"
#include "services/gateway/log_feed.h"
#include "services/gateway/projection_feed.h"
#include "services/gateway/status_views.h"
#include "tests/unit/gateway/fake_training.h"
#include "tests/unit/gateway/records.h"

namespace accord::gateway {
namespace {

using State = av1::Agreement;
using testing::Eventually;
using testing::FailsWith;
using testing::IsOk;
using Authority = v1::OfficerAuthority;

const feed::FollowerOptions kQuick{.filter = "",
                                   .omit_images = false,
                                   .silence = absl::Seconds(2),
                                   .first_backoff = absl::Milliseconds(5),
                                   .max_backoff = absl::Milliseconds(20)};

class TrainingTest : public ::testing::Test {
 protected:
  TrainingTest() {
    SetLogLevel(LogLevel::kOff);
    agreements_.record.Put(MakeAgency("agencies/1"));
    agreements_.record.Put(
        MakeAgreement("agreements/1", "agencies/1", {{State::ACTIVE, "2025-01-01"}}));
    training_.SetOfficers("agencies/1", 12);
    training_.SetRecord(Record(tv1::AuthorityCondition::PROVEN));
    EXPECT_TRUE(Eventually([this] { return BothFeedsCaughtUp(); }));
  }
  ~TrainingTest() override { SetLogLevel(LogLevel::kInfo); }

  static tv1::OfficerRecord Record(tv1::AuthorityCondition::State state) {
    tv1::OfficerRecord record;
    record.mutable_officer()->set_name("officers/1");
    record.mutable_officer()->set_agency("agencies/1");
    record.mutable_officer()->set_agreement("agreements/1");
    record.mutable_officer()->set_template_("WSO-2025-02-15");
    record.mutable_officer()->set_field_office("fieldOffices/houston");
    record.add_conditions()->set_code("training");
    record.mutable_conditions(0)->set_state(state);
    return record;
  }

  bool BothFeedsCaughtUp() {
    const auto seen = logs_.Of("agencies/1");
    return seen && projection_.ready() && seen->silence < kFeedSilence &&
           seen->read[0].revision == agreements_.record.Head().revision() &&
           seen->read[1].revision == training_.log.Head().revision();
  }

  absl::StatusOr<v1::AgencyStatus> Status(const std::string& agency = "agencies/1") {
    const rpc::Call call = NewCall();
    auto answers = statuses_.Read(call, {agency}, {kDay, &view_, {}});
    if (!answers[0].ok()) return answers[0].status();
    return answers[0]->status;
  }
  v1::Source SourceOf(const v1::AgencyStatus& status, const std::string& service) {
    for (const v1::Source& source : status.sources()) {
      if (source.service() == service) return source;
    }
    return {};
  }
  absl::StatusOr<Authority> AuthorityOf(const std::string& officer = "officers/1",
                                        const Reach& reach = Reach::Whole()) {
    const rpc::Call call = NewCall(reach);
    auto answer = authorities_.Read(call, officer, {kDay, &view_, {}});
    if (!answer.ok()) return answer.status();
    return answer->authority;
  }
  Authority::Verdict VerdictNow() {
    const auto authority = AuthorityOf();
    EXPECT_THAT(authority, IsOk());
    return authority.ok() ? authority->verdict() : Authority::VERDICT_UNSPECIFIED;
  }
  rpc::Call NewCall(const Reach& reach = Reach::Whole()) {
    return rpc::Call::ForTest("tester",
                              {.reach = reach, .deadline = absl::Now() + absl::Seconds(10)});
  }

  const Date kDay = Day("2025-07-02");
  const std::shared_ptr<const Policy> policy_ =
      Policy::Load(absl::StrCat(ACCORD_SOURCE_DIR, "/deploy/policy/287g.textproto")).value();
  const PolicyView& view_ = *policy_->versions().back();
  FakeClock clock_{absl::FromCivil(absl::CivilHour(2025, 7, 2, 12), policy_->time_zone())};
  FakeServer agreements_;
  FakeTraining training_;
  rpc::Runtime runtime_{{.domain = kDomain}};
  Projection projection_{policy_, clock_};
  Seen training_seen_;
  const FollowedLogs logs_{{&projection_.seen(), &training_seen_}, clock_};
  const std::shared_ptr<grpc::Channel> agreements_channel_ =
      rpc::MakeChannel(agreements_.Target()).value();
  const std::shared_ptr<grpc::Channel> training_channel_ =
      rpc::MakeChannel(training_.Target()).value();
  const TrainingReader reader_{training_channel_, training_seen_, clock_, absl::Seconds(1)};
  const AgencyReader agencies_{agreements_channel_, projection_, &reader_, absl::Seconds(1)};
  cache::ViewCache cache_{{}, nullptr, clock_, *runtime_.metrics()};
  const StatusViews statuses_{{.policy = *policy_,
                               .clock = clock_,
                               .projection = projection_,
                               .agencies = agencies_,
                               .logs = logs_,
                               .cache = &cache_}};
  const AuthorityViews authorities_{{.policy = *policy_,
                                     .clock = clock_,
                                     .training = reader_,
                                     .logs = logs_,
                                     .cache = &cache_,
                                     .timeout = absl::Seconds(1)},
                                    agreements_channel_};
  const ProjectionFeed feed_{agreements_channel_,
                             projection_,
                             *runtime_.metrics(),
                             {.first_backoff = absl::Milliseconds(5),
                              .max_backoff = absl::Milliseconds(20),
                              .gauge_period = absl::Milliseconds(5),
                              .follower = kQuick}};
  const LogFeed training_feed_{kTrainingService,
                               training_channel_,
                               training_seen_,
                               clock_,
                               *runtime_.metrics(),
                               {.first_backoff = absl::Milliseconds(5),
                                .max_backoff = absl::Milliseconds(20),
                                .gauge_period = absl::Milliseconds(5),
                                .follower = kQuick}};
};

TEST_F(TrainingTest, AStatusShowsItsOfficersAndIsKeptUntilTrainingNamesTheAgency) {
  auto status = Status();
  ASSERT_THAT(status, IsOk());
  EXPECT_EQ(status->training().all().officers(), 12);
  EXPECT_TRUE(SourceOf(*status, "training").reachable());
  EXPECT_FALSE(SourceOf(*status, "training").revision().empty());
  const int asked = training_.asked;
  EXPECT_THAT(Status(), IsOk());
  EXPECT_EQ(training_.asked, asked);  // From what was kept.
  training_.SetOfficers("agencies/2", 5);
  ASSERT_TRUE(Eventually([this] { return BothFeedsCaughtUp(); }));
  EXPECT_THAT(Status(), IsOk());
  EXPECT_EQ(training_.asked, asked);  // Another agency was named.
  training_.SetOfficers("agencies/1", 13);
  ASSERT_TRUE(Eventually([this] { return BothFeedsCaughtUp(); }));
  status = Status();
  ASSERT_THAT(status, IsOk());
  EXPECT_EQ(status->training().all().officers(), 13);
}

TEST_F(TrainingTest, WithoutTrainingAStatusIsStillAnAnswerAndSaysSo) {
  ASSERT_THAT(Status(), IsOk());
  training_.Stop();
  clock_.Advance(absl::Seconds(3));  // Its log is silent.
  const auto status = Status();
  ASSERT_THAT(status, IsOk());
  EXPECT_EQ(status->verdict(), v1::IN_FORCE);
  EXPECT_EQ(status->training().all().officers(), 12);  // As last known.
  EXPECT_FALSE(SourceOf(*status, "training").reachable());
  EXPECT_GE(SourceOf(*status, "training").age().seconds(), 3);
  EXPECT_THAT(Status("agencies/9"), FailsWith(absl::StatusCode::kNotFound, "AGENCY_NOT_FOUND"));
  training_.Start();
  EXPECT_TRUE(Eventually([this] {
    const auto again = Status();
    return again.ok() && SourceOf(*again, "training").reachable();
  }));
}

TEST_F(TrainingTest, FiguresAreAskedForAgainOnlyWhenTheLogHasMoved) {
  const auto officers = [this] {
    const rpc::Call call = NewCall();
    const auto answer = reader_.Summary(call, kDay, false);
    return answer.known ? answer.known->all().officers() : -1;
  };
  EXPECT_EQ(officers(), 12);
  const int asked = training_.asked;
  EXPECT_EQ(officers(), 12);
  EXPECT_EQ(training_.asked, asked);
  training_.SetOfficers("agencies/2", 3);
  ASSERT_TRUE(Eventually([this] { return BothFeedsCaughtUp(); }));
  EXPECT_EQ(officers(), 15);
  // Callers of another reach are asked about for themselves.
  const rpc::Call call = NewCall({.agencies = {"agencies/1"}});
  const int before = training_.asked;
  EXPECT_TRUE(reader_.Summary(call, kDay, false).known);
  EXPECT_EQ(training_.asked, before + 1);
  training_.Stop();
  clock_.Advance(absl::Seconds(3));
  const auto last_known = reader_.Summary(call, kDay, false);
  EXPECT_TRUE(last_known.known);
  EXPECT_FALSE(last_known.standing.source.reachable());
}

TEST_F(TrainingTest, AuthorityIsKeptUntilSomethingNamesTheAgency) {
  EXPECT_EQ(VerdictNow(), Authority::AUTHORIZED);
  const int asked = training_.asked;
  EXPECT_EQ(VerdictNow(), Authority::AUTHORIZED);
  EXPECT_EQ(training_.asked, asked);
  training_.SetRecord(Record(tv1::AuthorityCondition::DISPROVEN));
  ASSERT_TRUE(Eventually([this] { return BothFeedsCaughtUp(); }));
  EXPECT_EQ(VerdictNow(), Authority::NOT_AUTHORIZED);
  training_.SetRecord(Record(tv1::AuthorityCondition::PROVEN));
  ASSERT_TRUE(Eventually([this] { return BothFeedsCaughtUp(); }));
  EXPECT_EQ(VerdictNow(), Authority::AUTHORIZED);
  // The agreements service is its owner: its change counts as well.
  agreements_.record.Put(MakeAgreement(
      "agreements/1", "agencies/1",
      {{State::ACTIVE, "2025-01-01"}, {State::SUSPENDED, "2025-07-01", "2025-07-01"}}));
  ASSERT_TRUE(Eventually([this] { return BothFeedsCaughtUp(); }));
  EXPECT_EQ(VerdictNow(), Authority::NOT_AUTHORIZED);
}

TEST_F(TrainingTest, AuthorityIsNotShownFromMemoryWhileAFeedIsSilent) {
  EXPECT_EQ(VerdictNow(), Authority::AUTHORIZED);
  training_.feed.Hold(true);
  // Changed, and the gateway has not heard of it.
  training_.SetRecord(Record(tv1::AuthorityCondition::DISPROVEN));
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(VerdictNow(), Authority::NOT_AUTHORIZED);
  training_.feed.Hold(false);
}

TEST_F(TrainingTest, WhatCannotBeAskedIsNotProven) {
  EXPECT_EQ(VerdictNow(), Authority::AUTHORIZED);
  agreements_.Stop();
  clock_.Advance(absl::Seconds(3));
  auto authority = AuthorityOf();
  ASSERT_THAT(authority, IsOk());
  EXPECT_EQ(authority->verdict(), Authority::NOT_PROVEN);
  EXPECT_EQ(authority->conditions(0).code(), "agreement");
  training_.Stop();
  authority = AuthorityOf();
  ASSERT_THAT(authority, IsOk());
  EXPECT_EQ(authority->verdict(), Authority::NOT_PROVEN);
  EXPECT_EQ(authority->conditions(0).state(), tv1::AuthorityCondition::NOT_PROVEN);
  EXPECT_FALSE(authority->sources(0).reachable());
}

TEST_F(TrainingTest, AnOfficerOutOfReachDoesNotExist) {
  for (int i = 0; i < 2; ++i) {  // Asked for, and from what is kept.
    EXPECT_EQ(VerdictNow(), Authority::AUTHORIZED);
    EXPECT_THAT(AuthorityOf("officers/1", {.field_offices = {"fieldOffices/houston"}}), IsOk());
    EXPECT_THAT(AuthorityOf("officers/1", {.field_offices = {"fieldOffices/miami"}}),
                FailsWith(absl::StatusCode::kNotFound, "OFFICER_NOT_FOUND"));
    EXPECT_THAT(AuthorityOf("officers/2"),
                FailsWith(absl::StatusCode::kNotFound, "OFFICER_NOT_FOUND"));
  }
}

}  // namespace
}  // namespace accord::gateway
