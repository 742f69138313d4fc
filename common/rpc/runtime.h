// How every handler is run: where, for how long, for how many at once, and what
// is told about it afterwards. One Runtime a process.
//
//   grpc::ServerUnaryReactor* GetAgency(grpc::CallbackServerContext* context,
//                                       const GetAgencyRequest* request,
//                                       Agency* response) override {
//     static const rpc::MethodSpec kMethod{"accord.agreements.v1.AgreementsService/GetAgency"};
//     return runtime_.Unary(context, request, response, kMethod,
//                           [this](rpc::Call& call, const GetAgencyRequest& request) {
//                             return handlers_.GetAgency(call, request);
//                           });
//   }
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"

namespace grpc {
class CallbackServerContext;
class ServerUnaryReactor;
class Status;
}  // namespace grpc

namespace prometheus {
class Registry;
}  // namespace prometheus

namespace accord::rpc {

struct MethodSpec {
  // Service-qualified: "accord.agreements.v1.AgreementsService/GetAgency".
  std::string name{};
  // For a call that states no deadline.
  absl::Duration default_deadline = absl::Seconds(10);
  // No call gets longer, whatever it asks for.
  absl::Duration max_deadline = absl::Seconds(60);
};

// The spec of a stream, which lives as long as its client wants.
MethodSpec StreamSpec(absl::string_view name);

struct RuntimeOptions {
  // The ErrorInfo domain of the errors that the runtime itself answers:
  // "<service>.accord".
  std::string domain = "rpc.accord";
  // Threads that run handlers.
  int workers = 8;
  // Calls that may wait for a worker; one more is refused.
  int queue = 256;
  // Calls on the pool, waiting or running, of one caller (actor and address); 0
  // is no limit.
  int per_caller = 0;
  // What a refused caller is told to wait.
  absl::Duration retry_after = absl::Milliseconds(200);
};

// Thread-safe. Must outlive the server whose calls it runs; its destructor runs
// what is queued and joins the workers.
//
// A call that finds the queue full or its caller over the limit is answered
// RESOURCE_EXHAUSTED (reason OVERLOADED or CALLER_LIMIT, with RetryInfo) before
// any work. One whose deadline passes in the queue is answered
// DEADLINE_EXCEEDED, also without work. A handler that throws is INTERNAL.
// Errors are mapped by ToGrpcStatus. Every call leaves one log line (never the
// contents of its request) and metrics.
class Runtime {
 public:
  explicit Runtime(RuntimeOptions options = {});
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Runs `handler` on the pool. Handler:
  //   absl::StatusOr<Response>(Call&, const Request&)
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, const Request* request,
                                  Response* response, const MethodSpec& method, Handler handler) {
    return StartUnary(context, method, Where::kPool, Erase(request, response, std::move(handler)));
  }

  // Like Unary, but runs `handler` at once on the callback thread: only for
  // answers from memory that never block.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Inline(grpc::CallbackServerContext* context, const Request* request,
                                   Response* response, const MethodSpec& method, Handler handler) {
    return StartUnary(context, method, Where::kCallbackThread,
                      Erase(request, response, std::move(handler)));
  }

  // Runs `work` on the pool, or answers RESOURCE_EXHAUSTED (OVERLOADED, with
  // RetryInfo) at once. For the steps of streams.
  absl::Status Submit(std::function<void()> work);

  const RuntimeOptions& options() const;
  // Where the process's metrics are registered. A service adds its own.
  const std::shared_ptr<prometheus::Registry>& metrics() const;

 private:
  friend class StreamCall;
  friend class UnaryReactor;
  class Impl;
  enum class Where { kPool, kCallbackThread };
  using ErasedHandler = std::function<absl::Status(Call&)>;

  template <typename Request, typename Response, typename Handler>
  static ErasedHandler Erase(const Request* request, Response* response, Handler handler) {
    return [request, response, handler = std::move(handler)](Call& call) mutable {
      absl::StatusOr<Response> result = handler(call, *request);
      if (!result.ok()) return std::move(result).status();
      *response = *std::move(result);
      return absl::OkStatus();
    };
  }

  grpc::ServerUnaryReactor* StartUnary(grpc::CallbackServerContext* context,
                                       const MethodSpec& method, Where where,
                                       ErasedHandler handler);

  std::unique_ptr<Impl> impl_;
};

// The Call of a streaming RPC, with the same count, log and status mapping as a
// unary one. A member of the reactor: made in its constructor, finished once,
// destroyed in OnDone.
//
//   void OnCancel() override { Finish(stream_.End(absl::CancelledError())); }
class StreamCall {
 public:
  // Sends the echoed request id with the initial metadata, whenever the reactor
  // sends that.
  StreamCall(Runtime& runtime, grpc::CallbackServerContext* context, const MethodSpec& method);
  // A stream that was never ended counts as CANCELLED.
  ~StreamCall();
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  Call& call();
  // Counts and logs the end, and gives the status for the reactor's Finish.
  // Only the first call counts. Thread-safe.
  grpc::Status End(const absl::Status& status);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace accord::rpc
