// What every service with a store is made of, put together once: flags, policy, store, gate,
// runtime, and the services that each serves over its own log.
//
//   ACCORD_ASSIGN_OR_RETURN(const auto host, host::ServiceHost::Open(kSpec, flags, server_flags));
//   Handlers handlers(host->store(), host->policy(), host->separation());
//   AgreementsService service(host->runtime(), handlers);
//   return host->Serve(service, [&](Date today, const auto& keep_going) {
//     return handlers.SweepDay(today, keep_going);
//   });
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/gate_flags.h"
#include "common/base/clock.h"
#include "common/feed/notary.h"
#include "common/policy/policy.h"
#include "common/rpc/program.h"
#include "common/rpc/runtime.h"
#include "common/service/day_sweep.h"
#include "common/service/separation.h"
#include "common/store/store.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace accord::host {

struct HostSpec {
  // "agreements": as revisions, checkpoints and metrics name it.
  std::string name;
  // Of its errors: "agreements.accord".
  std::string domain;
  // Of its methods: "accord.agreements.v1.Agreements".
  std::string service;
  const store::ResourceTypes& types;
};

struct HostFlags {
  store::StoreOptions store{};
  std::string policy = "deploy/policy/287g.textproto";
  auth::GateFlags gate{};
  feed::NotaryOptions notary{};
};

// `store.url` is the service's own default.
void AddHostFlags(CLI::App& app, HostFlags& flags);

// Destroyed in the reverse of the order in which its parts depend on each other.
class ServiceHost {
 public:
  // `spec` and `flags` outlive it. Errors: those of the policy, the store and the gate.
  static absl::StatusOr<std::unique_ptr<ServiceHost>> Open(const HostSpec& spec,
                                                           const HostFlags& flags,
                                                           const rpc::ServerFlags& server_flags);

  store::Store& store() { return *store_; }
  rpc::Runtime& runtime() { return *runtime_; }
  const std::shared_ptr<const Policy>& policy() const { return policy_; }
  // By the table of roles that holds at the moment.
  service::Separation separation() const;

  // Serves `own` and, over the store's log, the change feed, checkpoints and erasure, until
  // the process is told to stop; sweeps each day. When it returns, no call is in progress.
  absl::Status Serve(grpc::Service& own, service::DaySweep::Sweep sweep);

 private:
  ServiceHost(const HostSpec& spec, const HostFlags& flags, const rpc::ServerFlags& server_flags)
      : spec_(spec), flags_(flags), server_flags_(server_flags) {}
  absl::Status Start();

  const HostSpec& spec_;
  const HostFlags& flags_;
  const rpc::ServerFlags server_flags_;
  const SystemClock clock_{};
  std::shared_ptr<const Policy> policy_;
  std::unique_ptr<store::Store> store_;
  auth::GateParts gate_;
  std::unique_ptr<rpc::Runtime> runtime_;
};

}  // namespace accord::host
