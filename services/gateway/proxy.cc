#include "services/gateway/proxy.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/server_callback.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/call.h"
#include "common/rpc/grpc_status.h"
#include "services/gateway/errors.h"

namespace accord::gateway {
namespace {

constexpr absl::Duration kLongestCall = absl::Minutes(10);
// What every service has: metadata says whose is meant.
constexpr absl::string_view kOfEveryService = "accord.log.v1.";
constexpr char kServiceKey[] = "accord-service";

absl::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

// "/accord.log.v1.ChangeFeed/GetLog" as "accord.log.v1.ChangeFeed".
absl::string_view ServiceOf(absl::string_view path) {
  const absl::string_view method = absl::StripPrefix(path, "/");
  return method.substr(0, method.rfind('/'));
}

// Null for a method that this program's contracts do not have.
const google::protobuf::MethodDescriptor* Describe(absl::string_view path) {
  const std::string name = absl::StrReplaceAll(absl::StripPrefix(path, "/"), {{"/", "."}});
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
}

bool IsStream(absl::string_view path) {
  const auto* method = Describe(path);
  return method != nullptr && (method->server_streaming() || method->client_streaming());
}

// The method as it may be counted: what callers make up must not make new counters.
std::string NameToCount(absl::string_view path) {
  return Describe(path) == nullptr ? "other" : std::string(absl::StripPrefix(path, "/"));
}

bool IsPassedOn(absl::string_view key) {
  return absl::StartsWith(key, "accord-") || key == rpc::kTraceparentKey || key == "authorization";
}

// What gRPC adds by itself.
bool IsTransportKey(absl::string_view key) {
  return absl::StartsWith(key, "grpc-") || absl::StartsWith(key, ":") || key == "content-type";
}

std::string FirstOf(const grpc::GenericCallbackServerContext& context, const char* key) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end()) return std::string();
  return rpc::CleanMetadataValue(View(found->second));
}

void PassCallerOn(const grpc::GenericCallbackServerContext& from, grpc::ClientContext& to) {
  for (const auto& [key, value] : from.client_metadata()) {
    if (!IsPassedOn(View(key))) continue;
    to.AddMetadata(std::string(View(key)), std::string(View(value)));
  }
  // The log names the caller's program, not this one.
  const std::string agent = FirstOf(from, "user-agent");
  if (!agent.empty() && from.client_metadata().count(rpc::kClientKey) == 0) {
    to.AddMetadata(rpc::kClientKey, agent);
  }
}

void PassDeadlineOn(const grpc::GenericCallbackServerContext& from, grpc::ClientContext& to) {
  to.set_deadline(from.deadline());
  if (IsStream(from.method())) return;
  const auto latest = absl::ToChronoTime(absl::Now() + kLongestCall);
  if (latest < from.deadline()) to.set_deadline(latest);
}

// A status that a service made is passed on as it is; one that gRPC made says nothing
// to a program, so it is said anew.
grpc::Status ForCaller(const grpc::Status& status, const std::string& service) {
  if (status.ok() || !status.error_details().empty()) return status;
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return rpc::ToGrpcStatus(error::ServiceUnreachable(service), kDomain);
  }
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  return rpc::ToGrpcStatus(
      MakeError(code, kDomain, absl::StatusCodeToString(code),
                absl::StrCat(service, ": ", status.error_message()), {{"service", service}}),
      kDomain);
}

}  // namespace

class Proxy::Metrics {
 public:
  explicit Metrics(prometheus::Registry& registry)
      : passed_(prometheus::BuildCounter()
                    .Name("accord_gateway_passed_total")
                    .Help("Calls passed through to a service or refused, by gRPC code.")
                    .Register(registry)) {}

  void Count(absl::string_view path, const std::string& request_id, const grpc::Status& status,
             absl::Time started) {
    const auto code = static_cast<absl::StatusCode>(status.error_code());
    const std::string method = NameToCount(path);
    passed_.Add({{"method", method}, {"code", absl::StatusCodeToString(code)}}).Increment();
    LogInfo("passed through", {{"method", method},
                               {"code", absl::StatusCodeToString(code)},
                               {"ms", absl::ToDoubleMilliseconds(absl::Now() - started)},
                               {"request_id", request_id}});
  }

 private:
  prometheus::Family<prometheus::Counter>& passed_;
};

// One call in progress, both its sides. Deletes itself when the caller's side is done,
// which is never before the service's side is.
//
// Who may touch what: the service's side (`service_`) may be used as long as it is held.
// It is held twice: for its writes until no more are wanted, and for its reads while
// a message is on its way to the caller. So once its OnDone comes, neither side has a
// write in progress, and the caller's side is finished there and nowhere else.
class Proxy::Exchange final : public grpc::ServerGenericBidiReactor {
 public:
  Exchange(Proxy& proxy, grpc::GenericCallbackServerContext& context, const Route& route)
      : proxy_(proxy),
        context_(context),
        service_name_(route.service),
        is_stream_(IsStream(context.method())),
        request_id_(FirstOf(context, rpc::kRequestIdKey)),
        started_(absl::Now()),
        service_(*this) {
    PassCallerOn(context, call_);
    PassDeadlineOn(context, call_);
    route.stub->PrepareBidiStreamingCall(&call_, context.method(), grpc::StubOptions(), &service_);
    service_.AddMultipleHolds(2);  // For writes, and for the rest of this constructor.
    service_.StartCall();
    if (is_stream_ && !proxy_.Enter(*this)) End(error::ShuttingDown());
    StartRead(&request_);
    service_.RemoveHold();
  }

  // Ends the call with `status`, whatever the service says. Thread-safe.
  void End(const absl::Status& status) {
    {
      std::lock_guard lock(mutex_);
      ended_with_ = status;
    }
    CloseWrites();
    call_.TryCancel();
  }

  // The caller's side.

  void OnReadDone(bool ok) override {
    if (ok && !request_.Valid()) return End(error::MessageInvalid());
    std::unique_lock lock(mutex_);
    if (!writes_open_) return;
    if (ok) return service_.StartWrite(&request_);
    service_.StartWritesDone();
    lock.unlock();
    CloseWrites();
  }
  void OnWriteDone(bool ok) override {
    if (!ok) call_.TryCancel();  // The caller is gone.
    service_.StartRead(&response_);
    service_.RemoveHold();  // For the message that is now with the caller.
  }
  void OnCancel() override {
    CloseWrites();
    call_.TryCancel();
  }
  void OnDone() override { delete this; }

 private:
  class ServiceSide final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
   public:
    explicit ServiceSide(Exchange& exchange) : exchange_(exchange) {}
    void OnReadInitialMetadataDone(bool) override { exchange_.OnInitialMetadata(); }
    void OnWriteDone(bool ok) override { exchange_.OnRequestWritten(ok); }
    void OnReadDone(bool ok) override { exchange_.OnResponse(ok); }
    void OnDone(const grpc::Status& status) override { exchange_.OnServiceDone(status); }

   private:
    Exchange& exchange_;
  };

  // The service's side.

  void OnInitialMetadata() {
    for (const auto& [key, value] : call_.GetServerInitialMetadata()) {
      if (IsTransportKey(View(key))) continue;
      context_.AddInitialMetadata(std::string(View(key)), std::string(View(value)));
    }
    // Not before: a response must not overtake the metadata.
    service_.StartRead(&response_);
  }
  void OnRequestWritten(bool ok) {
    if (!ok) return CloseWrites();
    // A caller that has finished is done reading, too: then this fails and nothing follows.
    StartRead(&request_);
  }
  void OnResponse(bool ok) {
    if (!ok) return CloseWrites();
    if (!response_.Valid()) return End(error::MessageInvalid());
    service_.AddHold();
    StartWrite(&response_);
  }
  void OnServiceDone(const grpc::Status& status) {
    if (is_stream_) proxy_.Leave(*this);
    for (const auto& [key, value] : call_.GetServerTrailingMetadata()) {
      if (IsTransportKey(View(key))) continue;
      context_.AddTrailingMetadata(std::string(View(key)), std::string(View(value)));
    }
    const grpc::Status answer = Answer(status);
    proxy_.metrics_->Count(context_.method(), request_id_, answer, started_);
    Finish(answer);  // The last use of this object.
  }

  grpc::Status Answer(const grpc::Status& status) {
    std::lock_guard lock(mutex_);
    if (!ended_with_.ok()) return rpc::ToGrpcStatus(ended_with_, kDomain);
    return ForCaller(status, service_name_);
  }

  void CloseWrites() {
    {
      std::lock_guard lock(mutex_);
      if (!writes_open_) return;
      writes_open_ = false;
    }
    service_.RemoveHold();
  }

  Proxy& proxy_;
  grpc::GenericCallbackServerContext& context_;
  const std::string service_name_;
  const bool is_stream_;
  const std::string request_id_;
  const absl::Time started_;
  grpc::ClientContext call_;
  ServiceSide service_;
  grpc::ByteBuffer request_;   // On its way to the service.
  grpc::ByteBuffer response_;  // On its way to the caller.

  std::mutex mutex_;
  bool writes_open_ = true;  // Guarded by mutex_.
  absl::Status ended_with_;  // Guarded by mutex_.
};

namespace {

// Answers a call that goes nowhere.
class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refusal(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

Proxy::Proxy(const std::vector<Backend>& backends, prometheus::Registry& registry, rpc::Gate* gate)
    : metrics_(std::make_unique<Metrics>(registry)), gate_(gate) {
  for (const Backend& backend : backends) {
    stubs_[backend.name] = std::make_unique<grpc::GenericStub>(backend.channel);
    names_[backend.grpc_service] = backend.name;
  }
}

Proxy::~Proxy() = default;

// Each service verifies the token for itself; a certificate cannot be passed on to it.
absl::Status Proxy::Admit(const grpc::GenericCallbackServerContext& context) const {
  if (gate_ == nullptr) return absl::OkStatus();
  rpc::Credentials credentials = rpc::ReadCredentials(context);
  credentials.peer_uris.clear();
  return gate_->Admit(credentials, absl::StripPrefix(context.method(), "/"), absl::Now()).status();
}

absl::StatusOr<Proxy::Route> Proxy::RouteOf(
    const grpc::GenericCallbackServerContext& context) const {
  ACCORD_RETURN_IF_ERROR(Admit(context));
  const std::string service(ServiceOf(context.method()));
  if (absl::StartsWith(service, kOfEveryService)) {
    const std::string name = FirstOf(context, kServiceKey);
    if (name.empty()) return error::ServiceNotNamed();
    const auto stub = stubs_.find(name);
    if (stub == stubs_.end()) return error::ServiceUnknown(name);
    return Route{name, stub->second.get()};
  }
  const auto name = names_.find(service);
  if (name == names_.end()) return error::MethodUnknown(context.method());
  return Route{name->second, stubs_.find(name->second)->second.get()};
}

grpc::ServerGenericBidiReactor* Proxy::CreateReactor(grpc::GenericCallbackServerContext* context) {
  const auto route = RouteOf(*context);
  if (route.ok()) return new Exchange(*this, *context, *route);
  const grpc::Status status = rpc::ToGrpcStatus(route.status(), kDomain);
  metrics_->Count(context->method(), FirstOf(*context, rpc::kRequestIdKey), status, absl::Now());
  return new Refusal(status);
}

bool Proxy::Enter(Exchange& stream) {
  std::lock_guard lock(mutex_);
  streams_.insert(&stream);
  return !ending_;
}

void Proxy::Leave(Exchange& stream) {
  std::lock_guard lock(mutex_);
  streams_.erase(&stream);
}

void Proxy::EndStreams() {
  std::lock_guard lock(mutex_);  // Keeps a stream from leaving while it is ended.
  ending_ = true;
  for (Exchange* stream : streams_) stream->End(error::ShuttingDown());
}

}  // namespace accord::gateway
