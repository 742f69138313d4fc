// changes verify and changes export: a log held to checkpoints that somebody kept.
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "accord/log/v1/checkpoints.pb.h"
#include "common/proof/log_verifier.h"
#include "services/cli/commands/commands.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/json_lines.h"
#include "services/cli/output/fields.h"
#include "services/cli/session.h"

namespace accord::cli {
namespace {

namespace lv1 = accord::log::v1;
constexpr char kExport[] = "accord.log.v1.Checkpoints.ExportChanges";
constexpr int kChangesPage = 500;

using OnLog = std::function<absl::Status(const lv1::Log&)>;
using OnChange = std::function<absl::Status(const lv1::StoredChange&)>;

// Reads the log as it stands when it begins: what is written meanwhile is left out.
absl::Status ReadServer(Session& session, const OnLog& on_log, const OnChange& on_change) {
  lv1::ExportChangesRequest request;
  request.set_page_size(kChangesPage);
  std::optional<lv1::Log> log;
  while (true) {
    ACCORD_ASSIGN_OR_RETURN(const auto page,
                            session.Call<lv1::ExportChangesResponse>(kExport, request));
    if (!log) {
      log = page.log();
      ACCORD_RETURN_IF_ERROR(on_log(*log));
    }
    for (const lv1::StoredChange& stored : page.changes()) {
      if (stored.change().revision() > log->revision()) return absl::OkStatus();
      ACCORD_RETURN_IF_ERROR(on_change(stored));
      request.set_after_revision(stored.change().revision());
    }
    if (page.changes().empty()) return absl::OkStatus();
    session.Progress(
        absl::StrCat("reading changes: ", request.after_revision(), " of ", log->revision(), " …"));
  }
}

absl::Status ReadExport(const std::string& path, const OnLog& on_log, const OnChange& on_change) {
  ACCORD_ASSIGN_OR_RETURN(JsonLinesReader reader, JsonLinesReader::Open(path));
  lv1::Log log;
  ACCORD_ASSIGN_OR_RETURN(bool more, reader.Read(&log));
  if (!more) {
    return LocalError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                      absl::StrCat(path, " is empty"), "write it with accordctl changes export");
  }
  ACCORD_RETURN_IF_ERROR(on_log(log));
  lv1::StoredChange stored;
  while (true) {
    ACCORD_ASSIGN_OR_RETURN(more, reader.Read(&stored));
    if (!more) return absl::OkStatus();
    ACCORD_RETURN_IF_ERROR(on_change(stored));
  }
}

struct ProveOptions {
  std::string checkpoint_file;
  std::vector<std::string> key_files;
  // Empty: the server's log.
  std::string changes_file;
  std::vector<std::string> former_logs;
};

absl::StatusOr<proof::Evidence> ReadEvidence(const ProveOptions& options) {
  proof::Evidence evidence;
  for (const std::string& file : options.key_files) {
    ACCORD_ASSIGN_OR_RETURN(const std::string pem, ReadTextFile(file));
    auto key = proof::PublicKey::FromPem(pem);
    if (!key.ok()) {
      return UsageError(absl::StrCat(file, " ", key.status().message()),
                        "write it with openssl pkey -in KEY -pubout");
    }
    evidence.keys.push_back(*std::move(key));
  }
  evidence.former_logs = {options.former_logs.begin(), options.former_logs.end()};
  ACCORD_ASSIGN_OR_RETURN(JsonLinesReader reader, JsonLinesReader::Open(options.checkpoint_file));
  lv1::Checkpoint checkpoint;
  while (true) {
    ACCORD_ASSIGN_OR_RETURN(const bool more, reader.Read(&checkpoint));
    if (!more) break;
    evidence.checkpoints.push_back(checkpoint);
  }
  if (evidence.checkpoints.empty()) {
    return UsageError(absl::StrCat(options.checkpoint_file, " holds no checkpoint"),
                      "write it with accordctl checkpoints export");
  }
  return evidence;
}

void PrintProof(Session& session, const lv1::LogProof& proof) {
  std::ostream& out = session.io().out;
  for (const lv1::Finding& finding : proof.findings()) {
    out << lv1::Finding::Kind_Name(finding.kind()) << " at revision " << finding.revision() << ": "
        << Printable(finding.problem());
    if (finding.count() > 1) out << " (" << finding.count() << " found)";
    out << "\n";
  }
  out << proof.changes_verified() << " changes follow, " << proof.images_verified()
      << " images verified, " << proof.images_redacted() << " redacted, "
      << proof.checkpoints_verified() << " checkpoints hold\n";
  const std::string name = absl::StrCat("log ", proof.log().id(), " of ", proof.log().service());
  if (!proof.has_proven()) {
    out << "NOT PROVEN: " << Printable(name) << "\n";
    return;
  }
  const lv1::Checkpoint& proven = proof.proven();
  out << (proof.holds() ? "proven: " : "BROKEN; proven no further than here: ") << Printable(name)
      << " up to revision " << proven.revision() << ", signed " << FieldText(proven, "time")
      << " by key " << Printable(proven.key_id());
  const int64_t beyond = proof.log().revision() - proven.revision();
  if (proof.holds() && beyond > 0) out << "; the " << beyond << " after it are not signed yet";
  out << "\n";
}

absl::StatusOr<int> RunProve(Session& session, const ProveOptions& options) {
  ACCORD_ASSIGN_OR_RETURN(proof::Evidence evidence, ReadEvidence(options));
  std::optional<proof::LogVerifier> verifier;
  const OnLog on_log = [&](const lv1::Log& log) {
    verifier.emplace(log, std::move(evidence));
    return absl::OkStatus();
  };
  const OnChange on_change = [&](const lv1::StoredChange& stored) {
    verifier->Add(stored);
    return absl::OkStatus();
  };
  ACCORD_RETURN_IF_ERROR(options.changes_file.empty()
                             ? ReadServer(session, on_log, on_change)
                             : ReadExport(options.changes_file, on_log, on_change));
  session.ProgressDone();
  const lv1::LogProof proof = verifier->Finish();
  if (session.human()) {
    PrintProof(session, proof);
  } else {
    ACCORD_RETURN_IF_ERROR(session.PrintOne(proof, "log.id"));
  }
  return proof.holds() ? kExitOk : kExitError;
}

absl::StatusOr<int> RunExportProof(Session& session, const std::string& file) {
  ACCORD_ASSIGN_OR_RETURN(const auto writer, JsonLinesWriter::Open(file));
  int64_t written = 0;
  ACCORD_RETURN_IF_ERROR(ReadServer(
      session, [&](const lv1::Log& log) { return writer->Write(log); },
      [&](const lv1::StoredChange& stored) {
        ++written;
        return writer->Write(stored);
      }));
  ACCORD_RETURN_IF_ERROR(writer->Close());
  session.ProgressDone();
  session.Note(absl::StrCat("exported ", written, " changes to ", file));
  return kExitOk;
}

}  // namespace

void AddProve(CLI::App& changes, Session& session) {
  auto options = std::make_shared<ProveOptions>();
  CLI::App* verify = changes.add_subcommand(
      "verify", "Check here, trusting no server, that the log extends checkpoints you kept");
  verify->add_option("--checkpoint", options->checkpoint_file, "From accordctl checkpoints export")
      ->required();
  verify
      ->add_option("--public-key", options->key_files,
                   "PEM file; give each key that has signed, from your own copy")
      ->required();
  verify->add_option("--changes", options->changes_file,
                     "From accordctl changes export (default: read the server's log)");
  verify->add_option("--former-log", options->former_logs,
                     "Id of the log before a restore that you were told of");
  verify->callback([&session, options] {
    session.command = [&session, options] { return RunProve(session, *options); };
  });

  auto file = std::make_shared<std::string>();
  CLI::App* to_file =
      changes.add_subcommand("export", "Write the whole log to a file, as it is stored");
  to_file->add_option("file", *file, "The log, then one change a line, in JSON")->required();
  to_file->callback([&session, file] {
    session.command = [&session, file] { return RunExportProof(session, *file); };
  });
}

}  // namespace accord::cli
