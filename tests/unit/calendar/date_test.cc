#include "common/calendar/date.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>

namespace accord {
namespace {

const Date kFirst = MakeDate(1996, 1, 1);
const Date kLast = MakeDate(2100, 12, 31);

// Rules written out again, so that the library is checked against something else.
bool IsLeap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysIn(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

google::type::Date Proto(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(DateTest, EveryDayIsCountedOnceAndSurvivesBothRoundTrips) {
  Date expected = kFirst;
  for (int year = 1996; year <= 2100; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= DaysIn(year, month); ++day, expected += days(1)) {
        ASSERT_EQ(FromProto(Proto(year, month, day)), expected);
        ASSERT_EQ(FromProto(ToProto(expected)), expected);
        ASSERT_EQ(ParseDate(FormatDate(expected)), expected);
        ASSERT_EQ(YearOf(expected), year);
      }
      ASSERT_EQ(FromProto(Proto(year, month, DaysIn(year, month) + 1)), std::nullopt);
    }
  }
  EXPECT_EQ(expected, kLast + days(1));
}

TEST(DateTest, RefusesPartialAndImpossibleDates) {
  for (const auto& [year, month, day] : {std::tuple(0, 0, 0),
                                         {2025, 0, 1},
                                         {2025, 1, 0},
                                         {0, 1, 1},
                                         {2025, 13, 1},
                                         {2025, 1, 32},
                                         {2025, 2, 29},
                                         {2025, -1, 1},
                                         {-1, 1, 1},
                                         {10000, 1, 1}}) {
    EXPECT_EQ(FromProto(Proto(year, month, day)), std::nullopt) << year << " " << month;
  }
}

TEST(DateTest, FormatsAndParsesOnlyIso) {
  EXPECT_EQ(FormatDate(MakeDate(2025, 7, 2)), "2025-07-02");
  EXPECT_EQ(ParseDate("0001-01-01"), MakeDate(1, 1, 1));
  for (const std::string text :
       {"", "2025-7-2", "2025-07-02 ", " 2025-07-02", "2025/07/02", "2025-02-29", "2025-13-01",
        "+025-07-02", "2025-+7-02", "2025-07- 2", "20250702", "0000-01-01", "2025-07-0x"}) {
    EXPECT_EQ(ParseDate(text), std::nullopt) << text;
  }
}

TEST(DateTest, AddMonthsKeepsTheDayOrTakesTheLastOne) {
  for (Date date = kFirst; date <= kLast; date += days(1)) {
    const auto from = ToProto(date);
    for (const int months : {-25, -12, -1, 0, 1, 11, 12, 13}) {
      const int index = from.year() * 12 + from.month() - 1 + months;
      const int year = index / 12;
      const int month = index % 12 + 1;
      const int day = std::min(from.day(), DaysIn(year, month));
      ASSERT_EQ(AddMonths(date, months), FromProto(Proto(year, month, day)))
          << FormatDate(date) << " + " << months;
    }
  }
}

TEST(DateTest, AddYearsTouchesOnlyTheLeapDay) {
  for (Date date = kFirst; date <= kLast; date += days(1)) {
    const auto from = ToProto(date);
    const bool is_leap_day = from.month() == 2 && from.day() == 29;
    for (const int years : {-4, -1, 0, 1, 2, 4}) {
      const int year = from.year() + years;
      const bool moves = is_leap_day && !IsLeap(year);
      const auto february = moves ? Proto(year, 2, 28) : Proto(year, from.month(), from.day());
      const auto march = moves ? Proto(year, 3, 1) : february;
      ASSERT_EQ(AddYears(date, years, LeapDayRule::kFebruary28), FromProto(february));
      ASSERT_EQ(AddYears(date, years, LeapDayRule::kMarch1), FromProto(march));
    }
  }
}

TEST(DateTest, CenturyYearsAreLeapOnlyEveryFourHundred) {
  EXPECT_EQ(AddYears(MakeDate(2000, 2, 29), 100, LeapDayRule::kMarch1), MakeDate(2100, 3, 1));
  EXPECT_EQ(AddMonths(MakeDate(2100, 1, 31), 1), MakeDate(2100, 2, 28));
  EXPECT_EQ(AddMonths(MakeDate(2000, 1, 31), 1), MakeDate(2000, 2, 29));
}

TEST(DateTest, TodayDependsOnTheZone) {
  const absl::Time instant = Utc("2025-07-02T03:59:59Z");
  EXPECT_EQ(Today(instant, Zone("America/New_York")), MakeDate(2025, 7, 1));
  EXPECT_EQ(Today(instant + absl::Seconds(1), Zone("America/New_York")), MakeDate(2025, 7, 2));
  EXPECT_EQ(Today(instant, Zone("Pacific/Guam")), MakeDate(2025, 7, 2));
}

// In 1919 Toronto's clocks went from 23:30 on 30 March to 00:30 on the 31st.
TEST(DateTest, StartOfDayIsTheJumpWhereMidnightIsSkipped) {
  const absl::TimeZone zone = Zone("America/Toronto");
  const absl::Time start = StartOfDay(MakeDate(1919, 3, 31), zone);
  EXPECT_EQ(Today(start, zone), MakeDate(1919, 3, 31));
  EXPECT_EQ(Today(start - absl::Nanoseconds(1), zone), MakeDate(1919, 3, 30));
}

TEST(DateTest, StartOfDayIsTheFirstInstantOfItsDate) {
  for (const std::string name : {"America/New_York", "Pacific/Guam", "America/Sao_Paulo", "UTC"}) {
    const absl::TimeZone zone = Zone(name);
    for (Date date = MakeDate(2015, 1, 1); date <= MakeDate(2019, 12, 31); date += days(1)) {
      const absl::Time start = StartOfDay(date, zone);
      ASSERT_EQ(Today(start, zone), date) << name;
      ASSERT_EQ(Today(start - absl::Nanoseconds(1), zone), date - days(1)) << name;
    }
  }
}

}  // namespace
}  // namespace accord
