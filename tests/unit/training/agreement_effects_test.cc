// What a change of the agreements log does here, exactly once.
#include "services/training/agreement_effects.h"

#include <gmock/gmock.h>

#include <thread>

#include "services/training/agreement_copy.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using agreements::v1::Agreement;
using ::testing::ElementsAre;
using testing::IsOk;
using testing::PartiallyEqualsProto;
using testing::ProtoEquals;
using ::testing::SizeIs;
using testing::StatusIs;

class AgreementEffectsTest : public TrainingTest {
 protected:
  static log::v1::Change ChangeOf(const google::protobuf::Message& image,
                                  const std::string& resource, int64_t revision,
                                  int64_t mutation_end) {
    log::v1::Change change;
    change.set_resource(resource);
    change.set_resource_type(image.GetDescriptor()->full_name());
    change.set_kind(log::v1::Change::UPDATE);
    change.set_revision(revision);
    change.set_mutation_end(mutation_end);
    change.set_hash(absl::StrCat("hash", revision));
    change.mutable_image()->PackFrom(image);
    return change;
  }
  static log::v1::Change ChangeOf(const Agreement& agreement, int64_t revision,
                                  int64_t mutation_end = 0) {
    return ChangeOf(agreement, agreement.name(), revision,
                    mutation_end == 0 ? revision : mutation_end);
  }

  static log::v1::WatchChangesResponse Batch(const std::vector<log::v1::Change>& changes,
                                             int64_t revision, const std::string& log = "LOG") {
    log::v1::WatchChangesResponse batch;
    batch.set_log(log);
    batch.mutable_changes()->Assign(changes.begin(), changes.end());
    batch.set_revision(revision);
    batch.set_hash(absl::StrCat("hash", revision));
    return batch;
  }

  Agreement Suspended(const std::string& name, Date date) {
    Agreement agreement = agreements_.agreements.at(name);
    auto& transition = *agreement.add_transitions();
    transition.set_state(Agreement::SUSPENDED);
    *transition.mutable_effective_date() = ToProto(date);
    return agreement;
  }

  // Changes of the officer that react to the agreements log.
  std::vector<std::string> CausesOf(const std::string& officer) {
    std::vector<std::string> causes;
    for (const log::v1::Change& change : ChangesOf(officer)) {
      if (!change.cause().empty()) causes.push_back(change.cause());
    }
    return causes;
  }

  AgreementEffects Effects() { return {*store_, policy_}; }
};

TEST_F(AgreementEffectsTest, OnlyActiveIsInForceAndTheLastOfADayHolds) {
  Agreement agreement;
  const auto add = [&](Agreement::State state, Date date) {
    auto& transition = *agreement.add_transitions();
    transition.set_state(state);
    *transition.mutable_effective_date() = ToProto(date);
  };
  add(Agreement::APPLIED, MakeDate(2020, 1, 1));
  add(Agreement::APPROVED, MakeDate(2020, 2, 1));
  add(Agreement::ACTIVE, MakeDate(2020, 3, 1));
  add(Agreement::SUSPENDED, MakeDate(2021, 1, 1));
  add(Agreement::ACTIVE, MakeDate(2021, 1, 1));
  add(Agreement::SUSPENDED, MakeDate(2022, 1, 1));
  add(Agreement::TERMINATED, MakeDate(2022, 6, 1));
  std::vector<std::string> told;
  for (const v1::AgreementStanding& standing : StandingOf(agreement, "cause")) {
    told.push_back(absl::StrCat(FormatDate(*FromProto(standing.date())), " ", standing.in_force()));
  }
  EXPECT_THAT(told, ElementsAre("2020-01-01 0", "2020-03-01 1", "2022-01-01 0"));
}

TEST_F(AgreementEffectsTest, ASuspensionReachesItsOfficersWithItsCauseAndNobodyElse) {
  const std::string under = Authorized().name();
  const std::string other = Authorized(MakeDate(2025, 3, 4), kOtherA).name();
  AgreementEffects effects = Effects();
  ASSERT_THAT(effects.Take(Batch({ChangeOf(agreements_.agreements.at(kUnderB), 6),
                                  ChangeOf(Suspended(kUnderA, MakeDate(2026, 4, 1)), 7)},
                                 9)),
              IsOk());
  const v1::Officer officer = GetOfficer(under);
  ASSERT_EQ(officer.agreement_standing_size(), 2);
  EXPECT_THAT(officer.agreement_standing(1), ProtoEquals(R"pb(
                date { year: 2026 month: 4 day: 1 }
                in_force: false
                cause: "agreements@LOG:7"
              )pb"));
  EXPECT_THAT(CausesOf(under), ElementsAre("agreements@LOG:7"));
  EXPECT_THAT(CausesOf(other), SizeIs(0));
  EXPECT_EQ(effects.Cursor()->revision, 9);
  EXPECT_EQ(effects.Cursor()->hash, "hash9");
}

TEST_F(AgreementEffectsTest, FromItsDayOnTheOfficersAreNotCurrent) {
  const std::string name = Authorized().name();
  const Date first_day = MakeDate(2026, 3, 3);
  const auto summary = [&](Date as_of) {
    v1::GetTrainingSummaryRequest request;
    request.set_fictitious(true);
    *request.mutable_as_of() = ToProto(as_of);
    return handlers_->GetTrainingSummary(call_, request)->all();
  };
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(Suspended(kUnderA, first_day), 7)}, 7)), IsOk());
  EXPECT_THAT(GetOfficer(name), PartiallyEqualsProto(R"pb(
                certification: CURRENT
                authority_through { year: 2026 month: 3 day: 2 }
                authority_ends_by: "agreement"
                next_change_date { year: 2026 month: 3 day: 3 }
              )pb"));
  EXPECT_FALSE(GetOfficer(name).authority_ended());
  EXPECT_THAT(summary(today_), PartiallyEqualsProto("officers: 1 current: 1"));
  EXPECT_EQ(summary(today_).authority_ended(), 0);
  EXPECT_THAT(summary(first_day), PartiallyEqualsProto("officers: 1 authority_ended: 1"));
  EXPECT_EQ(summary(first_day).current(), 0);
  EXPECT_EQ(summary(first_day).lapsing(), 0);
  GoTo(first_day);
  ASSERT_THAT(handlers_->SweepDay(first_day), IsOk());
  EXPECT_TRUE(GetOfficer(name).authority_ended());
  EXPECT_EQ(summary(first_day).authority_ended(), 1);
  GoTo(first_day + days(1));
  EXPECT_EQ(summary(first_day).authority_ended(), 1) << "of a past day";
  EXPECT_EQ(summary(first_day - days(1)).current(), 1) << "of a past day";
}

TEST_F(AgreementEffectsTest, ABatchThatComesAgainChangesNothing) {
  const std::string under = Authorized().name();
  // Without a standing, only the cursor tells what the officer has already seen.
  Agreement first = agreements_.agreements.at(kUnderA);
  first.clear_transitions();
  first.set_field_office("fieldOffices/west");
  Agreement second = first;
  second.set_field_office("fieldOffices/houston");
  const auto batch = Batch({ChangeOf(first, 7), ChangeOf(second, 8)}, 8);
  ASSERT_THAT(Effects().Take(batch), IsOk());
  const int64_t before = Revision();
  ASSERT_THAT(Effects().Take(batch), IsOk());
  EXPECT_EQ(Revision(), before);
  EXPECT_THAT(CausesOf(under), SizeIs(2));
}

TEST_F(AgreementEffectsTest, TwoReplicasThatRaceWriteEachEffectOnce) {
  const std::string under = Authorized().name();
  std::vector<log::v1::WatchChangesResponse> batches;
  Agreement agreement = agreements_.agreements.at(kUnderA);
  agreement.clear_transitions();
  constexpr int kChanges = 40;
  for (int i = 0; i < kChanges; ++i) {
    agreement.set_field_office(absl::StrCat("fieldOffices/o", i));
    batches.push_back(Batch({ChangeOf(agreement, 10 + i)}, 10 + i));
  }
  const auto take_all = [&] {
    AgreementEffects effects = Effects();
    for (const auto& batch : batches) EXPECT_THAT(effects.Take(batch), IsOk());
  };
  std::thread first(take_all);
  std::thread second(take_all);
  first.join();
  second.join();
  std::vector<std::string> expected;
  for (int i = 0; i < kChanges; ++i) expected.push_back(absl::StrCat("agreements@LOG:", 10 + i));
  EXPECT_EQ(CausesOf(under), expected);
  EXPECT_EQ(GetOfficer(under).field_office(), "fieldOffices/o39");
  EXPECT_EQ(Effects().Cursor()->revision, 49);
}

TEST_F(AgreementEffectsTest, WhatTheOfficerReadLaterIsNotUndoneByAnOlderChange) {
  agreements_.at.revision = 20;
  const std::string under = Nominate()->name();
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(Suspended(kUnderA, MakeDate(2026, 4, 1)), 19)}, 19)),
              IsOk());
  EXPECT_EQ(GetOfficer(under).agreement_standing_size(), 1);
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(Suspended(kUnderA, MakeDate(2026, 4, 1)), 21)}, 21)),
              IsOk());
  EXPECT_EQ(GetOfficer(under).agreement_standing_size(), 2);
}

TEST_F(AgreementEffectsTest, ATemplateThatBecomesKnownIsCertifiedBy) {
  agreements_.agreements[kUnderA].set_model("BBB");
  const std::string under = Nominate()->name();
  EXPECT_EQ(GetOfficer(under).ends_by(), "bbb-basic");
  agreements_.agreements[kUnderA].set_model("AAA");
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(agreements_.agreements.at(kUnderA), 7)}, 7)), IsOk());
  EXPECT_EQ(GetOfficer(under).ends_by(), "aaa-basic");
}

TEST_F(AgreementEffectsTest, OfficersFollowAMergeAndComeBackWhenItIsUndone) {
  const std::string moved = Authorized().name();
  const std::string kept = Authorized(MakeDate(2025, 3, 4), kOtherA).name();
  Agreement absorbed = agreements_.agreements.at(kUnderA);
  absorbed.set_merged_into(kOtherA);
  Agreement into = agreements_.agreements.at(kOtherA);
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(absorbed, 7, 8), ChangeOf(into, 8, 8)}, 8)), IsOk());
  EXPECT_EQ(GetOfficer(moved).agreement(), kOtherA);
  EXPECT_EQ(GetOfficer(moved).agency(), "agencies/two");
  // Its own next change is theirs too.
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(Suspended(kOtherA, MakeDate(2026, 4, 1)), 9)}, 9)),
              IsOk());
  EXPECT_EQ(GetOfficer(moved).agreement_standing_size(), 2);
  // A change of the merged one says nothing of them any more.
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(absorbed, 10)}, 10)), IsOk());
  EXPECT_EQ(GetOfficer(moved).agency(), "agencies/two");
  absorbed.clear_merged_into();
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(absorbed, 11)}, 11)), IsOk());
  EXPECT_EQ(GetOfficer(moved).agreement(), kUnderA);
  EXPECT_EQ(GetOfficer(moved).agency(), "agencies/one");
  EXPECT_EQ(GetOfficer(moved).agreement_standing_size(), 1);
  EXPECT_EQ(GetOfficer(kept).agreement(), kOtherA);
}

TEST_F(AgreementEffectsTest, AMonitorFollowsItsAgencysOffice) {
  v1::NameMonitorRequest request;
  request.mutable_monitor()->set_agency("agencies/one");
  request.mutable_monitor()->set_manager("unverified:clerk");
  request.mutable_monitor()->set_training_officer("unverified:trainer");
  ASSERT_THAT(handlers_->NameMonitor(call_, request), IsOk());
  agreements::v1::Agency agency = agreements_.agencies.at("agencies/one");
  agency.set_field_office("fieldOffices/west");
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(agency, agency.name(), 7, 7)}, 7)), IsOk());
  EXPECT_EQ(All<v1::Monitor>().front().field_office(), "fieldOffices/west");
}

TEST_F(AgreementEffectsTest, AnotherLogIsFollowedOnAnOperatorsWordAlone) {
  const std::string under = Authorized().name();
  ASSERT_THAT(Effects().Take(Batch({}, 7)), IsOk());
  const auto batch = Batch({ChangeOf(Suspended(kUnderA, MakeDate(2026, 4, 1)), 3)}, 3, "ANOTHER");
  EXPECT_THAT(Effects().Take(batch), StatusIs(absl::StatusCode::kFailedPrecondition));
  AgreementEffects effects = Effects();
  ASSERT_THAT(effects.FollowAnew(), IsOk());
  EXPECT_EQ(effects.Cursor()->log_id, "");
  ASSERT_THAT(effects.Take(batch), IsOk());
  EXPECT_THAT(CausesOf(under), ElementsAre("agreements@ANOTHER:3"));
}

TEST_F(AgreementEffectsTest, WaiversAndOpenCasesGoWithTheirOfficer) {
  const std::string under = Authorized().name();
  v1::ProposeRevocationRequest propose;
  propose.set_officer(under);
  propose.set_reason("as reported");
  ASSERT_THAT(handlers_->ProposeRevocation(call_, propose), IsOk());
  v1::GrantWaiverRequest grant;
  grant.mutable_waiver()->set_officer(under);
  grant.mutable_waiver()->set_course("aaa-annual");
  grant.mutable_waiver()->set_reason(v1::Waiver::ADMINISTRATIVE);
  grant.mutable_waiver()->set_explanation("on leave");
  *grant.mutable_waiver()->mutable_first_date() = ToProto(MakeDate(2026, 3, 2));
  *grant.mutable_waiver()->mutable_last_date() = ToProto(MakeDate(2026, 4, 2));
  ASSERT_THAT(handlers_->GrantWaiver(call_, grant), IsOk());
  Agreement agreement = agreements_.agreements.at(kUnderA);
  agreement.set_field_office("fieldOffices/west");
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(agreement, 7)}, 7)), IsOk());
  EXPECT_EQ(All<v1::RevocationCase>().front().field_office(), "fieldOffices/west");
  EXPECT_EQ(All<v1::Waiver>().front().field_office(), "fieldOffices/west");
}

// A class that had begun kept their seats, and then it was put off.
TEST_F(AgreementEffectsTest, OfSeveralWhoAreOutOfTheProgramEachPlaceIsFreedOnce) {
  v1::CreateOfferingRequest announce;
  announce.mutable_offering()->set_course("aaa-basic");
  announce.mutable_offering()->set_place("Demo Academy");
  *announce.mutable_offering()->mutable_first_date() = ToProto(today_);
  *announce.mutable_offering()->mutable_last_date() = ToProto(today_);
  announce.mutable_offering()->set_seats(2);
  announce.mutable_offering()->set_fictitious(true);
  const auto offering = handlers_->CreateOffering(call_, announce);
  ASSERT_THAT(offering, IsOk());
  for (int i = 0; i < 2; ++i) {
    const auto officer = Nominate();
    ASSERT_THAT(officer, IsOk());
    v1::EnrollOfficerRequest enroll;
    enroll.mutable_enrollment()->set_offering(offering->name());
    enroll.mutable_enrollment()->set_officer(officer->name());
    ASSERT_THAT(handlers_->EnrollOfficer(call_, enroll), IsOk());
    ASSERT_THAT(DoStep(Step::kWithdraw, officer->name(), today_), IsOk());
  }
  ASSERT_EQ(All<v1::Offering>().front().seats_taken(), 2);
  v1::UpdateOfferingRequest put_off;
  put_off.mutable_offering()->set_name(offering->name());
  *put_off.mutable_offering()->mutable_first_date() = ToProto(today_ + days(30));
  *put_off.mutable_offering()->mutable_last_date() = ToProto(today_ + days(30));
  put_off.mutable_update_mask()->add_paths("first_date");
  put_off.mutable_update_mask()->add_paths("last_date");
  ASSERT_THAT(handlers_->UpdateOffering(call_, put_off), IsOk());
  ASSERT_THAT(Effects().Take(Batch({ChangeOf(Suspended(kUnderA, today_), 7)}, 7)), IsOk());
  for (const v1::Enrollment& enrollment : All<v1::Enrollment>()) {
    EXPECT_EQ(enrollment.state(), v1::Enrollment::CANCELLED);
  }
  EXPECT_EQ(All<v1::Offering>().front().seats_taken(), 0);
}

}  // namespace
}  // namespace accord::training
