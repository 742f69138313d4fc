// What the logs of all owners that a view rests on have said of an agency.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/cache/envelope.h"
#include "services/gateway/seen.h"

namespace accord::gateway {

// Thread-safe.
class FollowedLogs {
 public:
  struct Answer {
    // The agency itself, or what it was merged into.
    std::string agency;
    // Of each owner the newest change that named it, and how far its log was read.
    std::vector<cache::LogPosition> newest;
    std::vector<Revision> read;
    // Since the log that was heard longest ago was heard.
    absl::Duration silence;
  };

  // The first knows of merges: that of agreements. All outlive this.
  FollowedLogs(std::vector<const Seen*> logs, const Clock& clock)
      : logs_(std::move(logs)), clock_(clock) {}

  // None while some log is not known: nothing may then be shown from what is kept.
  std::optional<Answer> Of(absl::string_view agency) const;

 private:
  const std::vector<const Seen*> logs_;
  const Clock& clock_;
};

cache::LogPosition PositionOf(const Revision& revision);
// What a kept view was computed at.
std::vector<Revision> RevisionsOf(const cache::StoredView& view);

}  // namespace accord::gateway
