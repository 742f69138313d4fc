// Which version's courses bind an officer, where a later one is not for everybody.
#include "services/training/applicability.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "common/policy/policy.h"
#include "tests/unit/training/course_policy.h"
#include "tests/unit/training/made_record.h"

namespace accord::training {
namespace {

using policy::v1::TrainingPolicy;
using ::testing::HasSubstr;
using T = TrainingPolicy;
using C = v1::Certification;

constexpr char kTraining[] = R"pb(
  training_policy {
    applies_to: $for
    courses { code: "aaa-basic" title: "Basic" kind: BASIC model: "AAA" sources: "DOC" }
    courses {
      code: "$annual"
      title: "Annual"
      kind: ANNUAL
      model: "AAA" $exam
      recurrence {
        after_completion {
          count: $months
          unit: MONTHS
          counting: EVERY_DAY
          from: PREVIOUS_OCCURRENCE
        }
      }
      sources: "DOC"
    }
  }
  approval_policy {)pb";

struct Version {
  std::string id;
  std::string from;  // "2026-01-01".
  std::string applies_to;
  std::string months;
  std::string annual = "annual";
  std::string exam = "";
};

// The minimal policy's version, once for each.
std::shared_ptr<const Policy> PolicyOf(const std::vector<Version>& versions) {
  const std::string minimal = kMinimalPolicy;
  const size_t begin = minimal.find("versions {");
  std::string text = minimal.substr(0, begin);
  for (const Version& version : versions) {
    const std::string training = absl::StrReplaceAll(
        kTraining,
        {{"$for", version.applies_to.empty() ? "APPLICABILITY_UNSPECIFIED" : version.applies_to},
         {"$annual", version.annual},
         {"$exam", version.exam},
         {"$months", version.months}});
    text += absl::StrReplaceAll(
        minimal.substr(begin),
        {{"id: \"v1\"", absl::StrCat("id: \"", version.id, "\"")},
         {"year: 2020 month: 1 day: 1", ToProto(On(version.from)).ShortDebugString()},
         {"approval_policy {", training}});
  }
  auto policy = Policy::Parse(text, "test");
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *std::move(policy);
}

// Certified on `certified` ("" is not yet), the annual course passed on `annual`.
MadeRecord RecordOf(const std::string& certified, const std::string& annual) {
  MadeRecord record;
  record.Completed("aaa-basic", "2024-02-01").Completed("annual", annual);
  if (!certified.empty()) *record.officer.mutable_certification_date() = ToProto(On(certified));
  return record;
}

std::string BoundBy(const MadeRecord& record, const Policy& policy, const std::string& day) {
  return record.At(policy.AtOrFirst(On(day)), On(day)).bound_by();
}

struct Case {
  std::string title;
  std::string applies_to;
  std::string certified;
  std::string annual;
  std::string day;
  std::string bound_by;
  C::State state;
};

// The annual course holds for 12 months, from 2026-01-01 on for 6.
TEST(ApplicabilityTest, AVersionBindsThoseItIsFor) {
  const Case cases[] = {
      {"all", "ALL", "2024-03-01", "2025-07-01", "2026-01-01", "v2", C::CURRENT},
      {"all, and lapsed by it", "ALL", "2024-03-01", "2025-06-01", "2026-01-01", "v2", C::LAPSED},
      {"new, certified before", "NEW", "2025-12-31", "2025-06-01", "2026-01-01", "v1", C::CURRENT},
      {"new, certified that day", "NEW", "2026-01-01", "2025-06-01", "2026-01-01", "v2", C::LAPSED},
      {"new, not certified yet", "NEW", "", "2025-06-01", "2026-01-01", "v2", C::LAPSED},
      {"new, long after", "NEW", "2025-12-31", "2029-06-01", "2030-05-31", "v1", C::CURRENT},
      {"open, current by the old one", "OPEN", "2024-03-01", "2025-01-01", "2026-01-01", "v2",
       C::LAPSED},
      {"open, lapsed the day before", "OPEN", "2024-03-01", "2024-12-31", "2026-01-01", "v1",
       C::LAPSED},
      {"open, lapsed and made good later", "OPEN", "2024-03-01", "2024-12-31", "2026-09-01", "v1",
       C::LAPSED},
      {"open, certified since", "OPEN", "2026-01-02", "2024-12-31", "2026-02-01", "v2", C::LAPSED},
      {"the day before, nobody", "ALL", "2024-03-01", "2025-06-01", "2025-12-31", "v1", C::CURRENT},
  };
  for (const Case& each : cases) {
    const auto policy =
        PolicyOf({{"v1", "2020-01-01", "", "12"}, {"v2", "2026-01-01", each.applies_to, "6"}});
    const C certification =
        RecordOf(each.certified, each.annual).At(policy->AtOrFirst(On(each.day)), On(each.day));
    EXPECT_EQ(certification.bound_by(), each.bound_by) << each.title;
    EXPECT_EQ(certification.state(), each.state) << each.title;
    EXPECT_EQ(certification.policy_version(), each.day < "2026" ? "v1" : "v2") << each.title;
    EXPECT_EQ(certification.bound_because().empty(), each.day < "2026" || each.bound_by == "v2")
        << each.title;
  }
}

TEST(ApplicabilityTest, VersionsThatAreForSomeAreFollowedBackUntilOneIsForThem) {
  const auto policy = PolicyOf({{"v1", "2020-01-01", "", "12"},
                                {"v2", "2024-01-01", "NEW", "9"},
                                {"v3", "2026-01-01", "NEW", "6"},
                                {"v4", "2028-01-01", "ALL", "3"}});
  const std::string annual = "2025-12-01";
  EXPECT_EQ(BoundBy(RecordOf("2023-12-31", annual), *policy, "2026-05-01"), "v1");
  EXPECT_EQ(BoundBy(RecordOf("2024-01-01", annual), *policy, "2026-05-01"), "v2");
  EXPECT_EQ(BoundBy(RecordOf("2026-01-01", annual), *policy, "2026-05-01"), "v3");
  for (const char* certified : {"2023-12-31", "2024-01-01", "2026-01-01"}) {
    EXPECT_EQ(BoundBy(RecordOf(certified, annual), *policy, "2028-01-01"), "v4");
  }
}

TEST(ApplicabilityTest, ItSaysWhyAnEarlierOneBinds) {
  const auto policy = PolicyOf({{"v1", "2020-01-01", "", "12"}, {"v2", "2026-01-01", "NEW", "6"}});
  const C certification = RecordOf("2024-03-01", "2025-12-01")
                              .At(policy->AtOrFirst(On("2026-05-01")), On("2026-05-01"), true);
  EXPECT_THAT(certification.bound_because(),
              HasSubstr("version v2 is for NEW officers; this one was certified on 2024-03-01, "
                        "before its first day, 2026-01-01"));
  for (const v1::Requirement& requirement : certification.requirements()) {
    if (requirement.code() != "annual") continue;
    EXPECT_EQ(requirement.sources(0), "policy v1, course annual");
  }
}

// Who is bound by the old version must be able to take its courses.
TEST(ApplicabilityTest, CoursesOfAVersionThatStillBindsAreInForce) {
  const std::vector<Version> versions = {{"v1", "2020-01-01", "", "12"},
                                         {"v2", "2026-01-01", "NEW", "6", "annual-new"}};
  const auto policy = PolicyOf(versions);
  const PolicyView& later = policy->AtOrFirst(On("2026-05-01"));
  ASSERT_NE(later.FindCourse("annual"), nullptr);
  ASSERT_NE(later.FindCourseByPublishedName("annual-new"), nullptr);
  ASSERT_NE(later.FindCourseByPublishedName("ANNUAL"), nullptr);
  EXPECT_EQ(later.FindCourse("never"), nullptr);
  std::vector<std::string> codes;
  for (const policy::v1::Course* course : later.CoursesInForce()) codes.push_back(course->code());
  EXPECT_THAT(codes, ::testing::ElementsAre("aaa-basic", "annual-new", "annual"));

  std::vector<Version> for_all = versions;
  for_all[1].applies_to = "ALL";
  const auto other = PolicyOf(for_all);
  EXPECT_EQ(other->AtOrFirst(On("2026-05-01")).FindCourse("annual"), nullptr);
}

TEST(ApplicabilityTest, ACourseIsWeighedByTheVersionThatBinds) {
  const auto policy =
      PolicyOf({{"v1", "2020-01-01", "", "12", "annual", "exam { pass_percent: 70 }"},
                {"v2", "2026-01-01", "NEW", "12", "annual", "exam { pass_percent: 90 }"}});
  const PolicyView& later = policy->AtOrFirst(On("2026-05-01"));
  const policy::v1::Course& named = *later.FindCourse("annual");
  const MadeRecord before = RecordOf("2024-03-01", "2025-12-01");
  const MadeRecord after = RecordOf("2026-03-01", "2025-12-01");
  const auto pass_percent = [&](const MadeRecord& record) {
    return CourseFor({record.officer, record.completions, record.waivers}, later, named)
        .exam()
        .pass_percent();
  };
  EXPECT_EQ(pass_percent(before), 70);
  EXPECT_EQ(pass_percent(after), 90);
}

}  // namespace
}  // namespace accord::training
