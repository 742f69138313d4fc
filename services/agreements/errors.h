// What can go wrong in the agreements service: code, reason and text in one place.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/calendar/date.h"

namespace accord::agreements {

inline constexpr absl::string_view kDomain = "agreements.accord";

namespace error {

// Agreements and their moves.
absl::Status IllegalTransition(absl::string_view name, absl::string_view method,
                               v1::Agreement::State state, absl::string_view legal_moves);
absl::Status NoBoardGate(absl::string_view name);
absl::Status DateOutOfOrder(absl::string_view name, Date date, Date last);
absl::Status SuccessorOfOtherAgency(absl::string_view name, absl::string_view successor);

// Agencies.
absl::Status AgencyExists(absl::string_view name, absl::string_view key);
// The same reason, for a caller who may not see that agency.
absl::Status AgencyExistsElsewhere(absl::string_view key);
absl::Status AlreadyMerged(absl::string_view name, absl::string_view into);
absl::Status NotMerged(absl::string_view name);
absl::Status MergeConflict(absl::string_view name, absl::string_view into, absl::string_view why);

// Roster imports.
absl::Status RosterKindUnknown(absl::string_view file_name);
absl::Status RosterDateUnknown(absl::string_view file_name);
absl::Status RosterShrunk(int rows, int last_rows, double floor);
absl::Status RosterOutOfOrder(Date as_of, Date newest);
absl::Status ImportReverted(absl::string_view name);
absl::Status ImportNotNewest(absl::string_view name, absl::string_view newest);
absl::Status ImportBuiltUpon(absl::string_view name, absl::string_view resource,
                             absl::string_view change);

// Discrepancies.
absl::Status DiscrepancyDecided(absl::string_view name, absl::string_view state);
absl::Status ProposalStale(absl::string_view name, absl::string_view why);
absl::Status DecisionBuiltUpon(absl::string_view name, absl::string_view resource);

}  // namespace error
}  // namespace accord::agreements
