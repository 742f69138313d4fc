#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/training/applicability.h"
#include "services/training/errors.h"
#include "services/training/exam_rule.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/officer_events.h"
#include "services/training/request_checks.h"
#include "services/training/seats.h"
#include "services/training/store.h"
#include "services/training/store_completions.h"
#include "services/training/store_seats.h"
#include "services/training/write_seats.h"

namespace accord::training {
namespace {

void CheckPriority(FieldViolations& violations, const v1::Enrollment& enrollment) {
  if (!v1::Enrollment::Priority_IsValid(enrollment.priority())) {
    violations.Add("enrollment.priority", "must be LAPSED, FIRST_OFFICER or STANDARD");
  }
  service::CheckText(violations, "enrollment.priority_reason", enrollment.priority_reason(),
                     service::kMaxReason);
  const bool standard = enrollment.priority() == v1::Enrollment::PRIORITY_UNSPECIFIED ||
                        enrollment.priority() == v1::Enrollment::STANDARD;
  if (!standard && enrollment.priority_reason().empty()) {
    violations.Add("enrollment.priority_reason", "must say why the officer comes first");
  }
}

v1::Enrollment NewEnrollment(const v1::Enrollment& from, const std::string& offering) {
  v1::Enrollment enrollment;
  enrollment.set_name(absl::StrCat("enrollments/", NewId()));
  enrollment.set_offering(offering);
  enrollment.set_officer(from.officer());
  enrollment.set_priority(from.priority() == v1::Enrollment::PRIORITY_UNSPECIFIED
                              ? v1::Enrollment::STANDARD
                              : from.priority());
  enrollment.set_priority_reason(from.priority_reason());
  return enrollment;
}

// A course binds one model. One that the policy no longer has binds nobody we know of.
absl::Status CheckModel(const policy::v1::Course* course, const v1::Officer& officer,
                        absl::string_view field) {
  if (course == nullptr || course->model() == officer.model()) return absl::OkStatus();
  FieldViolations violations;
  violations.Add(field, absl::StrCat("the officer serves under ", officer.model(), "; ",
                                     course->code(), " is a course of ", course->model()));
  return violations.ToStatus(kDomain);
}

// Who may not take the course again takes no seat of it.
absl::Status CheckAttempts(store::Transaction& transaction, const PolicyView& policy,
                           const policy::v1::Course* named, const v1::Officer& officer) {
  if (named == nullptr) return absl::OkStatus();
  ACCORD_ASSIGN_OR_RETURN(const OfficerFacts facts, LoadFacts(transaction, officer));
  const policy::v1::Course& course = CourseFor(facts.view(), policy, *named);
  const auto why = WhyNoMoreAttempts(course, facts.completions);
  if (why) return error::AttemptsExhausted(officer.name(), course.code(), *why);
  return absl::OkStatus();
}

// Takes the place in the offering for the officer's enrollment, whose name is set.
// `field` is what the request calls the choice of the two.
absl::Status TakePlace(store::Transaction& transaction, const PolicyView& policy, Date today,
                       absl::string_view field, const v1::Officer& officer, v1::Offering& offering,
                       v1::Enrollment& enrollment) {
  ACCORD_RETURN_IF_ERROR(CheckMayEnroll(officer, offering, field));
  const policy::v1::Course* course = policy.FindCourse(offering.course());
  ACCORD_RETURN_IF_ERROR(CheckModel(course, officer, field));
  ACCORD_RETURN_IF_ERROR(CheckAttempts(transaction, policy, course, officer));
  ACCORD_ASSIGN_OR_RETURN(const std::optional<v1::Enrollment> live,
                          LiveEnrollmentOf(transaction, enrollment.officer(), offering.name()));
  if (live) return error::AlreadyEnrolled(live->name());
  enrollment.set_course(offering.course());
  CopyOfficer(officer, enrollment);
  return Admit(offering, enrollment, today);
}

absl::Status CheckLive(const v1::Enrollment& enrollment) {
  if (IsLive(enrollment)) return absl::OkStatus();
  return error::EnrollmentEnded(enrollment.name(), v1::Enrollment::State_Name(enrollment.state()));
}

// A seat that a result rests on stays.
absl::Status CheckNoResult(store::Transaction& transaction, const v1::Enrollment& enrollment) {
  ACCORD_ASSIGN_OR_RETURN(const std::optional<v1::Completion> result,
                          ResultOf(transaction, enrollment.offering(), enrollment.officer()));
  return result ? error::ResultOnRecord(enrollment.name(), result->name()) : absl::OkStatus();
}

// What was recorded of who came is put right with a reason, and not against a result.
absl::Status CheckCorrection(store::Transaction& transaction, const v1::Enrollment& enrollment,
                             const std::string& reason) {
  FieldViolations late;
  service::RequireText(late, "reason", reason, service::kMaxReason);
  ACCORD_RETURN_IF_ERROR(late.ToStatus(kDomain));
  if (enrollment.state() != v1::Enrollment::ATTENDED) return absl::OkStatus();
  return CheckNoResult(transaction, enrollment);
}

// Whether attendance can be recorded, either way.
absl::Status CheckBegun(const v1::Offering& offering, const v1::Enrollment& enrollment,
                        Date today) {
  const auto first = FromProto(offering.first_date());
  if (first && today < *first) return error::NotBegun(offering.name(), *first);
  if (enrollment.state() == v1::Enrollment::ENROLLED) return absl::OkStatus();
  return error::NoSeat(enrollment.name());
}

// Nobody comes to a class that is not held.
absl::Status CheckNotCancelled(const v1::Offering& offering) {
  if (offering.state() != v1::Offering::CANCELLED) return absl::OkStatus();
  return error::OfferingClosed(offering.name(), v1::Offering::State_Name(offering.state()));
}

absl::Status CheckEnd(EnrollmentEnd end, const v1::Offering& offering,
                      const v1::Enrollment& enrollment, Date today) {
  ACCORD_RETURN_IF_ERROR(CheckLive(enrollment));
  if (end == EnrollmentEnd::kCancel) return absl::OkStatus();
  return CheckBegun(offering, enrollment, today);
}

// The day whose policy an offering is held under.
Date FirstDay(const v1::Offering& offering, Date otherwise) {
  return FromProto(offering.first_date()).value_or(otherwise);
}

}  // namespace

absl::StatusOr<v1::Enrollment> Handlers::GetEnrollment(rpc::Call& call,
                                                       const v1::GetEnrollmentRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "enrollments");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return service::Get<v1::Enrollment>(store_, call, request.name(), request.as_known_at());
}

absl::StatusOr<v1::ListEnrollmentsResponse> Handlers::ListEnrollments(
    rpc::Call& call, const v1::ListEnrollmentsRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::Enrollment>(store_, call, request));
  v1::ListEnrollmentsResponse response;
  response.mutable_enrollments()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Enrollment> Handlers::EnrollOfficer(rpc::Call& call,
                                                       const v1::EnrollOfficerRequest& request) {
  FieldViolations violations;
  const v1::Enrollment& wanted = request.enrollment();
  service::RequireName(violations, "enrollment.offering", wanted.offering(), "offerings");
  service::RequireName(violations, "enrollment.officer", wanted.officer(), "officers");
  CheckPriority(violations, wanted);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const Date today = Today();
  const v1::Enrollment fresh = NewEnrollment(wanted, wanted.offering());
  const service::WriteAccess access(call, separation_, "EnrollOfficer");
  return service::Commit<v1::Enrollment>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(const v1::Officer officer,
                                access.Read<v1::Officer>(transaction, fresh.officer()));
        ACCORD_ASSIGN_OR_RETURN(v1::Offering offering,
                                transaction.Get<v1::Offering>(fresh.offering()));
        v1::Enrollment enrollment = fresh;
        *enrollment.mutable_request_date() = ToProto(today);
        ACCORD_RETURN_IF_ERROR(TakePlace(transaction, PolicyOn(FirstDay(offering, today)), today,
                                         "enrollment.officer", officer, offering, enrollment));
        store::WriteSet writes;
        writes.Create(enrollment);
        ACCORD_RETURN_IF_ERROR(WriteOffering(std::move(offering), today, transaction, writes));
        return writes;
      });
}

absl::StatusOr<v1::Enrollment> Handlers::TransferEnrollment(
    rpc::Call& call, const v1::TransferEnrollmentRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "enrollments");
  service::RequireName(violations, "offering", request.offering(), "offerings");
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const Date today = Today();
  const std::string new_name = absl::StrCat("enrollments/", NewId());
  const service::WriteAccess access(call, separation_, "TransferEnrollment");
  return service::Commit<v1::Enrollment>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            v1::Enrollment old,
            access.Read<v1::Enrollment>(transaction, request.name(), request.etag()));
        ACCORD_RETURN_IF_ERROR(CheckLive(old));
        ACCORD_RETURN_IF_ERROR(CheckNoResult(transaction, old));
        ACCORD_ASSIGN_OR_RETURN(v1::Offering from, transaction.Get<v1::Offering>(old.offering()));
        ACCORD_ASSIGN_OR_RETURN(v1::Offering to, transaction.Get<v1::Offering>(request.offering()));
        if (from.course() != to.course()) return error::OtherCourse(from.course(), to.course());
        ACCORD_ASSIGN_OR_RETURN(const v1::Officer officer,
                                transaction.Get<v1::Officer>(old.officer()));
        v1::Enrollment moved = NewEnrollment(old, to.name());
        moved.set_name(new_name);
        moved.set_transferred_from(old.name());
        *moved.mutable_request_date() = old.request_date();
        ACCORD_RETURN_IF_ERROR(TakePlace(transaction, PolicyOn(FirstDay(to, today)), today,
                                         "offering", officer, to, moved));
        End(from, old, v1::Enrollment::TRANSFERRED);
        old.set_transferred_to(moved.name());
        store::WriteSet writes;
        writes.Create(moved);
        writes.Update(old);
        ACCORD_RETURN_IF_ERROR(WriteOffering(std::move(from), today, transaction, writes));
        ACCORD_RETURN_IF_ERROR(WriteOffering(std::move(to), today, transaction, writes));
        return writes;
      });
}

absl::StatusOr<v1::Enrollment> Handlers::EndEnrollment(rpc::Call& call, EnrollmentEnd end,
                                                       const v1::EndEnrollmentRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "enrollments");
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const Date today = Today();
  const service::WriteAccess access(call, separation_, MethodOf(end));
  return service::Commit<v1::Enrollment>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            v1::Enrollment enrollment,
            access.Read<v1::Enrollment>(transaction, request.name(), request.etag()));
        ACCORD_ASSIGN_OR_RETURN(v1::Offering offering,
                                transaction.Get<v1::Offering>(enrollment.offering()));
        if (IsCorrection(enrollment, TargetOf(end))) {
          ACCORD_RETURN_IF_ERROR(CheckNotCancelled(offering));
          ACCORD_RETURN_IF_ERROR(CheckCorrection(transaction, enrollment, request.reason()));
          ACCORD_RETURN_IF_ERROR(Correct(offering, enrollment, TargetOf(end)));
        } else {
          ACCORD_RETURN_IF_ERROR(CheckEnd(end, offering, enrollment, today));
          if (end != EnrollmentEnd::kAttend) {
            ACCORD_RETURN_IF_ERROR(CheckNoResult(transaction, enrollment));
          }
          End(offering, enrollment, TargetOf(end));
        }
        if (end == EnrollmentEnd::kAttend) offering.set_state(v1::Offering::HELD);
        store::WriteSet writes;
        writes.Update(enrollment);
        ACCORD_RETURN_IF_ERROR(WriteOffering(std::move(offering), today, transaction, writes));
        return writes;
      });
}

}  // namespace accord::training
