#include "common/service/day_sweep.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/log.h"
#include "common/base/status.h"

namespace accord::service {
namespace {

constexpr absl::string_view kLeaseName = "day-sweep";
constexpr absl::Duration kLease = absl::Minutes(5);
// For the small reads and writes around the sweep.
constexpr absl::Duration kPatience = absl::Seconds(10);
// Wakes this often to look at the clock, which may be a controlled one or may jump.
constexpr absl::Duration kLook = absl::Milliseconds(200);
constexpr absl::Duration kKeepRequests = absl::Hours(48);

}  // namespace

absl::Time NextMidnight(absl::Time now, absl::TimeZone zone) {
  return StartOfDay(Today(now, zone) + days(1), zone);
}

DaySweep::DaySweep(store::Store& store, absl::TimeZone zone, Sweep sweep, absl::Duration retry)
    : store_(store),
      zone_(zone),
      sweep_(std::move(sweep)),
      retry_(retry),
      holder_(NewId()),
      thread_([this] { Run(); }) {}

DaySweep::~DaySweep() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void DaySweep::Run() {
  for (bool at_start = true;;) {
    const absl::Time now = store_.clock().Now();
    const absl::Status status = RunOnce(Today(now, zone_), at_start);
    if (status.ok()) {
      at_start = false;
    } else if (!is_stopping()) {
      LogWarning("the day's sweep failed and will be tried again",
                 {{"error", std::string(status.message())}});
    }
    if (!SleepUntil(status.ok() ? NextMidnight(now, zone_) : now + retry_)) return;
  }
}

absl::Status DaySweep::RunOnce(Date today, bool at_start) {
  const std::string mark = absl::StrCat(kLeaseName, "/", FormatDate(today));
  ACCORD_RETURN_IF_ERROR(TakeLease());
  ACCORD_ASSIGN_OR_RETURN(const bool swept, WasSwept(mark));
  // A start may bring new rules or a new policy, so it sweeps in any case.
  absl::Status status;
  if (at_start || !swept) status = sweep_(today, [this] { return KeepLease(); });
  if (status.ok()) return Finish(mark);
  // The others need not wait until it runs out.
  store_.TryLease(kLeaseName, holder_, absl::ZeroDuration()).status().IgnoreError();
  return status;
}

absl::Status DaySweep::TakeLease() {
  renew_at_ = store_.clock().Now() + kLease / 2;
  ACCORD_ASSIGN_OR_RETURN(const bool mine, store_.TryLease(kLeaseName, holder_, kLease));
  if (!mine) return absl::UnavailableError("another replica holds the lease of the sweep");
  return absl::OkStatus();
}

absl::Status DaySweep::KeepLease() {
  if (is_stopping()) return absl::CancelledError("the program ends");
  return store_.clock().Now() < renew_at_ ? absl::OkStatus() : TakeLease();
}

absl::StatusOr<bool> DaySweep::WasSwept(const std::string& mark) {
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(absl::Now() + kPatience));
  store::Transaction transaction(store_.types(), store_.domain(), (*snapshot)->connection(),
                                 (*snapshot)->position());
  return transaction.IsMarked(mark);
}

absl::Status DaySweep::Finish(const std::string& mark) {
  const auto finished = store_.Mutate(
      {.action = "DaySweep", .actor = store_.service(), .deadline = absl::Now() + kPatience},
      [mark, holder = holder_](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        store::WriteSet writes;
        ACCORD_ASSIGN_OR_RETURN(const bool marked, transaction.IsMarked(mark));
        if (!marked) writes.Mark(mark);
        ACCORD_ASSIGN_OR_RETURN(const bool held, transaction.HoldsLease(kLeaseName, holder));
        if (held) writes.TakeLease(kLeaseName, holder, transaction.now());
        return writes;
      });
  ACCORD_RETURN_IF_ERROR(finished.status());
  return store_.ForgetRequests(kKeepRequests);
}

bool DaySweep::SleepUntil(absl::Time time) {
  std::unique_lock lock(mutex_);
  while (!stopping_ && store_.clock().Now() < time) {
    wake_.wait_for(lock, absl::ToChronoNanoseconds(kLook), [this] { return stopping_; });
  }
  return !stopping_;
}

bool DaySweep::is_stopping() {
  std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace accord::service
