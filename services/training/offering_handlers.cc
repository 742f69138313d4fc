#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "common/service/field_mask.h"
#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/training/class_rules.h"
#include "services/training/errors.h"
#include "services/training/handlers.h"
#include "services/training/request_checks.h"
#include "services/training/seats.h"
#include "services/training/store_completions.h"
#include "services/training/store_seats.h"
#include "services/training/write_seats.h"

namespace accord::training {
namespace {

constexpr size_t kMaxPlace = 200;

const std::vector<std::string>& Changeable() {
  static const auto& paths = *new std::vector<std::string>{"place", "first_date", "last_date",
                                                           "seats", "instructor_capacity"};
  return paths;
}

// Of all that a caller sets, but the course. Answers the first day, once it is a day.
std::optional<Date> CheckOffering(FieldViolations& violations, const v1::Offering& offering) {
  service::RequireText(violations, "offering.place", offering.place(), kMaxPlace);
  const auto first = service::RequireDate(violations, "offering.first_date",
                                          offering.has_first_date(), offering.first_date());
  const auto last = service::RequireDate(violations, "offering.last_date", offering.has_last_date(),
                                         offering.last_date());
  if (first && last && *last < *first) {
    violations.Add("offering.last_date", "must not lie before first_date");
  }
  if (offering.seats() < 1 || offering.seats() > kMaxSeats) {
    violations.Add("offering.seats", absl::StrCat("must be 1 to ", kMaxSeats));
  }
  if (offering.instructor_capacity() < 0 || offering.instructor_capacity() > kMaxSeats) {
    violations.Add("offering.instructor_capacity",
                   absl::StrCat("must be 1 to ", kMaxSeats, ", or 0 when it sets no limit"));
  }
  return first;
}

absl::Status CheckOpen(const v1::Offering& offering) {
  if (offering.state() == v1::Offering::OPEN) return absl::OkStatus();
  return error::OfferingClosed(offering.name(), v1::Offering::State_Name(offering.state()));
}

bool Names(const std::vector<std::string>& paths, absl::string_view path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

}  // namespace

absl::StatusOr<v1::Offering> Handlers::GetOffering(rpc::Call& call,
                                                   const v1::GetOfferingRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "offerings");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return service::Get<v1::Offering>(store_, call, request.name(), request.as_known_at());
}

absl::StatusOr<v1::ListOfferingsResponse> Handlers::ListOfferings(
    rpc::Call& call, const v1::ListOfferingsRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::Offering>(store_, call, request));
  v1::ListOfferingsResponse response;
  response.mutable_offerings()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Offering> Handlers::CreateOffering(rpc::Call& call,
                                                      const v1::CreateOfferingRequest& request) {
  v1::Offering offering;
  offering.set_course(request.offering().course());
  service::CopyMasked(Changeable(), request.offering(), offering);
  offering.set_fictitious(request.offering().fictitious());
  FieldViolations violations;
  const auto first = CheckOffering(violations, offering);
  // The class is held under the policy of its first day.
  const PolicyView& policy = PolicyOn(first.value_or(Today()));
  const policy::v1::Course* course = policy.FindCourse(offering.course());
  if (course == nullptr) {
    violations.Add("offering.course", "must be the code of a course of the policy");
  }
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  ACCORD_RETURN_IF_ERROR(CheckFirstDay(policy, *course, *first));

  offering.set_name(absl::StrCat("offerings/", NewId()));
  offering.set_state(v1::Offering::OPEN);
  offering.set_next_sequence(1);
  return service::Commit<v1::Offering>(
      store_, call, service::ContextOf(call, "CreateOffering", request),
      [offering](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
        store::WriteSet writes;
        writes.Create(offering);
        return writes;
      });
}

absl::StatusOr<v1::Offering> Handlers::UpdateOffering(rpc::Call& call,
                                                      const v1::UpdateOfferingRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "offering.name", request.offering().name(), "offerings");
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  const std::vector<std::string> paths = service::MaskedPaths(
      request.update_mask(), Changeable(), "; announce another offering", violations);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const Date today = Today();
  const service::WriteAccess access(call, separation_, "UpdateOffering");
  return service::Commit<v1::Offering>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        const std::string& name = request.offering().name();
        ACCORD_ASSIGN_OR_RETURN(
            v1::Offering offering,
            access.Read<v1::Offering>(transaction, name, request.offering().etag()));
        ACCORD_RETURN_IF_ERROR(CheckOpen(offering));
        service::CopyMasked(paths, request.offering(), offering);
        FieldViolations late;
        const auto first = CheckOffering(late, offering);
        ACCORD_RETURN_IF_ERROR(late.ToStatus(kDomain));
        if (Names(paths, "first_date")) {
          const PolicyView& policy = PolicyOn(*first);
          const policy::v1::Course* course = policy.FindCourse(offering.course());
          if (course != nullptr) {
            ACCORD_RETURN_IF_ERROR(CheckFirstDay(policy, *course, *first));
          }
        }
        if (offering.seats_taken() > Capacity(offering)) {
          return error::SeatsTaken(offering.name(), offering.seats_taken());
        }
        store::WriteSet writes;
        ACCORD_RETURN_IF_ERROR(WriteOffering(std::move(offering), today, transaction, writes));
        return writes;
      });
}

absl::StatusOr<v1::Offering> Handlers::CancelOffering(rpc::Call& call,
                                                      const v1::CancelOfferingRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "offerings");
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  const service::WriteAccess access(call, separation_, "CancelOffering");
  return service::Commit<v1::Offering>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            v1::Offering offering,
            access.Read<v1::Offering>(transaction, request.name(), request.etag()));
        ACCORD_RETURN_IF_ERROR(CheckOpen(offering));
        ACCORD_ASSIGN_OR_RETURN(const std::optional<v1::Completion> result,
                                ResultOf(transaction, offering.name()));
        if (result) return error::ResultOnRecord(offering.name(), result->name());
        ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Enrollment> live,
                                LiveEnrollmentsOf(transaction, offering.name()));
        offering.set_state(v1::Offering::CANCELLED);
        store::WriteSet writes;
        for (v1::Enrollment& enrollment : live) {
          End(offering, enrollment, v1::Enrollment::CANCELLED);
          writes.Update(enrollment);
        }
        writes.Update(offering);
        return writes;
      });
}

}  // namespace accord::training
