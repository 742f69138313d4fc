// resolve: a person decides what the published lists leave open.
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

struct ResolveOptions {
  std::string name;
  std::string filter;
  bool accept = false;
  bool reject = false;
  std::string effective_date;
  std::string end_state;
  WriteOptions write;
};

absl::Status CheckOptions(const ResolveOptions& options) {
  if (options.accept == options.reject) {
    return UsageError("accept or reject?", "give exactly one of --accept and --reject");
  }
  if (options.name.empty() == options.filter.empty()) {
    return UsageError("what is decided?", "give either one NAME or a --filter");
  }
  return Require("--reason", options.write.reason);
}

// Accepts, rejects or undoes one.
absl::StatusOr<int> DecideOne(Session& session, const char* method, const ResolveOptions& options) {
  ACCORD_ASSIGN_OR_RETURN(const Kind* kind, FindKind("discrepancies"));
  av1::DecideRosterDiscrepancyRequest request;
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_name(), FullName(*kind, options.name));
  ACCORD_RETURN_IF_ERROR(
      SetFields(&request, {{"--effective-date", "effective_date", options.effective_date},
                           {"--end-state", "end_state", options.end_state}}));
  return Write(session, absl::StrCat(kAgreements, method), &request, options.write);
}

absl::StatusOr<int> DecideMany(Session& session, const ResolveOptions& options) {
  av1::ResolveRosterDiscrepanciesRequest request;
  request.set_filter(options.filter);
  request.set_accept(options.accept);
  ACCORD_RETURN_IF_ERROR(SetFields(
      &request, {{"--effective-date with --filter", "effective_date", options.effective_date},
                 {"--end-state with --filter", "end_state", options.end_state}}));
  ACCORD_RETURN_IF_ERROR(ApplyWriteOptions(options.write, &request));
  ACCORD_ASSIGN_OR_RETURN(
      const auto answer,
      session.Call<av1::ResolveRosterDiscrepanciesResponse>(
          absl::StrCat(kAgreements, "ResolveRosterDiscrepancies"), request, kImportTimeout));
  const Items items = ItemsOf(answer);
  ACCORD_RETURN_IF_ERROR(session.PrintMessages(*items.type, items.messages, answer));
  session.Note(absl::StrCat(options.write.dry_run ? "dry run, nothing was written: " : "",
                            answer.decided(), " decided, ", answer.failed(), " failed"));
  if (answer.failed() == 0) return kExitOk;
  return answer.decided() == 0 ? kExitPrecondition : kExitPartial;
}

absl::StatusOr<int> RunResolve(Session& session, const ResolveOptions& options) {
  ACCORD_RETURN_IF_ERROR(CheckOptions(options));
  if (!options.filter.empty()) return DecideMany(session, options);
  return DecideOne(session, options.accept ? "AcceptRosterDiscrepancy" : "RejectRosterDiscrepancy",
                   options);
}

absl::StatusOr<int> RunUndo(Session& session, const ResolveOptions& options) {
  ACCORD_RETURN_IF_ERROR(Require("--reason", options.write.reason));
  return DecideOne(session, "UndoRosterDiscrepancy", options);
}

void AddUndo(CLI::App& resolve, Session& session) {
  auto options = std::make_shared<ResolveOptions>();
  CLI::App* command = resolve.add_subcommand("undo", "Take a decision back");
  command->add_option("name", options->name, "rosterDiscrepancies/ID")->required();
  AddWriteOptions(*command, options->write, true);
  command->callback([&session, options] {
    session.command = [&session, options] { return RunUndo(session, *options); };
  });
}

}  // namespace

void AddResolve(CLI::App& app, Session& session) {
  auto options = std::make_shared<ResolveOptions>();
  CLI::App* command = app.add_subcommand("resolve", "Accept or reject what a list proposes");
  command->add_option("name", options->name, "rosterDiscrepancies/ID");
  command->add_option("--filter", options->filter,
                      "Decide all open ones that match, each alone: kind = \"POSSIBLE_RENAME\"");
  command->add_flag("--accept", options->accept, "Carry the proposal out");
  command->add_flag("--reject", options->reject, "Keep things as they are");
  command->add_option("--effective-date", options->effective_date,
                      "No longer listed: the day the agreement ended");
  command->add_option("--end-state", options->end_state,
                      "No longer listed: terminated, withdrawn, rescinded or declined");
  AddWriteOptions(*command, options->write, true);
  AddUndo(*command, session);
  command->require_subcommand(0, 1);
  command->callback([&session, options, command] {
    if (!command->get_subcommands().empty()) return;
    session.command = [&session, options] { return RunResolve(session, *options); };
  });
}

}  // namespace accord::cli
