#include "services/gateway/timeline.h"

#include <algorithm>
#include <set>

#include "services/agreements/lifecycle.h"

namespace accord::gateway {
namespace {

// The transition that lifecycle.h takes the state on `date` from; null before the first.
const av1::Transition* Governing(const av1::Agreement& agreement, Date date) {
  const av1::Transition* governing = nullptr;
  for (const av1::Transition& transition : agreement.transitions()) {
    if (FromProto(transition.effective_date()).value_or(Date::min()) > date) break;
    governing = &transition;
  }
  return governing;
}

std::optional<Date> DayOf(const google::protobuf::Timestamp& time, absl::TimeZone zone) {
  if (time.seconds() == 0) return std::nullopt;
  return Today(absl::FromUnixSeconds(time.seconds()), zone);
}

Date RecordedOn(const av1::Agreement& agreement, const av1::Transition& transition,
                absl::TimeZone zone) {
  if (const auto day = DayOf(transition.record_time(), zone)) return *day;
  return DayOf(agreement.update_time(), zone).value_or(Date::min());
}

bool IsSignedAhead(const Timeline& timeline, Date date) {
  return std::any_of(timeline.begin(), timeline.end(), [date](const Span& span) {
    return span.from > date && span.state == av1::Agreement::ACTIVE && span.recorded <= date;
  });
}

}  // namespace

Timeline TimelineOf(const av1::Agreement& agreement, absl::TimeZone zone) {
  Timeline timeline;
  for (std::optional<Date> day = Date::min(); day; day = agreements::NextChange(agreement, *day)) {
    const av1::Agreement::State state = agreements::StateOn(agreement, *day);
    const av1::Transition* governing = Governing(agreement, *day);
    if (governing == nullptr) continue;
    if (!timeline.empty() && timeline.back().state == state) continue;
    timeline.push_back({*day, state, RecordedOn(agreement, *governing, zone), governing->basis()});
  }
  return timeline;
}

const Span* SpanOn(const Timeline& timeline, Date date) {
  const Span* found = nullptr;
  for (const Span& span : timeline) {
    if (span.from > date) break;
    found = &span;
  }
  return found;
}

std::optional<Date> NextStateChange(const Timeline& timeline, Date date) {
  for (const Span& span : timeline) {
    if (span.from > date) return span.from;
  }
  return std::nullopt;
}

v1::Verdict VerdictOn(const Timeline& timeline, Date date) {
  const Span* span = SpanOn(timeline, date);
  if (span == nullptr) {
    return IsSignedAhead(timeline, date) ? v1::SIGNED_NOT_YET_IN_FORCE : v1::NO_AGREEMENT;
  }
  if (span->state == av1::Agreement::ACTIVE) return v1::IN_FORCE;
  if (span->state == av1::Agreement::SUSPENDED) return v1::SUSPENDED;
  if (agreements::IsEnded(span->state)) return v1::ENDED;
  if (!agreements::IsPipeline(span->state)) return v1::NO_AGREEMENT;
  return IsSignedAhead(timeline, date) ? v1::SIGNED_NOT_YET_IN_FORCE : v1::IN_PIPELINE;
}

std::optional<Date> NextVerdictChange(const Timeline& timeline, Date date) {
  std::set<Date> days;
  for (const Span& span : timeline) {
    days.insert(span.from);
    days.insert(span.recorded);
  }
  const v1::Verdict now = VerdictOn(timeline, date);
  for (auto day = days.upper_bound(date); day != days.end(); ++day) {
    if (VerdictOn(timeline, *day) != now) return *day;
  }
  return std::nullopt;
}

std::optional<Date> EarlierOf(std::optional<Date> a, std::optional<Date> b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

}  // namespace accord::gateway
