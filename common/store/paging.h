// The `page_size` of List methods (AIP-158).
#pragma once

#include <algorithm>

#include "common/base/error.h"

namespace accord::store {

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1000;

// Rows of a page: 0 means 50, above 1000 is taken as 1000, and a negative one is a
// violation of the field `page_size`.
inline int ClampPageSize(int requested, FieldViolations& violations) {
  if (requested < 0) violations.Add("page_size", "must not be negative; 0 means 50");
  if (requested <= 0) return kDefaultPageSize;
  return std::min(requested, kMaxPageSize);
}

}  // namespace accord::store
