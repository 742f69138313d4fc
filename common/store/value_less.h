// The order of stored values, as both databases have it.
#pragma once

#include <string>

#include "common/sql/sql.h"

namespace accord::store {

// True when `a` comes before `b`: two values that ExtractField gives for one field.
// Text is in byte order.
inline bool ValueLess(const sql::Value& a, const sql::Value& b) {
  if (const auto* number = std::get_if<int64_t>(&a)) return *number < std::get<int64_t>(b);
  return std::get<std::string>(a) < std::get<std::string>(b);
}

}  // namespace accord::store
