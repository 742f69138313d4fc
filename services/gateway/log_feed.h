// Follows the log of a service of which the gateway keeps no rows: only what it has said of
// which agency, so that kept views can be judged.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/feed/follower.h"
#include "services/gateway/feed_gauges.h"
#include "services/gateway/seen.h"

namespace accord::gateway {

struct LogFeedOptions {
  // Between attempts to begin.
  absl::Duration first_backoff = absl::Milliseconds(100);
  absl::Duration max_backoff = absl::Seconds(2);
  // The most that the first question may take.
  absl::Duration timeout = absl::Seconds(5);
  absl::Duration gauge_period = absl::Milliseconds(500);
  feed::FollowerOptions follower{.filter = "", .omit_images = true};
};

// Works on threads of its own until it is destroyed. A log that turns into another one
// (LOG_FORKED) stops it: `seen` then knows nothing, so nothing kept is shown, until an operator
// starts the program again.
class LogFeed {
 public:
  // `seen`, `clock` and `registry` outlive it. `service` as freshness tokens name it.
  LogFeed(std::string service, std::shared_ptr<grpc::Channel> channel, Seen& seen,
          const Clock& clock, prometheus::Registry& registry, LogFeedOptions options = {});
  ~LogFeed();
  LogFeed(const LogFeed&) = delete;
  LogFeed& operator=(const LogFeed&) = delete;

 private:
  void Run();
  absl::StatusOr<log::v1::Log> ReadHead();
  void Follow(const log::v1::Log& head);
  // True when it is time to end.
  bool Pause(absl::Duration period);

  const std::string service_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<log::v1::ChangeFeed::Stub> log_;
  Seen& seen_;
  const Clock& clock_;
  const LogFeedOptions options_;
  FeedGauges gauges_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace accord::gateway
