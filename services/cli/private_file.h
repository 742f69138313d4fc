// Files that only their owner may read: profiles and tokens.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace accord::cli {

// Puts `text` in the place of the file, whole or not at all. The file gets mode 0600; folders
// that are missing are made, with 0700. Errors: FILE_UNWRITABLE (INVALID_ARGUMENT).
absl::Status WritePrivateFile(const std::string& path, absl::string_view text);

}  // namespace accord::cli
