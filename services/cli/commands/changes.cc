// changes, watch and verify: the log of a service.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/output/columns.h"
#include "services/cli/output/csv.h"

namespace accord::cli {
namespace {

namespace lv1 = accord::log::v1;
constexpr char kFeed[] = "accord.log.v1.ChangeFeed.";
// Newest changes shown when nobody says how many.
constexpr int kDefaultChanges = 50;
// Heartbeats come twice a second; ten missed ones are a dead link.
constexpr absl::Duration kSilence = absl::Seconds(5);
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(500);
constexpr absl::Duration kLongestBackoff = absl::Seconds(10);

struct ChangesOptions {
  std::string name;
  std::string filter;
  std::string order_by;
  std::string page_token;
  int64_t after = -1;
  int limit = kDefaultChanges;
  bool images = false;
};

absl::StatusOr<int> RunChanges(Session& session, const ChangesOptions& options) {
  lv1::ListChangesRequest request;
  if (!options.name.empty()) {
    ACCORD_ASSIGN_OR_RETURN(const auto names, ParseNames({options.name}));
    request.set_subject(names[0].name);
    session.SetLogOf(names[0].name);
  }
  request.set_filter(options.filter);
  if (options.after >= 0) {
    request.set_filter(AndFilter(absl::StrCat("revision > ", options.after), options.filter));
  }
  request.set_order_by(options.order_by);
  request.set_page_token(options.page_token);
  request.set_omit_images(!options.images);
  lv1::ListChangesResponse all;
  do {
    request.set_page_size(std::min(500, options.limit - all.changes_size()));
    ACCORD_ASSIGN_OR_RETURN(auto page, session.Call<lv1::ListChangesResponse>(
                                           absl::StrCat(kFeed, "ListChanges"), request));
    all.mutable_changes()->MergeFrom(page.changes());
    all.set_next_page_token(page.next_page_token());
    request.set_page_token(page.next_page_token());
  } while (!all.next_page_token().empty() && all.changes_size() < options.limit);
  ACCORD_RETURN_IF_ERROR(PrintPage(session, all));
  return kExitOk;
}

struct WatchOptions {
  std::string filter;
  int64_t after = -1;
  // Changes to print; 0 is no end.
  int64_t limit = 0;
  bool images = false;
};

// One watch over any number of connections.
class Watcher {
 public:
  Watcher(Session& session, const WatchOptions& options) : session_(session), options_(options) {}

  absl::StatusOr<int> Run();

 private:
  absl::Status Start();
  // False when enough was printed.
  bool Take(const lv1::WatchChangesResponse& message);
  void Print(const lv1::Change& change);

  Session& session_;
  const WatchOptions& options_;
  lv1::WatchChangesRequest request_;
  int64_t printed_ = 0;
  bool heard_ = false;
};

absl::Status Watcher::Start() {
  request_.set_filter(options_.filter);
  request_.set_omit_images(!options_.images);
  if (session_.format() == Format::kCsv) {
    session_.io().out << RenderCsvHeader(EmptyTable(*lv1::Change::descriptor(), Detail::kCsv));
  }
  if (options_.after >= 0) {
    request_.set_after_revision(options_.after);
    return absl::OkStatus();
  }
  ACCORD_ASSIGN_OR_RETURN(
      const auto log, session_.Call<lv1::Log>(absl::StrCat(kFeed, "GetLog"), lv1::GetLogRequest()));
  request_.set_log(log.id());
  request_.set_after_revision(log.revision());
  request_.set_hash(log.hash());
  return absl::OkStatus();
}

void Watcher::Print(const lv1::Change& change) {
  std::ostream& out = session_.io().out;
  switch (session_.format()) {
    case Format::kJson:
      // A change that cannot be mapped is named rather than passed over.
      if (const auto status = session_.PrintJson(change, false); !status.ok()) {
        session_.Note(absl::StrCat("changes/", change.revision(), ": ", status.message()));
      }
      break;
    case Format::kCsv:
      out << RenderCsvRows(MakeTable(*lv1::Change::descriptor(), {&change}, Detail::kCsv));
      break;
    case Format::kName:
      out << "changes/" << change.revision() << "\n";
      break;
    default: {
      const Table table = MakeTable(*lv1::Change::descriptor(), {&change}, Detail::kTable);
      std::string line;
      for (const std::string& cell : table.rows[0]) {
        if (!cell.empty()) absl::StrAppend(&line, line.empty() ? "" : "  ", Printable(cell));
      }
      const Io& io = session_.io();
      out << (io.out_is_tty && io.width > 0 ? CutToWidth(line, io.width) : line) << "\n";
    }
  }
  out.flush();
}

bool Watcher::Take(const lv1::WatchChangesResponse& message) {
  heard_ = true;
  for (const lv1::Change& change : message.changes()) {
    Print(change);
    ++printed_;
    if (options_.limit > 0 && printed_ >= options_.limit) return false;
  }
  request_.set_log(message.log());
  request_.set_after_revision(message.revision());
  request_.set_hash(message.hash());
  return true;
}

absl::StatusOr<int> Watcher::Run() {
  ACCORD_RETURN_IF_ERROR(Start());
  ACCORD_ASSIGN_OR_RETURN(Client * client, session_.Connect());
  const absl::Duration timeout = session_.options().timeout;
  const absl::Time deadline =
      timeout > absl::ZeroDuration() ? absl::Now() + timeout : absl::InfiniteFuture();
  bool ever_heard = false;
  absl::Duration backoff = kFirstBackoff;
  while (true) {
    heard_ = false;
    const absl::Status end = client->Watch(request_, session_.LogService(), deadline, kSilence,
                                           [this](const auto& message) { return Take(message); });
    if (end.ok()) return kExitOk;
    ever_heard = ever_heard || heard_;
    // A server that never answered is a mistake to report, not a link to mend.
    if (!absl::IsUnavailable(end) || !ever_heard) return end;
    if (heard_) backoff = kFirstBackoff;
    session_.Note(absl::StrCat("connection lost after revision ", request_.after_revision(), " (",
                               end.message(), "); trying again in ",
                               absl::FormatDuration(backoff)));
    session_.io().sleep(std::min(backoff, deadline - absl::Now()));
    backoff = std::min(backoff * 2, kLongestBackoff);
  }
}

struct VerifyOptions {
  int64_t from = 0;
  int64_t to = 0;
};

void PrintVerdict(Session& session, const lv1::VerifyChangesResponse& verdict) {
  std::ostream& out = session.io().out;
  if (verdict.intact()) {
    out << "intact: " << verdict.changes_verified() << " changes and "
        << verdict.resources_verified() << " resources verified";
    if (verdict.images_redacted() > 0) out << ", " << verdict.images_redacted() << " redacted";
    out << "\nlog " << Printable(verdict.log()) << " at revision " << verdict.revision()
        << ", hash " << absl::BytesToHexString(verdict.hash())
        << "\nKeep revision and hash elsewhere: they show later whether the log was cut.\n";
    return;
  }
  out << "BROKEN at revision " << verdict.first_broken_revision() << ": "
      << Printable(verdict.problem()) << "\n";
  session.Note(absl::StrCat("next: look at accordctl get changes/", verdict.first_broken_revision(),
                            ", compare with a copy of the log, and restore it from a backup"));
}

absl::StatusOr<int> RunVerify(Session& session, const VerifyOptions& options) {
  lv1::VerifyChangesRequest request;
  request.set_from_revision(options.from);
  request.set_to_revision(options.to);
  session.Progress(absl::StrCat("verifying the log of ", session.LogService(), " …"));
  ACCORD_ASSIGN_OR_RETURN(const auto verdict,
                          session.Call<lv1::VerifyChangesResponse>(
                              absl::StrCat(kFeed, "VerifyChanges"), request, kImportTimeout));
  session.ProgressDone();
  if (session.human()) {
    PrintVerdict(session, verdict);
  } else {
    ACCORD_RETURN_IF_ERROR(session.PrintOne(verdict, "log"));
  }
  return verdict.intact() ? kExitOk : kExitError;
}

}  // namespace

void AddChanges(CLI::App& app, Session& session) {
  auto options = std::make_shared<ChangesOptions>();
  CLI::App* command = app.add_subcommand("changes", "Print what happened, newest first");
  command->add_option("name", options->name, "Only what concerns this resource, KIND/NAME");
  command->add_option("--filter", options->filter, "For example: actor = \"unverified:ana\"");
  command->add_option("--after", options->after, "Only after this revision")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--order-by", options->order_by, "revision, or \"revision desc\" (default)");
  command->add_option("--limit", options->limit, "At most this many (default 50)")
      ->check(CLI::PositiveNumber);
  command->add_option("--page-token", options->page_token, "Go on where --limit stopped");
  command->add_flag("--images", options->images, "With -o json: the resources after each change");
  command->add_option("--service", session.log_service,
                      "Whose log (default: that of NAME, or agreements)");
  AddProve(*command, session);
  command->callback([&session, options, command] {
    // Called after that of a command below it, which has been chosen then.
    if (!command->get_subcommands().empty()) return;
    session.command = [&session, options] { return RunChanges(session, *options); };
  });
}

void AddWatch(CLI::App& app, Session& session) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* command = app.add_subcommand("watch", "Print changes as they happen");
  command->add_option("--filter", options->filter, "For example: subjects:\"agencies/a1\"");
  command->add_option("--after", options->after, "Begin after this revision (default: now)")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--limit", options->limit, "Stop after this many changes")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--images", options->images, "With -o json: the resources after each change");
  command->add_option("--service", session.log_service, "Whose log (default agreements)");
  command->callback([&session, options] {
    session.command = [&session, options] { return Watcher(session, *options).Run(); };
  });
}

void AddVerify(CLI::App& app, Session& session) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = app.add_subcommand("verify", "Recompute the log's chain of hashes");
  command->add_option("--from", options->from, "First revision (default: the beginning)")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--to", options->to, "Last revision (default: the newest)")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--service", session.log_service, "Whose log (default agreements)");
  command->callback([&session, options] {
    session.command = [&session, options] { return RunVerify(session, *options); };
  });
}

}  // namespace accord::cli
