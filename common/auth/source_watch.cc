#include "common/auth/source_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/base/log.h"
#include "common/base/status.h"

namespace accord::auth {
namespace {

using Steady = std::chrono::steady_clock;

// An absl::Time of a clock that nobody sets.
absl::Time Now() { return absl::UnixEpoch() + absl::FromChrono(Steady::now().time_since_epoch()); }

Steady::time_point ToSteady(absl::Time time) {
  return Steady::time_point(absl::ToChronoNanoseconds(time - absl::UnixEpoch()));
}

}  // namespace

absl::Time NextLook(const LookTimes& times, const LookState& state) {
  absl::Duration wait = times.period;
  if (state.failures > 0) {
    wait = times.retry;
    for (int i = 1; i < state.failures && wait < times.period; ++i) wait *= 2;
    wait = std::min(wait, times.period);
  }
  const absl::Time planned = state.last + wait;
  if (!state.hurry) return planned;
  if (!state.last_hurried) return state.last;
  return std::min(planned, *state.last_hurried + times.between_hurries);
}

absl::StatusOr<std::unique_ptr<SourceWatch>> SourceWatch::Start(SourceOptions options,
                                                                First first) {
  std::unique_ptr<SourceWatch> watch(new SourceWatch(std::move(options)));
  const absl::Status status = watch->Look();
  if (first == First::kMustSucceed) ACCORD_RETURN_IF_ERROR(status);
  watch->thread_ = std::thread([raw = watch.get()] { raw->Run(); });
  return watch;
}

SourceWatch::~SourceWatch() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SourceWatch::Hurry() {
  {
    std::lock_guard lock(mutex_);
    state_.hurry = true;
  }
  wake_.notify_all();
}

void SourceWatch::Run() {
  while (AwaitNext()) (void)Look();  // What fails is told there.
}

bool SourceWatch::AwaitNext() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const absl::Time next = NextLook(options_.times, state_);
    if (Now() >= next) break;
    wake_.wait_until(lock, ToSteady(next));
  }
  if (state_.hurry) state_.last_hurried = Now();
  state_.hurry = false;
  return !stopping_;
}

absl::Status SourceWatch::Look() {
  const absl::Status status = ReadAndUse();
  const std::string error(status.message());
  if (!status.ok() && error != told_) {
    LogWarning("what was read is not good; what was there before stays in use",
               {{"source", options_.name}, {"location", options_.location}, {"error", error}});
  }
  told_ = error;
  std::lock_guard lock(mutex_);
  state_.last = Now();
  state_.failures = status.ok() ? 0 : state_.failures + 1;
  return status;
}

absl::Status SourceWatch::ReadAndUse() {
  ACCORD_ASSIGN_OR_RETURN(std::vector<std::string> texts, options_.read());
  if (texts == texts_) return outcome_;
  texts_ = std::move(texts);
  outcome_ = options_.use(texts_);
  if (outcome_.ok()) {
    LogInfo("read anew", {{"source", options_.name}, {"location", options_.location}});
  }
  return outcome_;
}

}  // namespace accord::auth
