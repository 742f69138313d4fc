// Texts that change while the program runs, such as files or what a URL serves: read again
// and again, and put to use when they are new.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace accord::auth {

// When a source is looked at.
struct LookTimes {
  absl::Duration period = absl::Seconds(1);
  // After the first look that failed; it doubles with each, up to `period`.
  absl::Duration retry = absl::Seconds(1);
  // At least between two looks that were asked for with Hurry.
  absl::Duration between_hurries = absl::Seconds(30);
};

// What the next look depends on. Times are those of a clock that only goes forward.
struct LookState {
  absl::Time last{};
  std::optional<absl::Time> last_hurried{};
  bool hurry = false;
  // Looks that failed, one after the other, up to now.
  int failures = 0;
};

absl::Time NextLook(const LookTimes& times, const LookState& state);

struct SourceOptions {
  // As the log calls it: "token keys", and where it is.
  std::string name{};
  std::string location{};
  // May block, for seconds at most.
  std::function<absl::StatusOr<std::vector<std::string>>()> read{};
  // Puts new texts to use, or says why they are not good; then what was in use stays.
  std::function<absl::Status(const std::vector<std::string>&)> use{};
  LookTimes times{};
};

// Looks on a thread of its own. What cannot be read or used is told in the log, once until
// something else is wrong. Thread-safe.
class SourceWatch {
 public:
  enum class First {
    kMustSucceed,
    // Told in the log, and looked for again.
    kMayFail,
  };
  // Looks once before it returns. The error of that look, where it must succeed.
  static absl::StatusOr<std::unique_ptr<SourceWatch>> Start(SourceOptions options, First first);
  // Waits for a look that is under way.
  ~SourceWatch();
  SourceWatch(const SourceWatch&) = delete;
  SourceWatch& operator=(const SourceWatch&) = delete;

  // Looks soon, without waiting for the period.
  void Hurry();

 private:
  explicit SourceWatch(SourceOptions options) : options_(std::move(options)) {}

  void Run();
  // False when it is to end.
  bool AwaitNext();
  absl::Status Look();
  absl::Status ReadAndUse();

  const SourceOptions options_;
  // Of the looking thread, as texts last used or found to be bad.
  std::vector<std::string> texts_;
  absl::Status outcome_;  // Of `texts_`.
  std::string told_;      // The error that the log knows of.
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // Guarded by mutex_, as all below.
  LookState state_;
  std::thread thread_;
};

}  // namespace accord::auth
