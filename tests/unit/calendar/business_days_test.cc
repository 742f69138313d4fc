#include "common/calendar/business_days.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/calendar/federal_rules.h"

namespace accord {
namespace {

TEST(BusinessDaysTest, WeekendsHaveTwoDaysAWeek) {
  Date saturday = MakeDate(1996, 1, 6);
  for (Date date = saturday; date <= MakeDate(2100, 12, 31); date += days(1)) {
    if (date >= saturday + days(7)) saturday += days(7);
    ASSERT_EQ(IsWeekend(date), date < saturday + days(2)) << FormatDate(date);
  }
}

TEST(BusinessDaysTest, SkipsWeekendsAndDaysOff) {
  const HolidayCalendar federal(FederalRules());
  const Date before_fourth = MakeDate(2025, 7, 3);  // Thursday; Friday is the 4th.
  EXPECT_EQ(AddBusinessDays(before_fourth, 1, federal), MakeDate(2025, 7, 7));
  EXPECT_EQ(AddBusinessDays(before_fourth, 1, HolidayCalendar()), MakeDate(2025, 7, 4));
  EXPECT_EQ(AddBusinessDays(MakeDate(2025, 7, 7), -1, federal), before_fourth);
  EXPECT_EQ(AddBusinessDays(MakeDate(2025, 7, 5), 0, federal), MakeDate(2025, 7, 5));
  EXPECT_FALSE(IsBusinessDay(MakeDate(2025, 7, 4), federal));
  EXPECT_EQ(BusinessDaysBetween(before_fourth, MakeDate(2025, 7, 7), federal), 1);
}

// A table of all business days is the model: the n-th after a date is n further on.
TEST(BusinessDaysTest, AgreesWithATableOfAllBusinessDays) {
  const HolidayCalendar federal(FederalRules());
  std::vector<Date> table;
  for (Date date = MakeDate(2019, 1, 1); date <= MakeDate(2026, 12, 31); date += days(1)) {
    if (!IsWeekend(date) && !federal.IsHoliday(date)) table.push_back(date);
  }
  for (Date date = MakeDate(2020, 1, 1); date <= MakeDate(2025, 12, 31); date += days(1)) {
    const auto after = std::upper_bound(table.begin(), table.end(), date);
    const auto at_or_after = std::lower_bound(table.begin(), table.end(), date);
    for (const int count : {1, 2, 5, 30, 90}) {
      ASSERT_EQ(AddBusinessDays(date, count, federal), *(after + count - 1)) << FormatDate(date);
      ASSERT_EQ(AddBusinessDays(date, -count, federal), *(at_or_after - count));
    }
  }
}

TEST(BusinessDaysTest, CountUndoesAdd) {
  const HolidayCalendar federal(FederalRules());
  for (Date date = MakeDate(2020, 12, 1); date <= MakeDate(2022, 2, 1); date += days(1)) {
    for (int count = 0; count <= 45; ++count) {
      const Date end = AddBusinessDays(date, count, federal);
      ASSERT_EQ(BusinessDaysBetween(date, end, federal), count) << FormatDate(date);
      ASSERT_EQ(BusinessDaysBetween(end, date, federal), -count) << FormatDate(date);
    }
  }
}

TEST(BusinessDaysTest, CountsAddUpAtAnyPointBetween) {
  const HolidayCalendar federal(FederalRules());
  const Date from = MakeDate(2021, 12, 20);
  const Date to = MakeDate(2022, 1, 20);
  for (Date middle = from; middle <= to; middle += days(1)) {
    ASSERT_EQ(BusinessDaysBetween(from, middle, federal) + BusinessDaysBetween(middle, to, federal),
              BusinessDaysBetween(from, to, federal));
  }
  EXPECT_EQ(BusinessDaysBetween(from, from, federal), 0);
}

}  // namespace
}  // namespace accord
