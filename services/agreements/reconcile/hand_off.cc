// FindHandOffs of list_match.h.
#include <algorithm>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "services/agreements/reconcile/keys.h"
#include "services/agreements/reconcile/list_match.h"

namespace accord::agreements {
namespace {

using Discrepancy = v1::RosterDiscrepancy;
using Import = v1::RosterImport;

// An agreement that left the list, or an application that left the pending list lately.
struct Departure {
  const v1::Agreement* agreement = nullptr;
  const v1::Agency* agency = nullptr;
  // Left this very list, so its date and document can be compared with the rows that enter.
  bool leaves_now = false;
};

struct Candidate {
  size_t row = 0;
  size_t departure = 0;
  Discrepancy::Kind kind = Discrepancy::KIND_UNSPECIFIED;
  bool same_document = false;
  bool same_date = false;
  Likeness likeness = Likeness::kNone;
  // Better candidates come first.
  auto Order() const {
    return std::make_tuple(!same_document, -static_cast<int>(likeness), !same_date, row, departure);
  }
};

std::string GroupOf(absl::string_view state, absl::string_view model) {
  return absl::StrCat(state, "|", model);
}

// The row of an earlier list already waits for a decision about it.
bool IsSpokenFor(const v1::Agreement& agreement, const Record& record) {
  for (const Discrepancy* open : record.OpenOn(agreement.name())) {
    const bool leaves = open->agreement() == agreement.name();
    const bool identity =
        open->kind() == Discrepancy::POSSIBLE_RENAME || open->kind() == Discrepancy::REASSIGNMENT;
    if (leaves && identity) return true;
  }
  return false;
}

bool LeftPendingLately(const v1::Agreement& agreement, int lists) {
  const v1::Listing& pending = agreement.pending();
  return IsOnlyPending(agreement) && !pending.listed() && pending.lists_absent() <= lists;
}

std::vector<Departure> DeparturesFrom(const ListMatch& match, Import::Kind kind, int pending_lists,
                                      const Record& record) {
  std::vector<Departure> departures;
  for (const auto& [name, agreement] : record.agreements()) {
    const bool leaves_now = ListingOf(agreement, kind).listed() &&
                            agreement.merged_into().empty() &&
                            !match.listed_agreements.contains(name);
    if (!leaves_now && !LeftPendingLately(agreement, pending_lists)) continue;
    if (match.listed_agreements.contains(name) || IsSpokenFor(agreement, record)) continue;
    const v1::Agency* agency = record.ResolveAgency(agreement.agency());
    if (agency) departures.push_back({&agreement, agency, leaves_now});
  }
  std::sort(departures.begin(), departures.end(), [](const Departure& a, const Departure& b) {
    return a.agreement->name() < b.agreement->name();
  });
  return departures;
}

bool SameText(absl::string_view a, absl::string_view b) { return !a.empty() && a == b; }

// KIND_UNSPECIFIED when the pair is no candidate.
Candidate Compare(const ListedRow& row, const RowMatch& row_match, const Departure& departure,
                  const ListMatch& match) {
  Candidate candidate;
  const v1::Agreement& left = *departure.agreement;
  candidate.same_document =
      departure.leaves_now && SameText(row.published->document_uri, left.document_uri());
  candidate.same_date = departure.leaves_now && row.signed_date &&
                        row.signed_date == FromProto(left.published_signed_date());
  candidate.likeness = CompareToAgency(row.published->agency, *departure.agency);
  const bool other_county =
      CountiesContradict({row.published->agency, row.county},
                         {departure.agency->display_name(), departure.agency->county()});
  const bool both_known = row_match.agency != nullptr;
  if ((other_county || both_known) && !candidate.same_document) return candidate;
  if (candidate.same_document || candidate.same_date) {
    const bool alike = candidate.likeness != Likeness::kNone && !both_known;
    candidate.kind = alike ? Discrepancy::POSSIBLE_RENAME : Discrepancy::REASSIGNMENT;
    return candidate;
  }
  const bool alike = candidate.likeness >= Likeness::kNearSpelling;
  const bool co_listed = match.listed_agencies.contains(departure.agency->name());
  if (IsOnlyPending(left) && alike && !co_listed) candidate.kind = Discrepancy::POSSIBLE_RENAME;
  return candidate;
}

std::string ReasonOf(const Candidate& candidate) {
  std::vector<absl::string_view> reasons;
  std::string text;
  const auto add = [&](absl::string_view reason) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", reason);
  };
  if (candidate.same_document) add("the same document");
  if (candidate.same_date) add("the same signature date");
  if (candidate.likeness == Likeness::kSameName) add("the names differ in spelling habits only");
  if (candidate.likeness == Likeness::kNearSpelling) add("the names differ in one or two letters");
  if (candidate.likeness == Likeness::kSharedPlace) add("the names share their place");
  return text;
}

// A date alone explains nothing when it fits several: many agencies sign on one day.
class DateUses {
 public:
  void Count(const Candidate& candidate) {
    ++rows_[candidate.row];
    ++departures_[candidate.departure];
  }
  bool IsAmbiguous(const Candidate& candidate) const {
    return rows_.at(candidate.row) > 1 || departures_.at(candidate.departure) > 1;
  }

 private:
  absl::flat_hash_map<size_t, int> rows_;
  absl::flat_hash_map<size_t, int> departures_;
};

std::vector<Candidate> CandidatesOf(absl::Span<const ListedRow> rows, const ListMatch& match,
                                    const std::vector<Departure>& departures) {
  absl::flat_hash_map<std::string, std::vector<size_t>> groups;
  for (size_t d = 0; d < departures.size(); ++d) {
    groups[GroupOf(departures[d].agency->state(), departures[d].agreement->model())].push_back(d);
  }
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].fault != RowFault::kNone || match.rows[i].agreement) continue;
    const auto group = groups.find(GroupOf(rows[i].state_code, rows[i].model_code));
    if (group == groups.end()) continue;
    for (size_t d : group->second) {
      Candidate candidate = Compare(rows[i], match.rows[i], departures[d], match);
      candidate.row = i;
      candidate.departure = d;
      if (candidate.kind != Discrepancy::KIND_UNSPECIFIED) candidates.push_back(candidate);
    }
  }
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.Order() < b.Order(); });
  return candidates;
}

}  // namespace

Likeness CompareToAgency(absl::string_view name, const v1::Agency& agency) {
  Likeness best = CompareNames(name, agency.display_name());
  for (const std::string& key : agency.keys()) {
    best = std::max(best, CompareNames(name, AgencyNameOf(key)));
  }
  return best;
}

std::vector<HandOff> FindHandOffs(absl::Span<const ListedRow> rows, const ListMatch& match,
                                  Import::Kind kind, int pending_lists, const Record& record) {
  const std::vector<Departure> departures = DeparturesFrom(match, kind, pending_lists, record);
  const std::vector<Candidate> candidates = CandidatesOf(rows, match, departures);
  DateUses date_uses;
  for (const Candidate& candidate : candidates) {
    if (candidate.same_date) date_uses.Count(candidate);
  }
  std::vector<HandOff> hand_offs(rows.size());
  absl::flat_hash_set<size_t> taken;
  for (const Candidate& candidate : candidates) {
    const bool date_alone = !candidate.same_document && candidate.likeness == Likeness::kNone;
    if (date_alone && date_uses.IsAmbiguous(candidate)) continue;
    HandOff& hand_off = hand_offs[candidate.row];
    if (hand_off.from || !taken.insert(candidate.departure).second) continue;
    hand_off = {candidate.kind, departures[candidate.departure].agreement, ReasonOf(candidate)};
  }
  return hand_offs;
}

}  // namespace accord::agreements
