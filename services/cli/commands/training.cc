// officer, completion, waiver, offering, enrollment, revocation, verification, monitor: what is
// recorded about officers, courses and seats.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "accord/training/v1/training.pb.h"
#include "common/base/personal.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/exit_codes.h"
#include "services/cli/output/fields.h"
#include "services/cli/training_verbs.h"

namespace accord::cli {
namespace {

namespace tv1 = accord::training::v1;
using google::protobuf::Descriptor;
using google::protobuf::Message;

struct VerbValues {
  std::string subject;
  // In the order of the verb's options.
  std::vector<std::string> values;
  WriteOptions write;
};

const Descriptor& RequestOf(const TrainingVerb& verb) {
  return *Client::Method(absl::StrCat(kTraining, verb.method)).input_type();
}

absl::StatusOr<std::string> NameOf(absl::string_view plural, const std::string& word) {
  ACCORD_ASSIGN_OR_RETURN(const Kind* kind, FindKind(plural));
  return FullName(*kind, word);
}

bool IsUpdate(const TrainingVerb& verb) { return !absl::string_view(verb.updated).empty(); }

// An update changes what was given, and nothing else; its etag travels in the resource.
absl::Status FillUpdate(const TrainingVerb& verb, const VerbValues& given, Message* request) {
  auto* mask = static_cast<google::protobuf::FieldMask*>(request->GetReflection()->MutableMessage(
      request, request->GetDescriptor()->FindFieldByName("update_mask")));
  const std::string holder = absl::StrCat(verb.updated, ".");
  for (size_t i = 0; i < verb.options.size(); ++i) {
    if (given.values[i].empty()) continue;
    mask->add_paths(std::string(absl::StripPrefix(verb.options[i].path, holder)));
  }
  ACCORD_RETURN_IF_ERROR(Require("what to change", mask->paths().empty() ? "" : "given"));
  const std::string etag = absl::StrCat(holder, "etag");
  return SetFields(request, {{"--etag", etag.c_str(), given.write.etag}});
}

absl::Status FillRequest(const TrainingVerb& verb, const VerbValues& given, Message* request) {
  const bool update = IsUpdate(verb);
  if (!absl::string_view(verb.subject).empty()) {
    ACCORD_ASSIGN_OR_RETURN(const std::string name, NameOf(verb.subject_kind, given.subject));
    ACCORD_RETURN_IF_ERROR(SetField(request, verb.subject, name, "NAME"));
  }
  for (size_t i = 0; i < verb.options.size(); ++i) {
    const VerbOption& option = verb.options[i];
    std::string value = given.values[i];
    if (!update && IsRequired(*request->GetDescriptor(), option.path)) {
      ACCORD_RETURN_IF_ERROR(Require(option.option, value));
    }
    if (!value.empty() && !absl::string_view(option.kind).empty()) {
      ACCORD_ASSIGN_OR_RETURN(value, NameOf(option.kind, value));
    }
    ACCORD_RETURN_IF_ERROR(SetFields(request, {{option.option, option.path, value}}));
  }
  if (IsRequired(*request->GetDescriptor(), "reason")) {
    ACCORD_RETURN_IF_ERROR(Require("--reason", given.write.reason));
  }
  return update ? FillUpdate(verb, given, request) : absl::OkStatus();
}

absl::StatusOr<int> RunVerb(Session& session, const TrainingVerb& verb, const VerbValues& given) {
  const std::string method = absl::StrCat(kTraining, verb.method);
  const std::unique_ptr<Message> request = NewRequest(method);
  ACCORD_RETURN_IF_ERROR(FillRequest(verb, given, request.get()));
  WriteOptions write = given.write;
  if (IsUpdate(verb)) write.etag.clear();  // There it travels in the resource.
  return Write(session, method, request.get(), write);
}

void AddOption(CLI::App& command, const Descriptor& request, const VerbOption& option,
               std::string& value) {
  if (IsFlag(request, option.path)) {
    command.add_flag_callback(
        option.option, [&value] { value = "true"; }, option.help);
    return;
  }
  command.add_option(option.option, value, option.help);
}

void AddTrainingVerb(CLI::App& noun, Session& session, const TrainingVerb& verb) {
  auto given = std::make_shared<VerbValues>();
  given->values.resize(verb.options.size());
  const Descriptor& request = RequestOf(verb);
  CLI::App* command = noun.add_subcommand(verb.verb, verb.help);
  if (!absl::string_view(verb.subject).empty()) {
    const auto kind = FindKind(verb.subject_kind);
    command->add_option("name", given->subject, absl::StrCat((*kind)->collection, "/ID"))
        ->required();
  }
  for (size_t i = 0; i < verb.options.size(); ++i) {
    AddOption(*command, request, verb.options[i], given->values[i]);
  }
  const bool takes_etag = HasField(request, "etag") || IsUpdate(verb);
  AddWriteOptions(*command, given->write, takes_etag, HasField(request, "reason"));
  command->callback([&session, &verb, given] {
    session.command = [&session, &verb, given] { return RunVerb(session, verb, *given); };
  });
}

void AddVerbsOf(absl::string_view noun, CLI::App& command, Session& session) {
  for (const TrainingVerb& verb : TrainingVerbs()) {
    if (noun == verb.noun) AddTrainingVerb(command, session, verb);
  }
}

absl::StatusOr<int> RunImport(Session& session, const std::string& file,
                              const WriteOptions& write) {
  tv1::ImportCompletionsRequest request;
  request.set_file_name(std::filesystem::path(file).filename().string());
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_content(), ReadImportFile(file));
  ACCORD_RETURN_IF_ERROR(ApplyWriteOptions(write, &request));
  session.Progress(absl::StrCat("importing ", file, " …"));
  ACCORD_ASSIGN_OR_RETURN(
      auto import, session.Call<tv1::CompletionImport>(absl::StrCat(kTraining, "ImportCompletions"),
                                                       request, kImportTimeout));
  session.ProgressDone();
  ACCORD_RETURN_IF_ERROR(PrintWritten(session, import, write.dry_run));
  for (const std::string& warning : import.warnings()) {
    session.Note(absl::StrCat("warning: ", warning));
  }
  return kExitOk;
}

void AddImportOf(CLI::App& completion, Session& session) {
  struct Options {
    std::string file;
    WriteOptions write;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = completion.add_subcommand(
      "import", "Import a CSV export of the learning system; again to go on or to change nothing");
  command->add_option("file", options->file, "Columns officer, course, date, result, …")
      ->required();
  AddWriteOptions(*command, options->write, false, false);
  command->callback([&session, options] {
    session.command = [&session, options] {
      return RunImport(session, options->file, options->write);
    };
  });
}

absl::StatusOr<int> RunGaps(Session& session, int year, const ReadOptions& options) {
  tv1::ListVerificationGapsRequest request;
  request.set_year(year);
  ACCORD_ASSIGN_OR_RETURN(const auto gaps,
                          FetchPages(session, absl::StrCat(kTraining, "ListVerificationGaps"),
                                     &request, options, "gaps"));
  ClearPersonal(*gaps);
  LearnAgencyNames(session, ItemsOf(*gaps), options);
  ACCORD_RETURN_IF_ERROR(PrintPage(session, *gaps));
  return kExitOk;
}

void AddGaps(CLI::App& verification, Session& session) {
  struct Options {
    int year = 0;
    ReadOptions read;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = verification.add_subcommand(
      "gaps", "Officers whom the rule binds and nobody verified in a year");
  command->add_option("--year", options->year, "As the policy counts years")->required();
  AddListOptions(*command, options->read);
  command->callback([&session, options] {
    session.command = [&session, options] {
      return RunGaps(session, options->year, options->read);
    };
  });
}

struct MonitorGapOptions {
  bool fictitious = false;
  std::string field_office;
  ReadOptions read;
};

absl::StatusOr<int> RunMonitorGaps(Session& session, const MonitorGapOptions& options) {
  tv1::ListMonitorGapsRequest request;
  request.set_fictitious(options.fictitious);
  request.set_field_office(options.field_office);
  ACCORD_ASSIGN_OR_RETURN(const auto gaps,
                          FetchPages(session, absl::StrCat(kTraining, "ListMonitorGaps"), &request,
                                     options.read, "gaps"));
  LearnAgencyNames(session, ItemsOf(*gaps), options.read);
  ACCORD_RETURN_IF_ERROR(PrintPage(session, *gaps, "agency"));
  return kExitOk;
}

void AddMonitorGaps(CLI::App& monitor, Session& session) {
  auto options = std::make_shared<MonitorGapOptions>();
  CLI::App* command = monitor.add_subcommand(
      "gaps", "Agencies with officers whose training nobody is known to monitor");
  command->add_flag("--fictitious", options->fictitious,
                    "Agencies of the demonstration's made-up officers instead");
  command->add_option("--field-office", options->field_office,
                      "Of this one alone: fieldOffices/ID (default all)");
  command->add_option("--limit", options->read.limit, "At most this many (default: all)")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--page-token", options->read.page_token, "Go on where --limit stopped");
  command->callback([&session, options] {
    session.command = [&session, options] { return RunMonitorGaps(session, *options); };
  });
}

void AddMonitors(CLI::App& monitor, Session& session) {
  auto options = std::make_shared<ReadOptions>();
  CLI::App* command = monitor.add_subcommand("list", "Who monitors which agency");
  AddListOptions(*command, *options);
  command->callback([&session, options] {
    session.command = [&session, options]() -> absl::StatusOr<int> {
      ACCORD_ASSIGN_OR_RETURN(const Kind* kind, FindKind("monitors"));
      ACCORD_ASSIGN_OR_RETURN(const auto list, FetchList(session, *kind, *options));
      ACCORD_RETURN_IF_ERROR(PrintPage(session, *list));
      return kExitOk;
    };
  });
}

}  // namespace

void AddCourseCompletion(CLI::App& completion, Session& session) {
  AddVerbsOf("completion", completion, session);
  AddImportOf(completion, session);
}

void AddTrainingRecord(CLI::App& app, Session& session) {
  const std::pair<const char*, const char*> nouns[] = {
      {"officer", "Record an officer's way from nomination to authority"},
      {"waiver", "Waive a training requirement for a time"},
      {"offering", "Announce, change and cancel classes"},
      {"enrollment", "Take, move and give back seats in classes"},
      {"revocation", "Propose and decide whether authority is revoked"},
      {"verification", "Record annual verifications, and find those missing"},
      {"monitor", "Name who answers for watching an agency's training"}};
  std::map<std::string, CLI::App*> commands;
  for (const auto& [noun, help] : nouns) {
    CLI::App* command = app.add_subcommand(noun, help);
    command->require_subcommand(1);
    AddVerbsOf(noun, *command, session);
    commands[noun] = command;
  }
  AddGaps(*commands["verification"], session);
  AddMonitors(*commands["monitor"], session);
  AddMonitorGaps(*commands["monitor"], session);
}

}  // namespace accord::cli
