// A small policy with courses, for tests of offerings and seats.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/policy/policy.h"
#include "tests/unit/policy/minimal_policy.h"

namespace accord::training {

// Of model AAA: a basic course of four weeks, not in the first quarter of the fiscal year; a
// refresher of a week every two years; an annual course online; one that is retired. Of BBB: a
// basic course of a day.
inline constexpr char kCourses[] = R"pb(
  training_policy {
    courses {
      code: "aaa-basic"
      title: "Basic course"
      kind: BASIC
      model: "AAA"
      delivery: IN_PERSON
      length { count: 4 unit: WEEKS }
      sources: "DOC"
    }
    courses {
      code: "aaa-refresher"
      title: "Refresher"
      kind: REFRESHER
      model: "AAA"
      delivery: IN_PERSON
      length { count: 1 unit: WEEKS }
      recurrence {
        after_completion { count: 2 unit: YEARS counting: EVERY_DAY from: PREVIOUS_OCCURRENCE }
      }
      sources: "DOC"
    }
    courses {
      code: "aaa-online"
      title: "Annual course"
      kind: ANNUAL
      model: "AAA"
      delivery: ONLINE
      length { count: 2 unit: HOURS }
      recurrence {
        anniversary_of_basic { count: 1 unit: YEARS counting: EVERY_DAY from: PREVIOUS_OCCURRENCE }
      }
      sources: "DOC"
    }
    courses {
      code: "aaa-old"
      title: "Basic course as it was"
      kind: BASIC
      model: "AAA"
      delivery: IN_PERSON
      length { count: 6 unit: WEEKS }
      retirement {
        date { year: 2026 month: 1 day: 5 }
        replaced_by: "aaa-basic"
      }
      sources: "DOC"
    }
    courses {
      code: "bbb-basic"
      title: "Basic course of a day"
      kind: BASIC
      model: "BBB"
      length { count: 8 unit: HOURS }
      sources: "DOC"
    }
    class_calendars { course: "aaa-basic" closed_quarters: 1 sources: "DOC" }
    lapse_policy {
      decision_target_days: 30
      notice_days: [ 90, 30, 7, 1 ]
      long_wait_days: 90
      assumed: [ "grace_days", "decision_target_days", "notice_days", "long_wait_days" ]
      sources: "DOC"
    }
  }
)pb";

inline std::shared_ptr<const Policy> CoursePolicy() {
  constexpr absl::string_view kBefore = "freshness_policy {";
  const std::string text = absl::StrReplaceAll(
      kMinimalPolicy, {{std::string(kBefore), std::string(kCourses) + std::string(kBefore)}});
  const auto policy = Policy::Parse(text, "the test's policy");
  return policy.ok() ? *policy : nullptr;
}

}  // namespace accord::training
