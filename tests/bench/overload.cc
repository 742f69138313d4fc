// What an overloaded service still gets done: answers a second at several times the
// concurrency of its best, against that best.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "tests/bench/benches.h"
#include "tests/bench/load.h"
#include "tests/bench/stage.h"

namespace accord::bench {
namespace {

constexpr int kAgreements = 2'500;
constexpr int kOver = 5;
constexpr int kRounds = 3;
// Five times what fits in the workers and their queue by default, so that most calls are
// refused.
constexpr int kFlood = kOver * (64 + 512);
const std::vector<int>& Tried() {
  static const auto& tried = *new std::vector<int>{8, 16, 32, 64, 128};
  return tried;
}

// What a refusal asks for with RetryInfo.
constexpr absl::Duration kRetryAfter = absl::Milliseconds(200);

absl::StatusOr<Sample> Goodput(const LoadOptions& options) {
  ACCORD_ASSIGN_OR_RETURN(const LoadResult result, RunLoad(options));
  return Sample{result.per_second};
}

// The concurrency with the most answers a second, by the median of some rounds: one alone
// may have met a busy moment.
absl::StatusOr<int> BestInFlight(LoadOptions options) {
  std::map<int, std::vector<double>> answered;
  for (int round = 0; round < kRounds; ++round) {
    for (const int in_flight : Tried()) {
      options.in_flight = in_flight;
      ACCORD_ASSIGN_OR_RETURN(const Sample sample, Goodput(options));
      answered[in_flight].push_back(sample[0]);
    }
  }
  std::pair<double, int> best;
  for (auto& [in_flight, values] : answered) {
    std::nth_element(values.begin(), values.begin() + kRounds / 2, values.end());
    best = std::max(best, {values[kRounds / 2], in_flight});
  }
  return best.second;
}

absl::Status Compare(Report& report, const std::string& name, LoadOptions options) {
  options.connections = 8;
  options.length = report.Size(absl::Seconds(2), absl::Milliseconds(400));
  options.may_fail = true;
  ACCORD_ASSIGN_OR_RETURN(options.in_flight, BestInFlight(options));
  const Side peak = {absl::StrCat("its best, ", options.in_flight, " in flight"),
                     [options] { return Goodput(options); }};
  struct Crowd {
    std::string name;
    int in_flight;
    absl::Duration wait_after_refusal;
  };
  for (const Crowd& crowd :
       std::vector<Crowd>{{"in flight", kOver * options.in_flight, absl::ZeroDuration()},
                          {"callers that wait as told", kFlood, kRetryAfter},
                          {"callers that do not wait", kFlood, absl::ZeroDuration()}}) {
    const std::string title = absl::StrCat(name, ", ", crowd.in_flight, " ", crowd.name);
    options.in_flight = crowd.in_flight;
    options.wait_after_refusal = crowd.wait_after_refusal;
    ACCORD_RETURN_IF_ERROR(report.Pairs(title, {{.name = "answered", .unit = "/s", .goal = 0.9}},
                                        {title, [options] { return Goodput(options); }}, peak));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BenchOverload(Report& report) {
  ACCORD_ASSIGN_OR_RETURN(const auto stage, Stage::Start(kAgreements));
  ACCORD_ASSIGN_OR_RETURN(const auto agencies, stage->AgencyNames(1'000));
  Gateway uncached(stage->agreements().address(), {"--view-cache=false"});
  ACCORD_RETURN_IF_ERROR(uncached.Start());

  ACCORD_RETURN_IF_ERROR(Compare(report, "overload, uncached status",
                                 {.address = uncached.program().address(),
                                  .method = "/accord.gateway.v1.Gateway/GetAgencyStatus",
                                  .request = [&](int64_t number) {
                                    gateway::v1::GetAgencyStatusRequest request;
                                    request.set_agency(agencies[number % agencies.size()]);
                                    return request.SerializeAsString();
                                  }}));
  return Compare(
      report, "overload, UpdateAgency",
      {.address = stage->agreements().address(),
       .method = "/accord.agreements.v1.Agreements/UpdateAgency",
       .request = [&](int64_t number) {
         return CountyUpdate(agencies[number % agencies.size()], number).SerializeAsString();
       }});
}

}  // namespace accord::bench
