// The training service on PostgreSQL: the import of completions against the bare insert of the
// same rows, and reads of larger records against the same reads of a small one.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"
#include "common/store/store.h"
#include "common/testing/postgres_server.h"
#include "services/training/errors.h"
#include "services/training/types.h"
#include "tests/bench/benches.h"
#include "tests/bench/raw_rows.h"
#include "tests/bench/stage.h"
#include "tests/bench/training_reads.h"
#include "tests/bench/training_record.h"

namespace accord::bench {
namespace {

namespace tv1 = training::v1;
using Stub = tv1::Training::Stub;

constexpr absl::Duration kPatience = absl::Minutes(5);
// An import takes a while, so there are fewer pairs.
constexpr int kPairs = 3;
const SystemClock kClock;

// The service over a database. Nobody asks it about agreements here.
class Training {
 public:
  explicit Training(const std::string& url)
      : program_("accord-training", {"--store", url, "--policy", testing::PolicyPath(),
                                     "--agreements", "127.0.0.1:1"}) {}

  absl::Status Start() {
    ACCORD_RETURN_IF_ERROR(program_.Start());
    ACCORD_ASSIGN_OR_RETURN(const auto channel, rpc::MakeChannel(program_.address()));
    stub_ = tv1::Training::NewStub(channel);
    return absl::OkStatus();
  }
  testing::Program& program() { return program_; }

  template <typename Method, typename Request>
  absl::StatusOr<double> Milliseconds(Method method, const Request& request) {
    const absl::Time started = absl::Now();
    ACCORD_RETURN_IF_ERROR(
        rpc::CallUnary(*stub_, method, request, {.timeout = kPatience}).status());
    return absl::ToDoubleMilliseconds(absl::Now() - started);
  }

 private:
  testing::Program program_;
  std::unique_ptr<Stub> stub_;
};

// Leaves what was written in the database at `url`.
absl::StatusOr<Sample> Import(const std::string& url, int officers) {
  ACCORD_RETURN_IF_ERROR(WriteTrainees(url, officers));
  Training training(url);
  ACCORD_RETURN_IF_ERROR(training.Start());
  tv1::ImportCompletionsRequest request;
  request.set_file_name("export.csv");
  request.set_content(ExportOf(officers));
  ACCORD_ASSIGN_OR_RETURN(const double milliseconds,
                          training.Milliseconds(&Stub::ImportCompletions, request));
  return Sample{officers * kCompletionsEach * 1'000 / milliseconds};
}

absl::StatusOr<Sample> Insert(const std::vector<TableRows>& rows, int officers) {
  ACCORD_ASSIGN_OR_RETURN(const std::string url, testing::NewPostgresDatabase());
  // Makes the tables and their indexes.
  ACCORD_RETURN_IF_ERROR(
      store::Store::Open("training", training::kDomain, training::Types(), kClock, {.url = url})
          .status());
  ACCORD_ASSIGN_OR_RETURN(const absl::Duration took, InsertRows(url, rows));
  return Sample{officers * kCompletionsEach / absl::ToDoubleSeconds(took)};
}

absl::Status MeasureImport(Report& report) {
  const int officers = report.Size(10'000, 200);
  ACCORD_ASSIGN_OR_RETURN(const std::string url, testing::NewPostgresDatabase());
  ACCORD_RETURN_IF_ERROR(Import(url, officers).status());
  const std::string table = training::Types().Of<tv1::Completion>().table();
  ACCORD_ASSIGN_OR_RETURN(const auto rows, DumpRows(url, {table}));
  const Side ours = {"ImportCompletions", [&]() -> absl::StatusOr<Sample> {
                       ACCORD_ASSIGN_OR_RETURN(const std::string fresh,
                                               testing::NewPostgresDatabase());
                       return Import(fresh, officers);
                     }};
  const Side bare = {"batched INSERT of the same completions",
                     [&] { return Insert(rows, officers); }};
  return report.Pairs(absl::StrCat("import of ", officers * kCompletionsEach,
                                   " completions, ten an officer, PostgreSQL"),
                      {{.name = "completions", .unit = "/s", .goal = 1.0 / 3}}, ours, bare, kPairs);
}

}  // namespace

absl::Status BenchTraining(Report& report) {
  ACCORD_RETURN_IF_ERROR(MeasureImport(report));
  return MeasureTrainingReads(report);
}

}  // namespace accord::bench
