#include "services/training/store_seats.h"

#include <utility>

#include "common/base/status.h"
#include "services/training/seats.h"

namespace accord::training {

absl::StatusOr<std::optional<v1::Enrollment>> LiveEnrollmentOf(store::Reader& reader,
                                                               const std::string& officer,
                                                               const std::string& offering) {
  ACCORD_ASSIGN_OR_RETURN(
      std::vector<v1::Enrollment> all,
      reader.Select<v1::Enrollment>(
          {.where = "f_officer = $1 AND f_offering = $2", .params = {officer, offering}}));
  for (v1::Enrollment& enrollment : all) {
    if (IsLive(enrollment)) return std::move(enrollment);
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<v1::Enrollment>> FirstWaiting(store::Reader& reader,
                                                         const std::string& offering, int count) {
  return reader.Select<v1::Enrollment>({.where = "f_offering = $1 AND f_state = $2",
                                        .params = {offering, int64_t{v1::Enrollment::WAITING}},
                                        .order_by = "f_priority, f_request_date, f_sequence",
                                        .limit = count});
}

absl::StatusOr<std::vector<v1::Enrollment>> LiveEnrollmentsOf(store::Reader& reader,
                                                              const std::string& offering) {
  return reader.Select<v1::Enrollment>(
      {.where = "f_offering = $1 AND f_state IN ($2, $3)",
       .params = {offering, int64_t{v1::Enrollment::ENROLLED}, int64_t{v1::Enrollment::WAITING}},
       .order_by = "f_sequence"});
}

}  // namespace accord::training
