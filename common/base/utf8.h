// UTF-8, one code point at a time.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace accord {

struct DecodedUtf8 {
  char32_t code_point = 0;
  size_t length = 0;  // 0 when malformed.
};

// The first code point of `text`, which must not be empty. Surrogates and overlong forms are
// malformed.
DecodedUtf8 DecodeUtf8Front(absl::string_view text);

// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool IsValidUtf8(absl::string_view text);

}  // namespace accord
