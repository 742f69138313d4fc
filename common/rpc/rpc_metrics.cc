#include "common/rpc/rpc_metrics.h"

#include <mutex>

namespace accord::rpc {
namespace {

// Seconds: from an answer out of memory to the longest deadline.
prometheus::Histogram::BucketBoundaries Buckets() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
}

}  // namespace

RpcMetrics::RpcMetrics(prometheus::Registry& registry)
    : started_(prometheus::BuildCounter()
                   .Name("accord_rpc_started_total")
                   .Help("Calls received.")
                   .Register(registry)),
      handled_(prometheus::BuildCounter()
                   .Name("accord_rpc_handled_total")
                   .Help("Calls answered, by gRPC code.")
                   .Register(registry)),
      in_flight_(prometheus::BuildGauge()
                     .Name("accord_rpc_in_flight")
                     .Help("Calls received and not yet answered.")
                     .Register(registry)),
      latency_(prometheus::BuildHistogram()
                   .Name("accord_rpc_latency_seconds")
                   .Help("From receipt to answer, the wait for a worker included.")
                   .Register(registry)),
      shed_(prometheus::BuildCounter()
                .Name("accord_rpc_shed_total")
                .Help("Calls refused or given up before any work.")
                .Register(registry)),
      denied_(prometheus::BuildCounter()
                  .Name("accord_rpc_denied_total")
                  .Help("Calls that were not let in.")
                  .Register(registry)),
      queue_wait_(prometheus::BuildHistogram()
                      .Name("accord_rpc_queue_wait_seconds")
                      .Help("How long calls waited for a worker.")
                      .Register(registry)
                      .Add({}, Buckets())) {}

RpcMetrics::Method& RpcMetrics::ForMethod(const std::string& name) {
  {
    std::shared_lock lock(mutex_);
    const auto found = methods_.find(name);
    if (found != methods_.end()) return *found->second;
  }
  std::unique_lock lock(mutex_);
  auto& method = methods_[name];
  if (method == nullptr) method = std::make_unique<Method>(*this, name);
  return *method;
}

void RpcMetrics::QueueWait(absl::Duration wait) {
  queue_wait_.Observe(absl::ToDoubleSeconds(wait));
}

void RpcMetrics::Shed(absl::string_view reason) {
  shed_.Add({{"reason", std::string(reason)}}).Increment();
}

void RpcMetrics::Denied(absl::string_view reason) {
  denied_.Add({{"reason", std::string(reason)}}).Increment();
}

RpcMetrics::Method::Method(RpcMetrics& metrics, const std::string& name)
    : metrics_(metrics),
      name_(name),
      started_(metrics.started_.Add({{"method", name}})),
      in_flight_(metrics.in_flight_.Add({{"method", name}})),
      latency_(metrics.latency_.Add({{"method", name}}, Buckets())) {}

void RpcMetrics::Method::Started() {
  started_.Increment();
  in_flight_.Increment();
}

void RpcMetrics::Method::Handled(absl::StatusCode code, absl::Duration latency) {
  HandledCounter(code).Increment();
  in_flight_.Decrement();
  latency_.Observe(absl::ToDoubleSeconds(latency));
}

prometheus::Counter& RpcMetrics::Method::HandledCounter(absl::StatusCode code) {
  const size_t index = static_cast<size_t>(code) < kCodes ? static_cast<size_t>(code) : 2;
  if (prometheus::Counter* known = handled_[index].load()) return *known;
  // Add returns the same counter for the same labels, so a race is harmless.
  const std::string text = absl::StatusCodeToString(static_cast<absl::StatusCode>(index));
  prometheus::Counter& counter = metrics_.handled_.Add({{"method", name_}, {"code", text}});
  handled_[index].store(&counter);
  return counter;
}

}  // namespace accord::rpc
