// Update masks (AIP-134, AIP-161): the fields that an update changes.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace accord::service {

// The paths that the mask names; `*` names all of `allowed`. Adds a violation of
// `update_mask` when it names nothing, or something that is not allowed, which
// `why_not` explains.
std::vector<std::string> MaskedPaths(const google::protobuf::FieldMask& mask,
                                     const std::vector<std::string>& allowed,
                                     absl::string_view why_not, FieldViolations& violations);

// Makes those fields of `to` what they are in `from`: an unset one is cleared, a
// repeated one is replaced.
void CopyMasked(const std::vector<std::string>& paths, const google::protobuf::Message& from,
                google::protobuf::Message& to);

}  // namespace accord::service
