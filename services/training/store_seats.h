// What offerings and enrollments ask of the store beyond the standard reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "accord/training/v1/resources.pb.h"
#include "common/store/reader.h"

namespace accord::training {

// The officer's place in the offering that has not ended; empty when there is none.
absl::StatusOr<std::optional<v1::Enrollment>> LiveEnrollmentOf(store::Reader& reader,
                                                               const std::string& officer,
                                                               const std::string& offering);

// The first `count` of the offering's waiting list, by priority, then the day of
// the request, then sequence.
absl::StatusOr<std::vector<v1::Enrollment>> FirstWaiting(store::Reader& reader,
                                                         const std::string& offering, int count);

// All that have not ended, by sequence.
absl::StatusOr<std::vector<v1::Enrollment>> LiveEnrollmentsOf(store::Reader& reader,
                                                              const std::string& offering);

}  // namespace accord::training
