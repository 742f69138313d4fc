// Looser comparison of agency names. It may only propose a candidate: pairs of
// different agencies (Walker and Waller County) are one edit apart.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace accord::agreements::roster {

// FoldKey with common spellings made one: "city/town/village of" in front goes;
// ft, st, mt, co, pd, dept, twp and univ are written out; sheriff's, sheriffs
// and sheriff are one; hyphens are spaces; "&" is "and"; other punctuation goes;
// and so does a trailing state code (", LA"). "county" and "parish" stay, since
// they tell agencies apart. Never a key: for candidate search only.
std::string CanonicalAgencyName(absl::string_view name);

// Levenshtein distance in code points, or `bound` + 1 as soon as it is known to
// exceed `bound`. A negative bound counts as 0.
int EditDistance(absl::string_view a, absl::string_view b, int bound);

// Whether `code` is a two-letter postal code of a state or territory; any case.
bool IsStateCode(absl::string_view code);

}  // namespace accord::agreements::roster
