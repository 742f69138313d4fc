// why and authority: is this officer current, and authorized, and if not, why not.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "accord/training/v1/training.pb.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/exit_codes.h"
#include "services/cli/output/fields.h"
#include "services/cli/view.h"

namespace accord::cli {
namespace {

namespace gv1 = accord::gateway::v1;
namespace tv1 = accord::training::v1;

absl::StatusOr<std::string> OfficerName(const std::string& word) {
  ACCORD_ASSIGN_OR_RETURN(const Kind* kind, FindKind("officers"));
  return FullName(*kind, word);
}

std::string Title(absl::string_view officer, absl::string_view verdict, absl::string_view as_of,
                  bool fictitious) {
  return MarkedTitle(absl::StrCat(officer, "  ", verdict, " on ", as_of), fictitious);
}

std::vector<std::string> StepLines(const tv1::Requirement& requirement) {
  std::vector<std::string> lines(requirement.steps().begin(), requirement.steps().end());
  if (!requirement.sources().empty()) {
    lines.push_back(absl::StrCat("rule: ", FieldText(requirement, "sources")));
  }
  if (!requirement.cure().empty()) lines.push_back(absl::StrCat("cure: ", requirement.cure()));
  return lines;
}

// Only where it is not the policy of the day.
std::string BoundBy(const tv1::Certification& certification) {
  if (certification.bound_because().empty()) return "";
  return absl::StrCat(certification.bound_by(), ": ", certification.bound_because());
}

void PrintCertification(Session& session, const tv1::Certification& certification) {
  session.PrintTitle(Title(certification.officer(), FieldText(certification, "state"),
                           FieldText(certification, "as_of"), certification.fictitious()));
  PrintFacts(session, {{"Current through", FieldText(certification, "current_through")},
                       {"Ends by", certification.ends_by()},
                       {"Next change", FieldText(certification, "next_change_date")},
                       {"Basis", FieldText(certification, "basis")},
                       {"Policy", certification.policy_version()},
                       {"Bound by", BoundBy(certification)}});
  PrintSection(session, "By what is on record",
               {certification.inputs().begin(), certification.inputs().end()});
  PrintSection(session, "Requirements, worst first", TableOf(certification.requirements()));
  for (const tv1::Requirement& requirement : certification.requirements()) {
    PrintSection(session, absl::StrCat(requirement.code(), ": ", FieldText(requirement, "state")),
                 StepLines(requirement));
  }
  PrintSection(session, "Next dates", TableOf(certification.next_dates()));
  PrintSection(session, "What would fix it",
               {certification.cures().begin(), certification.cures().end()});
}

absl::StatusOr<int> RunWhy(Session& session, const std::string& officer,
                           const ReadOptions& options) {
  tv1::GetCertificationRequest request;
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_officer(), OfficerName(officer));
  ACCORD_RETURN_IF_ERROR(
      SetFields(&request, {{"--as-of", "as_of", options.as_of},
                           {"--as-known-at", "as_known_at", options.as_known_at}}));
  ACCORD_ASSIGN_OR_RETURN(const auto certification,
                          session.Call<tv1::Certification>(
                              "accord.training.v1.Training.ExplainCertification", request));
  if (session.human()) {
    PrintCertification(session, certification);
  } else {
    ACCORD_RETURN_IF_ERROR(session.PrintOne(certification, "officer"));
  }
  return kExitOk;
}

void PrintAuthority(Session& session, const gv1::OfficerAuthority& authority) {
  session.PrintTitle(Title(authority.officer(), FieldText(authority, "verdict"),
                           FieldText(authority, "as_of"), authority.fictitious()));
  PrintFacts(session,
             {{"Agency", authority.agency()},
              {"Agreement", authority.agreement()},
              {"Model", authority.model()},
              {"Field office", authority.field_office()},
              {"Next change", FieldText(authority, "valid_until")},
              {"Basis", FieldText(authority, "basis")},
              {"Policy", authority.policy_version()},
              {"Freshness",
               authority.freshness_met() ? "" : "NOT as new as what you have seen; ask again"}});
  PrintSection(session, "Conditions, worst first", TableOf(authority.conditions()));
  PrintSection(session, "Sources", SourceTable(authority.sources()));
}

absl::StatusOr<int> RunAuthority(Session& session, const std::string& officer,
                                 const std::string& as_of) {
  gv1::GetOfficerAuthorityRequest request;
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_officer(), OfficerName(officer));
  ACCORD_RETURN_IF_ERROR(SetFields(&request, {{"--as-of", "as_of", as_of}}));
  ACCORD_ASSIGN_OR_RETURN(const auto authority,
                          session.Call<gv1::OfficerAuthority>(
                              "accord.gateway.v1.Gateway.GetOfficerAuthority", request));
  if (session.human()) {
    PrintAuthority(session, authority);
  } else {
    ACCORD_RETURN_IF_ERROR(session.PrintOne(authority, "officer"));
  }
  return kExitOk;
}

struct OfficerOptions {
  std::string officer;
  ReadOptions read;
};

}  // namespace

void AddWhy(CLI::App& app, Session& session) {
  auto options = std::make_shared<OfficerOptions>();
  CLI::App* command = app.add_subcommand(
      "why", "Weigh an officer's training rule by rule, and say what would fix it");
  command->add_option("officer", options->officer, "officers/ID")->required();
  AddTimeOptions(*command, options->read);
  command->callback([&session, options] {
    session.command = [&session, options] {
      return RunWhy(session, options->officer, options->read);
    };
  });
}

void AddAuthority(CLI::App& app, Session& session) {
  auto options = std::make_shared<OfficerOptions>();
  CLI::App* command = app.add_subcommand(
      "authority", "Say whether an officer is authorized, condition by condition");
  command->add_option("officer", options->officer, "officers/ID")->required();
  command->add_option("--as-of", options->read.as_of, "On this day, YYYY-MM-DD (default today)");
  command->callback([&session, options] {
    session.command = [&session, options] {
      return RunAuthority(session, options->officer, options->read.as_of);
    };
  });
}

}  // namespace accord::cli
