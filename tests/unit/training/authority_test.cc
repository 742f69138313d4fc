// What an officer's authority rests on, condition by condition.
#include "services/training/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/training/made_record.h"

namespace accord::training {
namespace {

using Case = v1::RevocationCase;
using Event = v1::OfficerEvent;

const MadePolicy& Rules() {
  static const auto& policy = *new MadePolicy(
      CourseText("basic", "BASIC") +
      "paper_requirements { model: 'AAA' sources: 'DOC' "
      "papers: [CERTIFICATION, AUTHORIZATION_LETTER, FORM_70_006, CREDENTIALS] } "
      "authorization_terms { model: 'AAA' sources: 'DOC' term { count: 2 unit: YEARS "
      "counting: EVERY_DAY from: OFFICER_AUTHORIZED } }");
  return policy;
}

void Stand(MadeRecord& record, const std::string& date, bool in_force) {
  auto& standing = *record.officer.add_agreement_standing();
  *standing.mutable_date() = ToProto(On(date));
  standing.set_in_force(in_force);
  standing.set_cause("agreements@L:7");
}

// All there is to prove from 5 April 2024 on.
MadeRecord Authorized() {
  MadeRecord record;
  record.Completed("basic", "2024-02-01")
      .Event(Event::NOMINATED, "2024-01-01")
      .Event(Event::CERTIFIED, "2024-02-10")
      .Event(Event::AUTHORIZED, "2024-02-29")
      .Event(Event::FORM_70_006_SIGNED, "2024-04-01")
      .Event(Event::CREDENTIALS_ISSUED, "2024-04-05");
  Stand(record, "2023-01-01", true);
  return record;
}

std::vector<Condition> ConditionsOf(const MadeRecord& record, const std::string& as_of,
                                    const std::vector<Case>& cases = {},
                                    const MadePolicy& policy = Rules()) {
  return AuthorityOf(record.officer, record.At(policy, as_of), cases, policy.view(), On(as_of));
}

// Codes of the conditions that are missing.
std::vector<std::string> Missing(const std::vector<Condition>& conditions) {
  std::vector<std::string> codes;
  for (const Condition& condition : conditions) {
    const bool holds = condition.proof == Proof::kProven || condition.proof == Proof::kNotRequired;
    if (!holds) codes.push_back(condition.code);
  }
  return codes;
}

bool IsProven(const std::vector<Condition>& conditions) { return Missing(conditions).empty(); }

std::optional<Date> FirstChange(const std::vector<Condition>& conditions) {
  std::optional<Date> first;
  for (const Condition& condition : conditions) {
    if (condition.date && (!first || *condition.date < *first)) first = condition.date;
  }
  return first;
}

Condition Find(const std::vector<Condition>& conditions, const std::string& code) {
  for (const Condition& condition : conditions) {
    if (condition.code == code) return condition;
  }
  ADD_FAILURE() << "no condition " << code;
  return {};
}

TEST(AuthorityTest, AllProvenUntilTheTermEnds) {
  const auto conditions = ConditionsOf(Authorized(), "2024-04-05");
  EXPECT_TRUE(IsProven(conditions)) << testing::PrintToString(Missing(conditions));
  EXPECT_EQ(conditions.size(), 9u);
  EXPECT_EQ(Text(FirstChange(conditions)), "2026-02-28");
}

// The term's own day, here of a leap day's authorization, is the first without authority.
TEST(AuthorityTest, TheTermsDayIsTheFirstWithout) {
  EXPECT_TRUE(IsProven(ConditionsOf(Authorized(), "2026-02-27")));
  EXPECT_THAT(Missing(ConditionsOf(Authorized(), "2026-02-28")),
              testing::ElementsAre("authorization_term"));
  EXPECT_EQ(Text(AuthorizationLastDay(Authorized().officer, Rules().view(), On("2026-03-05"))),
            "2026-02-27");
}

TEST(AuthorityTest, EachPaperCountsFromItsDay) {
  EXPECT_THAT(Missing(ConditionsOf(Authorized(), "2024-04-04")),
              testing::ElementsAre("credentials"));
  EXPECT_THAT(Missing(ConditionsOf(Authorized(), "2024-03-31")),
              testing::ElementsAre("form_70_006", "credentials"));
  EXPECT_EQ(Text(FirstChange(ConditionsOf(Authorized(), "2024-04-04"))), "2024-04-05");
  EXPECT_THAT(Missing(ConditionsOf(Authorized(), "2024-02-20")),
              testing::ElementsAre("authorization", "authorization_term", "authorization_letter",
                                   "form_70_006", "credentials"));
}

TEST(AuthorityTest, CredentialsGivenBackAreNoneUntilIssuedAgain) {
  MadeRecord record = Authorized();
  record.Event(Event::CREDENTIALS_RETURNED, "2024-05-01");
  EXPECT_THAT(Missing(ConditionsOf(record, "2024-05-01")), testing::ElementsAre("credentials"));
  record.Event(Event::CREDENTIALS_ISSUED, "2024-06-01");
  EXPECT_TRUE(IsProven(ConditionsOf(record, "2024-06-01")));
}

TEST(AuthorityTest, AnAgreementEndsAuthorityOnItsDay) {
  MadeRecord record = Authorized();
  Stand(record, "2024-07-01", false);
  const auto before = ConditionsOf(record, "2024-06-30");
  EXPECT_TRUE(IsProven(before));
  EXPECT_EQ(Text(Find(before, "agreement").date), "2024-07-01");
  EXPECT_THAT(Missing(ConditionsOf(record, "2024-07-01")), testing::ElementsAre("agreement"));
  record.officer.clear_agreement_standing();
  EXPECT_THAT(Missing(ConditionsOf(record, "2024-06-30")), testing::ElementsAre("agreement"));
}

TEST(AuthorityTest, OnlyADecisionWithItsLetterRevokes) {
  Case revocation;
  revocation.set_name("revocationCases/one");
  *revocation.mutable_letter_date() = ToProto(On("2024-08-01"));
  for (const auto state : {Case::OPEN, Case::NOTICE_GIVEN, Case::RETAINED, Case::CURED}) {
    revocation.set_state(state);
    EXPECT_TRUE(IsProven(ConditionsOf(Authorized(), "2024-08-01", {revocation})))
        << Case::State_Name(state);
  }
  revocation.set_state(Case::REVOKED);
  const auto before = ConditionsOf(Authorized(), "2024-07-31", {revocation});
  EXPECT_TRUE(IsProven(before));
  EXPECT_EQ(Text(FirstChange(before)), "2024-08-01");
  EXPECT_THAT(Missing(ConditionsOf(Authorized(), "2024-08-01", {revocation})),
              testing::ElementsAre("not_revoked"));
  revocation.set_state(Case::REINSTATED);
  *revocation.mutable_close_date() = ToProto(On("2024-09-01"));
  EXPECT_THAT(Missing(ConditionsOf(Authorized(), "2024-08-31", {revocation})),
              testing::ElementsAre("not_revoked"));
  EXPECT_TRUE(IsProven(ConditionsOf(Authorized(), "2024-09-01", {revocation})));
}

TEST(AuthorityTest, ReinstatedNeedsANewLetter) {
  MadeRecord record = Authorized();
  record.Event(Event::REVOKED, "2024-08-01").Event(Event::REINSTATED, "2024-09-01");
  EXPECT_EQ(TrailOn(record.officer, On("2024-08-15")).state, v1::Officer::REVOKED);
  EXPECT_THAT(Missing(ConditionsOf(record, "2024-09-01")),
              testing::ElementsAre("authorization", "authorization_term", "authorization_letter"));
  record.Event(Event::AUTHORIZED, "2024-10-01");
  EXPECT_TRUE(IsProven(ConditionsOf(record, "2024-10-01")));
}

TEST(AuthorityTest, ATransferBeginsThePapersAnew) {
  MadeRecord record = Authorized();
  record.Event(Event::TRANSFERRED, "2024-08-01");
  const PaperTrail trail = TrailOn(record.officer, On("2024-08-01"));
  EXPECT_EQ(trail.state, v1::Officer::NOMINATED);
  EXPECT_FALSE(trail.certified || trail.authorized || trail.form_70_006 ||
               trail.credentials_issued);
  EXPECT_TRUE(IsProven(ConditionsOf(record, "2024-07-31")));
}

TEST(AuthorityTest, LapsedTrainingEndsItWhateverACaseSays) {
  const MadePolicy policy(
      CourseText("basic", "BASIC") +
      CourseText("annual", "ANNUAL", Every("anniversary_of_basic", "count: 1 unit: YEARS")));
  const auto before = ConditionsOf(Authorized(), "2025-02-01", {}, policy);
  EXPECT_TRUE(IsProven(before));
  EXPECT_EQ(Text(Find(before, "training").date), "2025-02-02");
  const auto after = ConditionsOf(Authorized(), "2025-02-02", {}, policy);
  EXPECT_THAT(Missing(after), testing::ElementsAre("training"));
  EXPECT_EQ(Find(after, "training").text, "training is LAPSED: annual");
}

TEST(AuthorityTest, WithoutARuleItIsNotRequired) {
  MadeRecord record = Authorized();
  record.officer.set_model("BBB");
  record.officer.set_template_("BBB-1");
  const auto conditions = ConditionsOf(record, "2024-06-01");
  for (const std::string code : {"training", "authorization_term", "papers"}) {
    EXPECT_EQ(Find(conditions, code).proof, Proof::kNotRequired) << code;
  }
  EXPECT_TRUE(IsProven(conditions));
}

TEST(AuthorityTest, WhatDiffersByAnUnknownTemplateIsNotProven) {
  const MadePolicy policy(CourseText("basic", "BASIC") +
                          "paper_requirements { model: 'AAA' templates: 'AAA-1' sources: 'DOC' "
                          "papers: CERTIFICATION }"
                          "authorization_terms { model: 'AAA' templates: 'AAA-1' sources: 'DOC' "
                          "term { count: 2 unit: YEARS counting: EVERY_DAY "
                          "from: OFFICER_AUTHORIZED } }");
  MadeRecord record = Authorized();
  record.officer.clear_template_();
  EXPECT_THAT(Missing(ConditionsOf(record, "2024-06-01", {}, policy)),
              testing::ElementsAre("authorization_term", "papers"));
}

// "ended agreement 2024-06-30 until 2025-01-01".
std::string EndOn(const MadeRecord& record, const std::string& as_of) {
  const AuthorityEnd end = EndOfAuthority(record.officer, Rules().view(), On(as_of));
  return absl::StrCat(end.ended ? "ended " : "runs ", end.ends_by, " ", Text(end.through),
                      " until ", Text(end.next_change));
}

TEST(EndOfAuthorityTest, TheTermsLastDay) {
  EXPECT_EQ(EndOn(Authorized(), "2024-02-28"), "runs   until ") << "not authorized yet";
  EXPECT_EQ(EndOn(Authorized(), "2024-02-29"),
            "runs authorization_term 2026-02-27 until 2026-02-28");
  EXPECT_EQ(EndOn(Authorized(), "2026-02-27"),
            "runs authorization_term 2026-02-27 until 2026-02-28");
  EXPECT_EQ(EndOn(Authorized(), "2026-02-28"), "ended authorization_term 2026-02-27 until ");
  MadeRecord again = Authorized();
  again.Event(Event::AUTHORIZED, "2026-03-02");
  EXPECT_EQ(EndOn(again, "2026-03-01"), "ended authorization_term 2026-02-27 until ");
  EXPECT_EQ(EndOn(again, "2026-03-02"), "runs authorization_term 2028-03-01 until 2028-03-02");
}

TEST(EndOfAuthorityTest, TheAgreementsLastDayIfThatIsSooner) {
  MadeRecord record = Authorized();
  Stand(record, "2024-07-01", false);
  Stand(record, "2024-08-01", false);
  Stand(record, "2025-01-01", true);
  EXPECT_EQ(EndOn(record, "2024-06-30"), "runs agreement 2024-06-30 until 2024-07-01");
  EXPECT_EQ(EndOn(record, "2024-07-01"), "ended agreement 2024-06-30 until 2024-08-01");
  EXPECT_EQ(EndOn(record, "2024-12-31"), "ended agreement 2024-06-30 until 2025-01-01");
  EXPECT_EQ(EndOn(record, "2025-01-01"), "runs authorization_term 2026-02-27 until 2026-02-28");
  // Certified and not authorized, there is no term; the agreement holds for them, too.
  EXPECT_EQ(EndOn(record, "2024-02-15"), "runs agreement 2024-06-30 until 2024-07-01");
}

TEST(EndOfAuthorityTest, OnlyOfWhoIsOnDuty) {
  MadeRecord record = Authorized();
  record.Event(Event::REVOKED, "2024-09-01");
  Stand(record, "2024-07-01", false);
  EXPECT_EQ(EndOn(record, "2024-08-31"), "ended agreement 2024-06-30 until ");
  EXPECT_EQ(EndOn(record, "2024-09-01"), "runs   until ");
}

TEST(EndOfAuthorityTest, IsKeptAndChangesInTime) {
  v1::Officer officer = Authorized().officer;
  *officer.mutable_next_change_date() = ToProto(On("2027-01-01"));
  Keep(EndOfAuthority(officer, Rules().view(), On("2026-02-27")), officer);
  EXPECT_FALSE(officer.authority_ended());
  EXPECT_EQ(FromProto(officer.authority_through()), On("2026-02-27"));
  EXPECT_EQ(officer.authority_ends_by(), kAuthorizationTerm);
  EXPECT_EQ(FromProto(officer.next_change_date()), On("2026-02-28"));
  *officer.mutable_next_change_date() = ToProto(On("2027-01-01"));
  Keep(EndOfAuthority(officer, Rules().view(), On("2026-02-28")), officer);
  EXPECT_TRUE(officer.authority_ended());
  EXPECT_EQ(FromProto(officer.next_change_date()), On("2027-01-01"));
  officer.set_state(v1::Officer::REVOKED);
  MadeRecord revoked = Authorized();
  revoked.Event(Event::REVOKED, "2026-02-28");
  Keep(EndOfAuthority(revoked.officer, Rules().view(), On("2026-02-28")), officer);
  EXPECT_FALSE(officer.authority_ended());
  EXPECT_FALSE(officer.has_authority_through());
}

}  // namespace
}  // namespace accord::training
