// Makes calls as fast as they are answered, over the callback API, and says how it went.
// Bytes in, bytes out: the client's own work is the same whatever is called.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace accord::bench {

struct LoadOptions {
  std::string address = {};
  // PEM file of the authorities that the server's certificate must come from; empty calls
  // in plain text.
  std::string ca = {};
  // Bearer token that every call brings; empty is none.
  std::string token = {};
  // "/package.Service/Method".
  std::string method = {};
  // The serialized request of call number 0, 1, 2, … Called from several threads.
  std::function<std::string(int64_t)> request = {};
  // Calls kept going, spread over the connections.
  int in_flight = 32;
  int connections = 4;
  // Calls of this time are made but not counted; it opens the connections.
  absl::Duration warm_up = absl::Milliseconds(300);
  // Ends after this long, or after `calls`, whichever comes first.
  absl::Duration length = absl::Seconds(1);
  int64_t calls = std::numeric_limits<int64_t>::max();
  absl::Duration call_timeout = absl::Seconds(20);
  // Failures are counted, not an error: what an overloaded server answers.
  bool may_fail = false;
  // How long a caller that was refused with RESOURCE_EXHAUSTED waits before it calls again.
  absl::Duration wait_after_refusal = absl::ZeroDuration();
  // The process whose CPU time is taken; 0 is none.
  pid_t server = 0;
};

struct LoadResult {
  int64_t answered = 0;
  // Failed calls, by status code and message; the first of each code.
  std::map<std::string, int64_t> failed;
  double per_second = 0;  // Answered ones.
  absl::Duration p50;
  absl::Duration p99;
  // Of the server, for each call answered.
  absl::Duration cpu_per_call;

  double p50_us() const { return absl::ToDoubleMicroseconds(p50); }
  double p99_us() const { return absl::ToDoubleMicroseconds(p99); }
  double cpu_us() const { return absl::ToDoubleMicroseconds(cpu_per_call); }
};

// Blocks for warm_up + length. INTERNAL when calls failed that may not, or when none
// was answered; INVALID_ARGUMENT for a file of authorities that cannot be read.
absl::StatusOr<LoadResult> RunLoad(const LoadOptions& options);

// The value below which `share` of them lie; zero when there are none.
absl::Duration Percentile(std::vector<absl::Duration>& values, double share);

}  // namespace accord::bench
