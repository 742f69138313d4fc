#include "common/calendar/fiscal.h"

#include <gtest/gtest.h>

namespace accord {
namespace {

TEST(FiscalTest, YearsAndQuartersTileTheCalendar) {
  FiscalQuarter expected{1996, 2};  // Holds 1 January 1996.
  Date next = MakeDate(1996, 4, 1);
  for (Date date = MakeDate(1996, 1, 1); date <= MakeDate(2100, 12, 31); date += days(1)) {
    if (date == next) {
      expected.quarter = expected.quarter % 4 + 1;
      if (expected.quarter == 1) ++expected.year;
      next = AddMonths(next, 3);
    }
    ASSERT_EQ(FiscalQuarterOf(date), expected) << FormatDate(date);
    ASSERT_EQ(FiscalYear(date), expected.year) << FormatDate(date);
    ASSERT_LE(QuarterStart(expected), date);
    ASSERT_GE(QuarterEnd(expected), date);
    ASSERT_LE(FiscalYearStart(expected.year), date);
    ASSERT_GE(FiscalYearEnd(expected.year), date);
  }
}

TEST(FiscalTest, BoundariesAreTheFirstOfOctober) {
  EXPECT_EQ(FiscalYear(MakeDate(2025, 9, 30)), 2025);
  EXPECT_EQ(FiscalYear(MakeDate(2025, 10, 1)), 2026);
  EXPECT_EQ(FiscalYearStart(2018), MakeDate(2017, 10, 1));
  EXPECT_EQ(FiscalYearEnd(2018), MakeDate(2018, 9, 30));
  EXPECT_EQ(QuarterStart({2018, 1}), MakeDate(2017, 10, 1));
  EXPECT_EQ(QuarterEnd({2018, 1}), MakeDate(2017, 12, 31));
  EXPECT_EQ(QuarterEnd({2024, 2}), MakeDate(2024, 3, 31));
  EXPECT_EQ(QuarterStart({2018, 4}), MakeDate(2018, 7, 1));
}

TEST(FiscalTest, NextQuarterStartsTheDayAfter) {
  for (FiscalQuarter quarter{1996, 1}; quarter.year <= 2100; quarter = AddQuarters(quarter, 1)) {
    ASSERT_EQ(QuarterStart(AddQuarters(quarter, 1)), QuarterEnd(quarter) + days(1));
  }
}

TEST(FiscalTest, AddQuartersIsUndoneByItsOpposite) {
  const FiscalQuarter start{2025, 3};
  for (int count = -50; count <= 50; ++count) {
    const FiscalQuarter moved = AddQuarters(start, count);
    ASSERT_EQ(AddQuarters(moved, -count), start);
    ASSERT_EQ(moved < start, count < 0);
  }
  EXPECT_EQ(AddQuarters({2025, 3}, 8), (FiscalQuarter{2027, 3}));
  EXPECT_EQ(AddQuarters({2025, 1}, -1), (FiscalQuarter{2024, 4}));
}

TEST(FiscalTest, FormatsForReports) {
  EXPECT_EQ(FormatFiscalYear(2025), "FY2025");
  EXPECT_EQ(FormatFiscalQuarter({2018, 2}), "FY2018 Q2");
}

}  // namespace
}  // namespace accord
