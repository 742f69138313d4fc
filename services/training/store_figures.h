// The sums behind the figures of capacity and results.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/reach.h"
#include "common/store/reader.h"
#include "services/training/capacity.h"
#include "services/training/rates.h"

namespace accord::training {

// What a figure counts, and until when an answer is of use.
struct FigureScope {
  // Of officers, enrollments and completions; offerings are everybody's.
  Reach reach = Reach::Whole();
  bool fictitious = false;
  // Empty is all.
  std::string model = {};
  absl::Time deadline = absl::InfiniteFuture();
};

// Counts for the twelve months that begin with that of `from`. Goes through the groups of
// officers that are counted (for a reach that is not by field office, through the officers
// within it), and through the offerings of these months.
absl::StatusOr<CapacityFacts> CountCapacity(store::Reader& reader, const FigureScope& scope,
                                            Date from);

// Enrollments that have waited since before `before`, the longest first, at most `limit`, and
// how many there are. Of these courses only; none means of any.
struct LongWaits {
  std::vector<v1::Enrollment> first;
  int64_t count = 0;
};
absl::StatusOr<LongWaits> LongWaitsBefore(store::Reader& reader, const FigureScope& scope,
                                          Date before, const std::vector<std::string>& courses,
                                          int64_t limit);

// By code of a course: how many failed exams disqualify.
using FailureLimits = std::map<std::string, int>;

// Of completions from `from` to `to`, both inclusive. Goes through those of these days, whatever
// else is on record.
absl::StatusOr<std::vector<ResultCount>> CountResults(store::Reader& reader,
                                                      const FigureScope& scope,
                                                      const FailureLimits& limits, Date from,
                                                      Date to);

}  // namespace accord::training
