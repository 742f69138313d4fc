// Page tokens: where the next page starts, sealed so that a caller can neither read nor
// change it, nor use it for another question.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sql/sql.h"

namespace accord::store {

// Octets of the key (AES-256). Replicas that serve the same callers share it.
inline constexpr size_t kPageTokenKeyBytes = 32;
// Longest token that is looked at, in characters.
inline constexpr size_t kMaxPageTokenChars = 65536;

// A token for `position`: URL-safe base64 without padding, different each time.
// `binding` is everything that must be the same for the next page: caller, method, filter,
// Order::ToSql and as-of. It is checked, not stored. INTERNAL when the key
// has another length, the token would be too long, or the cryptography fails.
absl::StatusOr<std::string> SealPageToken(absl::string_view key, absl::string_view binding,
                                          const std::vector<sql::Value>& position);

// The position in `token`, which must not be empty (an empty one asks for the first page).
// INVALID_ARGUMENT (INVALID_FIELDS) names the field `page_token` when it is damaged or was made
// with another key or binding: which of them is not told. INTERNAL as above.
absl::StatusOr<std::vector<sql::Value>> OpenPageToken(absl::string_view key,
                                                      absl::string_view binding,
                                                      absl::string_view token,
                                                      absl::string_view domain);

}  // namespace accord::store
