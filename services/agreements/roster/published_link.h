// Links as published: some are wrapped by a mail filter, whose wrapper carries
// the mailbox of the member of staff who received them.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace accord::agreements::roster {

// Decodes %XX once; a '%' that starts no pair of hex digits stays.
std::string PercentDecode(absl::string_view text);

// The address behind a published link, or "" when there is none to keep.
//
// Safelinks wrappers are taken off (at most kMaxWraps of them, nested ones
// too), ice.gov is always https, known tracking parameters and the fragment are
// dropped, and what is not http(s) is "". The result is printable ASCII and
// never contains a mailbox: a query parameter with '@' (encoded or not) is
// dropped, and an '@' anywhere else makes the whole link "".
std::string UnwrapLink(absl::string_view uri);

// Replaces each http(s) word of a cell's text by its UnwrapLink, so that a
// wrapper typed as text loses its mailbox too. Other text stays.
std::string UnwrapLinksInText(absl::string_view text);

inline constexpr int kMaxWraps = 5;

}  // namespace accord::agreements::roster
