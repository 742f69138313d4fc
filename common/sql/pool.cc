#include "common/sql/pool.h"

#include <chrono>

#include "absl/time/clock.h"
#include "common/base/status.h"

namespace accord::sql {

Pool::Lease::~Lease() {
  if (pool_ == nullptr) return;
  connection_->Rollback();
  pool_->GiveBack(std::move(connection_));
}

absl::StatusOr<Pool::Lease> Pool::Take(absl::Time deadline) {
  ACCORD_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, TakeSlot(deadline));
  if (connection != nullptr && !connection->broken()) return Lease(this, std::move(connection));
  // Outside the lock: opening may take as long as the connect timeout.
  connection.reset();
  absl::StatusOr<std::unique_ptr<Connection>> fresh = database_->Connect(Access::kRead, deadline);
  if (fresh.ok()) return Lease(this, *std::move(fresh));
  GiveBack(nullptr);
  return fresh.status();
}

absl::StatusOr<std::unique_ptr<Connection>> Pool::TakeSlot(absl::Time deadline) {
  std::unique_lock lock(mutex_);
  const auto freed = [this] { return free_slots_ > 0; };
  if (deadline == absl::InfiniteFuture()) {
    slot_freed_.wait(lock, freed);
  } else if (!slot_freed_.wait_until(lock, absl::ToChronoTime(deadline), freed)) {
    return absl::ResourceExhaustedError("all database connections are in use");
  }
  --free_slots_;
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Connection> connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void Pool::GiveBack(std::unique_ptr<Connection> connection) {
  {
    std::lock_guard lock(mutex_);
    ++free_slots_;
    if (connection != nullptr && !connection->broken()) idle_.push_back(std::move(connection));
  }
  slot_freed_.notify_one();
}

}  // namespace accord::sql
