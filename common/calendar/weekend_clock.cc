#include "common/calendar/weekend_clock.h"

#include <algorithm>

#include "common/calendar/business_days.h"
#include "common/calendar/date.h"

namespace accord {
namespace {

bool IsInfinite(absl::Time time) {
  return time == absl::InfiniteFuture() || time == absl::InfinitePast();
}

// `start`, or the Monday after it when the clock stands still there.
absl::Time FirstRunning(absl::Time start, absl::TimeZone zone) {
  const Date today = Today(start, zone);
  Date date = today;
  while (IsWeekend(date)) date += days(1);
  return date == today ? start : StartOfDay(date, zone);
}

// The next Saturday 00:00 after `running`, which is on a weekday.
absl::Time NextStop(absl::Time running, absl::TimeZone zone) {
  Date date = Today(running, zone);
  while (!IsWeekend(date)) date += days(1);
  return StartOfDay(date, zone);
}

}  // namespace

absl::Time AddExcludingWeekends(absl::Time start, absl::Duration hours, absl::TimeZone zone) {
  if (IsInfinite(start) || hours == absl::InfiniteDuration()) return absl::InfiniteFuture();
  if (hours <= absl::ZeroDuration()) return start;
  absl::Time at = FirstRunning(start, zone);
  for (absl::Time stop = NextStop(at, zone); at + hours > stop; stop = NextStop(at, zone)) {
    hours -= stop - at;
    at = FirstRunning(stop, zone);
  }
  return at + hours;
}

absl::Duration ElapsedExcludingWeekends(absl::Time from, absl::Time to, absl::TimeZone zone) {
  absl::Duration elapsed = absl::ZeroDuration();
  for (absl::Time at = FirstRunning(from, zone); at < to;) {
    const absl::Time stop = NextStop(at, zone);
    elapsed += std::min(stop, to) - at;
    at = FirstRunning(stop, zone);
  }
  return elapsed;
}

}  // namespace accord
