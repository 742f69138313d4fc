// JSON exactly as protobuf maps it.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/statusor.h"

namespace accord::cli {

// One line or indented. lowerCamelCase keys; numbers, text, flags and lists are
// present even when zero or empty. A Change whose image is of a type this
// program does not know keeps everything but the image's content.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message, bool indented);

}  // namespace accord::cli
