#include "services/training/authority.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/training/officer_events.h"
#include "services/training/recurrence.h"

namespace accord::training {
namespace {

using policy::v1::PaperRequirement;
using C = v1::Certification;
using Case = v1::RevocationCase;
using Event = v1::OfficerEvent;
using O = v1::Officer;

void KeepEarliest(std::optional<Date>& earliest, std::optional<Date> date) {
  if (date && (!earliest || *date < *earliest)) earliest = date;
}

template <typename List>
std::vector<std::string> Copy(const List& list) {
  return {list.begin(), list.end()};
}

// What an event makes of the state; unspecified when it leaves it.
O::State StateAfter(Event::Kind kind) {
  switch (kind) {
    case Event::NOMINATED:
    case Event::TRANSFERRED:
      return O::NOMINATED;
    case Event::SCREENED:
      return O::SCREENED;
    case Event::SCREENED_OUT:
      return O::SCREENED_OUT;
    case Event::TRAINING_STARTED:
      return O::IN_TRAINING;
    case Event::CERTIFIED:
    case Event::REINSTATED:
      return O::CERTIFIED;
    case Event::AUTHORIZED:
      return O::AUTHORIZED;
    case Event::DISQUALIFIED:
      return O::DISQUALIFIED;
    case Event::WITHDRAWN:
      return O::WITHDRAWN;
    case Event::REVOKED:
      return O::REVOKED;
    default:
      return O::STATE_UNSPECIFIED;
  }
}

void Apply(Event::Kind kind, Date date, PaperTrail& trail) {
  if (kind == Event::TRANSFERRED) trail = PaperTrail{};
  if (kind == Event::REVOKED) trail.authorized.reset();
  if (kind == Event::CERTIFIED) trail.certified = date;
  if (kind == Event::AUTHORIZED) trail.authorized = date;
  if (kind == Event::FORM_70_006_SIGNED) trail.form_70_006 = date;
  if (kind == Event::CREDENTIALS_RETURNED) trail.credentials_returned = date;
  if (kind == Event::CREDENTIALS_ISSUED) {
    trail.credentials_issued = date;
    trail.credentials_returned.reset();
  }
  const O::State state = StateAfter(kind);
  if (state != O::STATE_UNSPECIFIED) trail.state = state;
}

std::optional<Date> NextEvent(const O& officer, Date date) {
  std::optional<Date> next;
  for (const Event& event : officer.events()) {
    const auto day = FromProto(event.date());
    if (day && *day > date) KeepEarliest(next, day);
  }
  return next;
}

Condition Training(const C& certification) {
  Condition condition{.code = "training"};
  if (certification.has_next_change_date()) {
    condition.date = FromProto(certification.next_change_date());
  }
  if (certification.state() == C::CURRENT) condition.proof = Proof::kProven;
  if (certification.state() == C::NO_RULE) condition.proof = Proof::kNotRequired;
  if (certification.state() == C::LAPSED || certification.state() == C::NOT_CERTIFIED) {
    condition.proof = Proof::kDisproven;
  }
  condition.text = absl::StrCat("training is ", C::State_Name(certification.state()));
  if (certification.state() != C::CURRENT && !certification.ends_by().empty()) {
    absl::StrAppend(&condition.text, ": ", certification.ends_by());
  }
  for (const auto& requirement : certification.requirements()) {
    if (requirement.code() == certification.ends_by()) {
      condition.sources = Copy(requirement.sources());
    }
  }
  return condition;
}

Condition Authorization(const O& officer, const PaperTrail& trail, Date as_of) {
  Condition condition{.code = "authorization", .date = NextEvent(officer, as_of)};
  const bool authorized = trail.state == O::AUTHORIZED && trail.authorized.has_value();
  // Out of the program, there is no authorization to look for.
  condition.proof = authorized                    ? Proof::kProven
                    : HasLeftProgram(trail.state) ? Proof::kDisproven
                                                  : Proof::kNotProven;
  condition.text = authorized ? absl::StrCat("authorized on ", FormatDate(*trail.authorized))
                              : absl::StrCat("the officer is ", O::State_Name(trail.state));
  return condition;
}

Condition Term(const O& officer, const PaperTrail& trail, const PolicyView& policy, Date as_of) {
  Condition condition{.code = kAuthorizationTerm};
  const auto bound = policy.training().TermFor(officer.model(), officer.template_());
  if (bound.rule == nullptr) {
    condition.proof = Proof::kNotRequired;
    condition.text = "no rule on record ends an authorization by time";
    return condition;
  }
  condition.sources = Copy(bound.rule->sources());
  if (!bound.certain) {
    condition.text = "which text the agreement has is not on record, and its term with it";
    return condition;
  }
  if (!trail.authorized) {
    condition.text = "no authorization is on record that the term could run from";
    return condition;
  }
  const Date end = After(*trail.authorized, bound.rule->term());
  condition.proof = as_of < end ? Proof::kProven : Proof::kDisproven;
  condition.text = absl::StrCat(as_of < end ? "the last day is " : "the last day was ",
                                FormatDate(end - days(1)));
  if (as_of < end) condition.date = end;
  return condition;
}

// Suspension and termination take effect on their day, whatever was known before.
Condition Agreement(const O& officer, Date as_of) {
  Condition condition{.code = kAgreement, .text = "its standing on that day is not on record"};
  for (const v1::AgreementStanding& standing : officer.agreement_standing()) {
    const auto date = FromProto(standing.date());
    if (!date) continue;
    if (*date > as_of) {
      condition.date = date;
      break;
    }
    condition.proof = standing.in_force() ? Proof::kProven : Proof::kDisproven;
    condition.text = absl::StrCat(officer.agreement(),
                                  standing.in_force() ? " is in force since " : " is not since ",
                                  FormatDate(*date));
    condition.sources = {standing.cause()};
  }
  return condition;
}

// From the letter's date until a reinstatement.
Condition NotRevoked(const std::vector<Case>& cases, Date as_of) {
  Condition condition{
      .code = "not_revoked", .proof = Proof::kProven, .text = "no revocation is in force"};
  for (const Case& each : cases) {
    const auto letter = FromProto(each.letter_date());
    const bool decided = each.state() == Case::REVOKED || each.state() == Case::REINSTATED;
    if (!decided || !letter) continue;
    const auto end = each.state() == Case::REINSTATED ? FromProto(each.close_date()) : std::nullopt;
    if (end && *end <= as_of) continue;
    if (*letter > as_of) {
      KeepEarliest(condition.date, letter);
      continue;
    }
    condition.proof = Proof::kDisproven;
    condition.text = absl::StrCat("revoked by letter of ", FormatDate(*letter));
    condition.sources = {each.name()};
    condition.date = end;
    return condition;
  }
  return condition;
}

Condition Paper(absl::string_view code, std::optional<Date> date, const PaperRequirement& rule) {
  Condition condition{.code = std::string(code), .sources = Copy(rule.sources())};
  condition.proof = date ? Proof::kProven : Proof::kNotProven;
  condition.text = date ? absl::StrCat("of ", FormatDate(*date)) : "not on record";
  return condition;
}

Condition PaperOf(int paper, const PaperTrail& trail, const PaperRequirement& rule) {
  switch (paper) {
    case PaperRequirement::CERTIFICATION:
      return Paper("certification_paper", trail.certified, rule);
    case PaperRequirement::AUTHORIZATION_LETTER:
      return Paper("authorization_letter", trail.authorized, rule);
    case PaperRequirement::FORM_70_006:
      return Paper("form_70_006", trail.form_70_006, rule);
    default:
      break;
  }
  if (!trail.credentials_returned) return Paper("credentials", trail.credentials_issued, rule);
  Condition returned = Paper("credentials", std::nullopt, rule);
  returned.proof = Proof::kDisproven;
  returned.text = absl::StrCat("returned on ", FormatDate(*trail.credentials_returned));
  return returned;
}

void AddPapers(const O& officer, const PaperTrail& trail, const PolicyView& policy, Date as_of,
               std::vector<Condition>& conditions) {
  const auto bound = policy.training().PapersFor(officer.model(), officer.template_());
  if (bound.rule == nullptr) {
    conditions.push_back(
        {.code = "papers", .proof = Proof::kNotRequired, .text = "no rule on record names papers"});
    return;
  }
  if (!bound.certain) {
    conditions.push_back({.code = "papers",
                          .text = "which text the agreement has is not on record",
                          .sources = Copy(bound.rule->sources())});
    return;
  }
  for (const int paper : bound.rule->papers()) {
    conditions.push_back(PaperOf(paper, trail, *bound.rule));
    conditions.back().date = NextEvent(officer, as_of);
  }
}

// The last day before the agreement is not in force: of a time that `as_of` lies in, or that is
// still to come.
std::optional<Date> AgreementLastDay(const O& officer, Date as_of) {
  std::optional<Date> last;
  for (const v1::AgreementStanding& standing : officer.agreement_standing()) {
    const auto date = FromProto(standing.date());
    if (!date) continue;
    if (standing.in_force()) {
      if (*date > as_of && last) return last;
      last.reset();
    } else if (!last) {
      last = *date - days(1);
    }
  }
  return last;
}

std::optional<Date> NextStanding(const O& officer, Date as_of) {
  std::optional<Date> next;
  for (const v1::AgreementStanding& standing : officer.agreement_standing()) {
    const auto date = FromProto(standing.date());
    if (date && *date > as_of) KeepEarliest(next, date);
  }
  return next;
}

// Of the authorization that the trail has.
std::optional<Date> TermLastDay(const O& officer, const PaperTrail& trail,
                                const PolicyView& policy) {
  const auto bound = policy.training().TermFor(officer.model(), officer.template_());
  if (bound.rule == nullptr || !bound.certain || !trail.authorized) return std::nullopt;
  return After(*trail.authorized, bound.rule->term()) - days(1);
}

}  // namespace

PaperTrail TrailOn(const O& officer, Date date) {
  PaperTrail trail;
  std::string agreement;
  for (const Event& event : officer.events()) {
    const auto day = FromProto(event.date());
    if (!day || *day > date) continue;
    if (event.kind() == Event::TRANSFERRED) agreement = event.agreement();
    // Credentials that an earlier agreement's officer returned.
    if (IsPaper(event.kind()) && !agreement.empty() && event.agreement() != agreement) continue;
    Apply(event.kind(), *day, trail);
  }
  return trail;
}

std::optional<Date> AuthorizationLastDay(const O& officer, const PolicyView& policy, Date as_of) {
  return TermLastDay(officer, TrailOn(officer, as_of), policy);
}

AuthorityEnd EndOfAuthority(const O& officer, const PolicyView& policy, Date as_of) {
  AuthorityEnd end;
  const PaperTrail trail = TrailOn(officer, as_of);
  if (!IsOnDuty(trail.state)) return end;
  const auto term = TermLastDay(officer, trail, policy);
  const auto agreement = AgreementLastDay(officer, as_of);
  const bool by_term = term && (!agreement || *term < *agreement);
  end.through = by_term ? term : agreement;
  if (!end.through) return end;
  end.ends_by = by_term ? kAuthorizationTerm : kAgreement;
  end.ended = *end.through < as_of;
  end.next_change = NextStanding(officer, as_of);
  if (!end.ended) KeepEarliest(end.next_change, *end.through + days(1));
  return end;
}

void Keep(const AuthorityEnd& today, O& officer) {
  officer.set_authority_ended(today.ended);
  officer.set_authority_ends_by(today.ends_by);
  officer.clear_authority_through();
  if (today.through) *officer.mutable_authority_through() = ToProto(*today.through);
  auto next = FromProto(officer.next_change_date());
  KeepEarliest(next, today.next_change);
  if (next) *officer.mutable_next_change_date() = ToProto(*next);
}

std::vector<Condition> AuthorityOf(const O& officer, const C& certification,
                                   const std::vector<Case>& cases, const PolicyView& policy,
                                   Date as_of) {
  const PaperTrail trail = TrailOn(officer, as_of);
  std::vector<Condition> conditions = {
      Training(certification), Authorization(officer, trail, as_of),
      Term(officer, trail, policy, as_of), Agreement(officer, as_of), NotRevoked(cases, as_of)};
  AddPapers(officer, trail, policy, as_of, conditions);
  return conditions;
}

}  // namespace accord::training
