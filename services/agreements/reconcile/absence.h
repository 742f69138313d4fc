// What follows from rows that a list lacks. Absence is never an end: it is counted, and
// what explains it is proposed to a person.
#pragma once

#include <vector>

#include "common/policy/policy_view.h"
#include "services/agreements/reconcile/desk.h"
#include "services/agreements/reconcile/draft.h"
#include "services/agreements/reconcile/list_match.h"

namespace accord::agreements {

struct AbsenceFacts {
  // Kind and date are set.
  const v1::RosterImport& import;
  const ListMatch& match;
  const PolicyView& policy;
};

// To be called once, after all rows of a list that is the newest of its kind.
//
// Every agreement that the list lacks is marked absent. A rename or reassignment whose
// held row was on the last list of the kind and is not on this one is closed. Then, for each that
// nothing explains (an open rename, reassignment, switch or duplicate):
// - an agency that left the participating list at most N lists ago (policy) and entered a
//   list under another model since: POSSIBLE_MODEL_SWITCH, also on a pending list. It
//   closes a NO_LONGER_LISTED of the same agreement;
// - an application that left the pending list at most N lists ago while an agency of the
//   same name but for spelling entered a list with the same model, both being on record:
//   POSSIBLE_RENAME;
// - else NO_LONGER_LISTED: at once for a participating agreement; for an application after
//   N pending lists, because the participating list follows some days later.
void PlanAbsences(const AbsenceFacts& facts, Draft& draft, Desk& desk);

}  // namespace accord::agreements
