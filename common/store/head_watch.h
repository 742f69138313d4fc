// Tells whoever waits that the log has grown.
#pragma once

#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"
#include "common/store/reader.h"

namespace accord::store {

// Thread-safe.
class HeadWatch {
 public:
  // A position that is not ahead of the known one is ignored, unless the log is another.
  void Publish(const Position& head);
  Position Current() const;
  // How often WakeAll was called.
  int64_t Wakes() const;
  // Returns as soon as the log is past `revision` or WakeAll was called more than `wakes`
  // times, else at `deadline`. Who takes Wakes() before looking for work misses no call.
  Position WaitPast(int64_t revision, int64_t wakes, absl::Time deadline) const;
  // Ends every wait that is under way, and every later one that knows an older Wakes().
  void WakeAll();

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable moved_;
  Position head_;      // Guarded by mutex_.
  int64_t wakes_ = 0;  // Guarded by mutex_.
};

}  // namespace accord::store
