#include "services/cli/app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/rpc/build_info.h"
#include "services/cli/commands/commands.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/session.h"

namespace accord::cli {
namespace {

constexpr char kFooter[] =
    "Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 4 precondition or conflict,\n"
    "5 unavailable, 6 partly done, 124 timeout.\n"
    "Server: --server, else ACCORD_SERVER, else the configuration (--config, ACCORD_CONFIG,\n"
    "~/.config/accord/config.yaml), else 127.0.0.1:7200. It is spoken to over TLS; plain text\n"
    "only if --plaintext or the configuration says so, and only to this machine.";

const std::map<std::string, Format>& Formats() {
  static const auto& formats = *new std::map<std::string, Format>{{"table", Format::kTable},
                                                                  {"wide", Format::kWide},
                                                                  {"json", Format::kJson},
                                                                  {"csv", Format::kCsv},
                                                                  {"name", Format::kName}};
  return formats;
}

absl::Duration ParseTimeout(const std::string& text) {
  absl::Duration timeout;
  if (!absl::ParseDuration(text, &timeout) &&
      !absl::ParseDuration(absl::StrCat(text, "s"), &timeout)) {
    throw CLI::ValidationError("--timeout", "write for example 30s or 5m, not " + text);
  }
  if (timeout <= absl::ZeroDuration()) {
    throw CLI::ValidationError("--timeout", "must be more than zero");
  }
  return timeout;
}

void AddGlobalOptions(CLI::App& app, Session& session) {
  GlobalOptions& options = session.options();
  app.add_option("--server", options.server, "The gateway, host:port (env ACCORD_SERVER)");
  app.add_option("--config", options.config, "Client profile, YAML (env ACCORD_CONFIG)");
  app.add_option("--context", options.context, "Which context of the profile");
  app.add_option("--tls-ca", options.tls_ca, "PEM file: authorities the server must come from");
  app.add_option("--tls-cert", options.tls_cert, "PEM file: your certificate");
  app.add_option("--tls-key", options.tls_key, "PEM file: its key");
  app.add_flag("--plaintext", options.plaintext, "Speak without TLS, to this machine only");
  app.add_option("--actor", options.actor,
                 "Who does this (default: ACCORD_ACTOR, the profile, $USER)");
  app.add_option("--token-file", options.token_file,
                 "File of the token that says who you are (env ACCORD_TOKEN_FILE)");
  app.add_option_function<std::string>(
      "--timeout", [&options](const std::string& text) { options.timeout = ParseTimeout(text); },
      "Longest wait for an answer, for example 10s (default 30s, imports 300s)");
  app.add_option("-o,--output", options.format, "table, wide, json, csv or name")
      ->transform(CLI::CheckedTransformer(Formats()))
      ->option_text("table|wide|json|csv|name");
  app.add_flag("--progress", options.progress, "Tell of long work on stderr, terminal or not");
}

// Prints what CLI11 found, as our own errors are printed.
int PrintParseError(const CLI::App& app, const CLI::ParseError& error, const Io& io) {
  if (error.get_exit_code() == 0) {
    app.exit(error, io.out, io.err);
    return kExitOk;
  }
  const CLI::App* command = &app;
  std::string path = "accordctl";
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    absl::StrAppend(&path, " ", command->get_name());
  }
  io.err << DescribeError(UsageError(error.what(), absl::StrCat(path, " --help")), "");
  return kExitUsage;
}

void PrintFailure(const Session& session, const Io& io, const absl::Status& status) {
  if (session.json()) {
    io.err << ErrorJson(status);
    return;
  }
  const bool color = UseColor(io, io.err_is_tty);
  io.err << (color ? "\x1b[31m" : "") << DescribeError(status, session.server())
         << (color ? "\x1b[0m" : "");
}

}  // namespace

void AddEverything(CLI::App& app, Session& session) {
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag(
      "--version", absl::StrCat("accordctl ", rpc::BuildVersion(), " (", rpc::BuildCommit(), ")"));
  app.footer(kFooter);
  AddGlobalOptions(app, session);
  AddGet(app, session);
  AddList(app, session);
  AddDescribe(app, session);
  AddStatus(app, session);
  AddMetrics(app, session);
  AddImport(app, session);
  AddResolve(app, session);
  AddAgreement(app, session);
  AddAgency(app, session);
  AddChanges(app, session);
  AddWatch(app, session);
  AddVerify(app, session);
  AddCheckpoints(app, session);
  AddWhy(app, session);
  AddAuthority(app, session);
  AddTrainingRecord(app, session);
  AddTrainingFigures(app, session);
  AddErase(app, session);
  AddLogin(app, session);
  AddAuth(app, session);
  AddContext(app, session);
  AddCompletion(app, session);
}

int Run(const std::vector<std::string>& args, const Io& io) {
  Session session(io);
  CLI::App app("Reads and keeps the record of delegated-authority agreements.", "accordctl");
  AddEverything(app, session);
  std::vector<std::string> reversed(args.rbegin(), args.rend());  // As CLI11 takes them.
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return PrintParseError(app, error, io);
  }
  const absl::StatusOr<int> exit_code = session.command();
  session.ProgressDone();
  io.out.flush();
  if (exit_code.ok()) return *exit_code;
  PrintFailure(session, io, exit_code.status());
  return ExitCodeFor(exit_code.status());
}

}  // namespace accord::cli
