#include "services/agreements/roster/agency_name.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/agreements/roster/text_fold.h"

namespace accord::agreements::roster {
namespace {

constexpr absl::string_view kStateCodes =
    " al ak az ar ca co ct de dc fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj "
    "nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy as gu mp pr vi ";

using Spelling = std::pair<absl::string_view, absl::string_view>;
constexpr std::array<Spelling, 13> kSpellings = {{
    {"co", "county"},
    {"dept", "department"},
    {"ft", "fort"},
    {"mt", "mount"},
    {"pd", "police department"},
    {"sheriff's", "sheriff"},
    {"sheriffs", "sheriff"},
    {"sheriffs'", "sheriff"},
    {"st", "saint"},
    {"twp", "township"},
    {"univ", "university"},
    {"constable's", "constable"},
    {"constables", "constable"},
}};

std::string WriteOut(absl::string_view word) {
  for (const auto& [published, full] : kSpellings) {
    if (word == published) return std::string(full);
  }
  return absl::StrReplaceAll(word, {{"'", ""}});
}

// "arnaudville police department, la" -> "arnaudville police department".
absl::string_view WithoutStateSuffix(absl::string_view name) {
  const size_t comma = name.rfind(',');
  if (comma == absl::string_view::npos) return name;
  const absl::string_view tail = absl::StripAsciiWhitespace(name.substr(comma + 1));
  return IsStateCode(tail) ? name.substr(0, comma) : name;
}

absl::string_view WithoutMunicipalPrefix(absl::string_view name) {
  for (absl::string_view prefix : {"city of ", "town of ", "village of "}) {
    if (absl::ConsumePrefix(&name, prefix)) break;
  }
  return name;
}

}  // namespace

std::string CanonicalAgencyName(absl::string_view name) {
  const std::string key = FoldKey(name);
  const absl::string_view core = WithoutMunicipalPrefix(WithoutStateSuffix(key));
  const std::string spaced = absl::StrReplaceAll(core, {{"-", " "},
                                                        {"\u2010", " "},
                                                        {"\u2011", " "},
                                                        {"\u2012", " "},
                                                        {"\u2013", " "},
                                                        {"\u2014", " "},
                                                        {"&", " and "},
                                                        {",", " "},
                                                        {"/", " "},
                                                        {"(", " "},
                                                        {")", " "},
                                                        {".", ""}});
  std::vector<std::string> words;
  for (absl::string_view word : absl::StrSplit(spaced, ' ', absl::SkipEmpty())) {
    words.push_back(WriteOut(word));
  }
  return absl::StrJoin(words, " ");
}

int EditDistance(absl::string_view a, absl::string_view b, int bound) {
  bound = std::max(bound, 0);
  const std::u32string left = ToCodePoints(a);
  const std::u32string right = ToCodePoints(b);
  const auto width = static_cast<int>(right.size());
  if (std::abs(static_cast<int>(left.size()) - width) > bound) return bound + 1;

  std::vector<int> row(right.size() + 1);  // Distances of left's prefix to each prefix of right.
  for (int j = 0; j <= width; ++j) row[j] = j;
  for (size_t i = 0; i < left.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i) + 1;
    for (int j = 1; j <= width; ++j) {
      const int replaced = diagonal + (left[i] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
    if (*std::min_element(row.begin(), row.end()) > bound) return bound + 1;
  }
  return std::min(row.back(), bound + 1);
}

bool IsStateCode(absl::string_view code) {
  if (code.size() != 2 || !absl::ascii_isalpha(code[0]) || !absl::ascii_isalpha(code[1])) {
    return false;
  }
  return absl::StrContains(kStateCodes, absl::StrCat(" ", absl::AsciiStrToLower(code), " "));
}

}  // namespace accord::agreements::roster
