// What a person's decision about a discrepancy writes. Pure: the record, the decision,
// policy and date in; changed resources out.
//
// Nothing of the past is lost: earlier dates and links stay in the provenance.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/policy/policy_view.h"
#include "services/agreements/reconcile/record.h"
#include "services/agreements/reconcile/writes.h"

namespace accord::agreements {

struct Decision {
  // `rosterDiscrepancies/{id}`, which must be on record.
  std::string discrepancy;
  std::string decided_by;
  std::string reason;
  // The end of a NO_LONGER_LISTED; also the date for an IMPLAUSIBLE_DATE or a
  // POSSIBLE_MODEL_SWITCH when it is not to be the proposed one.
  std::optional<Date> effective_date;
  v1::Agreement::State end_state = v1::Agreement::STATE_UNSPECIFIED;
};

// All of it outlives the call.
struct DecisionFacts {
  const Record& record;
  const PolicyView& policy;
  Date today;
  const NameIssuer& issue;
};

// Carries the proposal out and sets ACCEPTED. Times are the caller's to stamp.
//
// Rename: the held name becomes an alias and the held row is recorded for the agreement;
// with both names on record the newer agency is merged. Duplicate: merged. Switch: the
// old agreement is superseded by the new, linked both ways, on the day the new one takes
// effect. Reassignment: the agreement moves to the agency of the held row. Date conflict
// and implausible date: the signing moves to the proposed day. Wrong link: the link is
// cleared and never taken again. No longer listed: the end that the decision names.
//
// Errors: DISCREPANCY_DECIDED; PROPOSAL_STALE (the record has moved on); INVALID_FIELDS
// (`effective_date` or `end_state` is needed); what the life cycle or a merge refuses.
absl::StatusOr<Writes> AcceptDiscrepancy(const DecisionFacts& facts, const Decision& decision);

// Keeps things as they are and sets REJECTED. A row held back is recorded as what it says
// it is: an agreement, and an agency if that is new; a link that was not taken is.
// Errors: DISCREPANCY_DECIDED.
absl::StatusOr<Writes> RejectDiscrepancy(const DecisionFacts& facts, const Decision& decision);

// A resource as it was before the decision; nothing when the decision created it.
struct BeforeImage {
  std::string name;
  std::variant<std::monostate, v1::Agency, v1::Agreement> before;
  // Something else has changed the resource after the decision.
  bool changed_since = false;
};

// Restores every resource that the decision wrote and sets UNDONE; the next list asks
// again. Errors: PROPOSAL_STALE (it is not decided), DECISION_BUILT_UPON.
absl::StatusOr<Writes> UndoDecision(const DecisionFacts& facts, const Decision& decision,
                                    absl::Span<const BeforeImage> before);

}  // namespace accord::agreements
