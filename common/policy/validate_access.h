// Whether a table of roles may be used.
#pragma once

#include "absl/status/status.h"
#include "accord/policy/v1/access.pb.h"

namespace accord {

// OK, or INVALID_ARGUMENT, INVALID_FIELDS with every violated field of the table.
//
// Somebody may have two roles that are granted the two sides of a separation: it binds what
// they do with one resource, and that is checked where they do it.
absl::Status ValidateAccess(const policy::v1::AccessFile& file);

}  // namespace accord
