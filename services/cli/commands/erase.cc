// erase: takes the personal fields of a resource out of the record and its past.
#include <CLI/CLI.hpp>
#include <istream>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "accord/log/v1/erasure.pb.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"

namespace accord::cli {
namespace {

namespace lv1 = accord::log::v1;

struct EraseOptions {
  std::string name;
  std::string reason;
  bool dry_run = false;
  bool yes = false;
};

absl::StatusOr<lv1::ErasePersonalFieldsResponse> Erase(Session& session,
                                                       const EraseOptions& options,
                                                       bool validate_only) {
  lv1::ErasePersonalFieldsRequest request;
  request.set_name(options.name);
  request.set_reason(options.reason);
  request.set_validate_only(validate_only);
  return session.Call<lv1::ErasePersonalFieldsResponse>("accord.log.v1.Erasure.ErasePersonalFields",
                                                        request, kImportTimeout);
}

std::string Describe(const lv1::ErasePersonalFieldsResponse& erased) {
  return absl::StrCat(
      "fields: ",
      erased.fields_erased().empty() ? "none" : absl::StrJoin(erased.fields_erased(), ", "),
      "; images of earlier changes: ", erased.images_erased());
}

bool IsNothing(const lv1::ErasePersonalFieldsResponse& erased) {
  return erased.fields_erased().empty() && erased.images_erased() == 0;
}

// Only "yes" is yes: what is erased does not come back.
bool Confirmed(Session& session, const std::string& name) {
  session.io().err << "Erase them from " << Printable(name)
                   << " for good? Type yes: " << std::flush;
  std::string answer;
  std::getline(session.io().in, answer);
  return absl::StripAsciiWhitespace(answer) == "yes";
}

absl::StatusOr<int> Print(Session& session, const lv1::ErasePersonalFieldsResponse& erased,
                          absl::string_view verb, const std::string& name) {
  if (session.human()) {
    session.io().out << verb << " " << Printable(name) << ": " << Printable(Describe(erased))
                     << "\n";
  } else {
    ACCORD_RETURN_IF_ERROR(session.PrintOne(erased, "fields_erased"));
  }
  return kExitOk;
}

absl::StatusOr<int> RunErase(Session& session, const EraseOptions& options) {
  ACCORD_RETURN_IF_ERROR(Require("--reason", options.reason));
  session.SetLogOf(options.name);
  if (!options.dry_run && !options.yes && !session.io().in_is_tty) {
    return UsageError("erasing is for good, and there is nobody to ask here",
                      "see what it would do with --dry-run, then give --yes");
  }
  ACCORD_ASSIGN_OR_RETURN(const auto planned, Erase(session, options, /*validate_only=*/true));
  if (options.dry_run) return Print(session, planned, "would erase from", options.name);
  if (IsNothing(planned))
    return Print(session, planned, "nothing personal is left in", options.name);
  if (!options.yes) {
    session.Note(absl::StrCat("would erase from ", options.name, ": ", Describe(planned)));
    if (!Confirmed(session, options.name)) {
      session.Note("nothing was erased");
      return kExitError;
    }
  }
  ACCORD_ASSIGN_OR_RETURN(const auto erased, Erase(session, options, /*validate_only=*/false));
  return Print(session, erased, "erased from", options.name);
}

}  // namespace

void AddErase(CLI::App& app, Session& session) {
  auto options = std::make_shared<EraseOptions>();
  CLI::App* command = app.add_subcommand(
      "erase", "Take personal fields out of a resource and its past; proofs of the log still hold");
  command->add_option("name", options->name, "For example officers/ID")->required();
  command->add_option("--reason", options->reason,
                      "Why; kept in the log, so do not repeat in it what is to be erased");
  command->add_flag("--dry-run", options->dry_run, "Print what would be erased, and erase nothing");
  command->add_flag("--yes", options->yes, "Do not ask");
  command->add_option("--service", session.log_service, "Whose record (default: as the name says)");
  command->callback([&session, options] {
    session.command = [&session, options] { return RunErase(session, *options); };
  });
}

}  // namespace accord::cli
