#include <algorithm>
#include <optional>
#include <utility>

#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/training/errors.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/lapse.h"
#include "services/training/officer_events.h"
#include "services/training/request_checks.h"
#include "services/training/revocation.h"
#include "services/training/store.h"

namespace accord::training {
namespace {

absl::Status CheckStep(const v1::RevocationCase& revocation, CaseStep step, Date date) {
  const std::vector<CaseStep> legal = LegalSteps(revocation.state());
  if (!Contains(legal, step)) {
    return error::IllegalStep(revocation.name(), MethodOf(step),
                              v1::RevocationCase::State_Name(revocation.state()),
                              MethodNames(legal));
  }
  const Date last = LastStep(revocation);
  if (date < last) return error::DateOutOfOrder(revocation.name(), date, last);
  return absl::OkStatus();
}

// A revoked officer has no authority from the letter on; a reinstated one is certified and
// needs a new letter.
void FollowDecision(v1::Officer& officer, CaseStep step) {
  officer.set_state(step == CaseStep::kRevoke ? v1::Officer::REVOKED : v1::Officer::CERTIFIED);
  if (step == CaseStep::kReinstate) officer.clear_authorization_date();
}

// The officer's part of a decision begins with the letter.
v1::OfficerEvent StepEvent(CaseStep step, const v1::StepRevocationCaseRequest& request,
                           const store::Transaction& transaction, const rpc::Call& call,
                           const v1::Officer& officer, const v1::RevocationCase& revocation) {
  v1::OfficerEvent event;
  event.set_kind(step == CaseStep::kRevoke ? v1::OfficerEvent::REVOKED
                                           : v1::OfficerEvent::REINSTATED);
  *event.mutable_date() = step == CaseStep::kRevoke ? revocation.letter_date() : request.date();
  event.set_agreement(officer.agreement());
  *event.mutable_record_time() = TimeOf(transaction);
  event.set_actor(call.caller().actor);
  event.set_reason(request.reason());
  event.set_source(request.name());
  return event;
}

void CheckLetter(FieldViolations& violations, CaseStep step,
                 const v1::StepRevocationCaseRequest& request, std::optional<Date> date,
                 Date today) {
  if (!request.has_letter_date()) return;
  if (step != CaseStep::kRevoke) violations.Add("letter_date", "is of a decision to revoke alone");
  const auto letter = RequirePast(violations, "letter_date", true, request.letter_date(), today);
  if (letter && date && *letter < *date) {
    violations.Add("letter_date", "must not be before the decision, `date`");
  }
}

// There must be authority to take, or a revocation in force to undo.
absl::Status CheckOfficer(const v1::Officer& officer, CaseStep step) {
  const bool fits = step == CaseStep::kReinstate ? officer.state() == v1::Officer::REVOKED
                                                 : IsOnDuty(officer.state());
  return fits ? absl::OkStatus() : IllegalFor(officer, MethodOf(step));
}

}  // namespace

absl::StatusOr<v1::RevocationCase> Handlers::GetRevocationCase(
    rpc::Call& call, const v1::GetRevocationCaseRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "revocationCases");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  auto revocation =
      service::Get<v1::RevocationCase>(store_, call, request.name(), request.as_known_at());
  if (revocation.ok()) revocation->set_days_overdue(DaysOverdue(*revocation, Today()));
  return revocation;
}

absl::StatusOr<v1::ListRevocationCasesResponse> Handlers::ListRevocationCases(
    rpc::Call& call, const v1::ListRevocationCasesRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::RevocationCase>(store_, call, request));
  v1::ListRevocationCasesResponse response;
  const Date today = Today();
  for (v1::RevocationCase& revocation : page.items) {
    revocation.set_days_overdue(DaysOverdue(revocation, today));
  }
  response.mutable_revocation_cases()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::RevocationCase> Handlers::ProposeRevocation(
    rpc::Call& call, const v1::ProposeRevocationRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "officer", request.officer(), "officers");
  const Date today = Today();
  const google::type::Date given = request.has_date() ? request.date() : ToProto(today);
  const auto date = RequirePast(violations, "date", true, given, today);
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const std::string name = NewName("revocationCases");
  const service::WriteAccess access(call, separation_, "ProposeRevocation");
  return service::Commit<v1::RevocationCase>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(const auto officer,
                                access.Read<v1::Officer>(transaction, request.officer()));
        if (!IsOnDuty(officer.state())) return IllegalFor(officer, "ProposeRevocation");
        ACCORD_RETURN_IF_ERROR(CheckOrder(officer, *date));
        ACCORD_ASSIGN_OR_RETURN(const auto cases, CasesOf(transaction, {officer.name()}));
        const auto open = std::find_if(cases.begin(), cases.end(), IsOpen);
        if (open != cases.end()) return error::CaseOpen(open->name());
        store::WriteSet writes;
        writes.Create(OpenCase(name, officer, call.caller().actor, PolicyOn(*date), *date));
        return writes;
      });
}

absl::StatusOr<v1::RevocationCase> Handlers::TakeCaseStep(
    rpc::Call& call, CaseStep step, const v1::StepRevocationCaseRequest& request) {
  const Date today = Today();
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "revocationCases");
  const auto date = RequirePast(violations, "date", request.has_date(), request.date(), today);
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  CheckLetter(violations, step, request, date, today);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const service::WriteAccess access(call, separation_, MethodOf(step));
  return service::Commit<v1::RevocationCase>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(auto revocation, access.Read<v1::RevocationCase>(
                                                     transaction, request.name(), request.etag()));
        ACCORD_RETURN_IF_ERROR(CheckStep(revocation, step, *date));
        TakeStepOn(revocation, step, *date, call.caller().actor, request.reason());
        if (request.has_letter_date()) *revocation.mutable_letter_date() = request.letter_date();
        store::WriteSet writes;
        writes.Update(revocation);
        if (step != CaseStep::kRevoke && step != CaseStep::kReinstate) return writes;
        ACCORD_ASSIGN_OR_RETURN(v1::Officer officer,
                                transaction.Get<v1::Officer>(revocation.officer()));
        ACCORD_RETURN_IF_ERROR(CheckOfficer(officer, step));
        ACCORD_RETURN_IF_ERROR(CheckOrder(officer, *date));
        FollowDecision(officer, step);
        AddEvent(StepEvent(step, request, transaction, call, officer, revocation), officer);
        ACCORD_RETURN_IF_ERROR(
            Rekeep(transaction, std::move(officer), PolicyOn(today), today, writes));
        return writes;
      });
}

}  // namespace accord::training
