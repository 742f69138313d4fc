// agreement: applications, and the moves of the life cycle.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/life_cycle_verbs.h"

namespace accord::cli {
namespace {

namespace av1 = accord::agreements::v1;
using google::protobuf::Message;

struct AgreementOptions {
  std::string name;
  std::string date;
  std::string source;
  // sign
  std::string agency_date;
  std::string federal_date;
  // create, update, sign
  std::string agency;
  std::string model;
  std::string template_code;
  std::string document_uri;
  std::string addendum_uri;
  // supersede
  std::string successor;
  WriteOptions write;
};

absl::StatusOr<std::string> AgreementName(const std::string& word) {
  ACCORD_ASSIGN_OR_RETURN(const Kind* kind, FindKind("agreements"));
  return FullName(*kind, word);
}

absl::StatusOr<int> RunSignAgreement(Session& session, const AgreementOptions& options) {
  av1::SignAgreementRequest request;
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_name(), AgreementName(options.name));
  const std::string& agency = options.agency_date.empty() ? options.date : options.agency_date;
  const std::string& federal = options.federal_date.empty() ? options.date : options.federal_date;
  if (agency.empty() || federal.empty()) {
    return UsageError("both signatures need a date",
                      "give --agency-date and --federal-date, or --date for the same day");
  }
  ACCORD_RETURN_IF_ERROR(
      SetFields(&request, {{"--agency-date", "agency_signed_date", agency},
                           {"--federal-date", "federal_signed_date", federal},
                           {"--template", "template", options.template_code},
                           {"--document-uri", "document_uri", options.document_uri},
                           {"--source", "source", options.source}}));
  return Write(session, absl::StrCat(kAgreements, "SignAgreement"), &request, options.write);
}

absl::StatusOr<int> RunSupersede(Session& session, const AgreementOptions& options) {
  av1::SupersedeAgreementRequest request;
  ACCORD_RETURN_IF_ERROR(Require("--successor", options.successor));
  ACCORD_RETURN_IF_ERROR(Require("--date", options.date));
  ACCORD_RETURN_IF_ERROR(Require("--reason", options.write.reason));
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_name(), AgreementName(options.name));
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_successor(), AgreementName(options.successor));
  ACCORD_RETURN_IF_ERROR(SetFields(&request, {{"--date", "effective_date", options.date},
                                              {"--source", "source", options.source}}));
  return Write(session, absl::StrCat(kAgreements, "SupersedeAgreement"), &request, options.write);
}

absl::StatusOr<int> RunMove(Session& session, const char* method, const AgreementOptions& options) {
  av1::MoveAgreementRequest request;
  ACCORD_RETURN_IF_ERROR(Require("--date", options.date));
  ACCORD_RETURN_IF_ERROR(Require("--reason", options.write.reason));
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_name(), AgreementName(options.name));
  ACCORD_RETURN_IF_ERROR(SetFields(&request, {{"--date", "effective_date", options.date},
                                              {"--source", "source", options.source}}));
  return Write(session, absl::StrCat(kAgreements, method), &request, options.write);
}

absl::StatusOr<int> RunCreateAgreement(Session& session, const AgreementOptions& options) {
  av1::CreateAgreementRequest request;
  ACCORD_RETURN_IF_ERROR(Require("--agency", options.agency));
  ACCORD_RETURN_IF_ERROR(Require("--model", options.model));
  ACCORD_RETURN_IF_ERROR(Require("--date", options.date));
  ACCORD_ASSIGN_OR_RETURN(const Kind* agencies, FindKind("agencies"));
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_agreement()->mutable_agency(),
                          FullName(*agencies, options.agency));
  request.mutable_agreement()->set_model(options.model);
  request.mutable_agreement()->set_template_(options.template_code);
  request.mutable_agreement()->set_document_uri(options.document_uri);
  ACCORD_RETURN_IF_ERROR(SetFields(&request, {{"--date", "application_date", options.date},
                                              {"--source", "source", options.source}}));
  return Write(session, absl::StrCat(kAgreements, "CreateAgreement"), &request, options.write);
}

absl::StatusOr<int> RunUpdateAgreement(Session& session, const AgreementOptions& options) {
  av1::UpdateAgreementRequest request;
  av1::Agreement& agreement = *request.mutable_agreement();
  ACCORD_ASSIGN_OR_RETURN(*agreement.mutable_name(), AgreementName(options.name));
  for (const OptionValue& value : {OptionValue{"--template", "template", options.template_code},
                                   {"--document-uri", "document_uri", options.document_uri},
                                   {"--addendum-uri", "addendum_uri", options.addendum_uri}}) {
    if (value.text.empty()) continue;
    ACCORD_RETURN_IF_ERROR(SetFields(&agreement, {value}));
    request.mutable_update_mask()->add_paths(value.field);
  }
  if (request.update_mask().paths().empty()) {
    return UsageError("nothing to change", "give --template, --document-uri or --addendum-uri");
  }
  agreement.set_etag(options.write.etag);
  AgreementOptions rest = options;
  rest.write.etag.clear();  // Here it travels in the agreement.
  return Write(session, absl::StrCat(kAgreements, "UpdateAgreement"), &request, rest.write);
}

using AgreementRunner = std::function<absl::StatusOr<int>(Session&, const AgreementOptions&)>;

AgreementRunner RunnerOf(const LifeCycleVerb& verb) {
  const std::string name = verb.verb;
  if (name == "sign") return RunSignAgreement;
  if (name == "supersede") return RunSupersede;
  return [method = verb.method](Session& session, const AgreementOptions& options) {
    return RunMove(session, method, options);
  };
}

std::shared_ptr<AgreementOptions> AddAgreementCommand(CLI::App* command, Session& session,
                                                      AgreementRunner run) {
  auto options = std::make_shared<AgreementOptions>();
  command->callback([&session, options, run] {
    session.command = [&session, options, run] { return run(session, *options); };
  });
  return options;
}

void AddLifeCycleVerb(CLI::App& agreement, Session& session, const LifeCycleVerb& verb) {
  CLI::App* command = agreement.add_subcommand(verb.verb, verb.help);
  const auto options = AddAgreementCommand(command, session, RunnerOf(verb));
  command->add_option("name", options->name, "agreements/ID")->required();
  command->add_option("--source", options->source, "The letter or decision that proves it");
  AddWriteOptions(*command, options->write, true);
  const std::string name = verb.verb;
  if (name == "sign") {
    command->add_option("--date", options->date, "Both signed on this day, YYYY-MM-DD");
    command->add_option("--agency-date", options->agency_date, "The day the agency signed");
    command->add_option("--federal-date", options->federal_date, "The day the federal side signed");
    command->add_option("--template", options->template_code, "Code of the template signed");
    command->add_option("--document-uri", options->document_uri, "Link to the document");
    return;
  }
  command->add_option("--date", options->date, "First day of the new state, YYYY-MM-DD");
  if (name == "supersede") {
    command->add_option("--successor", options->successor, "The agreement that replaces it");
  }
}

void AddCreate(CLI::App& agreement, Session& session) {
  CLI::App* command = agreement.add_subcommand("create", "Record an application");
  const auto options = AddAgreementCommand(command, session, RunCreateAgreement);
  command->add_option("--agency", options->agency, "agencies/ID");
  command->add_option("--model", options->model, "Code of the model: JEM, WSO, TFM");
  command->add_option("--date", options->date, "The day of the application, YYYY-MM-DD");
  command->add_option("--template", options->template_code, "Code of the template");
  command->add_option("--document-uri", options->document_uri, "Link to the document");
  command->add_option("--source", options->source, "The letter of interest, or who said so");
  AddWriteOptions(*command, options->write, false);
}

void AddUpdate(CLI::App& agreement, Session& session) {
  CLI::App* command = agreement.add_subcommand("update", "Change template or document links");
  const auto options = AddAgreementCommand(command, session, RunUpdateAgreement);
  command->add_option("name", options->name, "agreements/ID")->required();
  command->add_option("--template", options->template_code, "Code of the template");
  command->add_option("--document-uri", options->document_uri, "Link to the document");
  command->add_option("--addendum-uri", options->addendum_uri, "Link to the addendum");
  AddWriteOptions(*command, options->write, true);
}

}  // namespace

void AddAgreement(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("agreement", "Record what happens to an agreement");
  command->require_subcommand(1);
  AddCreate(*command, session);
  AddUpdate(*command, session);
  for (const LifeCycleVerb& verb : LifeCycleVerbs()) AddLifeCycleVerb(*command, session, verb);
}

}  // namespace accord::cli
