// What a day brings, each once.
#include <gmock/gmock.h>

#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::PartiallyEqualsProto;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

absl::Status GoOn() { return absl::OkStatus(); }

class SweepTest : public TrainingTest {
 protected:
  // The same version in other words: the annual course holds for half as long.
  static std::shared_ptr<const Policy> ShorterPolicy() {
    return ParsePolicy(absl::StrReplaceAll(
        PolicyText(), {{"after_completion { count: 12", "after_completion { count: 6"}}));
  }

  void Sweep(Date today) {
    GoTo(today);
    ASSERT_THAT(handlers_->SweepDay(today), IsOk());
  }

  std::vector<std::string> Notices() {
    std::vector<std::string> told;
    for (const v1::Notice& notice : All<v1::Notice>()) {
      told.push_back(absl::StrCat(notice.requirement(), " ", notice.days_before(), " ",
                                  FormatDate(*FromProto(notice.notice_date()))));
    }
    return told;
  }

  // The officer's kept fields, straight from the record.
  v1::Officer Kept(const std::string& name) {
    for (const v1::Officer& officer : All<v1::Officer>()) {
      if (officer.name() == name) return officer;
    }
    return {};
  }

  // With a second annual course, which lapses with the first.
  void UseTwoCourses() {
    const std::string text = PolicyText();
    const size_t course = text.find("courses {\n      code: \"aaa-annual\"");
    const std::string annual = text.substr(course, text.find("courses { code: \"bbb") - course);
    policy_ = ParsePolicy(absl::StrReplaceAll(
        text, {{annual, absl::StrCat(annual, absl::StrReplaceAll(
                                                 annual, {{"aaa-annual", "aaa-second"},
                                                          {"\"Annual\"", "\"Second\""}}))}}));
    handlers_ = std::make_unique<Handlers>(*store_, policy_, agreements_, Separated());
  }

  void Waive(const std::string& officer, const std::string& course, Date first) {
    v1::GrantWaiverRequest grant;
    grant.mutable_waiver()->set_officer(officer);
    grant.mutable_waiver()->set_course(course);
    grant.mutable_waiver()->set_reason(v1::Waiver::ADMINISTRATIVE);
    grant.mutable_waiver()->set_explanation("on leave");
    *grant.mutable_waiver()->mutable_first_date() = ToProto(first);
    *grant.mutable_waiver()->mutable_last_date() = ToProto(MakeDate(2026, 12, 31));
    ASSERT_THAT(handlers_->GrantWaiver(director_, grant), IsOk());
  }

  // Of two annual courses both lapsed on 5 March 2026.
  std::string LapsedInBoth() {
    UseTwoCourses();
    const std::string name = Authorized().name();
    Complete(name, "aaa-second", MakeDate(2025, 3, 4));
    Sweep(MakeDate(2026, 3, 5));
    return name;
  }

  absl::StatusOr<v1::RevocationCase> Decide(CaseStep step, const std::string& name, Date date) {
    v1::StepRevocationCaseRequest request;
    request.set_name(name);
    *request.mutable_date() = ToProto(date);
    request.set_reason("as decided");
    return handlers_->TakeCaseStep(director_, step, request);
  }
};

TEST_F(SweepTest, ADayThatPassesChangesTheCertificationOnce) {
  const std::string name = Authorized().name();
  Sweep(MakeDate(2026, 3, 4));
  EXPECT_EQ(Kept(name).certification(), v1::Certification::CURRENT);
  Sweep(MakeDate(2026, 3, 5));
  EXPECT_EQ(Kept(name).certification(), v1::Certification::LAPSED);
  EXPECT_EQ(Kept(name).ends_by(), "aaa-annual");
  const int64_t before = Revision();
  Sweep(MakeDate(2026, 3, 5));
  EXPECT_EQ(Revision(), before);
}

TEST_F(SweepTest, EachRungIsToldOnceAndAMissedDayLosesNone) {
  const std::string name = Authorized(MakeDate(2025, 6, 30)).name();
  Sweep(MakeDate(2026, 3, 31));  // 91 days before 30 June.
  EXPECT_THAT(Notices(), SizeIs(0));
  for (const Date day : {MakeDate(2026, 4, 1), MakeDate(2026, 4, 1), MakeDate(2026, 4, 2)}) {
    Sweep(day);
    EXPECT_THAT(Notices(), ElementsAre("aaa-annual 90 2026-04-01"));
  }
  // No sweep on 31 May, the day of the next rung.
  Sweep(MakeDate(2026, 6, 3));
  Sweep(MakeDate(2026, 6, 29));
  Sweep(MakeDate(2026, 6, 30));
  EXPECT_THAT(Notices(),
              UnorderedElementsAre("aaa-annual 90 2026-04-01", "aaa-annual 30 2026-06-03",
                                   "aaa-annual 1 2026-06-29"));
  for (const v1::Notice& notice : All<v1::Notice>()) {
    EXPECT_EQ(notice.officer(), name);
    EXPECT_EQ(notice.agency(), "agencies/one");
    EXPECT_FALSE(notice.reason().empty());
    EXPECT_TRUE(notice.fictitious());
  }
}

TEST_F(SweepTest, AnAuthorizationsTermIsToldToo) {
  // Authorized on 10 March 2025 for two years: 9 March 2027 is the last day.
  Authorized(MakeDate(2025, 3, 4), kUnderB);
  Sweep(MakeDate(2026, 12, 8));
  EXPECT_THAT(Notices(), SizeIs(0));
  Sweep(MakeDate(2026, 12, 9));
  Sweep(MakeDate(2026, 12, 10));
  EXPECT_THAT(Notices(), ElementsAre("authorization_term 90 2026-12-09"));
}

TEST_F(SweepTest, ALapseOpensACaseAndRevokesNobody) {
  const std::string name = Authorized().name();
  Certified();  // Lapsed too, and never had authority.
  Sweep(MakeDate(2026, 3, 4));
  EXPECT_THAT(All<v1::RevocationCase>(), SizeIs(0));
  for (const Date day : {MakeDate(2026, 3, 5), MakeDate(2026, 3, 5), MakeDate(2026, 3, 6)}) {
    Sweep(day);
    const auto cases = All<v1::RevocationCase>();
    ASSERT_THAT(cases, SizeIs(1));
    EXPECT_THAT(cases.front(), PartiallyEqualsProto(R"pb(
                  state: OPEN
                  requirement: "aaa-annual"
                  lapse_date { year: 2026 month: 3 day: 5 }
                  open_date { year: 2026 month: 3 day: 5 }
                  decision_due_date { year: 2026 month: 4 day: 4 }
                  proposed_by: "services/training"
                  agency: "agencies/one"
                )pb"));
    EXPECT_EQ(cases.front().officer(), name);
  }
  EXPECT_EQ(Kept(name).state(), v1::Officer::AUTHORIZED);
}

TEST_F(SweepTest, ACaseIsCuredByWhatMakesTheLapseGood) {
  const std::string name = Authorized().name();
  Sweep(MakeDate(2026, 3, 5));
  GoTo(MakeDate(2026, 3, 8));
  Complete(name, "aaa-annual", MakeDate(2026, 3, 7));
  const auto cases = All<v1::RevocationCase>();
  ASSERT_THAT(cases, SizeIs(1));
  EXPECT_EQ(cases.front().state(), v1::RevocationCase::CURED);
  EXPECT_EQ(FromProto(cases.front().close_date()), MakeDate(2026, 3, 8));
  EXPECT_EQ(Kept(name).certification(), v1::Certification::CURRENT);
  Sweep(MakeDate(2026, 3, 9));
  EXPECT_THAT(All<v1::RevocationCase>(), SizeIs(1));
}

TEST_F(SweepTest, ACureThatIsTakenBackOpensAnotherCase) {
  const std::string name = Authorized().name();
  Sweep(MakeDate(2026, 3, 5));
  const std::string cure = Complete(name, "aaa-annual", MakeDate(2026, 3, 5));
  ASSERT_THAT(All<v1::RevocationCase>(), SizeIs(1));
  ASSERT_EQ(All<v1::RevocationCase>().front().state(), v1::RevocationCase::CURED);
  v1::VoidCompletionRequest to_void;
  to_void.set_name(cure);
  *to_void.mutable_date() = ToProto(today_);
  to_void.set_reason("another officer's");
  ASSERT_THAT(handlers_->VoidCompletion(call_, to_void), IsOk());
  Sweep(MakeDate(2026, 3, 6));
  std::vector<v1::RevocationCase::State> states;
  for (const auto& revocation : All<v1::RevocationCase>()) {
    EXPECT_EQ(FromProto(revocation.lapse_date()), MakeDate(2026, 3, 5));
    states.push_back(revocation.state());
  }
  EXPECT_THAT(states, UnorderedElementsAre(v1::RevocationCase::CURED, v1::RevocationCase::OPEN));
}

TEST_F(SweepTest, ACaseEndsWithTheAuthorityAndIsNotCured) {
  const auto move = [&](const std::string& name) {
    v1::TransferOfficerRequest request;
    request.set_name(name);
    request.set_agreement(kUnderB);
    *request.mutable_date() = ToProto(today_);
    request.set_reason("moved");
    return handlers_->TransferOfficer(call_, request).status();
  };
  const std::string left = Authorized().name();
  const std::string moved = Authorized().name();
  Sweep(MakeDate(2026, 3, 5));
  ASSERT_THAT(DoStep(Step::kWithdraw, left, today_), IsOk());
  ASSERT_THAT(move(moved), IsOk());
  const auto cases = All<v1::RevocationCase>();
  ASSERT_THAT(cases, SizeIs(2));
  for (const auto& revocation : cases) {
    EXPECT_EQ(revocation.state(), v1::RevocationCase::AUTHORITY_ENDED);
    EXPECT_EQ(FromProto(revocation.close_date()), MakeDate(2026, 3, 5));
  }
}

TEST_F(SweepTest, ACaseIsCuredByAWaiverOnItsFirstDay) {
  const std::string name = Authorized().name();
  Sweep(MakeDate(2026, 3, 5));
  Waive(name, "aaa-annual", MakeDate(2026, 3, 7));
  Sweep(MakeDate(2026, 3, 6));
  EXPECT_EQ(All<v1::RevocationCase>().front().state(), v1::RevocationCase::OPEN);
  Sweep(MakeDate(2026, 3, 7));
  EXPECT_EQ(All<v1::RevocationCase>().front().state(), v1::RevocationCase::CURED);
}

// The officer was not current for a day: the clock does not begin again.
TEST_F(SweepTest, ACaseGoesOnAboutWhatIsStillLapsed) {
  const std::string name = LapsedInBoth();
  const v1::RevocationCase opened = All<v1::RevocationCase>().front();
  ASSERT_THAT(Decide(CaseStep::kGiveNotice, opened.name(), MakeDate(2026, 3, 5)), IsOk());
  const std::string other = opened.requirement() == "aaa-annual" ? "aaa-second" : "aaa-annual";
  GoTo(MakeDate(2026, 4, 1));
  Complete(name, opened.requirement(), today_);
  ASSERT_THAT(All<v1::RevocationCase>(), SizeIs(1));
  const v1::RevocationCase goes_on = All<v1::RevocationCase>().front();
  EXPECT_EQ(goes_on.state(), v1::RevocationCase::NOTICE_GIVEN);
  EXPECT_EQ(goes_on.requirement(), other);
  EXPECT_EQ(FromProto(goes_on.notice_date()), MakeDate(2026, 3, 5));
  EXPECT_EQ(FromProto(goes_on.decision_due_date()), FromProto(opened.decision_due_date()));
  Complete(name, other, today_);
  EXPECT_EQ(All<v1::RevocationCase>().front().state(), v1::RevocationCase::CURED);
}

// By a waiver the case's own requirement is met while another is not: its first day changes what
// the case is about, though the officer stays lapsed.
TEST_F(SweepTest, TheFirstDayOfAWaiverOfOneOfSeveralLapsesComes) {
  const std::string name = LapsedInBoth();
  const std::string first = All<v1::RevocationCase>().front().requirement();
  Waive(name, first, MakeDate(2026, 3, 8));
  Sweep(MakeDate(2026, 3, 7));
  EXPECT_EQ(All<v1::RevocationCase>().front().requirement(), first);
  Sweep(MakeDate(2026, 3, 8));
  ASSERT_THAT(All<v1::RevocationCase>(), SizeIs(1));
  EXPECT_NE(All<v1::RevocationCase>().front().requirement(), first);
  EXPECT_EQ(All<v1::RevocationCase>().front().state(), v1::RevocationCase::OPEN);
  EXPECT_NE(Kept(name).ends_by(), first);
}

// As on a day on which the sweep has not come yet.
TEST_F(SweepTest, ADecisionIsNotUndoneByACureOfTheSameDay) {
  const std::string name = LapsedInBoth();
  const v1::RevocationCase opened = All<v1::RevocationCase>().front();
  Waive(name, "aaa-annual", MakeDate(2026, 3, 7));
  Waive(name, "aaa-second", MakeDate(2026, 3, 7));
  GoTo(MakeDate(2026, 3, 7));
  ASSERT_THAT(Decide(CaseStep::kRevoke, opened.name(), today_), IsOk());
  const v1::RevocationCase decided = All<v1::RevocationCase>().front();
  EXPECT_EQ(decided.state(), v1::RevocationCase::REVOKED);
  EXPECT_EQ(FromProto(decided.letter_date()), today_);
  EXPECT_EQ(Kept(name).state(), v1::Officer::REVOKED);
  EXPECT_THAT(Decide(CaseStep::kReinstate, opened.name(), today_), IsOk());
}

// No authority: nothing to warn of, and nothing to decide about.
TEST_F(SweepTest, AfterItsAgreementHasEndedNobodyIsToldAndNoCaseOpens) {
  v1::Officer officer = Authorized();
  v1::AgreementStanding& ended = *officer.add_agreement_standing();
  *ended.mutable_date() = ToProto(MakeDate(2026, 2, 1));
  ended.set_in_force(false);
  Put(officer);
  Sweep(MakeDate(2026, 3, 3));
  Sweep(MakeDate(2026, 3, 5));
  EXPECT_THAT(Notices(), SizeIs(0));
  EXPECT_THAT(All<v1::RevocationCase>(), SizeIs(0));
}

TEST_F(SweepTest, ADecisionToRetainIsNotAskedForAgain) {
  Authorized();
  Sweep(MakeDate(2026, 3, 5));
  const std::string revocation = All<v1::RevocationCase>().front().name();
  ASSERT_THAT(Decide(CaseStep::kRetain, revocation, MakeDate(2026, 3, 5)), IsOk());
  Sweep(MakeDate(2026, 3, 6));
  EXPECT_THAT(All<v1::RevocationCase>(), SizeIs(1));
}

TEST_F(SweepTest, AnotherPolicyDerivesEveryoneAnewAndSaysHowFarItIs) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) names.push_back(Authorized().name());
  Sweep(MakeDate(2026, 3, 2));
  const int64_t before = Revision();
  const auto shorter = ShorterPolicy();
  ASSERT_NE(shorter->digest(), policy_->digest());
  Handlers next(*store_, shorter, agreements_);
  std::vector<int64_t> left;
  const auto on_progress = [&](const SweepProgress& progress) { left.push_back(progress.left); };
  ASSERT_THAT(next.RecordPolicy("a test"), IsOk());
  ASSERT_THAT(next.SweepDay(today_, GoOn, on_progress), IsOk());
  for (const std::string& name : names) {
    EXPECT_EQ(Kept(name).certification(), v1::Certification::LAPSED);
  }
  EXPECT_GT(Revision(), before);
  EXPECT_EQ(left.back(), 0);
  const int64_t after = Revision();
  ASSERT_THAT(next.SweepDay(today_, GoOn, on_progress), IsOk());
  EXPECT_EQ(Revision(), after);
}

TEST_F(SweepTest, EndsBetweenBatchesAndIsResumed) {
  for (int i = 0; i < 3; ++i) Authorized();
  Sweep(MakeDate(2026, 3, 2));
  const auto shorter = ShorterPolicy();
  Handlers next(*store_, shorter, agreements_);
  ASSERT_THAT(next.RecordPolicy("a test"), IsOk());
  const auto stop = [] { return absl::CancelledError("the program ends"); };
  int64_t derived = 0;
  const auto on_progress = [&](const SweepProgress& progress) { derived = progress.derived; };
  EXPECT_EQ(next.SweepDay(today_, stop, on_progress).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(derived, 3);
  // The lapsed are told in the next part, which was not begun.
  EXPECT_THAT(All<v1::RevocationCase>(), SizeIs(0));
  ASSERT_THAT(next.SweepDay(today_), IsOk());
  EXPECT_THAT(All<v1::RevocationCase>(), SizeIs(3));
}

TEST_F(SweepTest, TheDerivationIsResumedWhereItStopped) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) names.push_back(Authorized().name());
  std::sort(names.begin(), names.end());
  // One who was before the stop and one after it, both kept wrongly.
  for (const std::string& name : {names[0], names[2]}) {
    v1::Officer officer = Kept(name);
    officer.set_certification(v1::Certification::UNKNOWN);
    Put(officer);
  }
  ASSERT_THAT(store_->Mutate({.action = "Stop", .actor = "test"},
                             [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
                               store::WriteSet writes;
                               writes.AdvanceCursor(
                                   "officers-derived",
                                   {absl::StrCat(policy_->digest(), "/v1/5"), 1, names[0]});
                               return writes;
                             }),
              IsOk());
  ASSERT_THAT(handlers_->SweepDay(today_), IsOk());
  EXPECT_EQ(Kept(names[0]).certification(), v1::Certification::UNKNOWN);
  EXPECT_EQ(Kept(names[2]).certification(), v1::Certification::CURRENT);
}

}  // namespace
}  // namespace accord::training
