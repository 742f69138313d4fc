// One call to another service, begun now and awaited later: handlers and feeds run on
// threads that may wait, but never through gRPC's synchronous API.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/channel.h"

namespace accord::rpc {

// Ends at its deadline, so a wait is bounded. Going out of scope cancels it and waits
// for the end. One thread at a time, except Cancel.
template <typename Request, typename Response>
class PendingCall {
 public:
  using Done = std::function<void(grpc::Status)>;
  template <typename Async>
  using Method = void (Async::*)(grpc::ClientContext*, const Request*, Response*, Done);

  // `parent` is the call on whose behalf it is made, `as` its caller or ourselves; null for none.
  //
  //   PendingCall<GetLogRequest, Log> call(*stub->async(), &Stub::async::GetLog, {}, deadline);
  template <typename Async>
  PendingCall(Async& stub, Method<Async> method, Request request, absl::Time deadline,
              const Call* parent = nullptr, CallAs as = CallAs::kTheCaller)
      : request_(std::move(request)) {
    context_.set_deadline(absl::ToChronoTime(deadline));
    if (parent != nullptr) PropagateTo(*parent, context_, as);
    // The promise outlives set_value, which the waiter does not wait for the end of.
    (stub.*method)(&context_, &request_, &response_,
                   [done = done_](grpc::Status status) { done->set_value(std::move(status)); });
  }
  ~PendingCall() {
    Cancel();
    if (status_.valid()) status_.wait();
  }
  PendingCall(const PendingCall&) = delete;
  PendingCall& operator=(const PendingCall&) = delete;

  // Thread-safe.
  void Cancel() { context_.TryCancel(); }

  // Once. Errors as FromGrpcStatus gives them.
  absl::StatusOr<Response> Wait() {
    const grpc::Status status = status_.get();
    if (!status.ok()) return FromGrpcStatus(status);
    return std::move(response_);
  }
  // The accord-revision values of the answer, after Wait.
  std::vector<std::string> revisions() const { return RevisionsOf(context_); }

 private:
  grpc::ClientContext context_;
  const Request request_;
  Response response_;
  const std::shared_ptr<std::promise<grpc::Status>> done_ =
      std::make_shared<std::promise<grpc::Status>>();
  std::future<grpc::Status> status_ = done_->get_future();
};

}  // namespace accord::rpc
