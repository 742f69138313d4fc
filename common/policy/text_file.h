// Files in protobuf text format that people write, read with errors that people can use.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace accord {

// Reads `text` into `message`. INVALID_ARGUMENT, POLICY_UNREADABLE with
// "origin:line:column: …" for every error; unknown fields are errors.
absl::Status ParseText(absl::string_view text, absl::string_view origin,
                       google::protobuf::Message& message);

// The bytes of the file at `path`. NOT_FOUND, POLICY_FILE_MISSING.
absl::StatusOr<std::string> ReadPolicyFile(const std::string& path);

// `status` with the name of the file in front; its details stay.
absl::Status WithOrigin(const absl::Status& status, absl::string_view origin);

}  // namespace accord
