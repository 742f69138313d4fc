#include "services/training/lapse.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/training/authority.h"
#include "services/training/officer_events.h"
#include "services/training/weigh.h"

namespace accord::training {
namespace {

using Case = v1::RevocationCase;
using O = v1::Officer;
using R = v1::Requirement;

// The smallest number of days in the ladder that is not less than those left.
std::optional<int> RungFor(const policy::v1::LapsePolicy& policy, int days_left) {
  std::optional<int> rung;
  for (const int days_before : policy.notice_days()) {
    if (days_before >= days_left && (!rung || days_before < *rung)) rung = days_before;
  }
  return rung;
}

void AddNotice(const policy::v1::LapsePolicy& policy, const std::string& requirement,
               std::optional<Date> end, Date as_of, std::vector<DueNotice>& notices) {
  if (!end || *end < as_of) return;
  const auto rung = RungFor(policy, static_cast<int>((*end - as_of).count()));
  if (rung) notices.push_back({requirement, *end, *rung});
}

Date LapseDateOf(const R& requirement) {
  return FromProto(requirement.met_through()).value_or(Date::min()) + days(1);
}

// Whether the officer was retained with the lapse in view: all that had lapsed by the decision;
// where the case was about something else, by its opening. A cure does not answer for it: what
// made it good may be voided since.
bool Answers(const Case& each, const R& requirement) {
  const auto seen = FromProto(each.requirement().empty() ? each.open_date() : each.decision_date());
  return each.state() == Case::RETAINED && seen && LapseDateOf(requirement) <= *seen;
}

std::optional<CaseToOpen> FirstPastGrace(const policy::v1::LapsePolicy& lapse,
                                         const v1::Certification& certification,
                                         const std::vector<Case>& cases, Date as_of) {
  std::optional<CaseToOpen> first;
  for (const R& requirement : certification.requirements()) {
    if (requirement.state() != R::LAPSED) continue;
    const Date lapsed = LapseDateOf(requirement);
    if (as_of < lapsed + days(lapse.grace_days())) continue;
    const bool answered = std::any_of(cases.begin(), cases.end(), [&requirement](const Case& each) {
      return Answers(each, requirement);
    });
    if (answered || (first && first->lapse_date <= lapsed)) continue;
    first = CaseToOpen{requirement.code(), lapsed, as_of + days(lapse.decision_target_days())};
  }
  return first;
}

}  // namespace

std::string DueNotice::KeyFor(const O& officer) const {
  return absl::StrJoin(
      {officer.name(), requirement, FormatDate(end_date), std::to_string(days_before)}, "/");
}

std::vector<DueNotice> NoticesDue(const O& officer, const v1::Certification& certification,
                                  const PolicyView& policy, Date as_of) {
  std::vector<DueNotice> notices;
  const auto* lapse = policy.training().lapse_policy();
  const O::State state = officer.state();
  if (lapse == nullptr || !IsOnDuty(state)) return notices;
  if (EndOfAuthority(officer, policy, as_of).ended) return notices;
  for (const R& requirement : certification.requirements()) {
    if (!IsMet(requirement.state())) continue;
    AddNotice(*lapse, requirement.code(), FromProto(requirement.met_through()), as_of, notices);
  }
  if (state == O::AUTHORIZED) {
    AddNotice(*lapse, kAuthorizationTerm, AuthorizationLastDay(officer, policy, as_of), as_of,
              notices);
  }
  return notices;
}

v1::Notice NoticeOf(const std::string& name, const DueNotice& due, const O& officer, Date today) {
  v1::Notice notice;
  notice.set_name(name);
  notice.set_officer(officer.name());
  notice.set_requirement(due.requirement);
  *notice.mutable_end_date() = ToProto(due.end_date);
  notice.set_days_before(due.days_before);
  *notice.mutable_notice_date() = ToProto(today);
  notice.set_reason(absl::StrCat(due.requirement, " ends after ", FormatDate(due.end_date), ", ",
                                 (due.end_date - today).count(), " days from now; the notice of ",
                                 due.days_before, " days"));
  CopyOfficer(officer, notice);
  return notice;
}

std::optional<CaseToOpen> CaseDue(const O& officer, const v1::Certification& certification,
                                  const std::vector<Case>& cases, const PolicyView& policy,
                                  Date as_of) {
  const auto* lapse = policy.training().lapse_policy();
  if (lapse == nullptr || officer.state() != O::AUTHORIZED) return std::nullopt;
  if (std::any_of(cases.begin(), cases.end(), IsOpen)) return std::nullopt;
  if (EndOfAuthority(officer, policy, as_of).ended) return std::nullopt;
  return FirstPastGrace(*lapse, certification, cases, as_of);
}

bool IsOpen(const Case& revocation_case) {
  return revocation_case.state() == Case::OPEN || revocation_case.state() == Case::NOTICE_GIVEN;
}

bool WasOpenOn(const Case& revocation_case, Date day) {
  const auto date = [](const google::type::Date& date) {
    return FromProto(date).value_or(Date::max());
  };
  const bool ended =
      date(revocation_case.decision_date()) <= day || date(revocation_case.close_date()) <= day;
  return date(revocation_case.open_date()) <= day && !ended;
}

std::optional<CaseToOpen> StillLapsed(const v1::Certification& certification,
                                      const std::vector<Case>& cases, const PolicyView& policy,
                                      Date as_of) {
  const auto* lapse = policy.training().lapse_policy();
  if (lapse == nullptr) return std::nullopt;
  return FirstPastGrace(*lapse, certification, cases, as_of);
}

bool IsCured(const Case& revocation_case, const v1::Certification& certification) {
  if (!IsOpen(revocation_case) || revocation_case.requirement().empty()) return false;
  const auto& requirements = certification.requirements();
  return std::any_of(requirements.begin(), requirements.end(), [&](const R& requirement) {
    return requirement.code() == revocation_case.requirement() && IsMet(requirement.state());
  });
}

}  // namespace accord::training
