// A fixed number of threads behind a bounded queue.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace accord::rpc {

// Thread-safe.
class WorkerPool {
 public:
  // At least one worker; `queue` tasks may wait beyond those that run.
  WorkerPool(int workers, int queue);
  // Runs what is queued, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False, without running or keeping `task`, when the queue is full. A task
  // must not throw.
  bool TrySubmit(std::function<void()> task);

 private:
  void Work();

  const size_t queue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  size_t idle_ = 0;  // Workers that wait for a task.
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace accord::rpc
