// agency: records, corrects and merges agencies.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"

namespace accord::cli {
namespace {

namespace av1 = accord::agreements::v1;
using google::protobuf::Message;

struct AgencyOptions {
  std::string name;
  std::string into;
  std::string display_name;
  std::string state;
  std::string county;
  std::string kind;
  std::string ori;
  std::string field_office;
  std::vector<std::string> aliases;
  std::vector<std::string> clear;
  bool fictitious = false;
  WriteOptions write;
};

absl::StatusOr<std::string> AgencyName(const std::string& word) {
  ACCORD_ASSIGN_OR_RETURN(const Kind* kind, FindKind("agencies"));
  return FullName(*kind, word);
}

// The plain fields that create and update share.
std::vector<OptionValue> PlainFields(const AgencyOptions& options) {
  return {{"--display-name", "display_name", options.display_name},
          {"--county", "county", options.county},
          {"--kind", "kind", options.kind},
          {"--ori", "ori", options.ori},
          {"--field-office", "field_office", options.field_office}};
}

absl::StatusOr<int> RunCreateAgency(Session& session, const AgencyOptions& options) {
  ACCORD_RETURN_IF_ERROR(Require("--display-name", options.display_name));
  ACCORD_RETURN_IF_ERROR(Require("--state", options.state));
  av1::CreateAgencyRequest request;
  av1::Agency& agency = *request.mutable_agency();
  agency.set_state(options.state);
  agency.set_fictitious(options.fictitious);
  agency.mutable_aliases()->Assign(options.aliases.begin(), options.aliases.end());
  ACCORD_RETURN_IF_ERROR(SetFields(&agency, PlainFields(options)));
  return Write(session, absl::StrCat(kAgreements, "CreateAgency"), &request, options.write);
}

absl::StatusOr<int> RunUpdateAgency(Session& session, const AgencyOptions& options) {
  av1::UpdateAgencyRequest request;
  av1::Agency& agency = *request.mutable_agency();
  ACCORD_ASSIGN_OR_RETURN(*agency.mutable_name(), AgencyName(options.name));
  for (const OptionValue& value : PlainFields(options)) {
    if (value.text.empty()) continue;
    ACCORD_RETURN_IF_ERROR(SetFields(&agency, {value}));
    request.mutable_update_mask()->add_paths(value.field);
  }
  if (!options.aliases.empty()) {
    agency.mutable_aliases()->Assign(options.aliases.begin(), options.aliases.end());
    request.mutable_update_mask()->add_paths("aliases");
  }
  // In the mask but not in the message: the field is emptied.
  for (const std::string& field : options.clear) request.mutable_update_mask()->add_paths(field);
  if (request.update_mask().paths().empty()) {
    return UsageError("nothing to change", "give a field, or --clear FIELD to empty one");
  }
  agency.set_etag(options.write.etag);
  WriteOptions write = options.write;
  write.etag.clear();  // Here it travels in the agency.
  return Write(session, absl::StrCat(kAgreements, "UpdateAgency"), &request, write);
}

absl::StatusOr<int> RunMerge(Session& session, const AgencyOptions& options) {
  ACCORD_RETURN_IF_ERROR(Require("--into", options.into));
  ACCORD_RETURN_IF_ERROR(Require("--reason", options.write.reason));
  av1::MergeAgenciesRequest request;
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_name(), AgencyName(options.name));
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_into(), AgencyName(options.into));
  return Write(session, absl::StrCat(kAgreements, "MergeAgencies"), &request, options.write);
}

absl::StatusOr<int> RunUnmerge(Session& session, const AgencyOptions& options) {
  ACCORD_RETURN_IF_ERROR(Require("--reason", options.write.reason));
  av1::UnmergeAgencyRequest request;
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_name(), AgencyName(options.name));
  return Write(session, absl::StrCat(kAgreements, "UnmergeAgency"), &request, options.write);
}

using AgencyRunner = absl::StatusOr<int> (*)(Session&, const AgencyOptions&);

struct AgencyCommand {
  CLI::App* app;
  std::shared_ptr<AgencyOptions> options;
};

AgencyCommand AddAgencyCommand(CLI::App& parent, Session& session, const char* name,
                               const char* help, AgencyRunner run) {
  auto options = std::make_shared<AgencyOptions>();
  CLI::App* command = parent.add_subcommand(name, help);
  command->callback([&session, options, run] {
    session.command = [&session, options, run] { return run(session, *options); };
  });
  return {command, options};
}

void AddFields(const AgencyCommand& command) {
  AgencyOptions& options = *command.options;
  command.app->add_option("--display-name", options.display_name, "The name it goes by");
  command.app->add_option("--county", options.county, "County or parish");
  command.app->add_option("--kind", options.kind, "county, municipality, state_agency or other");
  command.app->add_option("--ori", options.ori, "FBI originating agency identifier");
  command.app->add_option("--field-office", options.field_office, "fieldOffices/ID; pins it");
  command.app->add_option("--alias", options.aliases, "Another spelling; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace

void AddAgency(CLI::App& app, Session& session) {
  CLI::App* agency = app.add_subcommand("agency", "Record, correct and merge agencies");
  agency->require_subcommand(1);

  const auto create =
      AddAgencyCommand(*agency, session, "create", "Record an agency", RunCreateAgency);
  AddFields(create);
  create.app->add_option("--state", create.options->state, "USPS code, for example FL");
  create.app->add_flag("--fictitious", create.options->fictitious, "It does not exist: demo data");
  AddWriteOptions(*create.app, create.options->write, false, false);

  const auto update =
      AddAgencyCommand(*agency, session, "update", "Correct an agency", RunUpdateAgency);
  update.app->add_option("name", update.options->name, "agencies/ID")->required();
  AddFields(update);
  update.app->add_option("--clear", update.options->clear, "Empty this field; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  AddWriteOptions(*update.app, update.options->write, true);

  const auto merge =
      AddAgencyCommand(*agency, session, "merge", "Two records, one agency", RunMerge);
  merge.app->add_option("name", merge.options->name, "The one that ceases")->required();
  merge.app->add_option("--into", merge.options->into, "The one that stays");
  AddWriteOptions(*merge.app, merge.options->write, true);

  const auto unmerge =
      AddAgencyCommand(*agency, session, "unmerge", "Take a merge back", RunUnmerge);
  unmerge.app->add_option("name", unmerge.options->name, "agencies/ID")->required();
  AddWriteOptions(*unmerge.app, unmerge.options->write, true);
}

}  // namespace accord::cli
