// A JWKS file that changes while the program runs, as keys are rotated.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/key_set.h"

namespace accord::auth {

class KeyFile {
 public:
  using Keys = std::shared_ptr<const KeySet>;

  // Errors: NOT_FOUND, KEYS_MISSING; those of KeySet::Parse.
  static absl::StatusOr<Keys> Read(const std::string& path);

  // Looks every `period` and calls `changed`, on a thread of its own, with what is new. A
  // file that cannot be read or holds no good keys is told in the log; the keys before it
  // stay.
  KeyFile(std::string path, std::function<void(Keys)> changed,
          absl::Duration period = absl::Seconds(1));
  ~KeyFile();
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;

 private:
  void Run();
  void Look();

  const std::string path_;
  const std::function<void(Keys)> changed_;
  const absl::Duration period_;
  std::string text_;  // As last looked at.
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace accord::auth
