// What training says of the made-up world of canned.cc.
#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "accord/training/v1/training.pb.h"
#include "tests/unit/cli/canned.h"

namespace accord::cli {
namespace {

namespace gv1 = accord::gateway::v1;
namespace tv1 = accord::training::v1;

constexpr char kOfficer[] = R"pb(
  name: "officers/o1"
  given_name: "Demo Given-1"
  family_name: "Demo Family-1"
  agreement: "agreements/g2"
  agency: "agencies/a2"
  agency_state: "NM"
  model: "JEM"
  template: "JEM-2025-02-15"
  field_office: "fieldOffices/el-paso"
  fictitious: true
  state: AUTHORIZED
  certification: LAPSED
  ends_by: "annual-ina-overview"
  next_class: "jem-refresher"
  next_class_date { year: 2026 month: 2 day: 15 }
  events {
    kind: NOMINATED
    date { year: 2024 month: 1 day: 8 }
    agreement: "agreements/g2"
    actor: "https://idp#coordinator"
    source: "nomination letter"
  }
  events {
    kind: AUTHORIZED
    date { year: 2024 month: 3 day: 1 }
    agreement: "agreements/g2"
    actor: "https://idp#director"
    reason: "letter"
  }
  agreement_standing {
    date { year: 2023 month: 9 day: 1 }
    in_force: true
    cause: "agreements@log1:7"
  }
  certification_date { year: 2024 month: 2 day: 20 }
  authorization_date { year: 2024 month: 3 day: 1 }
  authority_through { year: 2026 month: 1 day: 31 }
  authority_ends_by: "agreement"
  etag: "e3"
)pb";

constexpr char kCertification[] = R"pb(
  officer: "officers/o1"
  as_of { year: 2025 month: 7 day: 2 }
  state: LAPSED
  ends_by: "annual-ina-overview"
  inputs: "model JEM, text JEM-2025 (agreements/g2)"
  inputs: "certification: 2024-02-20"
  requirements {
    code: "annual-ina-overview"
    title: "Immigration and Nationality Act overview"
    kind: ANNUAL
    state: LAPSED
    met_through { year: 2025 month: 2 day: 15 }
    due_date { year: 2025 month: 2 day: 15 }
    window_date { year: 2024 month: 8 day: 19 }
    steps: "due on the anniversary of the basic course, 2025-02-15"
    steps: "no completion on record since"
    sources: "OIG-18-77"
    cure: "complete annual-ina-overview"
  }
  requirements {
    code: "jem-basic"
    kind: BASIC
    state: MET
    fact: "completions/c1"
    steps: "passed on 2024-02-15 (completions/c1)"
    sources: "OIG-18-77"
  }
  next_dates {
    date { year: 2026 month: 2 day: 15 }
    what: "jem-refresher is due"
  }
  cures: "complete annual-ina-overview"
  basis: SYNTHETIC
  fictitious: true
  policy_version: "2025.1"
)pb";

constexpr char kSummary[] = R"pb(
  all {
    officers: 12
    current: 6
    lapsing: 2
    lapsed: 3
    not_certified: 1
    unknown: 2
    decisions_overdue: 1
  }
  by_model { key: "JEM" officers: 9 current: 4 lapsing: 2 lapsed: 3 unknown: 2 }
  by_model { key: "WSO" officers: 3 current: 2 not_certified: 1 }
  by_field_office { key: "fieldOffices/miami" officers: 12 current: 6 lapsed: 3 unknown: 2 }
  by_agency { key: "agencies/a1" officers: 12 current: 6 lapsed: 3 unknown: 2 }
  compliance { model: "JEM" agencies: 3 agencies_compliant: 1 agencies_unknown: 1 }
  compliance { model: "WSO" agencies_without_rule: 2 }
  as_of { year: 2025 month: 7 day: 2 }
  basis: DERIVED
  policy_version: "2025.1"
)pb";

constexpr char kCapacity[] = R"pb(
  months { year: 2025 month: 8 course: "jem-refresher" seats_offered: 10 seats_needed: 14 }
  months { year: 2025 month: 9 course: "jem-refresher" }
  starts { course: "jem-basic" with_closures: 9 year_round: 13 }
  long_waits {
    enrollment: "enrollments/e1"
    officer: "officers/o1"
    course: "jem-refresher"
    days: 120
    since_date { year: 2025 month: 3 day: 4 }
    model: "JEM"
  }
  long_waits {
    officer: "officers/o2"
    course: "jem-basic"
    days: 100
    since_date { year: 2025 month: 3 day: 24 }
    model: "JEM"
  }
  refresher_seats_per_year: 187
  refresher_seats_by_office { field_office: "fieldOffices/miami" officers: 374 seats_per_year: 187 }
  as_of { year: 2025 month: 7 day: 2 }
  basis: DERIVED
  policy_version: "2025.1"
  long_wait_count: 1
)pb";

constexpr char kAuthority[] = R"pb(
  officer: "officers/o1"
  verdict: NOT_AUTHORIZED
  conditions {
    code: "training"
    state: DISPROVEN
    text: "annual-ina-overview lapsed"
    fact: "officers/o1"
    clause: "OIG-18-77"
  }
  conditions {
    code: "authorization_letter"
    state: PROVEN
    text: "by letter of 2024-03-01"
    fact: "officers/o1"
    holds_through { year: 2026 month: 2 day: 28 }
  }
  agency: "agencies/a2"
  agreement: "agreements/g2"
  model: "JEM"
  field_office: "fieldOffices/el-paso"
  as_of { year: 2025 month: 7 day: 2 }
  basis: SYNTHETIC
  fictitious: true
  sources { service: "training" revision: "training@t1:40" reachable: true }
  sources { service: "agreements" revision: "agreements@log1:812" reachable: true }
  freshness_met: true
  policy_version: "2025.1"
)pb";

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  google::protobuf::TextFormat::ParseFromString(text, &message);
  return message;
}

void PrepareOfficers(FakeGateway& gateway) {
  const std::string t = kTrainingService;
  const auto officer = Parse<tv1::Officer>(kOfficer);
  for (const char* method :
       {"GetOfficer", "NominateOfficer", "UpdateOfficer", "CertifyOfficer", "RecordPaper"}) {
    gateway.Answer(t + method, officer, "training@t1:40");
  }
  gateway.Answer(t + "ListOfficers",
                 Parse<tv1::ListOfficersResponse>(absl::StrCat("officers {", kOfficer, "}")));
  gateway.Answer(t + "ListVerificationGaps", Parse<tv1::ListVerificationGapsResponse>(
                                                 absl::StrCat("officers {", kOfficer, "}")));
  gateway.Answer(t + "ExplainCertification", Parse<tv1::Certification>(kCertification));
  gateway.Answer(t + "ListMonitorGaps", Parse<tv1::ListMonitorGapsResponse>(R"pb(
                   gaps {
                     agency: "agencies/a2"
                     field_office: "fieldOffices/houston"
                     officers: 12
                     missing: TRAINING_OFFICER_ACKNOWLEDGEMENT
                     monitor: "monitors/a2"
                     manager: "https://idp#pm"
                     training_officer: "https://idp#to"
                     fictitious: true
                   })pb"));
  gateway.Answer(t + "ListMonitors", Parse<tv1::ListMonitorsResponse>(R"pb(
                   monitors {
                     name: "monitors/a2"
                     agency: "agencies/a2"
                     manager: "https://idp#pm"
                     training_officer: "https://idp#to"
                     manager_acknowledge_time { seconds: 1751450400 }
                     fictitious: true
                   })pb"));
}

void PrepareCourses(FakeGateway& gateway) {
  const std::string t = kTrainingService;
  gateway.Answer(t + "RecordCompletion", Parse<tv1::Completion>(R"pb(
                   name: "completions/c2"
                   officer: "officers/o1"
                   course: "jem-basic"
                   date { year: 2025 month: 6 day: 1 }
                   result: FAILED
                   attempt: 1)pb"));
  gateway.Answer(t + "ImportCompletions", Parse<tv1::CompletionImport>(R"pb(
                   name: "completionImports/i1"
                   file_name: "export.csv"
                   state: APPLIED
                   rows: 12
                   rows_applied: 12
                   outcome_counts { outcome: COMPLETION_OUTCOME_RECORDED rows: 10 }
                   outcome_counts { outcome: COMPLETION_OUTCOME_KNOWN rows: 1 }
                   outcome_counts { outcome: COMPLETION_OUTCOME_REJECTED rows: 1 }
                   warnings: "column \"hours\" was not read")pb"));
  gateway.Answer(t + "ListCompletionRows", Parse<tv1::ListCompletionRowsResponse>(R"pb(
                   completion_rows {
                     name: "completionImports/i1/rows/3"
                     row_number: 3
                     outcome: COMPLETION_OUTCOME_REJECTED
                     code: "COURSE_UNKNOWN"
                     reason: "no course is called \"basket weaving\""
                   })pb"));
  gateway.Answer(t + "UpdateOffering", Parse<tv1::Offering>(R"pb(
                   name: "offerings/f1"
                   course: "jem-refresher"
                   place: "Charleston"
                   seats: 20
                   seats_taken: 12
                   state: OPEN)pb"));
}

void PrepareFigures(FakeGateway& gateway) {
  const std::string t = kTrainingService;
  gateway.Answer(t + "GetTrainingSummary", Parse<tv1::TrainingSummary>(kSummary));
  gateway.Answer(t + "GetTrainingCapacity", Parse<tv1::TrainingCapacity>(kCapacity));
  gateway.Answer(t + "GetResultRates", Parse<tv1::ResultRates>(R"pb(
                   from { year: 2026 month: 1 day: 2 }
                   to { year: 2026 month: 4 day: 2 }
                   by_course {
                     model: "WSO"
                     course: "wso-basic"
                     officers: 20
                     failed_first: 3
                     took_another: 2
                     disqualified: 1
                   }
                   by_offering {
                     model: "WSO"
                     course: "wso-basic"
                     offering: "offerings/f2"
                     officers: 20
                     failed_first: 3
                     took_another: 2
                     disqualified: 1
                   }
                   basis: SYNTHETIC
                   fictitious: true)pb"));
  gateway.Answer(t + "ListCourses", Parse<tv1::ListCoursesResponse>(R"pb(
                   courses {
                     code: "jem-basic"
                     title: "Basic training"
                     kind: BASIC
                     model: "JEM"
                     delivery: IN_PERSON
                     length { count: 4 unit: WEEKS }
                     sources: "OIG-18-77"
                   }
                   policy_version: "2025.1")pb"));
  gateway.Answer(t + "PreviewPolicy", Parse<tv1::PreviewPolicyResponse>(R"pb(
                   affected {
                     officer: "officers/o1"
                     state_now: LAPSED
                     state_then: CURRENT
                     current_through_then { year: 2026 month: 2 day: 15 }
                     ends_by_then: "annual-ina-overview"
                   }
                   officers_affected: 1
                   officers_looked_at: 12
                   preview_token: "seen")pb"));
  gateway.Answer(t + "RecordPolicyPreview", Parse<tv1::PolicyPreview>(R"pb(
                   name: "policyPreviews/p1"
                   policy_version: "v2"
                   officers_looked_at: 12
                   officers_affected: 1)pb"));
}

}  // namespace

void PrepareTraining(FakeGateway& gateway) {
  PrepareOfficers(gateway);
  PrepareCourses(gateway);
  PrepareFigures(gateway);
  gateway.Answer(absl::StrCat(kGatewayService, "GetOfficerAuthority"),
                 Parse<gv1::OfficerAuthority>(kAuthority));
}

std::string CannedSummary() { return kSummary; }

}  // namespace accord::cli
