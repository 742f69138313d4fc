// Passes calls through to the services behind the gateway, as bytes: a client needs one
// address, and the gateway need not know what the messages say.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/gate.h"

namespace prometheus {
class Counter;
class Registry;
}  // namespace prometheus

namespace accord::gateway {

// A service behind the gateway.
struct Backend {
  // As metadata `accord-service` and errors name it: "agreements".
  std::string name;
  // Its gRPC service: "accord.agreements.v1.Agreements".
  std::string grpc_service;
  std::shared_ptr<grpc::Channel> channel;
};

// Thread-safe. Answers every method that no service of the server has; outlives it.
//
// Passed on: the caller's deadline, its metadata `accord-*`, `traceparent` and
// `authorization`, its cancellation; back: initial and trailing metadata, and the status
// with its details. One message is in flight in each direction, so a slow side holds the
// other back. A unary call gets at most 10 minutes; a stream lives as long as its client
// wants. Methods of `accord.log.v1` (the log, checkpoints, erasure) go to the service that
// metadata `accord-service` names.
//
// Errors of its own: METHOD_UNKNOWN, INVALID_FIELDS and SERVICE_UNKNOWN (`accord-service`),
// SERVICE_UNREACHABLE when the service cannot be connected to (at once, or when the
// attempt to connect gives up, within seconds), SHUTTING_DOWN, MESSAGE_INVALID. What gRPC
// itself answers without details gets an ErrorInfo.
//
// Each call counts in accord_gateway_passed_total{method,code} and leaves a log line.
class Proxy final : public grpc::CallbackGenericService {
 public:
  // With a `gate`, which outlives it, a call must bring a token that the gate lets in: to
  // the services this program would otherwise vouch for whoever connects to it.
  Proxy(const std::vector<Backend>& backends, prometheus::Registry& registry,
        rpc::Gate* gate = nullptr);
  ~Proxy() override;

  // Ends every stream with SHUTTING_DOWN, and those that come. Calls go on.
  void EndStreams();

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

 private:
  class Exchange;
  class Metrics;
  struct Route {
    std::string service;
    grpc::GenericStub* stub;
  };

  absl::Status Admit(const grpc::GenericCallbackServerContext& context) const;
  absl::StatusOr<Route> RouteOf(const grpc::GenericCallbackServerContext& context) const;
  // False when streams end and no new one may begin.
  bool Enter(Exchange& stream);
  void Leave(Exchange& stream);

  std::map<std::string, std::unique_ptr<grpc::GenericStub>, std::less<>> stubs_;  // By name.
  std::map<std::string, std::string, std::less<>> names_;  // By gRPC service.
  const std::unique_ptr<Metrics> metrics_;
  rpc::Gate* const gate_;

  std::mutex mutex_;
  std::set<Exchange*> streams_;  // Guarded by mutex_.
  bool ending_ = false;          // Guarded by mutex_.
};

}  // namespace accord::gateway
