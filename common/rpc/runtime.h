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

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/gate.h"

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
  // Whether its handler keeps to Call::reach. One that does not is refused to callers who
  // may not see everything.
  bool keeps_to_reach = false;
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
  // Outlives the Runtime. Null lets everybody in, as whoever they say they are.
  Gate* gate = nullptr;
};

// One unary call that is still to be answered. What Responder is made of.
class UnaryCall {
 public:
  using Handler = std::function<absl::Status(Call&)>;

  virtual Call& call() = 0;
  // The last use of it.
  virtual void Answer(const absl::Status& status) = 0;
  // Runs `handler` on the pool and answers with what it returns, or refuses at once.
  // The last use of it.
  virtual void RunOnPool(Handler handler) = 0;

 protected:
  ~UnaryCall() = default;
};

// The right and duty to answer one unary call, once, from any thread. Dropped, it answers
// INTERNAL.
template <typename Response>
class Responder {
 public:
  Responder(UnaryCall& call, Response& response) : call_(&call), response_(&response) {}
  Responder(Responder&& other) noexcept
      : call_(std::exchange(other.call_, nullptr)), response_(other.response_) {}
  Responder& operator=(Responder&&) = delete;
  ~Responder() {
    if (call_ != nullptr) call_->Answer(absl::InternalError("the handler dropped the call"));
  }

  // Valid until the call is answered.
  Call& call() const { return call_->call(); }

  void Answer(absl::StatusOr<Response> result) && {
    UnaryCall& call = *std::exchange(call_, nullptr);
    const absl::Status status = result.status();
    if (status.ok()) *response_ = *std::move(result);
    call.Answer(status);
  }

  // Answers with what `handler`, absl::StatusOr<Response>(Call&), returns on the pool; as
  // Runtime says when it cannot run there. What it holds is gone by the answer.
  template <typename Handler>
  void AnswerOnPool(Handler handler) && {
    UnaryCall& call = *std::exchange(call_, nullptr);
    // A std::function wants a copy; the handler may hold what has none.
    auto held = std::make_shared<std::optional<Handler>>(std::move(handler));
    call.RunOnPool([response = response_, held = std::move(held)](Call& running) {
      Handler owned = *std::move(*held);
      held->reset();
      absl::StatusOr<Response> result = owned(running);
      absl::Status status = result.status();
      if (status.ok()) *response = *std::move(result);
      return status;
    });
  }

 private:
  UnaryCall* call_;  // Null once answered.
  Response* response_;
};

// Thread-safe. Must outlive the server whose calls it runs; its destructor runs
// what is queued and joins the workers.
//
// A call that the gate does not let in is answered with the gate's error, or
// PERMISSION_DENIED (reason REACH_TOO_SMALL) where its method is for those who may see
// everything; nothing else of it is looked at. One that finds the queue full or its caller over the
// limit is answered RESOURCE_EXHAUSTED (reason OVERLOADED or CALLER_LIMIT, with RetryInfo) before
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
    const auto start = [request, &handler](Responder<Response> responder) {
      std::move(responder).AnswerOnPool(
          [request, handler = std::move(handler)](Call& call) { return handler(call, *request); });
    };
    return StartUnary(context, response, method, start);
  }

  // Like Unary, but runs `handler` at once on the callback thread: only for
  // answers from memory that never block.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Inline(grpc::CallbackServerContext* context, const Request* request,
                                   Response* response, const MethodSpec& method, Handler handler) {
    const auto start = [request, &handler](Responder<Response> responder) {
      absl::StatusOr<Response> result = handler(responder.call(), *request);
      std::move(responder).Answer(std::move(result));
    };
    return StartUnary(context, response, method, start);
  }

  // Runs `handler` at once on the callback thread, where it must not block; it answers
  // through the responder, there or later. Handler:
  //   void(const Request&, Responder<Response>)
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Async(grpc::CallbackServerContext* context, const Request* request,
                                  Response* response, const MethodSpec& method, Handler handler) {
    const auto start = [request, &handler](Responder<Response> responder) {
      handler(*request, std::move(responder));
    };
    return StartUnary(context, response, method, start);
  }

  // Runs `work` on the pool, or answers RESOURCE_EXHAUSTED (OVERLOADED, with
  // RetryInfo) at once. For the steps of streams.
  absl::Status Submit(std::function<void()> work);

  const RuntimeOptions& options() const;
  // Where the process's metrics are registered. A service adds its own.
  const std::shared_ptr<prometheus::Registry>& metrics() const;

 private:
  friend class StreamCall;
  friend class RunningUnary;
  class Impl;

  // The reactor is gRPC's; the call ends with its answer.
  struct Started {
    grpc::ServerUnaryReactor* reactor;
    UnaryCall* call;
    // Whether it may go on; if not, what it is to be answered with.
    absl::Status admission;
  };
  Started NewUnary(grpc::CallbackServerContext* context, const MethodSpec& method);
  // Says what a handler threw; the responder that it dropped has answered.
  static void LogThrown(const char* what);

  template <typename Response, typename Start>
  grpc::ServerUnaryReactor* StartUnary(grpc::CallbackServerContext* context, Response* response,
                                       const MethodSpec& method, const Start& start) {
    const Started started = NewUnary(context, method);
    if (!started.admission.ok()) {
      started.call->Answer(started.admission);
      return started.reactor;
    }
    try {
      start(Responder<Response>(*started.call, *response));
    } catch (const std::exception& error) {
      LogThrown(error.what());
    } catch (...) {
      LogThrown("something that is no std::exception");
    }
    return started.reactor;
  }

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
  // Whether it may go on; if not, what to end it with.
  const absl::Status& admission() const;
  // Counts and logs the end, and gives the status for the reactor's Finish.
  // Only the first call counts. Thread-safe.
  grpc::Status End(const absl::Status& status);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace accord::rpc
