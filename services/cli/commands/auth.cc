// auth whoami and can-i: what the server makes of the caller, and who may call what.
#include "services/cli/commands/auth.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/cli/commands/commands.h"
#include "services/cli/exit_codes.h"
#include "services/cli/output/fields.h"
#include "services/cli/view.h"

namespace accord::cli {
namespace {

namespace access = accord::access::v1;
namespace policy = accord::policy::v1;

constexpr char kAccess[] = "accord.access.v1.Access.";

// "unit_chief", "field_pm of fieldOffices/miami", or "officer of officers/abc123".
std::string RoleText(const policy::Binding& binding) {
  std::vector<std::string> within(binding.field_offices().begin(), binding.field_offices().end());
  within.insert(within.end(), binding.agencies().begin(), binding.agencies().end());
  within.insert(within.end(), binding.officers().begin(), binding.officers().end());
  if (within.empty()) return binding.role();
  return absl::StrCat(binding.role(), " of ", absl::StrJoin(within, ", "));
}

// "sign_off (whole program)".
std::string GrantText(const access::GrantedRole& granted) {
  const std::string scopes = absl::StrJoin(granted.scopes(), ", ", [](std::string* out, int scope) {
    const std::string name = policy::Scope_Name(static_cast<policy::Scope>(scope));
    out->append(absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", " "}}));
  });
  return absl::StrCat(granted.role(), " (", scopes, ")");
}

std::string WhoMay(const access::CheckAccessResponse& verdict) {
  if (!verdict.roles_allowed().empty()) return absl::StrJoin(verdict.roles_allowed(), ", ");
  return verdict.allowed() ? "everybody who is known" : "nobody";
}

void PrintAccess(Session& session, const access::CheckAccessResponse& verdict) {
  session.PrintTitle(absl::StrCat(verdict.allowed() ? "yes: " : "no: ", verdict.method()));
  const std::string granting = absl::StrJoin(
      verdict.granting(), ", ",
      [](std::string* out, const access::GrantedRole& role) { out->append(GrantText(role)); });
  const std::string separations = absl::StrJoin(verdict.separations(), ", ");
  const bool reaches_nothing = !verdict.allowed() && !verdict.granting().empty();
  PrintFacts(session,
             {{"Granted by", granting},
              {"But", reaches_nothing ? "your roles are bound to no office or agency" : ""},
              {"Separations", separations.empty() ? ""
                                                  : absl::StrCat(separations,
                                                                 " (not for one who did the other "
                                                                 "part with the same resource)")},
              {"Who may", WhoMay(verdict)}});
}

struct CanIOptions {
  std::string method;
  std::vector<std::string> roles;
};

absl::StatusOr<int> RunCanI(Session& session, const CanIOptions& options) {
  access::CheckAccessRequest request;
  request.set_method(options.method);
  request.mutable_roles()->Assign(options.roles.begin(), options.roles.end());
  ACCORD_ASSIGN_OR_RETURN(const auto verdict, session.Call<access::CheckAccessResponse>(
                                                  absl::StrCat(kAccess, "CheckAccess"), request));
  if (session.human()) {
    PrintAccess(session, verdict);
  } else {
    ACCORD_RETURN_IF_ERROR(session.PrintOne(verdict, "method"));
  }
  return verdict.allowed() ? kExitOk : kExitPrecondition;
}

absl::StatusOr<int> RunWhoAmI(Session& session) {
  ACCORD_ASSIGN_OR_RETURN(const auto who, FetchWho(session));
  ACCORD_RETURN_IF_ERROR(PrintWho(session, who));
  return kExitOk;
}

}  // namespace

absl::StatusOr<access::WhoAmIResponse> FetchWho(Session& session) {
  return session.Call<access::WhoAmIResponse>(absl::StrCat(kAccess, "WhoAmI"),
                                              access::WhoAmIRequest());
}

absl::Status PrintWho(Session& session, const access::WhoAmIResponse& who) {
  if (!session.human()) return session.PrintOne(who, "actor");
  Facts facts = {{"You are", who.actor()}, {"Through", who.client()}};
  for (const policy::Binding& role : who.roles()) facts.emplace_back("Role", RoleText(role));
  if (who.roles().empty()) facts.emplace_back("Role", "none: ask an administrator for one");
  facts.emplace_back("Until", FieldText(who, "expire_time"));
  PrintFacts(session, facts);
  return absl::OkStatus();
}

void AddAuth(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("auth", "Who you are to the server, and who may do what");
  command->require_subcommand(1);

  CLI::App* who = command->add_subcommand("whoami", "Print who you are, and your roles");
  who->callback([&session] { session.command = [&session] { return RunWhoAmI(session); }; });

  auto options = std::make_shared<CanIOptions>();
  CLI::App* can = command->add_subcommand(
      "can-i", "Print whether you may call a method, and who may; exits with 4 if you may not");
  can->add_option("method", options->method,
                  "For example SignAgreement, or in full package.Service/Method")
      ->required();
  can->add_option("--as", options->roles, "Ask about this role instead; may be given again")
      ->allow_extra_args(false);
  can->callback([&session, options] {
    session.command = [&session, options] { return RunCanI(session, *options); };
  });
}

}  // namespace accord::cli
