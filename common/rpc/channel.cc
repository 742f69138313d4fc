#include "common/rpc/channel.h"

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/client_interceptor.h>
#include <grpcpp/support/validate_service_config.h>

#include <algorithm>
#include <future>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/loopback.h"
#include "common/base/status.h"
#include "common/rpc/tls_credentials.h"

namespace accord::rpc {
namespace {

namespace experimental = grpc::experimental;

constexpr int kMaxMessageBytes = 64 << 20;
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr int kMaxReconnectBackoffMs = 2'000;

std::string WithoutPrefix(const std::string& actor) {
  return std::string(absl::StripPrefix(actor, kUnverifiedPrefix));
}

// What of a caller is sent. "anonymous" is sent too: the identity of a channel must
// not replace it.
MetadataMap IdentityMetadata(const Caller& caller) {
  MetadataMap metadata;
  const auto add = [&metadata](const char* key, const std::string& value) {
    const std::string clean = CleanMetadataValue(value);
    if (!clean.empty()) metadata.emplace(key, clean);
  };
  add(kActorKey, WithoutPrefix(caller.actor));
  add(kRoleKey, caller.role);
  add(kClientKey, caller.client);
  return metadata;
}

// Adds metadata to each call that does not bring its own.
class IdentityInterceptor final : public experimental::Interceptor {
 public:
  explicit IdentityInterceptor(const MetadataMap& identity) : identity_(identity) {}

  void Intercept(experimental::InterceptorBatchMethods* methods) override {
    using Hook = experimental::InterceptionHookPoints;
    if (methods->QueryInterceptionHookPoint(Hook::PRE_SEND_INITIAL_METADATA)) {
      auto* sent = methods->GetSendInitialMetadata();
      // An actor that is propagated must not get this program's role.
      const bool speaks_for_other = sent->count(kActorKey) > 0;
      for (const auto& [key, value] : identity_) {
        if (!speaks_for_other && sent->count(key) == 0) sent->emplace(key, value);
      }
    }
    methods->Proceed();
  }

 private:
  const MetadataMap& identity_;
};

class IdentityInterceptorFactory final : public experimental::ClientInterceptorFactoryInterface {
 public:
  explicit IdentityInterceptorFactory(MetadataMap identity) : identity_(std::move(identity)) {}
  experimental::Interceptor* CreateClientInterceptor(experimental::ClientRpcInfo*) override {
    return new IdentityInterceptor(identity_);
  }

 private:
  const MetadataMap identity_;
};

bool IsName(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '.';
  });
}

// {"service":"a.v1.B","method":"C"}, or the service alone.
absl::StatusOr<std::string> MethodName(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  if (parts.size() > 2 || !std::all_of(parts.begin(), parts.end(), IsName)) {
    return absl::InvalidArgumentError(absl::StrCat("not a method name: ", text));
  }
  const std::string method =
      parts.size() == 2 ? absl::StrCat(R"(,"method":")", parts[1], "\"") : std::string();
  return absl::StrCat(R"({"service":")", parts[0], "\"", method, "}");
}

// https://github.com/grpc/grpc/blob/master/doc/service_config.md
absl::StatusOr<std::string> ServiceConfig(const std::vector<std::string>& retry_methods) {
  std::string names;
  for (const std::string& method : retry_methods) {
    ACCORD_ASSIGN_OR_RETURN(const std::string name, MethodName(method));
    absl::StrAppend(&names, names.empty() ? "" : ",", name);
  }
  std::string config = R"({"loadBalancingConfig":[{"round_robin":{}}])";
  if (!names.empty()) {
    absl::StrAppend(&config, R"(,"methodConfig":[{"name":[)", names,
                    R"(],"retryPolicy":{"maxAttempts":4,"initialBackoff":"0.1s",)",
                    R"("maxBackoff":"2s","backoffMultiplier":2,)",
                    R"("retryableStatusCodes":["UNAVAILABLE"]}}],)",
                    // Stops retries while most calls fail, so that they do not
                    // multiply the load of a service that is coming back.
                    R"("retryThrottling":{"maxTokens":50,"tokenRatio":0.1})");
  }
  config += "}";
  // gRPC itself would give a channel that fails every call.
  const std::string problem = experimental::ValidateServiceConfigJSON(config);
  if (!problem.empty()) return absl::InvalidArgumentError(problem);
  return config;
}

grpc::ChannelArguments Arguments(const ChannelOptions& options, const std::string& config) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(config);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectBackoffMs);
  if (!options.tls_server_name.empty()) {
    arguments.SetString(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, options.tls_server_name);
  }
  if (!options.identity.client.empty()) {
    arguments.SetUserAgentPrefix(CleanMetadataValue(options.identity.client));
  }
  return arguments;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ChannelCredentialsOf(
    absl::string_view target, const ChannelOptions& options) {
  if (options.use_tls || !options.tls.empty()) return TlsChannelCredentials(options.tls);
  if (IsLoopbackTarget(target)) return grpc::InsecureChannelCredentials();
  return absl::InvalidArgumentError(
      absl::StrCat("plain text is for loopback only, not for ", target));
}

void KeepEarlier(absl::Time deadline, grpc::ClientContext& context) {
  if (deadline == absl::InfiniteFuture()) return;
  const auto wanted = absl::ToChronoTime(deadline);
  if (wanted < context.deadline()) context.set_deadline(wanted);
}

// The messages of grpc.health.v1 have one field each, numbered 1: a string and an
// enum. These two have the same bytes, so its proto is not needed here.
using HealthRequest = google::protobuf::StringValue;
using HealthResponse = google::protobuf::Int32Value;
constexpr int kServing = 1;

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(absl::string_view target,
                                                           const ChannelOptions& options) {
  ACCORD_ASSIGN_OR_RETURN(const std::string config, ServiceConfig(options.retry_methods));
  ACCORD_ASSIGN_OR_RETURN(const auto credentials, ChannelCredentialsOf(target, options));
  std::vector<std::unique_ptr<experimental::ClientInterceptorFactoryInterface>> interceptors;
  MetadataMap identity = IdentityMetadata(options.identity);
  if (!options.token.empty()) {
    identity.emplace(kAuthorizationKey, absl::StrCat("Bearer ", options.token));
  }
  if (!identity.empty()) {
    interceptors.push_back(std::make_unique<IdentityInterceptorFactory>(std::move(identity)));
  }
  return experimental::CreateCustomChannelWithInterceptors(
      std::string(target), credentials, Arguments(options, config), std::move(interceptors));
}

void PropagateTo(const Call& call, grpc::ClientContext& context, CallAs as) {
  KeepEarlier(call.deadline(), context);
  context.AddMetadata(kRequestIdKey, call.request_id());
  context.AddMetadata(kTraceparentKey, call.traceparent());
  if (as == CallAs::kOurselves) return;
  for (const auto& [key, value] : IdentityMetadata(call.caller())) {
    context.AddMetadata(key, value);
  }
  // Every service verifies it for itself.
  if (!call.bearer().empty()) {
    context.AddMetadata(kAuthorizationKey, absl::StrCat("Bearer ", call.bearer()));
  }
}

std::vector<std::string> RevisionsOf(const grpc::ClientContext& context) {
  std::vector<std::string> revisions;
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto [begin, end] = metadata.equal_range(kRevisionKey);
  for (auto it = begin; it != end; ++it) {
    revisions.emplace_back(it->second.data(), it->second.size());
  }
  return revisions;
}

namespace internal {

void PrepareContext(const CallOptions& options, grpc::ClientContext& context) {
  KeepEarlier(absl::Now() + options.timeout, context);
  if (options.parent != nullptr) PropagateTo(*options.parent, context);
  for (const auto& [key, value] : options.metadata) context.AddMetadata(key, value);
}

}  // namespace internal

absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, absl::string_view service,
                         absl::Duration timeout) {
  grpc::ClientContext context;
  KeepEarlier(absl::Now() + timeout, context);
  HealthRequest request;
  request.set_value(std::string(service));
  HealthResponse response;
  std::promise<grpc::Status> done;
  grpc::TemplatedGenericStub<HealthRequest, HealthResponse> stub(channel);
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                 [&done](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  if (!status.ok()) return FromGrpcStatus(status);
  if (response.value() == kServing) return absl::OkStatus();
  return absl::UnavailableError("NOT_SERVING");
}

}  // namespace accord::rpc
