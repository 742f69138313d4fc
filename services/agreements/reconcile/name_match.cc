#include "services/agreements/reconcile/name_match.h"

#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/policy/fold.h"
#include "services/agreements/roster/agency_name.h"

namespace accord::agreements {
namespace {

using WordSet = absl::flat_hash_set<absl::string_view>;

// Words that say what kind of body it is, not which one.
const WordSet& GenericWords() {
  static const auto& words = *new WordSet{
      "and",    "board",      "campus",   "college",     "constable", "correction", "corrections",
      "county", "department", "division", "enforcement", "facility",  "law",        "of",
      "office", "parish",     "police",   "public",      "safety",    "sheriff",    "state",
      "the",    "township",   "trustees", "university",  "village",   "city",       "town"};
  return words;
}

std::vector<std::string> WordsOf(const std::string& text) {
  return absl::StrSplit(text, ' ', absl::SkipEmpty());
}

std::vector<std::string> Without(const std::vector<std::string>& words, const WordSet& dropped) {
  std::vector<std::string> kept;
  for (const std::string& word : words) {
    if (!dropped.contains(word)) kept.push_back(word);
  }
  return kept;
}

bool ContainsAll(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  return std::all_of(some.begin(), some.end(), [&](const std::string& word) {
    return std::find(all.begin(), all.end(), word) != all.end();
  });
}

bool SharePlace(absl::string_view a, absl::string_view b) {
  const auto left = WordsOf(PlaceWords(a));
  const auto right = WordsOf(PlaceWords(b));
  if (left.empty() || right.empty()) return false;
  return ContainsAll(left, right) || ContainsAll(right, left);
}

// Folded, or "" for "#N/A" and the like.
std::string CountyCell(absl::string_view cell) {
  const std::string folded = FoldCounty(cell);
  return folded == "na" ? "" : folded;
}

// "walker" of "Walker County Sheriff's Office"; "" when the name has no county.
std::string CountyInName(absl::string_view name) {
  const std::string canonical = roster::CanonicalAgencyName(name);
  for (absl::string_view word : {" county", " parish"}) {
    const size_t at = canonical.find(std::string(word));
    if (at != std::string::npos) return FoldCounty(canonical.substr(0, at));
  }
  return "";
}

std::string CountyOf(const NameAndCounty& agency) {
  const std::string cell = CountyCell(agency.county);
  return cell.empty() ? CountyInName(agency.name) : cell;
}

}  // namespace

std::string CoreName(absl::string_view name) {
  const std::string canonical = roster::CanonicalAgencyName(name);
  auto words = WordsOf(canonical);
  std::replace(words.begin(), words.end(), std::string("parish"), std::string("county"));
  words = Without(words, {"office", "of", "the"});
  return words.empty() ? canonical : absl::StrJoin(words, " ");
}

std::string PlaceWords(absl::string_view name) {
  return absl::StrJoin(Without(WordsOf(roster::CanonicalAgencyName(name)), GenericWords()), " ");
}

Likeness CompareNames(absl::string_view a, absl::string_view b) {
  if (CoreName(a) == CoreName(b)) return Likeness::kSameName;
  const int edits = roster::EditDistance(roster::CanonicalAgencyName(a),
                                         roster::CanonicalAgencyName(b), kNearEdits);
  if (edits <= kNearEdits) return Likeness::kNearSpelling;
  return SharePlace(a, b) ? Likeness::kSharedPlace : Likeness::kNone;
}

bool CountiesContradict(const NameAndCounty& a, const NameAndCounty& b) {
  const std::string left = CountyOf(a);
  const std::string right = CountyOf(b);
  return !left.empty() && !right.empty() && left != right;
}

std::string CountyOrNone(absl::string_view cell) {
  return CountyCell(cell).empty() ? "" : std::string(cell);
}

bool CountyCellsDiffer(absl::string_view a, absl::string_view b) {
  const std::string left = CountyCell(a);
  const std::string right = CountyCell(b);
  return !left.empty() && !right.empty() && left != right;
}

}  // namespace accord::agreements
