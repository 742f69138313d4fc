// Public holidays, computed from rules that the policy file holds.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/calendar/date.h"

namespace accord {

// The same day every year; must exist in every year, so never 29 February.
struct FixedDay {
  std::chrono::month month;
  std::chrono::day day;
};

// The `nth` (1 to 4) such weekday of the month.
struct NthWeekday {
  std::chrono::month month;
  std::chrono::weekday weekday;
  unsigned nth = 1;
};

struct LastWeekday {
  std::chrono::month month;
  std::chrono::weekday weekday;
};

// When the day off is. Source: 5 U.S.C. 6103(b) for Saturday, E.O. 11582 for Sunday.
enum class Observed {
  kOnTheDay,
  kNearestWeekday,  // Saturday moves to Friday, Sunday to Monday.
};

struct HolidayRule {
  std::string name;
  std::variant<FixedDay, NthWeekday, LastWeekday> day;
  // Legal years, both inclusive; empty is unbounded.
  std::optional<int> first_year;
  std::optional<int> last_year;
  Observed observed = Observed::kOnTheDay;
};

struct Holiday {
  std::string name;
  Date date;      // The legal date.
  Date observed;  // The day off; may lie in the year before or after.
};

// Immutable; safe to share between threads.
class HolidayCalendar {
 public:
  // No rules: only weekends are free.
  HolidayCalendar() = default;
  explicit HolidayCalendar(std::vector<HolidayRule> rules) : rules_(std::move(rules)) {}

  // True on days off, so on the observed date and not on a legal date that moved.
  bool IsHoliday(Date date) const;
  // The holidays whose legal date is in `year`, by legal date.
  std::vector<Holiday> HolidaysOf(int year) const;

 private:
  std::vector<HolidayRule> rules_;
};

}  // namespace accord
