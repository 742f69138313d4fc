#include "services/gateway/followed_logs.h"

#include <algorithm>

namespace accord::gateway {

cache::LogPosition PositionOf(const Revision& revision) {
  return {revision.service, revision.log, revision.revision};
}

std::vector<Revision> RevisionsOf(const cache::StoredView& view) {
  std::vector<Revision> revisions;
  for (const cache::LogPosition& at : view.envelope().version.computed_at) {
    revisions.push_back({at.service, at.log, at.revision});
  }
  return revisions;
}

std::optional<FollowedLogs::Answer> FollowedLogs::Of(absl::string_view agency) const {
  Answer all{std::string(agency), {}, {}, absl::ZeroDuration()};
  for (const Seen* log : logs_) {
    const auto seen = log->Of(all.agency, clock_.Now());
    if (!seen) return std::nullopt;
    all.agency = seen->agency;
    all.newest.push_back(PositionOf(seen->newest));
    all.read.push_back({seen->newest.service, seen->newest.log, seen->position});
    all.silence = std::max(all.silence, seen->silence);
  }
  return all;
}

}  // namespace accord::gateway
