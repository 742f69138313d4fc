#include <utility>

#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/training/errors.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/officer_events.h"
#include "services/training/request_checks.h"
#include "services/training/store.h"

namespace accord::training {
namespace {

void CheckWaiver(FieldViolations& violations, const v1::Waiver& waiver,
                 const policy::v1::Course* course) {
  service::RequireName(violations, "waiver.officer", waiver.officer(), "officers");
  if (course == nullptr) {
    violations.Add("waiver.course", "must be the code of a course of the policy");
  }
  if (!v1::Waiver::Reason_IsValid(waiver.reason()) ||
      waiver.reason() == v1::Waiver::REASON_UNSPECIFIED) {
    violations.Add("waiver.reason",
                   "must be COURSE_RETIRED, EQUIVALENT_TRAINING, TESTED_OUT or ADMINISTRATIVE");
  }
  if (course != nullptr && waiver.reason() == v1::Waiver::COURSE_RETIRED &&
      !course->has_retirement()) {
    violations.Add("waiver.reason", "says COURSE_RETIRED, but by the policy it is offered");
  }
  service::RequireText(violations, "waiver.explanation", waiver.explanation(), service::kMaxReason);
  const auto first = service::RequireDate(violations, "waiver.first_date", waiver.has_first_date(),
                                          waiver.first_date());
  const auto last = service::RequireDate(violations, "waiver.last_date", waiver.has_last_date(),
                                         waiver.last_date());
  if (first && last && *last < *first) {
    violations.Add("waiver.last_date", "must not be before the first");
  }
}

// What can only be checked against the officer.
absl::Status CheckWaiver(const v1::Officer& officer, const policy::v1::Course& course) {
  FieldViolations late;
  if (course.model() != officer.model()) {
    late.Add("waiver.course", absl::StrCat("is a course of ", course.model(),
                                           ", the officer is of ", officer.model()));
  }
  return late.ToStatus(kDomain);
}

v1::Waiver WaiverOf(const v1::Waiver& wanted, const std::string& name, const std::string& approver,
                    const v1::Officer& officer) {
  v1::Waiver waiver;
  waiver.set_name(name);
  waiver.set_officer(officer.name());
  waiver.set_course(wanted.course());
  waiver.set_reason(wanted.reason());
  waiver.set_explanation(wanted.explanation());
  *waiver.mutable_first_date() = wanted.first_date();
  *waiver.mutable_last_date() = wanted.last_date();
  waiver.set_approver(approver);
  CopyOfficer(officer, waiver);
  return waiver;
}

// The facts with the waiver as it is about to be written.
void Put(const v1::Waiver& waiver, OfficerFacts& facts) {
  for (v1::Waiver& known : facts.waivers) {
    if (known.name() != waiver.name()) continue;
    known = waiver;
    return;
  }
  facts.waivers.push_back(waiver);
}

}  // namespace

absl::StatusOr<v1::Waiver> Handlers::GetWaiver(rpc::Call& call,
                                               const v1::GetWaiverRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "waivers");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return service::Get<v1::Waiver>(store_, call, request.name(), request.as_known_at());
}

absl::StatusOr<v1::ListWaiversResponse> Handlers::ListWaivers(
    rpc::Call& call, const v1::ListWaiversRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::Waiver>(store_, call, request));
  v1::ListWaiversResponse response;
  response.mutable_waivers()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Waiver> Handlers::GrantWaiver(rpc::Call& call,
                                                 const v1::GrantWaiverRequest& request) {
  const Date today = Today();
  const v1::Waiver& wanted = request.waiver();
  const policy::v1::Course* course = PolicyOn(today).FindCourse(wanted.course());
  FieldViolations violations;
  CheckWaiver(violations, wanted, course);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const std::string name = NewName("waivers");
  const service::WriteAccess access(call, separation_, "GrantWaiver");
  store::MutationContext context = service::ContextOf(call, access.action(), request);
  context.reason = wanted.explanation();
  return service::Commit<v1::Waiver>(
      store_, call, std::move(context),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(v1::Officer officer,
                                access.Read<v1::Officer>(transaction, wanted.officer()));
        ACCORD_RETURN_IF_ERROR(CheckWaiver(officer, *course));
        const v1::Waiver waiver = WaiverOf(wanted, name, call.caller().actor, officer);
        ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, LoadFacts(transaction, std::move(officer)));
        Put(waiver, facts);
        store::WriteSet writes;
        writes.Create(waiver);
        ACCORD_RETURN_IF_ERROR(
            Rekeep(transaction, std::move(facts), PolicyOn(today), today, writes));
        return writes;
      });
}

absl::StatusOr<v1::Waiver> Handlers::EndWaiver(rpc::Call& call,
                                               const v1::EndWaiverRequest& request) {
  const Date today = Today();
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "waivers");
  const auto last =
      service::RequireDate(violations, "last_date", request.has_last_date(), request.last_date());
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const service::WriteAccess access(call, separation_, "EndWaiver");
  return service::Commit<v1::Waiver>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            v1::Waiver waiver,
            access.Read<v1::Waiver>(transaction, request.name(), request.etag()));
        const Date end = FromProto(waiver.last_date()).value_or(Date::min());
        if (end < today) return error::WaiverEnded(waiver.name(), end);
        FieldViolations late;
        if (*last >= end) late.Add("last_date", "must be before the day on which it ends anyway");
        if (*last < FromProto(waiver.first_date()))
          late.Add("last_date", "is before its first day");
        ACCORD_RETURN_IF_ERROR(late.ToStatus(kDomain));
        *waiver.mutable_last_date() = ToProto(*last);
        ACCORD_ASSIGN_OR_RETURN(v1::Officer officer,
                                transaction.Get<v1::Officer>(waiver.officer()));
        ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, LoadFacts(transaction, std::move(officer)));
        Put(waiver, facts);
        store::WriteSet writes;
        writes.Update(waiver);
        ACCORD_RETURN_IF_ERROR(
            Rekeep(transaction, std::move(facts), PolicyOn(today), today, writes));
        return writes;
      });
}

}  // namespace accord::training
