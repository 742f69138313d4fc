#include "services/cli/kinds.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/cli/errors.h"

namespace accord::cli {
namespace {

#define AGREEMENTS "accord.agreements.v1.Agreements."
#define TRAINING "accord.training.v1.Training."
#define FEED "accord.log.v1.ChangeFeed."
#define GATEWAY "accord.gateway.v1.Gateway."

// Rows are named within their import.
bool IsRowName(absl::string_view name) { return absl::StrContains(name, "/rows/"); }

bool IsCalled(const Kind& kind, absl::string_view word) {
  return absl::EqualsIgnoreCase(word, kind.plural) || absl::EqualsIgnoreCase(word, kind.singular) ||
         absl::EqualsIgnoreCase(word, kind.collection);
}

std::string KindWords() {
  return absl::StrJoin(Kinds(), ", ",
                       [](std::string* out, const Kind& kind) { out->append(kind.plural); });
}

// The kind that a full name is of; null when it is no full name.
const Kind* KindOfName(absl::string_view name) {
  const size_t slash = name.find('/');
  if (slash == absl::string_view::npos) return nullptr;
  const auto kind = FindKind(name.substr(0, slash));
  if (!kind.ok()) return nullptr;
  if (!IsRowName(name)) return *kind;
  for (const Kind& rows : Kinds()) {
    if (absl::string_view(rows.parent) == (*kind)->plural) return &rows;
  }
  return nullptr;
}

}  // namespace

const std::vector<Kind>& Kinds() {
  static const auto& kinds = *new std::vector<Kind>{
      {"agencies", "agency", "agencies", AGREEMENTS "GetAgency", AGREEMENTS "ListAgencies"},
      {"agreements", "agreement", "agreements", AGREEMENTS "GetAgreement",
       AGREEMENTS "ListAgreements"},
      {"imports", "import", "rosterImports", AGREEMENTS "GetRosterImport",
       AGREEMENTS "ListRosterImports"},
      {"rows", "row", "rosterRows", "", AGREEMENTS "ListRosterRows", "name", "name", "imports"},
      {"discrepancies", "discrepancy", "rosterDiscrepancies", AGREEMENTS "GetRosterDiscrepancy",
       AGREEMENTS "ListRosterDiscrepancies"},
      {"changes", "change", "changes", FEED "GetChange", FEED "ListChanges"},
      {"statuses", "status", "agencies", GATEWAY "GetAgencyStatus", GATEWAY "ListAgencyStatuses",
       "agency", "agency"},
      {"officers", "officer", "officers", TRAINING "GetOfficer", TRAINING "ListOfficers"},
      {"completions", "completion", "completions", TRAINING "GetCompletion",
       TRAINING "ListCompletions"},
      {"completion-imports", "completion-import", "completionImports",
       TRAINING "GetCompletionImport", TRAINING "ListCompletionImports"},
      {"completion-rows", "completion-row", "completionRows", "", TRAINING "ListCompletionRows",
       "name", "name", "completion-imports"},
      {"offerings", "offering", "offerings", TRAINING "GetOffering", TRAINING "ListOfferings"},
      {"enrollments", "enrollment", "enrollments", TRAINING "GetEnrollment",
       TRAINING "ListEnrollments"},
      {"waivers", "waiver", "waivers", TRAINING "GetWaiver", TRAINING "ListWaivers"},
      {"revocation-cases", "revocation-case", "revocationCases", TRAINING "GetRevocationCase",
       TRAINING "ListRevocationCases"},
      {"verifications", "verification", "annualVerifications", "",
       TRAINING "ListAnnualVerifications"},
      {"monitors", "monitor", "monitors", "", TRAINING "ListMonitors"},
      {"notices", "notice", "notices", "", TRAINING "ListNotices"},
      {"policy-previews", "policy-preview", "policyPreviews", TRAINING "GetPolicyPreview",
       TRAINING "ListPolicyPreviews"},
  };
  return kinds;
}

#undef AGREEMENTS
#undef TRAINING
#undef FEED
#undef GATEWAY

absl::StatusOr<const Kind*> FindKind(absl::string_view word) {
  for (const Kind& kind : Kinds()) {
    if (IsCalled(kind, word)) return &kind;
  }
  return UsageError(absl::StrCat("there is no kind \"", word, "\""),
                    absl::StrCat("use one of: ", KindWords()));
}

std::string LogServiceOf(const Kind& kind) {
  // accord.SERVICE.v1…; those of the gateway and of logs are about others.
  const std::vector<std::string> parts = absl::StrSplit(kind.list, '.');
  return parts[1] == "gateway" || parts[1] == "log" ? "" : parts[1];
}

absl::StatusOr<std::string> FullName(const Kind& kind, absl::string_view word) {
  if (word.empty()) return UsageError("the name is empty", "give an id or a full name");
  if (!absl::StrContains(word, "/")) return absl::StrCat(kind.collection, "/", word);
  const Kind* named = KindOfName(word);
  // A status is asked for by the agency's name.
  if (named == nullptr || absl::string_view(named->collection) != kind.collection) {
    return UsageError(absl::StrCat("\"", word, "\" is no name of kind ", kind.plural),
                      absl::StrCat("such a name looks like ", kind.collection, "/ID"));
  }
  const size_t slash = word.find('/');
  return absl::StrCat(IsRowName(word) ? word.substr(0, slash) : kind.collection,
                      word.substr(slash));
}

absl::StatusOr<std::vector<NamedResource>> ParseNames(const std::vector<std::string>& words) {
  if (words.empty()) {
    return UsageError("nothing is named", "say for example: agencies/ID, or: agency ID");
  }
  std::vector<NamedResource> names;
  if (!absl::StrContains(words[0], "/")) {
    const auto kind = FindKind(words[0]);
    if (!kind.ok()) return kind.status();
    if (words.size() == 1) {
      return UsageError(absl::StrCat("which of the ", (*kind)->plural, "?"),
                        absl::StrCat("add a name, or see all: accordctl list ", (*kind)->plural));
    }
    for (size_t i = 1; i < words.size(); ++i) {
      auto name = FullName(**kind, words[i]);
      if (!name.ok()) return name.status();
      names.push_back({*kind, *std::move(name)});
    }
    return names;
  }
  for (const std::string& word : words) {
    const Kind* kind = KindOfName(word);
    if (kind == nullptr) {
      return UsageError(absl::StrCat("\"", word, "\" names no known kind"),
                        absl::StrCat("use KIND/ID with one of: ", KindWords()));
    }
    auto name = FullName(*kind, word);
    if (!name.ok()) return name.status();
    names.push_back({kind, *std::move(name)});
  }
  return names;
}

}  // namespace accord::cli
