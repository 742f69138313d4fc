// A bounded set of read connections, lent one at a time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/sql/sql.h"

namespace accord::sql {

// Thread-safe. Outlives its leases, and `database` outlives it.
class Pool {
 public:
  // Gives the connection back when it goes out of scope, rolled back.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(connection_, other.connection_);
      return *this;
    }
    ~Lease();

    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

   private:
    friend class Pool;
    Lease(Pool* pool, std::unique_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}

    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // At most `size` (>= 1) connections, opened when first needed.
  Pool(Database* database, int size) : database_(database), free_slots_(size) {}

  // Lends a connection; a broken one is thrown away and replaced.
  // Errors: RESOURCE_EXHAUSTED when none came free before `deadline`,
  // UNAVAILABLE when a new one cannot be opened.
  absl::StatusOr<Lease> Take(absl::Time deadline);

 private:
  // Waits for a slot; its idle connection is null when there is none yet.
  absl::StatusOr<std::unique_ptr<Connection>> TakeSlot(absl::Time deadline);
  void GiveBack(std::unique_ptr<Connection> connection);

  Database* const database_;
  std::mutex mutex_;
  std::condition_variable slot_freed_;
  int free_slots_;                                 // Guarded by mutex_.
  std::vector<std::unique_ptr<Connection>> idle_;  // Guarded by mutex_; at most free_slots_.
};

}  // namespace accord::sql
