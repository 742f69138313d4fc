#include "common/rpc/peer_flags.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"

namespace accord::rpc {

void AddPeerFlags(CLI::App& app, const std::string& name, PeerFlags& flags) {
  const std::string flag = absl::StrCat("--", name);
  app.add_option(flag, flags.address,
                 absl::StrCat("address of the ", name,
                              " service, or several: ipv4:10.0.0.1:7201,10.0.0.2:7201 or dns:///",
                              name, ":7201"))
      ->capture_default_str();
  app.add_option(absl::StrCat(flag, "-ca"), flags.tls.ca,
                 absl::StrCat("PEM file of the authorities that its certificate must come from; "
                              "empty, which needs --insecure, connects in plain text on loopback"))
      ->capture_default_str();
  app.add_option(absl::StrCat(flag, "-cert"), flags.tls.cert,
                 "PEM file of the certificate that this program shows to it")
      ->capture_default_str();
  app.add_option(absl::StrCat(flag, "-key"), flags.tls.key, "PEM file of its private key")
      ->capture_default_str();
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakePeerChannel(const std::string& name,
                                                               const PeerFlags& flags,
                                                               bool insecure) {
  if (flags.tls.empty() && !insecure) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", name, "-ca is needed: plain text to the service, on loopback only, ",
                     "needs --insecure"));
  }
  ChannelOptions options;
  options.tls = flags.tls;
  return MakeChannel(flags.address, options);
}

}  // namespace accord::rpc
