#include "services/cli/output/columns.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "accord/agreements/v1/resources.pb.h"
#include "services/cli/output/column_specs.h"
#include "services/cli/output/fields.h"

namespace accord::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
namespace av1 = accord::agreements::v1;

template <av1::RowOutcome kOutcome>
std::string RowsWith(const Message& message) {
  const auto& import = static_cast<const av1::RosterImport&>(message);
  int rows = 0;
  for (const auto& count : import.outcome_counts()) {
    if (count.outcome() == kOutcome) rows += count.rows();
  }
  return std::to_string(rows);
}

ColumnSpecs OtherColumns() {
  return {
      {"accord.agreements.v1.Agency",
       {{"NAME", "name"},
        {"ST", "state"},
        {"AGENCY", "display_name"},
        {"KIND", "kind"},
        {"COUNTY", "county"},
        {"OFFICE", "field_office"},
        {"ORI", "ori", kWideOnly},
        {"ALSO KNOWN AS", "aliases", kWideOnly},
        {"MERGED INTO", "merged_into", kWideOnly},
        {"PLACEMENT", "field_office_note", kWideOnly},
        {"PINNED", "field_office_pinned", kWideOnly},
        {"UPDATED", "update_time", kWideOnly},
        {"ETAG", "etag", kWideOnly}}},
      {"accord.agreements.v1.Agreement",
       {{"NAME", "name"},
        {"ST", "agency_state"},
        {"AGENCY", "agency"},
        {"MODEL", "model"},
        {"STATE", "state"},
        {"EFFECTIVE", "effective_date"},
        {"LISTED", "participating.listed"},
        {"PENDING", "pending.listed"},
        {"OFFICE", "field_office"},
        {"TEMPLATE", "template", kWideOnly},
        {"AGENCY SIGNED", "agency_signed_date", kWideOnly},
        {"FEDERAL SIGNED", "federal_signed_date", kWideOnly},
        {"PUBLISHED", "published_signed_date", kWideOnly},
        {"LAST LISTED", "participating.last_listed_date", kWideOnly},
        {"LISTS ABSENT", "participating.lists_absent", kWideOnly},
        {"DOCUMENT", "document_uri", kWideOnly},
        {"ADDENDUM", "addendum_uri", kWideOnly},
        {"PREDECESSOR", "predecessor", kWideOnly},
        {"SUCCESSOR", "successor", kWideOnly},
        {"MERGED INTO", "merged_into", kWideOnly},
        {"UPDATED", "update_time", kWideOnly},
        {"ETAG", "etag", kWideOnly}}},
      {"accord.agreements.v1.RosterImport",
       {{"NAME", "name"},
        {"LIST", "kind"},
        {"DATE", "as_of_date"},
        {"STATE", "state"},
        {"ROWS", "rows"},
        {"NEW", "outcome_counts.new", false, RowsWith<av1::NEW>},
        {"CHANGED", "outcome_counts.changed", false, RowsWith<av1::CHANGED>},
        {"UNCHANGED", "outcome_counts.unchanged", false, RowsWith<av1::UNCHANGED>},
        {"NEEDS REVIEW", "outcome_counts.needs_review", false, RowsWith<av1::NEEDS_REVIEW>},
        {"REJECTED", "outcome_counts.rejected", false, RowsWith<av1::REJECTED>},
        {"NEWLY LISTED", "newly_listed"},
        {"NO LONGER LISTED", "no_longer_listed"},
        {"DISCREPANCIES", "discrepancies_opened"},
        {"CLOSED", "discrepancies_closed", kWideOnly},
        {"FILE", "file_name", kWideOnly},
        {"DATE FROM", "as_of_basis", kWideOnly},
        {"CAPTURED", "capture_date", kWideOnly},
        {"NO.", "sequence", kWideOnly},
        {"AGREEMENTS", "agreements_listed", kWideOnly},
        {"AGENCIES", "agencies_listed", kWideOnly},
        {"DATES CHANGED", "dates_changed", kWideOnly},
        {"PREVIOUS", "previous", kWideOnly},
        {"POLICY", "policy_version", kWideOnly},
        {"WARNINGS", "warnings", kWideOnly},
        {"CONTENT", "content_digest", kWideOnly}}},
      {"accord.agreements.v1.RosterRow",
       {{"ROW", "row_number"},
        {"OUTCOME", "outcome"},
        {"CODE", "code"},
        {"ST", "state"},
        {"AGENCY", "agency_name"},
        {"MODEL", "model"},
        {"SIGNED", "signed"},
        {"MATCHED", "agreement"},
        {"REASON", "reason"},
        {"NAME", "name", kWideOnly},
        {"TYPE", "agency_type", kWideOnly},
        {"COUNTY", "county", kWideOnly},
        {"AGENCY NAME", "agency", kWideOnly},
        {"DISCREPANCY", "discrepancy", kWideOnly},
        {"HIDDEN", "hidden", kWideOnly},
        {"DOCUMENT", "document_uri", kWideOnly},
        {"ADDENDUM", "addendum_uri", kWideOnly}}},
      {"accord.agreements.v1.RosterDiscrepancy",
       {{"NAME", "name"},
        {"KIND", "kind"},
        {"STATE", "state"},
        {"ST", "agency_state"},
        {"KEY", "key"},
        {"OTHER KEY", "other_key"},
        {"ABSENT", "lists_absent"},
        {"CURRENT", "current_date"},
        {"PROPOSED", "proposed_date"},
        {"PROPOSAL", "proposal", kWideOnly},
        {"AGREEMENT", "agreement", kWideOnly},
        {"AGENCY", "agency", kWideOnly},
        {"OTHER AGENCY", "other_agency", kWideOnly},
        {"RAISED BY", "roster_import", kWideOnly},
        {"OFFICE", "field_office", kWideOnly},
        {"DECIDED BY", "decided_by", kWideOnly},
        {"DECIDED", "decide_time", kWideOnly},
        {"WHY", "decision_reason", kWideOnly},
        {"ETAG", "etag", kWideOnly}}},
      {"accord.agreements.v1.ResolveRosterDiscrepanciesResponse.Result",
       {{"NAME", "name"},
        {"STATE", "state"},
        {"FAILED BECAUSE", "error_reason"},
        {"ERROR", "error"}}},
      {"accord.log.v1.Change",
       {{"REVISION", "revision"},
        {"TIME", "time"},
        {"KIND", "kind"},
        {"RESOURCE", "resource"},
        {"ACTION", "action"},
        {"ACTOR", "actor"},
        {"REASON", "reason"},
        {"CLIENT", "client", kWideOnly},
        {"ROLE", "role", kWideOnly},
        {"REQUEST", "request_id", kWideOnly},
        {"CAUSE", "cause", kWideOnly},
        {"TYPE", "resource_type", kWideOnly},
        {"SUBJECTS", "subjects", kWideOnly},
        {"HASH", "hash", kWideOnly}}},
      {"accord.log.v1.Checkpoint",
       {{"NAME", "name"},
        {"SERVICE", "service"},
        {"LOG", "log"},
        {"REVISION", "revision"},
        {"TIME", "time"},
        {"KEY", "key_id"},
        {"HASH", "hash", kWideOnly},
        {"SIGNATURE", "signature", kWideOnly}}},
      {"accord.gateway.v1.AgencyStatusSummary",
       {{"AGENCY", "agency"},
        {"ST", "state"},
        {"NAME", "display_name"},
        {"VERDICT", "verdict"},
        {"MODELS", "models_in_force"},
        {"AGREEMENTS", "agreements"},
        {"OPEN", "open_discrepancies"},
        {"UNTIL", "valid_until"},
        {"OFFICE", "field_office"}}},
      {"accord.gateway.v1.AgencyStatus",
       {{"AGENCY", "agency.name"},
        {"ST", "agency.state"},
        {"NAME", "agency.display_name"},
        {"VERDICT", "verdict"},
        {"AS OF", "as_of"},
        {"UNTIL", "valid_until"},
        {"OFFICE", "agency.field_office"},
        {"BASIS", "basis"},
        {"POLICY", "policy_version", kWideOnly},
        {"FRESH", "freshness_met", kWideOnly}}},
  };
}

const ColumnSpecs& Specs() {
  static const auto& specs = *[] {
    auto* all = new ColumnSpecs(OtherColumns());
    all->merge(TrainingColumns());
    return all;
  }();
  return specs;
}

std::vector<ColumnSpec> AllPlainFields(const Descriptor& type) {
  std::vector<ColumnSpec> specs;
  for (int i = 0; i < type.field_count(); ++i) {
    const std::string name(type.field(i)->name());
    specs.push_back({absl::AsciiStrToUpper(name), name});
  }
  return specs;
}

std::vector<ColumnSpec> SpecsOf(const Descriptor& type, Detail detail) {
  const auto found = Specs().find(std::string(type.full_name()));
  std::vector<ColumnSpec> specs = found == Specs().end() ? AllPlainFields(type) : found->second;
  if (detail == Detail::kTable) {
    specs.erase(std::remove_if(specs.begin(), specs.end(),
                               [](const ColumnSpec& spec) { return spec.wide; }),
                specs.end());
  }
  return specs;
}

// Columns that are only shown when some row has them, and none does.
std::vector<ColumnSpec> WithoutEmpty(std::vector<ColumnSpec> specs,
                                     const std::vector<const Message*>& messages) {
  const auto is_empty = [&](const ColumnSpec& spec) {
    return spec.when_any && std::all_of(messages.begin(), messages.end(), [&](const Message* m) {
             return FieldText(*m, spec.path).empty();
           });
  };
  specs.erase(std::remove_if(specs.begin(), specs.end(), is_empty), specs.end());
  return specs;
}

Table TableOfSpecs(const Descriptor& type, const std::vector<ColumnSpec>& specs) {
  Table table;
  for (const ColumnSpec& spec : specs) {
    const bool number = spec.value != nullptr || IsNumber(type, spec.path);
    table.columns.push_back({spec.header, spec.path, number});
  }
  return table;
}

bool CanBeFictitious(const Descriptor& type) { return HasField(type, "fictitious"); }

const Column& LabelColumn() {
  static const auto& column = *new Column{"LABEL", "label"};
  return column;
}

}  // namespace

bool IsFictitious(const Message& message) { return FieldText(message, "fictitious") == "yes"; }

Table EmptyTable(const Descriptor& type, Detail detail) {
  Table table = TableOfSpecs(type, SpecsOf(type, detail));
  if (detail == Detail::kCsv && CanBeFictitious(type)) table.columns.push_back(LabelColumn());
  return table;
}

Table MakeTable(const Descriptor& type, const std::vector<const Message*>& messages,
                Detail detail) {
  std::vector<ColumnSpec> specs = SpecsOf(type, detail);
  if (detail != Detail::kCsv) specs = WithoutEmpty(std::move(specs), messages);
  Table table = TableOfSpecs(type, specs);
  const bool any = std::any_of(messages.begin(), messages.end(),
                               [](const Message* message) { return IsFictitious(*message); });
  const bool label = any || (detail == Detail::kCsv && CanBeFictitious(type));
  if (label) table.columns.push_back(LabelColumn());
  for (const Message* message : messages) {
    std::vector<std::string>& row = table.rows.emplace_back();
    for (const ColumnSpec& spec : specs) {
      row.push_back(spec.value != nullptr ? spec.value(*message) : FieldText(*message, spec.path));
    }
    if (label) row.push_back(IsFictitious(*message) ? "SYNTHETIC" : "");
  }
  return table;
}

}  // namespace accord::cli
