// A service's store: its resources and its log, in one database.
//
// Reads see one snapshot; writes go through one committer. SQL stands here and in the
// stores of the services, nowhere else.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/sql/pool.h"
#include "common/store/committer.h"
#include "common/store/head_watch.h"
#include "common/store/mutation.h"

namespace accord::store {

struct StoreOptions {
  // "sqlite:PATH" or "postgresql://…".
  std::string url;
  // Read connections at most.
  int readers = 8;
  sql::Options sql = {};
  CommitterOptions committer = {};
  // Start a new log id over the records that are there: for a restored database, so
  // that followers of the lost future notice.
  bool new_log = false;
  // How often other replicas' commits are looked for. SQLite has none.
  absl::Duration head_poll = absl::Milliseconds(100);
};

// One consistent view of the record. Keep it short: it holds a read connection.
class Snapshot {
 public:
  Snapshot(sql::Pool::Lease lease, const ResourceTypes& types, absl::string_view domain,
           Position position)
      : lease_(std::move(lease)), reader_(types, domain, *lease_, std::move(position)) {}
  // Not movable: the reader refers to the lease's connection, which is on the heap,
  // but a moved-from lease must not be read.
  Snapshot(const Snapshot&) = delete;

  Reader* operator->() { return &reader_; }
  Reader& operator*() { return reader_; }

 private:
  sql::Pool::Lease lease_;
  Reader reader_;
};

// Thread-safe.
class Store {
 public:
  // Connects, brings the schema up to date and starts the committer. `types` and
  // `clock` outlive the store. `service` is "agreements", `domain` "agreements.accord".
  // Errors: as PrepareSchema; UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Store>> Open(absl::string_view service,
                                                     absl::string_view domain,
                                                     const ResourceTypes& types, const Clock& clock,
                                                     StoreOptions options);
  ~Store();

  // Answers by `deadline`, also when the database is silent.
  // Errors: UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED (no connection came free
  // in time).
  absl::StatusOr<std::unique_ptr<Snapshot>> Read(absl::Time deadline);

  // Runs `mutation` and waits until it is durable. See Committer::Submit. At the context's
  // deadline it answers at once, or as soon as a closure that is running has returned:
  // DEADLINE_EXCEEDED when the closure was never run, else OUTCOME_UNKNOWN. With
  // validate_only it runs on a snapshot and writes nothing.
  absl::StatusOr<Committed> Mutate(MutationContext context, Mutation mutation);

  // What an earlier call with the context's request_id wrote, for work that begins long
  // before its mutation. Errors: REQUEST_ID_REUSED.
  absl::StatusOr<std::optional<Committed>> FindReplay(const MutationContext& context);

  // Takes or renews a lease: true when `holder` has it for `ttl` from now. A courtesy
  // between replicas: closures that rely on it check HoldsLease themselves.
  absl::StatusOr<bool> TryLease(absl::string_view name, absl::string_view holder,
                                absl::Duration ttl);

  // Forgets idempotency keys older than `keep` (at least 24 h).
  absl::Status ForgetRequests(absl::Duration keep);

  // Erases the image of a Change; its proof stays. Errors: CHANGE_NOT_FOUND.
  absl::Status RedactImage(int64_t revision);
  // Erases the images of these Changes together, and the digests of the requests that wrote
  // them, from which contents could be guessed. Says of how many.
  absl::StatusOr<int64_t> RedactImages(const std::vector<int64_t>& revisions);
  // Grows with every RedactImages of this process: what was read before may hold more.
  int64_t redactions() const { return redactions_; }
  // Takes what was overwritten out of the database's files too, as far as the database lets
  // us: empties SQLite's journal; PostgreSQL keeps old rows until it vacuums.
  // Errors: UNAVAILABLE when readers stayed in the way.
  absl::Status EmptyJournal();

  // OK while the database answers.
  absl::Status Probe();

  // True while heads() is known to show every commit up to about `age` ago, other
  // replicas' too. A feed may say "nothing new" only then.
  bool HeadConfirmedWithin(absl::Duration age) const;

  const std::string& service() const { return service_; }
  const std::string& domain() const { return domain_; }
  const ResourceTypes& types() const { return types_; }
  const Clock& clock() const { return clock_; }
  // Key of the page tokens; the same for all replicas.
  const std::string& page_key() const { return page_key_; }
  HeadWatch& heads() { return heads_; }
  // "agreements@LOG:17"
  std::string RevisionToken(const Position& position) const;

 private:
  Store(absl::string_view service, absl::string_view domain, const ResourceTypes& types,
        const Clock& clock, StoreOptions options);
  absl::Status Start();
  absl::Status StartNewLog(sql::Connection& connection);
  absl::StatusOr<Committed> Validate(const MutationContext& context, const Mutation& mutation);
  void PollHead();

  const std::string service_;
  const std::string domain_;
  const ResourceTypes& types_;
  const Clock& clock_;
  const StoreOptions options_;
  std::string page_key_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<sql::Pool> pool_;
  HeadWatch heads_;
  std::unique_ptr<Committer> committer_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int64_t> redactions_ = 0;
  // When the poller last read the head, in steady nanoseconds; PostgreSQL only.
  std::atomic<int64_t> polled_at_ = 0;
  std::thread poller_;
};

}  // namespace accord::store
