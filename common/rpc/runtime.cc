#include "common/rpc/runtime.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/crypto.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/rpc_metrics.h"
#include "common/rpc/worker_pool.h"

namespace accord::rpc {
namespace {

constexpr char kOverloaded[] = "OVERLOADED";
constexpr char kCallerLimit[] = "CALLER_LIMIT";
constexpr char kDeadlineExceeded[] = "DEADLINE_EXCEEDED";
constexpr char kCancelled[] = "CANCELLED";
constexpr char kUserAgentKey[] = "user-agent";

// What we read; the rest is gRPC's, and a copy of it would cost every call.
bool IsRead(absl::string_view key) {
  if (absl::EndsWith(key, "-bin")) return false;
  return absl::StartsWith(key, "accord-") || key == kTraceparentKey || key == kUserAgentKey;
}

MetadataMap ReadMetadata(const grpc::CallbackServerContext& context) {
  MetadataMap metadata;
  for (const auto& [key, value] : context.client_metadata()) {
    if (!IsRead(View(key))) continue;
    metadata.emplace(std::string(View(key)), CleanMetadataValue(View(value)));
  }
  return metadata;
}

std::string First(const MetadataMap& metadata, absl::string_view key) {
  const auto found = metadata.lower_bound(std::string(key));
  return found != metadata.end() && found->first == key ? found->second : std::string();
}

Caller ReadCaller(const MetadataMap& metadata) {
  Caller caller;
  const std::string actor = First(metadata, kActorKey);
  if (!actor.empty() && actor != kAnonymous) caller.actor = absl::StrCat(kUnverifiedPrefix, actor);
  caller.role = First(metadata, kRoleKey);
  caller.client = First(metadata, kClientKey);
  if (caller.client.empty()) caller.client = First(metadata, kUserAgentKey);
  return caller;
}

// What a call gets: what it asks for, or the default; never more than the cap.
absl::Time DeadlineOf(const grpc::CallbackServerContext& context, const MethodSpec& method,
                      absl::Time now) {
  const auto asked = context.deadline();
  const bool absent = asked == std::chrono::system_clock::time_point::max();
  const absl::Time wanted = absent ? now + method.default_deadline : absl::FromChrono(asked);
  return std::min(wanted, now + method.max_deadline);
}

Call::Parts ReadParts(const grpc::CallbackServerContext& context, const MethodSpec& method,
                      absl::Time now) {
  Call::Parts parts;
  parts.metadata = ReadMetadata(context);
  parts.caller = ReadCaller(parts.metadata);
  parts.deadline = DeadlineOf(context, method, now);
  parts.request_id = First(parts.metadata, kRequestIdKey);
  if (parts.request_id.empty()) parts.request_id = NewUuid();
  parts.traceparent = First(parts.metadata, kTraceparentKey);
  if (!IsTraceparent(parts.traceparent)) parts.traceparent = NewTraceparent();
  parts.cancelled = [&context] { return context.IsCancelled(); };
  return parts;
}

// "ipv4:10.0.0.1:5555" without its port: one machine has many connections.
std::string HostOf(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

LogLevel LevelOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return LogLevel::kError;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return LogLevel::kWarning;
    default:
      return LogLevel::kInfo;
  }
}

absl::Status Guarded(const std::function<absl::Status(Call&)>& handler, Call& call) {
  try {
    return handler(call);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("the handler threw: ", error.what()));
  } catch (...) {
    return absl::InternalError("the handler threw something that is no std::exception");
  }
}

}  // namespace

MethodSpec StreamSpec(absl::string_view name) {
  return {std::string(name), absl::InfiniteDuration(), absl::InfiniteDuration()};
}

class Runtime::Impl {
 public:
  explicit Impl(RuntimeOptions options)
      : options_(std::move(options)),
        registry_(std::make_shared<prometheus::Registry>()),
        metrics_(*registry_),
        pool_(options_.workers, options_.queue) {}

  const RuntimeOptions& options() const { return options_; }
  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }
  RpcMetrics& metrics() { return metrics_; }

  // OK, or the refusal. `work` is not kept when refused.
  absl::Status Submit(std::function<void()> work) {
    if (pool_.TrySubmit(std::move(work))) return absl::OkStatus();
    return Refusal(kOverloaded, "the service is busy; try again later");
  }

  // Takes one of the caller's places, which Leave gives back.
  absl::Status Enter(const std::string& key) {
    if (options_.per_caller <= 0) return absl::OkStatus();
    std::lock_guard lock(callers_mutex_);
    int& count = callers_[key];
    if (count < options_.per_caller) {
      ++count;
      return absl::OkStatus();
    }
    return Refusal(kCallerLimit, "this caller has too many calls in progress; try again later");
  }

  void Leave(const std::string& key) {
    if (options_.per_caller <= 0) return;
    std::lock_guard lock(callers_mutex_);
    const auto found = callers_.find(key);
    if (--found->second == 0) callers_.erase(found);
  }

  absl::Status Shed(absl::StatusCode code, absl::string_view reason, absl::string_view text) {
    metrics_.Shed(reason);
    return MakeError(code, options_.domain, reason, text);
  }

 private:
  absl::Status Refusal(absl::string_view reason, absl::string_view text) {
    return WithRetryAfter(Shed(absl::StatusCode::kResourceExhausted, reason, text),
                          options_.retry_after);
  }

  const RuntimeOptions options_;
  const std::shared_ptr<prometheus::Registry> registry_;
  RpcMetrics metrics_;
  std::mutex callers_mutex_;
  std::map<std::string, int> callers_;
  WorkerPool pool_;  // Last: its tasks use the rest.
};

namespace {

// The part that unary calls and streams share: what is counted, logged and told.
class RunningCall {
 public:
  RunningCall(RpcMetrics& metrics, const RuntimeOptions& options,
              grpc::CallbackServerContext& context, const MethodSpec& method)
      : domain_(options.domain),
        context_(context),
        method_(method.name),
        all_metrics_(metrics),
        metrics_(metrics.ForMethod(method.name)),
        started_(absl::Now()),
        call_(Admit(metrics, options.gate, method)) {
    metrics_.Started();
  }

  Call& call() { return call_; }
  const absl::Status& admission() const { return admission_; }
  std::string CallerKey() const {
    return absl::StrCat(call_.caller().actor, "@", HostOf(context_.peer()));
  }
  void SetQueueWait(absl::Duration wait) { queue_wait_ = wait; }

  // Counts, logs and maps. Only the first call counts.
  grpc::Status End(const absl::Status& status) {
    const grpc::Status mapped = ToGrpcStatus(status, domain_);
    if (ended_.exchange(true)) return mapped;
    const auto code = static_cast<absl::StatusCode>(mapped.error_code());
    const absl::Duration took = absl::Now() - started_;
    metrics_.Handled(code, took);
    if (code == absl::StatusCode::kPermissionDenied && admission_.ok()) {
      all_metrics_.Denied(GetReason(status));
    }
    WriteLog(status, code, took);
    for (const std::string& revision : call_.Revisions()) {
      context_.AddTrailingMetadata(kRevisionKey, CleanMetadataValue(revision));
    }
    return mapped;
  }

  bool ended() const { return ended_.load(); }

 private:
  // Reads the call, as far as it may come in.
  Call::Parts Admit(RpcMetrics& metrics, Gate* gate, const MethodSpec& method) {
    Call::Parts parts = ReadParts(context_, method, started_);
    if (gate == nullptr) return parts;
    Credentials credentials = ReadCredentials(context_);
    absl::StatusOr<Admission> admission = gate->Admit(credentials, method.name, started_);
    if (admission.ok() && !admission->reach.whole && !method.keeps_to_reach) {
      admission = ReachTooSmall(domain_, "this method is for roles that may see the whole program",
                                {{"method", method.name}});
    }
    if (!admission.ok()) {
      admission_ = std::move(admission).status();
      parts.caller.actor = kAnonymous;
      metrics.Denied(GetReason(admission_));
      return parts;
    }
    const std::string client = std::move(parts.caller.client);
    parts.caller = std::move(admission->caller);
    if (parts.caller.client.empty()) parts.caller.client = client;
    parts.reach = std::move(admission->reach);
    parts.log_reads_recorded = admission->log_reads_recorded;
    parts.bearer = std::move(credentials.bearer);
    return parts;
  }

  void WriteLog(const absl::Status& status, absl::StatusCode code, absl::Duration took) const {
    const LogLevel level = LevelOf(code);
    if (level < GetLogLevel()) return;
    LogFields fields = {{"method", method_},
                        {"code", absl::StatusCodeToString(code)},
                        {"ms", absl::ToDoubleMilliseconds(took)},
                        {"queue_ms", absl::ToDoubleMilliseconds(queue_wait_)},
                        {"actor", call_.caller().actor},
                        {"client", call_.caller().client},
                        {"peer", context_.peer()},
                        {"request_id", call_.request_id()},
                        {"traceparent", call_.traceparent()}};
    const std::string reason = GetReason(status);
    // An error made for callers may repeat their request: only its reason is
    // logged. Any other text is ours, and this is the only place it shows.
    if (!reason.empty()) {
      fields.emplace_back("reason", reason);
    } else if (!status.ok()) {
      fields.emplace_back("internal_code", absl::StatusCodeToString(status.code()));
      fields.emplace_back("error", std::string(status.message()));
    }
    Log(level, "rpc", fields);
  }

  const std::string& domain_;
  grpc::CallbackServerContext& context_;
  const std::string method_;
  RpcMetrics& all_metrics_;
  RpcMetrics::Method& metrics_;
  const absl::Time started_;
  absl::Status admission_;
  Call call_;
  absl::Duration queue_wait_;
  std::atomic<bool> ended_ = false;
};

}  // namespace

// One unary call, until it is answered. It is answered through gRPC's own reactor, because
// the end of any other is run on another thread, which costs more than an answer.
class RunningUnary final : public UnaryCall {
 public:
  RunningUnary(Runtime::Impl& runtime, grpc::CallbackServerContext& context,
               const MethodSpec& method)
      : runtime_(runtime),
        context_(context),
        reactor_(*context.DefaultReactor()),
        running_(runtime.metrics(), runtime.options(), context, method) {}

  grpc::ServerUnaryReactor& reactor() { return reactor_; }
  const absl::Status& admission() const { return running_.admission(); }
  Call& call() override { return running_.call(); }

  // Deletes this; the context may be gone before Finish returns.
  void Answer(const absl::Status& status) override {
    if (!caller_key_.empty()) runtime_.Leave(caller_key_);
    const grpc::Status mapped = running_.End(status);
    const std::string& id = running_.call().request_id();
    // Initial metadata with an error would keep clients from retrying it.
    if (mapped.ok()) {
      context_.AddInitialMetadata(kRequestIdKey, id);
    } else {
      context_.AddTrailingMetadata(kRequestIdKey, id);
    }
    grpc::ServerUnaryReactor& reactor = reactor_;
    delete this;
    reactor.Finish(mapped);
  }

  void RunOnPool(Handler handler) override {
    const std::string key = running_.CallerKey();
    if (const absl::Status status = runtime_.Enter(key); !status.ok()) return Answer(status);
    caller_key_ = key;
    queued_ = absl::Now();
    handler_ = std::move(handler);
    const absl::Status status = runtime_.Submit([this] { RunQueued(); });
    if (status.ok()) return;
    handler_ = nullptr;
    Answer(status);
  }

 private:
  ~RunningUnary() = default;

  void RunQueued() {
    const absl::Duration wait = absl::Now() - queued_;
    running_.SetQueueWait(wait);
    runtime_.metrics().QueueWait(wait);
    absl::Status status = StillWanted();
    if (status.ok()) status = Guarded(handler_, running_.call());
    handler_ = nullptr;
    Answer(status);
  }

  absl::Status StillWanted() {
    if (absl::Now() >= running_.call().deadline()) {
      return runtime_.Shed(absl::StatusCode::kDeadlineExceeded, kDeadlineExceeded,
                           "the deadline passed while the call waited for a worker");
    }
    if (!context_.IsCancelled()) return absl::OkStatus();
    return runtime_.Shed(absl::StatusCode::kCancelled, kCancelled,
                         "the caller left while the call waited for a worker");
  }

  Runtime::Impl& runtime_;
  grpc::CallbackServerContext& context_;
  grpc::ServerUnaryReactor& reactor_;
  RunningCall running_;
  absl::Time queued_;
  Handler handler_;         // On its way to the pool and there.
  std::string caller_key_;  // Set while a place of the caller is taken.
};

Runtime::Runtime(RuntimeOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Runtime::~Runtime() = default;

absl::Status Runtime::Submit(std::function<void()> work) {
  return impl_->Submit([work = std::move(work)] {
    const auto no_answer = [&work](Call&) { return work(), absl::OkStatus(); };
    Call nobody(Call::Parts{});
    const absl::Status status = Guarded(no_answer, nobody);
    if (!status.ok())
      LogError("work on the pool failed", {{"error", std::string(status.message())}});
  });
}

const RuntimeOptions& Runtime::options() const { return impl_->options(); }
const std::shared_ptr<prometheus::Registry>& Runtime::metrics() const { return impl_->registry(); }

Runtime::Started Runtime::NewUnary(grpc::CallbackServerContext* context, const MethodSpec& method) {
  auto* call = new RunningUnary(*impl_, *context, method);
  return {&call->reactor(), call, call->admission()};
}

void Runtime::LogThrown(const char* what) {
  LogError("a handler threw", {{"error", std::string(what)}});
}

class StreamCall::Impl {
 public:
  Impl(RpcMetrics& metrics, const RuntimeOptions& options, grpc::CallbackServerContext& context,
       const MethodSpec& method)
      : running(metrics, options, context, method) {
    context.AddInitialMetadata(kRequestIdKey, running.call().request_id());
  }
  RunningCall running;
};

StreamCall::StreamCall(Runtime& runtime, grpc::CallbackServerContext* context,
                       const MethodSpec& method)
    : impl_(std::make_unique<Impl>(runtime.impl_->metrics(), runtime.options(), *context, method)) {
}

StreamCall::~StreamCall() {
  if (!impl_->running.ended()) (void)impl_->running.End(absl::CancelledError("never ended"));
}

Call& StreamCall::call() { return impl_->running.call(); }

const absl::Status& StreamCall::admission() const { return impl_->running.admission(); }

grpc::Status StreamCall::End(const absl::Status& status) { return impl_->running.End(status); }

}  // namespace accord::rpc
