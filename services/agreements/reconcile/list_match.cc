#include "services/agreements/reconcile/list_match.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "services/agreements/lifecycle.h"

namespace accord::agreements {
namespace {

using Import = v1::RosterImport;

Date EndOf(const v1::Agreement& agreement) {
  return EffectiveOf(*agreement.transitions().rbegin());
}

// After an end, a later signature is another agreement; without a date, so is a row that
// comes back after an absence. The rest is a list that lags behind the record.
bool BeginsNewAgreement(const ListedRow& row, const v1::Agreement& ended, Import::Kind kind) {
  if (row.signed_date) return *row.signed_date > EndOf(ended);
  return !ListingOf(ended, kind).listed();
}

RowMatch MatchRow(const ListedRow& row, Import::Kind kind, const Record& record) {
  RowMatch match;
  if (row.fault != RowFault::kNone) return match;
  match.agency = record.AgencyByKey(row.agency_key);
  if (!match.agency) return match;
  const v1::Agreement* current = record.CurrentAgreement(match.agency->name(), row.model_code);
  if (!current) return match;
  const bool begins_new = IsEnded(LastState(*current)) && BeginsNewAgreement(row, *current, kind);
  if (!begins_new) match.agreement = current;
  return match;
}

bool HasRecordedDate(const ListedRow& row, const v1::Agreement& agreement) {
  return row.signed_date && row.signed_date == FromProto(agreement.published_signed_date());
}

// Of several rows of one agreement, all but one repeat it.
void MarkRepeats(absl::Span<const ListedRow> rows, std::vector<RowMatch>& matches) {
  absl::flat_hash_map<const v1::Agreement*, size_t> speaker;
  for (size_t i = 0; i < matches.size(); ++i) {
    const v1::Agreement* agreement = matches[i].agreement;
    if (!agreement) continue;
    const auto [first, inserted] = speaker.emplace(agreement, i);
    if (inserted) continue;
    const bool takes_over =
        HasRecordedDate(rows[i], *agreement) && !HasRecordedDate(rows[first->second], *agreement);
    matches[takes_over ? first->second : i].repeats = true;
    if (takes_over) first->second = i;
  }
}

bool HasLeft(const v1::Listing& listing) { return listing.lists_absent() > 0; }

}  // namespace

ListMatch MatchRows(absl::Span<const ListedRow> rows, Import::Kind kind, const Record& record) {
  ListMatch match;
  match.rows.reserve(rows.size());
  for (const ListedRow& row : rows) {
    const RowMatch& found = match.rows.emplace_back(MatchRow(row, kind, record));
    if (found.agency) match.listed_agencies.insert(found.agency->name());
    if (found.agreement) match.listed_agreements.insert(found.agreement->name());
  }
  MarkRepeats(rows, match.rows);
  return match;
}

bool IsOnlyPending(const v1::Agreement& agreement) {
  return agreement.merged_into().empty() && IsPipeline(LastState(agreement)) &&
         agreement.pending().has_first_listed_date() &&
         !agreement.participating().has_first_listed_date();
}

bool LeftParticipatingWithin(const v1::Agreement& agreement, int lists) {
  const int absent = agreement.participating().lists_absent();
  return agreement.merged_into().empty() && absent >= 1 && absent <= lists &&
         !IsEnded(LastState(agreement));
}

std::vector<const v1::Agreement*> AbsentFrom(const ListMatch& match, Import::Kind kind,
                                             const Record& record) {
  std::vector<const v1::Agreement*> absent;
  for (const auto& [name, agreement] : record.agreements()) {
    const v1::Listing& listing = ListingOf(agreement, kind);
    if (!listing.listed() && !HasLeft(listing)) continue;
    if (!agreement.merged_into().empty() || match.listed_agreements.contains(name)) continue;
    const bool counts_on = !IsEnded(LastState(agreement)) &&
                           (kind == Import::PARTICIPATING || IsOnlyPending(agreement));
    if (listing.listed() || counts_on) absent.push_back(&agreement);
  }
  std::sort(absent.begin(), absent.end(),
            [](const auto* a, const auto* b) { return a->name() < b->name(); });
  return absent;
}

}  // namespace accord::agreements
