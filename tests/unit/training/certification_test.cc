// Certifications by facts, policy and date.
#include "services/training/certification.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/testing/matchers.h"
#include "services/training/exam_rule.h"
#include "tests/unit/training/made_record.h"

namespace accord::training {
namespace {

using C = v1::Certification;
using R = v1::Requirement;
using testing::PartiallyEqualsProto;

const std::string kBasic = CourseText(
    "basic", "BASIC", "exam { pass_percent: 70 remedial_exams: 1 failures_that_disqualify: 2 }");
const std::string kRefresher =
    CourseText("refresher", "REFRESHER",
               Every("after_completion", "count: 2 unit: YEARS") + " window_days: 30");
const std::string kAnnual =
    CourseText("annual", "ANNUAL",
               Every("anniversary_of_basic", "count: 1 unit: YEARS") + " window_days: 180");

const MadePolicy& Whole() {
  static const auto& policy = *new MadePolicy(kBasic + kRefresher + kAnnual);
  return policy;
}

// Passed the basic course on 10 March 2020, and the annual one in time for 2021 and 2022.
MadeRecord Trained() {
  return MadeRecord()
      .Completed("basic", "2020-03-10")
      .Completed("annual", "2021-02-01")
      .Completed("annual", "2022-02-01");
}

TEST(CertificationTest, CurrentThroughTheDayThatTheFirstRequirementEnds) {
  EXPECT_THAT(Trained().At(Whole(), "2021-06-01"), PartiallyEqualsProto(R"pb(
                officer: "officers/one"
                state: CURRENT
                current_through { year: 2022 month: 3 day: 10 }
                ends_by: "refresher"
                policy_version: "v1"
                next_change_date { year: 2022 month: 3 day: 11 }
              )pb"));
  EXPECT_EQ(Trained().At(Whole(), "2022-03-10").state(), C::CURRENT);
  const C lapsed = Trained().At(Whole(), "2022-03-11");
  EXPECT_EQ(lapsed.state(), C::LAPSED);
  EXPECT_FALSE(lapsed.has_current_through());
  EXPECT_EQ(lapsed.ends_by(), "refresher");
  EXPECT_THAT(lapsed.cures(), ::testing::ElementsAre("complete refresher"));
  EXPECT_EQ(Text(Find(lapsed, "refresher").met_through()), "2022-03-10");
}

// The refresher is overdue from 11 March 2022, the annual course from a year later.
TEST(CertificationTest, AnnualTrainingIsOfTheAnnualCoursesAlone) {
  struct Case {
    const char* day;
    C::State state;
    C::State annual;
    const char* next_change;
  };
  const Case cases[] = {
      {"2020-03-09", C::NOT_CERTIFIED, C::NOT_CERTIFIED, "2020-03-10"},
      {"2022-03-10", C::CURRENT, C::CURRENT, "2022-03-11"},
      {"2022-03-11", C::LAPSED, C::CURRENT, "2023-03-11"},
      {"2023-03-10", C::LAPSED, C::CURRENT, "2023-03-11"},
      {"2023-03-11", C::LAPSED, C::LAPSED, ""},
  };
  for (const Case& each : cases) {
    const C certification = Trained().At(Whole(), each.day);
    EXPECT_EQ(certification.state(), each.state) << each.day;
    EXPECT_EQ(certification.annual_training(), each.annual) << each.day;
    EXPECT_EQ(Text(certification.next_change_date()), each.next_change) << each.day;
  }
  const MadePolicy without(kBasic + kRefresher);
  EXPECT_EQ(Trained().At(without, "2021-06-01").annual_training(), C::NO_RULE);
}

// A refresher in class every two years, behind an annual course online.
TEST(CertificationTest, TheNextClassIsTheOneThatIsNeededFirst) {
  const MadePolicy policy(
      kBasic +
      CourseText("refresher", "REFRESHER",
                 Every("after_completion", "count: 2 unit: YEARS") + " delivery: IN_PERSON") +
      CourseText("workshop", "REFRESHER",
                 Every("after_completion", "count: 3 unit: YEARS") + " delivery: ANY") +
      CourseText("annual", "ANNUAL",
                 Every("anniversary_of_basic", "count: 1 unit: YEARS") + " delivery: ONLINE"));
  struct Case {
    std::string title;
    MadeRecord record;
    const char* day;
    const char* next_class;
    const char* date;
  };
  const Case cases[] = {
      {"not trained", MadeRecord(), "2020-03-09", "", ""},
      {"before the day", Trained(), "2020-03-09", "", ""},
      {"trained", Trained(), "2020-03-10", "refresher", "2022-03-10"},
      {"lapsed by the annual course", MadeRecord().Completed("basic", "2020-03-10"), "2021-06-01",
       "refresher", "2022-03-10"},
      {"itself lapsed", Trained(), "2022-06-01", "refresher", "2022-03-10"},
      {"both lapsed", Trained(), "2024-06-01", "refresher", "2022-03-10"},
      {"taken, the other is first", Trained().Completed("refresher", "2022-02-01"), "2022-02-01",
       "workshop", "2023-03-10"},
      {"taken later", Trained().Completed("refresher", "2022-06-01"), "2022-05-31", "refresher",
       "2022-03-10"},
      {"waived until", Trained().Waived("refresher", "2022-03-01", "2023-04-30"), "2022-03-01",
       "workshop", "2023-03-10"},
  };
  for (const Case& each : cases) {
    const C certification = each.record.At(policy, each.day);
    EXPECT_EQ(certification.next_class(), each.next_class) << each.title;
    EXPECT_EQ(Text(certification.next_class_date()), each.date) << each.title;
    v1::Officer officer;
    *officer.mutable_next_class_date() = ToProto(On("1999-01-01"));
    Keep(certification, officer);
    EXPECT_EQ(officer.next_class(), each.next_class) << each.title;
    EXPECT_EQ(Text(officer.next_class_date()), each.date) << each.title;
  }
}

TEST(CertificationTest, WhatCuresALapseCuresIt) {
  const MadeRecord cured = Trained().Completed("refresher", "2022-05-01");
  EXPECT_EQ(cured.At(Whole(), "2022-04-30").state(), C::LAPSED);
  const C on_the_day = cured.At(Whole(), "2022-05-01");
  EXPECT_EQ(on_the_day.state(), C::CURRENT);
  EXPECT_EQ(Text(on_the_day.current_through()), "2023-03-10");
  EXPECT_EQ(on_the_day.ends_by(), "annual");
}

TEST(CertificationTest, WithoutTheBasicCourseNobodyIsCertified) {
  const MadeRecord nominee;
  const C none = nominee.At(Whole(), "2021-06-01");
  EXPECT_EQ(none.state(), C::NOT_CERTIFIED);
  EXPECT_EQ(none.ends_by(), "basic");
  EXPECT_THAT(none.cures(), ::testing::ElementsAre("complete basic", "complete the basic course"));
  EXPECT_EQ(Find(none, "annual").state(), R::NEVER_MET);
}

TEST(CertificationTest, PapersWithoutTheCourseAreUnknownAndNoGuess) {
  MadeRecord record;
  *record.officer.mutable_certification_date() = ToProto(On("2019-05-01"));
  const C unknown = record.At(Whole(), "2021-06-01");
  EXPECT_EQ(unknown.state(), C::UNKNOWN);
  for (const auto& requirement : unknown.requirements()) {
    EXPECT_EQ(requirement.state(), R::UNKNOWN) << requirement.code();
    EXPECT_FALSE(requirement.has_met_through()) << requirement.code();
  }
  EXPECT_EQ(record.At(Whole(), "2019-04-30").state(), C::NOT_CERTIFIED);
  EXPECT_EQ(Text(record.At(Whole(), "2019-04-30").next_change_date()), "2019-05-01");
}

// What is certainly lapsed is so, whatever else is missing.
TEST(CertificationTest, ALapseOutweighsMissingEvidence) {
  MadeRecord record;
  *record.officer.mutable_certification_date() = ToProto(On("2015-05-01"));
  record.Completed("refresher", "2016-01-01");
  EXPECT_EQ(record.At(Whole(), "2018-01-01").state(), C::UNKNOWN);
  const C lapsed = record.At(Whole(), "2018-01-02");
  EXPECT_EQ(lapsed.state(), C::LAPSED);
  EXPECT_EQ(lapsed.ends_by(), "refresher");
}

TEST(CertificationTest, WhereNoCourseBindsThereIsNoRule) {
  MadeRecord record;
  record.officer.set_model("BBB");
  const C none = record.At(Whole(), "2021-06-01");
  EXPECT_EQ(none.state(), C::NO_RULE);
  EXPECT_TRUE(none.ends_by().empty());
  ASSERT_EQ(none.requirements_size(), 3);
  for (const auto& requirement : none.requirements()) EXPECT_EQ(requirement.state(), R::NO_RULE);
}

TEST(CertificationTest, AKindWithoutACourseIsShownAndDoesNotCount) {
  const MadePolicy policy(kBasic);
  const C met = MadeRecord().Completed("basic", "2020-03-10").At(policy, "2030-01-01");
  EXPECT_EQ(met.state(), C::CURRENT);
  EXPECT_FALSE(met.has_current_through());
  EXPECT_FALSE(met.has_next_change_date());
  EXPECT_EQ(Find(met, "annual").state(), R::NO_RULE);
  EXPECT_EQ(Find(met, "refresher").state(), R::NO_RULE);
}

TEST(CertificationTest, AnUnknownTemplateLeavesOpenWhatDiffersByTemplate) {
  const MadePolicy policy(
      kBasic +
      CourseText("annual", "ANNUAL",
                 Every("anniversary_of_basic", "count: 1 unit: YEARS") + " templates: 'AAA-1'"));
  MadeRecord record = MadeRecord().Completed("basic", "2020-03-10");
  EXPECT_EQ(record.At(policy, "2020-06-01").state(), C::CURRENT);
  record.officer.clear_template_();
  const C open = record.At(policy, "2020-06-01", true);
  EXPECT_EQ(open.state(), C::UNKNOWN);
  EXPECT_EQ(open.ends_by(), "annual");
  EXPECT_EQ(Find(open, "basic").state(), R::MET);
  EXPECT_THAT(open.cures(), ::testing::ElementsAre("record which text the agreement has"));
}

TEST(CertificationTest, FactsDoNotCountBeforeTheirDay) {
  const MadeRecord record = MadeRecord().Completed("basic", "2020-03-10");
  EXPECT_EQ(record.At(Whole(), "2020-03-09").state(), C::NOT_CERTIFIED);
  EXPECT_EQ(Text(record.At(Whole(), "2020-03-09").next_change_date()), "2020-03-10");
  EXPECT_EQ(record.At(Whole(), "2020-03-10").state(), C::CURRENT);
}

TEST(CertificationTest, VoidedCompletionsNeverCounted) {
  const MadeRecord record = Trained().Voided(1, "2022-01-01");
  EXPECT_EQ(record.At(Whole(), "2020-06-01").state(), C::NOT_CERTIFIED);
}

TEST(CertificationTest, AnAgencysOfficerWhoMovesKeepsWhatWasCompleted) {
  MadeRecord record = Trained();
  record.officer.set_agreement("agreements/two");
  record.officer.set_agency("agencies/two");
  record.officer.clear_certification_date();
  EXPECT_EQ(record.At(Whole(), "2021-06-01").state(), C::CURRENT);
}

// ---- Exams ---------------------------------------------------------------------------------

TEST(CertificationTest, OneRemedialExamIsAllowed) {
  const MadeRecord record =
      MadeRecord().Failed("basic", "2020-03-01").Completed("basic", "2020-03-05");
  EXPECT_EQ(record.At(Whole(), "2020-03-05").state(), C::CURRENT);
}

TEST(CertificationTest, TwoFailuresDisqualifyForGood) {
  const MadeRecord record = MadeRecord()
                                .Failed("basic", "2020-03-01")
                                .Failed("basic", "2020-03-05")
                                .Completed("basic", "2020-03-10");
  const C out = record.At(Whole(), "2020-06-01", true);
  EXPECT_EQ(out.state(), C::NOT_CERTIFIED);
  EXPECT_EQ(Find(out, "basic").cure(), "disqualified from basic: no further exam is allowed");
  EXPECT_EQ(*WhyNoMoreAttempts(Whole().course("basic"), record.completions),
            "2 failed exams disqualify");
}

TEST(CertificationTest, ARecordedDisqualificationEndsTheCourse) {
  const MadeRecord record = MadeRecord()
                                .Completed("basic", "2020-03-01", v1::Completion::DISQUALIFIED)
                                .Completed("basic", "2020-03-10");
  EXPECT_EQ(Counting(record.completions).size(), 1u);
  EXPECT_EQ(record.At(Whole(), "2020-06-01").state(), C::NOT_CERTIFIED);
  EXPECT_EQ(*WhyNoMoreAttempts(Whole().course("basic"), record.completions),
            "disqualified for good");
}

TEST(CertificationTest, AttemptsByTheExamRule) {
  const MadePolicy policy(CourseText("retake", "BASIC", "exam { pass_percent: 70 retakes: 1 }") +
                          CourseText("free", "BASIC"));
  const auto why = [&policy](const std::string& course, int failures) {
    MadeRecord record;
    for (int i = 0; i < failures; ++i) record.Failed(course, "2020-01-01");
    return WhyNoMoreAttempts(policy.course(course), record.completions);
  };
  EXPECT_FALSE(why("retake", 0).has_value());
  EXPECT_FALSE(why("retake", 1).has_value());
  EXPECT_EQ(*why("retake", 2), "1 further exams are allowed after a failed one");
  EXPECT_FALSE(why("free", 5).has_value());
}

TEST(CertificationTest, FailuresSinceTheLastPassDisqualify) {
  const auto by = [](const MadeRecord& record) -> std::string {
    const v1::Completion* disqualified =
        CountExams(Whole().course("basic"), record.completions).disqualified();
    return disqualified == nullptr ? "" : disqualified->name();
  };
  EXPECT_EQ(by(MadeRecord().Failed("basic", "2020-03-01")), "");
  // By date, however they came on record; of this course.
  const MadeRecord twice = MadeRecord()
                               .Failed("basic", "2020-03-05")
                               .Failed("basic", "2020-03-01")
                               .Failed("other", "2020-02-01");
  EXPECT_EQ(by(twice), "completions/1");
  EXPECT_EQ(by(MadeRecord(twice).Completed("basic", "2020-03-03")), "");
  EXPECT_EQ(by(MadeRecord(twice).Completed("basic", "2020-03-09")), "completions/1");
  EXPECT_EQ(by(MadeRecord(twice).Voided(2, "2020-04-01")), "");
  EXPECT_EQ(by(MadeRecord().Completed("basic", "2020-03-01", v1::Completion::DISQUALIFIED)),
            "completions/1");
}

// ---- Waivers -------------------------------------------------------------------------------

TEST(CertificationTest, AWaiverHoldsFromItsFirstToItsLastDay) {
  const MadeRecord record = Trained().Waived("refresher", "2022-04-01", "2022-04-30");
  EXPECT_EQ(record.At(Whole(), "2022-03-31").state(), C::LAPSED);
  EXPECT_EQ(Text(record.At(Whole(), "2022-03-31").next_change_date()), "2022-04-01");
  const C first = record.At(Whole(), "2022-04-01");
  EXPECT_EQ(first.state(), C::CURRENT);
  EXPECT_EQ(Find(first, "refresher").state(), R::WAIVED);
  EXPECT_EQ(Find(first, "refresher").fact(), "waivers/1");
  EXPECT_EQ(Text(first.current_through()), "2022-04-30");
  const C after = record.At(Whole(), "2022-05-01");
  EXPECT_EQ(after.state(), C::LAPSED);
  EXPECT_EQ(Text(Find(after, "refresher").met_through()), "2022-04-30");
}

TEST(CertificationTest, AWaiverOnRecordForLaterCarriesOn) {
  const MadeRecord joined = Trained().Waived("refresher", "2022-03-11", "2022-12-31");
  EXPECT_EQ(Text(joined.At(Whole(), "2021-06-01").current_through()), "2022-12-31");
  const MadeRecord apart = Trained().Waived("refresher", "2022-03-12", "2022-12-31");
  EXPECT_EQ(Text(apart.At(Whole(), "2021-06-01").current_through()), "2022-03-10");
}

TEST(CertificationTest, AWaivedBasicCourseIsCountedFromTheWaiver) {
  const MadeRecord record = MadeRecord().Waived("basic", "2020-03-10", "2029-12-31");
  const C waived = record.At(Whole(), "2020-06-01");
  EXPECT_EQ(waived.state(), C::CURRENT);
  EXPECT_EQ(Text(waived.current_through()), "2021-03-10");
}

// ---- Retired courses -----------------------------------------------------------------------

std::string Retired(const std::string& replaced_by) {
  return kBasic + kRefresher +
         CourseText("annual", "ANNUAL",
                    Every("anniversary_of_basic", "count: 1 unit: YEARS") +
                        " window_days: 180 retirement { date { year: 2021 month: 6 day: 1 } " +
                        replaced_by + " }");
}

TEST(CertificationTest, ARetiredCourseWithNothingInItsPlaceNeedsAWaiver) {
  const MadePolicy policy(Retired(""));
  MadeRecord record = MadeRecord()
                          .Completed("basic", "2020-03-10")
                          .Completed("refresher", "2022-03-01")
                          .Completed("annual", "2021-02-01")
                          .Completed("annual", "2022-02-01");
  EXPECT_EQ(record.At(policy, "2022-03-10").state(), C::CURRENT);
  const C lapsed = record.At(policy, "2022-03-11", true);
  EXPECT_EQ(lapsed.state(), C::LAPSED);
  EXPECT_EQ(lapsed.ends_by(), "annual");
  EXPECT_THAT(lapsed.cures(),
              ::testing::ElementsAre(
                  "annual is not offered since 2021-06-01 and nothing takes its place: a waiver is "
                  "needed"));
  EXPECT_THAT(Find(lapsed, "annual").steps(),
              ::testing::Contains("completions/4 of 2022-02-01 is of annual, which was not offered "
                                  "then: not counted"));
  record.Waived("annual", "2022-03-11", "2023-01-31");
  EXPECT_EQ(Text(record.At(policy, "2022-03-11").current_through()), "2023-01-31");
}

TEST(CertificationTest, WhatTakesTheRetiredCoursesPlaceCountsFromThenOn) {
  const MadePolicy policy(
      Retired("replaced_by: 'successor'") +
      CourseText("successor", "ANNUAL",
                 Every("anniversary_of_basic", "count: 1 unit: YEARS") + " window_days: 180"));
  MadeRecord record = MadeRecord()
                          .Completed("basic", "2020-03-10")
                          .Completed("refresher", "2022-03-01")
                          .Completed("annual", "2021-02-01")
                          .Completed("successor", "2021-02-01");
  // Before it is retired, both bind; after that, the one stands for the other.
  EXPECT_EQ(Find(record.At(policy, "2021-05-31"), "successor").state(), R::MET);
  const C after = record.At(policy, "2021-06-01");
  EXPECT_TRUE(Find(after, "successor").code().empty());
  EXPECT_EQ(Text(after.current_through()), "2022-03-10");
  EXPECT_THAT(record.At(policy, "2022-03-11").cures(),
              ::testing::ElementsAre("complete successor"));
  record.Completed("successor", "2022-02-01");
  EXPECT_EQ(record.At(policy, "2022-03-11").state(), C::CURRENT);
  EXPECT_EQ(Find(record.At(policy, "2022-03-11"), "annual").fact(), "completions/5");
}

// ---- Spacing, policies, explanations -------------------------------------------------------

TEST(CertificationTest, ACompletionTooSoonIsOnRecordAndTheNextDayIsTold) {
  const MadePolicy policy(kBasic + CourseText("refresher", "REFRESHER",
                                              Every("after_completion", "count: 2 unit: YEARS") +
                                                  Spacing("count: 2 unit: YEARS")));
  const MadeRecord record = MadeRecord()
                                .Completed("basic", "2018-01-01")
                                .Completed("refresher", "2020-01-01")
                                .Completed("refresher", "2021-12-31");
  const C current = record.At(policy, "2021-12-31", true);
  EXPECT_EQ(Text(current.current_through()), "2022-01-01");
  EXPECT_EQ(Text(Find(current, "refresher").not_before_date()), "2022-01-01");
  EXPECT_THAT(
      Find(current, "refresher").steps(),
      ::testing::Contains("completions/3 of 2021-12-31 came less than 2 years after the one "
                          "before: on record, not counted"));
  EXPECT_EQ(record.At(policy, "2022-01-02").state(), C::LAPSED);
}

// Nothing on record is passed over in silence.
TEST(CertificationTest, WhatWasLookedAtAndDoesNotCountIsTold) {
  MadeRecord record = MadeRecord()
                          .Completed("basic", "2020-03-10")
                          .Voided(1, "2020-04-01")
                          .Failed("basic", "2020-05-01")
                          .Waived("basic", "2020-06-01", "2020-06-30")
                          .Waived("basic", "2021-07-01", "2021-07-31")
                          .Waived("annual", "2020-06-01", "2020-06-30");
  record.completions[1].set_reason("of somebody else");
  *record.officer.mutable_certification_date() = ToProto(On("2020-03-20"));
  *record.officer.mutable_authorization_date() = ToProto(On("2021-06-02"));
  const C explained = record.At(Whole(), "2021-06-01", true);
  EXPECT_THAT(
      Find(explained, "basic").steps(),
      ::testing::ElementsAre("basic: once, before certification",
                             "completions/1 of 2020-03-10, passed, was voided by completions/2 (of "
                             "somebody else): not "
                             "counted",
                             "completions/3 of 2020-05-01, attempt 1, was failed: not counted",
                             "waivers/1 waives basic from 2020-06-01 through 2020-06-30: ended",
                             "waivers/2 waives basic from 2021-07-01 through 2021-07-31: not begun",
                             "lapsed: met through 2020-06-30 and not since"));
  EXPECT_THAT(
      Find(explained, "annual").steps(),
      ::testing::Contains("waivers/3 waives annual from 2020-06-01 through 2020-06-30: ended"));
  EXPECT_THAT(
      explained.inputs(),
      ::testing::ElementsAre("model AAA, text AAA-1 (agreements/one)", "certification: 2020-03-20",
                             "authorization letter: not by this day (2021-06-02)",
                             "Form 70-006: not on record", "credentials issued: not on record",
                             "credentials returned: not on record"));
  EXPECT_EQ(record.At(Whole(), "2021-06-01").inputs_size(), 0);
  // Of days to come nothing is told.
  EXPECT_THAT(Find(record.At(Whole(), "2020-03-09", true), "basic").steps(),
              ::testing::Not(::testing::Contains(::testing::HasSubstr("voided"))));
}

TEST(CertificationTest, AVoidedBasicCourseIsNotPassedOffAsMissing) {
  MadeRecord record = MadeRecord().Completed("basic", "2020-03-10").Voided(1, "2020-04-01");
  *record.officer.mutable_certification_date() = ToProto(On("2020-03-20"));
  const auto steps = Find(record.At(Whole(), "2021-06-01", true), "basic").steps();
  EXPECT_THAT(steps, ::testing::Contains("unknown: papers say certified, and no completion of it "
                                         "counts"));
  EXPECT_THAT(steps, ::testing::Contains(::testing::HasSubstr("voided by completions/2")));
}

TEST(CertificationTest, AWaiverThatIsNotNeededIsTold) {
  const C explained =
      Trained().Waived("annual", "2021-05-01", "2021-07-01").At(Whole(), "2021-06-01", true);
  EXPECT_THAT(Find(explained, "annual").steps(),
              ::testing::Contains("waivers/1 waives annual from 2021-05-01 through 2021-07-01: "
                                  "holds, and is not what it rests on"));
}

// The same facts by the version that holds on the day.
TEST(CertificationTest, AnotherVersionOfThePolicyIsAnotherVerdict) {
  const MadePolicy stricter(
      kBasic + kRefresher + kAnnual +
      CourseText("new", "ANNUAL", "recurrence { fiscal_date { month: 5 day: 31 } }"));
  EXPECT_EQ(Trained().At(Whole(), "2021-06-01").state(), C::CURRENT);
  const C other = Trained().At(stricter, "2021-06-01");
  EXPECT_EQ(other.state(), C::LAPSED);
  EXPECT_EQ(other.ends_by(), "new");
}

TEST(CertificationTest, TellsTheNextThreeDates) {
  const C current = Trained().At(Whole(), "2021-06-01");
  ASSERT_EQ(current.next_dates_size(), 3);
  EXPECT_EQ(Text(current.next_dates(0).date()), "2021-09-11");
  EXPECT_EQ(current.next_dates(0).what(), "annual counts for the next period from this day on");
  EXPECT_EQ(Text(current.next_dates(1).date()), "2022-02-08");
  EXPECT_EQ(Text(current.next_dates(2).date()), "2022-03-10");
  EXPECT_EQ(current.next_dates(2).what(), "annual is due; refresher is due");
}

TEST(CertificationTest, StepsOnlyWhenAskedFor) {
  EXPECT_EQ(Find(Trained().At(Whole(), "2021-06-01"), "basic").steps_size(), 0);
  const C explained = Trained().At(Whole(), "2021-06-01", true);
  EXPECT_THAT(Find(explained, "basic").steps(),
              ::testing::ElementsAre("basic: once, before certification",
                                     "met by completions/1, for good"));
  EXPECT_THAT(
      Find(explained, "annual").steps(),
      ::testing::ElementsAre("annual: due every 1 year on the anniversary of the basic course",
                             "counted from the basic course, 2020-03-10",
                             "from 2021-09-11 on, a completion counts for the next period",
                             "met by completions/2 through 2022-03-10",
                             "with what is recorded for later days, met through 2023-03-10"));
  EXPECT_THAT(Find(explained, "annual").sources(),
              ::testing::ElementsAre("policy v1, course annual", "DOC"));
}

TEST(CertificationTest, KeepPutsTheVerdictOnTheOfficer) {
  v1::Officer officer;
  Keep(Trained().At(Whole(), "2021-06-01"), officer);
  EXPECT_THAT(officer, PartiallyEqualsProto(R"pb(
                certification: CURRENT
                annual_training: CURRENT
                current_through { year: 2022 month: 3 day: 10 }
                ends_by: "refresher"
                next_change_date { year: 2022 month: 3 day: 11 }
                policy_version: "v1"
              )pb"));
  Keep(Trained().At(Whole(), "2023-03-11"), officer);
  EXPECT_EQ(officer.certification(), C::LAPSED);
  EXPECT_EQ(officer.annual_training(), C::LAPSED);
  EXPECT_FALSE(officer.has_current_through());
  EXPECT_FALSE(officer.has_next_change_date());
}

}  // namespace
}  // namespace accord::training
