#include "services/training/preview.h"

#include <set>

#include "services/training/applicability.h"

namespace accord::training {
namespace {

using Affected = v1::PreviewPolicyResponse::Affected;

bool IsSame(const v1::Certification& now, const v1::Certification& then) {
  return now.state() == then.state() && now.ends_by() == then.ends_by() &&
         FromProto(now.current_through()) == FromProto(then.current_through());
}

Affected AffectedBy(const v1::Certification& now, const v1::Certification& then) {
  Affected affected;
  affected.set_officer(now.officer());
  *affected.mutable_date() = now.as_of();
  affected.set_state_now(now.state());
  affected.set_state_then(then.state());
  if (now.has_current_through()) *affected.mutable_current_through_now() = now.current_through();
  if (then.has_current_through()) {
    *affected.mutable_current_through_then() = then.current_through();
  }
  affected.set_ends_by_then(then.ends_by());
  affected.set_fictitious(now.fictitious());
  return affected;
}

}  // namespace

std::vector<Date> DaysOfChange(const Policy& now, const Policy& then, Date today) {
  std::set<Date> days = {today};
  for (const Policy* policy : {&now, &then}) {
    for (const auto& version : policy->versions()) {
      if (version->effective_from() > today) days.insert(version->effective_from());
    }
  }
  return {days.begin(), days.end()};
}

std::optional<Affected> Compare(const TrainingFacts& facts, const PolicyChange& change) {
  for (const Date day : change.days) {
    const PolicyView& before = change.now.AtOrFirst(day);
    const PolicyView& after = change.then.AtOrFirst(day);
    if (!AppliesTo(facts, change.what_if, after.effective_from(), before)) continue;
    const v1::Certification now = CertifyWithoutWords(facts, before, day);
    const v1::Certification then = CertifyWithoutWords(facts, after, day);
    if (!IsSame(now, then)) return AffectedBy(now, then);
  }
  return std::nullopt;
}

}  // namespace accord::training
