// Waiting for what another thread or process does.
#pragma once

#include <functional>
#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace accord::testing {

// Looks until it holds; false when it does not within `within`, which is long because a busy
// machine is slow and a test that passes never waits for it.
inline bool Eventually(const std::function<bool()>& holds,
                       absl::Duration within = absl::Seconds(20)) {
  constexpr absl::Duration kBetweenLooks = absl::Milliseconds(2);
  const absl::Time deadline = absl::Now() + within;
  while (!holds()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(kBetweenLooks);
  }
  return true;
}

}  // namespace accord::testing
