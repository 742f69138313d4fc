// How long a change takes to reach those who wait for it, while 500 a second are made.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/feed/follower.h"
#include "common/rpc/channel.h"
#include "tests/bench/benches.h"
#include "tests/bench/load.h"
#include "tests/bench/stage.h"

namespace accord::bench {
namespace {

namespace av1 = agreements::v1;

constexpr int kAgreements = 2'500;
constexpr int kAgencies = 1'000;
constexpr int kPerSecond = 500;
// Each of so many changes is also looked for in its agency's status.
constexpr int kOneOf = 20;
constexpr int kLookers = 4;
constexpr absl::Duration kPatience = absl::Seconds(30);

struct Moments {
  absl::Time sent = absl::InfiniteFuture();
  absl::Time acknowledged = absl::InfiniteFuture();
  absl::Time delivered = absl::InfiniteFuture();
  // Of the first status that shows it: asked and answered.
  absl::Time shown_asked = absl::InfiniteFuture();
  absl::Time shown = absl::InfiniteFuture();
};

// One round: the changes numbered from `first`, made at their pace. Thread-safe.
class Round {
 public:
  Round(int64_t first, int changes) : first_(first), moments_(changes) {}

  int64_t first() const { return first_; }
  int changes() const { return static_cast<int>(moments_.size()); }
  // One of the changes looked for in statuses?
  bool LookedFor(int64_t number) const { return number % kOneOf == 0; }

  void Mark(int64_t number, absl::Time Moments::*moment, absl::Time at = absl::Now()) {
    const int64_t index = number - first_;
    if (index < 0 || index >= changes()) return;  // Of an earlier round.
    std::lock_guard lock(mutex_);
    moments_[index].*moment = at;
    changed_.notify_all();
  }
  void Failed(const absl::Status& status) {
    std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = status;
    changed_.notify_all();
  }

  // Until every change has arrived everywhere.
  absl::Status Wait() {
    std::unique_lock lock(mutex_);
    const bool in_time = changed_.wait_until(lock, absl::ToChronoTime(absl::Now() + kPatience),
                                             [this] { return !failure_.ok() || Complete(); });
    if (!in_time) return absl::DeadlineExceededError("some changes did not arrive");
    return failure_;
  }

  // After Wait, from one moment to the other, of the changes that have both.
  std::vector<absl::Duration> Between(absl::Time Moments::*from, absl::Time Moments::*to) {
    std::lock_guard lock(mutex_);
    std::vector<absl::Duration> took;
    for (const Moments& each : moments_) {
      if (each.*to != absl::InfiniteFuture()) took.push_back(each.*to - each.*from);
    }
    return took;
  }

 private:
  bool Complete() const {
    for (size_t i = complete_; i < moments_.size(); ++i) {
      const Moments& each = moments_[i];
      const bool arrived =
          each.acknowledged != absl::InfiniteFuture() && each.delivered != absl::InfiniteFuture() &&
          (!LookedFor(first_ + static_cast<int64_t>(i)) || each.shown != absl::InfiniteFuture());
      if (!arrived) return false;
      complete_ = i + 1;
    }
    return true;
  }

  const int64_t first_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Moments> moments_;  // Guarded by mutex_.
  mutable size_t complete_ = 0;   // All before this have arrived. Guarded by mutex_.
  absl::Status failure_;          // Guarded by mutex_.
};

// The number in a county that CountyUpdate wrote; -1 in any other.
int64_t NumberOf(const av1::Agency& agency) {
  const std::vector<std::string> words = absl::StrSplit(agency.county(), ' ');
  int64_t number = -1;
  if (words.size() < 2 || !absl::SimpleAtoi(words[1], &number)) return -1;
  return number;
}

// Threads that ask for the status of an agency until it shows a change.
class Lookers {
 public:
  Lookers(gateway::v1::Gateway::Stub& stub, Round& round) : stub_(stub), round_(round) {
    for (int i = 0; i < kLookers; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Lookers() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void LookFor(int64_t number, const std::string& agency) {
    std::lock_guard lock(mutex_);
    waiting_.emplace_back(number, agency);
    wake_.notify_one();
  }

 private:
  void Run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const auto [number, agency] = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      LookUntilShown(number, agency);
    }
  }

  void LookUntilShown(int64_t number, const std::string& agency) {
    gateway::v1::GetAgencyStatusRequest request;
    request.set_agency(agency);
    const absl::Time give_up = absl::Now() + kPatience;
    while (absl::Now() < give_up) {
      const absl::Time asked = absl::Now();
      const auto status =
          rpc::CallUnary(stub_, &gateway::v1::Gateway::Stub::GetAgencyStatus, request);
      if (!status.ok()) return round_.Failed(status.status());
      if (NumberOf(status->agency()) < number) continue;
      round_.Mark(number, &Moments::shown_asked, asked);
      return round_.Mark(number, &Moments::shown);
    }
  }

  gateway::v1::Gateway::Stub& stub_;
  Round& round_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<int64_t, std::string>> waiting_;  // Guarded by mutex_.
  bool stopping_ = false;                                // Guarded by mutex_.
  std::vector<std::thread> threads_;
};

// Makes the changes of a round, each at its time, whether the one before is done or not.
class Writer {
 public:
  Writer(av1::Agreements::Stub& stub, const std::vector<std::string>& agencies, Round& round,
         Lookers& lookers)
      : stub_(stub), agencies_(agencies), round_(round), lookers_(lookers) {}

  void Run() {
    const absl::Time started = absl::Now();
    for (int i = 0; i < round_.changes(); ++i) {
      std::this_thread::sleep_until(
          absl::ToChronoTime(started + i * absl::Seconds(1) / kPerSecond));
      Send(round_.first() + i);
    }
  }

 private:
  struct Call {
    grpc::ClientContext context;
    av1::UpdateAgencyRequest request;
    av1::Agency response;
  };

  void Send(int64_t number) {
    const std::string& agency = agencies_[number % agencies_.size()];
    auto call = std::make_shared<Call>();
    call->request = CountyUpdate(agency, number);
    call->context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    round_.Mark(number, &Moments::sent);
    stub_.async()->UpdateAgency(&call->context, &call->request, &call->response,
                                [this, call, number, agency](const grpc::Status& status) {
                                  const absl::Time now = absl::Now();
                                  if (!status.ok())
                                    return round_.Failed(rpc::FromGrpcStatus(status));
                                  if (round_.LookedFor(number)) lookers_.LookFor(number, agency);
                                  round_.Mark(number, &Moments::acknowledged,
                                              now);  // The round may be over now.
                                });
  }

  av1::Agreements::Stub& stub_;
  const std::vector<std::string>& agencies_;
  Round& round_;
  Lookers& lookers_;
};

// One watcher of the log, for all rounds.
class Watcher {
 public:
  explicit Watcher(const std::string& address)
      : follower_(
            *rpc::MakeChannel(address), {}, {},
            [this](const log::v1::WatchChangesResponse& batch) { return Take(batch); },
            [](const absl::Status&) {}) {}

  // Tells this round from now on; null for none.
  void Tell(Round* round) {
    std::lock_guard lock(mutex_);
    round_ = round;
  }

 private:
  absl::Status Take(const log::v1::WatchChangesResponse& batch) {
    const absl::Time now = absl::Now();
    std::lock_guard lock(mutex_);
    if (round_ == nullptr) return absl::OkStatus();
    av1::Agency agency;
    for (const log::v1::Change& change : batch.changes()) {
      if (change.image().UnpackTo(&agency)) {
        round_->Mark(NumberOf(agency), &Moments::delivered, now);
      }
    }
    return absl::OkStatus();
  }

  std::mutex mutex_;
  Round* round_ = nullptr;  // Guarded by mutex_.
  feed::Follower follower_;
};

Sample Percentiles(std::vector<absl::Duration> took) {
  return {absl::ToDoubleMilliseconds(Percentile(took, 0.50)),
          absl::ToDoubleMilliseconds(Percentile(took, 0.99))};
}

}  // namespace

absl::Status BenchChanges(Report& report) {
  ACCORD_ASSIGN_OR_RETURN(const auto stage, Stage::Start(kAgreements));
  ACCORD_ASSIGN_OR_RETURN(const auto agencies, stage->AgencyNames(kAgencies));
  Gateway gateway(stage->agreements().address(), {});
  ACCORD_RETURN_IF_ERROR(gateway.Start());
  Watcher watcher(stage->agreements().address());

  const int changes = report.Size(4, 1) * kPerSecond;
  int64_t next = 0;
  const auto run = [&]() -> absl::StatusOr<std::unique_ptr<Round>> {
    auto round = std::make_unique<Round>(next, changes);
    next += changes;
    watcher.Tell(round.get());
    absl::Status status;
    {
      Lookers lookers(gateway.stub(), *round);
      Writer(stage->stub(), agencies, *round, lookers).Run();
      status = round->Wait();
    }
    watcher.Tell(nullptr);
    ACCORD_RETURN_IF_ERROR(status);
    return round;
  };

  const std::vector<Quantity> latency = {{.name = "p50", .unit = "ms", .more_is_better = false},
                                         {.name = "p99", .unit = "ms", .more_is_better = false}};
  ACCORD_RETURN_IF_ERROR(report.MeasuredTogether(
      "500 changes/s: sent to delivered to a watcher", latency, "WatchChanges",
      "sent to acknowledged to the writer", [&]() -> absl::StatusOr<std::pair<Sample, Sample>> {
        ACCORD_ASSIGN_OR_RETURN(const auto round, run());
        return std::pair(Percentiles(round->Between(&Moments::sent, &Moments::delivered)),
                         Percentiles(round->Between(&Moments::sent, &Moments::acknowledged)));
      }));
  return report.MeasuredTogether(
      "500 changes/s: acknowledged to shown in the status", latency, "GetAgencyStatus until shown",
      "that one status call", [&]() -> absl::StatusOr<std::pair<Sample, Sample>> {
        ACCORD_ASSIGN_OR_RETURN(const auto round, run());
        return std::pair(Percentiles(round->Between(&Moments::acknowledged, &Moments::shown)),
                         Percentiles(round->Between(&Moments::shown_asked, &Moments::shown)));
      });
}

}  // namespace accord::bench
