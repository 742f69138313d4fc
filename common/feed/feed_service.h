// The ChangeFeed of a service, over its own store. Written once, served by all.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "accord/log/v1/log.grpc.pb.h"
#include "common/rpc/runtime.h"
#include "common/store/log_reader.h"

namespace accord::feed {

class Watcher;

struct FeedOptions {
  // A watcher hears something at least this often, unless the store cannot tell
  // whether anything happened. The contract says 500 ms.
  absl::Duration heartbeat = absl::Milliseconds(400);
  // Changes read and sent together, about.
  int64_t batch = 500;
};

// Thread-safe. One thread feeds all watchers, so that those at the log's end share
// each read.
class FeedService final : public log::v1::ChangeFeed::CallbackService {
 public:
  // `store` and `runtime` outlive the service.
  FeedService(store::Store& store, rpc::Runtime& runtime, FeedOptions options = {});
  ~FeedService() override;

  // Ends every stream with UNAVAILABLE, so that clients go elsewhere; new ones too.
  void EndStreams();

  grpc::ServerWriteReactor<log::v1::WatchChangesResponse>* WatchChanges(
      grpc::CallbackServerContext* context, const log::v1::WatchChangesRequest* request) override;
  grpc::ServerUnaryReactor* GetLog(grpc::CallbackServerContext* context,
                                   const log::v1::GetLogRequest* request,
                                   log::v1::Log* response) override;
  grpc::ServerUnaryReactor* GetChange(grpc::CallbackServerContext* context,
                                      const log::v1::GetChangeRequest* request,
                                      log::v1::Change* response) override;
  grpc::ServerUnaryReactor* ListChanges(grpc::CallbackServerContext* context,
                                        const log::v1::ListChangesRequest* request,
                                        log::v1::ListChangesResponse* response) override;
  grpc::ServerUnaryReactor* VerifyChanges(grpc::CallbackServerContext* context,
                                          const log::v1::VerifyChangesRequest* request,
                                          log::v1::VerifyChangesResponse* response) override;

 private:
  // The log's Changes after a revision, shared by all watchers that stand there.
  struct Tail {
    int64_t after = -1;
    absl::Time read_at = absl::InfinitePast();
    int64_t redactions = 0;  // Of the store, when it was read.
    std::vector<log::v1::Change> changes;
  };

  void Run();
  std::vector<std::shared_ptr<Watcher>> Watchers();
  // True when the watcher has more to be given at once.
  bool Advance(Watcher& watcher, const store::Position& head);
  absl::StatusOr<const Tail*> ReadAfter(int64_t revision);

  store::Store& store_;
  rpc::Runtime& runtime_;
  const FeedOptions options_;
  Tail tail_;  // The feeding thread alone.

  std::mutex mutex_;
  std::list<std::weak_ptr<Watcher>> watchers_;  // Guarded by mutex_.
  bool ending_ = false;                         // Guarded by mutex_.
  bool stopping_ = false;                       // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace accord::feed
