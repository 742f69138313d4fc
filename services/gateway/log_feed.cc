#include "services/gateway/log_feed.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "common/rpc/pending_call.h"

namespace accord::gateway {

LogFeed::LogFeed(std::string service, std::shared_ptr<grpc::Channel> channel, Seen& seen,
                 const Clock& clock, prometheus::Registry& registry, LogFeedOptions options)
    : service_(std::move(service)),
      channel_(std::move(channel)),
      log_(log::v1::ChangeFeed::NewStub(channel_)),
      seen_(seen),
      clock_(clock),
      options_(std::move(options)),
      gauges_(registry, service_),
      thread_([this] { Run(); }) {}

LogFeed::~LogFeed() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool LogFeed::Pause(absl::Duration period) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, absl::ToChronoNanoseconds(period), [this] { return stopping_; });
}

void LogFeed::Run() {
  absl::Duration backoff = options_.first_backoff;
  do {
    const auto head = ReadHead();
    if (head.ok()) return Follow(*head);
    LogWarning("a log cannot be followed yet; trying again",
               {{"service", service_}, {"error", std::string(head.status().message())}});
    if (Pause(backoff)) return;
    backoff = std::min(backoff * 2, options_.max_backoff);
  } while (true);
}

absl::StatusOr<log::v1::Log> LogFeed::ReadHead() {
  rpc::PendingCall<log::v1::GetLogRequest, log::v1::Log> call(
      *log_->async(), &log::v1::ChangeFeed::Stub::async::GetLog, {},
      absl::Now() + options_.timeout);
  return call.Wait();
}

void LogFeed::Follow(const log::v1::Log& head) {
  seen_.Restart({service_, head.id(), head.revision()}, {}, clock_.Now());
  LogInfo("a log is followed",
          {{"service", service_}, {"log", head.id()}, {"revision", head.revision()}});
  const feed::Follower follower(
      channel_, {head.id(), head.revision(), head.hash()}, options_.follower,
      [this](const log::v1::WatchChangesResponse& batch) {
        seen_.Apply(batch, {}, clock_.Now());
        return absl::OkStatus();
      },
      [this](const absl::Status& status) {
        seen_.SetForked();
        LogFork(service_, status);
      });
  do {
    gauges_.Set(absl::Now() - follower.last_heard(), follower.forked());
  } while (!Pause(options_.gauge_period));
}

}  // namespace accord::gateway
