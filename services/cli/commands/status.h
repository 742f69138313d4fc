// Shared by status, get statuses and describe statuses.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "services/cli/session.h"

namespace accord::cli {

// The whole answer for people: verdict, reasons, agreements, open questions, sources.
void PrintAgencyStatus(Session& session, const gateway::v1::AgencyStatus& status);

// The agencies that `word` means: a full name, else all whose name or alias has it
// in it, else the id. NOT_FOUND (AGENCY_NOT_FOUND) when there is none.
absl::StatusOr<std::vector<std::string>> FindAgencies(Session& session, const std::string& word);

}  // namespace accord::cli
