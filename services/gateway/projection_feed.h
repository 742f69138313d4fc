// Keeps the projection: lists the record once, then follows the agreements service's log.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "common/feed/follower.h"
#include "services/gateway/projection.h"

namespace prometheus {
class Gauge;
class Registry;
}  // namespace prometheus

namespace accord::gateway {

struct ProjectionFeedOptions {
  // Rows of a page, and the most that one may take.
  int page_size = 1000;
  absl::Duration page_timeout = absl::Seconds(10);
  // Between attempts to list.
  absl::Duration first_backoff = absl::Milliseconds(100);
  absl::Duration max_backoff = absl::Seconds(5);
  // How often the gauges are set.
  absl::Duration gauge_period = absl::Milliseconds(500);
  feed::FollowerOptions follower{};
};

// Works on threads of its own until it is destroyed.
//
// A listing begins at the log's newest revision and is followed from there, so what
// changes while it is read is not missed. It begins again when the log turns into another
// one meanwhile, and when a Change arrives whose image is gone. Once followed, a log that
// is not the same any more (LOG_FORKED) stops it: the projection stays as it was, marked
// unreachable, an error is logged and accord_gateway_feed_forked is 1; an operator
// decides whether the restored log is meant, and starts the program again.
class ProjectionFeed {
 public:
  // `projection` and `registry` outlive it.
  ProjectionFeed(std::shared_ptr<grpc::Channel> agreements, Projection& projection,
                 prometheus::Registry& registry, ProjectionFeedOptions options = {});
  ~ProjectionFeed();
  ProjectionFeed(const ProjectionFeed&) = delete;
  ProjectionFeed& operator=(const ProjectionFeed&) = delete;

 private:
  struct Gauges;
  struct Listing;

  void Run();
  // Lists and follows until it must be listed again or the end. An error: not listed.
  absl::Status ListAndFollow();
  absl::StatusOr<Listing> List();
  template <typename Stub, typename Async, typename Request, typename Response, typename TakePage>
  absl::Status ListPages(Stub& stub,
                         void (Async::*method)(grpc::ClientContext*, const Request*, Response*,
                                               std::function<void(grpc::Status)>),
                         Request request, Listing& listing, TakePage take_page);
  template <typename Call>
  auto Await(Call& call);
  absl::Status Take(const log::v1::WatchChangesResponse& batch);
  void Follow(const store::Position& start);
  // Waits for `period` unless told to stop or to list again; true then.
  bool Pause(absl::Duration period, bool until_relist);
  bool stopping() const;
  void SetGauges();

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<av1::Agreements::Stub> agreements_;
  const std::unique_ptr<log::v1::ChangeFeed::Stub> log_;
  Projection& projection_;
  const ProjectionFeedOptions options_;
  const std::unique_ptr<Gauges> gauges_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;         // Guarded by mutex_.
  bool relist_ = false;           // Guarded by mutex_.
  std::function<void()> cancel_;  // Guarded by mutex_: ends the call in progress.
  std::thread thread_;
};

}  // namespace accord::gateway
