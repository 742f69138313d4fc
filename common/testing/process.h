// A real process under a test's control.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace accord::testing {

// Killed with its owner. Not thread-safe.
class Process {
 public:
  // Starts `command` (a path and its arguments); its output goes to `log_path`.
  static absl::StatusOr<Process> Start(const std::vector<std::string>& command,
                                       const std::string& log_path);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  void Signal(int signal) const;
  // SIGKILL, and waits until it is gone.
  void Kill();
  // SIGTERM, and waits for the exit code; empty when it did not end in time.
  std::optional<int> Terminate(absl::Duration within = absl::Seconds(20));
  pid_t pid() const { return pid_; }

 private:
  explicit Process(pid_t pid) : pid_(pid) {}

  pid_t pid_ = -1;  // -1 once it has ended.
};

struct Output {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// Runs a command to its end. DEADLINE_EXCEEDED (and killed) after `within`.
absl::StatusOr<Output> RunCommand(const std::vector<std::string>& command,
                                  absl::Duration within = absl::Seconds(60));

// A TCP port of 127.0.0.1 that was free a moment ago.
int FreePort();

// Waits for a port file that a program writes with --port-file.
absl::StatusOr<int> WaitForPortFile(const std::string& path, absl::Duration within);

}  // namespace accord::testing
