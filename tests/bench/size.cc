// What does and what does not grow with the record: start-up, memory, status reads and
// metrics at 2,500 and at 250,000 agreements.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"
#include "common/testing/eventually.h"
#include "tests/bench/benches.h"
#include "tests/bench/host.h"
#include "tests/bench/load.h"
#include "tests/bench/stage.h"

namespace accord::bench {
namespace {

namespace av1 = agreements::v1;
namespace gv1 = gateway::v1;

constexpr int kSmall = 2'500;
constexpr int kLarge = 250'000;
constexpr int kAgencies = 1'000;
constexpr absl::Duration kPatience = absl::Seconds(60);
// So many starts are measured.
constexpr int kStarts = 3;

// A record of one size with a gateway that keeps statuses and one that does not.
struct Suite {
  static absl::StatusOr<std::unique_ptr<Suite>> Start(int agreements) {
    auto suite = std::make_unique<Suite>();
    ACCORD_ASSIGN_OR_RETURN(suite->stage, Stage::Start(agreements));
    const std::string owner = suite->stage->agreements().address();
    suite->cached = std::make_unique<Gateway>(owner, std::vector<std::string>{});
    suite->uncached =
        std::make_unique<Gateway>(owner, std::vector<std::string>{"--view-cache=false"});
    ACCORD_RETURN_IF_ERROR(suite->cached->Start());
    ACCORD_RETURN_IF_ERROR(suite->uncached->Start());
    ACCORD_ASSIGN_OR_RETURN(suite->agencies, suite->stage->AgencyNames(kAgencies));
    ACCORD_ASSIGN_OR_RETURN(suite->in_force, suite->stage->AgreementNames(kAgencies));
    return suite;
  }

  std::unique_ptr<Stage> stage;
  std::unique_ptr<Gateway> cached;
  std::unique_ptr<Gateway> uncached;
  std::vector<std::string> agencies;
  // Agreements that Refresh suspends, one after another.
  std::vector<std::string> in_force;
};

double MillisecondsSince(absl::Time started) {
  return absl::ToDoubleMilliseconds(absl::Now() - started);
}

absl::Status MeasureStart(Report& report, int agreements) {
  ACCORD_ASSIGN_OR_RETURN(const auto stage, Stage::Start(agreements));
  Gateway gateway(stage->agreements().address(), {});
  return report.Values(
      absl::StrCat("start with ", agreements, " agreements"),
      {{.name = "agreements, until it answers", .unit = "ms"},
       {.name = "agreements, idle", .unit = "MiB"},
       {.name = "gateway, until it has read all", .unit = "ms"},
       {.name = "gateway, idle", .unit = "MiB"},
       {.name = "agreements, after that", .unit = "MiB"}},
      report.Size(kStarts, 1), [&]() -> absl::StatusOr<Sample> {
        stage->agreements().Terminate();
        const absl::Time agreements_started = absl::Now();
        ACCORD_RETURN_IF_ERROR(stage->agreements().Start());
        const double agreements_ms = MillisecondsSince(agreements_started);
        ACCORD_ASSIGN_OR_RETURN(const double idle, ResidentMib(stage->agreements().pid()));
        const absl::Time gateway_started = absl::Now();
        ACCORD_RETURN_IF_ERROR(gateway.Start());
        const double gateway_ms = MillisecondsSince(gateway_started);
        ACCORD_ASSIGN_OR_RETURN(const double gateway_mib, ResidentMib(gateway.program().pid()));
        ACCORD_ASSIGN_OR_RETURN(const double read, ResidentMib(stage->agreements().pid()));
        gateway.program().Terminate();
        return Sample{agreements_ms, idle, gateway_ms, gateway_mib, read};
      });
}

absl::Status MeasureMemory(Report& report, Suite& suite, int agreements) {
  return report.Values(
      absl::StrCat("memory after the load, ", agreements, " agreements"),
      {{.name = "agreements", .unit = "MiB"},
       {.name = "gateway", .unit = "MiB"},
       {.name = "gateway, uncached", .unit = "MiB"}},
      1, [&]() -> absl::StatusOr<Sample> {
        Sample sample;
        for (testing::Program* program :
             {&suite.stage->agreements(), &suite.cached->program(), &suite.uncached->program()}) {
          ACCORD_ASSIGN_OR_RETURN(const double mib, ResidentMib(program->pid()));
          sample.push_back(mib);
        }
        return sample;
      });
}

// Few calls at a time: how long one takes, not how many there can be.
absl::StatusOr<Sample> ReadStatuses(const Report& report, const Suite& suite, Gateway& gateway) {
  ACCORD_ASSIGN_OR_RETURN(
      const LoadResult result,
      RunLoad({.address = gateway.program().address(),
               .method = "/accord.gateway.v1.Gateway/GetAgencyStatus",
               .request =
                   [&suite](int64_t number) {
                     gv1::GetAgencyStatusRequest request;
                     request.set_agency(suite.agencies[number % suite.agencies.size()]);
                     return request.SerializeAsString();
                   },
               .in_flight = 4,
               .length = report.Size(absl::Seconds(1), absl::Milliseconds(300))}));
  return Sample{result.p50_us(), result.p99_us()};
}

absl::StatusOr<int> InForce(Gateway& gateway) {
  gv1::GetProgramMetricsRequest request;
  request.set_fictitious(true);
  ACCORD_ASSIGN_OR_RETURN(
      const gv1::ProgramMetrics metrics,
      rpc::CallUnary(gateway.stub(), &gv1::Gateway::Stub::GetProgramMetrics, request));
  return metrics.in_force().agreements();
}

absl::StatusOr<av1::Agreement> Suspend(av1::Agreements::Stub& stub, const std::string& agreement) {
  av1::MoveAgreementRequest request;
  request.set_name(agreement);
  request.set_reason("Demo");
  request.set_source("Demo");
  const absl::CivilDay today = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) - 1;
  request.mutable_effective_date()->set_year(static_cast<int>(today.year()));
  request.mutable_effective_date()->set_month(today.month());
  request.mutable_effective_date()->set_day(today.day());
  return rpc::CallUnary(stub, &av1::Agreements::Stub::SuspendAgreement, request);
}

// One agreement less in force: until the metrics say so, and what one call costs then.
absl::StatusOr<Sample> Refresh(Suite& suite) {
  ACCORD_ASSIGN_OR_RETURN(const int before, InForce(*suite.cached));
  if (suite.in_force.empty()) return absl::InternalError("no agreement is left to suspend");
  ACCORD_RETURN_IF_ERROR(Suspend(suite.stage->stub(), suite.in_force.back()).status());
  suite.in_force.pop_back();
  const absl::Time acknowledged = absl::Now();
  const absl::Time give_up = acknowledged + kPatience;
  absl::Time asked;
  int now = before;
  while (now >= before && absl::Now() < give_up) {
    asked = absl::Now();
    ACCORD_ASSIGN_OR_RETURN(now, InForce(*suite.cached));
  }
  if (now != before - 1) return absl::InternalError("the metrics do not show the change");
  const double until_shown = MillisecondsSince(acknowledged);
  const double call = MillisecondsSince(asked);
  const absl::Time again = absl::Now();
  ACCORD_RETURN_IF_ERROR(InForce(*suite.cached).status());
  return Sample{until_shown, call, MillisecondsSince(again)};
}

}  // namespace

absl::Status BenchSize(Report& report) {
  const int large_size = report.Size(kLarge, 2 * kSmall);
  ACCORD_RETURN_IF_ERROR(MeasureStart(report, kSmall));
  ACCORD_RETURN_IF_ERROR(MeasureStart(report, large_size));

  ACCORD_ASSIGN_OR_RETURN(const auto small, Suite::Start(kSmall));
  ACCORD_ASSIGN_OR_RETURN(const auto large, Suite::Start(large_size));
  const std::string large_name = absl::StrCat(large_size, " agreements");
  const std::string small_name = absl::StrCat("at ", kSmall, " agreements");
  const std::vector<Quantity> latency = {
      {.name = "p50", .unit = "us", .more_is_better = false, .goal = 1.1},
      {.name = "p99", .unit = "us", .more_is_better = false}};
  const auto reads = [&](const std::string& name, Suite& suite,
                         std::unique_ptr<Gateway> Suite::*via) {
    return Side{name, [&, via] { return ReadStatuses(report, suite, *(suite.*via)); }};
  };
  ACCORD_RETURN_IF_ERROR(report.Pairs(absl::StrCat("cached status, ", large_name), latency,
                                      reads(large_name, *large, &Suite::cached),
                                      reads(small_name, *small, &Suite::cached)));
  ACCORD_RETURN_IF_ERROR(report.Pairs(absl::StrCat("uncached status, ", large_name), latency,
                                      reads(large_name, *large, &Suite::uncached),
                                      reads(small_name, *small, &Suite::uncached)));
  ACCORD_RETURN_IF_ERROR(
      report.Pairs(absl::StrCat("program metrics, ", large_name),
                   {{.name = "acknowledged to shown", .unit = "ms", .more_is_better = false},
                    {.name = "the call that shows it", .unit = "ms", .more_is_better = false},
                    {.name = "the same call again", .unit = "ms", .more_is_better = false}},
                   {large_name, [&] { return Refresh(*large); }},
                   {small_name, [&] { return Refresh(*small); }}));
  ACCORD_RETURN_IF_ERROR(MeasureMemory(report, *small, kSmall));
  return MeasureMemory(report, *large, large_size);
}

}  // namespace accord::bench
