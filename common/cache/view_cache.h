// Views in process memory and in Redis, under one rule, with one filler per key.
//
//   cache.Lookup(key, seen, {}, [](ViewCache::Answer answer) {
//     switch (answer.kind) {
//       case kFresh: … answer.view->body()           // Stored bytes, no parsing.
//       case kFill:  … compute, then answer.ticket->Fill(envelope, body)
//       case kStale: … answer.view->body(), labelled with answer.age
//       case kNothing: … compute without storing, or answer UNAVAILABLE
//     }
//   });
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/cache/cache_metrics.h"
#include "common/cache/envelope.h"
#include "common/cache/memory_cache.h"
#include "common/cache/redis_client.h"
#include "common/cache/timer.h"

namespace accord::cache {

struct ViewCacheOptions {
  MemoryCache::Options memory{};
  // Stands before every key in Redis.
  std::string redis_prefix = "accord:view:";
  // Entries in Redis go this long after they were written, or when they expire by rule.
  absl::Duration redis_expire_after = absl::Minutes(10);
  // How long a lookup may wait for another one's filler, in this process or another.
  absl::Duration wait_for_filler = absl::Milliseconds(250);
  // How long other processes leave a key to this one's filler. It guards nothing.
  absl::Duration lease = absl::Milliseconds(500);
  // How often it is looked whether another process' filler is done.
  absl::Duration lease_poll = absl::Milliseconds(25);
  // Lookups that may wait at one key; more get stale or nothing at once.
  size_t max_waiters = 1024;
};

// Thread-safe. Every ticket ends before its cache does.
class ViewCache {
  struct Flight;
  using FlightPtr = std::shared_ptr<Flight>;

 public:
  using Seen = std::vector<LogPosition>;
  class Ticket;

  struct Answer {
    enum class Kind {
      kFresh,    // `view` may be used.
      kFill,     // The caller is the one to compute it; `ticket` is set.
      kStale,    // `view` was refused: show it only as what was known `age` ago.
      kNothing,  // No usable view in time, and none to show.
    };

    Kind kind = Kind::kNothing;
    // With kFill, the last known view if there is one: to be shown, as with kStale, should
    // the owners not answer.
    ViewPtr view{};
    Tier tier = Tier::kMemory;
    // Of `view`, since it was computed.
    absl::Duration age = absl::ZeroDuration();
    std::unique_ptr<Ticket> ticket{};
  };
  using Done = std::function<void(Answer answer)>;

  struct LookupOptions {
    // Without it, kStale is never answered and no last known view is given.
    bool allow_stale = true;
    // The most to wait for another one's filler, if less than the cache would.
    absl::Duration wait_at_most = absl::InfiniteDuration();
  };

  // The right and duty to compute one key. Dropped without a fill, it passes to the next
  // that waits.
  class Ticket {
   public:
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

    // Stores the view, answers those who wait, and returns it as stored. The key of
    // `envelope` is set here. Once at most. Errors: INVALID_ARGUMENT as
    // StoredView::Encode; then the ticket is dropped.
    absl::StatusOr<ViewPtr> Fill(Envelope envelope, absl::string_view body);

   private:
    friend class ViewCache;
    Ticket(ViewCache& cache, FlightPtr flight);

    ViewCache& cache_;
    FlightPtr flight_;  // Null once filled.
  };

  // Without `redis`, process memory is all there is. `clock` and `registry` outlive this.
  ViewCache(ViewCacheOptions options, std::unique_ptr<RedisClient> redis, const Clock& clock,
            prometheus::Registry& registry);
  // Answers kNothing to whoever waits.
  ~ViewCache();
  ViewCache(const ViewCache&) = delete;
  ViewCache& operator=(const ViewCache&) = delete;

  // The view in process memory if it may be used, else null. Does not block: for the
  // callback thread. Lookup does the same first, and counts what is refused.
  ViewPtr LookupMemory(const std::string& key, const Seen& seen);

  // Answers once: from memory before it returns, else from Redis, from another's filler, or
  // with a ticket, on a thread of the cache or of a filler, where `done` must not block.
  // `seen`: for each service the view rests on, the newest position that named its subject.
  void Lookup(const std::string& key, Seen seen, LookupOptions options, Done done);

  // Stores a view that was computed without a ticket. Errors: as Ticket::Fill.
  absl::StatusOr<ViewPtr> Store(const std::string& key, Envelope envelope, absl::string_view body);

  // Null without Redis.
  const RedisClient* redis() const { return redis_.get(); }

 private:
  struct Waiter {
    uint64_t id = 0;
    Seen seen;
    LookupOptions options;
    std::chrono::steady_clock::time_point deadline;
    Done done;
  };

  // A view with what the rule says about it.
  struct Judged {
    ViewPtr view;
    Verdict verdict = Verdict::kDamaged;
  };

  Judged Judge(const std::string& key, ViewPtr view, const Seen& seen) const;
  void Count(const Judged& judged, Tier tier);
  // Lets the waiter lead a new flight of the key, or wait at the one there is.
  void Start(const std::string& key, Waiter waiter, ViewPtr refused);
  // Whether the waiter was taken in; if not, `waiter` is as it was.
  bool Join(const FlightPtr& flight, Waiter& waiter);
  void Lead(const FlightPtr& flight, const Seen& seen);
  void AskRedis(const FlightPtr& flight);
  void OnRedis(const FlightPtr& flight, RedisOutcome outcome, std::string value);
  // Whether the view (null: damaged) ended the flight.
  bool Use(const FlightPtr& flight, ViewPtr view);
  void AskForLease(const FlightPtr& flight);
  void WaitForOtherProcess(const FlightPtr& flight);
  void GiveTicket(const FlightPtr& flight);
  void Finish(const FlightPtr& flight, const ViewPtr& view, Tier tier);
  // Whether the view was for the waiter, who then has it; if not, `waiter` is as it was.
  bool AnswerWith(const ViewPtr& view, Tier tier, Waiter& waiter);
  void Abandon(const FlightPtr& flight);
  void GiveUp(const FlightPtr& flight, uint64_t waiter_id);
  void AnswerWithout(const FlightPtr& flight, Waiter waiter);
  void Release(const FlightPtr& flight);
  void StoreInMemory(const std::string& key, const ViewPtr& view);
  void StoreInRedis(const std::string& key, const ViewPtr& view);
  absl::Duration AgeOf(const StoredView& view) const;
  std::string RedisKey(const std::string& key) const { return options_.redis_prefix + key; }
  std::string LeaseKey(const std::string& key) const {
    return options_.redis_prefix + "lease:" + key;
  }

  const ViewCacheOptions options_;
  const Clock& clock_;
  CacheMetrics metrics_;
  MemoryCache memory_;

  std::mutex mutex_;
  std::unordered_map<std::string, FlightPtr> flights_;  // Guarded by mutex_, as all below.
  uint64_t next_waiter_ = 0;
  bool stopping_ = false;

  // They call back into what is above, and stop first.
  Timer timer_;
  const std::unique_ptr<RedisClient> redis_;
};

}  // namespace accord::cache
