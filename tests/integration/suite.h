// The real programs on loopback, under a test's control. Includes nothing from
// services/: it knows only the contracts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "accord/gateway/v1/gateway.grpc.pb.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "common/rpc/channel.h"
#include "common/testing/process.h"
#include "common/testing/temp_dir.h"

namespace accord::testing {

// One program that can be killed and started again on the same port.
class Program {
 public:
  // `arguments` besides --listen, --port-file and the quick drain; without --tls-cert also
  // --insecure.
  Program(std::string name, std::vector<std::string> arguments);

  // Starts it, with `more` arguments this time, and waits until it answers.
  absl::Status Start(const std::vector<std::string>& more = {});
  void Kill() { process_.reset(); }
  void Signal(int signal) const { process_->Signal(signal); }
  std::optional<int> Terminate();

  std::string address() const;
  int port() const { return port_; }
  // Of the process that runs.
  pid_t pid() const { return process_->pid(); }
  // What it has written to its log so far.
  std::string log() const;

 private:
  const std::string name_;
  const std::vector<std::string> arguments_;
  const int port_;
  TempDir dir_;
  std::optional<Process> process_;
};

// agreements on `store_url`, and a gateway in front when asked for.
struct Suite {
  explicit Suite(const std::string& store_url);

  absl::Status Start();

  TempDir dir;
  Program agreements;
  Program gateway;
};

std::string PolicyPath();
// A program of the folder that the environment's ACCORD_BIN_DIR names, else of this build.
std::string ProgramPath(const std::string& name);
std::string CtlPath();
// The published lists in order of capture, participating before pending.
std::vector<std::string> RosterPaths();

// accordctl against `address`, with its own state and configuration.
absl::StatusOr<Output> Ctl(const std::string& address, std::vector<std::string> arguments,
                           absl::Duration within = absl::Seconds(120));

}  // namespace accord::testing
