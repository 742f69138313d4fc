// The real programs with lines between them that a test can spoil: agreements, Redis, and
// any number of gateways, each with its own line to both.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/testing/metrics_page.h"
#include "common/testing/redis_server.h"
#include "common/testing/tcp_proxy.h"
#include "common/testing/temp_dir.h"
#include "tests/integration/suite.h"

namespace accord::fault {

struct StageOptions {
  // Empty is a SQLite file of its own.
  std::string store_url{};
  int gateways = 1;
  bool redis = false;
  std::vector<std::string> agreements_flags{};
  std::vector<std::string> gateway_flags{};
};

// A gateway behind its lines.
class Gateway {
 public:
  // Without `redis_port` it has none.
  Gateway(int agreements_port, std::optional<int> redis_port,
          const std::vector<std::string>& flags);

  // Starts it and waits until it says SERVING.
  absl::Status Start();
  std::string address() const { return program.address(); }
  // An empty page when it does not answer.
  testing::MetricsPage Metrics() const;

  testing::TcpProxy to_agreements;
  // Null without Redis.
  std::unique_ptr<testing::TcpProxy> to_redis;

 private:
  const int metrics_port_;

 public:
  testing::Program program;
};

class Stage {
 public:
  explicit Stage(const StageOptions& options);

  absl::Status Start();
  std::vector<std::string> gateway_addresses() const;
  // The SQLite file, when there is one.
  std::string database() const { return dir_.File("agreements.db"); }

 private:
  const bool has_redis_;
  const testing::TempDir dir_;

 public:
  testing::RedisServer redis;
  testing::Program agreements;
  std::vector<std::unique_ptr<Gateway>> gateways;
};

}  // namespace accord::fault
