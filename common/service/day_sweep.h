// A date that passes is an event: runs a service's sweep once at start and at every
// midnight in the program's zone.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/calendar/date.h"
#include "common/store/store.h"

namespace accord::service {

// The first instant of the day after the one that `now` lies in.
absl::Time NextMidnight(absl::Time now, absl::TimeZone zone);

// Runs `sweep(date, keep_going)` on its own thread. Replicas take turns by a lease, and at
// midnight only the first of them sweeps; both are a courtesy: the sweep itself must be
// idempotent by (subject, rule, date). A failed one is tried again after `retry`.
class DaySweep {
 public:
  // A sweep calls it between its batches, which it keeps to seconds, and returns what it gives.
  // Keeps the lease. CANCELLED when the program ends; UNAVAILABLE when another replica has taken
  // over.
  using KeepGoing = std::function<absl::Status()>;
  using Sweep = std::function<absl::Status(Date today, const KeepGoing& keep_going)>;

  // `store` outlives it.
  DaySweep(store::Store& store, absl::TimeZone zone, Sweep sweep,
           absl::Duration retry = absl::Seconds(30));
  ~DaySweep();

 private:
  void Run();
  absl::Status RunOnce(Date today, bool at_start);
  absl::Status TakeLease();
  absl::Status KeepLease();
  absl::StatusOr<bool> WasSwept(const std::string& mark);
  // Keeps the mark and gives the lease back.
  absl::Status Finish(const std::string& mark);
  // False when it is time to end.
  bool SleepUntil(absl::Time time);
  bool is_stopping();

  store::Store& store_;
  const absl::TimeZone zone_;
  const Sweep sweep_;
  const absl::Duration retry_;
  const std::string holder_;
  absl::Time renew_at_;  // Of the thread alone.

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace accord::service
