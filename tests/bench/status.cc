// What a status read costs: kept in memory, kept in Redis, and asked for every time; and what
// it costs to know who asks.
#include "common/base/status.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/testing/metrics_page.h"
#include "common/testing/redis_server.h"
#include "tests/bench/benches.h"
#include "tests/bench/load.h"
#include "tests/bench/stage.h"
#include "tests/integration/identities.h"

namespace accord::bench {
namespace {

constexpr int kAgreements = 2'500;
// The statuses that are asked for in turn.
constexpr int kAgencies = 500;

using Names = std::vector<std::string>;

std::vector<Quantity> Quantities(double goal) {
  return {{.name = "throughput", .unit = "/s", .goal = goal},
          {.name = "p50", .unit = "us", .more_is_better = false},
          {.name = "p99", .unit = "us", .more_is_better = false, .goal = goal == 0 ? 0 : 1 / goal},
          {.name = "server CPU", .unit = "us/call", .more_is_better = false}};
}

// Something that is asked about agencies in turn.
struct Target {
  std::string name;
  std::string address;
  pid_t pid;
};

Side Loaded(const Target& target, const Report& report, LoadOptions options) {
  options.address = target.address;
  options.server = target.pid;
  options.length = report.Size(absl::Seconds(2), absl::Milliseconds(300));
  return {target.name, [options]() -> absl::StatusOr<Sample> {
            ACCORD_ASSIGN_OR_RETURN(const LoadResult result, RunLoad(options));
            return Sample{result.per_second, result.p50_us(), result.p99_us(), result.cpu_us()};
          }};
}

// A run says nothing about the cache unless the cache answered it.
absl::Status CheckHits(int metrics_port, const std::string& tier) {
  ACCORD_ASSIGN_OR_RETURN(const auto page, testing::MetricsPage::Read(metrics_port));
  const double hits = page.Sum("accord_cache_hits_total", {absl::StrCat("tier=\"", tier, "\"")});
  const double all = page.Sum("accord_cache_hits_total") + page.Sum("accord_cache_misses_total");
  if (hits > 0 && hits >= 0.95 * all) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("of ", all, " lookups only ", hits, " were found in tier ", tier));
}

absl::StatusOr<std::string> AnswerAbout(const std::string& agency, Gateway& gateway) {
  gateway::v1::GetAgencyStatusRequest request;
  request.set_agency(agency);
  ACCORD_ASSIGN_OR_RETURN(
      const auto status,
      rpc::CallUnary(gateway.stub(), &gateway::v1::Gateway::Stub::GetAgencyStatus, request));
  return status.SerializeAsString();
}

Target TargetOf(const std::string& name, testing::Program& program) {
  return {name, program.address(), program.pid()};
}

// Somebody who may read every status, with what it takes to ask: TLS and a token, the token
// alone in plain text, and neither.
absl::Status CompareIdentities(const Side& neither, const std::string& agreements,
                               const std::string& file, const LoadOptions& statuses,
                               Report& report) {
  policy::v1::AccessFile access = testing::ReadAccess();
  access.clear_caller_limits();  // One caller asks for all.
  const int metrics_port = testing::FreePort();
  testing::GatedSuite gated(
      {.access = access,
       .bindings = {testing::Bound("chief", "unit_chief")},
       .database = file,
       .gateway_flags = {"--metrics-listen", absl::StrCat("127.0.0.1:", metrics_port)}});
  ACCORD_RETURN_IF_ERROR(gated.Start());
  LoadOptions with_proof = statuses;
  with_proof.token = gated.TokenOf("chief");
  Gateway plain(agreements, gated.GateFlags(), {.token = with_proof.token});
  ACCORD_RETURN_IF_ERROR(plain.Start());
  ACCORD_RETURN_IF_ERROR(report.Pairs(
      "status kept in memory, token", Quantities(0),
      Loaded(TargetOf("gateway, token in plain text", plain.program()), report, with_proof),
      neither));
  ACCORD_RETURN_IF_ERROR(CheckHits(plain.metrics_port(), "memory"));
  with_proof.ca = gated.authority().File("ca.pem");
  ACCORD_RETURN_IF_ERROR(report.Pairs(
      "status kept in memory, TLS and token", Quantities(0),
      Loaded(TargetOf("gateway, TLS and token", gated.gateway), report, with_proof), neither));
  return CheckHits(metrics_port, "memory");
}

}  // namespace

absl::Status BenchStatus(Report& report) {
  ACCORD_ASSIGN_OR_RETURN(const auto stage, Stage::Start(kAgreements));
  ACCORD_ASSIGN_OR_RETURN(const Names agencies, stage->AgencyNames(kAgencies));
  const std::string owner = stage->agreements().address();
  testing::RedisServer redis;
  ACCORD_RETURN_IF_ERROR(redis.Start());
  const std::string redis_address = absl::StrCat("127.0.0.1:", redis.port());

  Gateway in_memory(owner, {});
  Gateway in_redis(owner, {"--redis", redis_address, "--view-memory-bytes", "0"});
  Gateway uncached(owner, {"--view-cache=false"});
  for (Gateway* gateway : {&in_memory, &in_redis, &uncached}) {
    ACCORD_RETURN_IF_ERROR(gateway->Start());
  }
  ACCORD_ASSIGN_OR_RETURN(const std::string answer, AnswerAbout(agencies[0], in_memory));
  ACCORD_ASSIGN_OR_RETURN(const auto constant, ConstantServer::Start(answer));

  const LoadOptions statuses = {.method = "/accord.gateway.v1.Gateway/GetAgencyStatus",
                                .request = [&](int64_t number) {
                                  gateway::v1::GetAgencyStatusRequest request;
                                  request.set_agency(agencies[number % agencies.size()]);
                                  return request.SerializeAsString();
                                }};
  const LoadOptions records = {.method = "/accord.agreements.v1.Agreements/GetAgencyRecord",
                               .request = [&](int64_t number) {
                                 agreements::v1::GetAgencyRecordRequest request;
                                 request.set_name(agencies[number % agencies.size()]);
                                 return request.SerializeAsString();
                               }};
  const Side bare = Loaded({absl::StrCat("bare callback server, ", answer.size(), " B"),
                            constant->address(), constant->pid()},
                           report, statuses);

  ACCORD_RETURN_IF_ERROR(
      report.Pairs("status kept in memory", Quantities(0.9),
                   Loaded(TargetOf("gateway", in_memory.program()), report, statuses), bare));
  ACCORD_RETURN_IF_ERROR(CheckHits(in_memory.metrics_port(), "memory"));
  ACCORD_ASSIGN_OR_RETURN(const std::string file, ImportedFile(kAgreements));
  ACCORD_RETURN_IF_ERROR(CompareIdentities(
      Loaded(TargetOf("gateway, plain text from nobody", in_memory.program()), report, statuses),
      owner, file, statuses, report));
  ACCORD_RETURN_IF_ERROR(
      report.Pairs("status kept in Redis only", Quantities(0),
                   Loaded(TargetOf("gateway", in_redis.program()), report, statuses), bare));
  ACCORD_RETURN_IF_ERROR(CheckHits(in_redis.metrics_port(), "redis"));
  return report.Pairs(
      "status asked for every time", Quantities(0),
      Loaded(TargetOf("gateway", uncached.program()), report, statuses),
      Loaded(TargetOf("one GetAgencyRecord", stage->agreements()), report, records));
}

}  // namespace accord::bench
