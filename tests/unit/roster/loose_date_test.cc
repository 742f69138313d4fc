#include "services/agreements/roster/loose_date.h"

#include <gtest/gtest.h>

namespace accord::agreements::roster {
namespace {

using MaybeDate = std::optional<Date>;

MaybeDate Day(int year, int month, int day) { return RealDate(year, month, day); }

TEST(RealDateTest, KnowsTheCalendar) {
  EXPECT_FALSE(RealDate(2025, 2, 29));
  EXPECT_TRUE(RealDate(2024, 2, 29));
  EXPECT_FALSE(RealDate(2025, 13, 1));
  EXPECT_FALSE(RealDate(2025, 0, 1));
}

TEST(FromSerialTest, CountsDaysOfBothSystems) {
  EXPECT_EQ(FromSerial(45785, false), Day(2025, 5, 8));
  EXPECT_EQ(FromSerial(45785.75, false), Day(2025, 5, 8));
  EXPECT_EQ(FromSerial(45785 - 1462, true), Day(2025, 5, 8));
  EXPECT_EQ(FromSerial(1, false), Day(1900, 1, 1));
  EXPECT_EQ(FromSerial(59, false), Day(1900, 2, 28));
  EXPECT_EQ(FromSerial(61, false), Day(1900, 3, 1));
  EXPECT_EQ(FromSerial(2'958'465, false), Day(9999, 12, 31));
}

TEST(FromSerialTest, HasNoDayOutsideTheSystem) {
  for (double serial : {0.0, -1.0, 60.0, 2'958'466.0, 1e300}) {
    EXPECT_FALSE(FromSerial(serial, false)) << serial;
  }
}

TEST(ReadExactDateTest, TakesUnambiguousTextOnly) {
  EXPECT_EQ(ReadExactDate("5/8/2025"), Day(2025, 5, 8));
  EXPECT_EQ(ReadExactDate("05/08/2025"), Day(2025, 5, 8));
  EXPECT_EQ(ReadExactDate("2025-05-08"), Day(2025, 5, 8));
  EXPECT_EQ(ReadExactDate("7/7/5025"), Day(5025, 7, 7));
  for (const char* text : {"05/082025", "7/72025", "7/7/25", "6/30/20026", "2/30/2025", "", "x",
                           "45785", "1/2/2025 3", "+1/2/2025", "001/2/2025"}) {
    EXPECT_FALSE(ReadExactDate(text)) << text;
  }
}

TEST(SuggestDateTest, RepairsWhatHasOneReading) {
  EXPECT_EQ(SuggestDate("05/082025"), Day(2025, 5, 8));
  EXPECT_EQ(SuggestDate("7/72025"), Day(2025, 7, 7));
  EXPECT_EQ(SuggestDate("0508/2025"), Day(2025, 5, 8));
  EXPECT_EQ(SuggestDate("6/30/20026"), Day(2026, 6, 30));
  EXPECT_EQ(SuggestDate("7.7.2025"), Day(2025, 7, 7));
  EXPECT_EQ(SuggestDate("7/7/25"), Day(2025, 7, 7));
  EXPECT_EQ(SuggestDate("05082025"), Day(2025, 5, 8));
}

TEST(SuggestDateTest, IsSilentWhenTheReadingIsNotObvious) {
  for (const char* text : {"111/2025", "2/30/2025", "13/012025", "7/7/5025", "pending", "", "2025",
                           "7/7/2025/1", "1234567890123/2025"}) {
    EXPECT_FALSE(SuggestDate(text)) << text;
  }
}

}  // namespace
}  // namespace accord::agreements::roster
