// Plans what an import of a published list writes. Pure: facts, policy and date in,
// plan out; nothing here reads a clock, a file or a store.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/policy/policy_view.h"
#include "services/agreements/reconcile/draft.h"
#include "services/agreements/reconcile/list_facts.h"
#include "services/agreements/reconcile/record.h"
#include "services/agreements/roster/roster_file.h"

namespace accord::agreements {

// All of it outlives the call.
struct ImportFacts {
  const roster::PublishedList& list;
  const ImportOptions& options;
  const Record& record;
  const PolicyView& policy;
  Date today;
  const NameIssuer& issue;
};

// What is written together: a row with the resources that it was the first to touch, or
// what no row touches (`row` is kNoRow).
struct PlanGroup {
  // Index into Plan::rows.
  int row = kNoRow;
  std::vector<Planned<v1::Agency>> agencies;
  std::vector<Planned<v1::Agreement>> agreements;
  std::vector<Planned<v1::RosterDiscrepancy>> discrepancies;
};

struct Plan {
  // State PLANNED, or ALREADY_IMPORTED: then it is the import that has this content, and
  // there is nothing else in the plan.
  v1::RosterImport header;
  // One for each row of the list, in its order, each with its outcome.
  std::vector<v1::RosterRow> rows;
  // By row, then by name; what no row touches comes last, cut in groups of one resource.
  std::vector<PlanGroup> groups;
};

// Sets the header's number of rows of each outcome.
void CountOutcomes(const std::vector<v1::RosterRow>& rows, v1::RosterImport& header);

// Outcomes of rows, stable codes:
//   UNCHANGED     AGREEMENT_KNOWN, AGREEMENT_ENDED, AGREEMENT_REPEATED (another row of the
//                 list speaks for it), SIGNED_KEPT (a person kept the recorded date),
//                 HISTORY_RECORDED, HISTORY_UNKNOWN (an older list; nothing is created)
//   NEW           AGREEMENT_NEW, AGENCY_NEW (with its agreement)
//   CHANGED       AGREEMENT_ACTIVATED, SIGNED_RECORDED, DOCUMENT_CHANGED, COUNTY_CHANGED,
//                 HISTORY_EARLIER (the first listing is earlier than was known)
//   NEEDS_REVIEW  POSSIBLE_RENAME, REASSIGNMENT (held: nothing created), SIGNED_CHANGED
//   REJECTED      STATE_MISSING, AGENCY_MISSING, MODEL_MISSING, STATE_UNKNOWN,
//                 MODEL_UNKNOWN, DUPLICATE_ROW
//
// A list with the content digest and the date of the newest of its kind is
// ALREADY_IMPORTED. An import of the same content that is still APPLYING is planned again
// under its name and sequence; the writer leaves out the rows it has already applied.
// An older list with `history` records its rows, may move first listings back, and
// changes nothing else: no state, no absence, no discrepancy.
//
// Errors: ROSTER_KIND_UNKNOWN, ROSTER_DATE_UNKNOWN, ROSTER_OUT_OF_ORDER, ROSTER_SHRUNK.
absl::StatusOr<Plan> PlanImport(const ImportFacts& facts);

}  // namespace accord::agreements
