#include "common/feed/follower.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <utility>

#include "common/base/error.h"
#include "common/base/log.h"
#include "common/rpc/grpc_status.h"

namespace accord::feed {

using log::v1::WatchChangesRequest;
using log::v1::WatchChangesResponse;

// One call of WatchChanges. Its owner waits for Done before it goes.
class Follower::Stream final : public grpc::ClientReadReactor<WatchChangesResponse> {
 public:
  Stream(Follower& follower, WatchChangesRequest request)
      : follower_(follower), request_(std::move(request)) {
    follower_.stub_->async()->WatchChanges(&context_, &request_, this);
    StartRead(&response_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    const absl::Status status = follower_.Deliver(response_);
    if (status.ok()) {
      StartRead(&response_);
      return;
    }
    // No further read: what comes after a batch that was not taken would be a gap.
    LogWarning("a feed's batch was not taken; it will be read again",
               {{"error", std::string(status.message())}});
    context_.TryCancel();
  }

  void OnDone(const grpc::Status& status) override {
    std::lock_guard lock(mutex_);
    status_ = rpc::FromGrpcStatus(status);
    done_ = true;
    changed_.notify_all();
  }

  // True when the stream has ended by then.
  bool WaitDone(absl::Time until) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, absl::ToChronoTime(until), [this] { return done_; });
  }
  void Cancel() { context_.TryCancel(); }
  absl::Status status() {
    std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  Follower& follower_;
  const WatchChangesRequest request_;
  grpc::ClientContext context_;
  WatchChangesResponse response_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;    // Guarded by mutex_.
  absl::Status status_;  // Guarded by mutex_.
};

Follower::Follower(std::shared_ptr<grpc::Channel> channel, store::Position start,
                   FollowerOptions options, OnBatch on_batch, OnForked on_forked)
    : stub_(log::v1::ChangeFeed::NewStub(channel)),
      options_(std::move(options)),
      on_batch_(std::move(on_batch)),
      on_forked_(std::move(on_forked)),
      position_(std::move(start)),
      thread_([this] { Run(); }) {}

Follower::~Follower() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

store::Position Follower::position() const {
  std::lock_guard lock(mutex_);
  return position_;
}

absl::Time Follower::last_heard() const {
  std::lock_guard lock(mutex_);
  return last_heard_;
}

bool Follower::forked() const {
  std::lock_guard lock(mutex_);
  return forked_;
}

void Follower::Run() {
  absl::Duration backoff = options_.first_backoff;
  for (;;) {
    const bool delivered = FollowOnce();
    backoff = delivered ? options_.first_backoff : std::min(backoff * 2, options_.max_backoff);
    std::unique_lock lock(mutex_);
    const bool stop = wake_.wait_for(lock, absl::ToChronoNanoseconds(backoff),
                                     [this] { return stopping_ || forked_; });
    if (stop) return;
  }
}

bool Follower::FollowOnce() {
  WatchChangesRequest request;
  const store::Position start = position();
  request.set_log(start.log_id);
  request.set_after_revision(start.revision);
  request.set_hash(start.hash);
  request.set_filter(options_.filter);
  request.set_omit_images(options_.omit_images);

  const absl::Time begun = absl::Now();
  Stream stream(*this, std::move(request));
  // Looks at the clock a few times a second: a feed that is silent for too long is dead.
  while (!stream.WaitDone(absl::Now() + absl::Milliseconds(100))) {
    std::lock_guard lock(mutex_);
    if (stopping_ || absl::Now() - std::max(last_heard_, begun) > options_.silence) {
      stream.Cancel();
    }
  }
  const absl::Status status = stream.status();
  if (GetReason(status) == "LOG_FORKED") {
    {
      std::lock_guard lock(mutex_);
      forked_ = true;
    }
    on_forked_(status);
  }
  return last_heard() > begun;
}

absl::Status Follower::Deliver(const WatchChangesResponse& response) {
  // The server tells on the next connection where the logs part.
  const std::string followed = position().log_id;
  if (!followed.empty() && followed != response.log()) {
    return absl::FailedPreconditionError("the stream went over to another log");
  }
  absl::Status status = on_batch_(response);
  if (!status.ok()) return status;
  std::lock_guard lock(mutex_);
  position_ = {response.log(), response.revision(), response.hash()};
  last_heard_ = absl::Now();
  return absl::OkStatus();
}

}  // namespace accord::feed
