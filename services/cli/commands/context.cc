// context: the servers, and the identities for them, that the profile knows.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "services/cli/commands/commands.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/output/csv.h"
#include "services/cli/session.h"
#include "services/cli/view.h"

namespace accord::cli {
namespace {

using google::protobuf::Struct;

// Never the token itself.
Struct StructOf(const Context& context, bool current) {
  Struct entry;
  auto& fields = *entry.mutable_fields();
  fields["name"].set_string_value(context.name);
  fields["server"].set_string_value(context.server);
  fields["current"].set_bool_value(current);
  fields["plaintext"].set_bool_value(context.plaintext);
  fields["ca"].set_string_value(context.ca);
  fields["cert"].set_string_value(context.cert);
  fields["key"].set_string_value(context.key);
  fields["actor"].set_string_value(context.actor);
  fields["tokenFile"].set_string_value(context.token_file);
  return entry;
}

bool IsCurrent(const Config& config, const Context& context) {
  return context.name == config.current;
}

Table ContextTable(const Config& config) {
  Table table;
  table.columns = {{"CURRENT", "current"}, {"NAME", "name"},   {"SERVER", "server"},
                   {"OVER", "over"},       {"ACTOR", "actor"}, {"TOKEN", "token_file"}};
  for (const Context& context : config.contexts) {
    table.rows.push_back({IsCurrent(config, context) ? "*" : "", context.name, context.server,
                          context.plaintext ? "plain text" : "TLS", context.actor,
                          context.token_file});
  }
  return table;
}

absl::StatusOr<int> RunListContexts(Session& session) {
  ACCORD_ASSIGN_OR_RETURN(const Config config, session.ReadProfile());
  if (session.json()) {
    Struct whole;
    auto& list = *(*whole.mutable_fields())["contexts"].mutable_list_value();
    for (const Context& context : config.contexts) {
      *list.add_values()->mutable_struct_value() = StructOf(context, IsCurrent(config, context));
    }
    ACCORD_RETURN_IF_ERROR(session.PrintJson(whole));
  } else if (session.format() == Format::kCsv) {
    session.io().out << RenderCsv(ContextTable(config));
  } else if (session.format() == Format::kName) {
    for (const Context& context : config.contexts) session.io().out << context.name << "\n";
  } else if (config.contexts.empty()) {
    session.Note("there are no contexts; accordctl login --help shows how to make one");
  } else {
    session.PrintTable(ContextTable(config));
  }
  return kExitOk;
}

absl::StatusOr<int> RunShow(Session& session, const std::string& name) {
  ACCORD_ASSIGN_OR_RETURN(const Config config, session.ReadProfile());
  ACCORD_ASSIGN_OR_RETURN(const Context context,
                          ChooseContext(config, name.empty() ? session.options().context : name));
  if (session.json()) {
    ACCORD_RETURN_IF_ERROR(session.PrintJson(StructOf(context, IsCurrent(config, context))));
  } else if (session.format() == Format::kCsv) {
    session.io().out << RenderCsv(ContextTable({.current = config.current, .contexts = {context}}));
  } else if (session.format() == Format::kName) {
    session.io().out << context.name << "\n";
  } else {
    PrintFacts(session, {{"Name", context.name},
                         {"Server", context.server},
                         {"Over", context.plaintext ? "plain text" : "TLS"},
                         {"Authorities", context.ca},
                         {"Certificate", context.cert},
                         {"Key", context.key},
                         {"Actor", context.actor},
                         {"Token", context.token_file},
                         {"Profile", session.ProfileFile()}});
  }
  return kExitOk;
}

absl::StatusOr<int> RunUse(Session& session, const std::string& name) {
  ACCORD_ASSIGN_OR_RETURN(Config config, session.ReadProfile());
  ACCORD_ASSIGN_OR_RETURN(const Context context, ChooseContext(config, name));
  config.current = context.name;
  ACCORD_RETURN_IF_ERROR(SaveConfig(session.ProfileFile(), config));
  session.Note(absl::StrCat(context.name, " is the current context"));
  return kExitOk;
}

absl::StatusOr<int> RunRemove(Session& session, const std::string& name) {
  ACCORD_ASSIGN_OR_RETURN(Config config, session.ReadProfile());
  ACCORD_ASSIGN_OR_RETURN(const Context removed, ChooseContext(config, name));
  config.contexts.erase(
      std::remove_if(config.contexts.begin(), config.contexts.end(),
                     [&](const Context& context) { return context.name == removed.name; }),
      config.contexts.end());
  const bool was_current = IsCurrent(config, removed);
  if (was_current) config.current.clear();
  ACCORD_RETURN_IF_ERROR(SaveConfig(session.ProfileFile(), config));
  session.Note(absl::StrCat("removed ", removed.name, was_current ? ", which was current" : "",
                            removed.token_file.empty()
                                ? std::string()
                                : absl::StrCat("; its token stays in ", removed.token_file)));
  return kExitOk;
}

using Run = absl::StatusOr<int> (*)(Session&, const std::string&);

void AddNamed(CLI::App& command, Session& session, const char* verb, const char* help,
              bool required, Run run) {
  auto name = std::make_shared<std::string>();
  CLI::App* sub = command.add_subcommand(verb, help);
  sub->add_option("name", *name, "Name of the context")->required(required);
  sub->callback([&session, name, run] {
    session.command = [&session, name, run] { return run(session, *name); };
  });
}

}  // namespace

void AddContext(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("context", "The servers and identities that your profile knows");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "Print all; * marks the current one");
  list->callback([&session] { session.command = [&session] { return RunListContexts(session); }; });
  AddNamed(*command, session, "use", "Make a context the current one", true, RunUse);
  AddNamed(*command, session, "show", "Print one, or the current one", false, RunShow);
  AddNamed(*command, session, "remove", "Take a context out of the profile", true, RunRemove);
}

}  // namespace accord::cli
