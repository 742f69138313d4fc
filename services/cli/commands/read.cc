// get and list: any kind, by the contract's own description of it.
#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/output/fields.h"

namespace accord::cli {
namespace {

using google::protobuf::Message;

std::string KindHelp() {
  return absl::StrJoin(Kinds(), ", ",
                       [](std::string* out, const Kind& kind) { out->append(kind.plural); });
}

// One is printed as it is; several as rows, or as one JSON document per line.
absl::Status PrintAll(Session& session, const std::vector<std::unique_ptr<Message>>& messages,
                      const Kind& kind) {
  if (messages.size() == 1) return session.PrintOne(*messages[0], kind.id_field);
  if (session.json()) {
    for (const auto& message : messages) {
      ACCORD_RETURN_IF_ERROR(session.PrintJson(*message, false));
    }
    return absl::OkStatus();
  }
  std::vector<const Message*> rows;
  for (const auto& message : messages) rows.push_back(message.get());
  return session.PrintMessages(*rows[0]->GetDescriptor(), rows, *rows[0], kind.id_field);
}

absl::StatusOr<int> RunGet(Session& session, const std::vector<std::string>& words,
                           const ReadOptions& options) {
  ACCORD_ASSIGN_OR_RETURN(const std::vector<NamedResource> names, ParseNames(words));
  std::vector<std::unique_ptr<Message>> messages;
  for (const NamedResource& name : names) {
    if (name.kind != names[0].kind) {
      return UsageError("the names are of different kinds", "get one kind at a time");
    }
    ACCORD_ASSIGN_OR_RETURN(std::unique_ptr<Message> message, FetchOne(session, name, options));
    messages.push_back(std::move(message));
  }
  ACCORD_RETURN_IF_ERROR(PrintAll(session, messages, *names[0].kind));
  return kExitOk;
}

absl::StatusOr<int> RunList(Session& session, const std::string& word, const ReadOptions& options) {
  ACCORD_ASSIGN_OR_RETURN(const Kind* kind, FindKind(word));
  ACCORD_ASSIGN_OR_RETURN(const std::unique_ptr<Message> list, FetchList(session, *kind, options));
  LearnAgencyNames(session, ItemsOf(*list), options);
  ACCORD_RETURN_IF_ERROR(PrintPage(session, *list, kind->id_field));
  return kExitOk;
}

}  // namespace

void AddGet(CLI::App& app, Session& session) {
  struct Options {
    std::vector<std::string> words;
    ReadOptions read;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("get", "Print resources by name");
  command->add_option("name", options->words, "KIND NAME…, or KIND/NAME…; kinds: " + KindHelp())
      ->required();
  AddTimeOptions(*command, options->read);
  command->add_option("--service", session.log_service, "Whose changes (default agreements)");
  command->callback([&session, options] {
    session.command = [&session, options] {
      return RunGet(session, options->words, options->read);
    };
  });
}

void AddList(CLI::App& app, Session& session) {
  struct Options {
    std::string kind;
    ReadOptions read;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("list", "Print all resources of a kind");
  command->add_option("kind", options->kind, "One of: " + KindHelp())->required();
  AddListOptions(*command, options->read);
  AddTimeOptions(*command, options->read);
  command->add_option("--parent", options->read.parent, "For rows: the import they are of");
  command->add_option("--service", session.log_service, "Whose changes (default agreements)");
  command->callback([&session, options] {
    session.command = [&session, options] {
      return RunList(session, options->kind, options->read);
    };
  });
}

}  // namespace accord::cli
