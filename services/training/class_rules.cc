#include "services/training/class_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/calendar/fiscal.h"
#include "services/training/errors.h"
#include "services/training/weigh.h"

namespace accord::training {
namespace {

std::string InsteadOf(const policy::v1::Course& course) {
  const auto& successors = course.retirement().replaced_by();
  if (successors.empty()) return "nothing took its place";
  return absl::StrCat("it was replaced by ", absl::StrJoin(successors, " or "));
}

}  // namespace

bool IsClosed(const PolicyView& policy, absl::string_view course, Date date) {
  const policy::v1::ClassCalendar* calendar = policy.training().CalendarOf(course);
  if (calendar == nullptr) return false;
  const auto& closed = calendar->closed_quarters();
  return std::find(closed.begin(), closed.end(), FiscalQuarterOf(date).quarter) != closed.end();
}

absl::Status CheckFirstDay(const PolicyView& policy, const policy::v1::Course& course, Date first) {
  if (IsRetired(course, first)) {
    return error::CourseNotOffered(course.code(), first, InsteadOf(course));
  }
  if (IsClosed(policy, course.code(), first)) {
    return error::CalendarClosed(course.code(), FormatFiscalQuarter(FiscalQuarterOf(first)));
  }
  return absl::OkStatus();
}

}  // namespace accord::training
