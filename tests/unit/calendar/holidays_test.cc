#include "common/calendar/holidays.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/calendar/federal_rules.h"

namespace accord {
namespace {

std::vector<std::string> ObservedDates(const HolidayCalendar& calendar, int year) {
  std::vector<std::string> dates;
  for (const Holiday& holiday : calendar.HolidaysOf(year)) {
    dates.push_back(FormatDate(holiday.observed));
  }
  return dates;
}

// Published by the Office of Personnel Management for these years.
TEST(HolidaysTest, MatchesThePublishedFederalCalendar) {
  const HolidayCalendar calendar(FederalRules());
  EXPECT_THAT(ObservedDates(calendar, 2025),
              testing::ElementsAre("2025-01-01", "2025-01-20", "2025-02-17", "2025-05-26",
                                   "2025-06-19", "2025-07-04", "2025-09-01", "2025-10-13",
                                   "2025-11-11", "2025-11-27", "2025-12-25"));
  EXPECT_THAT(ObservedDates(calendar, 2022),
              testing::ElementsAre("2021-12-31", "2022-01-17", "2022-02-21", "2022-05-30",
                                   "2022-06-20", "2022-07-04", "2022-09-05", "2022-10-10",
                                   "2022-11-11", "2022-11-24", "2022-12-26"));
}

TEST(HolidaysTest, DayOffMayFallInTheYearBefore) {
  const HolidayCalendar calendar(FederalRules());
  EXPECT_TRUE(calendar.IsHoliday(MakeDate(2021, 12, 31)));
  EXPECT_FALSE(calendar.IsHoliday(MakeDate(2022, 1, 1)));
  EXPECT_FALSE(calendar.IsHoliday(MakeDate(2020, 12, 31)));
}

TEST(HolidaysTest, DayOffMayFallInTheYearAfter) {
  const HolidayCalendar calendar({{"Eve",
                                   FixedDay{std::chrono::December, std::chrono::day(31)},
                                   {},
                                   2023,
                                   Observed::kNearestWeekday}});
  EXPECT_TRUE(calendar.IsHoliday(MakeDate(2024, 1, 1)));  // 31 December 2023 is a Sunday.
  EXPECT_FALSE(calendar.IsHoliday(MakeDate(2023, 12, 31)));
  EXPECT_FALSE(calendar.IsHoliday(MakeDate(2024, 12, 31)));
}

TEST(HolidaysTest, RuleCountsOnlyInItsYears) {
  const HolidayCalendar calendar(FederalRules());
  EXPECT_FALSE(calendar.IsHoliday(MakeDate(2020, 6, 19)));
  EXPECT_TRUE(calendar.IsHoliday(MakeDate(2021, 6, 18)));  // The 19th is a Saturday.
  EXPECT_EQ(calendar.HolidaysOf(1985).size(), 9u);
  EXPECT_EQ(calendar.HolidaysOf(1986).size(), 10u);
  EXPECT_EQ(calendar.HolidaysOf(2021).size(), 11u);
}

TEST(HolidaysTest, KeepsTheDayWhereTheRuleSaysSo) {
  const HolidayCalendar calendar(
      {{"Fourth", FixedDay{std::chrono::July, std::chrono::day(4)}, {}, {}, Observed::kOnTheDay}});
  EXPECT_TRUE(calendar.IsHoliday(MakeDate(2026, 7, 4)));  // A Saturday.
  EXPECT_FALSE(calendar.IsHoliday(MakeDate(2026, 7, 3)));
}

TEST(HolidaysTest, IsHolidayAgreesWithTheListOnEveryDay) {
  const HolidayCalendar calendar(FederalRules());
  std::set<Date> observed;
  for (int year = 1995; year <= 2101; ++year) {
    for (const Holiday& holiday : calendar.HolidaysOf(year)) observed.insert(holiday.observed);
  }
  for (Date date = MakeDate(1996, 1, 1); date <= MakeDate(2100, 12, 31); date += days(1)) {
    ASSERT_EQ(calendar.IsHoliday(date), observed.contains(date)) << FormatDate(date);
  }
}

TEST(HolidaysTest, WeekdayRulesMatchCountingByHand) {
  using std::chrono::weekday;
  for (int year = 1996; year <= 2100; ++year) {
    for (unsigned wd = 0; wd < 7; ++wd) {
      std::vector<Date> in_may;
      for (Date date = MakeDate(year, 5, 1); date <= MakeDate(year, 5, 31); date += days(1)) {
        if (weekday(date) == weekday(wd)) in_may.push_back(date);
      }
      std::vector<HolidayRule> rules;
      for (unsigned nth = 1; nth <= 4; ++nth) {
        rules.push_back({"nth", NthWeekday{std::chrono::May, weekday(wd), nth}, {}, {}, {}});
      }
      rules.push_back({"last", LastWeekday{std::chrono::May, weekday(wd)}, {}, {}, {}});
      const auto holidays = HolidayCalendar(rules).HolidaysOf(year);
      ASSERT_EQ(holidays.size(), 5u);
      for (size_t i = 0; i < 4; ++i) ASSERT_EQ(holidays[i].date, in_may[i]);
      ASSERT_EQ(holidays[4].date, in_may.back());
    }
  }
}

}  // namespace
}  // namespace accord
