// A made-up record of officers and completions, of any size, as the training service keeps it.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace accord::bench {

inline constexpr int kCompletionsEach = 10;
inline constexpr int kOfficersOfAgency = 100;

// "officers/b0000042" and "agencies/b00001".
std::string OfficerName(int number);
std::string AgencyName(int number);

// Writes so many officers into the empty store at `url`, through the service's own store: each with
// kCompletionsEach completions, and kept as the service's rules say today. Most are current; some
// lapse within the year, have lapsed, or have no rule. All are fictitious.
absl::Status WriteRecord(const std::string& url, int officers);

// The officers alone, in training; and an export of the learning system with the first `each` of
// their completions (at most kCompletionsEach), ordered by officer.
absl::Status WriteTrainees(const std::string& url, int officers);
std::string ExportOf(int officers, int each);

}  // namespace accord::bench
