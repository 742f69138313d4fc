#include "tests/fault/history.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/rpc/revision.h"

namespace accord::fault {
namespace {

// Of one agency, in the order sent.
using Writes = std::vector<const Write*>;

bool Acked(const Write& write) { return write.acked != absl::InfiniteFuture(); }
bool Undone(const Write& write) { return write.undone != absl::InfiniteFuture(); }

std::string Text(const Write& write) {
  return absl::StrCat(write.agency, " = ", write.counter, " (", FormatPlace(write.place), ")");
}

std::string Text(const Read& read) {
  std::string text = absl::StrCat("read of ", read.agency, " at ",
                                  absl::FormatTime(read.call.begun, absl::UTCTimeZone()));
  if (!read.call.status.ok()) return absl::StrCat(text, ": ", read.call.status.ToString());
  if (read.wanted) absl::StrAppend(&text, " wanting ", FormatPlace(*read.wanted));
  return absl::StrCat(text, " showed ", read.counter, " at ", FormatPlace(read.place),
                      read.reachable ? "" : ", labelled", read.freshness_met ? "" : ", not met");
}

class Checker {
 public:
  Checker(const History& history, const Rules& rules) : history_(history), rules_(rules) {
    for (const Write& write : history.writes) writes_[write.agency].push_back(&write);
  }

  std::vector<std::string> Run() {
    for (const Read& read : history_.reads) CheckRead(read);
    for (const Call& call : history_.write_calls) CheckCall(call, "write", rules_.write_errors);
    CheckLog();
    CheckWell();
    return std::move(violations_);
  }

 private:
  void Add(int rule, const std::string& what) {
    violations_.push_back(absl::StrCat("rule ", rule, ": ", what));
  }

  void CheckCall(const Call& call, const std::string& what,
                 const std::set<absl::StatusCode>& allowed) {
    if (call.ended > call.begun + call.timeout + rules_.slack) {
      Add(3, absl::StrCat(what, " took ", absl::FormatDuration(call.ended - call.begun), " of ",
                          absl::FormatDuration(call.timeout)));
    }
    if (call.status.ok()) return;
    if (allowed.count(call.status.code()) == 0) Add(3, what + ": " + call.status.ToString());
    if (GetReason(call.status).empty()) {
      Add(3, what + " has no reason: " + call.status.ToString());
    }
  }

  void CheckRead(const Read& read) {
    CheckCall(read.call, Text(read), rules_.read_errors);
    if (!read.call.status.ok()) return;
    CheckToken(read);
    CheckWritten(read);
    if (read.reachable) CheckFresh(read);
  }

  void CheckToken(const Read& read) {
    if (!read.wanted || !read.freshness_met) return;
    if (read.wanted->log != read.place.log) Add(1, Text(read) + ", another log's");
    for (const Write* write : WritesOf(read.agency)) {
      const bool before =
          write->place.log == read.wanted->log && write->place.revision <= read.wanted->revision;
      if (before && Acked(*write) && !Undone(*write) && write->counter > read.counter) {
        Add(1, Text(read) + ", older than " + Text(*write));
        return;
      }
    }
  }

  void CheckWritten(const Read& read) {
    if (read.counter == 0) return;
    const Write* write = Find(read.agency, read.counter);
    if (write == nullptr || write->sent > read.call.ended) {
      Add(2, Text(read) + ", which nobody had written");
    } else if (read.reachable && read.call.begun > write->undone + rules_.bound) {
      Add(2, Text(read) + ", which was taken back");
    }
  }

  void CheckFresh(const Read& read) {
    const Writes& writes = WritesOf(read.agency);
    for (auto write = writes.rbegin(); write != writes.rend(); ++write) {
      if ((*write)->counter <= read.counter) return;
      if (!Undone(**write) && (*write)->acked + rules_.bound < read.call.begun) {
        Add(2, Text(read) + ", older than " + Text(**write));
        return;
      }
    }
  }

  void CheckLog() {
    std::map<std::pair<std::string, int64_t>, std::vector<Place>> logged;
    std::map<std::string, int64_t> newest;
    for (const Logged& entry : history_.log) {
      const std::string text = absl::StrCat(entry.agency, " = ", entry.counter);
      if (Find(entry.agency, entry.counter) == nullptr) Add(4, text + " was not written");
      std::vector<Place>& places = logged[{entry.agency, entry.counter}];
      if (!places.empty()) Add(4, text + " is in the log twice");
      if (entry.counter < newest[entry.agency]) Add(4, text + " is out of order");
      places.push_back(entry.place);
      newest[entry.agency] = entry.counter;
    }
    for (const Write& write : history_.writes) {
      if (!Acked(write) || Undone(write)) continue;
      const auto found = logged.find({write.agency, write.counter});
      if (found == logged.end()) {
        Add(4, Text(write) + " was acknowledged and is not in the log");
      } else if (found->second.front() != write.place) {
        Add(4, Text(write) + " is in the log at " + FormatPlace(found->second.front()));
      }
    }
  }

  void CheckWell() {
    if (rules_.well_from == absl::InfiniteFuture()) return;
    int reads = 0;
    for (const Read& read : history_.reads) {
      if (read.call.begun < rules_.well_from) continue;
      ++reads;
      const bool fresh = !read.wanted || read.freshness_met;
      if (!read.call.status.ok() || !read.reachable || !fresh) Add(5, Text(read));
    }
    if (reads == 0) Add(5, "nothing was read once it should have been well");
  }

  const Writes& WritesOf(const std::string& agency) const {
    static const auto& none = *new Writes();
    const auto found = writes_.find(agency);
    return found == writes_.end() ? none : found->second;
  }
  const Write* Find(const std::string& agency, int64_t counter) const {
    const Writes& writes = WritesOf(agency);
    const auto found = std::lower_bound(
        writes.begin(), writes.end(), counter,
        [](const Write* write, int64_t wanted) { return write->counter < wanted; });
    return found != writes.end() && (*found)->counter == counter ? *found : nullptr;
  }

  const History& history_;
  const Rules& rules_;
  std::map<std::string, Writes> writes_;
  std::vector<std::string> violations_;
};

}  // namespace

std::optional<Place> ParsePlace(const std::string& text) {
  auto revision = rpc::ParseRevision(text);
  if (!revision) return std::nullopt;
  return Place{std::move(revision->log), revision->revision, std::move(revision->service)};
}

std::string FormatPlace(const Place& place) {
  return rpc::FormatRevision({place.service, place.log, place.revision});
}

std::vector<std::string> Violations(const History& history, const Rules& rules) {
  return Checker(history, rules).Run();
}

std::string Summary(const History& history) {
  std::map<std::string, int> kinds;
  std::vector<absl::Duration> took;
  for (const Read& read : history.reads) {
    const absl::Status& status = read.call.status;
    const std::string kind =
        status.ok() ? (read.reachable ? "unlabelled" : "labelled") : GetReason(status);
    ++kinds[kind];
    took.push_back(read.call.ended - read.call.begun);
  }
  std::sort(took.begin(), took.end());
  const auto quantile = [&took](double q) {
    return took.empty() ? absl::ZeroDuration()
                        : took[static_cast<size_t>(q * static_cast<double>(took.size() - 1))];
  };
  const auto acked = std::count_if(history.writes.begin(), history.writes.end(), Acked);
  std::string text = absl::StrCat(history.reads.size(), " reads (");
  for (const auto& [kind, count] : kinds) absl::StrAppend(&text, " ", kind, " ", count);
  return absl::StrCat(text, " ) in p50 ", absl::FormatDuration(quantile(0.5)), ", p99 ",
                      absl::FormatDuration(quantile(0.99)), ", max ",
                      absl::FormatDuration(quantile(1)), "; ", history.write_calls.size(),
                      " write calls, ", acked, " acknowledged");
}

}  // namespace accord::fault
