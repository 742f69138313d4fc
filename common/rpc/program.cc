#include "common/rpc/program.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/build_info.h"

namespace accord::rpc {
namespace {

constexpr int kBadFlags = 2;
constexpr int kMaxWorkers = 1024;
constexpr int kMaxQueue = 1'000'000;

void AddServerFlags(CLI::App& app, ServerFlags& flags) {
  app.add_option("--listen", flags.listen, "host:port to serve gRPC on; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--metrics-listen", flags.metrics_listen,
                 "host:port to serve Prometheus metrics on; empty serves none")
      ->capture_default_str();
  app.add_option("--log-level", flags.log_level, "least severe level that is logged")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
  app.add_option("--workers", flags.workers, "threads that run calls")
      ->check(CLI::Range(1, kMaxWorkers))
      ->capture_default_str();
  app.add_option("--queue", flags.queue, "calls that may wait for a thread; more are refused")
      ->check(CLI::Range(0, kMaxQueue))
      ->capture_default_str();
  app.add_option("--per-caller", flags.per_caller,
                 "calls that one caller may have waiting or running; 0 is no limit")
      ->check(CLI::Range(0, kMaxQueue))
      ->capture_default_str();
  app.add_option("--port-file", flags.port_file, "file to write the bound port to once serving")
      ->capture_default_str();
}

void AddTlsFlags(CLI::App& app, ServerFlags& flags) {
  app.add_option("--tls-cert", flags.tls.cert, "PEM file of the server's certificate chain")
      ->capture_default_str();
  app.add_option("--tls-key", flags.tls.key, "PEM file of its private key")->capture_default_str();
  app.add_option("--tls-client-ca", flags.tls.ca,
                 "PEM file of the authorities that client certificates must come from; "
                 "empty asks for none")
      ->capture_default_str();
  app.add_flag("--insecure", flags.insecure,
               "allow plain text, on loopback only, and a program that asks nobody who they are")
      ->capture_default_str();
}

void AddDrainFlags(CLI::App& app, ServerFlags& flags) {
  AddDuration(app, "--drain-timeout", flags.drain_timeout,
              "how long calls in progress get after a stop signal");
  AddDuration(app, "--balancer-wait", flags.balancer_wait,
              "how long balancers get to see NOT_SERVING before new calls are refused");
}

std::string VersionText(const std::string& name) {
  return absl::StrCat(name, " ", BuildVersion(), " (", BuildCommit(), ")");
}

// Gives every flag its environment variable, and insists on a help text.
absl::Status FinishFlags(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option == app.get_help_ptr() || option == app.get_version_ptr()) continue;
    if (option->get_lnames().empty() || option->get_description().empty()) {
      return absl::InternalError(absl::StrCat("flag without help: ", option->get_name()));
    }
    const std::string upper = absl::AsciiStrToUpper(option->get_lnames().front());
    option->envname(absl::StrCat("ACCORD_", absl::StrReplaceAll(upper, {{"-", "_"}})));
  }
  return absl::OkStatus();
}

int Fail(const std::string& name, const absl::Status& status) {
  const std::string text = absl::StrReplaceAll(status.message(), {{"\n", " "}});
  std::fprintf(stderr, "%s: %s\n", name.c_str(), text.c_str());
  return EXIT_FAILURE;
}

absl::Status Run(const ServerFlags& flags,
                 const std::function<absl::Status(const ServerFlags&)>& run) {
  LogLevel level = LogLevel::kInfo;
  ParseLogLevel(flags.log_level, &level);
  SetLogLevel(level);
  // Debian's Abseil looks for deadlocks at every lock that gRPC takes.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::signal(SIGPIPE, SIG_IGN);  // A peer that goes away is an error of its call only.
  try {
    return run(flags);
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace

void AddDuration(CLI::App& app, const std::string& flag, absl::Duration& value,
                 const std::string& help) {
  app.add_option_function<std::string>(
         flag, [&value](const std::string& text) { absl::ParseDuration(text, &value); }, help)
      ->default_str(absl::FormatDuration(value))
      ->check([](const std::string& text) {
        absl::Duration parsed;
        const bool good = absl::ParseDuration(text, &parsed) && parsed >= absl::ZeroDuration() &&
                          parsed < absl::Hours(24);
        return good ? std::string() : absl::StrCat("not a duration such as 10s: ", text);
      });
}

RuntimeOptions ToRuntimeOptions(const ServerFlags& flags, absl::string_view domain) {
  RuntimeOptions options;
  options.domain = std::string(domain);
  options.workers = flags.workers;
  options.queue = flags.queue;
  options.per_caller = flags.per_caller;
  return options;
}

ServerOptions ToServerOptions(const ServerFlags& flags) {
  ServerOptions options;
  options.listen = flags.listen;
  options.metrics_listen = flags.metrics_listen;
  options.port_file = flags.port_file;
  options.tls = flags.tls;
  options.insecure = flags.insecure;
  options.balancer_wait = flags.balancer_wait;
  options.drain_timeout = flags.drain_timeout;
  return options;
}

int RunProgram(const std::string& name, const std::string& description, int argc, char** argv,
               const std::function<void(CLI::App&)>& add_flags,
               const std::function<absl::Status(const ServerFlags&)>& run, ServerFlags defaults) {
  BlockShutdownSignals();  // Before any thread exists.
  CLI::App app(description, name);
  app.set_version_flag("--version", VersionText(name));
  ServerFlags flags = std::move(defaults);
  AddServerFlags(app, flags);
  AddTlsFlags(app, flags);
  AddDrainFlags(app, flags);
  if (add_flags) add_flags(app);
  if (const absl::Status status = FinishFlags(app); !status.ok()) return Fail(name, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == EXIT_SUCCESS ? EXIT_SUCCESS : kBadFlags;
  }
  const absl::Status status = Run(flags, run);
  return status.ok() ? EXIT_SUCCESS : Fail(name, status);
}

}  // namespace accord::rpc
