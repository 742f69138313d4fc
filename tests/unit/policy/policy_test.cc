#include "common/policy/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "common/policy/policy_view.h"
#include "tests/unit/policy/minimal_policy.h"

namespace accord {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::shared_ptr<const Policy> Minimal() {
  auto policy = Policy::Parse(kMinimalPolicy, "minimal");
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

std::string TwoVersions() {
  const std::string first = kMinimalPolicy;
  const std::string versions = first.substr(first.find("versions {"));
  const std::string second = absl::StrReplaceAll(
      versions,
      {{"id: \"v1\"", "id: \"v2\""}, {"year: 2020 month: 1 day: 1", "year: 2022 month: 1 day: 1"}});
  return first + second;
}

TEST(PolicyTest, SyntaxErrorGivesLineAndColumn) {
  const auto policy = Policy::Parse("program_name: \"x\"\n  time_zone 5\n", "a.textproto");
  EXPECT_EQ(policy.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(GetReason(policy.status()), "POLICY_UNREADABLE");
  EXPECT_THAT(std::string(policy.status().message()), StartsWith("a.textproto:2:13: "));
}

TEST(PolicyTest, UnknownFieldGivesLineAndColumn) {
  const auto policy = Policy::Parse("program_name: \"x\"\n\nquota: 3\n", "a.textproto");
  EXPECT_EQ(GetReason(policy.status()), "POLICY_UNREADABLE");
  EXPECT_THAT(std::string(policy.status().message()), StartsWith("a.textproto:3:"));
  EXPECT_THAT(std::string(policy.status().message()), HasSubstr("quota"));
}

TEST(PolicyTest, InvalidPolicyNamesFileAndFields) {
  const auto policy = Policy::Parse("program_name: \"x\"", "a.textproto");
  EXPECT_EQ(GetReason(policy.status()), "INVALID_FIELDS");
  const std::string message(policy.status().message());
  EXPECT_THAT(message, StartsWith("a.textproto: "));
  EXPECT_THAT(message, HasSubstr("time_zone"));
  EXPECT_THAT(message, HasSubstr("versions"));
}

TEST(PolicyTest, MissingFileIsNotFound) {
  const auto policy = Policy::Load("/no/such/policy.textproto");
  EXPECT_EQ(policy.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(GetReason(policy.status()), "POLICY_FILE_MISSING");
}

TEST(PolicyTest, VersionHoldsFromItsFirstDayUntilTheNext) {
  const auto policy = Policy::Parse(TwoVersions(), "two");
  ASSERT_TRUE(policy.ok()) << policy.status();
  const Policy& two = **policy;
  EXPECT_EQ((*two.At(MakeDate(2020, 1, 1)))->id(), "v1");
  EXPECT_EQ((*two.At(MakeDate(2021, 12, 31)))->id(), "v1");
  EXPECT_EQ((*two.At(MakeDate(2022, 1, 1)))->id(), "v2");
  EXPECT_EQ((*two.At(MakeDate(2099, 1, 1)))->id(), "v2");
  EXPECT_EQ(two.versions().size(), 2u);
}

TEST(PolicyTest, NothingHoldsBeforeTheFirstVersion) {
  const auto policy = Minimal();
  const auto version = policy->At(MakeDate(2019, 12, 31));
  EXPECT_EQ(version.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(GetReason(version.status()), "POLICY_NOT_YET_IN_FORCE");
}

TEST(PolicyTest, DigestIsOfTheMeaning) {
  const std::string commented = std::string("# A comment.\n\n") + kMinimalPolicy;
  const std::string changed = absl::StrReplaceAll(kMinimalPolicy, {{"count: 48", "count: 47"}});
  EXPECT_EQ(Minimal()->digest().size(), 64u);
  EXPECT_EQ((*Policy::Parse(commented, "x"))->digest(), Minimal()->digest());
  EXPECT_NE((*Policy::Parse(changed, "x"))->digest(), Minimal()->digest());
}

TEST(PolicyTest, ZoneIsTheOneOfTheFile) {
  EXPECT_EQ(Minimal()->time_zone().name(), "America/New_York");
  EXPECT_EQ(Minimal()->program_name(), "Test program");
}

TEST(PolicyViewTest, FindsNamesHoweverTheyAreTyped) {
  const auto policy = Minimal();
  const PolicyView& view = *policy->versions().front();
  for (const std::string name : {"AAA", "aaa", "Model A ", "MODEL\xC2\xA0 A", "modell a"}) {
    const auto* model = view.FindModelByPublishedName(name);
    ASSERT_NE(model, nullptr) << name;
    EXPECT_EQ(model->code(), "AAA");
  }
  EXPECT_EQ(view.FindModelByPublishedName("Model C"), nullptr);
  EXPECT_EQ(view.FindState(" utahj")->code(), "UT");
  EXPECT_EQ(view.FindState("UTAH")->code(), "UT");
  EXPECT_EQ(view.FindState("ut")->code(), "UT");
  EXPECT_EQ(view.FindState("Ohio"), nullptr);
}

TEST(PolicyViewTest, FindsTemplatesByCodeAndStamp) {
  const auto policy = Minimal();
  const PolicyView& view = *policy->versions().front();
  EXPECT_EQ(view.FindTemplate("AAA-1")->title(), "First text");
  EXPECT_EQ(view.FindTemplate("AAA-2"), nullptr);
  EXPECT_EQ(view.FindTemplateByStamp("AAA", MakeDate(2020, 2, 1))->code(), "AAA-1");
  EXPECT_EQ(view.FindTemplateByStamp("BBB", MakeDate(2020, 2, 1))->code(), "BBB-1");
  EXPECT_EQ(view.FindTemplateByStamp("AAA", MakeDate(2020, 2, 2))->code(), "AAA-1");
  EXPECT_EQ(view.FindTemplateByStamp("BBB", MakeDate(2020, 2, 2)), nullptr);
}

TEST(PolicyViewTest, SilenceIsNoRule) {
  const auto policy = Minimal();
  const PolicyView& view = *policy->versions().front();
  EXPECT_EQ(view.FindDuty("AAA-1", "notice")->time_limit().count(), 48);
  EXPECT_EQ(view.FindDuty("BBB-1", "notice"), nullptr);
  EXPECT_EQ(view.FindDuty("CCC-1", "notice"), nullptr);
  EXPECT_EQ(view.Duties("AAA-1").size(), 2u);
  EXPECT_EQ(view.Duties("BBB-1").size(), 1u);
  EXPECT_TRUE(view.Duties("CCC-1").empty());
}

TEST(PolicyViewTest, SaysWhyAnAgencyCannotBePlaced) {
  using Reason = Placement::Reason;
  std::string text = kMinimalPolicy;
  text.insert(text.find("states {"),
              "states { code: \"AS\" name: \"American Samoa\" sources: \"DOC\" } ");
  const auto policy = *Policy::Parse(text, "x");
  const PolicyView& view = *policy->versions().front();
  EXPECT_EQ(view.PlaceFieldOffice("Ohio", "Adams").reason, Reason::kStateUnknown);
  EXPECT_EQ(view.PlaceFieldOffice("Texas", "").reason, Reason::kCountyNeeded);
  EXPECT_EQ(view.PlaceFieldOffice("Texas", "#N/A").reason, Reason::kCountyNeeded);
  EXPECT_EQ(view.PlaceFieldOffice("Texas", "Waller").reason, Reason::kCountyUnknown);
  EXPECT_EQ(view.PlaceFieldOffice("AS", "").reason, Reason::kNoOfficeForState);
  EXPECT_EQ(view.PlaceFieldOffice("AS", "").office, nullptr);
  EXPECT_EQ(ToString(Reason::kCountyNeeded), "county needed");
  const Placement placed = view.PlaceFieldOffice("TEXAS", "de witt  County ");
  EXPECT_EQ(placed.reason, Reason::kPlaced);
  EXPECT_EQ(placed.office->code(), "houston");
  EXPECT_EQ(view.PlaceFieldOffice("Utah", "anything").office->code(), "west");
}

TEST(PolicyViewTest, HolidaysFollowTheRulesOfTheFile) {
  const auto policy = Minimal();
  const HolidayCalendar& holidays = policy->versions().front()->holidays();
  EXPECT_TRUE(holidays.IsHoliday(MakeDate(2021, 12, 31)));   // Moved from a Saturday.
  EXPECT_TRUE(holidays.IsHoliday(MakeDate(2025, 10, 13)));   // Second Monday.
  EXPECT_FALSE(holidays.IsHoliday(MakeDate(2031, 10, 13)));  // After its last year.
  EXPECT_TRUE(holidays.IsHoliday(MakeDate(2025, 5, 25)));    // Last Sunday, not moved.
}

}  // namespace
}  // namespace accord
