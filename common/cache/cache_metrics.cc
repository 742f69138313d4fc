#include "common/cache/cache_metrics.h"

#include <string>

namespace accord::cache {
namespace {

prometheus::Family<prometheus::Counter>& Counters(prometheus::Registry& registry, const char* name,
                                                  const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

// Seconds: views live from one change of their subject to the next, up to a day.
prometheus::Histogram::BucketBoundaries AgeBuckets() {
  return {0.01, 0.1, 1, 5, 15, 60, 300, 900, 3600, 21600, 86400};
}

constexpr const char* kTierNames[] = {"memory", "redis"};

}  // namespace

CacheMetrics::CacheMetrics(prometheus::Registry& registry)
    : refused_family_(Counters(registry, "accord_cache_refused_total",
                               "Cached views that the rule refused, by reason.")),
      fills_(Counters(registry, "accord_cache_fills_total",
                      "Views given to a filler to compute, by result.")),
      waits_(Counters(registry, "accord_cache_waits_total",
                      "Lookups that waited for another's filler, by result.")),
      misses_(Counters(registry, "accord_cache_misses_total",
                       "Lookups that found nothing usable in any tier.")
                  .Add({})),
      filled_(fills_.Add({{"result", "filled"}})),
      abandoned_(fills_.Add({{"result", "abandoned"}})),
      waited_fresh_(waits_.Add({{"result", "view"}})),
      waited_stale_(waits_.Add({{"result", "stale"}})),
      waited_nothing_(waits_.Add({{"result", "nothing"}})),
      age_(prometheus::BuildHistogram()
               .Name("accord_cache_age_seconds")
               .Help("How long ago the views that were served had been computed.")
               .Register(registry)
               .Add({}, AgeBuckets())),
      memory_bytes_(Gauge(registry, "accord_cache_memory_bytes", "Held in process memory.")),
      memory_entries_(Gauge(registry, "accord_cache_memory_entries", "Held in process memory.")) {
  auto& hits = Counters(registry, "accord_cache_hits_total", "Views served, by tier.");
  auto& not_newer = Counters(registry, "accord_cache_not_newer_total",
                             "Stores refused because what was there is not older.");
  for (size_t tier = 0; tier < hits_.size(); ++tier) {
    hits_[tier] = &hits.Add({{"tier", kTierNames[tier]}});
    not_newer_[tier] = &not_newer.Add({{"tier", kTierNames[tier]}});
    for (size_t reason = 0; reason < refused_[tier].size(); ++reason) {
      const std::string name(VerdictName(static_cast<Verdict>(reason)));
      if (static_cast<Verdict>(reason) == Verdict::kUsable) continue;
      refused_[tier][reason] = &refused_family_.Add({{"tier", kTierNames[tier]}, {"reason", name}});
    }
  }
}

void CacheMetrics::Hit(Tier tier, absl::Duration age) {
  hits_[static_cast<size_t>(tier)]->Increment();
  age_.Observe(absl::ToDoubleSeconds(age));
}

void CacheMetrics::Refused(Tier tier, Verdict reason) {
  if (reason == Verdict::kUsable) return;
  refused_[static_cast<size_t>(tier)][static_cast<size_t>(reason)]->Increment();
}

void CacheMetrics::Memory(size_t bytes, size_t entries) {
  memory_bytes_.Set(static_cast<double>(bytes));
  memory_entries_.Set(static_cast<double>(entries));
}

}  // namespace accord::cache
