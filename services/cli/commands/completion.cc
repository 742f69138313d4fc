// completion: shell scripts made from the commands themselves, so that they are
// never behind them. The completions of courses have their verbs below it.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/app.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/exit_codes.h"
#include "services/cli/kinds.h"
#include "services/cli/session.h"

namespace accord::cli {
namespace {

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

bool TakesKind(const std::string& path) {
  return path == " get" || path == " list" || path == " describe";
}

// What may follow `path`: subcommands, kinds, options.
std::string WordsAfter(const CLI::App& app, const std::string& path) {
  std::vector<std::string> words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(sub->get_name());
  }
  if (TakesKind(path)) {
    for (const Kind& kind : Kinds()) words.push_back(kind.plural);
  }
  if (path == " completion") words.insert(words.end(), {"bash", "zsh"});
  for (std::string& name : OptionNames(app)) words.push_back(std::move(name));
  return absl::StrJoin(words, " ");
}

// One case per command path, deepest ones too.
void AppendCases(const CLI::App& app, const std::string& path, std::string* script) {
  absl::StrAppend(script, "    '", path, "') words='", WordsAfter(app, path), "' ;;\n");
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    AppendCases(*sub, absl::StrCat(path, " ", sub->get_name()), script);
  }
}

std::string CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
    const std::string below = CommandNames(*sub);
    if (!below.empty()) names.push_back(below);
  }
  return absl::StrJoin(names, " ");
}

std::string BashScript(const CLI::App& app) {
  std::string script = absl::StrCat(
      "# bash completion for accordctl: source <(accordctl completion bash)\n"
      "_accordctl() {\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\" path='' words='' word\n"
      "  case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n"
      "    -o|--output) COMPREPLY=($(compgen -W 'table wide json csv name' -- \"$current\"));"
      " return ;;\n"
      "    --config|--tls-ca|--tls-cert|--tls-key|--token-file)"
      " COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n"
      "    --context) _accordctl_contexts; return ;;\n"
      "  esac\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \" ",
      CommandNames(app),
      " \" in *\" $word \"*) _accordctl_known \"$path $word\" && path=\"$path $word\" ;; esac\n"
      "  done\n"
      "  _accordctl_known \"$path\"\n"
      "  words=\"$words $_accordctl_global\"\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  case \"$path\" in\n"
      "    ' import roster'|' completion import') COMPREPLY+=($(compgen -f -- \"$current\")) ;;\n"
      "    ' context use'|' context show'|' context remove') _accordctl_contexts ;;\n"
      "  esac\n"
      "}\n"
      "_accordctl_contexts() {\n"
      "  COMPREPLY+=($(compgen -W \"$(accordctl context list -o name 2>/dev/null)\" --"
      " \"$current\"))\n"
      "}\n"
      "_accordctl_global='",
      absl::StrJoin(OptionNames(app), " "),
      "'\n"
      "# Sets `words` to what may follow a path of commands; fails for no such path.\n"
      "_accordctl_known() {\n"
      "  case \"$1\" in\n");
  AppendCases(app, "", &script);
  absl::StrAppend(&script,
                  "    *) return 1 ;;\n"
                  "  esac\n"
                  "}\n"
                  "complete -o default -F _accordctl accordctl\n");
  return script;
}

std::string ZshScript(const CLI::App& app) {
  return absl::StrCat(
      "#compdef accordctl\n"
      "# zsh completion for accordctl: source <(accordctl completion zsh)\n"
      "autoload -U +X compinit && compinit\n"
      "autoload -U +X bashcompinit && bashcompinit\n",
      BashScript(app));
}

}  // namespace

void AddCompletion(CLI::App& app, Session& session) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "completion", "Print a completion script for a shell; or record courses taken");
  command->add_option("shell", *shell, "bash or zsh")->check(CLI::IsMember({"bash", "zsh"}));
  AddCourseCompletion(*command, session);
  command->callback([&app, &session, shell, command] {
    // Called after that of a command below it, which has been chosen then.
    if (!command->get_subcommands().empty()) return;
    session.command = [&app, &session, shell]() -> absl::StatusOr<int> {
      ACCORD_RETURN_IF_ERROR(Require("bash or zsh", *shell));
      session.io().out << (*shell == "bash" ? BashScript(app) : ZshScript(app));
      return kExitOk;
    };
  });
}

}  // namespace accord::cli
