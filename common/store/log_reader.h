// What the ChangeFeed answers, read from the log's tables.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/log/v1/log.pb.h"
#include "common/policy/reach.h"
#include "common/store/store.h"

namespace accord::store {

inline constexpr absl::string_view kLogDomain = "log.accord";

// Without the whole reach both answer only with Changes whose resource exists and is covered
// as it is now, and with no other name than its own among the subjects. Errors:
// CHANGE_NOT_FOUND for the first; for the second, REACH_TOO_SMALL without a `subject`, and
// RESOURCE_NOT_FOUND.
absl::StatusOr<log::v1::Change> GetChange(Store& store, absl::string_view name, absl::Time deadline,
                                          const Reach& reach = Reach::Whole());
absl::StatusOr<log::v1::ListChangesResponse> ListChanges(Store& store,
                                                         const log::v1::ListChangesRequest& request,
                                                         absl::string_view caller,
                                                         absl::Time deadline,
                                                         const Reach& reach = Reach::Whole());

// The newest of `actions` that the actor did with the resource, or put on record rows about it
// by; empty when there is none.
absl::StatusOr<std::string> NewestActionBy(Reader& reader, absl::string_view actor,
                                           absl::string_view resource,
                                           const std::vector<std::string>& actions);

// Whole mutations after `revision`, about `limit` Changes (more when one mutation is
// longer), with images; empty at the log's end.
absl::StatusOr<std::vector<log::v1::Change>> ReadTail(Reader& reader, int64_t revision,
                                                      int64_t limit);

// The hash of a revision (0: of the empty log); empty when the log has no such revision.
absl::StatusOr<std::string> HashAt(Reader& reader, int64_t revision);

// Whether a follower that stands at (log, revision, hash) may go on. An empty log or
// hash is not compared. Errors: LOG_FORKED with `last_common_revision` when it is
// known, REVISION_AHEAD.
absl::Status CheckFollower(Reader& reader, const Position& follower);

// Recomputes the chain from..to (0: the ends). With the log's end in the range it also
// compares every current resource, and the rows of bulk Changes, with their images, and what is
// counted with the rows.
// Errors: INVALID_FIELDS for a range that is none.
absl::StatusOr<log::v1::VerifyChangesResponse> VerifyChanges(Store& store, int64_t from, int64_t to,
                                                             absl::Time deadline);

}  // namespace accord::store
