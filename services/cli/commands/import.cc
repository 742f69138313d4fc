// import: reads published lists into the record, and takes an import back.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "common/calendar/date.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/output/fields.h"

namespace accord::cli {
namespace {

namespace av1 = accord::agreements::v1;

constexpr int kDigitsOfDate = 8;

struct ImportOptions {
  std::vector<std::string> files;
  std::string kind;
  std::string as_of;
  std::string capture_date;
  bool history = false;
  bool allow_shrink = false;
  bool fictitious = false;
  WriteOptions write;
};

// "20250519_name.xlsx" was fetched on 2025-05-19; "" when the name says nothing.
std::string CaptureDateOf(const std::string& file_name) {
  const bool digits = file_name.size() > kDigitsOfDate && file_name[kDigitsOfDate] == '_' &&
                      std::all_of(file_name.begin(), file_name.begin() + kDigitsOfDate,
                                  [](char c) { return '0' <= c && c <= '9'; });
  if (!digits) return "";
  const std::string date = absl::StrCat(file_name.substr(0, 4), "-", file_name.substr(4, 2), "-",
                                        file_name.substr(6, 2));
  return ParseDate(date).has_value() ? date : "";
}

absl::StatusOr<av1::RosterImport> ImportFile(Session& session, const ImportOptions& options,
                                             const std::string& file) {
  av1::ImportRosterRequest request;
  const std::string stored_name = std::filesystem::path(file).filename().string();
  std::string captured = options.capture_date;
  if (captured.empty()) captured = CaptureDateOf(stored_name);
  request.set_file_name(stored_name);
  request.set_history(options.history);
  request.set_allow_shrink(options.allow_shrink);
  request.set_fictitious(options.fictitious);
  ACCORD_RETURN_IF_ERROR(SetFields(&request, {{"--kind", "kind", options.kind},
                                              {"--as-of", "as_of", options.as_of},
                                              {"--capture-date", "capture_date", captured}}));
  ACCORD_RETURN_IF_ERROR(ApplyWriteOptions(options.write, &request));
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_content(), ReadImportFile(file));
  return session.Call<av1::RosterImport>("accord.agreements.v1.Agreements.ImportRoster", request,
                                         kImportTimeout);
}

// With nobody there, the files that follow would fail alike, each after its timeout.
bool EndsTheRun(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

class RosterImporter {
 public:
  RosterImporter(Session& session, const ImportOptions& options)
      : session_(session), options_(options) {}

  absl::StatusOr<int> Run();

 private:
  void Fail(const std::string& file, const absl::Status& status);
  absl::Status PrintDone();
  void PrintWarnings();

  Session& session_;
  const ImportOptions& options_;
  std::vector<av1::RosterImport> done_;
  absl::Status first_failure_;
  size_t failed_ = 0;
};

void RosterImporter::Fail(const std::string& file, const absl::Status& status) {
  ++failed_;
  session_.ProgressDone();
  if (first_failure_.ok()) first_failure_ = status;
  if (session_.json()) {
    session_.io().err << ErrorJson(status);
    return;
  }
  session_.Note(absl::StrCat(file, ":"));
  session_.io().err << DescribeError(status, session_.server());
}

absl::Status RosterImporter::PrintDone() {
  if (session_.json() || done_.empty()) return absl::OkStatus();
  std::vector<const google::protobuf::Message*> rows;
  for (const av1::RosterImport& import : done_) rows.push_back(&import);
  ACCORD_RETURN_IF_ERROR(session_.PrintMessages(*av1::RosterImport::descriptor(), rows, done_[0]));
  PrintWarnings();
  return absl::OkStatus();
}

void RosterImporter::PrintWarnings() {
  for (const av1::RosterImport& import : done_) {
    for (const std::string& warning : import.warnings()) {
      session_.Note(absl::StrCat("warning: ", import.file_name(), ": ", warning));
    }
  }
  if (options_.write.dry_run) session_.Note("dry run: nothing was written");
}

absl::StatusOr<int> RosterImporter::Run() {
  const size_t count = options_.files.size();
  for (size_t i = 0; i < count; ++i) {
    const std::string& file = options_.files[i];
    session_.Progress(absl::StrCat("importing ", i + 1, "/", count, " ", file, " …"));
    absl::StatusOr<av1::RosterImport> import = ImportFile(session_, options_, file);
    if (import.ok()) {
      if (session_.json()) ACCORD_RETURN_IF_ERROR(session_.PrintJson(*import, false));
      done_.push_back(*std::move(import));
      continue;
    }
    Fail(file, import.status());
    if (!EndsTheRun(import.status())) continue;
    if (i + 1 < count)
      session_.Note(absl::StrCat("not tried: the ", count - i - 1, " files after it"));
    break;
  }
  session_.ProgressDone();
  ACCORD_RETURN_IF_ERROR(PrintDone());
  if (failed_ == 0) return kExitOk;
  return done_.empty() ? ExitCodeFor(first_failure_) : kExitPartial;
}

absl::StatusOr<int> RunRoster(Session& session, const ImportOptions& options) {
  const bool many = options.files.size() > 1;
  if (many && !options.write.request_id.empty()) {
    return UsageError("one --request-id cannot stand for several files", "import one file with it");
  }
  if (many && !options.as_of.empty()) {
    return UsageError("one --as-of cannot be the date of several lists", "import one file with it");
  }
  return RosterImporter(session, options).Run();
}

absl::StatusOr<int> RunRevert(Session& session, const std::string& word,
                              const WriteOptions& write) {
  ACCORD_RETURN_IF_ERROR(Require("--reason", write.reason));
  ACCORD_ASSIGN_OR_RETURN(const Kind* kind, FindKind("imports"));
  av1::RevertRosterImportRequest request;
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_name(), FullName(*kind, word));
  ACCORD_RETURN_IF_ERROR(ApplyWriteOptions(write, &request));
  ACCORD_ASSIGN_OR_RETURN(
      const auto import,
      session.Call<av1::RosterImport>("accord.agreements.v1.Agreements.RevertRosterImport", request,
                                      kImportTimeout));
  ACCORD_RETURN_IF_ERROR(session.PrintOne(import));
  if (write.dry_run) session.Note("dry run: nothing was written");
  return kExitOk;
}

void AddRoster(CLI::App& import, Session& session) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command = import.add_subcommand(
      "roster", "Import published lists (XLSX or CSV) in the given order, old to new");
  command->add_option("file", options->files, "YYYYMMDD_name.xlsx says when it was fetched")
      ->required();
  command->add_option("--kind", options->kind,
                      "participating or pending, if the name does not tell");
  command->add_option("--as-of", options->as_of, "The list's date, if not that of its name");
  command->add_option("--capture-date", options->capture_date,
                      "The day it was fetched (default: from the file's name)");
  command->add_flag("--history", options->history, "Accept a list older than the newest");
  command->add_flag("--allow-shrink", options->allow_shrink, "Accept a list that lost many rows");
  command->add_flag("--fictitious", options->fictitious, "Demo data: mark all of it made up");
  AddWriteOptions(*command, options->write, false, false);
  command->callback([&session, options] {
    session.command = [&session, options] { return RunRoster(session, *options); };
  });
}

void AddRevert(CLI::App& import, Session& session) {
  struct Options {
    std::string name;
    WriteOptions write;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = import.add_subcommand("revert", "Take an import back as a whole");
  command->add_option("name", options->name, "rosterImports/ID")->required();
  AddWriteOptions(*command, options->write, true);
  command->callback([&session, options] {
    session.command = [&session, options] {
      return RunRevert(session, options->name, options->write);
    };
  });
}

}  // namespace

void AddImport(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("import", "Import published lists, or take one back");
  command->require_subcommand(1);
  AddRoster(*command, session);
  AddRevert(*command, session);
}

}  // namespace accord::cli
