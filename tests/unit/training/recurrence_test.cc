// When courses are due again, kind by kind.
#include "services/training/recurrence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/training/made_record.h"

namespace accord::training {
namespace {

struct Case {
  std::string title;
  // The recurring course's fields.
  std::string course;
  std::string basic;  // Empty: not on record.
  std::vector<std::string> passed;
  std::string due;
  std::string window = "";
  std::string not_before = "";
};

const std::string kAnniversary = Every("anniversary_of_basic", "count: 1 unit: YEARS");
const std::string kTwoYears = Every("after_completion", "count: 2 unit: YEARS");
const std::string kMay31 = "recurrence { fiscal_date { month: 5 day: 31 } }";
const std::string kNovember30 = "recurrence { fiscal_date { month: 11 day: 30 } }";
const std::string kWindow30 = " window_days: 30";

const std::vector<Case>& Cases() {
  static const auto* cases = new std::vector<Case>{
      // On each anniversary of the basic course.
      {"AnniversaryFirst", kAnniversary, "2020-03-10", {}, "2021-03-10"},
      {"AnniversaryNeedsBasic", kAnniversary, "", {"2021-01-01"}, ""},
      {"AnniversaryOnTheDay", kAnniversary, "2020-03-10", {"2021-03-10"}, "2022-03-10"},
      {"AnniversaryTooEarlyForTheNext", kAnniversary, "2020-03-10", {"2021-03-09"}, "2021-03-10"},
      {"AnniversaryLate", kAnniversary, "2020-03-10", {"2021-03-11"}, "2022-03-10"},
      {"AnniversaryWindowFirstDay",
       kAnniversary + kWindow30,
       "2020-03-10",
       {"2021-02-08"},
       "2022-03-10",
       "2022-02-08"},
      {"AnniversaryBeforeTheWindow",
       kAnniversary + kWindow30,
       "2020-03-10",
       {"2021-02-07"},
       "2021-03-10",
       "2021-02-08"},
      {"AnniversaryYearsMissed", kAnniversary, "2020-03-10", {"2025-01-01"}, "2025-03-10"},
      {"AnniversaryBeforeBasic", kAnniversary, "2020-03-10", {"2019-12-01"}, "2021-03-10"},
      {"AnniversaryLeapCommonYear", kAnniversary, "2020-02-29", {}, "2021-02-28"},
      {"AnniversaryLeapYearAgain", kAnniversary, "2020-02-29", {"2023-02-28"}, "2024-02-29"},
      // By a day of every fiscal year.
      {"FiscalFirstAfterBasic", kMay31, "2009-05-15", {}, "2009-05-31", "2008-10-01"},
      {"FiscalFirstOnTheDay", kMay31, "2009-05-31", {}, "2009-05-31", "2008-10-01"},
      {"FiscalFirstNextYear", kMay31, "2009-06-01", {}, "2010-05-31", "2009-10-01"},
      {"FiscalInOctoberIsOfTheNextYear", kMay31, "2009-10-01", {}, "2010-05-31", "2009-10-01"},
      {"FiscalWithoutBasic", kMay31, "", {"2009-01-15"}, "2010-05-31", "2009-10-01"},
      {"FiscalNothing", kMay31, "", {}, ""},
      {"FiscalLateInTheYear", kMay31, "2008-01-01", {"2009-09-30"}, "2010-05-31", "2009-10-01"},
      {"FiscalFirstDayOfTheYear", kMay31, "2008-01-01", {"2009-10-01"}, "2011-05-31", "2010-10-01"},
      {"FiscalDueInTheFirstQuarter", kNovember30, "2008-12-01", {}, "2009-11-30", "2009-10-01"},
      {"FiscalWindowOpensTheYearBefore",
       kNovember30 + " window_days: 90",
       "2008-01-01",
       {"2009-09-30"},
       "2010-11-30",
       "2010-09-01"},
      {"FiscalBeforeTheWindow",
       kNovember30 + " window_days: 90",
       "2008-01-01",
       {"2009-08-31"},
       "2009-11-30",
       "2009-09-01"},
      // One from the first day of the fiscal year on counts for its due day in any case.
      {"FiscalWindowWithinTheYear",
       kMay31 + " window_days: 60",
       "2008-01-01",
       {"2009-03-01"},
       "2010-05-31",
       "2009-10-01"},
      // So long after the last completion.
      {"AfterBasic", kTwoYears, "2020-03-10", {}, "2022-03-10"},
      {"AfterCompletion", kTwoYears, "2020-03-10", {"2021-01-05"}, "2023-01-05"},
      {"AfterCompletionWithoutBasic", kTwoYears, "", {"2021-01-05"}, "2023-01-05"},
      {"AfterNothing", kTwoYears, "", {}, ""},
      {"AfterLate", kTwoYears, "2020-03-10", {"2023-01-05"}, "2025-01-05"},
      {"AfterWindowFirstDay",
       kTwoYears + kWindow30,
       "2020-03-10",
       {"2022-02-08"},
       "2024-03-10",
       "2024-02-09"},
      {"AfterWindowLastDay",
       kTwoYears + kWindow30,
       "2020-03-10",
       {"2022-03-10"},
       "2024-03-10",
       "2024-02-09"},
      {"AfterBeforeTheWindow",
       kTwoYears + kWindow30,
       "2020-03-10",
       {"2022-02-07"},
       "2024-02-07",
       "2024-01-08"},
      {"AfterTheWindow",
       kTwoYears + kWindow30,
       "2020-03-10",
       {"2022-03-11"},
       "2024-03-11",
       "2024-02-10"},
      {"AfterTwiceInOneWindowIsOnce",
       kTwoYears + kWindow30,
       "2020-03-10",
       {"2022-02-10", "2022-03-01"},
       "2024-03-10",
       "2024-02-09"},
      // Counted from an earlier day, it must not take the window from the later one.
      {"AfterOneMoreBeforeTheWindow",
       kTwoYears + kWindow30,
       "2020-03-10",
       {"2022-02-07", "2022-02-08"},
       "2024-03-10",
       "2024-02-09"},
      {"AfterLeapDay", kTwoYears, "", {"2020-02-29"}, "2022-02-28"},
      {"AfterMonths",
       Every("after_completion", "count: 1 unit: MONTHS"),
       "",
       {"2021-01-31"},
       "2021-02-28"},
      {"AfterDays",
       Every("after_completion", "count: 10 unit: DAYS"),
       "",
       {"2021-02-25"},
       "2021-03-07"},
      // Not again before; a pass that comes too soon changes nothing.
      {"SpacedLastDayTooEarly",
       kTwoYears + Spacing("count: 2 unit: YEARS"),
       "2020-01-01",
       {"2021-06-01", "2023-05-31"},
       "2023-06-01",
       "",
       "2023-06-01"},
      {"SpacedFirstDay",
       kTwoYears + Spacing("count: 2 unit: YEARS"),
       "2020-01-01",
       {"2021-06-01", "2023-06-01"},
       "2025-06-01",
       "",
       "2025-06-01"},
      {"SpacedFromTheLastThatCounts",
       kTwoYears + Spacing("count: 2 unit: YEARS"),
       "2020-01-01",
       {"2021-06-01", "2023-05-01", "2023-06-01"},
       "2025-06-01",
       "",
       "2025-06-01"},
      {"SpacedNotFromBasic",
       kTwoYears + Spacing("count: 2 unit: YEARS"),
       "2020-01-01",
       {"2020-01-02"},
       "2022-01-02",
       "",
       "2022-01-02"},
  };
  return *cases;
}

class RecurrenceTest : public testing::TestWithParam<Case> {};

TEST_P(RecurrenceTest, IsDue) {
  const Case& c = GetParam();
  const std::string kind = "REFRESHER";
  const MadePolicy policy(CourseText("again", kind, c.course));
  MadeRecord record;
  for (const std::string& date : c.passed) record.Completed("again", date);
  const std::optional<Date> basic =
      c.basic.empty() ? std::nullopt : std::optional<Date>(On(c.basic));
  const Schedule schedule = ScheduleOf(policy.course("again"), basic, Counting(record.completions));
  EXPECT_EQ(Text(schedule.due), c.due);
  EXPECT_EQ(Text(schedule.window), c.window);
  EXPECT_EQ(Text(schedule.not_before), c.not_before);
}

INSTANTIATE_TEST_SUITE_P(Kinds, RecurrenceTest, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.title; });

// A course that a policy brought later: nobody missed what was not required.
TEST(RecurrenceFactTest, NothingIsDueBeforeThereWasTheCourse) {
  struct Row {
    const char* due;
    const char* unit;
    const char* first_due;
  };
  for (const Row& row : {Row{"anniversary_of_basic", "count: 1 unit: YEARS", "2027-03-10"},
                         Row{"after_completion", "count: 2 unit: YEARS", "2028-10-01"}}) {
    const MadePolicy policy(CourseText("basic", "BASIC") +
                            CourseText("again", "ANNUAL", Every(row.due, row.unit)));
    const auto due = [&](std::optional<Date> since) {
      return Text(ScheduleOf(policy.course("again"), On("2020-03-10"), {}, since).due);
    };
    EXPECT_EQ(due(On("2026-10-01")), row.first_due) << row.due;
    EXPECT_EQ(due(On("2019-01-01")), due(std::nullopt)) << row.due;
  }
  const MadePolicy fiscal(
      CourseText("basic", "BASIC") +
      CourseText("again", "ANNUAL", "recurrence { fiscal_date { month: 9 day: 30 } }"));
  EXPECT_EQ(Text(ScheduleOf(fiscal.course("again"), On("2020-03-10"), {}, On("2026-10-01")).due),
            "2027-09-30");
}

TEST(RecurrenceFactTest, NamesTheCompletionThatTheDueDayFollowsFrom) {
  const MadePolicy policy(
      CourseText("again", "REFRESHER", kTwoYears + Spacing("count: 2 unit: YEARS")));
  MadeRecord record;
  record.Completed("again", "2021-06-01").Completed("again", "2022-01-01");
  const Schedule schedule =
      ScheduleOf(policy.course("again"), On("2020-01-01"), Counting(record.completions));
  EXPECT_EQ(schedule.fact->name(), "completions/1");
  ASSERT_EQ(schedule.too_early.size(), 1u);
  EXPECT_EQ(schedule.too_early[0]->name(), "completions/2");
  EXPECT_EQ(ScheduleOf(policy.course("again"), On("2020-01-01"), {}).fact, nullptr);
}

}  // namespace
}  // namespace accord::training
