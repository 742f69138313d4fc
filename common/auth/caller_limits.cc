#include "common/auth/caller_limits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/auth/auth_errors.h"

namespace accord::auth {
namespace {

constexpr size_t kBursts = 64;
constexpr absl::Duration kBetweenCleanings = absl::Minutes(1);

}  // namespace

absl::Status CallerLimits::Admit(const std::vector<const CallLimit*>& limits,
                                 absl::string_view actor, absl::Time now) {
  if (limits.empty()) return absl::OkStatus();
  std::lock_guard lock(mutex_);
  ForgetIdle(now);
  const CallLimit* strictest = nullptr;
  absl::Time ready = now;
  for (const CallLimit* limit : limits) {
    const absl::Time its_ready = Ready(WindowOf(*limit, actor, now), limit->calls);
    if (its_ready <= ready) continue;
    ready = its_ready;
    strictest = limit;
  }
  if (strictest != nullptr) return error::CallerQuota(*strictest, ready - now);
  for (const CallLimit* limit : limits) Count(WindowOf(*limit, actor, now), now);
  return absl::OkStatus();
}

size_t CallerLimits::size() const {
  std::lock_guard lock(mutex_);
  return windows_.size();
}

CallerLimits::Window& CallerLimits::WindowOf(const CallLimit& limit, absl::string_view actor,
                                             absl::Time now) {
  Window& window = windows_[absl::StrCat(limit.code, " ", actor)];
  window.period = limit.period;
  ForgetOld(window, now);
  return window;
}

void CallerLimits::ForgetIdle(absl::Time now) {
  // Also when the clock was set back.
  if (now < next_cleaning_ && now > next_cleaning_ - 2 * kBetweenCleanings) return;
  next_cleaning_ = now + kBetweenCleanings;
  absl::erase_if(windows_, [now](auto& each) {
    ForgetOld(each.second, now);
    return each.second.bursts.empty();
  });
}

void CallerLimits::ForgetOld(Window& window, absl::Time now) {
  // The clock was set back: what it said before means nothing.
  if (!window.bursts.empty() && window.bursts.back().last > now + window.period) {
    window.bursts.clear();
    window.calls = 0;
  }
  while (!window.bursts.empty() && window.bursts.front().last + window.period <= now) {
    window.calls -= window.bursts.front().calls;
    window.bursts.pop_front();
  }
}

void CallerLimits::Count(Window& window, absl::Time now) {
  ++window.calls;
  if (window.bursts.empty()) {
    window.bursts.push_back({now, now, 1});
    return;
  }
  Burst& newest = window.bursts.back();
  // Calls that wait for a lock come out of order.
  now = std::max(now, newest.last);
  const bool together = window.bursts.size() >= kBursts &&
                        now < newest.first + window.period / static_cast<int64_t>(kBursts);
  if (!together) {
    window.bursts.push_back({now, now, 1});
    return;
  }
  newest.last = now;
  ++newest.calls;
}

absl::Time CallerLimits::Ready(const Window& window, int most) {
  absl::Time ready = absl::InfinitePast();
  int calls = window.calls;
  for (const Burst& burst : window.bursts) {
    if (calls < most) break;
    calls -= burst.calls;
    ready = burst.last + window.period;
  }
  return ready;
}

}  // namespace accord::auth
