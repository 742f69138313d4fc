// When a course is due again, by what was completed. Pure.
//
// What the documents leave open is decided here, each once:
//  - The due day itself is still in time (assumed). With "every two years" (OIG-18-77) and "not
//    more often than every two years" (MOA-J25, MOA-J20) together, any other reading would
//    leave no day at all on which a refresher is both in time and countable.
//  - 29 February comes back on the 28th in a common year (assumed: no source; the earlier day,
//    as months are counted too), so that nothing holds a day longer than stated.
//  - One more completion never makes the due day earlier, except by the minimum spacing.
#pragma once

#include <optional>
#include <vector>

#include "accord/policy/v1/policy.pb.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"

namespace accord::training {

// Its day; validated when it was recorded.
Date DateOf(const v1::Completion& completion);

// `times` such limits after `from`. The limit is in days, months or years, as validated.
Date After(Date from, const policy::v1::TimeLimit& limit, int times = 1);

// Where a recurring course stands by what was completed. Empty members: nothing is due, or
// nothing can be said, and no date follows.
struct Schedule {
  // Last day on which what was completed holds.
  std::optional<Date> due;
  // From this day on a completion counts for the next period; none without a window, save by a
  // fiscal date: then it is the first day of the due day's fiscal year at the latest.
  std::optional<Date> window;
  // First day on which another completion counts, by the minimum spacing.
  std::optional<Date> not_before;
  // The completion that `due` follows from; null when it follows from the basic course.
  const v1::Completion* fact = nullptr;
  // Passed too soon after the one before: on record, and not counted.
  std::vector<const v1::Completion*> too_early;
};

// `basic`: the day of the basic course; empty when not on record. `passes`: in order of time.
// `since`: the first day of a course that a later policy brought (PolicyView::CourseSince); what
// follows from the basic course alone is first due on or after it (assumed: nobody misses what
// was not required), by completion that long after it.
//  - anniversary_of_basic: due on each anniversary. A completion within the window before one
//    holds until the next; outside it counts for the period it lies in. Needs `basic`.
//  - fiscal_date: due on its day in every fiscal year, first on or after the basic course
//    (assumed). A completion counts for the fiscal year it lies in, and within the window
//    before the next due day for that year too.
//  - after_completion: first due that long after the basic course, then after the last
//    completion; within the window the anniversary stays where it is.
Schedule ScheduleOf(const policy::v1::Course& course, std::optional<Date> basic,
                    const std::vector<const v1::Completion*>& passes,
                    std::optional<Date> since = std::nullopt);

}  // namespace accord::training
