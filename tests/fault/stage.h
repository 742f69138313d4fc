// The real programs with lines between them that a test can spoil: agreements, training with
// its line to agreements, Redis, and any number of gateways, each with its own line to all.
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
  // Whether there is a training service, and its store as above.
  bool training = false;
  std::string training_url{};
  std::vector<std::string> agreements_flags{};
  std::vector<std::string> gateway_flags{};
};

// A training service behind its line.
class Training {
 public:
  Training(int agreements_port, const std::string& store_url, const std::string& policy);

  absl::Status Start(const std::vector<std::string>& more = {}) { return program.Start(more); }
  std::string address() const { return program.address(); }
  // An empty page when it does not answer.
  testing::MetricsPage Metrics() const;

  testing::TcpProxy to_agreements;

 private:
  const int metrics_port_;

 public:
  testing::Program program;
};

// Where a gateway's lines lead; none of what has no port.
struct GatewayPorts {
  int agreements = 0;
  std::optional<int> training{};
  std::optional<int> redis{};
};

// A gateway behind its lines.
class Gateway {
 public:
  explicit Gateway(const GatewayPorts& ports, const std::vector<std::string>& flags = {});

  // Starts it and waits until it says SERVING.
  absl::Status Start();
  std::string address() const { return program.address(); }
  // An empty page when it does not answer.
  testing::MetricsPage Metrics() const;

  testing::TcpProxy to_agreements;
  // Null without such a service.
  std::unique_ptr<testing::TcpProxy> to_training;
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
  // The SQLite file of agreements, when there is one.
  std::string database() const { return dir_.File("agreements.db"); }

 private:
  const bool has_redis_;
  const testing::TempDir dir_;

 public:
  testing::RedisServer redis;
  testing::Program agreements;
  // Null without.
  std::unique_ptr<Training> training;
  std::vector<std::unique_ptr<Gateway>> gateways;
};

// The agreements service's SQLite file as it is when this is made, as a crash would leave it;
// later it takes the place of the one that was lost.
class Backup {
 public:
  // Fails the test when it cannot.
  explicit Backup(const Stage& stage);

  // Starts the service on the copy, with a new log, and gives it the lines of the one before so
  // quickly that nobody might notice.
  absl::Status Restore(Stage& stage);
  std::string address() const { return program_.address(); }

 private:
  const testing::TempDir dir_;
  testing::Program program_;
};

}  // namespace accord::fault
