#include "common/cache/redis_metrics.h"

namespace accord::cache {
namespace {

// Seconds: from a loopback answer to well past the time of an operation.
prometheus::Histogram::BucketBoundaries Buckets() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1};
}

prometheus::Family<prometheus::Counter>& Connects(prometheus::Registry& registry) {
  return prometheus::BuildCounter()
      .Name("accord_redis_connects_total")
      .Help("Attempts to connect to Redis, by result.")
      .Register(registry);
}

}  // namespace

const char* OperationName(RedisOperation operation) {
  static constexpr const char* kNames[kRedisOperations] = {"get", "store", "lease", "release",
                                                           "discard"};
  return kNames[static_cast<size_t>(operation)];
}

const char* OutcomeName(RedisOutcome outcome) {
  static constexpr const char* kNames[kRedisOutcomes] = {
      "ok",      "missing",       "not_newer",  "held",      "timeout", "unavailable", "queue_full",
      "loading", "out_of_memory", "wrong_type", "too_large", "damaged", "error"};
  return kNames[static_cast<size_t>(outcome)];
}

RedisMetrics::RedisMetrics(prometheus::Registry& registry)
    : outcomes_(prometheus::BuildCounter()
                    .Name("accord_redis_operations_total")
                    .Help("Operations on Redis, by how they ended.")
                    .Register(registry)),
      up_(prometheus::BuildGauge()
              .Name("accord_redis_up")
              .Help("1 while operations are sent to Redis.")
              .Register(registry)
              .Add({})),
      breaker_(prometheus::BuildGauge()
                   .Name("accord_redis_breaker_state")
                   .Help("0 closed, 1 open, 2 half-open (probing).")
                   .Register(registry)
                   .Add({})),
      connected_(Connects(registry).Add({{"result", "ok"}})),
      connect_failed_(Connects(registry).Add({{"result", "failed"}})) {
  auto& latency = prometheus::BuildHistogram()
                      .Name("accord_redis_latency_seconds")
                      .Help("From the request to its end; refused at once is not counted.")
                      .Register(registry);
  for (size_t i = 0; i < kRedisOperations; ++i) {
    const char* name = OperationName(static_cast<RedisOperation>(i));
    latencies_[i] = &latency.Add({{"op", name}}, Buckets());
  }
}

void RedisMetrics::Ended(RedisOperation operation, RedisOutcome outcome,
                         std::chrono::nanoseconds latency) {
  OutcomeCounter(operation, outcome).Increment();
  if (latency.count() == 0) return;
  latencies_[static_cast<size_t>(operation)]->Observe(
      std::chrono::duration<double>(latency).count());
}

void RedisMetrics::Breaker(BreakerState state) {
  breaker_.Set(static_cast<double>(state));
  up_.Set(state == BreakerState::kClosed ? 1 : 0);
}

void RedisMetrics::Connected(bool succeeded) {
  (succeeded ? connected_ : connect_failed_).Increment();
}

prometheus::Counter& RedisMetrics::OutcomeCounter(RedisOperation operation, RedisOutcome outcome) {
  auto& slot =
      counters_[static_cast<size_t>(operation) * kRedisOutcomes + static_cast<size_t>(outcome)];
  if (prometheus::Counter* known = slot.load()) return *known;
  // Add returns the same counter for the same labels, so a race is harmless.
  prometheus::Counter& counter =
      outcomes_.Add({{"op", OperationName(operation)}, {"outcome", OutcomeName(outcome)}});
  slot.store(&counter);
  return counter;
}

}  // namespace accord::cache
