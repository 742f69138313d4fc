// How many calls each caller has made of late.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/policy/access_policy.h"

namespace accord::auth {

// In no period do more calls come through than a limit says. Above 64 calls a period, those
// that come together are counted together, so that some of them count up to 1/64 of the
// period too long. Who has been idle for a period is forgotten. Thread-safe.
class CallerLimits {
 public:
  // Counts one call of `actor` under each of `limits`. One that a limit refuses counts
  // nowhere: RESOURCE_EXHAUSTED, CALLER_QUOTA, with RetryInfo.
  absl::Status Admit(const std::vector<const CallLimit*>& limits, absl::string_view actor,
                     absl::Time now);

  // How many callers are remembered, each once for every limit.
  size_t size() const;

 private:
  // Calls that are forgotten together.
  struct Burst {
    absl::Time first;
    absl::Time last;
    int calls;
  };
  struct Window {
    std::deque<Burst> bursts;
    int calls = 0;
    absl::Duration period;
  };

  Window& WindowOf(const CallLimit& limit, absl::string_view actor, absl::Time now);
  void ForgetIdle(absl::Time now);
  static void ForgetOld(Window& window, absl::Time now);
  static void Count(Window& window, absl::Time now);
  // When the next call may come; now, or before, when it may at once.
  static absl::Time Ready(const Window& window, int most);

  mutable std::mutex mutex_;
  absl::flat_hash_map<std::string, Window> windows_;  // Guarded by mutex_, as all below.
  absl::Time next_cleaning_ = absl::InfinitePast();
};

}  // namespace accord::auth
