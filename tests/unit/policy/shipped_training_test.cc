// The training policy that ships, against facts of the documents it cites.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/policy/policy.h"

namespace accord {
namespace {

using policy::v1::Course;
using policy::v1::PaperRequirement;
using policy::v1::TimeLimit;

class ShippedTrainingTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto policy = Policy::Load(std::string(ACCORD_SOURCE_DIR) + "/deploy/policy/287g.textproto");
    ASSERT_TRUE(policy.ok()) << policy.status();
    policy_ = *policy;
  }
  static void TearDownTestSuite() { policy_.reset(); }

  static const TrainingView& View() { return (*policy_->At(MakeDate(2025, 7, 2)))->training(); }
  static const Course& Find(const std::string& code) {
    const Course* course = View().FindCourse(code);
    EXPECT_NE(course, nullptr) << code;
    return course != nullptr ? *course : Course::default_instance();
  }

  static std::shared_ptr<const Policy> policy_;
};

std::shared_ptr<const Policy> ShippedTrainingTest::policy_;

TEST_F(ShippedTrainingTest, OnlyTheJailModelHasAnythingBesideItsBasicCourse) {
  const auto codes = [](const std::string& model) {
    std::vector<std::string> codes;
    for (const auto& bound : View().CoursesFor(model, "")) {
      EXPECT_TRUE(bound.certain) << bound.rule->code();
      codes.push_back(bound.rule->code());
    }
    return codes;
  };
  EXPECT_THAT(codes("JEM"), testing::SizeIs(10));
  EXPECT_THAT(codes("WSO"), testing::ElementsAre("wso-basic"));
  EXPECT_THAT(codes("TFM"), testing::ElementsAre("tfm-basic"));
}

TEST_F(ShippedTrainingTest, ExamsAreTheAgreements) {
  const auto& jem = Find("jem-basic").exam();
  EXPECT_EQ(jem.pass_percent(), 70);
  EXPECT_EQ(jem.remedial_exams(), 1);
  EXPECT_EQ(jem.failures_that_disqualify(), 2);
  const auto& wso = Find("wso-basic").exam();
  EXPECT_EQ(wso.pass_percent(), 70);
  EXPECT_EQ(wso.retakes(), 1);
  EXPECT_EQ(wso.failures_that_disqualify(), 2);
  EXPECT_FALSE(Find("tfm-basic").has_exam());
  EXPECT_EQ(Find("tfm-basic").delivery(), Course::ANY);
}

TEST_F(ShippedTrainingTest, TheRefresherIsDueAndSpacedByTwoYears) {
  const Course& refresher = Find("jem-refresher");
  EXPECT_EQ(refresher.recurrence().after_completion().count(), 2);
  EXPECT_EQ(refresher.recurrence().after_completion().unit(), TimeLimit::YEARS);
  EXPECT_EQ(refresher.minimum_spacing().count(), 2);
  EXPECT_EQ(refresher.minimum_spacing().unit(), TimeLimit::YEARS);
  EXPECT_EQ(refresher.length().count(), 1);
}

TEST_F(ShippedTrainingTest, ThereAreEightAnnualCourses) {
  int annual = 0;
  for (const auto& bound : View().CoursesFor("JEM", "JEM-2020")) {
    if (bound.rule->kind() != Course::ANNUAL) continue;
    ++annual;
    EXPECT_EQ(bound.rule->recurrence().anniversary_of_basic().count(), 1) << bound.rule->code();
    EXPECT_THAT(bound.rule->sources(), testing::Contains("OIG-18-77")) << bound.rule->code();
    EXPECT_THAT(bound.rule->note(), testing::HasSubstr("assumed")) << bound.rule->code();
    // The report says that courses were withdrawn, and not which.
    EXPECT_FALSE(bound.rule->has_retirement()) << bound.rule->code();
  }
  EXPECT_EQ(annual, 8);
  EXPECT_EQ(View().FindCourseByPublishedName("OPSEC")->code(), "annual-operations-security");
}

TEST_F(ShippedTrainingTest, OnlyTaskForceAuthorizationsRunOut) {
  EXPECT_EQ(View().TermFor("TFM", "").rule->term().count(), 2);
  EXPECT_EQ(View().TermFor("JEM", "JEM-2025-02-15").rule, nullptr);
  EXPECT_EQ(View().TermFor("WSO", "WSO-2019").rule, nullptr);
}

TEST_F(ShippedTrainingTest, PapersWhereTheAgreementsNameThem) {
  for (const std::string model : {"JEM", "WSO"}) {
    EXPECT_THAT(View().PapersFor(model, "").rule->papers(),
                testing::ElementsAre(PaperRequirement::CERTIFICATION,
                                     PaperRequirement::AUTHORIZATION_LETTER,
                                     PaperRequirement::FORM_70_006, PaperRequirement::CREDENTIALS))
        << model;
  }
  EXPECT_EQ(View().PapersFor("TFM", "TFM-2025-02-12").rule, nullptr);
}

TEST_F(ShippedTrainingTest, NoBasicClassBeginsInTheFirstQuarter) {
  EXPECT_THAT(View().CalendarOf("jem-basic")->closed_quarters(), testing::ElementsAre(1));
  EXPECT_EQ(View().CalendarOf("wso-basic"), nullptr);
}

TEST_F(ShippedTrainingTest, WhatNoSourceStatesSaysThatItIsAssumed) {
  const auto& lapse = *View().lapse_policy();
  EXPECT_EQ(lapse.grace_days(), 0);
  EXPECT_THAT(lapse.notice_days(), testing::ElementsAre(90, 30, 7, 1));
  EXPECT_THAT(lapse.assumed(), testing::UnorderedElementsAre("grace_days", "decision_target_days",
                                                             "notice_days", "long_wait_days"));
  EXPECT_THAT(View().annual_verification()->assumed(), testing::ElementsAre("year"));
  EXPECT_TRUE(View().NeedsVerification("JEM"));
  EXPECT_FALSE(View().NeedsVerification("TFM"));
}

}  // namespace
}  // namespace accord
