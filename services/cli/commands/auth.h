// Who the caller is to the server.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "accord/access/v1/access.pb.h"
#include "services/cli/session.h"

namespace accord::cli {

// Asks the server. Errors: also those of a proof that it does not accept.
absl::StatusOr<access::v1::WhoAmIResponse> FetchWho(Session& session);

// Prints it in the chosen format.
absl::Status PrintWho(Session& session, const access::v1::WhoAmIResponse& who);

}  // namespace accord::cli
