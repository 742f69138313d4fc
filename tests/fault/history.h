// What clients saw while something was broken, and the rules that it has to keep.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace accord::fault {

// A place in a service's log.
struct Place {
  std::string log;
  int64_t revision = 0;
  // As freshness tokens name it.
  std::string service = "agreements";

  bool operator==(const Place&) const = default;
};

// "service@log:revision"; empty when it is not of that form.
std::optional<Place> ParsePlace(const std::string& text);
std::string FormatPlace(const Place& place);

// One call, however it ended.
struct Call {
  absl::Time begun;
  absl::Time ended;
  absl::Duration timeout;
  absl::Status status;
};

// The counter of an agency was set to `counter`, one more than before. One writer sets all
// counters of an agency, and goes on only once it was acknowledged.
struct Write {
  std::string agency;
  int64_t counter = 0;
  // Of the first try.
  absl::Time sent;
  // Infinite while nobody has said that it happened.
  absl::Time acked = absl::InfiniteFuture();
  Place place{};
  // When a restore took it back.
  absl::Time undone = absl::InfiniteFuture();
};

// A status that was asked for, with what the answer showed.
struct Read {
  Call call;
  std::string agency;
  // The freshness token that was sent along.
  std::optional<Place> wanted;
  // As all below, of an OK answer. 0 is the agency as it was created.
  int64_t counter = 0;
  Place place{};
  // False when the answer was labelled as the last known one.
  bool reachable = false;
  bool freshness_met = false;
};

// What the log holds of an agency's counters.
struct Logged {
  std::string agency;
  int64_t counter = 0;
  Place place{};
};

struct History {
  std::vector<Call> write_calls;
  std::vector<Write> writes;
  std::vector<Read> reads;
  // In order of revision.
  std::vector<Logged> log;
};

struct Rules {
  // An unlabelled answer shows what was acknowledged so long before it was asked for.
  absl::Duration bound = absl::Seconds(3);
  // How far a call may go beyond its deadline, on a machine that is busy.
  absl::Duration slack = absl::Seconds(1);
  std::set<absl::StatusCode> read_errors{};
  std::set<absl::StatusCode> write_errors{};
  // From here on every read is answered, unlabelled and as fresh as it was asked for.
  absl::Time well_from = absl::InfiniteFuture();
};

// Every way in which the history breaks the rules, in words. Pure.
//
// 1. An answer that meets its token shows what was written at the token's revision.
// 2. An unlabelled answer shows what was acknowledged `bound` before it was asked for, and
//    nothing that a restore has taken back so long ago. No answer shows what nobody has
//    written yet.
// 3. Every call ends by its deadline; errors are of the allowed codes and carry a reason.
// 4. Every acknowledged write that was not undone is in the log once, where it was said to
//    be; none is there twice, and each agency's are in order.
// 5. From `well_from` on there are reads, and all are answered, unlabelled, and meet their
//    tokens.
std::vector<std::string> Violations(const History& history, const Rules& rules);

// One line for the test's output: counts of what happened, and how long reads took.
std::string Summary(const History& history);

}  // namespace accord::fault
