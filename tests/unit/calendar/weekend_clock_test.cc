#include "common/calendar/weekend_clock.h"

#include <gtest/gtest.h>

#include "absl/time/civil_time.h"

namespace accord {
namespace {

absl::TimeZone ZoneOf(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

class WeekendClockTest : public testing::Test {
 protected:
  absl::Time At(int year, int month, int day, int hour, int minute = 0) const {
    return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute), zone_);
  }
  bool IsRunning(absl::Time time) const {
    const auto weekday = absl::GetWeekday(absl::ToCivilDay(time, zone_));
    return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday;
  }

  const absl::TimeZone zone_ = ZoneOf("America/New_York");
};

TEST_F(WeekendClockTest, MidweekIsPlainTime) {
  EXPECT_EQ(AddExcludingWeekends(At(2025, 7, 7, 9), absl::Hours(48), zone_), At(2025, 7, 9, 9));
}

TEST_F(WeekendClockTest, StandsStillOverTheWeekend) {
  // Friday 10:00 leaves 14 hours; the other 34 end on Tuesday at 10:00.
  EXPECT_EQ(AddExcludingWeekends(At(2025, 7, 11, 10), absl::Hours(48), zone_), At(2025, 7, 15, 10));
}

TEST_F(WeekendClockTest, StartOnAWeekendCountsFromMonday) {
  for (const absl::Time start : {At(2025, 7, 12, 0), At(2025, 7, 12, 15), At(2025, 7, 13, 23)}) {
    EXPECT_EQ(AddExcludingWeekends(start, absl::Hours(48), zone_), At(2025, 7, 16, 0));
  }
}

TEST_F(WeekendClockTest, EndsOnFridayMidnightRatherThanMonday) {
  EXPECT_EQ(AddExcludingWeekends(At(2025, 7, 10, 0), absl::Hours(48), zone_), At(2025, 7, 12, 0));
}

TEST_F(WeekendClockTest, ZoneDecidesWhenTheWeekendStarts) {
  const absl::Time friday_evening = At(2025, 7, 11, 23, 30);  // Saturday 03:30 in UTC.
  EXPECT_EQ(AddExcludingWeekends(friday_evening, absl::Hours(1), zone_), At(2025, 7, 14, 0, 30));
  EXPECT_EQ(AddExcludingWeekends(friday_evening, absl::Hours(1), absl::UTCTimeZone()),
            absl::FromCivil(absl::CivilHour(2025, 7, 14, 1), absl::UTCTimeZone()));
}

TEST_F(WeekendClockTest, ClockChangeOnSundayCostsNothing) {
  // Clocks moved on Sunday 9 March and Sunday 2 November 2025.
  EXPECT_EQ(AddExcludingWeekends(At(2025, 3, 7, 12), absl::Hours(48), zone_), At(2025, 3, 11, 12));
  EXPECT_EQ(AddExcludingWeekends(At(2025, 10, 31, 12), absl::Hours(48), zone_),
            At(2025, 11, 4, 12));
}

TEST_F(WeekendClockTest, NothingToCountGivesTheStart) {
  const absl::Time saturday = At(2025, 7, 12, 9);
  EXPECT_EQ(AddExcludingWeekends(saturday, absl::ZeroDuration(), zone_), saturday);
  EXPECT_EQ(AddExcludingWeekends(saturday, absl::Hours(-1), zone_), saturday);
  EXPECT_EQ(ElapsedExcludingWeekends(saturday, saturday - absl::Hours(50), zone_),
            absl::ZeroDuration());
}

TEST_F(WeekendClockTest, InfiniteStaysInfinite) {
  EXPECT_EQ(AddExcludingWeekends(absl::InfiniteFuture(), absl::Hours(1), zone_),
            absl::InfiniteFuture());
  EXPECT_EQ(AddExcludingWeekends(At(2025, 7, 7, 9), absl::InfiniteDuration(), zone_),
            absl::InfiniteFuture());
}

// Counting half hours one by one is the model.
TEST_F(WeekendClockTest, AgreesWithCountingHalfHours) {
  const absl::Duration tick = absl::Minutes(30);
  const absl::Time first = At(2025, 10, 27, 0);
  for (absl::Time start = first; start < first + absl::Hours(24 * 9); start += tick) {
    absl::Duration elapsed;
    absl::Time now = start;
    while (elapsed < absl::Hours(48)) {
      if (IsRunning(now)) elapsed += tick;
      now += tick;
    }
    ASSERT_EQ(AddExcludingWeekends(start, absl::Hours(48), zone_), now);
    ASSERT_EQ(ElapsedExcludingWeekends(start, now, zone_), absl::Hours(48));
  }
}

TEST_F(WeekendClockTest, ElapsedUndoesAdd) {
  const absl::Time start = At(2024, 2, 28, 17, 20);
  for (int hours = 1; hours <= 400; ++hours) {
    const absl::Time end = AddExcludingWeekends(start, absl::Hours(hours), zone_);
    ASSERT_EQ(ElapsedExcludingWeekends(start, end, zone_), absl::Hours(hours));
    ASSERT_LT(ElapsedExcludingWeekends(start, end - absl::Seconds(1), zone_), absl::Hours(hours));
  }
}

}  // namespace
}  // namespace accord
