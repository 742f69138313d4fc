// What the training policy of a version must satisfy before anything may use it.
#pragma once

#include "absl/strings/string_view.h"
#include "accord/policy/v1/policy.pb.h"
#include "common/base/error.h"

namespace accord {

// Adds every fault of `version.training_policy`, which may be unset. `path` is the version's.
void CheckTraining(const policy::v1::PolicyVersion& version, absl::string_view path,
                   FieldViolations& violations);

// Adds a fault for each version that does not say for whom its courses hold where the version
// before has training, or says it where there is nothing before to keep.
void CheckApplicability(const policy::v1::PolicyFile& file, FieldViolations& violations);

}  // namespace accord
