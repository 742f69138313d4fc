// How fields are put in a row before they are hashed or signed: so that no two lists of
// fields have the same bytes.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace accord {

// Eight octets, the highest first.
inline void AppendInt(std::string& out, uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

// The field's length, then the field.
inline void AppendFramed(std::string& out, absl::string_view field) {
  AppendInt(out, field.size());
  out.append(field.data(), field.size());
}

}  // namespace accord
