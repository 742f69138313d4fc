#include "services/training/revocation.h"

#include <algorithm>

#include "services/training/lapse.h"
#include "services/training/officer_events.h"

namespace accord::training {

v1::RevocationCase OpenCase(const std::string& name, const v1::Officer& officer,
                            absl::string_view proposed_by, const PolicyView& policy, Date date) {
  v1::RevocationCase revocation;
  revocation.set_name(name);
  revocation.set_officer(officer.name());
  revocation.set_state(v1::RevocationCase::OPEN);
  *revocation.mutable_open_date() = ToProto(date);
  if (const auto* lapse = policy.training().lapse_policy()) {
    *revocation.mutable_decision_due_date() = ToProto(date + days(lapse->decision_target_days()));
  }
  revocation.set_proposed_by(std::string(proposed_by));
  revocation.set_policy_version(policy.id());
  CopyOfficer(officer, revocation);
  return revocation;
}

Date LastStep(const v1::RevocationCase& revocation) {
  Date last = Date::min();
  for (const auto* date :
       {&revocation.open_date(), &revocation.notice_date(), &revocation.decision_date(),
        &revocation.letter_date(), &revocation.close_date()}) {
    last = std::max(last, FromProto(*date).value_or(Date::min()));
  }
  return last;
}

int DaysOverdue(const v1::RevocationCase& revocation, Date today) {
  const auto due = FromProto(revocation.decision_due_date());
  if (!due || !IsOpen(revocation)) return 0;
  return std::max(0, static_cast<int>((today - *due).count()));
}

void TakeStepOn(v1::RevocationCase& revocation, CaseStep step, Date date, absl::string_view actor,
                absl::string_view reason) {
  revocation.set_state(TargetOf(step));
  if (step == CaseStep::kGiveNotice) {
    *revocation.mutable_notice_date() = ToProto(date);
    return;
  }
  *revocation.mutable_close_date() = ToProto(date);
  if (step == CaseStep::kReinstate) return;
  *revocation.mutable_decision_date() = ToProto(date);
  revocation.set_decided_by(std::string(actor));
  revocation.set_decision_reason(std::string(reason));
  if (step == CaseStep::kRevoke) *revocation.mutable_letter_date() = ToProto(date);
}

}  // namespace accord::training
