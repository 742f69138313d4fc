#include "services/training/preview.h"

#include <set>

#include "services/training/applicability.h"
#include "services/training/authority.h"
#include "services/training/officer_events.h"

namespace accord::training {
namespace {

using Affected = v1::PreviewPolicyResponse::Affected;

bool IsSame(const v1::Certification& now, const v1::Certification& then) {
  return now.state() == then.state() && now.ends_by() == then.ends_by() &&
         FromProto(now.current_through()) == FromProto(then.current_through());
}

// Of the officer's text; empty without a rule.
std::vector<int> PapersOf(const v1::Officer& officer, const PolicyView& policy) {
  const auto bound = policy.training().PapersFor(officer.model(), officer.template_());
  if (bound.rule == nullptr) return {};
  return {bound.rule->papers().begin(), bound.rule->papers().end()};
}

// Beside the training. Who is not on duty has no authority that could end or need papers.
std::vector<std::string> ChangesOfAuthority(const v1::Officer& officer, const PolicyView& before,
                                            const PolicyView& after, Date day) {
  std::vector<std::string> changes;
  if (!IsOnDuty(TrailOn(officer, day).state)) return changes;
  const AuthorityEnd now = EndOfAuthority(officer, before, day);
  const AuthorityEnd then = EndOfAuthority(officer, after, day);
  if (now.ended != then.ended || now.through != then.through) {
    changes.emplace_back(kAuthorizationTerm);
  }
  if (PapersOf(officer, before) != PapersOf(officer, after)) changes.emplace_back("papers");
  return changes;
}

Affected AffectedBy(const v1::Certification& now, const v1::Certification& then,
                    const std::vector<std::string>& changes) {
  Affected affected;
  affected.mutable_changes()->Assign(changes.begin(), changes.end());
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
    const v1::Certification now = CertifyWithoutWords(facts, before, day);
    const v1::Certification then = AppliesTo(facts, change.what_if, after.effective_from(), before)
                                       ? CertifyWithoutWords(facts, after, day)
                                       : now;
    std::vector<std::string> changes = ChangesOfAuthority(facts.officer, before, after, day);
    if (!IsSame(now, then)) changes.insert(changes.begin(), "training");
    if (!changes.empty()) return AffectedBy(now, then, changes);
  }
  return std::nullopt;
}

}  // namespace accord::training
