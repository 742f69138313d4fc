// What was built. Only common/rpc knows how the values get in.
#pragma once

#include "absl/strings/string_view.h"

namespace accord::rpc {

// The project's version, "0.1.0".
absl::string_view BuildVersion();

// The git commit at configure time, or "unknown".
absl::string_view BuildCommit();

}  // namespace accord::rpc
