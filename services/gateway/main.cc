// Wires the gateway together.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/access_service.h"
#include "common/auth/gate_flags.h"
#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "common/policy/policy.h"
#include "common/rpc/peer_flags.h"
#include "common/rpc/program.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/store/page_token.h"
#include "services/gateway/agency_reader.h"
#include "services/gateway/cache_flags.h"
#include "services/gateway/errors.h"
#include "services/gateway/log_feed.h"
#include "services/gateway/projection.h"
#include "services/gateway/projection_feed.h"
#include "services/gateway/proxy.h"
#include "services/gateway/service.h"
#include "services/gateway/status_views.h"

namespace accord::gateway {
namespace {

struct GatewayFlags {
  rpc::PeerFlags agreements{.address = "127.0.0.1:7201"};
  std::string policy = "deploy/policy/287g.textproto";
  std::string page_key_file;
  std::string training;
  CacheFlags cache;
  auth::GateFlags gate;
};

void AddFlags(CLI::App& app, GatewayFlags& flags) {
  rpc::AddPeerFlags(app, "agreements", flags.agreements);
  app.add_option("--training", flags.training,
                 "address of the training service, or several, as --agreements; its certificates "
                 "are those of --agreements-…; empty where there is none")
      ->capture_default_str();
  app.add_option("--policy", flags.policy, "policy file, in protobuf text format")
      ->capture_default_str();
  app.add_option("--page-key-file", flags.page_key_file,
                 "file of 32 octets that seals page tokens, the same for all gateways behind "
                 "one address; empty makes a new one, and tokens end with the program")
      ->capture_default_str();
  AddCacheFlags(app, flags.cache);
  auth::AddGateFlags(app, flags.gate);
}

absl::StatusOr<std::string> ReadPageKey(const std::string& path) {
  if (path.empty()) return RandomBytes(store::kPageTokenKeyBytes);
  std::ifstream file(path, std::ios::binary);
  std::string key{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (key.size() == store::kPageTokenKeyBytes) return key;
  return absl::InvalidArgumentError(absl::StrCat("--page-key-file ", path, " must hold ",
                                                 store::kPageTokenKeyBytes,
                                                 " octets, and nothing else"));
}

absl::Status Run(const rpc::ServerFlags& server_flags, const GatewayFlags& flags) {
  ACCORD_ASSIGN_OR_RETURN(const auto policy, Policy::Load(flags.policy));
  ACCORD_ASSIGN_OR_RETURN(std::string page_key, ReadPageKey(flags.page_key_file));
  ACCORD_ASSIGN_OR_RETURN(
      const auto agreements,
      rpc::MakePeerChannel("agreements", flags.agreements, server_flags.insecure));

  const SystemClock clock;
  ACCORD_ASSIGN_OR_RETURN(const auth::GateParts gate,
                          auth::MakeGate(flags.gate, server_flags.insecure));
  rpc::RuntimeOptions runtime_options = rpc::ToRuntimeOptions(server_flags, kDomain);
  runtime_options.gate = gate.gate.get();
  rpc::Runtime runtime(runtime_options);
  Projection projection(policy, clock);
  const bool has_training = !flags.training.empty();
  std::shared_ptr<grpc::Channel> training_channel;
  if (has_training) {
    ACCORD_ASSIGN_OR_RETURN(training_channel,
                            rpc::MakePeerChannel("training", {flags.training, flags.agreements.tls},
                                                 server_flags.insecure));
  }
  Seen training_seen;
  std::unique_ptr<TrainingReader> training;
  std::vector<const Seen*> followed = {&projection.seen()};
  if (has_training) {
    followed.push_back(&training_seen);
    training = std::make_unique<TrainingReader>(training_channel, training_seen, clock);
  }
  const FollowedLogs logs(std::move(followed), clock);
  const AgencyReader agencies(agreements, projection, training.get());
  ACCORD_ASSIGN_OR_RETURN(const auto views,
                          MakeViewCache(flags.cache, *policy, clock, *runtime.metrics()));
  const StatusViews statuses({.policy = *policy,
                              .clock = clock,
                              .projection = projection,
                              .agencies = agencies,
                              .logs = logs,
                              .cache = views.get()});
  std::unique_ptr<AuthorityViews> authorities;
  if (has_training) {
    authorities = std::make_unique<AuthorityViews>(AuthorityViews::Deps{.policy = *policy,
                                                                        .clock = clock,
                                                                        .training = *training,
                                                                        .logs = logs,
                                                                        .cache = views.get()},
                                                   agreements);
  }
  GatewayService service({.runtime = runtime,
                          .policy = *policy,
                          .clock = clock,
                          .projection = projection,
                          .statuses = statuses,
                          .training = training.get(),
                          .authorities = authorities.get(),
                          .page_key = std::move(page_key)});
  auth::AccessService access(runtime, gate.gate.get());
  std::vector<Backend> backends = {
      {kAgreementsService, "accord.agreements.v1.Agreements", agreements}};
  if (has_training) {
    backends.push_back({kTrainingService, "accord.training.v1.Training", training_channel});
  }
  Proxy proxy(std::move(backends), *runtime.metrics(), gate.gate.get());
  const ProjectionFeed feed(agreements, projection, *runtime.metrics());
  std::unique_ptr<LogFeed> training_feed;
  if (has_training) {
    training_feed = std::make_unique<LogFeed>(kTrainingService, training_channel, training_seen,
                                              clock, *runtime.metrics());
  }

  // Ready once the record was read. It stays so while a service is away: an answer
  // that says what it could not reach is still an answer.
  bool was_ready = false;
  const auto probe = [&projection, was_ready]() mutable {
    was_ready = was_ready || projection.ready();
    return was_ready ? absl::OkStatus() : error::ProjectionNotReady();
  };
  ACCORD_ASSIGN_OR_RETURN(
      const auto server,
      rpc::Server::Start(rpc::ToServerOptions(server_flags),
                         {.runtime = runtime,
                          .services = {{v1::Gateway::service_full_name(), &service},
                                       {access::v1::Access::service_full_name(), &access}},
                          .generic = &proxy,
                          .probe = probe,
                          .on_drain = [&proxy] { proxy.EndStreams(); }}));
  server->ServeUntilSignalled();
  return absl::OkStatus();
}

}  // namespace
}  // namespace accord::gateway

int main(int argc, char** argv) {
  accord::gateway::GatewayFlags flags;
  // Workers wait for the owners' answers, so there are more of them than cores.
  return accord::rpc::RunProgram(
      "accord-gateway", "Status views, program metrics and the public endpoint.", argc, argv,
      [&](CLI::App& app) { accord::gateway::AddFlags(app, flags); },
      [&](const accord::rpc::ServerFlags& server_flags) {
        return accord::gateway::Run(server_flags, flags);
      },
      {.listen = "127.0.0.1:7200", .workers = 64, .queue = 512});
}
