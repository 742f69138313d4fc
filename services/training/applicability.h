// Which version's courses bind an officer: a version may leave those certified before it to the
// one before (TrainingPolicy.applies_to). Pure.
#pragma once

#include <string>

#include "accord/policy/v1/policy.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"
#include "services/training/certification.h"

namespace accord::training {

// Whether a version that begins on `first_day` applies to the officer, whom `before` binds
// otherwise. ALL for APPLICABILITY_UNSPECIFIED.
bool AppliesTo(const TrainingFacts& facts, policy::v1::TrainingPolicy::Applicability applies_to,
               Date first_day, const PolicyView& before);

// `policy` is the version of the day; the answer is it, or one that still binds the officer.
const PolicyView& BindingPolicy(const TrainingFacts& facts, const PolicyView& policy);

// In words, why `binding` is not `policy`; empty when it is.
std::string WhyBoundBy(const TrainingFacts& facts, const PolicyView& policy,
                       const PolicyView& binding);

// The course of that code by the version that binds the officer; `named` where that has none.
const policy::v1::Course& CourseFor(const TrainingFacts& facts, const PolicyView& policy,
                                    const policy::v1::Course& named);

}  // namespace accord::training
