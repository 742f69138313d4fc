#include "services/gateway/authority_rules.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/gateway/status_rules.h"

namespace accord::gateway {
namespace {

using Condition = tv1::AuthorityCondition;

// Of the policy's duties: the federal side brings equipment, and both sides sign for its use.
constexpr char kEquipmentDuty[] = "it_infrastructure";

Condition MakeCondition(absl::string_view code, Condition::State state, absl::string_view text,
                        absl::string_view fact, absl::string_view clause) {
  Condition condition;
  condition.set_code(std::string(code));
  condition.set_state(state);
  condition.set_text(std::string(text));
  condition.set_fact(std::string(fact));
  condition.set_clause(std::string(clause));
  return condition;
}

// What the owner's reason says, as a condition.
Condition AgreementCondition(const tv1::Officer& officer, const av1::Agreement* agreement,
                             const PolicyView& policy, absl::TimeZone zone, Date date) {
  if (agreement == nullptr) {
    return MakeCondition("agreement", Condition::NOT_PROVEN,
                         "the agreements service could not be asked", officer.agreement(), kNoRule);
  }
  const v1::AgreementStatus status = AgreementStatusOn(*agreement, policy, zone, date);
  const bool in_force = status.verdict() == v1::IN_FORCE;
  const v1::Reason& reason = status.reasons(0);
  Condition condition =
      MakeCondition("agreement", in_force ? Condition::PROVEN : Condition::DISPROVEN, reason.text(),
                    agreement->name(), reason.clause());
  const auto until = FromProto(status.valid_until());
  if (in_force && until) *condition.mutable_holds_through() = ToProto(*until - days(1));
  return condition;
}

std::string ClauseOf(const policy::v1::Duty* duty, const PolicyView& policy) {
  if (duty == nullptr) return kNoRule;
  return absl::StrCat("policy ", policy.id(), ": duty ", duty->code(), " [",
                      absl::StrJoin(duty->sources(), ", "), "]");
}

// Not required where the template is known to have no duty of equipment.
Condition ProvisioningCondition(absl::string_view code, absl::string_view what,
                                const tv1::Officer& officer, const PolicyView& policy) {
  const auto* duty = policy.FindDuty(officer.template_(), kEquipmentDuty);
  const bool known_not = duty != nullptr && duty->has_required() && !duty->required();
  const std::string text =
      known_not ? absl::StrCat("the agreement's text asks for no ", what)
                : absl::StrCat("no service of this installation can prove the ", what);
  return MakeCondition(code, known_not ? Condition::NOT_REQUIRED : Condition::NOT_PROVEN, text, "",
                       ClauseOf(duty, policy));
}

// Worst first: what is known not to hold, then what is not known, then the rest.
int Rank(Condition::State state) {
  switch (state) {
    case Condition::DISPROVEN:
      return 0;
    case Condition::PROVEN:
      return 2;
    case Condition::NOT_REQUIRED:
      return 3;
    default:
      return 1;
  }
}

v1::OfficerAuthority::Verdict VerdictOf(const v1::OfficerAuthority& authority) {
  int worst = Rank(Condition::NOT_REQUIRED);
  for (const Condition& condition : authority.conditions()) {
    worst = std::min(worst, Rank(condition.state()));
  }
  if (authority.conditions().empty()) return v1::OfficerAuthority::NOT_PROVEN;
  if (worst == Rank(Condition::DISPROVEN)) return v1::OfficerAuthority::NOT_AUTHORIZED;
  return worst == Rank(Condition::NOT_PROVEN) ? v1::OfficerAuthority::NOT_PROVEN
                                              : v1::OfficerAuthority::AUTHORIZED;
}

std::optional<Date> FirstEnd(const v1::OfficerAuthority& authority) {
  std::optional<Date> first;
  for (const Condition& condition : authority.conditions()) {
    if (condition.state() != Condition::PROVEN) continue;
    const auto end = FromProto(condition.holds_through());
    if (end) first = std::min(first.value_or(*end), *end);
  }
  return first;
}

}  // namespace

v1::OfficerAuthority OfficerAuthorityOn(const tv1::OfficerRecord& record,
                                        const av1::Agreement* agreement, const PolicyView& policy,
                                        absl::TimeZone zone, Date date) {
  const tv1::Officer& officer = record.officer();
  v1::OfficerAuthority authority;
  authority.set_officer(officer.name());
  authority.set_agency(officer.agency());
  authority.set_agreement(officer.agreement());
  authority.set_model(officer.model());
  authority.set_field_office(officer.field_office());
  *authority.mutable_as_of() = ToProto(date);
  *authority.mutable_conditions() = record.conditions();
  *authority.add_conditions() = AgreementCondition(officer, agreement, policy, zone, date);
  *authority.add_conditions() = ProvisioningCondition("equipment", "equipment", officer, policy);
  *authority.add_conditions() =
      ProvisioningCondition("access_card", "access card", officer, policy);
  std::stable_sort(
      authority.mutable_conditions()->begin(), authority.mutable_conditions()->end(),
      [](const Condition& a, const Condition& b) { return Rank(a.state()) < Rank(b.state()); });
  authority.set_verdict(VerdictOf(authority));
  if (authority.verdict() == v1::OfficerAuthority::AUTHORIZED) {
    if (const auto end = FirstEnd(authority)) {
      *authority.mutable_valid_until() = ToProto(*end + days(1));
    }
  }
  authority.set_fictitious(officer.fictitious());
  authority.set_basis(officer.fictitious() ? av1::SYNTHETIC : av1::DERIVED);
  authority.set_policy_version(policy.id());
  return authority;
}

}  // namespace accord::gateway
