#include "common/store/head_watch.h"

namespace accord::store {

void HeadWatch::Publish(const Position& head) {
  {
    std::lock_guard lock(mutex_);
    if (head.log_id == head_.log_id && head.revision <= head_.revision) return;
    head_ = head;
  }
  moved_.notify_all();
}

Position HeadWatch::Current() const {
  std::lock_guard lock(mutex_);
  return head_;
}

int64_t HeadWatch::Wakes() const {
  std::lock_guard lock(mutex_);
  return wakes_;
}

Position HeadWatch::WaitPast(int64_t revision, int64_t wakes, absl::Time deadline) const {
  std::unique_lock lock(mutex_);
  moved_.wait_until(lock, absl::ToChronoTime(deadline),
                    [&] { return head_.revision > revision || wakes_ > wakes; });
  return head_;
}

void HeadWatch::WakeAll() {
  {
    std::lock_guard lock(mutex_);
    ++wakes_;
  }
  moved_.notify_all();
}

}  // namespace accord::store
