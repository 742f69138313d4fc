// When a class of a course may begin, by the policy. Pure.
//
// Source: OIG-18-77 (no basic class in the first quarter of the fiscal year; courses withdrawn).
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"

namespace accord::training {

// Whether no class of the course begins in the quarter of the date.
bool IsClosed(const PolicyView& policy, absl::string_view course, Date date);

// Errors: COURSE_NOT_OFFERED, CALENDAR_CLOSED.
absl::Status CheckFirstDay(const PolicyView& policy, const policy::v1::Course& course, Date first);

}  // namespace accord::training
