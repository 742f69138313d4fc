// Follows another service's log from wherever one stands: across restarts of either
// side, without a gap or a repeat.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "common/store/reader.h"

namespace accord::feed {

struct FollowerOptions {
  std::string filter;
  bool omit_images = false;
  // A feed that is silent for longer is dead: connect again.
  absl::Duration silence = absl::Seconds(2);
  absl::Duration first_backoff = absl::Milliseconds(50);
  absl::Duration max_backoff = absl::Seconds(2);
};

// Delivers on one thread at a time. Thread-safe.
class Follower {
 public:
  // Takes a batch (heartbeats too). Once it returns OK, the follower stands at
  // `response.revision()`; else it connects again and delivers the batch again.
  using OnBatch = std::function<absl::Status(const log::v1::WatchChangesResponse& response)>;
  // The log is another one: the follower has stopped. An operator decides to rebuild.
  using OnForked = std::function<void(const absl::Status& status)>;

  // Starts to follow after `start`; a default one is the beginning of any log.
  Follower(std::shared_ptr<grpc::Channel> channel, store::Position start, FollowerOptions options,
           OnBatch on_batch, OnForked on_forked);
  ~Follower();

  // Where it stands.
  store::Position position() const;
  // When the feed was last heard; InfinitePast before the first time.
  absl::Time last_heard() const;
  bool forked() const;

 private:
  class Stream;

  void Run();
  // One stream until it ends; true when anything was delivered.
  bool FollowOnce();
  absl::Status Deliver(const log::v1::WatchChangesResponse& response);

  std::unique_ptr<log::v1::ChangeFeed::Stub> stub_;
  const FollowerOptions options_;
  const OnBatch on_batch_;
  const OnForked on_forked_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  store::Position position_;                      // Guarded by mutex_.
  absl::Time last_heard_ = absl::InfinitePast();  // Guarded by mutex_.
  bool forked_ = false;                           // Guarded by mutex_.
  bool stopping_ = false;                         // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace accord::feed
