#include "accord/training/v1/resources.pb.h"
#include "services/cli/output/column_specs.h"

namespace accord::cli {
namespace {

namespace tv1 = accord::training::v1;
using google::protobuf::Message;

template <tv1::CompletionOutcome kOutcome>
std::string ImportedWith(const Message& message) {
  const auto& import = static_cast<const tv1::CompletionImport&>(message);
  int rows = 0;
  for (const auto& count : import.outcome_counts()) {
    if (count.outcome() == kOutcome) rows += count.rows();
  }
  return std::to_string(rows);
}

// Empty where it does not limit the seats.
std::string InstructorCapacity(const Message& message) {
  const int capacity = static_cast<const tv1::Offering&>(message).instructor_capacity();
  return capacity == 0 ? "" : std::to_string(capacity);
}

// A name of a person, which answers to writes leave out.
ColumnSpec PersonColumn(const char* header, const char* path) {
  return {.header = header, .path = path, .when_any = true};
}

std::vector<ColumnSpec> OfficerColumns() {
  return {{"NAME", "name"},
          PersonColumn("GIVEN NAME", "given_name"),
          PersonColumn("FAMILY NAME", "family_name"),
          {"ST", "agency_state"},
          {"AGENCY", "agency"},
          {"MODEL", "model"},
          {"STATE", "state"},
          {"TRAINING", "certification"},
          {"THROUGH", "current_through"},
          {"ENDS BY", "ends_by"},
          {"AUTHORITY ENDED", "authority_ended"},
          {"OFFICE", "field_office"},
          {"AUTHORITY THROUGH", "authority_through", kWideOnly},
          {"AUTHORITY ENDS BY", "authority_ends_by", kWideOnly},
          {"AGREEMENT", "agreement", kWideOnly},
          {"TEMPLATE", "template", kWideOnly},
          {"CERTIFIED", "certification_date", kWideOnly},
          {"AUTHORIZED", "authorization_date", kWideOnly},
          {"FORM 70-006", "form_70_006_date", kWideOnly},
          {"CREDENTIALS", "credentials_issued_date", kWideOnly},
          {"RETURNED", "credentials_returned_date", kWideOnly},
          {"CHANGES", "next_change_date", kWideOnly},
          {"POLICY", "policy_version", kWideOnly},
          {"UPDATED", "update_time", kWideOnly},
          {"ETAG", "etag", kWideOnly},
          {"ANNUAL", "annual_training", kWideOnly},
          {"NEXT CLASS", "next_class", kWideOnly},
          {"CLASS BY", "next_class_date", kWideOnly}};
}

ColumnSpecs RecordColumns() {
  return {
      {"accord.training.v1.Officer", OfficerColumns()},
      {"accord.training.v1.Completion",
       {{"NAME", "name"},
        {"OFFICER", "officer"},
        {"COURSE", "course"},
        {"DATE", "date"},
        {"RESULT", "result"},
        {"ATTEMPT", "attempt"},
        {"VOIDS", "voids"},
        {"SOURCE", "source"},
        {"OFFERING", "offering", kWideOnly},
        {"EVIDENCE", "evidence", kWideOnly},
        {"WHY", "reason", kWideOnly},
        {"AGENCY", "agency", kWideOnly},
        {"OFFICE", "field_office", kWideOnly}}},
      {"accord.training.v1.CompletionImport",
       {{"NAME", "name"},
        {"FILE", "file_name"},
        {"STATE", "state"},
        {"ROWS", "rows"},
        {"DONE", "rows_applied"},
        {"RECORDED", "outcome_counts.recorded", false,
         ImportedWith<tv1::COMPLETION_OUTCOME_RECORDED>},
        {"KNOWN", "outcome_counts.known", false, ImportedWith<tv1::COMPLETION_OUTCOME_KNOWN>},
        {"REJECTED", "outcome_counts.rejected", false,
         ImportedWith<tv1::COMPLETION_OUTCOME_REJECTED>},
        {"WARNINGS", "warnings", kWideOnly},
        {"POLICY", "policy_version", kWideOnly},
        {"CONTENT", "content_digest", kWideOnly},
        {"CREATED", "create_time", kWideOnly}}},
      {"accord.training.v1.CompletionRow",
       {{"ROW", "row_number"},
        {"OUTCOME", "outcome"},
        {"CODE", "code"},
        {"OFFICER", "officer"},
        {"COURSE", "course"},
        {"DATE", "date"},
        {"COMPLETION", "completion"},
        {"REASON", "reason"},
        {"NAME", "name", kWideOnly}}},
      {"accord.training.v1.Waiver",
       {{"NAME", "name"},
        {"OFFICER", "officer"},
        {"COURSE", "course"},
        {"BECAUSE", "reason"},
        {"FROM", "first_date"},
        {"THROUGH", "last_date"},
        {"APPROVER", "approver"},
        {"WHY", "explanation", kWideOnly},
        {"AGENCY", "agency", kWideOnly},
        {"OFFICE", "field_office", kWideOnly},
        {"ETAG", "etag", kWideOnly}}},
  };
}

ColumnSpecs SeatColumns() {
  return {
      {"accord.training.v1.Offering",
       {{"NAME", "name"},
        {"COURSE", "course"},
        {"PLACE", "place"},
        {"FROM", "first_date"},
        {"TO", "last_date"},
        {"STATE", "state"},
        {"SEATS", "seats"},
        {"INSTRUCTORS FOR", "instructor_capacity", false, InstructorCapacity},
        {"TAKEN", "seats_taken"},
        {"WAITING", "waiting"},
        {"UPDATED", "update_time", kWideOnly},
        {"ETAG", "etag", kWideOnly}}},
      {"accord.training.v1.Enrollment",
       {{"NAME", "name"},
        {"OFFERING", "offering"},
        {"OFFICER", "officer"},
        {"STATE", "state"},
        {"PRIORITY", "priority"},
        {"NO.", "sequence"},
        {"REQUESTED", "request_date"},
        {"PROMOTED", "promote_time"},
        {"COURSE", "course"},
        {"PRIORITY BECAUSE", "priority_reason", kWideOnly},
        {"MOVED TO", "transferred_to", kWideOnly},
        {"MOVED FROM", "transferred_from", kWideOnly},
        {"AGENCY", "agency", kWideOnly},
        {"OFFICE", "field_office", kWideOnly},
        {"ETAG", "etag", kWideOnly}}},
  };
}

ColumnSpecs OversightColumns() {
  return {
      {"accord.training.v1.RevocationCase",
       {{"NAME", "name"},
        {"OFFICER", "officer"},
        {"STATE", "state"},
        {"REQUIREMENT", "requirement"},
        {"LAPSED", "lapse_date"},
        {"OPENED", "open_date"},
        {"DUE", "decision_due_date"},
        {"DAYS OVERDUE", "days_overdue"},
        {"DECIDED", "decision_date"},
        {"OFFICE", "field_office"},
        {"PROPOSED BY", "proposed_by", kWideOnly},
        {"NOTICE", "notice_date", kWideOnly},
        {"DECIDED BY", "decided_by", kWideOnly},
        {"WHY", "decision_reason", kWideOnly},
        {"LETTER", "letter_date", kWideOnly},
        {"CLOSED", "close_date", kWideOnly},
        {"AGENCY", "agency", kWideOnly},
        {"POLICY", "policy_version", kWideOnly},
        {"ETAG", "etag", kWideOnly}}},
      {"accord.training.v1.AnnualVerification",
       {{"NAME", "name"},
        {"OFFICER", "officer"},
        {"YEAR", "year"},
        {"VERIFIED", "verify_date"},
        {"FOUND", "found"},
        {"BY", "verified_by"},
        {"OFFICE", "field_office"},
        {"AGENCY", "agency", kWideOnly},
        {"ETAG", "etag", kWideOnly}}},
      {"accord.training.v1.Monitor",
       {{"NAME", "name"},
        {"AGENCY", "agency"},
        {"MANAGER", "manager"},
        {"ACKNOWLEDGED", "manager_acknowledge_time"},
        {"TRAINING OFFICER", "training_officer"},
        {"ACKNOWLEDGED", "training_officer_acknowledge_time"},
        {"OFFICE", "field_office"},
        {"ETAG", "etag", kWideOnly}}},
      {"accord.training.v1.MonitorGap",
       {{"AGENCY", "agency"},
        {"OFFICERS", "officers"},
        {"MISSING", "missing"},
        {"MANAGER", "manager"},
        {"TRAINING OFFICER", "training_officer"},
        {"OFFICE", "field_office"},
        {"MONITOR", "monitor", kWideOnly}}},
      {"accord.training.v1.Notice",
       {{"NAME", "name"},
        {"OFFICER", "officer"},
        {"REQUIREMENT", "requirement"},
        {"ENDS", "end_date"},
        {"DAYS BEFORE", "days_before"},
        {"GIVEN", "notice_date"},
        {"WHY", "reason"},
        {"AGENCY", "agency", kWideOnly},
        {"OFFICE", "field_office", kWideOnly}}},
      {"accord.training.v1.PolicyPreview",
       {{"NAME", "name"},
        {"VERSION", "policy_version"},
        {"PREVIEWED", "preview_date"},
        {"LOOKED AT", "officers_looked_at"},
        {"AFFECTED", "officers_affected"},
        {"OF THEM MADE UP", "fictitious_affected"},
        {"WHY", "reason"},
        {"BY", "recorder", kWideOnly},
        {"FILE", "policy_digest", kWideOnly},
        {"FILE BEFORE", "previous_digest", kWideOnly}}},
  };
}

ColumnSpecs AnswerColumns() {
  return {
      {"accord.training.v1.Certification",
       {{"OFFICER", "officer"},
        {"AS OF", "as_of"},
        {"TRAINING", "state"},
        {"THROUGH", "current_through"},
        {"ENDS BY", "ends_by"},
        {"CHANGES", "next_change_date"},
        {"BASIS", "basis"},
        {"POLICY", "policy_version"}}},
      {"accord.training.v1.Requirement",
       {{"STATE", "state"},
        {"REQUIREMENT", "code"},
        {"THROUGH", "met_through"},
        {"DUE", "due_date"},
        {"COUNTS FROM", "window_date"},
        {"NOT BEFORE", "not_before_date"},
        {"FACT", "fact"}}},
      {"accord.training.v1.NextDate", {{"DATE", "date"}, {"WHAT", "what"}}},
      {"accord.training.v1.AuthorityCondition",
       {{"STATE", "state"},
        {"CONDITION", "code"},
        {"THROUGH", "holds_through"},
        {"WHY", "text"},
        {"FACT", "fact"},
        {"RULE", "clause"}}},
      {"accord.gateway.v1.OfficerAuthority",
       {{"OFFICER", "officer"},
        {"VERDICT", "verdict"},
        {"AS OF", "as_of"},
        {"CHANGES", "valid_until"},
        {"MODEL", "model"},
        {"AGENCY", "agency"},
        {"AGREEMENT", "agreement"},
        {"BASIS", "basis"},
        {"CONDITIONS", "conditions", kWideOnly},
        {"OFFICE", "field_office", kWideOnly},
        {"POLICY", "policy_version", kWideOnly},
        {"FRESH", "freshness_met", kWideOnly}}},
      {"accord.training.v1.PreviewPolicyResponse.Affected",
       {{"OFFICER", "officer"},
        {"ON", "date"},
        {"NOW", "state_now"},
        {"THEN", "state_then"},
        {"CHANGES", "changes"},
        {"THROUGH NOW", "current_through_now"},
        {"THROUGH THEN", "current_through_then"},
        {"ENDS BY THEN", "ends_by_then"}}},
  };
}

ColumnSpecs FigureColumns() {
  return {
      {"accord.policy.v1.Course",
       {{"CODE", "code"},
        {"KIND", "kind"},
        {"MODEL", "model"},
        {"DELIVERY", "delivery"},
        {"TITLE", "title"},
        {"LENGTH", "length"},
        {"SOURCES", "sources"},
        {"EXAM", "exam", kWideOnly},
        {"RECURS", "recurrence", kWideOnly},
        {"NOT AGAIN BEFORE", "minimum_spacing", kWideOnly},
        {"WINDOW DAYS", "window_days", kWideOnly},
        {"RETIRED", "retirement", kWideOnly},
        {"ALSO KNOWN AS", "published_names", kWideOnly},
        {"NOTE", "note", kWideOnly}}},
      {"accord.training.v1.TrainingCapacity.Starts",
       {{"COURSE", "course"},
        {"WITH CLOSED QUARTERS", "with_closures"},
        {"YEAR-ROUND", "year_round"}}},
      {"accord.training.v1.TrainingCapacity.LongWait",
       {{"OFFICER", "officer"},
        {"MODEL", "model"},
        {"COURSE", "course"},
        {"SINCE", "since_date"},
        {"DAYS", "days"},
        {"WAITING LIST", "enrollment"}}},
      {"accord.training.v1.OfficeSeats",
       {{"OFFICE", "field_office"}, {"OFFICERS", "officers"}, {"SEATS A YEAR", "seats_per_year"}}},
      {"accord.training.v1.ResultRates.Rate",
       {{"MODEL", "model"},
        {"COURSE", "course"},
        {"CLASS", "offering"},
        {"OFFICERS", "officers"},
        {"FAILED FIRST", "failed_first"},
        {"TOOK ANOTHER", "took_another"},
        {"DISQUALIFIED", "disqualified"}}},
  };
}

}  // namespace

ColumnSpecs TrainingColumns() {
  ColumnSpecs all = RecordColumns();
  all.merge(SeatColumns());
  all.merge(OversightColumns());
  all.merge(AnswerColumns());
  all.merge(FigureColumns());
  return all;
}

}  // namespace accord::cli
