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

// Who waits since before a day.
struct WaitAsk {
  Date before;
  // On waiting lists of these courses only; none means of any.
  std::vector<std::string> courses{};
  // Basic courses that are held in class. Whom one of them binds, who has neither met one nor let
  // it lapse, and who has no place in a class of one, waits since the nomination.
  std::vector<const policy::v1::Course*> basics{};
  int64_t limit = 0;
};
// Each officer once, by the longest wait on a list, or else that for the basic course. The longest
// first, at most `limit` of them, without `days`; and how many there are.
struct LongWaits {
  std::vector<v1::TrainingCapacity::LongWait> first;
  int64_t count = 0;
};
absl::StatusOr<LongWaits> LongWaitsBefore(store::Reader& reader, const FigureScope& scope,
                                          const WaitAsk& ask);

// By code of a course: how many failed exams disqualify.
using FailureLimits = std::map<std::string, int>;

// Of completions from `from` to `to`, both inclusive. Goes through those of these days, whatever
// else is on record.
absl::StatusOr<std::vector<ResultCount>> CountResults(store::Reader& reader,
                                                      const FigureScope& scope,
                                                      const FailureLimits& limits, Date from,
                                                      Date to);

}  // namespace accord::training
