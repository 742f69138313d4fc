#include "services/gateway/feed_gauges.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "common/base/log.h"

namespace accord::gateway {

FeedGauges::FeedGauges(prometheus::Registry& registry, const std::string& service)
    : age_(prometheus::BuildGauge()
               .Name("accord_gateway_feed_age_seconds")
               .Help("Time since the log was last heard; -1 before the first time.")
               .Register(registry)
               .Add({{"service", service}})),
      forked_(prometheus::BuildGauge()
                  .Name("accord_gateway_feed_forked")
                  .Help("1 when the log became another one: the program must be restarted.")
                  .Register(registry)
                  .Add({{"service", service}})) {
  Set(absl::InfiniteDuration(), false);
}

void FeedGauges::Set(absl::Duration age, bool forked) {
  age_.Set(age == absl::InfiniteDuration() ? -1 : absl::ToDoubleSeconds(age));
  forked_.Set(forked ? 1 : 0);
}

void LogFork(const std::string& service, const absl::Status& status) {
  LogError("the log is another one than before; restart this program to read it anew",
           {{"service", service}, {"error", std::string(status.message())}});
}

}  // namespace accord::gateway
