// Starts the agreements service: options, parts, serve, drain. No logic here.
#include <CLI/CLI.hpp>
#include <memory>

#include "common/auth/access_service.h"
#include "common/auth/gate_flags.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/feed/checkpoint_service.h"
#include "common/feed/erasure_service.h"
#include "common/feed/feed_service.h"
#include "common/feed/notary.h"
#include "common/policy/policy.h"
#include "common/rpc/program.h"
#include "common/rpc/server.h"
#include "common/service/day_sweep.h"
#include "common/store/store.h"
#include "services/agreements/errors.h"
#include "services/agreements/handlers.h"
#include "services/agreements/service.h"
#include "services/agreements/types.h"

namespace accord::agreements {
namespace {

struct Flags {
  store::StoreOptions store{.url = "sqlite:agreements.db"};
  std::string policy = "deploy/policy/287g.textproto";
  auth::GateFlags gate;
  feed::NotaryOptions notary;
};

void AddFlags(CLI::App& app, Flags& flags) {
  app.add_option("--store", flags.store.url,
                 "Where the record is kept: sqlite:PATH or postgresql://USER@HOST/DATABASE")
      ->capture_default_str();
  app.add_option("--store-readers", flags.store.readers, "Read connections at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  app.add_flag("--new-log", flags.store.new_log,
               "Start a new log id over the records that are there: once, after a restore");
  app.add_option("--policy", flags.policy, "The program's policy file")->capture_default_str();
  feed::AddNotaryFlags(app, flags.notary);
  auth::AddGateFlags(app, flags.gate);
}

absl::Status Run(const rpc::ServerFlags& server_flags, const Flags& flags) {
  // Parts, in order of dependency; destroyed in reverse.
  ACCORD_ASSIGN_OR_RETURN(const auto policy, Policy::Load(flags.policy));
  const SystemClock clock;
  ACCORD_ASSIGN_OR_RETURN(const auto store,
                          store::Store::Open("agreements", kDomain, Types(), clock, flags.store));
  ACCORD_ASSIGN_OR_RETURN(const auth::GateParts gate,
                          auth::MakeGate(flags.gate, server_flags.insecure));
  Handlers handlers(*store, policy, service::Separation(kServiceName, gate.Separations()));
  ACCORD_RETURN_IF_ERROR(handlers.RecordPolicy());
  rpc::RuntimeOptions runtime_options = rpc::ToRuntimeOptions(server_flags, kDomain);
  runtime_options.gate = gate.gate.get();
  rpc::Runtime runtime(runtime_options);
  auth::AccessService access(runtime, gate.gate.get());
  AgreementsService service(runtime, handlers);
  feed::FeedService feed(*store, runtime);
  std::unique_ptr<feed::Notary> notary;
  if (!flags.notary.key_file.empty()) {
    ACCORD_ASSIGN_OR_RETURN(notary, feed::Notary::Start(*store, flags.store, flags.notary));
  }
  feed::CheckpointService checkpoints(*store, runtime, notary.get());
  feed::ErasureService erasure(*store, runtime);
  service::DaySweep sweep(*store, policy->time_zone(),
                          [&](Date today) { return handlers.SweepDay(today); });
  ACCORD_ASSIGN_OR_RETURN(
      const auto server,
      rpc::Server::Start(rpc::ToServerOptions(server_flags),
                         {.runtime = runtime,
                          .services = {{v1::Agreements::service_full_name(), &service},
                                       {access::v1::Access::service_full_name(), &access},
                                       {log::v1::ChangeFeed::service_full_name(), &feed},
                                       {log::v1::Checkpoints::service_full_name(), &checkpoints},
                                       {log::v1::Erasure::service_full_name(), &erasure}},
                          .probe = [&] { return store->Probe(); },
                          .on_drain = [&] { feed.EndStreams(); }}));
  server->ServeUntilSignalled();
  return absl::OkStatus();
}

}  // namespace
}  // namespace accord::agreements

int main(int argc, char** argv) {
  accord::agreements::Flags flags;
  // Writers wait on a worker for the batch they are committed with: more workers make
  // larger batches.
  return accord::rpc::RunProgram(
      "accord-agreements", "Keeps agencies, agreements and published rosters.", argc, argv,
      [&](CLI::App& app) { accord::agreements::AddFlags(app, flags); },
      [&](const accord::rpc::ServerFlags& server_flags) {
        return accord::agreements::Run(server_flags, flags);
      },
      {.listen = "127.0.0.1:7201", .workers = 64, .queue = 512});
}
