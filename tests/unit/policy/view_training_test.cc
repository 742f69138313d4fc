// Whom the rules of a training policy bind.
#include "common/policy/view_training.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/policy/minimal_policy.h"
#include "tests/unit/policy/minimal_training.h"

namespace accord {
namespace {

class ViewTrainingTest : public testing::Test {
 protected:
  ViewTrainingTest() : file_(Parse()), view_(file_.versions(0)) {}

  static policy::v1::PolicyFile Parse() {
    policy::v1::PolicyFile file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kMinimalPolicy, &file));
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        kMinimalTraining, file.mutable_versions(0)->mutable_training_policy()));
    return file;
  }

  // Codes; those that only may bind end with "?".
  std::vector<std::string> Courses(const std::string& model, const std::string& code) const {
    std::vector<std::string> courses;
    for (const auto& bound : view_.CoursesFor(model, code)) {
      courses.push_back(bound.rule->code() + (bound.certain ? "" : "?"));
    }
    return courses;
  }

  const policy::v1::PolicyFile file_;
  const TrainingView view_;
};

TEST_F(ViewTrainingTest, FindsCoursesByCodeAndByAnyNameFolded) {
  EXPECT_EQ(view_.FindCourse("a-basic")->title(), "Basic A");
  EXPECT_EQ(view_.FindCourse("academy a"), nullptr);
  for (const char* name : {"A-BASIC", "basic  a", " Academy A "}) {
    ASSERT_NE(view_.FindCourseByPublishedName(name), nullptr) << name;
    EXPECT_EQ(view_.FindCourseByPublishedName(name)->code(), "a-basic") << name;
  }
  EXPECT_EQ(view_.FindCourseByPublishedName("Academy B"), nullptr);
}

TEST_F(ViewTrainingTest, CoursesBindByModelAndTemplate) {
  EXPECT_THAT(Courses("AAA", "AAA-1"),
              testing::ElementsAre("a-basic", "a-refresher", "a-annual", "a-yearly"));
  EXPECT_TRUE(Courses("BBB", "BBB-1").empty());
}

TEST_F(ViewTrainingTest, WithoutItsTemplateWhatDiffersByTemplateIsOpen) {
  for (const std::string code : {"", "AAA-9", "BBB-1"}) {
    EXPECT_THAT(Courses("AAA", code),
                testing::ElementsAre("a-basic", "a-refresher", "a-annual?", "a-yearly"))
        << code;
  }
  EXPECT_FALSE(view_.PapersFor("AAA", "").certain);
  EXPECT_TRUE(view_.PapersFor("AAA", "AAA-1").certain);
}

// Another text of the model, known to the policy, that the rule does not name.
TEST_F(ViewTrainingTest, AKnownTemplateThatIsNotNamedIsNotBound) {
  policy::v1::PolicyFile file = Parse();
  auto& other = *file.mutable_versions(0)->add_templates();
  other.set_code("AAA-2");
  other.set_model("AAA");
  const TrainingView view(file.versions(0));
  EXPECT_EQ(view.CoursesFor("AAA", "AAA-2").size(), 3u);
  EXPECT_EQ(view.PapersFor("AAA", "AAA-2").rule, nullptr);
}

TEST_F(ViewTrainingTest, TermsPapersCalendarsAndVerification) {
  EXPECT_EQ(view_.TermFor("BBB", "").rule->term().count(), 2);
  EXPECT_TRUE(view_.TermFor("BBB", "").certain);
  EXPECT_EQ(view_.TermFor("AAA", "AAA-1").rule, nullptr);
  EXPECT_EQ(view_.CalendarOf("a-basic")->closed_quarters(0), 1);
  EXPECT_EQ(view_.CalendarOf("a-annual"), nullptr);
  EXPECT_EQ(view_.lapse_policy()->notice_days_size(), 2);
  EXPECT_TRUE(view_.NeedsVerification("AAA"));
  EXPECT_FALSE(view_.NeedsVerification("BBB"));
}

TEST_F(ViewTrainingTest, WithoutATrainingPolicyNothingIsOnRecord) {
  policy::v1::PolicyFile file = Parse();
  file.mutable_versions(0)->clear_training_policy();
  const TrainingView view(file.versions(0));
  EXPECT_TRUE(view.CoursesFor("AAA", "AAA-1").empty());
  EXPECT_EQ(view.lapse_policy(), nullptr);
  EXPECT_EQ(view.annual_verification(), nullptr);
  EXPECT_FALSE(view.NeedsVerification("AAA"));
}

}  // namespace
}  // namespace accord
