// A real redis-server of a test's own, on loopback, without persistence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/testing/process.h"
#include "common/testing/temp_dir.h"

namespace accord::testing {

// Ends with its owner. Not thread-safe.
class RedisServer {
 public:
  // With more arguments of redis-server. Start it before use.
  explicit RedisServer(std::vector<std::string> arguments = {})
      : arguments_(std::move(arguments)), port_(FreePort()) {}

  // Starts it, empty, on its port, and waits until it accepts connections. UNAVAILABLE with
  // its log when it does not.
  absl::Status Start();
  void Kill() { process_->Kill(); }
  // Connections stay open and nothing answers.
  void Pause() const;
  void Resume() const;

  // What redis-cli prints, without its last line end. An error of redis-cli's, not of the
  // command's.
  absl::StatusOr<std::string> Command(std::vector<std::string> arguments) const;

  std::string unix_path() const { return dir_.File("redis.sock"); }
  int port() const { return port_; }

 private:
  bool Accepts() const;

  const std::vector<std::string> arguments_;
  const int port_;
  const TempDir dir_;
  std::optional<Process> process_;
};

}  // namespace accord::testing
