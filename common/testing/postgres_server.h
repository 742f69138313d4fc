// A real PostgreSQL server that is thrown away after the test process.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/testing/temp_dir.h"

namespace accord::testing {

// Listens on 127.0.0.1 only, trusts everyone there, syncs like a real one
// (fsync on), collation C, 200 connections. Runs as the user postgres when the
// test runs as root. Ends with the thread that started it. Not thread-safe.
class PostgresServer {
 public:
  // Makes a cluster and starts it, with `settings` ("work_mem=8MB") over its own. UNAVAILABLE when
  // PostgreSQL is not installed.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Create(
      std::vector<std::string> settings = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Starts a stopped server on its old port and waits until it answers.
  absl::Status Start();
  // Shuts down cleanly, ending all sessions.
  absl::Status Stop();
  absl::Status Restart();
  // Ends all its processes with SIGKILL, as a crash does. Start recovers.
  void Kill();
  // Stops all its processes: connections stay open, nothing answers.
  void Pause();
  void Resume();

  std::string url(absl::string_view database = "postgres") const;
  int port() const { return port_; }
  // Where the cluster lies.
  const std::string& folder() const { return dir_.path(); }
  // Makes an empty database and returns its URL.
  absl::StatusOr<std::string> CreateDatabase(absl::string_view name);

 private:
  PostgresServer(std::string bin, int port, std::vector<std::string> settings);

  absl::Status InitCluster();
  // The postmaster and its children.
  std::vector<pid_t> Processes() const;
  void Signal(int signal) const;

  const std::string bin_;
  const int port_;
  const std::vector<std::string> settings_;
  TempDir dir_;
  pid_t postmaster_ = -1;  // -1 while stopped.
};

// The URL of an empty database of its own: on the server that
// ACCORD_TEST_POSTGRES names (a URL), else on one server per test process.
absl::StatusOr<std::string> NewPostgresDatabase();

}  // namespace accord::testing
