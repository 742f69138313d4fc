// An asynchronous, pipelined Redis client for a cache: whatever happens to the server,
// every call is answered in time, and what went wrong is a miss with a reason.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/cache/envelope.h"
#include "common/cache/redis_metrics.h"
#include "common/cache/redis_reply.h"
#include "common/cache/redis_socket.h"

namespace accord::cache {

struct RedisOptions {
  RedisAddress address{};
  // AUTH is sent if there is a password. The file is read at each connection, without its
  // trailing line ends, so a password can be changed in place; it goes before `password`.
  std::string user{};
  std::string password{};
  std::string password_file{};

  // From a call to its callback, at most.
  absl::Duration operation_timeout = absl::Milliseconds(20);
  // To connect, shake hands, authenticate and get an answer to a PING.
  absl::Duration connect_timeout = absl::Milliseconds(250);
  // So many timeouts or refusals to serve in a row open the circuit, as does a lost
  // connection. It stays open for `open_for`, twice as long each time up to `open_at_most`
  // (less up to a half, by chance), until a probe on a new connection succeeds.
  int failures_to_open = 3;
  absl::Duration open_for = absl::Milliseconds(100);
  absl::Duration open_at_most = absl::Seconds(5);
  // Operations that may be under way, and the bytes of their commands.
  size_t max_operations = 1024;
  size_t max_pending_bytes = size_t{16} << 20;
  // Larger values are neither stored nor read.
  size_t max_value_bytes = size_t{1} << 20;
};

// Thread-safe. A callback is called exactly once: on the client's own thread, where it must
// not block, or, when the operation is refused at once (not connected, queue full, stopped,
// too large), on the caller's thread before the call returns.
class RedisClient {
 public:
  // `value` is null unless the outcome is kOk.
  using GetDone = std::function<void(RedisOutcome outcome, std::string value)>;
  using Done = std::function<void(RedisOutcome outcome)>;

  // Begins to connect and does not wait for it. `registry` outlives this.
  RedisClient(RedisOptions options, prometheus::Registry& registry);
  ~RedisClient() { Stop(); }
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  // What StoreIfNewer stored. Also kMissing, kDamaged (something else), kTooLarge.
  void Get(const std::string& key, GetDone done);
  // Replaces only what is older (`version`, see Replaces), in one step on the server; else
  // kNotNewer. It expires `expire_after` (at least 1 ms) later, however often it is read.
  void StoreIfNewer(const std::string& key, absl::string_view value, const Version& version,
                    absl::Duration expire_after, Done done);
  // kOk: nobody else holds `key`, for `hold` (at least 1 ms) or until it is released with
  // the same token. A courtesy among those who ask, which the server may forget at any
  // time: nothing may rest on it. Else kHeld.
  void TryLease(const std::string& key, const std::string& token, absl::Duration hold, Done done);
  // Does nothing if the token is another.
  void ReleaseLease(const std::string& key, const std::string& token, Done done);
  // Drops whatever is under the key, to make room where a damaged entry stands.
  void Discard(const std::string& key, Done done);

  BreakerState breaker() const { return breaker_.load(); }
  // Ends what is under way with kUnavailable and waits for the callbacks; what is asked
  // afterwards is refused. Not from a callback.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Phase { kDown, kOpening, kProbing, kUp };

  struct Operation {
    RedisOperation kind = RedisOperation::kGet;
    std::string command;   // As it goes to the server.
    std::string fallback;  // The same with the script's text; empty without a script.
    Clock::time_point started;
    Clock::time_point deadline;
    GetDone done;  // Empty once called: the reply is still to come.
    size_t cost = 0;
  };

  void Submit(RedisOperation kind, std::string command, std::string fallback, GetDone done);
  // Whether the operation was taken over.
  bool Accept(Operation& operation, RedisOutcome* refused);
  void Wake();
  void End(Operation& operation, RedisOutcome outcome, std::string value);

  // On the client's thread only, as all below.
  void Run();
  void Advance(Clock::time_point now);
  void Open(Clock::time_point now);
  void Establish();
  void SendProbe();
  void Wait(Clock::time_point now);
  Clock::time_point NextDeadline() const;
  void TakeIncoming();
  void Write();
  void DropSent();
  void Read();
  void ParseReplies();
  void OnProbeReply(const RedisReply& reply);
  void OnReply(const RedisReply& reply);
  void Expire(Clock::time_point now);
  void CountFailure();
  void Close(absl::string_view why);
  void SetPhase(Phase phase, BreakerState breaker);
  std::string Password() const;

  const RedisOptions options_;
  RedisMetrics metrics_;
  const int wake_fd_;
  std::atomic<BreakerState> breaker_{BreakerState::kOpen};
  std::once_flag stopped_;

  std::mutex mutex_;
  std::vector<Operation> incoming_;  // Guarded by mutex_, as all up to the blank line.
  bool accepting_ = false;
  bool stopping_ = false;
  size_t pending_ = 0;
  size_t pending_bytes_ = 0;

  Phase phase_ = Phase::kDown;  // Of the client's thread, as all below.
  std::unique_ptr<RedisSocket> socket_;
  std::unique_ptr<ReplyReader> reader_;
  RedisSocket::Progress wants_ = RedisSocket::Progress::kDone;
  std::string out_;
  size_t out_sent_ = 0;
  std::deque<Operation> in_flight_;  // In the order of their replies.
  int probes_ = 0;                   // Replies of the probe that are still to come.
  Clock::time_point phase_deadline_;
  unsigned attempts_ = 0;
  int failures_ = 0;
  absl::Duration open_for_;
  std::minstd_rand random_{std::random_device{}()};
  std::thread thread_;
};

}  // namespace accord::cache
