// Made-up officers, of any number, and an export of what they completed.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace accord::bench {

inline constexpr int kCompletionsEach = 10;
// Writes so many officers in training into the empty store at `url`, through the service's own
// store. All are fictitious.
absl::Status WriteTrainees(const std::string& url, int officers);
// An export of the learning system with the first `each` of their completions (at most
// kCompletionsEach), ordered by officer.
std::string ExportOf(int officers, int each);

}  // namespace accord::bench
