#include "common/calendar/business_days.h"

#include <cstdlib>

namespace accord {

bool IsWeekend(Date date) {
  const std::chrono::weekday weekday(date);
  return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

bool IsBusinessDay(Date date, const HolidayCalendar& holidays) {
  return !IsWeekend(date) && !holidays.IsHoliday(date);
}

Date AddBusinessDays(Date date, int count, const HolidayCalendar& holidays) {
  const days step(count < 0 ? -1 : 1);
  for (int left = std::abs(count); left > 0;) {
    date += step;
    if (IsBusinessDay(date, holidays)) --left;
  }
  return date;
}

int BusinessDaysBetween(Date from, Date to, const HolidayCalendar& holidays) {
  if (to < from) return -BusinessDaysBetween(to, from, holidays);
  int count = 0;
  for (Date date = from + days(1); date <= to; date += days(1)) {
    if (IsBusinessDay(date, holidays)) ++count;
  }
  return count;
}

}  // namespace accord
