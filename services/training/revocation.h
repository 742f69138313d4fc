// How a revocation case opens and moves. Pure. Which steps are legal is in steps.h.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"
#include "services/training/steps.h"

namespace accord::training {

// A case as proposed on `date`, without a requirement: who proposes it says why in the Change. Its
// decision is due by the policy, counted from then; not, where the policy is silent.
v1::RevocationCase OpenCase(const std::string& name, const v1::Officer& officer,
                            absl::string_view proposed_by, const PolicyView& policy, Date date);

// The day of the case's newest step.
Date LastStep(const v1::RevocationCase& revocation);
// How many days ago a decision was due that has not been taken; 0 of others.
int DaysOverdue(const v1::RevocationCase& revocation, Date today);

// Moves the case as of `date`: of the notice, the letter or the decision.
void TakeStepOn(v1::RevocationCase& revocation, CaseStep step, Date date, absl::string_view actor,
                absl::string_view reason);

}  // namespace accord::training
