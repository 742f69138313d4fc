// Which row of a list means which agreement of the record, which agreements the list
// lacks, and which rows may be one of those under another name.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/types/span.h"
#include "accord/agreements/v1/resources.pb.h"
#include "services/agreements/reconcile/listed_row.h"
#include "services/agreements/reconcile/name_match.h"
#include "services/agreements/reconcile/record.h"

namespace accord::agreements {

struct RowMatch {
  // Null when unknown. Agency: merges resolved. Agreement: the current one, unless the
  // row begins a new one after that has ended.
  const v1::Agency* agency = nullptr;
  const v1::Agreement* agreement = nullptr;
  // Another row of the list speaks for the agreement: the one with its recorded date,
  // else the first. Happens after two names were found to be one agency.
  bool repeats = false;
};

struct ListMatch {
  // One for each row.
  std::vector<RowMatch> rows;
  absl::flat_hash_set<std::string> listed_agreements;
  absl::flat_hash_set<std::string> listed_agencies;
};

ListMatch MatchRows(absl::Span<const ListedRow> rows, v1::RosterImport::Kind kind,
                    const Record& record);

// Agreements that count as absent from this list of `kind`: on its predecessor and not
// here, or absent before and still counted. Ended ones, and pending ones that became
// participating, are counted once and no more. In order of name.
std::vector<const v1::Agreement*> AbsentFrom(const ListMatch& match, v1::RosterImport::Kind kind,
                                             const Record& record);

// The agreement left the participating list at most `lists` lists ago.
bool LeftParticipatingWithin(const v1::Agreement& agreement, int lists);

// A pending agreement that no participating list ever had and that is in the pipeline.
bool IsOnlyPending(const v1::Agreement& agreement);

// A row under an unknown name that may be an agreement which has just left.
struct HandOff {
  v1::RosterDiscrepancy::Kind kind = v1::RosterDiscrepancy::KIND_UNSPECIFIED;
  const v1::Agreement* from = nullptr;
  // What speaks for it, for people.
  std::string reason;
};

// For each row, the hand-off that explains it, or one with `from` null. A row and a
// departure take part in one at most.
//
// Same state and model, and
// - the same document or the same SIGNED, one leaving this list as the other enters it:
//   POSSIBLE_RENAME when the names are alike, else REASSIGNMENT (with the date alone only
//   if that date fits no other departure and no other row); or
// - for an application that left the pending list at most `pending_lists` ago, which has
//   no date: names equal but for spelling habits, or kNearEdits letters apart, and its
//   agency not on this list too: POSSIBLE_RENAME.
// Agencies of two counties only take part by the same document, and so do agencies that
// are both on record. Similarity alone never makes a hand-off.
std::vector<HandOff> FindHandOffs(absl::Span<const ListedRow> rows, const ListMatch& match,
                                  v1::RosterImport::Kind kind, int pending_lists,
                                  const Record& record);

// The best likeness of `name` to any published name of the agency.
Likeness CompareToAgency(absl::string_view name, const v1::Agency& agency);

}  // namespace accord::agreements
