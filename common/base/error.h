// How an error is built, so that every one carries what a caller needs.
//
// The canonical codes are used as google.rpc.Code defines them. Whatever has no
// ErrorInfo was never meant for callers: the server logs its text and answers
// with the code alone.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"

namespace accord {

using ErrorMetadata = std::vector<std::pair<std::string, std::string>>;

// An error for callers. `reason` is UPPER_SNAKE_CASE and stable; `domain` is
// "<service>.accord"; every variable part of `message` is also in `metadata`.
absl::Status MakeError(absl::StatusCode code, absl::string_view domain, absl::string_view reason,
                       absl::string_view message, ErrorMetadata metadata = {});

// Adds "try again after `delay`" (google.rpc.RetryInfo) to an error.
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// Adds one google.rpc.PreconditionFailure violation to an error.
absl::Status WithPrecondition(absl::Status status, absl::string_view type,
                              absl::string_view subject, absl::string_view description);

std::optional<google::rpc::ErrorInfo> GetErrorInfo(const absl::Status& status);
// The reason of the ErrorInfo, or "".
std::string GetReason(const absl::Status& status);

// Collects every violated field of a request, then answers once.
class FieldViolations {
 public:
  // `field` is the path in the request, for example "agreement.model".
  void Add(absl::string_view field, absl::string_view description);
  bool empty() const { return violations_.empty(); }
  // OK when nothing was added, else INVALID_ARGUMENT (reason INVALID_FIELDS)
  // with one BadRequest that names every field. At most kMaxListed are listed;
  // the total is in the metadata, because gRPC trailers are limited.
  absl::Status ToStatus(absl::string_view domain) const;

  static constexpr int kMaxListed = 50;

 private:
  std::vector<std::pair<std::string, std::string>> violations_;
};

}  // namespace accord
