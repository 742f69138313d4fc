// Which agencies with officers have nobody who monitors their training.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/training/v1/training.pb.h"
#include "common/policy/reach.h"
#include "common/store/reader.h"

namespace accord::training {

struct MonitorGapAsk {
  // Agencies and field offices within it. Who reaches some officers alone reaches no agency.
  Reach reach = Reach::Whole();
  bool fictitious = false;
  // Empty is all.
  std::string field_office = {};
  // Agencies after this name; "" is the first.
  std::string after = {};
  int64_t limit = 0;
  absl::Time deadline = absl::InfiniteFuture();
};

// By agency. Goes through the groups of officers that are counted, and the monitors.
absl::StatusOr<std::vector<v1::MonitorGap>> MonitorGaps(store::Reader& reader,
                                                        const MonitorGapAsk& ask);

}  // namespace accord::training
