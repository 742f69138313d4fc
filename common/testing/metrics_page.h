// What a program counts, as it tells Prometheus.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace accord::testing {

// The body of http://127.0.0.1:`port``path`. UNAVAILABLE without an answer of status 200
// within `within`.
absl::StatusOr<std::string> HttpGet(int port, absl::string_view path,
                                    absl::Duration within = absl::Seconds(5));

// One look at http://127.0.0.1:PORT/metrics.
class MetricsPage {
 public:
  static absl::StatusOr<MetricsPage> Read(int port);
  explicit MetricsPage(absl::string_view text);

  // The sum of the series of this name that have each of `labels`, written `tier="redis"`.
  // 0 when there is none.
  double Sum(absl::string_view name, const std::vector<std::string>& labels = {}) const;

 private:
  std::vector<std::string> lines_;
};

}  // namespace accord::testing
