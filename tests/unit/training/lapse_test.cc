// Notices before an end, and cases after a lapse.
#include "services/training/lapse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/unit/training/made_record.h"

namespace accord::training {
namespace {

using Case = v1::RevocationCase;

std::string Rules(int grace_days) {
  return CourseText("basic", "BASIC") +
         CourseText("first", "ANNUAL", Every("anniversary_of_basic", "count: 1 unit: YEARS")) +
         CourseText("second", "ANNUAL", Every("anniversary_of_basic", "count: 13 unit: MONTHS")) +
         "authorization_terms { model: 'AAA' sources: 'DOC' term { count: 2 unit: YEARS "
         "counting: EVERY_DAY from: OFFICER_AUTHORIZED } }"
         "lapse_policy { grace_days: " +
         std::to_string(grace_days) +
         " decision_target_days: 30 notice_days: [90, 30, 7, 1] long_wait_days: 90 "
         "sources: 'DOC' }";
}

const MadePolicy& NoGrace() {
  static const auto& policy = *new MadePolicy(Rules(0));
  return policy;
}

// "first" holds through 10 March 2021, "second" through 10 April.
MadeRecord Trained() { return MadeRecord().Completed("basic", "2020-03-10"); }

// "first 2021-03-10 -90".
std::vector<std::string> Notices(const MadeRecord& record, const std::string& as_of,
                                 const MadePolicy& policy = NoGrace()) {
  std::vector<std::string> notices;
  for (const DueNotice& notice :
       NoticesDue(record.officer, record.At(policy, as_of), policy.view(), On(as_of))) {
    notices.push_back(absl::StrCat(notice.requirement, " ", FormatDate(notice.end_date), " -",
                                   notice.days_before));
  }
  return notices;
}

std::optional<CaseToOpen> Due(const MadeRecord& record, const std::string& as_of,
                              const std::vector<Case>& cases = {},
                              const MadePolicy& policy = NoGrace()) {
  return CaseDue(record.officer, record.At(policy, as_of), cases, policy.view(), On(as_of));
}

Case CaseOf(const std::string& requirement, const std::string& lapse, Case::State state,
            const std::string& decision = "") {
  Case revocation;
  revocation.set_requirement(requirement);
  *revocation.mutable_lapse_date() = ToProto(On(lapse));
  revocation.set_state(state);
  if (!decision.empty()) *revocation.mutable_decision_date() = ToProto(On(decision));
  return revocation;
}

TEST(NoticesTest, TheLadderRungByRung) {
  EXPECT_TRUE(Notices(Trained(), "2020-12-09").empty());
  EXPECT_THAT(Notices(Trained(), "2020-12-10"), testing::ElementsAre("first 2021-03-10 -90"));
  EXPECT_THAT(Notices(Trained(), "2021-02-07"),
              testing::ElementsAre("first 2021-03-10 -90", "second 2021-04-10 -90"));
  EXPECT_THAT(Notices(Trained(), "2021-02-08"),
              testing::ElementsAre("first 2021-03-10 -30", "second 2021-04-10 -90"));
  EXPECT_EQ(Notices(Trained(), "2021-03-03")[0], "first 2021-03-10 -7");
  EXPECT_EQ(Notices(Trained(), "2021-03-09")[0], "first 2021-03-10 -1");
  EXPECT_EQ(Notices(Trained(), "2021-03-10")[0], "first 2021-03-10 -1");
  EXPECT_THAT(Notices(Trained(), "2021-03-11"), testing::ElementsAre("second 2021-04-10 -30"));
}

// Swept every day, each rung of an end has one key; a sweep that comes late loses none that
// still matters.
TEST(NoticesTest, EachOnce) {
  const MadeRecord record = Trained();
  std::set<std::string> keys;
  for (Date day = On("2020-06-01"); day < On("2021-06-01"); day += days(1)) {
    for (const DueNotice& notice :
         NoticesDue(record.officer, record.At(NoGrace().view(), day), NoGrace().view(), day)) {
      keys.insert(notice.KeyFor(record.officer));
    }
  }
  EXPECT_EQ(keys.size(), 8u);
  EXPECT_TRUE(keys.contains("officers/one/first/2021-03-10/90"));
}

TEST(NoticesTest, OnlyForOfficersInTheProgram) {
  MadeRecord record = Trained();
  record.officer.set_state(v1::Officer::CERTIFIED);
  EXPECT_EQ(Notices(record, "2021-02-08").size(), 2u);
  for (const auto state :
       {v1::Officer::IN_TRAINING, v1::Officer::WITHDRAWN, v1::Officer::REVOKED}) {
    record.officer.set_state(state);
    EXPECT_TRUE(Notices(record, "2021-02-08").empty()) << v1::Officer::State_Name(state);
  }
}

TEST(NoticesTest, AWaiverThatCarriesOnPutsTheNoticeOff) {
  const MadeRecord record = Trained().Waived("first", "2021-03-01", "2021-12-31");
  EXPECT_THAT(Notices(record, "2021-02-08"), testing::ElementsAre("second 2021-04-10 -90"));
}

TEST(NoticesTest, OfAnAuthorizationsTermToo) {
  MadeRecord record;
  record.Event(v1::OfficerEvent::AUTHORIZED, "2020-05-01");
  EXPECT_THAT(Notices(record, "2022-04-23"),
              testing::ElementsAre("authorization_term 2022-04-30 -7"));
  EXPECT_TRUE(Notices(record, "2022-05-01").empty());
}

TEST(NoticesTest, WithoutALapsePolicyThereIsNothing) {
  const MadePolicy policy(
      CourseText("basic", "BASIC") +
      CourseText("first", "ANNUAL", Every("anniversary_of_basic", "count: 1 unit: YEARS")));
  EXPECT_TRUE(Notices(Trained(), "2021-03-10", policy).empty());
  EXPECT_FALSE(Due(Trained(), "2021-03-11", {}, policy).has_value());
}

TEST(CaseDueTest, OfTheFirstThatLapsedOnItsFirstDayWithout) {
  EXPECT_FALSE(Due(Trained(), "2021-03-10").has_value());
  const auto due = Due(Trained(), "2021-03-11");
  ASSERT_TRUE(due.has_value());
  EXPECT_EQ(due->requirement, "first");
  EXPECT_EQ(FormatDate(due->lapse_date), "2021-03-11");
  EXPECT_EQ(FormatDate(due->decision_due_date), "2021-04-10");
  EXPECT_EQ(Due(Trained(), "2021-06-01")->requirement, "first");
}

TEST(CaseDueTest, NotWithinGrace) {
  const MadePolicy grace(Rules(10));
  EXPECT_FALSE(Due(Trained(), "2021-03-20", {}, grace).has_value());
  EXPECT_EQ(FormatDate(Due(Trained(), "2021-03-21", {}, grace)->lapse_date), "2021-03-11");
}

TEST(CaseDueTest, OnlyOfTheAuthorized) {
  MadeRecord record = Trained();
  for (const auto state : {v1::Officer::CERTIFIED, v1::Officer::REVOKED, v1::Officer::WITHDRAWN}) {
    record.officer.set_state(state);
    EXPECT_FALSE(Due(record, "2021-03-11").has_value()) << v1::Officer::State_Name(state);
  }
}

TEST(CaseDueTest, OneAtATimeAndEachLapseOnce) {
  for (const auto state : {Case::OPEN, Case::NOTICE_GIVEN}) {
    EXPECT_FALSE(Due(Trained(), "2021-06-01", {CaseOf("other", "2020-01-01", state)}).has_value())
        << Case::State_Name(state);
  }
  const Case retained = CaseOf("first", "2021-03-11", Case::RETAINED, "2021-03-20");
  EXPECT_EQ(Due(Trained(), "2021-06-01", {retained})->requirement, "second");
  // Another lapse of the same requirement is another case.
  const Case earlier = CaseOf("first", "2020-03-11", Case::RETAINED, "2020-03-20");
  EXPECT_EQ(Due(Trained(), "2021-06-01", {earlier})->requirement, "first");
}

// It lapsed again: what had cured it was voided, say, or a waiver was taken back.
TEST(CaseDueTest, ACaseThatEndedOtherwiseIsNoAnswer) {
  for (const auto state : {Case::CURED, Case::REINSTATED, Case::AUTHORITY_ENDED}) {
    EXPECT_EQ(Due(Trained(), "2021-06-01", {CaseOf("first", "2021-03-11", state)})->requirement,
              "first")
        << Case::State_Name(state);
  }
}

TEST(CaseDueTest, ADecisionToRetainHadInViewWhatHadLapsed) {
  const Case retained = CaseOf("first", "2021-03-11", Case::RETAINED, "2021-05-01");
  EXPECT_FALSE(Due(Trained(), "2021-06-01", {retained}).has_value());
  const Case before = CaseOf("first", "2021-03-11", Case::RETAINED, "2021-04-10");
  EXPECT_EQ(Due(Trained(), "2021-06-01", {before})->requirement, "second");
}

// It was about something else: what lapsed after it was opened nobody looked at.
TEST(CaseDueTest, ACaseWithoutARequirementAnswersForWhatHadLapsedWhenItWasOpened) {
  Case conduct = CaseOf("", "2021-03-11", Case::RETAINED, "2021-05-01");
  conduct.clear_lapse_date();
  *conduct.mutable_open_date() = ToProto(On("2021-03-20"));
  EXPECT_EQ(Due(Trained(), "2021-06-01", {conduct})->requirement, "second");
  *conduct.mutable_open_date() = ToProto(On("2021-04-20"));
  EXPECT_FALSE(Due(Trained(), "2021-06-01", {conduct}).has_value());
}

TEST(CuredTest, WhenItsRequirementIsMetAgain) {
  const auto cured = [](const MadeRecord& record, const Case& revocation) {
    return IsCured(revocation, record.At(NoGrace(), "2021-06-01"));
  };
  const Case open = CaseOf("first", "2021-03-11", Case::OPEN);
  EXPECT_FALSE(cured(Trained(), open));
  EXPECT_TRUE(cured(Trained().Completed("first", "2021-05-01"), open));
  EXPECT_FALSE(cured(Trained().Completed("second", "2021-05-01"), open));
  EXPECT_TRUE(cured(Trained().Waived("first", "2021-05-01", "2021-07-01"), open));
  // Where it cannot be said, or the rule binds no more, a person decides.
  EXPECT_FALSE(cured(MadeRecord(), open));
  EXPECT_FALSE(cured(Trained(), CaseOf("gone", "2021-03-11", Case::OPEN)));
  const Case decided = CaseOf("first", "2021-03-11", Case::REVOKED);
  EXPECT_FALSE(cured(Trained().Completed("first", "2021-05-01"), decided));
  EXPECT_FALSE(
      cured(Trained().Completed("first", "2021-05-01"), CaseOf("", "2021-03-11", Case::OPEN)));
}

}  // namespace
}  // namespace accord::training
