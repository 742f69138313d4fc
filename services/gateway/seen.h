// For each agency, the newest revision of a service's log that named it: what a cached
// view must have been computed at to be shown.
#pragma once

#include <optional>
#include <shared_mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "accord/log/v1/log.pb.h"
#include "services/gateway/freshness.h"

namespace accord::gateway {

// Thread-safe, with a lock of its own that is never held for long: it is asked on the
// callback thread at every status read.
class Seen {
 public:
  struct Answer {
    // The agency itself, or what it was merged into.
    std::string agency;
    // The newest change that named it. Of an agency that none has named since the
    // listing began, the place where it began, which is later: what is not known to be
    // current is not shown.
    Revision newest;
    // How far the log was read, at the same moment.
    int64_t position = 0;
    // Since the log was last heard.
    absl::Duration silence;
  };
  // Agencies that were merged, each with the one it was merged into.
  using Merges = absl::flat_hash_map<std::string, std::string>;

  // A listing was begun at `start`.
  void Restart(const Revision& start, Merges merges, absl::Time heard);
  // Takes a batch of the feed, in order. `merges` are those that it changed; an empty
  // value ends one.
  void Apply(const log::v1::WatchChangesResponse& batch, const Merges& merges, absl::Time heard);
  // The log is another one: nothing more is known.
  void SetForked();

  // Since the log was last heard; infinite before the first time and after a fork.
  absl::Duration Silence(absl::Time now) const;
  // Whether the log was read up to just this place.
  bool StandsAt(const Revision& revision) const;

  // None before the first listing and after a fork.
  std::optional<Answer> Of(absl::string_view agency, absl::Time now) const;

 private:
  mutable std::shared_mutex mutex_;
  Revision start_;  // Without a log before the first listing. Guarded by mutex_, as all below.
  int64_t position_ = 0;
  absl::Time heard_ = absl::InfinitePast();
  absl::flat_hash_map<std::string, int64_t> newest_;
  Merges merges_;
};

}  // namespace accord::gateway
