// The RED metrics of every RPC:
//   accord_rpc_started_total{method}       accord_rpc_handled_total{method,code}
//   accord_rpc_in_flight{method}           accord_rpc_latency_seconds{method}
//   accord_rpc_queue_wait_seconds          accord_rpc_shed_total{reason}
//   accord_rpc_denied_total{reason}
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace accord::rpc {

// Thread-safe, as is everything it hands out.
class RpcMetrics {
 public:
  // One method's series, looked up once: a label lookup costs more than a count.
  class Method {
   public:
    Method(RpcMetrics& metrics, const std::string& name);
    void Started();
    void Handled(absl::StatusCode code, absl::Duration latency);

   private:
    static constexpr size_t kCodes = 17;
    prometheus::Counter& HandledCounter(absl::StatusCode code);

    RpcMetrics& metrics_;
    const std::string name_;
    prometheus::Counter& started_;
    prometheus::Gauge& in_flight_;
    prometheus::Histogram& latency_;
    std::array<std::atomic<prometheus::Counter*>, kCodes> handled_{};
  };

  explicit RpcMetrics(prometheus::Registry& registry);

  // Valid as long as this.
  Method& ForMethod(const std::string& name);
  void QueueWait(absl::Duration wait);
  void Shed(absl::string_view reason);
  // A call that was not let in, or whose handler found that the caller may not do it.
  void Denied(absl::string_view reason);

 private:
  prometheus::Family<prometheus::Counter>& started_;
  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Gauge>& in_flight_;
  prometheus::Family<prometheus::Histogram>& latency_;
  prometheus::Family<prometheus::Counter>& shed_;
  prometheus::Family<prometheus::Counter>& denied_;
  prometheus::Histogram& queue_wait_;
  std::shared_mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<Method>> methods_;
};

}  // namespace accord::rpc
