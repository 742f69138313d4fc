// How a followed log is doing, as metrics and in the program's own log.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace prometheus {
class Gauge;
class Registry;
}  // namespace prometheus

namespace accord::gateway {

// accord_gateway_feed_age_seconds and accord_gateway_feed_forked of one service.
class FeedGauges {
 public:
  // `registry` outlives it.
  FeedGauges(prometheus::Registry& registry, const std::string& service);

  // Since the log was last heard; infinite before the first time.
  void Set(absl::Duration age, bool forked);

 private:
  prometheus::Gauge& age_;
  prometheus::Gauge& forked_;
};

// Tells the operator, who decides whether the restored log is meant.
void LogFork(const std::string& service, const absl::Status& status);

}  // namespace accord::gateway
