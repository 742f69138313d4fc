#include "common/rpc/gate.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>

#include "absl/strings/match.h"

namespace accord::rpc {

absl::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

Credentials ReadCredentials(const grpc::ServerContextBase& context) {
  constexpr absl::string_view kBearer = "Bearer ";
  Credentials credentials;
  const auto header = context.client_metadata().find(kAuthorizationKey);
  if (header != context.client_metadata().end()) {
    const absl::string_view value = View(header->second);
    if (absl::StartsWithIgnoreCase(value, kBearer)) {
      credentials.bearer = std::string(value.substr(kBearer.size()));
    }
  }
  const auto peer = context.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return credentials;
  for (const grpc::string_ref& uri : peer->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
    credentials.peer_uris.emplace_back(View(uri));
  }
  return credentials;
}

}  // namespace accord::rpc
