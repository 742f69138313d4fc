// Whom another policy would affect. Pure.
#pragma once

#include <optional>
#include <vector>

#include "accord/training/v1/training.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy.h"
#include "services/training/certification.h"

namespace accord::training {

struct PolicyChange {
  const Policy& now;
  const Policy& then;
  // Rising; on which the two are compared.
  std::vector<Date> days;
  // What if `then` applied to these, whatever it says? Unspecified: as it says.
  policy::v1::TrainingPolicy::Applicability what_if =
      policy::v1::TrainingPolicy::APPLICABILITY_UNSPECIFIED;
};

// `today`, and each later day on which a version of either begins.
std::vector<Date> DaysOfChange(const Policy& now, const Policy& then, Date today);

// How the certification differs on the first of the days on which its state, last day or end
// does; empty when it does on none.
std::optional<v1::PreviewPolicyResponse::Affected> Compare(const TrainingFacts& facts,
                                                           const PolicyChange& change);

}  // namespace accord::training
