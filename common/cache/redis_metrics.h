// What the Redis client tells Prometheus:
//   accord_redis_up                          accord_redis_breaker_state
//   accord_redis_operations_total{op,outcome}
//   accord_redis_latency_seconds{op}         accord_redis_connects_total{result}
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>

namespace accord::cache {

enum class RedisOperation { kGet, kStore, kLease, kRelease, kDiscard };
inline constexpr size_t kRedisOperations = 5;

// How an operation ended. Whatever is not kOk is a miss to a reader, never an error.
enum class RedisOutcome {
  kOk,
  kMissing,      // Nothing under the key.
  kNotNewer,     // StoreIfNewer: what is there is not older.
  kHeld,         // TryLease: someone else holds it.
  kTimeout,      // Not answered within the time of an operation.
  kUnavailable,  // Not connected, or the connection was lost.
  kQueueFull,
  kLoading,      // The server starts, runs a long script or has lost its master.
  kOutOfMemory,  // The server is full and may not evict.
  kWrongType,    // The key holds no string.
  kTooLarge,
  kDamaged,  // Not a value that was stored here.
  kError,    // Any other error, or a reply of another type than the command has.
};
inline constexpr size_t kRedisOutcomes = 13;

// The circuit. Closed: operations run. Open: they are refused at once. Half-open: they are
// refused while a probe runs.
enum class BreakerState { kClosed = 0, kOpen = 1, kHalfOpen = 2 };

// Lower-case with underscores, as metrics name them.
const char* OperationName(RedisOperation operation);
const char* OutcomeName(RedisOutcome outcome);

// Thread-safe.
class RedisMetrics {
 public:
  // `registry` outlives this.
  explicit RedisMetrics(prometheus::Registry& registry);

  void Ended(RedisOperation operation, RedisOutcome outcome, std::chrono::nanoseconds latency);
  void Breaker(BreakerState state);
  void Connected(bool succeeded);

 private:
  prometheus::Counter& OutcomeCounter(RedisOperation operation, RedisOutcome outcome);

  prometheus::Family<prometheus::Counter>& outcomes_;
  prometheus::Gauge& up_;
  prometheus::Gauge& breaker_;
  prometheus::Counter& connected_;
  prometheus::Counter& connect_failed_;
  std::array<prometheus::Histogram*, kRedisOperations> latencies_{};
  std::array<std::atomic<prometheus::Counter*>, kRedisOperations * kRedisOutcomes> counters_{};
};

}  // namespace accord::cache
