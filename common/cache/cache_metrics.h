// What the view cache tells Prometheus:
//   accord_cache_hits_total{tier}            accord_cache_misses_total
//   accord_cache_refused_total{tier,reason}  accord_cache_not_newer_total{tier}
//   accord_cache_fills_total{result}         accord_cache_waits_total{result}
//   accord_cache_age_seconds                 accord_cache_memory_bytes / _entries
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>

#include "absl/time/time.h"
#include "common/cache/rule.h"

namespace accord::cache {

// Where a view was found.
enum class Tier { kMemory = 0, kRedis = 1 };

// Thread-safe.
class CacheMetrics {
 public:
  // `registry` outlives this.
  explicit CacheMetrics(prometheus::Registry& registry);

  // `age`: since the view was computed.
  void Hit(Tier tier, absl::Duration age);
  // Nothing usable in any tier.
  void Miss() { misses_.Increment(); }
  void Refused(Tier tier, Verdict reason);
  // A store that would have replaced what is not older.
  void NotNewer(Tier tier) { not_newer_[static_cast<size_t>(tier)]->Increment(); }
  void Filled() { filled_.Increment(); }
  // A filler ended without a view.
  void Abandoned() { abandoned_.Increment(); }

  // How those ended that waited for a filler.
  void WaitedForView() { waited_fresh_.Increment(); }
  void WaitedStale() { waited_stale_.Increment(); }
  void WaitedInVain() { waited_nothing_.Increment(); }

  void Memory(size_t bytes, size_t entries);

 private:
  prometheus::Family<prometheus::Counter>& refused_family_;
  prometheus::Family<prometheus::Counter>& fills_;
  prometheus::Family<prometheus::Counter>& waits_;
  std::array<prometheus::Counter*, 2> hits_{};
  std::array<prometheus::Counter*, 2> not_newer_{};
  std::array<std::array<prometheus::Counter*, 6>, 2> refused_{};
  prometheus::Counter& misses_;
  prometheus::Counter& filled_;
  prometheus::Counter& abandoned_;
  prometheus::Counter& waited_fresh_;
  prometheus::Counter& waited_stale_;
  prometheus::Counter& waited_nothing_;
  prometheus::Histogram& age_;
  prometheus::Gauge& memory_bytes_;
  prometheus::Gauge& memory_entries_;
};

}  // namespace accord::cache
