// The import of completions against the bare batched INSERT of the same rows: on both databases,
// with many completions an officer and with one.
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"
#include "common/store/store.h"
#include "common/testing/postgres_server.h"
#include "common/testing/temp_dir.h"
#include "services/training/errors.h"
#include "services/training/types.h"
#include "tests/bench/benches.h"
#include "tests/bench/raw_rows.h"
#include "tests/bench/training_record.h"
#include "tests/integration/suite.h"

namespace accord::bench {
namespace {

namespace tv1 = training::v1;
using Stub = tv1::Training::Stub;

constexpr absl::Duration kPatience = absl::Minutes(5);
// An import takes a while, so there are fewer pairs.
constexpr int kPairs = 5;
const SystemClock kClock;

// So many officers with so many completions each.
struct Shape {
  int officers;
  int each;
  int completions() const { return officers * each; }
};

// An empty database that is gone with this, where that is a file.
class Database {
 public:
  static absl::StatusOr<std::unique_ptr<Database>> New(sql::Dialect dialect) {
    auto database = std::make_unique<Database>();
    if (dialect == sql::Dialect::kPostgres) {
      ACCORD_ASSIGN_OR_RETURN(database->url_, testing::NewPostgresDatabase());
      return database;
    }
    database->url_ = absl::StrCat("sqlite:", database->dir_.emplace().File("training.db"));
    return database;
  }
  const std::string& url() const { return url_; }

 private:
  std::optional<testing::TempDir> dir_;
  std::string url_;
};

absl::Status CheckAllRecorded(const tv1::CompletionImport& import, const Shape& shape) {
  for (const tv1::CompletionOutcomeCount& count : import.outcome_counts()) {
    const bool all =
        count.outcome() == tv1::COMPLETION_OUTCOME_RECORDED && count.rows() == shape.completions();
    if (all) return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("not every row was recorded: ", import.DebugString()));
}

// Leaves what was written in the database at `url`. Nobody asks about agreements here.
absl::StatusOr<Sample> Import(const std::string& url, const Shape& shape) {
  ACCORD_RETURN_IF_ERROR(WriteTrainees(url, shape.officers));
  testing::Program training("accord-training", {"--store", url, "--policy", testing::PolicyPath(),
                                                "--agreements", "127.0.0.1:1"});
  ACCORD_RETURN_IF_ERROR(training.Start());
  ACCORD_ASSIGN_OR_RETURN(const auto channel, rpc::MakeChannel(training.address()));
  const auto stub = tv1::Training::NewStub(channel);
  tv1::ImportCompletionsRequest request;
  request.set_file_name("export.csv");
  request.set_content(ExportOf(shape.officers, shape.each));
  const absl::Time started = absl::Now();
  ACCORD_ASSIGN_OR_RETURN(
      const tv1::CompletionImport import,
      rpc::CallUnary(*stub, &Stub::ImportCompletions, request, {.timeout = kPatience}));
  const absl::Duration took = absl::Now() - started;
  ACCORD_RETURN_IF_ERROR(CheckAllRecorded(import, shape));
  return Sample{shape.completions() / absl::ToDoubleSeconds(took)};
}

absl::StatusOr<Sample> Insert(sql::Dialect dialect, const std::vector<TableRows>& rows,
                              const Shape& shape) {
  ACCORD_ASSIGN_OR_RETURN(const auto database, Database::New(dialect));
  // Makes the tables and their indexes.
  ACCORD_RETURN_IF_ERROR(store::Store::Open("training", training::kDomain, training::Types(),
                                            kClock, {.url = database->url()})
                             .status());
  ACCORD_ASSIGN_OR_RETURN(const absl::Duration took, InsertRows(database->url(), rows));
  return Sample{shape.completions() / absl::ToDoubleSeconds(took)};
}

absl::Status Measure(Report& report, sql::Dialect dialect, const Shape& shape) {
  ACCORD_ASSIGN_OR_RETURN(const auto imported, Database::New(dialect));
  ACCORD_RETURN_IF_ERROR(Import(imported->url(), shape).status());
  const std::string table = training::Types().Of<tv1::Completion>().table();
  ACCORD_ASSIGN_OR_RETURN(const auto rows, DumpRows(imported->url(), {table}));
  const Side ours = {"ImportCompletions", [&]() -> absl::StatusOr<Sample> {
                       ACCORD_ASSIGN_OR_RETURN(const auto fresh, Database::New(dialect));
                       return Import(fresh->url(), shape);
                     }};
  const Side bare = {"batched INSERT of the same completions",
                     [&] { return Insert(dialect, rows, shape); }};
  const char* on = dialect == sql::Dialect::kPostgres ? "PostgreSQL" : "SQLite";
  return report.Pairs(absl::StrCat("import of ", shape.completions(), " completions, ", shape.each,
                                   " an officer, ", on),
                      {{.name = "completions", .unit = "/s", .goal = 1.0 / 3}}, ours, bare,
                      report.Size(kPairs, 1));
}

}  // namespace

absl::Status BenchCompletions(Report& report) {
  const int completions = report.Size(100'000, 2'000);
  for (const sql::Dialect dialect : {sql::Dialect::kPostgres, sql::Dialect::kSqlite}) {
    for (const int each : {kCompletionsEach, 1}) {
      ACCORD_RETURN_IF_ERROR(Measure(report, dialect, {completions / each, each}));
    }
  }
  return absl::OkStatus();
}

}  // namespace accord::bench
