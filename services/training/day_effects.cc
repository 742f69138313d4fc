#include "services/training/day_effects.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/base/status.h"
#include "services/training/facts.h"
#include "services/training/lapse.h"
#include "services/training/request_checks.h"
#include "services/training/revocation.h"
#include "services/training/store.h"

namespace accord::training {
namespace {

constexpr char kProposer[] = "services/training";

// What an officer has on record beside the facts.
struct Told {
  std::vector<v1::RevocationCase> cases;
  std::set<std::string> notices;  // Keys.
};

int LongestNotice(const PolicyView& policy) {
  int longest = 0;
  if (const auto* lapse = policy.training().lapse_policy()) {
    for (const int days_before : lapse->notice_days()) longest = std::max(longest, days_before);
  }
  return longest;
}

// A few days later than the term before `date`, for months differ.
Date TermBefore(const policy::v1::TimeLimit& term, Date date) {
  constexpr days kSlack{4};
  switch (term.unit()) {
    case policy::v1::TimeLimit::YEARS:
      return AddMonths(date, -12 * term.count()) + kSlack;
    case policy::v1::TimeLimit::MONTHS:
      return AddMonths(date, -term.count()) + kSlack;
    default:
      return date - days(term.count()) + kSlack;
  }
}

std::string KeyOf(const v1::Notice& notice, const v1::Officer& officer) {
  const DueNotice told{notice.requirement(), FromProto(notice.end_date()).value_or(Date::min()),
                       notice.days_before()};
  return told.KeyFor(officer);
}

v1::RevocationCase CaseOf(const CaseToOpen& due, const v1::Officer& officer,
                          const PolicyView& policy, Date today) {
  v1::RevocationCase revocation =
      OpenCase(NewName("revocationCases"), officer, kProposer, policy, today);
  revocation.set_requirement(due.requirement);
  *revocation.mutable_lapse_date() = ToProto(due.lapse_date);
  *revocation.mutable_decision_due_date() = ToProto(due.decision_due_date);
  return revocation;
}

absl::StatusOr<std::vector<Told>> LoadTold(store::Reader& reader,
                                           const std::vector<OfficerFacts>& officers) {
  std::vector<std::string> names;
  absl::flat_hash_map<std::string, size_t> places;
  for (const OfficerFacts& facts : officers) {
    places[facts.officer.name()] = names.size();
    names.push_back(facts.officer.name());
  }
  std::vector<Told> told(officers.size());
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::RevocationCase> cases, CasesOf(reader, names));
  for (v1::RevocationCase& revocation : cases) {
    told[places[revocation.officer()]].cases.push_back(std::move(revocation));
  }
  ACCORD_ASSIGN_OR_RETURN(const std::vector<v1::Notice> notices, NoticesOf(reader, names));
  for (const v1::Notice& notice : notices) {
    const size_t place = places[notice.officer()];
    told[place].notices.insert(KeyOf(notice, officers[place].officer));
  }
  return told;
}

}  // namespace

WatchSpan WatchSpanOf(const PolicyView& policy, Date today) {
  const Date last_end = today + days(LongestNotice(policy));
  WatchSpan span{last_end, MakeDate(1, 1, 1)};
  for (const auto& term : policy.version().training_policy().authorization_terms()) {
    span.last_authorization = std::max(span.last_authorization, TermBefore(term.term(), last_end));
  }
  return span;
}

absl::StatusOr<std::vector<DayEffects>> LoadDayEffects(store::Reader& reader,
                                                       std::vector<v1::Officer> officers,
                                                       const PolicyView& policy, Date today) {
  ACCORD_ASSIGN_OR_RETURN(const std::vector<OfficerFacts> facts,
                          LoadFacts(reader, std::move(officers)));
  ACCORD_ASSIGN_OR_RETURN(const std::vector<Told> told, LoadTold(reader, facts));
  std::vector<DayEffects> all;
  for (size_t i = 0; i < facts.size(); ++i) {
    const v1::Officer& officer = facts[i].officer;
    DayEffects& effects = all.emplace_back();
    effects.officer = officer.name();
    const v1::Certification certification = CertifyWithoutWords(facts[i].view(), policy, today);
    for (const DueNotice& due : NoticesDue(officer, certification, policy, today)) {
      if (told[i].notices.contains(due.KeyFor(officer))) continue;
      effects.notices.push_back(NoticeOf(NewName("notices"), due, officer, today));
    }
    if (const auto due = CaseDue(officer, certification, told[i].cases, policy, today)) {
      effects.cases.push_back(CaseOf(*due, officer, policy, today));
    }
  }
  return all;
}

}  // namespace accord::training
