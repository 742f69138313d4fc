#include "tests/fault/stage.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"
#include "common/testing/eventually.h"

namespace accord::fault {
namespace {

using Arguments = std::vector<std::string>;

std::string Loopback(int port) { return absl::StrCat("127.0.0.1:", port); }

std::string UrlOf(const std::string& store_url, const std::string& file) {
  return store_url.empty() ? absl::StrCat("sqlite:", file) : store_url;
}

Arguments With(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// None without a port.
std::unique_ptr<testing::TcpProxy> LineTo(std::optional<int> port) {
  return port ? std::make_unique<testing::TcpProxy>(*port) : nullptr;
}

Arguments GatewayArguments(const Gateway& gateway, int metrics_port, const Arguments& more) {
  Arguments arguments = {"--agreements",     gateway.to_agreements.address(),
                         "--policy",         testing::PolicyPath(),
                         "--metrics-listen", Loopback(metrics_port)};
  if (gateway.to_training != nullptr) {
    arguments = With(arguments, {"--training", gateway.to_training->address()});
  }
  if (gateway.to_redis != nullptr) {
    arguments = With(arguments, {"--redis", gateway.to_redis->address()});
  }
  return With(arguments, more);
}

testing::MetricsPage MetricsAt(int port) {
  const auto page = testing::MetricsPage::Read(port);
  return page.ok() ? *page : testing::MetricsPage("");
}

}  // namespace

Training::Training(int agreements_port, const std::string& store_url, const std::string& policy)
    : to_agreements(agreements_port),
      metrics_port_(testing::FreePort()),
      program("accord-training",
              {"--store", store_url, "--policy", policy, "--agreements", to_agreements.address(),
               "--metrics-listen", Loopback(metrics_port_)}) {}

testing::MetricsPage Training::Metrics() const { return MetricsAt(metrics_port_); }

Gateway::Gateway(const GatewayPorts& ports, const Arguments& flags)
    : to_agreements(ports.agreements),
      to_training(LineTo(ports.training)),
      to_redis(LineTo(ports.redis)),
      metrics_port_(testing::FreePort()),
      program("accord-gateway", GatewayArguments(*this, metrics_port_, flags)) {}

absl::Status Gateway::Start() {
  ACCORD_RETURN_IF_ERROR(program.Start());
  ACCORD_ASSIGN_OR_RETURN(const auto channel, rpc::MakeChannel(address()));
  if (testing::Eventually([&channel] { return rpc::CheckHealth(channel, "").ok(); })) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat("the gateway does not serve: ", program.log()));
}

testing::MetricsPage Gateway::Metrics() const { return MetricsAt(metrics_port_); }

Stage::Stage(const StageOptions& options)
    : has_redis_(options.redis),
      agreements("accord-agreements", With({"--store", UrlOf(options.store_url, database()),
                                            "--policy", testing::PolicyPath()},
                                           options.agreements_flags)) {
  GatewayPorts ports{.agreements = agreements.port()};
  if (options.training) {
    training = std::make_unique<Training>(agreements.port(),
                                          UrlOf(options.training_url, dir_.File("training.db")),
                                          testing::PolicyPath());
    ports.training = training->program.port();
  }
  if (has_redis_) ports.redis = redis.port();
  for (int i = 0; i < options.gateways; ++i) {
    gateways.push_back(std::make_unique<Gateway>(ports, options.gateway_flags));
  }
}

absl::Status Stage::Start() {
  if (has_redis_) ACCORD_RETURN_IF_ERROR(redis.Start());
  ACCORD_RETURN_IF_ERROR(agreements.Start());
  if (training != nullptr) ACCORD_RETURN_IF_ERROR(training->Start());
  for (const auto& gateway : gateways) ACCORD_RETURN_IF_ERROR(gateway->Start());
  return absl::OkStatus();
}

std::vector<std::string> Stage::gateway_addresses() const {
  std::vector<std::string> addresses;
  for (const auto& gateway : gateways) addresses.push_back(gateway->address());
  return addresses;
}

Backup::Backup(const Stage& stage)
    : program_("accord-agreements", {"--store", absl::StrCat("sqlite:", dir_.File("agreements.db")),
                                     "--policy", testing::PolicyPath()}) {
  stage.agreements.Signal(SIGSTOP);
  for (const char* part : {"", "-wal"}) {
    const std::string file = absl::StrCat(stage.database(), part);
    if (!std::filesystem::exists(file)) continue;
    std::error_code error;
    std::filesystem::copy_file(file, absl::StrCat(dir_.File("agreements.db"), part), error);
    EXPECT_FALSE(error) << file << ": " << error.message();
  }
  stage.agreements.Signal(SIGCONT);
}

absl::Status Backup::Restore(Stage& stage) {
  ACCORD_RETURN_IF_ERROR(program_.Start({"--new-log"}));
  stage.agreements.Kill();
  if (stage.training != nullptr) stage.training->to_agreements.MoveTo(program_.port());
  for (const auto& gateway : stage.gateways) gateway->to_agreements.MoveTo(program_.port());
  return absl::OkStatus();
}

}  // namespace accord::fault
