// Fields of any message by path, as text and from text. This is what lets one
// table row add a resource type to the command line.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace accord::cli {

// The value at `path` ("participating.last_listed_date") as people read it: dates
// and times in ISO 8601 (times UTC), enums by name, flags "yes" or "no", lists
// joined by "; ", maps as "key=value". Unset messages, zero enums and unknown
// paths are "".
std::string FieldText(const google::protobuf::Message& message, absl::string_view path);

// Whether `path` of that type is a number.
bool IsNumber(const google::protobuf::Descriptor& type, absl::string_view path);

// Whether that type has `path` at all.
bool HasField(const google::protobuf::Descriptor& type, absl::string_view path);

// Whether `path` of that type is a flag.
bool IsFlag(const google::protobuf::Descriptor& type, absl::string_view path);

// Whether the contract says that `path` of that type must be given.
bool IsRequired(const google::protobuf::Descriptor& type, absl::string_view path);

// Sets the field at `path` from text: strings, numbers, flags ("true"), dates
// (ISO 8601) and enums by name in any case. INVALID_ARGUMENT (usage) when the text
// does not fit, naming what would; `option` is how the user wrote it.
absl::Status SetField(google::protobuf::Message* message, absl::string_view path,
                      absl::string_view text, absl::string_view option);

}  // namespace accord::cli
