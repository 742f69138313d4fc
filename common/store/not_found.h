// The answer for what does not exist, which is also that for what a caller may not see.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace accord::store {

// NOT_FOUND, RESOURCE_NOT_FOUND, in the service's error domain.
absl::Status ResourceNotFound(absl::string_view domain, absl::string_view name);

}  // namespace accord::store
