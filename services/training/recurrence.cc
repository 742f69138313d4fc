#include "services/training/recurrence.h"

#include <algorithm>

#include "common/calendar/fiscal.h"

namespace accord::training {
namespace {

using policy::v1::Course;
using policy::v1::FiscalDate;
using policy::v1::TimeLimit;
using Passes = std::vector<const v1::Completion*>;

constexpr int kFirstFiscalMonth = 10;

// A day until which something holds, and the completion that says so.
struct Due {
  Date date;
  const v1::Completion* fact = nullptr;
};

void KeepLatest(std::optional<Due>& best, Date date, const v1::Completion* fact) {
  if (!best || date > best->date) best = Due{date, fact};
}

// Leaves the passes that come long enough after the last one that counts.
Passes Spaced(const Course& course, const Passes& passes, Schedule& schedule) {
  if (!course.has_minimum_spacing()) return passes;
  Passes counted;
  for (const v1::Completion* pass : passes) {
    const bool too_early = schedule.not_before && DateOf(*pass) < *schedule.not_before;
    (too_early ? schedule.too_early : counted).push_back(pass);
    if (!too_early) schedule.not_before = After(DateOf(*pass), course.minimum_spacing());
  }
  return counted;
}

std::optional<Due> ByAnniversary(const Course& course, std::optional<Date> basic,
                                 const Passes& passes, Date since) {
  if (!basic) return std::nullopt;
  const TimeLimit& every = course.recurrence().anniversary_of_basic();
  int first = 1;
  while (After(*basic, every, first) < since) ++first;
  std::optional<Due> best = Due{After(*basic, every, first)};
  int period = 1;  // The one that the pass lies in; it ends on the anniversary of this number.
  for (const v1::Completion* pass : passes) {
    const Date date = DateOf(*pass);
    while (After(*basic, every, period) < date) ++period;
    const Date end = After(*basic, every, period);
    const bool in_window = date >= end - days(course.window_days());
    KeepLatest(best, in_window ? After(*basic, every, period + 1) : end, pass);
  }
  return best;
}

Date DueIn(const FiscalDate& due, int fiscal_year) {
  return MakeDate(due.month() >= kFirstFiscalMonth ? fiscal_year - 1 : fiscal_year,
                  static_cast<unsigned>(due.month()), static_cast<unsigned>(due.day()));
}

std::optional<Due> ByFiscalDate(const Course& course, std::optional<Date> basic,
                                const Passes& passes, Date since) {
  const FiscalDate& due = course.recurrence().fiscal_date();
  std::optional<Due> best;
  if (basic) {
    const Date from = std::max(*basic, since);
    const Date first = DueIn(due, FiscalYear(from));
    best = Due{first >= from ? first : DueIn(due, FiscalYear(from) + 1)};
  }
  for (const v1::Completion* pass : passes) {
    const Date date = DateOf(*pass);
    const Date next = DueIn(due, FiscalYear(date) + 1);
    const bool in_window = date >= next - days(course.window_days());
    KeepLatest(best, in_window ? DueIn(due, FiscalYear(date) + 2) : next, pass);
  }
  return best;
}

// Every pass starts a period of its own and, in the window of one that runs, also the one
// after that. All of them are kept, because a pass that lets one window go by must not make
// what follows from an earlier one shorter.
std::optional<Due> ByCompletion(const Course& course, std::optional<Date> basic,
                                const Passes& passes, Date since) {
  const TimeLimit& every = course.recurrence().after_completion();
  std::vector<Date> dues;
  std::optional<Due> best;
  if (basic) {
    dues.push_back(After(std::max(*basic, since), every));
    KeepLatest(best, dues.back(), nullptr);
  }
  for (const v1::Completion* pass : passes) {
    const Date date = DateOf(*pass);
    std::erase_if(dues, [date](Date due) { return due < date; });
    std::vector<Date> next = {After(date, every)};
    for (const Date due : dues) {
      if (date >= due - days(course.window_days())) next.push_back(After(due, every));
    }
    for (const Date due : next) KeepLatest(best, due, pass);
    dues.insert(dues.end(), next.begin(), next.end());
    std::sort(dues.begin(), dues.end());
    dues.erase(std::unique(dues.begin(), dues.end()), dues.end());
  }
  return best;
}

std::optional<Due> DueOf(const Course& course, std::optional<Date> basic, const Passes& passes,
                         Date since) {
  const auto& recurrence = course.recurrence();
  if (recurrence.has_anniversary_of_basic()) return ByAnniversary(course, basic, passes, since);
  if (recurrence.has_fiscal_date()) return ByFiscalDate(course, basic, passes, since);
  return ByCompletion(course, basic, passes, since);
}

// From when on a completion counts for the period after the one that ends on `due`; none without a
// window. One in the fiscal year of a fixed day counts as if it were of that day, whatever the
// window, which may open in the year before.
std::optional<Date> WindowOf(const Course& course, Date due) {
  const Date window = due - days(course.window_days());
  if (course.recurrence().has_fiscal_date()) {
    return std::min(window, FiscalYearStart(FiscalYear(due)));
  }
  return course.window_days() > 0 ? std::optional<Date>(window) : std::nullopt;
}

}  // namespace

Date DateOf(const v1::Completion& completion) {
  return FromProto(completion.date()).value_or(Date::min());
}

Date After(Date from, const TimeLimit& limit, int times) {
  const int count = limit.count() * times;
  if (limit.unit() == TimeLimit::YEARS) return AddYears(from, count, LeapDayRule::kFebruary28);
  if (limit.unit() == TimeLimit::MONTHS) return AddMonths(from, count);
  return from + days(count);
}

Schedule ScheduleOf(const Course& course, std::optional<Date> basic, const Passes& passes,
                    std::optional<Date> since) {
  Schedule schedule;
  const Passes counted = Spaced(course, passes, schedule);
  const std::optional<Due> due = DueOf(course, basic, counted, since.value_or(Date::min()));
  if (!due) return schedule;
  schedule.due = due->date;
  schedule.fact = due->fact;
  schedule.window = WindowOf(course, due->date);
  return schedule;
}

}  // namespace accord::training
