#include "services/training/capacity.h"

#include <algorithm>

#include "services/training/class_rules.h"
#include "services/training/weigh.h"

namespace accord::training {
namespace {

using policy::v1::Course;
using policy::v1::TimeLimit;
using std::chrono::year_month;

constexpr int kWeeksOfYear = 52;
constexpr int kWeeksOfQuarter = 13;
constexpr int kMonthsOfYear = 12;
constexpr int kDaysOfYear = 365;

int64_t RoundedUp(int64_t dividend, int64_t divisor) { return (dividend + divisor - 1) / divisor; }

// officers × (a year / the limit).
int64_t PerYear(int64_t officers, const TimeLimit& every) {
  const int64_t count = std::max(1, every.count());
  switch (every.unit()) {
    case TimeLimit::YEARS:
      return RoundedUp(officers, count);
    case TimeLimit::MONTHS:
      return RoundedUp(officers * kMonthsOfYear, count);
    default:
      return RoundedUp(officers * kDaysOfYear, count);
  }
}

bool Binds(const Course& course, const OfficerGroup& group) {
  return IsFor(course, group.model, group.template_code);
}

// Whether seats are planned for it.
bool IsClass(const Course& course, Date day, absl::string_view model) {
  if (!model.empty() && course.model() != model) return false;
  return course.delivery() != Course::ONLINE && !IsRetired(course, day);
}

int64_t CountBound(const Course& course, const std::vector<OfficerGroup>& groups) {
  int64_t officers = 0;
  for (const OfficerGroup& group : groups) officers += Binds(course, group) ? group.officers : 0;
  return officers;
}

int64_t Find(const std::map<CapacityFacts::CourseMonth, int64_t>& counts, const Course& course,
             year_month month) {
  const auto found = counts.find({course.code(), month});
  return found == counts.end() ? 0 : found->second;
}

// Closed quarters hold whole months. Where a class can never begin, the first month: the need
// is there all the same.
year_month FirstOpenMonth(const PolicyView& policy, const Course& course, year_month first) {
  for (int i = 0; i < kCapacityMonths; ++i) {
    const year_month month = first + std::chrono::months(i);
    if (!IsClosed(policy, course.code(), Date(month / 1))) return month;
  }
  return first;
}

void AddMonths(const CapacityFacts& facts, const PolicyView& policy, const Course& course,
               year_month first, v1::TrainingCapacity& capacity) {
  const year_month open = FirstOpenMonth(policy, course, first);
  int64_t waiting = course.kind() == Course::BASIC ? CountBound(course, facts.untrained) : 0;
  const auto overdue = facts.overdue.find(course.code());
  if (overdue != facts.overdue.end()) waiting += overdue->second;
  for (int i = 0; i < kCapacityMonths; ++i) {
    const year_month month = first + std::chrono::months(i);
    v1::TrainingCapacity::Month& row = *capacity.add_months();
    row.set_year(static_cast<int>(month.year()));
    row.set_month(static_cast<int>(static_cast<unsigned>(month.month())));
    row.set_course(course.code());
    row.set_seats_offered(static_cast<int>(Find(facts.offered, course, month)));
    row.set_seats_needed(
        static_cast<int>(Find(facts.ending, course, month) + (month == open ? waiting : 0)));
  }
}

void AddStarts(const PolicyView& policy, const Course& course, v1::TrainingCapacity& capacity) {
  if (course.length().unit() != policy::v1::CourseLength::WEEKS || course.length().count() < 1) {
    return;
  }
  const policy::v1::ClassCalendar* calendar = policy.training().CalendarOf(course.code());
  const int closed = calendar == nullptr ? 0 : calendar->closed_quarters_size();
  v1::TrainingCapacity::Starts& starts = *capacity.add_starts();
  starts.set_course(course.code());
  starts.set_with_closures(ClassStarts(course.length().count(), closed));
  starts.set_year_round(ClassStarts(course.length().count(), 0));
}

// Sums by office; a group that several refreshers bind is one group of officers.
void AddRefreshers(const CapacityFacts& facts, const std::vector<const Course*>& refreshers,
                   v1::TrainingCapacity& capacity) {
  struct Office {
    int64_t officers = 0;
    int64_t seats = 0;
  };
  std::map<std::string, Office> offices;
  int64_t all = 0;
  for (const Course* course : refreshers) {
    all += SeatsPerYear(CountBound(*course, facts.trained), course->recurrence());
    std::map<std::string, int64_t> bound;
    for (const OfficerGroup& group : facts.trained) {
      if (Binds(*course, group)) bound[group.field_office] += group.officers;
    }
    for (const auto& [office, officers] : bound) {
      offices[office].seats += SeatsPerYear(officers, course->recurrence());
    }
  }
  for (const OfficerGroup& group : facts.trained) {
    const auto binds = [&group](const Course* course) { return Binds(*course, group); };
    if (std::any_of(refreshers.begin(), refreshers.end(), binds)) {
      offices[group.field_office].officers += group.officers;
    }
  }
  capacity.set_refresher_seats_per_year(static_cast<int>(all));
  for (const auto& [name, office] : offices) {
    v1::OfficeSeats& seats = *capacity.add_refresher_seats_by_office();
    seats.set_field_office(name);
    seats.set_officers(static_cast<int>(office.officers));
    seats.set_seats_per_year(static_cast<int>(office.seats));
  }
}

}  // namespace

year_month MonthOf(Date date) {
  const std::chrono::year_month_day day(date);
  return day.year() / day.month();
}

int ClassStarts(int weeks, int closed_quarters) {
  return (kWeeksOfYear - kWeeksOfQuarter * closed_quarters) / weeks;
}

int64_t SeatsPerYear(int64_t officers, const policy::v1::CourseRecurrence& recurrence) {
  switch (recurrence.due_case()) {
    case policy::v1::CourseRecurrence::kAnniversaryOfBasic:
      return PerYear(officers, recurrence.anniversary_of_basic());
    case policy::v1::CourseRecurrence::kAfterCompletion:
      return PerYear(officers, recurrence.after_completion());
    case policy::v1::CourseRecurrence::kFiscalDate:
      return officers;
    case policy::v1::CourseRecurrence::DUE_NOT_SET:
      return 0;
  }
  return 0;
}

bool IsFor(const Course& course, absl::string_view model, absl::string_view text) {
  if (course.model() != model) return false;
  const auto& templates = course.templates();
  return templates.empty() ||
         std::find(templates.begin(), templates.end(), text) != templates.end();
}

std::vector<const Course*> BasicClasses(const PolicyView& policy, Date day,
                                        absl::string_view model) {
  std::vector<const Course*> basics;
  for (const Course* course : policy.CoursesInForce()) {
    const bool is_basic = course->kind() == Course::BASIC;
    if (is_basic && IsClass(*course, day, model)) basics.push_back(course);
  }
  return basics;
}

v1::TrainingCapacity CapacityOf(const CapacityFacts& facts, const PolicyView& policy, Date from,
                                absl::string_view model) {
  v1::TrainingCapacity capacity;
  std::vector<const Course*> refreshers;
  for (const Course* course : policy.CoursesInForce()) {
    if (!IsClass(*course, from, model)) continue;
    AddMonths(facts, policy, *course, MonthOf(from), capacity);
    AddStarts(policy, *course, capacity);
    // Nobody is bound by two versions: seats a year are by the version of the day alone.
    const bool is_of_day = policy.training().FindCourse(course->code()) == course;
    if (is_of_day && course->kind() == Course::REFRESHER) refreshers.push_back(course);
  }
  AddRefreshers(facts, refreshers, capacity);
  return capacity;
}

}  // namespace accord::training
