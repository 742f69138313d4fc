#include "common/cache/view_cache.h"

#include <algorithm>
#include <list>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "common/cache/rule.h"

namespace accord::cache {
namespace {

using Steady = std::chrono::steady_clock;

// A view that is refused for another reason is not the past of what is asked for.
bool CanBeShownAsStale(Verdict verdict) {
  return verdict == Verdict::kOlder || verdict == Verdict::kExpired;
}

bool IsReachable(RedisOutcome outcome) {
  return outcome != RedisOutcome::kTimeout && outcome != RedisOutcome::kUnavailable &&
         outcome != RedisOutcome::kLoading && outcome != RedisOutcome::kQueueFull;
}

}  // namespace

// One key that is being looked for. Guarded by the cache's mutex, but for `key`.
struct ViewCache::Flight {
  const std::string key;
  // Who asks Redis, and gets the ticket if nothing is found; empty once it has.
  std::optional<Waiter> leader{};
  std::list<Waiter> waiters{};
  // The newest view that was refused; null when none was found.
  ViewPtr last_known{};
  std::string lease_token{};  // Empty without a lease.
  bool judged = false;        // An entry of Redis was, and is not counted again.
};

ViewCache::Ticket::Ticket(ViewCache& cache, FlightPtr flight)
    : cache_(cache), flight_(std::move(flight)) {}

ViewCache::Ticket::~Ticket() {
  if (flight_ != nullptr) cache_.Abandon(flight_);
}

absl::StatusOr<ViewPtr> ViewCache::Ticket::Fill(Envelope envelope, absl::string_view body) {
  if (flight_ == nullptr) return absl::FailedPreconditionError("the ticket was used");
  const FlightPtr flight = std::exchange(flight_, nullptr);
  absl::StatusOr<ViewPtr> view = cache_.Store(flight->key, std::move(envelope), body);
  if (!view.ok()) {
    cache_.Abandon(flight);
    return view;
  }
  cache_.metrics_.Filled();
  cache_.Finish(flight, *view, Tier::kMemory);
  return view;
}

ViewCache::ViewCache(ViewCacheOptions options, std::unique_ptr<RedisClient> redis,
                     const Clock& clock, prometheus::Registry& registry)
    : options_(std::move(options)),
      clock_(clock),
      metrics_(registry),
      memory_(options_.memory),
      redis_(std::move(redis)) {}

ViewCache::~ViewCache() {
  std::vector<Waiter> left;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  timer_.Stop();
  if (redis_ != nullptr) redis_->Stop();
  std::lock_guard lock(mutex_);
  for (auto& [key, flight] : flights_) {
    if (flight->leader.has_value()) flight->leader->done({});
    for (Waiter& waiter : flight->waiters) waiter.done({});
  }
}

absl::Duration ViewCache::AgeOf(const StoredView& view) const {
  return std::max(absl::ZeroDuration(), clock_.Now() - view.envelope().compute_time);
}

ViewCache::Judged ViewCache::Judge(const std::string& key, ViewPtr view, const Seen& seen) const {
  Judged judged;
  if (view != nullptr && view->envelope().key == key) {
    judged.verdict = Usable(view->envelope().version, seen, clock_.Now());
  }
  judged.view = std::move(view);
  return judged;
}

void ViewCache::Count(const Judged& judged, Tier tier) {
  if (judged.verdict == Verdict::kUsable) {
    metrics_.Hit(tier, AgeOf(*judged.view));
  } else {
    metrics_.Refused(tier, judged.verdict);
  }
}

ViewPtr ViewCache::LookupMemory(const std::string& key, const Seen& seen) {
  ViewPtr view = memory_.Get(key, clock_.Now());
  if (view == nullptr) return nullptr;
  const Judged judged = Judge(key, std::move(view), seen);
  if (judged.verdict != Verdict::kUsable) return nullptr;
  Count(judged, Tier::kMemory);
  return judged.view;
}

void ViewCache::Lookup(const std::string& key, Seen seen, LookupOptions options, Done done) {
  Waiter waiter;
  waiter.seen = std::move(seen);
  waiter.options = options;
  waiter.deadline = Steady::now() + absl::ToChronoNanoseconds(
                                        std::min(options_.wait_for_filler, options.wait_at_most));
  waiter.done = std::move(done);
  Judged found;
  if (ViewPtr held = memory_.Get(key, clock_.Now()); held != nullptr) {
    found = Judge(key, std::move(held), waiter.seen);
    Count(found, Tier::kMemory);
  }
  if (found.verdict == Verdict::kUsable) {
    const absl::Duration age = AgeOf(*found.view);
    return waiter.done({Answer::Kind::kFresh, found.view, Tier::kMemory, age, nullptr});
  }
  Start(key, std::move(waiter), CanBeShownAsStale(found.verdict) ? found.view : nullptr);
}

void ViewCache::Start(const std::string& key, Waiter waiter, ViewPtr refused) {
  const Seen seen = waiter.seen;
  FlightPtr flight;
  bool leads = false;
  bool joined = false;
  {
    std::lock_guard lock(mutex_);
    FlightPtr& known = flights_[key];
    leads = known == nullptr;
    if (leads) known = std::make_shared<Flight>(Flight{key});
    flight = known;
    if (flight->last_known == nullptr) flight->last_known = std::move(refused);
    if (leads) {
      flight->leader = std::move(waiter);
    } else {
      joined = Join(flight, waiter);
    }
  }
  if (leads) return Lead(flight, seen);
  if (!joined) AnswerWithout(flight, std::move(waiter));
}

bool ViewCache::Join(const FlightPtr& flight, Waiter& waiter) {
  if (stopping_ || flight->waiters.size() >= options_.max_waiters) return false;
  const uint64_t id = ++next_waiter_;
  waiter.id = id;
  timer_.At(waiter.deadline, [this, flight, id] { GiveUp(flight, id); });
  flight->waiters.push_back(std::move(waiter));
  return true;
}

void ViewCache::Lead(const FlightPtr& flight, const Seen& seen) {
  // Another flight of the key may have ended since the memory was looked at.
  const Judged held = Judge(flight->key, memory_.Get(flight->key, clock_.Now()), seen);
  if (held.verdict != Verdict::kUsable) return AskRedis(flight);
  Count(held, Tier::kMemory);
  Finish(flight, held.view, Tier::kMemory);
}

void ViewCache::AskRedis(const FlightPtr& flight) {
  if (redis_ == nullptr) return GiveTicket(flight);
  redis_->Get(RedisKey(flight->key), [this, flight](RedisOutcome outcome, std::string value) {
    OnRedis(flight, outcome, std::move(value));
  });
}

void ViewCache::OnRedis(const FlightPtr& flight, RedisOutcome outcome, std::string value) {
  if (!IsReachable(outcome)) return GiveTicket(flight);
  const bool damaged = outcome == RedisOutcome::kDamaged || outcome == RedisOutcome::kTooLarge;
  const bool found = damaged || outcome == RedisOutcome::kOk;
  if (found && Use(flight, damaged ? nullptr : StoredView::Decode(std::move(value)))) return;
  bool leased = false;
  {
    std::lock_guard lock(mutex_);
    leased = !flight->lease_token.empty();
  }
  if (leased) return GiveTicket(flight);
  AskForLease(flight);
}

bool ViewCache::Use(const FlightPtr& flight, ViewPtr view) {
  Seen seen;
  bool again = false;
  {
    std::lock_guard lock(mutex_);
    seen = flight->leader->seen;
    again = std::exchange(flight->judged, true);
  }
  const Judged judged = Judge(flight->key, std::move(view), seen);
  if (judged.verdict == Verdict::kUsable || !again) Count(judged, Tier::kRedis);
  if (judged.verdict == Verdict::kUsable) {
    StoreInMemory(flight->key, judged.view);
    Finish(flight, judged.view, Tier::kRedis);
    return true;
  }
  // What is damaged may seem as new as what would replace it.
  if (judged.verdict == Verdict::kDamaged) redis_->Discard(RedisKey(flight->key), [](auto) {});
  if (!CanBeShownAsStale(judged.verdict)) return false;
  std::lock_guard lock(mutex_);
  ViewPtr& known = flight->last_known;
  if (known == nullptr || Replaces(judged.view->envelope().version, known->envelope().version)) {
    known = judged.view;
  }
  return false;
}

void ViewCache::AskForLease(const FlightPtr& flight) {
  const std::string token = NewId();
  redis_->TryLease(LeaseKey(flight->key), token, options_.lease,
                   [this, flight, token](RedisOutcome outcome) {
                     if (outcome == RedisOutcome::kHeld) return WaitForOtherProcess(flight);
                     if (outcome != RedisOutcome::kOk) return GiveTicket(flight);
                     {
                       std::lock_guard lock(mutex_);
                       flight->lease_token = token;
                     }
                     // Who held it before may have stored the view since it was looked for.
                     AskRedis(flight);
                   });
}

void ViewCache::WaitForOtherProcess(const FlightPtr& flight) {
  Steady::time_point deadline;
  {
    std::lock_guard lock(mutex_);
    deadline = flight->leader->deadline;
  }
  const auto next = Steady::now() + absl::ToChronoNanoseconds(options_.lease_poll);
  if (next >= deadline) return GiveTicket(flight);
  timer_.At(next, [this, flight] { AskRedis(flight); });
}

void ViewCache::GiveTicket(const FlightPtr& flight) {
  Waiter leader;
  Answer answer;
  {
    std::lock_guard lock(mutex_);
    // The destructor answers it.
    if (stopping_) return;
    leader = *std::exchange(flight->leader, std::nullopt);
    if (leader.options.allow_stale) answer.view = flight->last_known;
  }
  metrics_.Miss();
  answer.kind = Answer::Kind::kFill;
  if (answer.view != nullptr) answer.age = AgeOf(*answer.view);
  answer.ticket.reset(new Ticket(*this, flight));
  leader.done(std::move(answer));
}

void ViewCache::Finish(const FlightPtr& flight, const ViewPtr& view, Tier tier) {
  std::optional<Waiter> leader;
  std::list<Waiter> waiters;
  {
    std::lock_guard lock(mutex_);
    flights_.erase(flight->key);
    leader.swap(flight->leader);
    waiters.swap(flight->waiters);
  }
  Release(flight);
  if (leader.has_value() && !AnswerWith(view, tier, *leader))
    waiters.push_front(*std::move(leader));
  for (Waiter& waiter : waiters) {
    if (AnswerWith(view, tier, waiter)) {
      metrics_.WaitedForView();
    } else {
      // It has seen more than the filler had: it looks again, in what is left of its time.
      const Verdict verdict = Usable(view->envelope().version, waiter.seen, clock_.Now());
      Start(flight->key, std::move(waiter), CanBeShownAsStale(verdict) ? view : nullptr);
    }
  }
}

bool ViewCache::AnswerWith(const ViewPtr& view, Tier tier, Waiter& waiter) {
  if (Usable(view->envelope().version, waiter.seen, clock_.Now()) != Verdict::kUsable) return false;
  waiter.done({Answer::Kind::kFresh, view, tier, AgeOf(*view), nullptr});
  return true;
}

void ViewCache::Abandon(const FlightPtr& flight) {
  metrics_.Abandoned();
  bool passed_on = false;
  {
    std::lock_guard lock(mutex_);
    if (!flight->waiters.empty()) {
      flight->leader = std::move(flight->waiters.front());
      flight->waiters.pop_front();
      passed_on = true;
    } else {
      flights_.erase(flight->key);
    }
  }
  // Not from here: tickets that are dropped at once would nest as deep as many wait.
  if (passed_on) return timer_.At(Steady::now(), [this, flight] { GiveTicket(flight); });
  Release(flight);
}

void ViewCache::GiveUp(const FlightPtr& flight, uint64_t waiter_id) {
  Waiter waiter;
  {
    std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(flight->waiters.begin(), flight->waiters.end(),
                     [waiter_id](const Waiter& each) { return each.id == waiter_id; });
    if (found == flight->waiters.end()) return;
    waiter = std::move(*found);
    flight->waiters.erase(found);
  }
  AnswerWithout(flight, std::move(waiter));
}

void ViewCache::AnswerWithout(const FlightPtr& flight, Waiter waiter) {
  Answer answer;
  {
    std::lock_guard lock(mutex_);
    if (waiter.options.allow_stale) answer.view = flight->last_known;
  }
  if (answer.view == nullptr) {
    metrics_.WaitedInVain();
    return waiter.done({});
  }
  metrics_.WaitedStale();
  answer.kind = Answer::Kind::kStale;
  answer.age = AgeOf(*answer.view);
  waiter.done(std::move(answer));
}

void ViewCache::Release(const FlightPtr& flight) {
  std::string token;
  {
    std::lock_guard lock(mutex_);
    token.swap(flight->lease_token);
  }
  if (token.empty()) return;
  redis_->ReleaseLease(LeaseKey(flight->key), token, [](auto) {});
}

absl::StatusOr<ViewPtr> ViewCache::Store(const std::string& key, Envelope envelope,
                                         absl::string_view body) {
  envelope.key = key;
  ACCORD_ASSIGN_OR_RETURN(const ViewPtr view, StoredView::Encode(envelope, body));
  StoreInMemory(key, view);
  StoreInRedis(key, view);
  return view;
}

void ViewCache::StoreInMemory(const std::string& key, const ViewPtr& view) {
  if (memory_.Put(key, view, clock_.Now()) == MemoryCache::PutResult::kNotNewer) {
    metrics_.NotNewer(Tier::kMemory);
  }
  metrics_.Memory(memory_.bytes(), memory_.entries());
}

void ViewCache::StoreInRedis(const std::string& key, const ViewPtr& view) {
  const Version& version = view->envelope().version;
  const absl::Duration left =
      std::min(options_.redis_expire_after, version.valid_until - clock_.Now());
  if (redis_ == nullptr || left <= absl::ZeroDuration()) return;
  redis_->StoreIfNewer(RedisKey(key), view->bytes(), version, left, [this](RedisOutcome outcome) {
    if (outcome == RedisOutcome::kNotNewer) metrics_.NotNewer(Tier::kRedis);
  });
}

}  // namespace accord::cache
