// Starts the agreements service. No logic here.
#include <CLI/CLI.hpp>
#include <string>

#include "common/base/status.h"
#include "common/host/service_host.h"
#include "services/agreements/errors.h"
#include "services/agreements/handlers.h"
#include "services/agreements/service.h"
#include "services/agreements/types.h"

namespace accord::agreements {
namespace {

absl::Status Run(const rpc::ServerFlags& server_flags, const host::HostFlags& flags) {
  const host::HostSpec spec{.name = "agreements",
                            .domain = std::string(kDomain),
                            .service = kServiceName,
                            .types = Types()};
  ACCORD_ASSIGN_OR_RETURN(const auto host, host::ServiceHost::Open(spec, flags, server_flags));
  Handlers handlers(host->store(), host->policy(), host->separation());
  ACCORD_RETURN_IF_ERROR(handlers.RecordPolicy());
  const std::unique_ptr<grpc::Service> service = MakeService(host->runtime(), handlers);
  return host->Serve(*service, [&](Date today, const service::DaySweep::KeepGoing& keep_going) {
    return handlers.SweepDay(today, keep_going);
  });
}

}  // namespace
}  // namespace accord::agreements

int main(int argc, char** argv) {
  accord::host::HostFlags flags;
  flags.store.url = "sqlite:agreements.db";
  // Writers wait on a worker for the batch they are committed with: more workers make
  // larger batches.
  return accord::rpc::RunProgram(
      "accord-agreements", "Keeps agencies, agreements and published rosters.", argc, argv,
      [&](CLI::App& app) { accord::host::AddHostFlags(app, flags); },
      [&](const accord::rpc::ServerFlags& server_flags) {
        return accord::agreements::Run(server_flags, flags);
      },
      {.listen = "127.0.0.1:7201", .workers = 64, .queue = 512});
}
