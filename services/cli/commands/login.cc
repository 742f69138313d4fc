// login: keeps a token for later commands, once the server has accepted it.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/cli/commands/auth.h"
#include "services/cli/commands/commands.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/private_file.h"

namespace accord::cli {
namespace {

constexpr char kStdin[] = "-";

// It also names a file.
absl::Status CheckName(absl::string_view name) {
  bool fit = !name.empty() && name.front() != '.';
  for (const char c : name) {
    fit = fit && (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  absl::string_view("._-:").find(c) != absl::string_view::npos);
  }
  if (fit) return absl::OkStatus();
  return UsageError(absl::StrCat("\"", name, "\" cannot name a context"),
                    "give --context NAME, of letters, digits, and . _ - :");
}

// The entry that this login is for: that of --context, else of the server asked for, else the
// current one. A new one if there is none yet.
Context EntryFor(const Config& config, const std::string& name, const std::string& server) {
  const bool by_server = name.empty() && !server.empty();
  const Context* known = by_server ? FindServer(config, server)
                                   : FindContext(config, name.empty() ? config.current : name);
  Context entry;
  if (known != nullptr) entry = *known;
  if (!server.empty()) entry.server = server;
  if (entry.server.empty()) entry.server = kDefaultServer;
  if (entry.name.empty()) entry.name = name.empty() ? entry.server : name;
  return entry;
}

absl::StatusOr<std::string> ReadGivenToken(Session& session, const std::string& file) {
  std::ifstream in;
  if (file != kStdin) in.open(file);
  std::string token = ReadToken(file == kStdin ? session.io().in : in);
  if (!token.empty()) return token;
  return UsageError(absl::StrCat("there is no token in ", file == kStdin ? "the input" : file),
                    "write the token of your identity provider to a file, and name that");
}

// Gives the entry the file that it is to find its token in.
absl::Status KeepToken(const std::string& profile, const std::string& token, bool copy,
                       Context* entry) {
  if (!copy) {
    entry->token_file = FullName(entry->token_file);
    return absl::OkStatus();
  }
  const auto folder = std::filesystem::path(FullName(profile)).parent_path();
  entry->token_file = (folder / "tokens" / entry->name).string();
  return WritePrivateFile(entry->token_file, token + "\n");
}

absl::Status MakeCurrent(const std::string& profile, Config config, const Context& entry) {
  config.current = entry.name;
  for (Context& context : config.contexts) {
    if (context.name != entry.name) continue;
    context = entry;
    return SaveConfig(profile, config);
  }
  config.contexts.push_back(entry);
  return SaveConfig(profile, config);
}

absl::StatusOr<int> RunLogin(Session& session, bool copy) {
  const GlobalOptions& options = session.options();
  if (options.token_file.empty()) {
    return UsageError("which token?", "give --token-file FILE, or - to read it from the input");
  }
  const std::string profile = session.ProfileFile();
  absl::StatusOr<Config> config = LoadConfig(profile);
  if (absl::IsNotFound(config.status())) config = Config();
  if (!config.ok()) return config.status();
  ACCORD_ASSIGN_OR_RETURN(Context entry, session.WithOptions(EntryFor(*config, options.context,
                                                                      session.ServerAskedFor())));
  ACCORD_RETURN_IF_ERROR(CheckName(entry.name));
  if (!options.actor.empty()) entry.actor = options.actor;
  ACCORD_ASSIGN_OR_RETURN(const std::string token, ReadGivenToken(session, options.token_file));
  ACCORD_RETURN_IF_ERROR(session.ConnectTo(entry, token));
  ACCORD_ASSIGN_OR_RETURN(const auto who, FetchWho(session));
  ACCORD_RETURN_IF_ERROR(KeepToken(profile, token, copy || options.token_file == kStdin, &entry));
  ACCORD_RETURN_IF_ERROR(MakeCurrent(profile, *std::move(config), entry));
  ACCORD_RETURN_IF_ERROR(PrintWho(session, who));
  session.Note(absl::StrCat("logged in; ", entry.name, " is the current context of ", profile));
  return kExitOk;
}

}  // namespace

void AddLogin(CLI::App& app, Session& session) {
  auto copy = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "login", "Have a token checked, and use it from now on: --token-file FILE, - for the input");
  command->add_flag("--copy", *copy, "Keep the token beside the profile, not the file's name");
  command->callback([&session, copy] {
    session.command = [&session, copy] { return RunLogin(session, *copy); };
  });
}

}  // namespace accord::cli
