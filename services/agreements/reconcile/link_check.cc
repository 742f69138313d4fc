#include "services/agreements/reconcile/link_check.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/agreements/reconcile/name_match.h"
#include "services/agreements/roster/agency_name.h"
#include "services/agreements/roster/document_link.h"

namespace accord::agreements {
namespace {

std::string Squeeze(absl::string_view text) { return absl::StrReplaceAll(text, {{" ", ""}}); }

// What kind of agency a name speaks of, where its place can be compared.
std::string KindOfName(absl::string_view canonical) {
  if (absl::StrContains(canonical, "police department")) return "police";
  for (absl::string_view word : {"county", "parish", "sheriff"}) {
    if (absl::StrContains(canonical, word)) return "county";
  }
  return "";
}

// The part of a name that can be compared: the county, where it names one, so that
// "Pasco County Board of Commissioners" meets "Pasco County BOCC".
std::string PlaceOf(absl::string_view canonical) {
  for (absl::string_view word : {" county", " parish"}) {
    const size_t at = canonical.find(word);
    if (at != absl::string_view::npos) return Squeeze(canonical.substr(0, at));
  }
  return Squeeze(PlaceWords(canonical));
}

bool NamesOtherPlace(absl::string_view agency_name, absl::string_view link_words) {
  const std::string canonical = roster::CanonicalAgencyName(agency_name);
  const std::string kind = KindOfName(canonical);
  if (kind.empty() || kind != KindOfName(link_words)) return false;
  const std::string place = PlaceOf(canonical);
  const std::string linked = PlaceOf(link_words);
  if (place.empty() || linked.empty()) return false;
  if (absl::StrContains(place, linked) || absl::StrContains(linked, place)) return false;
  return roster::EditDistance(place, linked, kMisspelling) > kMisspelling;
}

// How well a name fits the words of the file: words in common, then few words over.
std::pair<int, int> Fit(absl::string_view agency_name, absl::string_view link_words) {
  const std::vector<std::string> linked = absl::StrSplit(link_words, ' ', absl::SkipEmpty());
  const std::string canonical = roster::CanonicalAgencyName(agency_name);
  int shared = 0;
  int over = 0;
  for (absl::string_view word : absl::StrSplit(canonical, ' ', absl::SkipEmpty())) {
    const bool found = std::find(linked.begin(), linked.end(), word) != linked.end();
    ++(found ? shared : over);
  }
  return {shared, -over};
}

LinkVerdict Wrong(std::string reason) { return {true, std::move(reason), ""}; }

}  // namespace

LinkVerdict CheckLink(const LinkedAgreement& agreement, absl::Span<const LinkedAgreement> sharers) {
  if (agreement.uri.empty()) return {};
  const roster::LinkFacts link = roster::ParseDocumentLink(agreement.uri);
  if (!link.model.empty() && link.model != agreement.model) {
    return Wrong(
        absl::StrCat("the file name says model ", link.model, ", the row ", agreement.model));
  }
  if (!link.state_code.empty() && link.state_code != agreement.state_code) {
    return Wrong(absl::StrCat("the file name says state ", link.state_code, ", the row ",
                              agreement.state_code));
  }
  if (NamesOtherPlace(agreement.agency_name, link.agency_words)) {
    return Wrong(absl::StrCat("the file name says \"", link.agency_words, "\", the row \"",
                              agreement.agency_name, "\""));
  }
  for (const LinkedAgreement& sharer : sharers) {
    const bool other =
        sharer.agency_key != agreement.agency_key &&
        CompareNames(sharer.agency_name, agreement.agency_name) != Likeness::kSameName;
    if (!other || Fit(sharer.agency_name, link.agency_words) <
                      Fit(agreement.agency_name, link.agency_words)) {
      continue;
    }
    LinkVerdict verdict = Wrong(absl::StrCat("\"", sharer.agency_name,
                                             "\" has the same document, and its name fits \"",
                                             link.file_name, "\" at least as well"));
    verdict.other_agency_key = sharer.agency_key;
    return verdict;
  }
  return {};
}

}  // namespace accord::agreements
