// What a policy file must satisfy before anything may use it.
#pragma once

#include "absl/status/status.h"
#include "accord/policy/v1/policy.pb.h"
#include "common/base/error.h"

namespace accord {

// Domain of every error about the policy file.
inline constexpr absl::string_view kPolicyErrorDomain = "policy.accord";

// OK, or one INVALID_ARGUMENT (reason INVALID_FIELDS) that names every violated
// field by its path, for example "versions[0].duties[3].templates[1]".
absl::Status ValidatePolicy(const policy::v1::PolicyFile& file);

}  // namespace accord
