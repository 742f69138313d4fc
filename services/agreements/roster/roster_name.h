// What the name of a published list says about it.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "common/calendar/date.h"

namespace accord::agreements::roster {

enum class ListKind { kParticipating, kPending };

struct RosterName {
  std::optional<ListKind> kind;
  // The day the publisher put in the name. It has been a year off (January
  // 2026 lists said 2025), so the importer checks it against the SIGNED dates.
  std::optional<Date> date;
  // The day in a leading "YYYYMMDD_", which archives put before the name.
  std::optional<Date> capture_date;
  // "pm" in the name is true, "am" false: orders two lists of one day.
  std::optional<bool> afternoon;
};

// Reads a file name, or the last part of a path. Case does not matter; am/pm,
// "_b", a time (" 12.15.07 AM") and the extension may follow the day or not.
// What cannot be read, an impossible day for example, stays empty.
RosterName ParseRosterName(absl::string_view file_name);

}  // namespace accord::agreements::roster
