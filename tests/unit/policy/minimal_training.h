// A small valid training policy for the minimal policy's models, for tests to change.
#pragma once

namespace accord {

inline constexpr char kMinimalTraining[] = R"pb(
  courses {
    code: "a-basic"
    title: "Basic A"
    kind: BASIC
    model: "AAA"
    delivery: IN_PERSON
    length { count: 4 unit: WEEKS }
    exam { pass_percent: 70 remedial_exams: 1 failures_that_disqualify: 2 }
    published_names: "Academy A"
    sources: "DOC"
  }
  courses {
    code: "a-refresher"
    title: "Refresher A"
    kind: REFRESHER
    model: "AAA"
    recurrence {
      after_completion { count: 2 unit: YEARS counting: EVERY_DAY from: PREVIOUS_OCCURRENCE }
    }
    minimum_spacing { count: 1 unit: YEARS counting: EVERY_DAY from: PREVIOUS_OCCURRENCE }
    window_days: 30
    sources: "DOC"
  }
  courses {
    code: "a-annual"
    title: "Annual A"
    kind: ANNUAL
    model: "AAA"
    templates: "AAA-1"
    recurrence {
      anniversary_of_basic { count: 1 unit: YEARS counting: EVERY_DAY from: PREVIOUS_OCCURRENCE }
    }
    sources: "DOC"
  }
  courses {
    code: "a-yearly"
    title: "Yearly A"
    kind: ANNUAL
    model: "AAA"
    recurrence { fiscal_date { month: 5 day: 31 } }
    retirement {
      date { year: 2024 month: 1 day: 1 }
      replaced_by: "a-annual"
    }
    sources: "DOC"
  }
  authorization_terms {
    model: "BBB"
    term { count: 2 unit: YEARS counting: EVERY_DAY from: OFFICER_AUTHORIZED }
    sources: "DOC"
  }
  paper_requirements {
    model: "AAA"
    templates: "AAA-1"
    papers: [ CERTIFICATION, AUTHORIZATION_LETTER ]
    sources: "DOC"
  }
  class_calendars { course: "a-basic" closed_quarters: 1 sources: "DOC" }
  lapse_policy {
    decision_target_days: 30
    notice_days: [ 90, 30 ]
    long_wait_days: 90
    assumed: "grace_days"
    sources: "DOC"
  }
  annual_verification { year: FISCAL models: "AAA" assumed: "year" sources: "DOC" }
)pb";

}  // namespace accord
