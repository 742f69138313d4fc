// Training seats against need: pure figures over counts of the record.
//
// Sources: OIG-18-77 (no basic class in the first fiscal quarter; a refresher of one week every
// two years; 374 officers in March 2018, an estimate).
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "accord/training/v1/training.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"

namespace accord::training {

inline constexpr int kCapacityMonths = 12;

std::chrono::year_month MonthOf(Date date);

// Classes of `weeks` weeks, one after another, that can begin in a year of 52 weeks, of which
// each closed quarter takes 13. `weeks` is at least 1.
int ClassStarts(int weeks, int closed_quarters);

// Seats a year that let each of `officers` take the course once a period, rounded up.
int64_t SeatsPerYear(int64_t officers, const policy::v1::CourseRecurrence& recurrence);

// Officers who have the same rules.
struct OfficerGroup {
  std::string model;
  std::string template_code;
  std::string field_office;
  int64_t officers = 0;
};

// What is on record, counted.
struct CapacityFacts {
  using CourseMonth = std::pair<std::string, std::chrono::year_month>;
  // Seats of offerings by the month in which they begin.
  std::map<CourseMonth, int64_t> offered;
  // Officers by the class that each needs first, and the last month in which they do without.
  std::map<CourseMonth, int64_t> ending;
  // Officers who should have been in that class before.
  std::map<std::string, int64_t> overdue;
  // Officers who wait for the basic course; offices are not told apart.
  std::vector<OfficerGroup> untrained;
  // Certified and authorized officers.
  std::vector<OfficerGroup> trained;
};

// Whether the course is one for officers of this model and text; false where it is for some texts
// and theirs is not known.
bool IsFor(const policy::v1::Course& course, absl::string_view model, absl::string_view text);

// Basic courses in force that are held in class, of one model only unless it is empty.
std::vector<const policy::v1::Course*> BasicClasses(const PolicyView& policy, Date day,
                                                    absl::string_view model);

// Months, starts and refresher seats by the rules of `policy`, over the twelve months that
// begin with that of `from`; of one model only unless it is empty.
v1::TrainingCapacity CapacityOf(const CapacityFacts& facts, const PolicyView& policy, Date from,
                                absl::string_view model);

}  // namespace accord::training
