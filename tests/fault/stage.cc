#include "tests/fault/stage.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"
#include "common/testing/eventually.h"

namespace accord::fault {
namespace {

std::vector<std::string> GatewayArguments(const testing::TcpProxy& to_agreements,
                                          const testing::TcpProxy* to_redis, int metrics_port,
                                          const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {
      "--agreements",        to_agreements.address(), "--policy",
      testing::PolicyPath(), "--metrics-listen",      absl::StrCat("127.0.0.1:", metrics_port)};
  if (to_redis != nullptr) {
    arguments.push_back("--redis");
    arguments.push_back(to_redis->address());
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::vector<std::string> AgreementsArguments(const std::string& store_url,
                                             const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"--store", store_url, "--policy", testing::PolicyPath()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

Gateway::Gateway(int agreements_port, std::optional<int> redis_port,
                 const std::vector<std::string>& flags)
    : to_agreements(agreements_port),
      to_redis(redis_port ? std::make_unique<testing::TcpProxy>(*redis_port) : nullptr),
      metrics_port_(testing::FreePort()),
      program("accord-gateway",
              GatewayArguments(to_agreements, to_redis.get(), metrics_port_, flags)) {}

absl::Status Gateway::Start() {
  ACCORD_RETURN_IF_ERROR(program.Start());
  ACCORD_ASSIGN_OR_RETURN(const auto channel, rpc::MakeChannel(address()));
  if (testing::Eventually([&channel] { return rpc::CheckHealth(channel, "").ok(); })) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat("the gateway does not serve: ", program.log()));
}

testing::MetricsPage Gateway::Metrics() const {
  const auto page = testing::MetricsPage::Read(metrics_port_);
  return page.ok() ? *page : testing::MetricsPage("");
}

Stage::Stage(const StageOptions& options)
    : has_redis_(options.redis),
      agreements("accord-agreements",
                 AgreementsArguments(options.store_url.empty() ? absl::StrCat("sqlite:", database())
                                                               : options.store_url,
                                     options.agreements_flags)) {
  const std::optional<int> redis_port =
      has_redis_ ? std::optional<int>(redis.port()) : std::nullopt;
  for (int i = 0; i < options.gateways; ++i) {
    gateways.push_back(
        std::make_unique<Gateway>(agreements.port(), redis_port, options.gateway_flags));
  }
}

absl::Status Stage::Start() {
  if (has_redis_) ACCORD_RETURN_IF_ERROR(redis.Start());
  ACCORD_RETURN_IF_ERROR(agreements.Start());
  for (const auto& gateway : gateways) ACCORD_RETURN_IF_ERROR(gateway->Start());
  return absl::OkStatus();
}

std::vector<std::string> Stage::gateway_addresses() const {
  std::vector<std::string> addresses;
  for (const auto& gateway : gateways) addresses.push_back(gateway->address());
  return addresses;
}

}  // namespace accord::fault
