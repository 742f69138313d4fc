#include "common/calendar/holidays.h"

#include <algorithm>

namespace accord {
namespace {

using std::chrono::Saturday;
using std::chrono::Sunday;
using std::chrono::weekday;
using std::chrono::year;

Date DayIn(year y, const FixedDay& rule) { return Date(y / rule.month / rule.day); }

Date DayIn(year y, const NthWeekday& rule) { return Date(y / rule.month / rule.weekday[rule.nth]); }

Date DayIn(year y, const LastWeekday& rule) {
  return Date(y / rule.month / rule.weekday[std::chrono::last]);
}

bool Applies(const HolidayRule& rule, int y) {
  return y >= rule.first_year.value_or(y) && y <= rule.last_year.value_or(y);
}

Date LegalDate(const HolidayRule& rule, int y) {
  return std::visit([y](const auto& day) { return DayIn(year(y), day); }, rule.day);
}

Date ObservedDate(const HolidayRule& rule, int y) {
  const Date legal = LegalDate(rule, y);
  if (rule.observed == Observed::kOnTheDay) return legal;
  if (weekday(legal) == Saturday) return legal - days(1);
  if (weekday(legal) == Sunday) return legal + days(1);
  return legal;
}

bool IsObservedOn(const std::vector<HolidayRule>& rules, int y, Date date) {
  return std::any_of(rules.begin(), rules.end(), [&](const HolidayRule& rule) {
    return Applies(rule, y) && ObservedDate(rule, y) == date;
  });
}

}  // namespace

bool HolidayCalendar::IsHoliday(Date date) const {
  // A day off is at most one day from its legal date, whose year the rule is for.
  const int before = YearOf(date - days(1));
  const int after = YearOf(date + days(1));
  return IsObservedOn(rules_, before, date) ||
         (after != before && IsObservedOn(rules_, after, date));
}

std::vector<Holiday> HolidayCalendar::HolidaysOf(int y) const {
  std::vector<Holiday> holidays;
  for (const HolidayRule& rule : rules_) {
    if (!Applies(rule, y)) continue;
    holidays.push_back({rule.name, LegalDate(rule, y), ObservedDate(rule, y)});
  }
  std::stable_sort(holidays.begin(), holidays.end(),
                   [](const Holiday& a, const Holiday& b) { return a.date < b.date; });
  return holidays;
}

}  // namespace accord
