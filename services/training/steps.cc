#include "services/training/steps.h"

namespace accord::training {

absl::string_view MethodOf(EnrollmentEnd end) {
  switch (end) {
    case EnrollmentEnd::kCancel:
      return "CancelEnrollment";
    case EnrollmentEnd::kNoShow:
      return "RecordNoShow";
    case EnrollmentEnd::kAttend:
      return "RecordAttendance";
  }
  return "";
}

v1::Enrollment::State TargetOf(EnrollmentEnd end) {
  switch (end) {
    case EnrollmentEnd::kCancel:
      return v1::Enrollment::CANCELLED;
    case EnrollmentEnd::kNoShow:
      return v1::Enrollment::NO_SHOW;
    case EnrollmentEnd::kAttend:
      return v1::Enrollment::ATTENDED;
  }
  return v1::Enrollment::STATE_UNSPECIFIED;
}

}  // namespace accord::training
