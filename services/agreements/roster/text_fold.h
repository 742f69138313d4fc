// How published text is cleaned for display and folded for comparison.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace accord::agreements::roster {

// The Unicode code points of `text`; a malformed byte becomes U+FFFD.
std::u32string ToCodePoints(absl::string_view text);

// For display: curly apostrophes and quotes become straight, every kind of
// space or control character becomes a space, zero-width characters go, runs of
// spaces become one, and the ends are trimmed. Case stays. Always valid UTF-8.
std::string CleanText(absl::string_view text);

// The comparison key: CleanText, then lower case (ASCII and Latin-1 letters).
// Two texts are the same published value exactly when their keys are equal.
// Source: seven agencies are split within every published file by an
// apostrophe or a trailing space alone.
std::string FoldKey(absl::string_view text);

}  // namespace accord::agreements::roster
