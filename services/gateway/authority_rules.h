// Is this officer authorized on a date, and why or why not? Pure.
#pragma once

#include "accord/agreements/v1/resources.pb.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "accord/training/v1/training.pb.h"
#include "common/policy/policy_view.h"

namespace accord::gateway {

namespace tv1 = training::v1;

// The authority on `date` by what each owner says: of training its conditions, of agreements
// whether the agreement is in force. Null: that owner could not be asked, so what it would
// prove is NOT_PROVEN. Equipment and the access card are the provisioning service's to prove,
// which is not part of this installation: NOT_PROVEN, except where the policy knows the
// template to have no IT duty (MOA-W25, MOA-W19): NOT_REQUIRED.
//
// Fails closed: AUTHORIZED only when every condition is PROVEN or NOT_REQUIRED. Conditions
// come worst first. `valid_until` is the day after the first one ends, or the first day on
// which a recorded transition of the agreement changes the verdict; only when AUTHORIZED.
// Sources, freshness and compute time are the caller's.
v1::OfficerAuthority OfficerAuthorityOn(const tv1::OfficerRecord& record,
                                        const agreements::v1::Agreement* agreement,
                                        const PolicyView& policy, absl::TimeZone zone, Date date);

}  // namespace accord::gateway
