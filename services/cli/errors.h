// What a failed command says: what happened, and what to do next.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace accord::cli {

// A mistake in the command line, found here: INVALID_ARGUMENT, reason USAGE of
// domain cli.accord. `next` says what would be right.
absl::Status UsageError(absl::string_view what, absl::string_view next);

// Another failure found here, under a reason of domain cli.accord.
absl::Status LocalError(absl::StatusCode code, absl::string_view reason, absl::string_view what,
                        absl::string_view next);

// The error as lines for people: message, code and reason; each violated field
// and precondition; when to retry; and a line "next:" that says what to do, by
// the reason or else by the code. `server` is named where it helps.
std::string DescribeError(const absl::Status& status, absl::string_view server);

// What to do about it, as one sentence. Never empty.
std::string NextStep(const absl::Status& status, absl::string_view server);

// The error as the JSON of a google.rpc.Status, on one line.
std::string ErrorJson(const absl::Status& status);

}  // namespace accord::cli
