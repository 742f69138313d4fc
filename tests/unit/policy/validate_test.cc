#include "common/policy/validate.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/unit/policy/minimal_policy.h"
#include "tests/unit/policy/violated_fields.h"

namespace accord {
namespace {

using policy::v1::PolicyFile;
using policy::v1::PolicyVersion;

PolicyFile Minimal() {
  PolicyFile file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kMinimalPolicy, &file));
  return file;
}

// One change that breaks the minimal policy in exactly one field.
struct BreakCase {
  std::string title;
  std::function<void(PolicyFile&)> breaks;
  std::string field;  // Below "versions[0]." where it starts with a dot.
};

std::string FullField(const BreakCase& c) {
  return c.field[0] == '.' ? "versions[0]" + c.field : c.field;
}

BreakCase InVersion(std::string title, std::function<void(PolicyVersion&)> breaks,
                    std::string field) {
  return {std::move(title),
          [breaks = std::move(breaks)](PolicyFile& file) { breaks(*file.mutable_versions(0)); },
          std::move(field)};
}

const std::vector<BreakCase>& AllCases() {
  using V = PolicyVersion;
  static const auto* cases = new std::vector<BreakCase>{
      {"NoProgramName", [](PolicyFile& f) { f.clear_program_name(); }, "program_name"},
      {"NoZone", [](PolicyFile& f) { f.clear_time_zone(); }, "time_zone"},
      {"UnknownZone", [](PolicyFile& f) { f.set_time_zone("Mars/Olympus"); }, "time_zone"},
      {"NoVersions", [](PolicyFile& f) { f.clear_versions(); }, "versions"},
      InVersion(
          "NoId", [](V& v) { v.clear_id(); }, ".id"),
      InVersion(
          "NoDate", [](V& v) { v.clear_effective_from(); }, ".effective_from"),
      InVersion(
          "ImpossibleDate", [](V& v) { v.mutable_effective_from()->set_month(13); },
          ".effective_from"),
      InVersion(
          "SourceWithoutDocument", [](V& v) { v.mutable_sources(0)->clear_document(); },
          ".sources[0].document"),
      InVersion(
          "SourceTwice", [](V& v) { *v.add_sources() = v.sources(0); }, ".sources[1].key"),
      InVersion(
          "NoSource", [](V& v) { v.mutable_models(0)->clear_sources(); }, ".models[0].sources"),
      InVersion(
          "UnknownSource", [](V& v) { v.mutable_duties(1)->set_sources(0, "X"); },
          ".duties[1].sources[0]"),
      InVersion(
          "ModelCodeForm",
          [](V& v) {
            v.add_models()->CopyFrom(v.models(0));
            v.mutable_models(2)->set_code("c c");
            v.mutable_models(2)->set_display_name("C");
            v.mutable_models(2)->clear_published_names();
          },
          ".models[2].code"),
      InVersion(
          "ModelWithoutName", [](V& v) { v.mutable_models(0)->clear_display_name(); },
          ".models[0].display_name"),
      InVersion(
          "NameOfTwoModels", [](V& v) { v.mutable_models(1)->add_published_names("MODEL  A "); },
          ".models[1].published_names[0]"),
      InVersion(
          "UnknownModel", [](V& v) { v.mutable_templates(0)->set_model("CCC"); },
          ".templates[0].model"),
      InVersion(
          "TemplateWithoutTitle", [](V& v) { v.mutable_templates(0)->clear_title(); },
          ".templates[0].title"),
      InVersion(
          "TemplateTwice",
          [](V& v) {
            *v.add_templates() = v.templates(0);
            v.mutable_templates(2)->clear_stamp();
            v.mutable_templates(2)->clear_alternate_stamps();
          },
          ".templates[2].code"),
      InVersion(
          "TemplateWithoutSigning",
          [](V& v) { v.mutable_templates(0)->clear_first_known_signing(); },
          ".templates[0].first_known_signing"),
      InVersion(
          "PartialStamp", [](V& v) { v.mutable_templates(0)->mutable_stamp()->set_day(0); },
          ".templates[0].stamp"),
      InVersion(
          "StampOfTwoTexts",
          [](V& v) {
            *v.mutable_templates(0)->mutable_alternate_stamps(0)->mutable_stamp() =
                v.templates(0).stamp();
          },
          ".templates[0].alternate_stamps[0].stamp"),
      InVersion(
          "DutyCodeForm", [](V& v) { v.mutable_duties(0)->set_code("Notice"); }, ".duties[0].code"),
      InVersion(
          "DutyWithoutTitle", [](V& v) { v.mutable_duties(0)->clear_title(); }, ".duties[0].title"),
      InVersion(
          "DutyWithoutWords", [](V& v) { v.mutable_duties(0)->clear_words(); }, ".duties[0].words"),
      InVersion(
          "DutyOwedByNobody", [](V& v) { v.mutable_duties(0)->clear_owed_by(); },
          ".duties[0].owed_by"),
      InVersion(
          "DutyOwedToNobody", [](V& v) { v.mutable_duties(0)->clear_owed_to(); },
          ".duties[0].owed_to"),
      InVersion(
          "DutyWithoutValue", [](V& v) { v.mutable_duties(0)->clear_value(); }, ".duties[0].value"),
      InVersion(
          "DutyOfEmptyText", [](V& v) { v.mutable_duties(0)->set_text(""); }, ".duties[0].text"),
      InVersion(
          "DutyBindsNothing", [](V& v) { v.mutable_duties(0)->clear_templates(); },
          ".duties[0].templates"),
      InVersion(
          "DutyOfUnknownTemplate", [](V& v) { v.mutable_duties(1)->set_templates(1, "CCC-1"); },
          ".duties[1].templates[1]"),
      InVersion(
          "DutyTwiceForOneTemplate", [](V& v) { *v.add_duties() = v.duties(0); },
          ".duties[2].templates[0]"),
      InVersion(
          "LimitOfZero", [](V& v) { v.mutable_duties(0)->mutable_time_limit()->set_count(0); },
          ".duties[0].time_limit.count"),
      InVersion(
          "LimitWithoutEvent",
          [](V& v) { v.mutable_duties(0)->mutable_time_limit()->clear_from(); },
          ".duties[0].time_limit.from"),
      InVersion(
          "LimitWithoutCounting",
          [](V& v) { v.mutable_duties(0)->mutable_time_limit()->clear_counting(); },
          ".duties[0].time_limit.counting"),
      InVersion(
          "WeekendsOutOfMonths",
          [](V& v) {
            v.mutable_duties(0)->mutable_time_limit()->set_unit(policy::v1::TimeLimit::MONTHS);
          },
          ".duties[0].time_limit.counting"),
      InVersion(
          "BusinessHours",
          [](V& v) {
            v.mutable_duties(0)->mutable_time_limit()->set_counting(
                policy::v1::TimeLimit::BUSINESS_DAYS);
          },
          ".duties[0].time_limit.counting"),
      InVersion(
          "RecurrenceFromElsewhere",
          [](V& v) {
            v.mutable_duties(1)->mutable_recurrence()->mutable_every()->set_from(
                policy::v1::OPERATIONAL);
          },
          ".duties[1].recurrence.every.from"),
      InVersion(
          "WindowWithoutUnit",
          [](V& v) {
            auto* first = v.mutable_duties(1)->mutable_recurrence()->mutable_first();
            first->set_unit(policy::v1::TimeLimit::YEARS);
          },
          ".duties[1].recurrence.first_not_before"),
      InVersion(
          "WindowClosesBeforeItOpens",
          [](V& v) { v.mutable_duties(1)->mutable_recurrence()->mutable_first()->set_count(8); },
          ".duties[1].recurrence.first_not_before"),
      InVersion(
          "LongStateCode",
          [](V& v) {
            *v.add_states() = v.states(1);
            v.mutable_states(2)->set_code("ABC");
            v.mutable_states(2)->set_name("Abc");
            v.mutable_states(2)->clear_published_names();
          },
          ".states[2].code"),
      InVersion(
          "StateWithoutName", [](V& v) { v.mutable_states(0)->clear_name(); }, ".states[0].name"),
      InVersion(
          "NameOfTwoStates", [](V& v) { v.mutable_states(1)->set_published_names(0, "tx"); },
          ".states[1].published_names[0]"),
      InVersion(
          "OfficeCodeForm", [](V& v) { v.mutable_field_offices(0)->set_code("El Paso"); },
          ".field_offices[0].code"),
      InVersion(
          "OfficeTwice", [](V& v) { v.mutable_field_offices(1)->set_code("houston"); },
          ".field_offices[1].code"),
      InVersion(
          "OfficeWithoutName", [](V& v) { v.mutable_field_offices(0)->clear_display_name(); },
          ".field_offices[0].display_name"),
      InVersion(
          "AreaOfUnknownState",
          [](V& v) { v.mutable_field_offices(1)->mutable_areas(0)->set_state("ZZ"); },
          ".field_offices[1].areas[0].state"),
      InVersion(
          "CountyOfTwoOffices",
          [](V& v) {
            v.mutable_field_offices(1)->mutable_areas(1)->set_counties(0, "De Witt County");
          },
          ".field_offices[1].areas[1].counties[0]"),
      InVersion(
          "WholeStateOverCounties",
          [](V& v) { v.mutable_field_offices(1)->mutable_areas(1)->clear_counties(); },
          ".field_offices[1].areas[1].state"),
      InVersion(
          "CountyInAWholeState",
          [](V& v) { v.mutable_field_offices(1)->mutable_areas(1)->set_state("UT"); },
          ".field_offices[1].areas[1]"),
      InVersion(
          "WholeStateOfTwoOffices",
          [](V& v) { v.mutable_field_offices(0)->add_areas()->set_state("UT"); },
          ".field_offices[1].areas[0].state"),
      InVersion(
          "HolidayWithoutName", [](V& v) { v.mutable_holidays(0)->clear_name(); },
          ".holidays[0].name"),
      InVersion(
          "HolidayWithoutDay", [](V& v) { v.mutable_holidays(0)->clear_day(); },
          ".holidays[0].day"),
      InVersion(
          "HolidayOnLeapDay",
          [](V& v) {
            v.mutable_holidays(0)->mutable_fixed()->set_month(2);
            v.mutable_holidays(0)->mutable_fixed()->set_day(29);
          },
          ".holidays[0].fixed.day"),
      InVersion(
          "HolidayInMonth13", [](V& v) { v.mutable_holidays(0)->mutable_fixed()->set_month(13); },
          ".holidays[0].fixed.month"),
      InVersion(
          "FifthMonday", [](V& v) { v.mutable_holidays(1)->mutable_nth_weekday()->set_nth(5); },
          ".holidays[1].nth_weekday.nth"),
      InVersion(
          "HolidayWithoutWeekday",
          [](V& v) { v.mutable_holidays(2)->mutable_last_weekday()->clear_weekday(); },
          ".holidays[2].last_weekday.weekday"),
      InVersion(
          "HolidayEndsBeforeItStarts", [](V& v) { v.mutable_holidays(1)->set_last_year(1999); },
          ".holidays[1].last_year"),
      InVersion(
          "HolidayNotObserved", [](V& v) { v.mutable_holidays(0)->clear_observed(); },
          ".holidays[0].observed"),
      InVersion(
          "ShareAboveOne",
          [](V& v) { v.mutable_import_policy()->set_minimum_share_of_previous(70); },
          ".import_policy.minimum_share_of_previous"),
      InVersion(
          "NoAbsences", [](V& v) { v.mutable_import_policy()->clear_absences_before_proposal(); },
          ".import_policy.absences_before_proposal"),
      InVersion(
          "NoFirstYear",
          [](V& v) { v.mutable_import_policy()->clear_first_plausible_signing_year(); },
          ".import_policy.first_plausible_signing_year"),
      InVersion(
          "ChunkTooLarge", [](V& v) { v.mutable_import_policy()->set_chunk_rows(5001); },
          ".import_policy.chunk_rows"),
      InVersion(
          "ApprovalWithoutSource", [](V& v) { v.clear_approval_policy(); },
          ".approval_policy.sources"),
      InVersion(
          "NoFreshness", [](V& v) { v.mutable_freshness_policy()->clear_authority_feed_silence(); },
          ".freshness_policy.authority_feed_silence"),
      InVersion(
          "FreshnessOverAMinute",
          [](V& v) {
            v.mutable_freshness_policy()->mutable_authority_feed_silence()->set_seconds(61);
          },
          ".freshness_policy.authority_feed_silence"),
  };
  return *cases;
}

class ValidateTest : public testing::TestWithParam<BreakCase> {};

TEST_P(ValidateTest, NamesExactlyTheBrokenField) {
  PolicyFile file = Minimal();
  GetParam().breaks(file);
  EXPECT_THAT(ViolatedFields(file), testing::ElementsAre(FullField(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Breaks, ValidateTest, testing::ValuesIn(AllCases()),
                         [](const auto& info) { return info.param.title; });

TEST(ValidateAllTest, MinimalPolicyIsValid) {
  EXPECT_TRUE(ValidatePolicy(Minimal()).ok()) << ValidatePolicy(Minimal());
}

TEST(ValidateAllTest, ReportsEverythingAtOnce) {
  const std::vector<std::string> together = {
      "UnknownZone",     "NoDate",      "UnknownSource",      "UnknownModel", "DutyBindsNothing",
      "NameOfTwoStates", "OfficeTwice", "CountyOfTwoOffices", "FifthMonday",  "ChunkTooLarge"};
  PolicyFile file = Minimal();
  std::vector<std::string> expected;
  for (const BreakCase& c : AllCases()) {
    if (std::find(together.begin(), together.end(), c.title) == together.end()) continue;
    c.breaks(file);
    expected.push_back(FullField(c));
  }
  ASSERT_EQ(expected.size(), together.size());
  EXPECT_THAT(ViolatedFields(file), testing::UnorderedElementsAreArray(expected));
}

TEST(ValidateAllTest, VersionsMustHaveNewIdsAndRiseInTime) {
  PolicyFile file = Minimal();
  *file.add_versions() = file.versions(0);
  EXPECT_THAT(ViolatedFields(file),
              testing::ElementsAre("versions[1].id", "versions[1].effective_from"));
  file.mutable_versions(1)->set_id("v2");
  file.mutable_versions(1)->mutable_effective_from()->set_year(2021);
  EXPECT_THAT(ViolatedFields(file), testing::IsEmpty());
}

TEST(ValidateAllTest, LaterVersionsAreCheckedToo) {
  PolicyFile file = Minimal();
  *file.add_versions() = file.versions(0);
  file.mutable_versions(1)->set_id("v2");
  file.mutable_versions(1)->mutable_effective_from()->set_year(2021);
  file.mutable_versions(1)->mutable_templates(0)->set_model("CCC");
  EXPECT_THAT(ViolatedFields(file), testing::ElementsAre("versions[1].templates[0].model"));
}

}  // namespace
}  // namespace accord
