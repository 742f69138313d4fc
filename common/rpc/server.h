// A gRPC server with the manners all of ours have: TLS, limits, health,
// reflection, metrics, and a graceful end.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/runtime.h"
#include "common/rpc/tls.h"

namespace grpc {
class Service;
class CallbackGenericService;
}  // namespace grpc

namespace accord::rpc {

struct ServerOptions {
  // host:port; port 0 takes a free one.
  std::string listen = "127.0.0.1:0";
  // host:port of the Prometheus page, with port 0 allowed; empty is none.
  std::string metrics_listen{};
  // When set, the bound port is written here once the server answers. The file
  // appears complete or not at all.
  std::string port_file{};
  // `ca` makes client certificates required.
  TlsFiles tls{};
  // Without `tls`: plain text, which must be asked for, and is for loopback only.
  bool insecure = false;
  int max_message_bytes = 64 << 20;
  int max_concurrent_streams = 1000;  // Per connection.
  size_t memory_quota_bytes = size_t{1} << 30;
  // How often an idle peer is pinged, and at most may ping us.
  absl::Duration keepalive = absl::Seconds(30);
  // How long the balancers get to see NOT_SERVING before new calls are refused.
  absl::Duration balancer_wait = absl::Seconds(2);
  // How long calls in progress get after that.
  absl::Duration drain_timeout = absl::Seconds(10);
  absl::Duration probe_period = absl::Seconds(1);
};

// A service and the name that its health is asked for by:
// {v1::AgreementsService::service_full_name(), &service}.
struct ServedService {
  std::string name;
  grpc::Service* service;
};

// What a server serves. Nothing is owned; all of it outlives the Server.
struct ServerParts {
  // Its metrics are served.
  Runtime& runtime;
  std::vector<ServedService> services{};
  // Answers every method that `services` do not; may be null.
  grpc::CallbackGenericService* generic = nullptr;
  // Whether the server can do its work (does its store answer). Called each
  // probe_period on a thread of its own; null is always.
  std::function<absl::Status()> probe{};
  // Called once when draining starts, after balancer_wait: ends the watches,
  // which would otherwise use up drain_timeout. May be null.
  std::function<void()> on_drain{};
};

// Blocks SIGTERM and SIGINT in this thread and those it starts, so that
// ServeUntilSignalled can wait for them. Call it first in main.
void BlockShutdownSignals();

class Server {
 public:
  // Binds and serves. The health service says SERVING, overall ("") and for
  // each service name, while the probe is OK. INVALID_ARGUMENT for options that
  // do not go together, UNAVAILABLE when an address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, ServerParts parts);
  // Drains as Shutdown does, without waiting for balancers.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const;
  // 0 without metrics_listen.
  int metrics_port() const;

  // Waits for SIGTERM or SIGINT (BlockShutdownSignals first), then Shutdown.
  void ServeUntilSignalled();

  // NOT_SERVING, wait balancer_wait, on_drain, refuse new calls, let running
  // ones finish for drain_timeout, cancel the rest. Returns when all ended; a
  // second call returns at once.
  void Shutdown();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace accord::rpc
