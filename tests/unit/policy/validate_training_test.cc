// Every fault that a training policy can have, each told by its field.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/policy/validate.h"
#include "tests/unit/policy/minimal_policy.h"
#include "tests/unit/policy/minimal_training.h"
#include "tests/unit/policy/violated_fields.h"

namespace accord {
namespace {

using policy::v1::Course;
using policy::v1::PolicyFile;
using policy::v1::TimeLimit;
using policy::v1::TrainingPolicy;
using T = TrainingPolicy;

PolicyFile Minimal() {
  PolicyFile file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kMinimalPolicy, &file));
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      kMinimalTraining, file.mutable_versions(0)->mutable_training_policy()));
  return file;
}

TEST(ValidateTrainingTest, TheMinimalOneIsValid) {
  EXPECT_TRUE(ValidatePolicy(Minimal()).ok()) << ValidatePolicy(Minimal());
}

// One change that breaks it in exactly one field, named below "versions[0].training_policy".
struct Break {
  std::string title;
  std::function<void(T&)> breaks;
  std::string field;
};

TimeLimit& Every(T& t) {
  return *t.mutable_courses(1)->mutable_recurrence()->mutable_after_completion();
}

const std::vector<Break>& CourseBreaks() {
  static const auto* breaks = new std::vector<Break>{
      {"CodeForm", [](T& t) { t.mutable_courses(2)->set_code("A B"); }, ""},
      {"CodeTwice", [](T& t) { t.mutable_courses(1)->set_code("a-basic"); }, ".courses[1].code"},
      {"NoTitle", [](T& t) { t.mutable_courses(0)->clear_title(); }, ".courses[0].title"},
      {"NameOfTwo", [](T& t) { t.mutable_courses(1)->add_published_names("ACADEMY  a"); },
       ".courses[1].published_names[0]"},
      {"EmptyName", [](T& t) { t.mutable_courses(1)->add_published_names(" "); },
       ".courses[1].published_names[0]"},
      {"NoKind", [](T& t) { t.mutable_courses(1)->clear_kind(); }, ".courses[1].kind"},
      {"UnknownModel", [](T& t) { t.mutable_courses(0)->set_model("CCC"); }, ".courses[0].model"},
      {"TemplateOfAnother", [](T& t) { t.mutable_courses(0)->add_templates("BBB-1"); },
       ".courses[0].templates[0]"},
      {"TemplateTwice", [](T& t) { t.mutable_courses(2)->add_templates("AAA-1"); },
       ".courses[2].templates[1]"},
      {"Delivery", [](T& t) { t.mutable_courses(0)->set_delivery(Course::Delivery(9)); },
       ".courses[0].delivery"},
      {"NoLength", [](T& t) { t.mutable_courses(0)->mutable_length()->clear_count(); },
       ".courses[0].length.count"},
      {"NoLengthUnit", [](T& t) { t.mutable_courses(0)->mutable_length()->clear_unit(); },
       ".courses[0].length.unit"},
      {"PassMark", [](T& t) { t.mutable_courses(0)->mutable_exam()->set_pass_percent(101); },
       ".courses[0].exam.pass_percent"},
      {"Remedial", [](T& t) { t.mutable_courses(0)->mutable_exam()->set_remedial_exams(-1); },
       ".courses[0].exam.remedial_exams"},
      {"Retakes", [](T& t) { t.mutable_courses(0)->mutable_exam()->set_retakes(-1); },
       ".courses[0].exam.retakes"},
      {"Failures",
       [](T& t) { t.mutable_courses(0)->mutable_exam()->set_failures_that_disqualify(-1); },
       ".courses[0].exam.failures_that_disqualify"},
      {"BasicComesBack",
       [](T& t) { *t.mutable_courses(0)->mutable_recurrence() = t.courses(1).recurrence(); },
       ".courses[0].recurrence"},
      {"BasicWindow", [](T& t) { t.mutable_courses(0)->set_window_days(1); },
       ".courses[0].window_days"},
      {"NeverBack", [](T& t) { t.mutable_courses(1)->clear_recurrence(); },
       ".courses[1].recurrence"},
      {"NegativeWindow", [](T& t) { t.mutable_courses(1)->set_window_days(-1); },
       ".courses[1].window_days"},
      {"WindowOfAPeriod", [](T& t) { t.mutable_courses(2)->set_window_days(365); },
       ".courses[2].window_days"},
      {"Hours",
       [](T& t) {
         Every(t).set_unit(TimeLimit::HOURS);
         Every(t).set_count(10000);
       },
       ".courses[1].recurrence.after_completion.unit"},
      {"Weekends",
       [](T& t) {
         Every(t).set_unit(TimeLimit::DAYS);
         Every(t).set_count(400);
         Every(t).set_counting(TimeLimit::EXCLUDING_WEEKENDS);
       },
       ".courses[1].recurrence.after_completion.counting"},
      {"OtherEvent", [](T& t) { Every(t).set_from(policy::v1::INCIDENT); },
       ".courses[1].recurrence.after_completion.from"},
      {"Spacing", [](T& t) { t.mutable_courses(1)->mutable_minimum_spacing()->set_count(0); },
       ".courses[1].minimum_spacing.count"},
      {"LeapDay",
       [](T& t) {
         auto& due = *t.mutable_courses(3)->mutable_recurrence()->mutable_fiscal_date();
         due.set_month(2);
         due.set_day(29);
       },
       ".courses[3].recurrence.fiscal_date.day"},
      {"RetiredNoDay",
       [](T& t) { t.mutable_courses(3)->mutable_retirement()->mutable_date()->set_month(13); },
       ".courses[3].retirement.date"},
      {"SuccessorUnknown",
       [](T& t) { t.mutable_courses(3)->mutable_retirement()->set_replaced_by(0, "x"); },
       ".courses[3].retirement.replaced_by[0]"},
      {"SuccessorKind",
       [](T& t) { t.mutable_courses(3)->mutable_retirement()->set_replaced_by(0, "a-basic"); },
       ".courses[3].retirement.replaced_by[0]"},
      {"SuccessorItself",
       [](T& t) { t.mutable_courses(3)->mutable_retirement()->set_replaced_by(0, "a-yearly"); },
       ".courses[3].retirement.replaced_by[0]"},
      {"SuccessorTwice",
       [](T& t) { t.mutable_courses(3)->mutable_retirement()->add_replaced_by("a-annual"); },
       ".courses[3].retirement.replaced_by[1]"},
      {"NoSource", [](T& t) { t.mutable_courses(0)->clear_sources(); }, ".courses[0].sources"},
      {"UnknownSource", [](T& t) { t.mutable_courses(0)->set_sources(0, "X"); },
       ".courses[0].sources[0]"},
  };
  return *breaks;
}

const std::vector<Break>& OtherBreaks() {
  static const auto* breaks = new std::vector<Break>{
      {"TermOfNoModel", [](T& t) { t.mutable_authorization_terms(0)->set_model("CCC"); },
       ".authorization_terms[0].model"},
      {"TermFrom",
       [](T& t) {
         t.mutable_authorization_terms(0)->mutable_term()->set_from(policy::v1::INCIDENT);
       },
       ".authorization_terms[0].term.from"},
      {"TermTwice",
       [](T& t) {
         *t.add_authorization_terms() = t.authorization_terms(0);
         t.mutable_authorization_terms(1)->add_templates("BBB-1");
       },
       ".authorization_terms[1].templates[0]"},
      {"TermNoSource", [](T& t) { t.mutable_authorization_terms(0)->clear_sources(); },
       ".authorization_terms[0].sources"},
      {"NoPapers", [](T& t) { t.mutable_paper_requirements(0)->clear_papers(); },
       ".paper_requirements[0].papers"},
      {"PaperTwice",
       [](T& t) {
         t.mutable_paper_requirements(0)->add_papers(policy::v1::PaperRequirement::CERTIFICATION);
       },
       ".paper_requirements[0].papers[2]"},
      {"PaperNone",
       [](T& t) {
         t.mutable_paper_requirements(0)->set_papers(
             0, policy::v1::PaperRequirement::PAPER_UNSPECIFIED);
       },
       ".paper_requirements[0].papers[0]"},
      {"CalendarOfNone", [](T& t) { t.mutable_class_calendars(0)->set_course("x"); },
       ".class_calendars[0].course"},
      {"CalendarTwice", [](T& t) { *t.add_class_calendars() = t.class_calendars(0); },
       ".class_calendars[1].course"},
      {"FifthQuarter", [](T& t) { t.mutable_class_calendars(0)->set_closed_quarters(0, 5); },
       ".class_calendars[0].closed_quarters[0]"},
      {"NoQuarter", [](T& t) { t.mutable_class_calendars(0)->clear_closed_quarters(); },
       ".class_calendars[0].closed_quarters"},
      {"Grace", [](T& t) { t.mutable_lapse_policy()->set_grace_days(-1); },
       ".lapse_policy.grace_days"},
      {"Decision", [](T& t) { t.mutable_lapse_policy()->set_decision_target_days(0); },
       ".lapse_policy.decision_target_days"},
      {"LongWait", [](T& t) { t.mutable_lapse_policy()->set_long_wait_days(0); },
       ".lapse_policy.long_wait_days"},
      {"LadderRises", [](T& t) { t.mutable_lapse_policy()->set_notice_days(1, 90); },
       ".lapse_policy.notice_days[1]"},
      {"LadderBelowZero", [](T& t) { t.mutable_lapse_policy()->set_notice_days(1, -1); },
       ".lapse_policy.notice_days[1]"},
      {"AssumedNoField", [](T& t) { t.mutable_lapse_policy()->set_assumed(0, "grace"); },
       ".lapse_policy.assumed[0]"},
      {"YearUnset", [](T& t) { t.mutable_annual_verification()->clear_year(); },
       ".annual_verification.year"},
      {"VerifiesNobody", [](T& t) { t.mutable_annual_verification()->clear_models(); },
       ".annual_verification.models"},
      {"VerifiesNoModel", [](T& t) { t.mutable_annual_verification()->set_models(0, "C"); },
       ".annual_verification.models[0]"},
      {"VerifiesTwice", [](T& t) { t.mutable_annual_verification()->add_models("AAA"); },
       ".annual_verification.models[1]"},
  };
  return *breaks;
}

class ValidateTrainingBreakTest : public testing::TestWithParam<Break> {};

TEST_P(ValidateTrainingBreakTest, IsToldByItsField) {
  PolicyFile file = Minimal();
  GetParam().breaks(*file.mutable_versions(0)->mutable_training_policy());
  if (GetParam().title == "CodeForm") {
    // Whoever named it by its code is wrong now, too.
    EXPECT_THAT(ViolatedFields(file),
                testing::ElementsAre("versions[0].training_policy.courses[2].code",
                                     "versions[0].training_policy.courses[3].retirement."
                                     "replaced_by[0]"));
    return;
  }
  EXPECT_THAT(ViolatedFields(file),
              testing::ElementsAre("versions[0].training_policy" + GetParam().field));
}

std::string TitleOf(const testing::TestParamInfo<Break>& info) { return info.param.title; }

INSTANTIATE_TEST_SUITE_P(Courses, ValidateTrainingBreakTest, testing::ValuesIn(CourseBreaks()),
                         TitleOf);
INSTANTIATE_TEST_SUITE_P(Others, ValidateTrainingBreakTest, testing::ValuesIn(OtherBreaks()),
                         TitleOf);

// Two courses that take each other's place would leave nobody who knows what to take.
TEST(ValidateTrainingTest, SuccessorsDoNotGoInACircle) {
  PolicyFile file = Minimal();
  T& training = *file.mutable_versions(0)->mutable_training_policy();
  auto& retirement = *training.mutable_courses(2)->mutable_retirement();
  *retirement.mutable_date() = training.courses(3).retirement().date();
  retirement.add_replaced_by("a-yearly");
  EXPECT_THAT(
      ViolatedFields(file),
      testing::ElementsAre("versions[0].training_policy.courses[2].retirement.replaced_by[0]",
                           "versions[0].training_policy.courses[3].retirement.replaced_by[0]"));
}

// For whom the courses hold is said where there is something before them, and only there.
TEST(ValidateTrainingTest, ALaterVersionSaysForWhomItIs) {
  const std::string first = "versions[0].training_policy.applies_to";
  const std::string second = "versions[1].training_policy.applies_to";
  struct Case {
    bool before;  // Whether the version before has training.
    T::Applicability first;
    T::Applicability second;
    std::vector<std::string> violated;
  };
  const Case cases[] = {
      {true, T::APPLICABILITY_UNSPECIFIED, T::NEW, {}},
      {true, T::APPLICABILITY_UNSPECIFIED, T::OPEN, {}},
      {true, T::APPLICABILITY_UNSPECIFIED, T::ALL, {}},
      {true, T::APPLICABILITY_UNSPECIFIED, T::APPLICABILITY_UNSPECIFIED, {second}},
      {true, T::APPLICABILITY_UNSPECIFIED, static_cast<T::Applicability>(9), {second}},
      {true, T::ALL, T::ALL, {first}},
      {false, T::APPLICABILITY_UNSPECIFIED, T::APPLICABILITY_UNSPECIFIED, {}},
      {false, T::APPLICABILITY_UNSPECIFIED, T::ALL, {second}},
  };
  for (const Case& each : cases) {
    PolicyFile file = Minimal();
    *file.add_versions() = file.versions(0);
    file.mutable_versions(1)->set_id("v2");
    file.mutable_versions(1)->mutable_effective_from()->set_year(2030);
    file.mutable_versions(0)->mutable_training_policy()->set_applies_to(each.first);
    file.mutable_versions(1)->mutable_training_policy()->set_applies_to(each.second);
    if (!each.before) file.mutable_versions(0)->clear_training_policy();
    EXPECT_EQ(ViolatedFields(file), each.violated)
        << each.before << T::Applicability_Name(each.first) << T::Applicability_Name(each.second);
  }
}

TEST(ValidateTrainingTest, AllFaultsAreToldAtOnce) {
  PolicyFile file = Minimal();
  T& training = *file.mutable_versions(0)->mutable_training_policy();
  training.mutable_courses(0)->clear_title();
  training.mutable_lapse_policy()->set_grace_days(-1);
  training.mutable_annual_verification()->clear_sources();
  EXPECT_EQ(ViolatedFields(file).size(), 3u);
}

}  // namespace
}  // namespace accord
