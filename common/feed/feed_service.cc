#include "common/feed/feed_service.h"

#include <grpcpp/support/server_callback.h>

#include <optional>
#include <utility>

#include "common/base/error.h"
#include "common/base/status.h"
#include "common/feed/read_record.h"
#include "common/rpc/runtime.h"
#include "common/store/change_rows.h"
#include "common/store/filter.h"

namespace accord::feed {

using log::v1::Change;
using log::v1::WatchChangesRequest;
using log::v1::WatchChangesResponse;

namespace {

// Looks for heartbeats that are due, in one heartbeat's time: how punctual they are.
constexpr int kLooks = 8;

constexpr char kWatchMethod[] = "accord.log.v1.ChangeFeed/WatchChanges";

absl::Status ShuttingDown() {
  return MakeError(absl::StatusCode::kUnavailable, store::kLogDomain, "SHUTTING_DOWN",
                   "the server is shutting down; connect again and resume");
}

rpc::MethodSpec KeepsToReach(absl::string_view name) {
  rpc::MethodSpec spec{std::string(name)};
  spec.keeps_to_reach = true;
  return spec;
}

// Copies the whole mutations of `changes` of which at least one Change matches.
void CopyMatching(const std::vector<Change>& changes, const store::Filter& filter, bool omit_images,
                  WatchChangesResponse& response) {
  for (size_t begin = 0; begin < changes.size();) {
    size_t end = begin;
    bool matches = filter.empty();
    const int64_t last = changes[begin].mutation_end();
    while (end < changes.size() && changes[end].revision() <= last) {
      matches = matches || filter.Matches(changes[end]);
      ++end;
    }
    for (; matches && begin < end; ++begin) {
      Change* copy = response.add_changes();
      *copy = changes[begin];
      if (omit_images) copy->clear_image();
    }
    begin = end;
  }
}

}  // namespace

// One stream. The feeding thread and gRPC's threads meet here.
class Watcher final : public grpc::ServerWriteReactor<WatchChangesResponse> {
 public:
  Watcher(rpc::Runtime& runtime, grpc::CallbackServerContext* context,
          const WatchChangesRequest& request, store::HeadWatch& heads)
      : call_(runtime, context, rpc::StreamSpec(kWatchMethod)),
        request_(request),
        heads_(heads),
        revision_(request.after_revision()),
        recorded_(!call_.call().log_reads_recorded()) {}

  // Keeps itself until gRPC is done with it.
  void Hold(std::shared_ptr<Watcher> self) { self_ = std::move(self); }

  // The feeding thread's side.

  bool Idle() {
    std::lock_guard lock(mutex_);
    return recorded_ && !writing_ && !finished_;
  }

  void End(const absl::Status& status) {
    std::lock_guard lock(mutex_);
    if (finished_) return;
    finished_ = true;
    Finish(call_.End(status));
  }

  // Needs Idle(), and is the only one to write.
  void Write(WatchChangesResponse response) {
    std::lock_guard lock(mutex_);
    if (finished_) return;
    last_write_ = absl::Now();
    response_ = std::move(response);
    writing_ = true;
    StartWrite(&response_);
  }

  const absl::Status& admission() const { return call_.admission(); }
  const WatchChangesRequest& request() const { return request_; }
  bool checked = false;
  store::Filter filter;
  std::string hash;
  int64_t revision() const { return revision_; }
  void set_revision(int64_t revision) { revision_ = revision; }
  absl::Time last_write() const { return last_write_; }

  // On the pool, for whoever's reads are recorded: nothing is written before.
  void Record(store::Store& store) {
    log::v1::LogRead read;
    read.set_method(kWatchMethod);
    read.set_from_revision(request_.after_revision() + 1);
    read.set_filter(request_.filter());
    if (const absl::Status status = RecordRead(store, call_.call(), std::move(read));
        !status.ok()) {
      return End(status);
    }
    {
      std::lock_guard lock(mutex_);
      recorded_ = true;
    }
    heads_.WakeAll();
  }
  bool NeedsRecord() {
    std::lock_guard lock(mutex_);
    return !recorded_;
  }

  // gRPC's side.

  void OnWriteDone(bool ok) override {
    {
      std::lock_guard lock(mutex_);
      writing_ = false;
    }
    if (!ok) End(absl::CancelledError("the client is gone"));
    heads_.WakeAll();
  }
  void OnCancel() override { End(absl::CancelledError("the client is gone")); }
  void OnDone() override { self_.reset(); }

 private:
  rpc::StreamCall call_;
  const WatchChangesRequest request_;
  store::HeadWatch& heads_;
  int64_t revision_;
  absl::Time last_write_ = absl::InfinitePast();
  std::shared_ptr<Watcher> self_;

  std::mutex mutex_;
  bool recorded_;                  // Guarded by mutex_.
  bool writing_ = false;           // Guarded by mutex_.
  bool finished_ = false;          // Guarded by mutex_.
  WatchChangesResponse response_;  // Being written.
};

namespace {

absl::Status Check(store::Store& store, Watcher& watcher) {
  ACCORD_RETURN_IF_ERROR(watcher.admission());
  const WatchChangesRequest& request = watcher.request();
  FieldViolations violations;
  if (request.after_revision() < 0) violations.Add("after_revision", "must not be negative");
  auto filter = store::Filter::Parse(request.filter(), store::ChangeFields(), violations);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(store::kLogDomain));
  watcher.filter = *std::move(filter);
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(absl::Now() + absl::Seconds(5)));
  ACCORD_RETURN_IF_ERROR(
      store::CheckFollower(**snapshot, {request.log(), request.after_revision(), request.hash()}));
  ACCORD_ASSIGN_OR_RETURN(watcher.hash, store::HashAt(**snapshot, request.after_revision()));
  watcher.checked = true;
  return absl::OkStatus();
}

}  // namespace

FeedService::FeedService(store::Store& store, rpc::Runtime& runtime, FeedOptions options)
    : store_(store), runtime_(runtime), options_(options), thread_([this] { Run(); }) {}

FeedService::~FeedService() {
  EndStreams();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  store_.heads().WakeAll();
  thread_.join();
}

void FeedService::EndStreams() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  for (const auto& watcher : Watchers()) watcher->End(ShuttingDown());
}

grpc::ServerWriteReactor<WatchChangesResponse>* FeedService::WatchChanges(
    grpc::CallbackServerContext* context, const WatchChangesRequest* request) {
  auto watcher = std::make_shared<Watcher>(runtime_, context, *request, store_.heads());
  watcher->Hold(watcher);
  bool ending = false;
  {
    std::lock_guard lock(mutex_);
    ending = ending_;
    watchers_.push_back(watcher);
  }
  if (ending) watcher->End(ShuttingDown());
  if (watcher->NeedsRecord()) {
    const absl::Status status =
        runtime_.Submit([watcher, &store = store_] { watcher->Record(store); });
    if (!status.ok()) watcher->End(status);
  }
  store_.heads().WakeAll();
  return watcher.get();
}

void FeedService::Run() {
  store::Position head = store_.heads().Current();
  for (;;) {
    const int64_t wakes = store_.heads().Wakes();
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    bool more = false;
    for (const auto& watcher : Watchers()) more |= Advance(*watcher, head);
    const absl::Duration wait = more ? absl::ZeroDuration() : options_.heartbeat / kLooks;
    head = store_.heads().WaitPast(head.revision, wakes, absl::Now() + wait);
  }
}

std::vector<std::shared_ptr<Watcher>> FeedService::Watchers() {
  std::vector<std::shared_ptr<Watcher>> alive;
  std::lock_guard lock(mutex_);
  for (auto it = watchers_.begin(); it != watchers_.end();) {
    if (auto watcher = it->lock()) {
      alive.push_back(std::move(watcher));
      ++it;
    } else {
      it = watchers_.erase(it);
    }
  }
  return alive;
}

bool FeedService::Advance(Watcher& watcher, const store::Position& head) {
  if (!watcher.Idle()) return false;
  if (!watcher.checked) {
    if (const absl::Status status = Check(store_, watcher); !status.ok()) {
      watcher.End(status);
      return false;
    }
  }
  WatchChangesResponse response;
  bool read_on = false;
  if (watcher.revision() < head.revision) {
    const auto tail = ReadAfter(watcher.revision());
    if (!tail.ok()) return false;  // The store is away: silence says so to the watcher.
    CopyMatching((*tail)->changes, watcher.filter, watcher.request().omit_images(), response);
    if (!(*tail)->changes.empty()) {
      read_on = true;
      watcher.set_revision((*tail)->changes.back().revision());
      watcher.hash = (*tail)->changes.back().hash();
    }
  } else if (!store_.HeadConfirmedWithin(options_.heartbeat)) {
    return false;
  }
  const bool due = absl::Now() - watcher.last_write() >= options_.heartbeat;
  // What the filter leaves out is read past without telling.
  if (response.changes().empty() && !due) {
    return read_on && watcher.revision() < head.revision;
  }
  response.set_log(head.log_id);
  response.set_revision(watcher.revision());
  response.set_hash(watcher.hash);
  response.set_head_revision(std::max(head.revision, watcher.revision()));
  watcher.Write(std::move(response));
  return false;  // The end of the write wakes us.
}

absl::StatusOr<const FeedService::Tail*> FeedService::ReadAfter(int64_t revision) {
  // A tail read before may have grown since; it is still gap-free from `after`. It may hold
  // images that were erased: here, which is known, or by another replica, which time tells.
  const int64_t redactions = store_.redactions();
  const bool fresh =
      absl::Now() - tail_.read_at < options_.heartbeat && tail_.redactions == redactions;
  if (fresh && tail_.after == revision && !tail_.changes.empty()) return &tail_;
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(absl::Now() + absl::Seconds(2)));
  ACCORD_ASSIGN_OR_RETURN(tail_.changes, store::ReadTail(**snapshot, revision, options_.batch));
  tail_.after = revision;
  tail_.redactions = redactions;
  tail_.read_at = absl::Now();
  return &tail_;
}

grpc::ServerUnaryReactor* FeedService::GetLog(grpc::CallbackServerContext* context,
                                              const log::v1::GetLogRequest* request,
                                              log::v1::Log* response) {
  static const auto& method = *new rpc::MethodSpec{"accord.log.v1.ChangeFeed/GetLog"};
  return runtime_.Unary(
      context, request, response, method,
      [this](rpc::Call& call, const log::v1::GetLogRequest&) -> absl::StatusOr<log::v1::Log> {
        ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
        log::v1::Log log;
        log.set_service(store_.service());
        log.set_id((*snapshot)->position().log_id);
        log.set_revision((*snapshot)->position().revision);
        log.set_hash((*snapshot)->position().hash);
        return log;
      });
}

grpc::ServerUnaryReactor* FeedService::GetChange(grpc::CallbackServerContext* context,
                                                 const log::v1::GetChangeRequest* request,
                                                 Change* response) {
  static const auto& method =
      *new rpc::MethodSpec(KeepsToReach("accord.log.v1.ChangeFeed/GetChange"));
  return runtime_.Unary(
      context, request, response, method,
      [this](rpc::Call& call, const log::v1::GetChangeRequest& request) -> absl::StatusOr<Change> {
        log::v1::LogRead read;
        read.set_method(method.name);
        read.set_subject(request.name());
        ACCORD_RETURN_IF_ERROR(RecordRead(store_, call, std::move(read)));
        return store::GetChange(store_, request.name(), call.deadline(), call.reach());
      });
}

grpc::ServerUnaryReactor* FeedService::ListChanges(grpc::CallbackServerContext* context,
                                                   const log::v1::ListChangesRequest* request,
                                                   log::v1::ListChangesResponse* response) {
  static const auto& method =
      *new rpc::MethodSpec(KeepsToReach("accord.log.v1.ChangeFeed/ListChanges"));
  return runtime_.Unary(context, request, response, method,
                        [this](rpc::Call& call, const log::v1::ListChangesRequest& request)
                            -> absl::StatusOr<log::v1::ListChangesResponse> {
                          log::v1::LogRead read;
                          read.set_method(method.name);
                          read.set_filter(request.filter());
                          read.set_subject(request.subject());
                          ACCORD_RETURN_IF_ERROR(RecordRead(store_, call, std::move(read)));
                          return store::ListChanges(store_, request, call.caller().actor,
                                                    call.deadline(), call.reach());
                        });
}

grpc::ServerUnaryReactor* FeedService::VerifyChanges(grpc::CallbackServerContext* context,
                                                     const log::v1::VerifyChangesRequest* request,
                                                     log::v1::VerifyChangesResponse* response) {
  // Reads the whole log: minutes on a large one.
  static const auto& method = *new rpc::MethodSpec{"accord.log.v1.ChangeFeed/VerifyChanges",
                                                   absl::Minutes(5), absl::Minutes(30)};
  return runtime_.Unary(context, request, response, method,
                        [this](rpc::Call& call, const log::v1::VerifyChangesRequest& request)
                            -> absl::StatusOr<log::v1::VerifyChangesResponse> {
                          log::v1::LogRead read;
                          read.set_method(method.name);
                          read.set_from_revision(request.from_revision());
                          read.set_to_revision(request.to_revision());
                          ACCORD_RETURN_IF_ERROR(RecordRead(store_, call, std::move(read)));
                          return store::VerifyChanges(store_, request.from_revision(),
                                                      request.to_revision(), call.deadline());
                        });
}

}  // namespace accord::feed
