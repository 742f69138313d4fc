// Writes a corps into the tables of a training service, without its log.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace accord::bench {

struct CorpsRecord {
  int64_t officers = 0;
  int64_t completions = 0;
  double seconds = 0;
};

// Into the empty PostgreSQL database at `url`, whose cluster lies in `folder`; through COPY, with
// the groups counted anew at the end. RESOURCE_EXHAUSTED when the disk would not hold it.
absl::StatusOr<CorpsRecord> WriteCorps(const std::string& url, const std::string& folder,
                                       int officers);

}  // namespace accord::bench
