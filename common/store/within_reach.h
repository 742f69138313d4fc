// Whether resources lie within a caller's reach: the same question to a message and in SQL.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/policy/reach.h"
#include "common/store/reader.h"

namespace accord::store {

// `message` is of one of the reader's types.
absl::StatusOr<bool> Covers(const Reach& reach, Reader& reader,
                            const google::protobuf::Message& message);

// The same for many messages of the type: what it takes is read beforehand. `reach` outlives it.
using CoversFunction = std::function<bool(const google::protobuf::Message& message)>;
absl::StatusOr<CoversFunction> CoversEach(const Reach& reach, Reader& reader,
                                          const ResourceType& type);

// A condition for WHERE that holds for the rows that Covers says are within it, never empty.
// Appends its values to `params`. `reach` is not whole; `type` is one of `types`.
std::string CoversSql(const Reach& reach, const ResourceTypes& types, const ResourceType& type,
                      std::vector<sql::Value>* params);

// Whether that condition names columns of `counts`, of this type, alone: then it chooses the groups
// that are within it.
bool IsCountedBy(const Reach& reach, const ResourceType& type, const Counts& counts);

// Whether the resource exists and is covered, as it is now.
absl::StatusOr<bool> IsCovered(const Reach& reach, Reader& reader, absl::string_view name);

// The same text for the same reach, another for any other.
std::string ReachText(const Reach& reach);

}  // namespace accord::store
