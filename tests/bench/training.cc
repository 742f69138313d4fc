// The training service on PostgreSQL: reads at three sizes of the record.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/calendar/date.h"
#include "common/rpc/channel.h"
#include "common/testing/postgres_server.h"
#include "tests/bench/benches.h"
#include "tests/bench/load.h"
#include "tests/bench/stage.h"
#include "tests/bench/training_record.h"

namespace accord::bench {
namespace {

namespace tv1 = training::v1;
using Stub = tv1::Training::Stub;

constexpr absl::Duration kPatience = absl::Minutes(5);
// 1x, 10x and 100x: 1.5 million officers and 15 million completions need about 25 GB.
constexpr int kOfficers[] = {15'000, 150'000, 1'500'000};
constexpr int kFewOfficers[] = {300, 600, 900};
constexpr int kReads = 5;
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

absl::StatusOr<LoadResult> ReadPoints(const Report& report, Training& training, int officers) {
  return RunLoad({.address = training.program().address(),
                  .method = "/accord.training.v1.Training/GetCertification",
                  .request =
                      [officers](int64_t number) {
                        tv1::GetCertificationRequest request;
                        // Far from one another.
                        request.set_officer(OfficerName((number * 7'919) % officers));
                        return request.SerializeAsString();
                      },
                  .in_flight = 4,
                  .length = report.Size(absl::Seconds(3), absl::Milliseconds(300))});
}

absl::StatusOr<Sample> Figures(Training& training) {
  Sample sample;
  const auto add = [&sample](absl::StatusOr<double> took) {
    if (took.ok()) sample.push_back(*took);
    return took.status();
  };
  tv1::GetTrainingSummaryRequest summary;
  summary.set_fictitious(true);
  ACCORD_RETURN_IF_ERROR(add(training.Milliseconds(&Stub::GetTrainingSummary, summary)));
  tv1::GetAgencyTrainingRequest agency;
  agency.set_agency(AgencyName(1));
  ACCORD_RETURN_IF_ERROR(add(training.Milliseconds(&Stub::GetAgencyTraining, agency)));
  tv1::GetTrainingCapacityRequest capacity;
  capacity.set_fictitious(true);
  ACCORD_RETURN_IF_ERROR(add(training.Milliseconds(&Stub::GetTrainingCapacity, capacity)));
  tv1::GetResultRatesRequest rates;
  rates.set_fictitious(true);
  const Date today = Today(kClock.Now(), absl::UTCTimeZone());
  *rates.mutable_from() = ToProto(today - days(30));
  ACCORD_RETURN_IF_ERROR(add(training.Milliseconds(&Stub::GetResultRates, rates)));
  return sample;
}

absl::Status MeasureReads(Report& report, int officers) {
  ACCORD_ASSIGN_OR_RETURN(const std::string url, testing::NewPostgresDatabase());
  ACCORD_RETURN_IF_ERROR(WriteRecord(url, officers));
  Training training(url);
  ACCORD_RETURN_IF_ERROR(training.Start());
  const std::string name = absl::StrCat(officers, " officers, ", officers * kCompletionsEach,
                                        " completions, PostgreSQL");
  ACCORD_RETURN_IF_ERROR(report.Values(
      name, {{.name = "GetCertification p50", .unit = "us"}, {.name = "p99", .unit = "us"}},
      report.Size(kReads, 1), [&]() -> absl::StatusOr<Sample> {
        ACCORD_ASSIGN_OR_RETURN(const LoadResult result, ReadPoints(report, training, officers));
        return Sample{result.p50_us(), result.p99_us()};
      }));
  return report.Values(name,
                       {{.name = "GetTrainingSummary", .unit = "ms"},
                        {.name = "GetAgencyTraining", .unit = "ms"},
                        {.name = "GetTrainingCapacity", .unit = "ms"},
                        {.name = "GetResultRates of 30 days", .unit = "ms"}},
                       report.Size(kReads, 1), [&] { return Figures(training); });
}

}  // namespace

absl::Status BenchTraining(Report& report) {
  for (const int officers : report.quick() ? kFewOfficers : kOfficers) {
    ACCORD_RETURN_IF_ERROR(MeasureReads(report, officers));
  }
  return absl::OkStatus();
}

}  // namespace accord::bench
