#include "services/gateway/projection.h"

#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "services/gateway/errors.h"
#include "services/gateway/wire_time.h"

namespace accord::gateway {
namespace {

// Agencies looked at under one hold of the lock: about a millisecond.
constexpr size_t kStretch = 2048;

// Names of states are those of the policy's newest version: an order must not change
// with the date asked about.
ProgramRows::StateName StateNamer(std::shared_ptr<const Policy> policy) {
  return [policy = std::move(policy)](absl::string_view code) {
    const auto* state = policy->versions().back()->FindState(code);
    return state == nullptr ? std::string(code) : state->name();
  };
}

// Picks a page out of the agencies that are shown to it in order.
class PageTaker {
 public:
  PageTaker(const store::Filter& filter, const Reach& reach, const std::optional<Place>& after,
            size_t page_size)
      : filter_(filter), reach_(reach), after_(after), page_size_(page_size) {}

  // Every agency is taken: their number is known without looking.
  bool takes_all() const { return filter_.empty() && reach_.whole; }

  // True when nothing that comes can change the page or its total.
  bool done() const { return done_; }

  std::function<bool(const Place&, const v1::AgencyStatusSummary&)> AsFunction() {
    return [this](const Place& place, const v1::AgencyStatusSummary& summary) {
      Take(place, summary);
      return !done_;
    };
  }

  Projection::Page page;

 private:
  void Take(const Place& place, const v1::AgencyStatusSummary& summary) {
    if (!reach_.Covers(summary.agency(), summary.field_office())) return;
    if (!filter_.Matches(summary)) return;
    if (!takes_all()) ++page.total;
    if (after_ && place <= *after_) return;
    if (page.statuses.size() < page_size_) {
      page.statuses.push_back(summary);
      last_ = place;
      return;
    }
    page.next = last_;
    done_ = takes_all();
  }

  const store::Filter& filter_;
  const Reach& reach_;
  const std::optional<Place>& after_;
  const size_t page_size_;
  std::optional<Place> last_;
  bool done_ = false;
};

}  // namespace

Projection::Projection(std::shared_ptr<const Policy> policy, const Clock& clock)
    : policy_(std::move(policy)), clock_(clock), rows_(EmptyRows()) {}

Date Projection::TodayNow() const { return Today(clock_.Now(), policy_->time_zone()); }

ProgramRows Projection::EmptyRows() const {
  return ProgramRows(policy_->time_zone(), StateNamer(policy_), TodayNow());
}

void Projection::Replace(ProgramRows rows, Revision start, int64_t newest) {
  {
    std::lock_guard lock(mutex_);
    rows_ = std::move(rows);
    position_ = std::move(start);
    whole_from_ = newest;
    last_heard_ = clock_.Now();
    forked_ = false;
    seen_.Restart(position_, rows_.Merges(), last_heard_);
  }
  moved_.notify_all();
}

absl::Status Projection::Apply(const log::v1::WatchChangesResponse& batch) {
  {
    std::lock_guard lock(mutex_);
    Seen::Merges merges;
    for (const log::v1::Change& change : batch.changes()) {
      if (change.revision() <= position_.revision) continue;
      ACCORD_RETURN_IF_ERROR(rows_.Apply(change));
      if (change.resource_type() == av1::Agency::descriptor()->full_name()) {
        merges[change.resource()] = rows_.MergedInto(change.resource());
      }
    }
    position_.log = batch.log();
    position_.revision = std::max(position_.revision, batch.revision());
    last_heard_ = clock_.Now();
    // Before a reader can learn that this position was reached.
    seen_.Apply(batch, merges, last_heard_);
  }
  moved_.notify_all();
  return absl::OkStatus();
}

void Projection::SetForked() {
  std::lock_guard lock(mutex_);
  forked_ = true;
  seen_.SetForked();
}

bool Projection::ready() const {
  std::lock_guard lock(mutex_);
  return CheckReady().ok();
}

bool Projection::forked() const {
  std::lock_guard lock(mutex_);
  return forked_;
}

absl::Duration Projection::age() const {
  std::lock_guard lock(mutex_);
  return AgeNow();
}

Projection::Sizes Projection::sizes() const {
  std::lock_guard lock(mutex_);
  return {position_.revision, rows_.agencies(), rows_.agreements(), rows_.discrepancies()};
}

absl::Status Projection::CheckReady() const {
  const bool listed = !position_.log.empty();
  if (listed && position_.revision >= whole_from_) return absl::OkStatus();
  return error::ProjectionNotReady();
}

absl::Duration Projection::AgeNow() const {
  return std::max(clock_.Now() - last_heard_, absl::ZeroDuration());
}

Projection::Standing Projection::StandingNow() const {
  Standing standing{position_, {}};
  const absl::Duration age = AgeNow();
  standing.source.set_service(kAgreementsService);
  standing.source.set_revision(FormatRevision(position_));
  standing.source.set_reachable(!forked_ && age <= kFeedSilence);
  *standing.source.mutable_age() = ToDuration(age);
  return standing;
}

bool Projection::CoversNow(const std::vector<Revision>& wanted) const {
  return CheckReady().ok() && Covers(position_, wanted);
}

bool Projection::IsOtherLog(const std::vector<Revision>& wanted) const {
  return std::any_of(wanted.begin(), wanted.end(), [this](const Revision& want) {
    return want.service == position_.service && !position_.log.empty() && want.log != position_.log;
  });
}

bool Projection::WaitFor(const std::vector<Revision>& wanted, absl::Time deadline) const {
  std::unique_lock lock(mutex_);
  moved_.wait_until(lock, absl::ToChronoTime(deadline),
                    [&] { return CoversNow(wanted) || forked_ || IsOtherLog(wanted); });
  return CoversNow(wanted);
}

absl::StatusOr<Projection::Page> Projection::List(const store::Filter& filter, const Reach& reach,
                                                  Date date, const std::optional<Place>& after,
                                                  size_t page_size) const {
  PageTaker taker(filter, reach, after, page_size);
  std::optional<Place> from = taker.takes_all() ? after : std::nullopt;
  {
    std::lock_guard lock(mutex_);
    ACCORD_RETURN_IF_ERROR(CheckReady());
    taker.page.standing = StandingNow();
    if (taker.takes_all()) taker.page.total = static_cast<int>(rows_.agencies());
  }
  do {
    std::lock_guard lock(mutex_);
    from = rows_.Visit(from, kStretch, date, taker.AsFunction());
  } while (from && !taker.done());
  return std::move(taker.page);
}

absl::StatusOr<Projection::Metrics> Projection::MetricsOn(Date date, const PolicyView& policy,
                                                          bool fictitious, const Reach& reach) {
  std::lock_guard lock(mutex_);
  ACCORD_RETURN_IF_ERROR(CheckReady());
  rows_.MoveTo(TodayNow());
  const auto metrics_of = [&](const MetricsTally& tally, const DiscrepancyTally& discrepancies) {
    return MetricsOf(tally, discrepancies, rows_.Newest(fictitious), policy, date, fictitious);
  };
  if (!reach.whole) {
    return Metrics{metrics_of(rows_.TallyOn(date, fictitious, reach),
                              rows_.DiscrepanciesWithin(reach, fictitious)),
                   StandingNow()};
  }
  const bool today = date == rows_.today();
  const DiscrepancyTally& discrepancies = rows_.Discrepancies(fictitious);
  return Metrics{today ? metrics_of(rows_.TodaysTally(fictitious), discrepancies)
                       : metrics_of(rows_.TallyOn(date, fictitious), discrepancies),
                 StandingNow()};
}

absl::StatusOr<Projection::LastKnown> Projection::RecordOf(absl::string_view agency,
                                                           Date date) const {
  std::lock_guard lock(mutex_);
  ACCORD_RETURN_IF_ERROR(CheckReady());
  return LastKnown{rows_.RecordOf(agency, date), StandingNow()};
}

}  // namespace accord::gateway
