// How published names are compared: by what they say, not how they are typed.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace accord {

// Lower case (ASCII), curly apostrophes straight, no-break spaces plain, runs of
// white space one space, none at the ends. Folding twice changes nothing.
std::string FoldText(absl::string_view text);

// A key for a county: folded, without "County" or "Parish", "St." as "Saint",
// then letters and digits only, so "De Witt" meets "DeWitt". "#N/A" gives "na".
std::string FoldCounty(absl::string_view county);

}  // namespace accord
