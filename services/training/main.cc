// Starts the training service: options, parts, serve, drain. No logic here.
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/auth/gate_flags.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/feed/checkpoint_service.h"
#include "common/feed/feed_service.h"
#include "common/feed/notary.h"
#include "common/policy/policy.h"
#include "common/rpc/channel.h"
#include "common/rpc/program.h"
#include "common/rpc/server.h"
#include "common/service/day_sweep.h"
#include "common/store/store.h"
#include "services/training/agreement_effects.h"
#include "services/training/agreement_follower.h"
#include "services/training/agreement_source.h"
#include "services/training/errors.h"
#include "services/training/handlers.h"
#include "services/training/service.h"
#include "services/training/types.h"

namespace accord::training {
namespace {

struct Flags {
  store::StoreOptions store{.url = "sqlite:training.db"};
  std::string policy = "deploy/policy/287g.textproto";
  std::string agreements = "127.0.0.1:7201";
  rpc::TlsFiles agreements_tls;
  bool follow_anew = false;
  auth::GateFlags gate;
  feed::NotaryOptions notary;
};

void AddStoreFlags(CLI::App& app, Flags& flags) {
  app.add_option("--store", flags.store.url,
                 "Where the record is kept: sqlite:PATH or postgresql://USER@HOST/DATABASE")
      ->capture_default_str();
  app.add_option("--store-readers", flags.store.readers, "Read connections at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  app.add_flag("--new-log", flags.store.new_log,
               "Start a new log id over the records that are there: once, after a restore");
}

void AddAgreementsFlags(CLI::App& app, Flags& flags) {
  app.add_option("--agreements", flags.agreements,
                 "Address of the agreements service, or several: "
                 "ipv4:10.0.0.1:7201,10.0.0.2:7201 or dns:///agreements:7201")
      ->capture_default_str();
  app.add_option("--agreements-ca", flags.agreements_tls.ca,
                 "PEM file of the authorities that the agreements service's certificate must "
                 "come from; empty connects in plain text")
      ->capture_default_str();
  app.add_option("--agreements-cert", flags.agreements_tls.cert,
                 "PEM file of the certificate that this service shows to it")
      ->capture_default_str();
  app.add_option("--agreements-key", flags.agreements_tls.key, "PEM file of its private key")
      ->capture_default_str();
  app.add_flag("--follow-anew", flags.follow_anew,
               "Follow the agreements log from its beginning, whatever was followed before: "
               "once, after that service was restored");
}

void AddFlags(CLI::App& app, Flags& flags) {
  AddStoreFlags(app, flags);
  AddAgreementsFlags(app, flags);
  app.add_option("--policy", flags.policy, "The program's policy file")->capture_default_str();
  feed::AddNotaryFlags(app, flags.notary);
  auth::AddGateFlags(app, flags.gate);
}

Handlers::OnProgress ProgressGauge(prometheus::Registry& registry) {
  prometheus::Gauge& left =
      prometheus::BuildGauge()
          .Name("accord_training_officers_to_derive")
          .Help("Officers whose kept certification is still to be derived under the policy.")
          .Register(registry)
          .Add({});
  return [&left](const SweepProgress& progress) { left.Set(static_cast<double>(progress.left)); };
}

absl::Status Run(const rpc::ServerFlags& server_flags, const Flags& flags) {
  // Parts, in order of dependency; destroyed in reverse.
  ACCORD_ASSIGN_OR_RETURN(const auto policy, Policy::Load(flags.policy));
  rpc::ChannelOptions channel_options;
  channel_options.tls = flags.agreements_tls;
  ACCORD_ASSIGN_OR_RETURN(const auto channel, rpc::MakeChannel(flags.agreements, channel_options));
  const auto agreements = AskAgreements(channel);
  const SystemClock clock;
  ACCORD_ASSIGN_OR_RETURN(const auto store,
                          store::Store::Open("training", kDomain, Types(), clock, flags.store));
  Handlers handlers(*store, policy, *agreements);
  ACCORD_RETURN_IF_ERROR(handlers.RecordPolicy());
  AgreementEffects effects(*store, policy);
  if (flags.follow_anew) ACCORD_RETURN_IF_ERROR(effects.FollowAnew());
  ACCORD_ASSIGN_OR_RETURN(const auth::GateParts gate, auth::MakeGate(flags.gate));
  rpc::RuntimeOptions runtime_options = rpc::ToRuntimeOptions(server_flags, kDomain);
  runtime_options.gate = gate.gate.get();
  rpc::Runtime runtime(runtime_options);
  TrainingService service(runtime, handlers);
  feed::FeedService feed(*store, runtime);
  std::unique_ptr<feed::Notary> notary;
  if (!flags.notary.key_file.empty()) {
    ACCORD_ASSIGN_OR_RETURN(notary, feed::Notary::Start(*store, flags.store, flags.notary));
  }
  feed::CheckpointService checkpoints(*store, runtime, notary.get());
  ACCORD_ASSIGN_OR_RETURN(const auto follower,
                          FollowAgreements(channel, effects, *runtime.metrics()));
  const Handlers::OnProgress on_progress = ProgressGauge(*runtime.metrics());
  service::DaySweep sweep(*store, policy->time_zone(),
                          [&](Date today) { return handlers.SweepDay(today, on_progress); });
  ACCORD_ASSIGN_OR_RETURN(
      const auto server,
      rpc::Server::Start(rpc::ToServerOptions(server_flags),
                         {.runtime = runtime,
                          .services = {{v1::Training::service_full_name(), &service},
                                       {log::v1::ChangeFeed::service_full_name(), &feed},
                                       {log::v1::Checkpoints::service_full_name(), &checkpoints}},
                          .probe = [&] { return store->Probe(); },
                          .on_drain = [&] { feed.EndStreams(); }}));
  server->ServeUntilSignalled();
  return absl::OkStatus();
}

}  // namespace
}  // namespace accord::training

int main(int argc, char** argv) {
  accord::training::Flags flags;
  // Writers wait on a worker for the batch they are committed with: more workers make
  // larger batches.
  return accord::rpc::RunProgram(
      "accord-training", "Keeps officers, courses, seats and certification.", argc, argv,
      [&](CLI::App& app) { accord::training::AddFlags(app, flags); },
      [&](const accord::rpc::ServerFlags& server_flags) {
        return accord::training::Run(server_flags, flags);
      },
      {.listen = "127.0.0.1:7202", .workers = 64, .queue = 512});
}
