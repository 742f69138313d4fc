// Is this agency's agreement in force on a date, and why or why not? Pure.
#pragma once

#include "accord/agreements/v1/agreements.pb.h"
#include "common/policy/policy_view.h"
#include "services/gateway/timeline.h"

namespace accord::gateway {

// The status on `date` of one agreement, with the record as it stands.
//
// The first reason bears the verdict: IN_FORCE, SIGNED_NOT_YET_IN_FORCE, IN_PIPELINE,
// SUSPENDED, ENDED, NO_AGREEMENT_ON_DATE or STATE_UNKNOWN. What may follow it changes
// nothing today: CHANGE_AHEAD (the next recorded change), NOT_ON_NEWEST_LIST (in force,
// absent from published lists, which is no end). A clause names the policy's entry and
// its documents, or says "no rule on record".
v1::AgreementStatus AgreementStatusOn(const av1::Agreement& agreement, const PolicyView& policy,
                                      absl::TimeZone zone, Date date);

// The status on `date` of an agency, with every agreement's. Its verdict is the best of
// theirs, its reasons those of the agreements that have it; without agreements
// NO_AGREEMENT_ON_RECORD. `valid_until` is the first day on which any of the verdicts changes.
// Basis: the weakest of DERIVED and of the transitions in effect; SYNTHETIC when fictitious.
// Sources, freshness and compute time are the caller's.
v1::AgencyStatus AgencyStatusOn(const av1::AgencyRecord& record, const PolicyView& policy,
                                absl::TimeZone zone, Date date);

}  // namespace accord::gateway
