// Dates as people type them into the published lists.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/calendar/date.h"

namespace accord::agreements::roster {

// Empty unless year, month and day name a real day; no plausibility beyond it.
std::optional<Date> RealDate(int year, int month, int day);

// Reads a run of digits as MMDDYYYY (8) or MMDDYY (6, 20YY); empty otherwise.
std::optional<Date> ReadMonthDayYear(absl::string_view digits);

// A spreadsheet serial (whole days count; a time of day is ignored) in the
// 1900 or 1904 date system. Empty for what the system has no day for: below 1,
// above 9999-12-31, and the 29 February 1900 that never was.
std::optional<Date> FromSerial(double serial, bool epoch_1904);

// "6/25/2025", the way the published sheets show a date.
std::string FormatAsPublished(Date date);

// Unambiguous text only: M/D/YYYY or YYYY-MM-DD, and a real day.
std::optional<Date> ReadExactDate(absl::string_view text);

// The one reading that a mistyped date suggests: "05/082025", "7/72025",
// "0508/2025", "6/30/20026", "7.7.2025", "7/7/25". Empty when the text has no
// or several readings, or one outside 2000-2099. For a person to confirm; it is
// never to be used silently.
std::optional<Date> SuggestDate(absl::string_view text);

}  // namespace accord::agreements::roster
