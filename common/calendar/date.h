// Civil dates. A legal date has no time of day and no zone.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"

namespace accord {

// A day of the proleptic Gregorian calendar: ordered, and days can be added.
using Date = std::chrono::sys_days;
using std::chrono::days;

// Empty when `date` is unset, partial (year, month or day 0) or no real day.
std::optional<Date> FromProto(const google::type::Date& date);
google::type::Date ToProto(Date date);

// ISO 8601, "2025-07-02". Parsing takes exactly that form, years 0001 to 9999.
std::string FormatDate(Date date);
std::optional<Date> ParseDate(absl::string_view text);

// For parts known to be a real day, such as literals; otherwise see FromProto.
Date MakeDate(int year, unsigned month, unsigned day);

int YearOf(Date date);

// The civil date at `now` in `zone`.
Date Today(absl::Time now, absl::TimeZone zone);
// The first instant of `date` in `zone`, also where midnight is skipped or repeated.
absl::Time StartOfDay(Date date, absl::TimeZone zone);

// What the anniversary of 29 February is in a common year. No default: the
// source of a rule, or its author, must choose.
enum class LeapDayRule { kFebruary28, kMarch1 };

// Same day of the month, or the last day of a shorter one: 31 January plus one
// month is 28 or 29 February. `months` may be negative.
Date AddMonths(Date date, int months);
// Same day and month; `leap_day` decides only for 29 February.
Date AddYears(Date date, int years, LeapDayRule leap_day);

}  // namespace accord
