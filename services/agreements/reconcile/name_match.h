// When two published names may be one agency. A likeness only ever supports a
// proposal: Walker and Waller County are one letter apart and two agencies.
//
// Source: domain facts on matching (what holds on the published lists of 2025).
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace accord::agreements {

enum class Likeness {
  kNone,
  // One names the other's place and more: "… Homeland Security / THP".
  kSharedPlace,
  // At most kNearEdits letters apart.
  kNearSpelling,
  // Equal apart from "Office", County or Parish, abbreviations, a state code.
  kSameName,
};

inline constexpr int kNearEdits = 2;

Likeness CompareNames(absl::string_view a, absl::string_view b);

// The canonical name without what publishers add and leave out: "office", "of", "the";
// a parish is a county. Empty only when the name is.
std::string CoreName(absl::string_view name);

// The words of the canonical name that name a place or a body, in order, one space
// apart: "satellite beach" of "Satellite Beach Police Department".
std::string PlaceWords(absl::string_view name);

// A published name with its COUNTY cell, "" or "#N/A" where there is none.
struct NameAndCounty {
  absl::string_view name;
  absl::string_view county;
};

// Both counties are known, from the cell or else from a name such as "Walker County
// Sheriff's Office", and differ; "County" and "Parish" do not count. Agencies of two
// counties are two agencies, however alike the names of the counties are.
bool CountiesContradict(const NameAndCounty& a, const NameAndCounty& b);

// The COUNTY cell, or "" where it says that there is none: "#N/A", "N/A".
std::string CountyOrNone(absl::string_view cell);

// Two county cells, both known, that differ in the same way.
bool CountyCellsDiffer(absl::string_view a, absl::string_view b);

}  // namespace accord::agreements
