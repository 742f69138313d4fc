// Starts the training service: options, parts, serve, drain. No logic here.
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "common/base/status.h"
#include "common/host/service_host.h"
#include "common/rpc/peer_flags.h"
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
  host::HostFlags host;
  rpc::PeerFlags agreements{.address = "127.0.0.1:7201"};
  bool follow_anew = false;
  std::string without_preview{};
};

void AddFlags(CLI::App& app, Flags& flags) {
  host::AddHostFlags(app, flags.host);
  rpc::AddPeerFlags(app, "agreements", flags.agreements);
  app.add_flag("--follow-anew", flags.follow_anew,
               "follow the agreements log from its beginning, whatever was followed before: "
               "once, after that service was restored");
  app.add_option("--policy-without-preview", flags.without_preview,
                 "REASON to start with a policy file though nobody previewed whom it affects; "
                 "it goes on record");
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
  const host::HostSpec spec{.name = "training",
                            .domain = std::string(kDomain),
                            .service = kServiceName,
                            .types = Types()};
  ACCORD_ASSIGN_OR_RETURN(const auto host, host::ServiceHost::Open(spec, flags.host, server_flags));
  ACCORD_ASSIGN_OR_RETURN(const auto channel, rpc::MakePeerChannel("agreements", flags.agreements,
                                                                   server_flags.insecure));
  const auto agreements = AskAgreements(channel);
  Handlers handlers(host->store(), host->policy(), *agreements, host->separation());
  ACCORD_RETURN_IF_ERROR(handlers.RecordPolicy(flags.without_preview));
  AgreementEffects effects(host->store(), host->policy());
  if (flags.follow_anew) ACCORD_RETURN_IF_ERROR(effects.FollowAnew());
  const std::unique_ptr<grpc::Service> service = MakeService(host->runtime(), handlers);
  ACCORD_ASSIGN_OR_RETURN(const auto follower,
                          FollowAgreements(channel, effects, *host->runtime().metrics()));
  const Handlers::OnProgress on_progress = ProgressGauge(*host->runtime().metrics());
  return host->Serve(*service, [&](Date today, const Handlers::KeepGoing& keep_going) {
    return handlers.SweepDay(today, keep_going, on_progress);
  });
}

}  // namespace
}  // namespace accord::training

int main(int argc, char** argv) {
  accord::training::Flags flags;
  flags.host.store.url = "sqlite:training.db";
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
