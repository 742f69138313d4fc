// How one program calls another: channels with retries and balancing, and a
// blocking call for tools and tests. Servers use the generated callback stubs
// with PropagateTo.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/tls.h"

namespace accord::rpc {

struct ChannelOptions {
  // Empty: plain text, to loopback only.
  TlsFiles tls{};
  // Whether TLS is used when `tls` names no file (with the system's roots).
  bool use_tls = false;
  // Checked against the server's certificate instead of the target's host name.
  std::string tls_server_name{};
  // Sent with each call that states no other. `actor` without "unverified:".
  Caller identity{.actor = "", .role = "", .client = ""};
  // Bearer token, sent with each call that speaks for nobody else; empty is none.
  std::string token{};
  // Idempotent methods, "package.Service/Method" (or "package.Service" for all
  // of it): these, and no others, are tried up to 4 times on UNAVAILABLE.
  std::vector<std::string> retry_methods{};
};

// A channel that balances over every address of `target`
// ("ipv4:127.0.0.1:1,127.0.0.1:2", "dns:///host:port", "host:port"). Connects
// when first used; a call fails at once while nothing answers. INVALID_ARGUMENT
// for TLS files that do not go together, a bad method name, or plain text beyond loopback.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(absl::string_view target,
                                                           const ChannelOptions& options = {});

// Makes an outgoing call part of `call`: its deadline if that is earlier, its
// caller, request id and trace. Call it before the outgoing call starts.
// `as`: ourselves leaves the caller out, for what a service looks up on its own account.
enum class CallAs { kTheCaller, kOurselves };
void PropagateTo(const Call& call, grpc::ClientContext& context, CallAs as = CallAs::kTheCaller);

// The accord-revision values in a finished call's trailing metadata.
std::vector<std::string> RevisionsOf(const grpc::ClientContext& context);

struct CallOptions {
  absl::Duration timeout = absl::Seconds(10);
  // The call on whose behalf this one is made; may be null.
  const Call* parent = nullptr;
  // More metadata to send; keys in lower case.
  MetadataMap metadata{};
};

namespace internal {
void PrepareContext(const CallOptions& options, grpc::ClientContext& context);
}  // namespace internal

// Calls and waits. For tools and tests: a server must not block on a peer.
// Errors as FromGrpcStatus gives them; `revisions` (may be null) receives the
// accord-revision values of the answer.
//
//   CallUnary(*stub, &AgreementsService::Stub::GetAgency, request)
template <typename Stub, typename Base, typename Request, typename Response>
absl::StatusOr<Response> CallUnary(
    Stub& stub, grpc::Status (Base::*method)(grpc::ClientContext*, const Request&, Response*),
    const std::type_identity_t<Request>& request, const CallOptions& options = {},
    std::vector<std::string>* revisions = nullptr) {
  grpc::ClientContext context;
  internal::PrepareContext(options, context);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (revisions != nullptr) *revisions = RevisionsOf(context);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

// Asks the health service of a server about `service` ("" is the whole server).
// OK when SERVING, UNAVAILABLE when NOT_SERVING, NOT_FOUND for an unknown
// service, else the error of the call. Blocks up to `timeout`.
absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, absl::string_view service,
                         absl::Duration timeout = absl::Seconds(2));

}  // namespace accord::rpc
