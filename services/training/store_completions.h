// What completions, their imports and the past of officers' facts ask of the store beyond the
// standard reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "accord/training/v1/resources.pb.h"
#include "common/store/mutation.h"

namespace accord::training {

// The one that voids a completion.
absl::StatusOr<std::optional<v1::Completion>> VoiderOf(store::Reader& reader,
                                                       const std::string& completion);

// One of the class that nobody has voided; of that officer, or of anybody when `officer` is empty.
absl::StatusOr<std::optional<v1::Completion>> ResultOf(store::Reader& reader,
                                                       const std::string& offering,
                                                       const std::string& officer = "");

// The import of an export with this content.
absl::StatusOr<std::optional<v1::CompletionImport>> ImportOf(store::Reader& reader,
                                                             const std::string& content_digest);

// Of one officer, as the record said at `revision`.
absl::StatusOr<std::vector<v1::Completion>> CompletionsOfAt(store::Reader& reader,
                                                            const std::string& officer,
                                                            int64_t revision);
absl::StatusOr<std::vector<v1::Waiver>> WaiversOfAt(store::Reader& reader,
                                                    const std::string& officer, int64_t revision);

}  // namespace accord::training
