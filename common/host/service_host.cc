#include "common/host/service_host.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "common/auth/access_service.h"
#include "common/base/status.h"
#include "common/feed/checkpoint_service.h"
#include "common/feed/erasure_service.h"
#include "common/feed/feed_service.h"
#include "common/rpc/server.h"

namespace accord::host {

void AddHostFlags(CLI::App& app, HostFlags& flags) {
  app.add_option("--store", flags.store.url,
                 "where the record is kept: sqlite:PATH or postgresql://USER@HOST/DATABASE")
      ->capture_default_str();
  app.add_option("--store-readers", flags.store.readers, "read connections at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  app.add_flag("--new-log", flags.store.new_log,
               "start a new log id over the records that are there: once, after a restore");
  app.add_option("--policy", flags.policy, "the program's policy file")->capture_default_str();
  feed::AddNotaryFlags(app, flags.notary);
  auth::AddGateFlags(app, flags.gate);
}

absl::StatusOr<std::unique_ptr<ServiceHost>> ServiceHost::Open(
    const HostSpec& spec, const HostFlags& flags, const rpc::ServerFlags& server_flags) {
  auto host = std::unique_ptr<ServiceHost>(new ServiceHost(spec, flags, server_flags));
  ACCORD_RETURN_IF_ERROR(host->Start());
  return host;
}

absl::Status ServiceHost::Start() {
  ACCORD_ASSIGN_OR_RETURN(policy_, Policy::Load(flags_.policy));
  ACCORD_ASSIGN_OR_RETURN(
      store_, store::Store::Open(spec_.name, spec_.domain, spec_.types, clock_, flags_.store));
  ACCORD_ASSIGN_OR_RETURN(gate_, auth::MakeGate(flags_.gate, server_flags_.insecure));
  rpc::RuntimeOptions options = rpc::ToRuntimeOptions(server_flags_, spec_.domain);
  options.gate = gate_.gate.get();
  runtime_ = std::make_unique<rpc::Runtime>(std::move(options));
  return absl::OkStatus();
}

service::Separation ServiceHost::separation() const {
  return service::Separation(spec_.service, gate_.Separations());
}

absl::Status ServiceHost::Serve(grpc::Service& own, service::DaySweep::Sweep sweep) {
  auth::AccessService access(*runtime_, gate_.gate.get());
  feed::FeedService feed(*store_, *runtime_);
  std::unique_ptr<feed::Notary> notary;
  if (!flags_.notary.key_file.empty()) {
    ACCORD_ASSIGN_OR_RETURN(notary, feed::Notary::Start(*store_, flags_.store, flags_.notary));
  }
  feed::CheckpointService checkpoints(*store_, *runtime_, notary.get());
  feed::ErasureService erasure(*store_, *runtime_);
  const service::DaySweep day_sweep(*store_, policy_->time_zone(), std::move(sweep));
  ACCORD_ASSIGN_OR_RETURN(
      const auto server,
      rpc::Server::Start(rpc::ToServerOptions(server_flags_),
                         {.runtime = *runtime_,
                          .services = {{spec_.service, &own},
                                       {access::v1::Access::service_full_name(), &access},
                                       {log::v1::ChangeFeed::service_full_name(), &feed},
                                       {log::v1::Checkpoints::service_full_name(), &checkpoints},
                                       {log::v1::Erasure::service_full_name(), &erasure}},
                          .probe = [this] { return store_->Probe(); },
                          .on_drain = [&feed] { feed.EndStreams(); }}));
  server->ServeUntilSignalled();
  return absl::OkStatus();
}

}  // namespace accord::host
