// The flags by which a program finds another service and proves itself to it.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/tls.h"

namespace CLI {
class App;
}  // namespace CLI

namespace accord::rpc {

struct PeerFlags {
  std::string address{};
  TlsFiles tls{};
};

// --NAME, --NAME-ca, --NAME-cert and --NAME-key; `name` is the service's, such as "agreements".
void AddPeerFlags(CLI::App& app, const std::string& name, PeerFlags& flags);

// INVALID_ARGUMENT without an authority, unless the program is `insecure`: then in plain text,
// on loopback only. Else as MakeChannel.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakePeerChannel(const std::string& name,
                                                               const PeerFlags& flags,
                                                               bool insecure);

}  // namespace accord::rpc
