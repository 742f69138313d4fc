// checkpoints list, sign and export.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "accord/log/v1/checkpoints.pb.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/exit_codes.h"
#include "services/cli/json_lines.h"

namespace accord::cli {
namespace {

namespace lv1 = accord::log::v1;
constexpr char kCheckpoints[] = "accord.log.v1.Checkpoints.";
constexpr int kDefaultListed = 50;
constexpr int kPage = 500;

struct ListOptions {
  int limit = kDefaultListed;
  std::string order_by;
  std::string page_token;
};

absl::StatusOr<lv1::ListCheckpointsResponse> FetchPage(Session& session,
                                                       const lv1::ListCheckpointsRequest& request) {
  return session.Call<lv1::ListCheckpointsResponse>(absl::StrCat(kCheckpoints, "ListCheckpoints"),
                                                    request);
}

absl::StatusOr<int> RunListCheckpoints(Session& session, const ListOptions& options) {
  lv1::ListCheckpointsRequest request;
  request.set_order_by(options.order_by);
  request.set_page_token(options.page_token);
  lv1::ListCheckpointsResponse all;
  do {
    request.set_page_size(std::min(kPage, options.limit - all.checkpoints_size()));
    ACCORD_ASSIGN_OR_RETURN(auto page, FetchPage(session, request));
    all.mutable_checkpoints()->MergeFrom(page.checkpoints());
    all.set_next_page_token(page.next_page_token());
    request.set_page_token(page.next_page_token());
  } while (!all.next_page_token().empty() && all.checkpoints_size() < options.limit);
  ACCORD_RETURN_IF_ERROR(PrintPage(session, all));
  return kExitOk;
}

absl::StatusOr<int> RunSignCheckpoint(Session& session) {
  ACCORD_ASSIGN_OR_RETURN(const auto checkpoint, session.Call<lv1::Checkpoint>(
                                                     absl::StrCat(kCheckpoints, "CreateCheckpoint"),
                                                     lv1::CreateCheckpointRequest()));
  ACCORD_RETURN_IF_ERROR(session.PrintOne(checkpoint));
  return kExitOk;
}

absl::StatusOr<int> RunExportCheckpoints(Session& session, const std::string& file) {
  ACCORD_ASSIGN_OR_RETURN(const auto writer, JsonLinesWriter::Open(file));
  lv1::ListCheckpointsRequest request;
  request.set_order_by("revision");
  request.set_page_size(kPage);
  int64_t written = 0;
  do {
    ACCORD_ASSIGN_OR_RETURN(const auto page, FetchPage(session, request));
    for (const lv1::Checkpoint& checkpoint : page.checkpoints()) {
      ACCORD_RETURN_IF_ERROR(writer->Write(checkpoint));
      ++written;
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  ACCORD_RETURN_IF_ERROR(writer->Close());
  session.Note(absl::StrCat("exported ", written, " checkpoints to ", file,
                            "; keep it where those who run the service cannot change it"));
  return kExitOk;
}

}  // namespace

void AddCheckpoints(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("checkpoints", "Signed positions of the log, to keep elsewhere");
  command->require_subcommand(1);
  command->add_option("--service", session.log_service, "Whose log (default agreements)");

  auto options = std::make_shared<ListOptions>();
  CLI::App* list = command->add_subcommand("list", "Print checkpoints, newest first");
  list->add_option("--limit", options->limit, "At most this many (default 50)")
      ->check(CLI::PositiveNumber);
  list->add_option("--order-by", options->order_by, "revision, or \"revision desc\" (default)");
  list->add_option("--page-token", options->page_token, "Go on where --limit stopped");
  list->callback([&session, options] {
    session.command = [&session, options] { return RunListCheckpoints(session, *options); };
  });

  CLI::App* sign = command->add_subcommand("sign", "Have the newest position signed now");
  sign->callback(
      [&session] { session.command = [&session] { return RunSignCheckpoint(session); }; });

  auto file = std::make_shared<std::string>();
  CLI::App* to_file =
      command->add_subcommand("export", "Write all checkpoints to a file, oldest first");
  to_file->add_option("file", *file, "One JSON object a line")->required();
  to_file->callback([&session, file] {
    session.command = [&session, file] { return RunExportCheckpoints(session, *file); };
  });
}

}  // namespace accord::cli
