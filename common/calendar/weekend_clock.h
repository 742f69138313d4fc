// A clock that stands still from Saturday 00:00 to Monday 00:00 local time.
//
// For limits such as "48 hours, weekends excluded" (complaint notice, appendix B
// of the JEM and WSO agreements). Holidays do count: the sources exclude weekends only.
#pragma once

#include "absl/time/time.h"

namespace accord {

// The earliest instant by which `hours` have run since `start`. A start on a
// weekend counts from Monday 00:00. `hours` <= 0 gives `start`; an infinite
// argument gives the infinite future.
absl::Time AddExcludingWeekends(absl::Time start, absl::Duration hours, absl::TimeZone zone);

// What the clock ran between `from` and `to`; zero when `to` is not later.
// Both must be finite.
absl::Duration ElapsedExcludingWeekends(absl::Time from, absl::Time to, absl::TimeZone zone);

}  // namespace accord
