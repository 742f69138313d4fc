// Runs short functions later, on one thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace accord::cache {

// Thread-safe.
class Timer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Timer();
  ~Timer() { Stop(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Runs `task` at `when` or a little later, each after the ones before it, so a task must
  // be short. Dropped without being run if Stop comes first.
  void At(Time when, std::function<void()> task);
  // Waits for the task that runs, if any; nothing runs afterwards. Not from a task.
  void Stop();

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Time, std::function<void()>> tasks_;  // Guarded by mutex_, as all below.
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace accord::cache
