// What an agreement's life was, is and will be, day by day, and what that means for
// whether it is in force. Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "accord/agreements/v1/resources.pb.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "common/calendar/date.h"

namespace accord::gateway {

namespace av1 = agreements::v1;

// One state, from a day until the next span begins.
struct Span {
  // Date::min() when the transition carries no date.
  Date from;
  av1::Agreement::State state;
  // The day on which it was recorded; Date::min() when that is unknown.
  Date recorded;
  av1::Basis basis;

  bool operator==(const Span&) const = default;
};

// By rising `from`; neighbours differ in state. The last one has no end.
using Timeline = std::vector<Span>;

// By the rules of agreements/lifecycle.h. `zone` says on which day something was
// recorded; where a transition does not say when, it was by the agreement's last update.
Timeline TimelineOf(const av1::Agreement& agreement, absl::TimeZone zone);

// The span that `date` lies in; null before the first.
const Span* SpanOn(const Timeline& timeline, Date date);
// First day after `date` with another state.
std::optional<Date> NextStateChange(const Timeline& timeline, Date date);

// Source: the contract's Verdict. An agreement counts as signed from the day on which
// its signing was recorded, so a past date before that shows the application.
// A state that this program does not know is not in force: NO_AGREEMENT.
v1::Verdict VerdictOn(const Timeline& timeline, Date date);
// First day after `date` with another verdict, by what is recorded.
std::optional<Date> NextVerdictChange(const Timeline& timeline, Date date);

// The earlier of two days, each of which may be none.
std::optional<Date> EarlierOf(std::optional<Date> a, std::optional<Date> b);

}  // namespace accord::gateway
