// The main() of every service: flags, logging, errors, exit code.
//
//   int main(int argc, char** argv) {
//     std::string store;
//     return accord::rpc::RunProgram(
//         "accord-agreements", "Keeps agencies and their agreements.", argc, argv,
//         [&](CLI::App& app) { app.add_option("--store", store, "SQLite file")->…; },
//         [&](const accord::rpc::ServerFlags& flags) { return Run(flags, store); });
//   }
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"

namespace CLI {
class App;
}  // namespace CLI

namespace accord::rpc {

// The flags that every server has.
struct ServerFlags {
  std::string listen = "127.0.0.1:0";
  std::string metrics_listen{};
  std::string log_level = "info";
  int workers = 8;
  int queue = 256;
  int per_caller = 0;
  TlsFiles tls{};
  bool insecure = false;
  absl::Duration drain_timeout = absl::Seconds(10);
  absl::Duration balancer_wait = absl::Seconds(2);
  std::string port_file{};
};

// A flag that is given and shown as "1.5s": at least 0, below 24 h. CLI11 knows no
// absl::Duration.
void AddDuration(CLI::App& app, const std::string& flag, absl::Duration& value,
                 const std::string& help);

// `domain` is the service's ErrorInfo domain, "<service>.accord".
RuntimeOptions ToRuntimeOptions(const ServerFlags& flags, absl::string_view domain);
ServerOptions ToServerOptions(const ServerFlags& flags);

// Parses the flags, blocks the shutdown signals, sets up logging and calls `run`
// in a process that has no other thread yet. Returns the exit code: 0 when `run`
// is OK (and for --help and --version), 1 with one line on stderr when it fails,
// 2 for bad flags.
//
// Every flag, those of `add_flags` included, can be set by the environment
// variable ACCORD_<FLAG> (upper case, "_" for "-"); the command line wins. Each
// must have a help text. `defaults` are the service's own defaults.
int RunProgram(const std::string& name, const std::string& description, int argc, char** argv,
               const std::function<void(CLI::App&)>& add_flags,
               const std::function<absl::Status(const ServerFlags&)>& run,
               ServerFlags defaults = {});

}  // namespace accord::rpc
