#include "common/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/loopback.h"
#include "common/base/status.h"
#include "common/rpc/build_info.h"
#include "common/rpc/tls_credentials.h"

namespace accord::rpc {
namespace {

constexpr int kPingTimeoutMs = 10'000;
// Peers may ping somewhat oftener than we do; ours ping every 30 s.
constexpr int kMinPingIntervalMs = 10'000;
constexpr absl::Duration kFirstProbeWait = absl::Seconds(2);

sigset_t ShutdownSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentialsOf(
    const ServerOptions& options) {
  if (!options.tls.empty()) return TlsServerCredentials(options.tls);
  if (!options.insecure) {
    return absl::InvalidArgumentError(
        "TLS needs --tls-cert and --tls-key; plain text, on loopback only, needs --insecure");
  }
  if (!IsLoopbackAddress(options.listen)) {
    return absl::InvalidArgumentError(absl::StrCat("plain text is for loopback only, not for ",
                                                   options.listen,
                                                   ": name --tls-cert and --tls-key"));
  }
  LogWarning("serving in plain text (--insecure): whoever can listen on this machine reads along");
  return grpc::InsecureServerCredentials();
}

void AddLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  const auto keepalive_ms = static_cast<int>(absl::ToInt64Milliseconds(options.keepalive));
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  builder.SetMaxSendMessageSize(options.max_message_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, keepalive_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPingTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
  // Otherwise a second program could silently share the port.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  grpc::ResourceQuota quota("accord");
  quota.Resize(options.memory_quota_bytes);
  builder.SetResourceQuota(quota);
}

// These act on every ServerBuilder of the process.
void EnablePlugins() {
  static const bool enabled = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  (void)enabled;
}

absl::Status WritePortFile(const std::string& path, int port) {
  if (path.empty()) return absl::OkStatus();
  const std::string temporary = path + ".new";
  std::ofstream file(temporary);
  file << port << "\n";
  file.close();
  if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot write the port file ", path));
  }
  return absl::OkStatus();
}

void RegisterBuildInfo(prometheus::Registry& registry) {
  prometheus::BuildGauge()
      .Name("accord_build_info")
      .Help("Always 1; the labels say what runs.")
      .Register(registry)
      .Add({{"version", std::string(BuildVersion())}, {"commit", std::string(BuildCommit())}})
      .Set(1);
}

// Asks the probe again and again and keeps the health service true to it.
class HealthLoop {
 public:
  HealthLoop(grpc::HealthCheckServiceInterface& health, std::vector<std::string> names,
             std::function<absl::Status()> probe, absl::Duration period)
      : health_(health),
        names_(std::move(names)),
        probe_(std::move(probe)),
        period_(period),
        thread_([this] { Run(); }) {}

  ~HealthLoop() { Stop(); }

  void WaitForFirst(absl::Duration at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(at_most), [this] { return probed_; });
  }

  void Stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      const absl::Status status = probe_ ? probe_() : absl::OkStatus();
      lock.lock();
      if (stopping_) return;
      Tell(status);
      changed_.notify_all();
      changed_.wait_for(lock, absl::ToChronoNanoseconds(period_), [this] { return stopping_; });
    }
  }

  void Tell(const absl::Status& status) {
    const bool serving = status.ok();
    if (probed_ && serving == serving_) return;
    for (const std::string& name : names_) health_.SetServingStatus(name, serving);
    if (serving) {
      LogInfo("health: serving");
    } else {
      LogWarning("health: not serving", {{"error", status.ToString()}});
    }
    probed_ = true;
    serving_ = serving;
  }

  grpc::HealthCheckServiceInterface& health_;
  const std::vector<std::string> names_;
  const std::function<absl::Status()> probe_;
  const absl::Duration period_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool probed_ = false;
  bool serving_ = false;
  std::thread thread_;  // Last: it uses the rest.
};

}  // namespace

void BlockShutdownSignals() {
  const sigset_t signals = ShutdownSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

class Server::Impl {
 public:
  Impl(ServerOptions options, ServerParts parts)
      : options_(std::move(options)), parts_(std::move(parts)) {}

  absl::Status Start() {
    ACCORD_RETURN_IF_ERROR(StartGrpc());
    ACCORD_RETURN_IF_ERROR(StartMetrics());
    ACCORD_RETURN_IF_ERROR(WritePortFile(options_.port_file, port_));
    LogInfo("listening", {{"address", options_.listen},
                          {"port", port_},
                          {"metrics_port", metrics_port()},
                          {"tls", !options_.tls.empty()},
                          {"version", BuildVersion()},
                          {"commit", BuildCommit()}});
    return absl::OkStatus();
  }

  int port() const { return port_; }

  int metrics_port() const { return exposer_ == nullptr ? 0 : exposer_->GetListeningPorts().at(0); }

  void Shutdown(absl::Duration balancer_wait) {
    std::call_once(shut_down_, [this, balancer_wait] {
      if (server_ != nullptr) Drain(balancer_wait);
    });
  }

  absl::Duration balancer_wait() const { return options_.balancer_wait; }

 private:
  absl::Status StartGrpc() {
    EnablePlugins();
    ACCORD_ASSIGN_OR_RETURN(const auto credentials, ServerCredentialsOf(options_));
    grpc::ServerBuilder builder;
    AddLimits(options_, builder);
    builder.AddListeningPort(options_.listen, credentials, &port_);
    for (const ServedService& served : parts_.services) builder.RegisterService(served.service);
    if (parts_.generic != nullptr) builder.RegisterCallbackGenericService(parts_.generic);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.listen));
    }
    StartHealth();
    return absl::OkStatus();
  }

  void StartHealth() {
    std::vector<std::string> names = {""};
    for (const ServedService& served : parts_.services) names.push_back(served.name);
    auto* health = server_->GetHealthCheckService();
    for (const std::string& name : names) health->SetServingStatus(name, false);
    health_ = std::make_unique<HealthLoop>(*health, std::move(names), parts_.probe,
                                           options_.probe_period);
    health_->WaitForFirst(kFirstProbeWait);
  }

  absl::Status StartMetrics() {
    RegisterBuildInfo(*parts_.runtime.metrics());
    if (options_.metrics_listen.empty()) return absl::OkStatus();
    try {  // prometheus-cpp reports by exception only.
      exposer_ = std::make_unique<prometheus::Exposer>(options_.metrics_listen, /*num_threads=*/1);
    } catch (const std::exception& error) {
      return absl::UnavailableError(
          absl::StrCat("cannot serve metrics on ", options_.metrics_listen, ": ", error.what()));
    }
    exposer_->RegisterCollectable(parts_.runtime.metrics());
    return absl::OkStatus();
  }

  void Drain(absl::Duration balancer_wait) {
    LogInfo("draining");
    health_->Stop();
    server_->GetHealthCheckService()->Shutdown();
    absl::SleepFor(balancer_wait);
    if (parts_.on_drain) parts_.on_drain();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + options_.drain_timeout));
    server_->Wait();
    LogInfo("stopped");
  }

  const ServerOptions options_;
  const ServerParts parts_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<HealthLoop> health_;  // Uses the server.
  std::unique_ptr<prometheus::Exposer> exposer_;
  std::once_flag shut_down_;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, ServerParts parts) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(parts));
  std::unique_ptr<Server> server(new Server(std::move(impl)));
  ACCORD_RETURN_IF_ERROR(server->impl_->Start());
  return server;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { impl_->Shutdown(absl::ZeroDuration()); }

int Server::port() const { return impl_->port(); }

int Server::metrics_port() const { return impl_->metrics_port(); }

void Server::ServeUntilSignalled() {
  const sigset_t signals = ShutdownSignals();
  int received = 0;
  sigwait(&signals, &received);
  LogInfo("signal received", {{"signal", received}});
  Shutdown();
}

void Server::Shutdown() { impl_->Shutdown(impl_->balancer_wait()); }

}  // namespace accord::rpc
