#include "services/cli/training_view.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/cli/output/fields.h"
#include "services/cli/view.h"

namespace accord::cli {
namespace {

namespace tv1 = accord::training::v1;

struct Counted {
  const char* header;
  // Field of a group.
  const char* field;
};

constexpr Counted kCounted[] = {{"OFFICERS", "officers"},
                                {"CURRENT", "current"},
                                {"LAPSING", "lapsing"},
                                {"LAPSED", "lapsed"},
                                {"NO AUTHORITY", "authority_ended"},
                                {"NOT CERTIFIED", "not_certified"},
                                {"UNKNOWN", "unknown"},
                                {"NO RULE", "no_rule"},
                                {"OVERDUE", "decisions_overdue"}};

template <typename Groups>
Table GroupTable(absl::string_view heading, const Groups& groups) {
  Table table{{{std::string(heading), "key"}}, {}};
  const std::vector<Column> columns = GroupColumns();
  table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  for (const tv1::TrainingSummary::Group& group : groups) {
    std::vector<std::string>& row = table.rows.emplace_back();
    row.push_back(group.key().empty() ? "(none on record)" : group.key());
    for (std::string& cell : GroupCells(group)) row.push_back(std::move(cell));
  }
  return table;
}

// Of agencies that the rule binds; empty without any.
std::string Share(const tv1::TrainingSummary::Compliance& compliance) {
  if (compliance.agencies() == 0) return "";
  return absl::StrCat(100 * compliance.agencies_compliant() / compliance.agencies(), " %");
}

Table ComplianceTable(const tv1::TrainingSummary& summary) {
  Table table{{{"MODEL", "model"},
               {"AGENCIES", "agencies", true},
               {"COMPLIANT", "agencies_compliant", true},
               {"SHARE", "share", true},
               {"UNKNOWN", "agencies_unknown", true},
               {"WITHOUT RULE", "agencies_without_rule", true}},
              {}};
  for (const auto& compliance : summary.compliance()) {
    std::vector<std::string>& row = table.rows.emplace_back();
    for (const Column& column : table.columns) {
      row.push_back(column.key == "share" ? Share(compliance) : FieldText(compliance, column.key));
    }
  }
  return table;
}

// Nobody on record is no zero: it is not known who there is.
std::string OfficersLine(const tv1::TrainingSummary::Group& all) {
  if (all.officers() == 0) return "unknown: no officers are on record";
  return absl::StrCat(all.officers(), " in the program: ", all.current(), " current (",
                      all.lapsing(), " of them lapsing soon), ", all.lapsed(), " lapsed, ",
                      all.authority_ended(), " trained whose authority has ended, ",
                      all.not_certified(), " not certified, ", all.unknown(), " unknown, ",
                      all.no_rule(), " with no rule on record");
}

}  // namespace

std::vector<Column> GroupColumns() {
  std::vector<Column> columns;
  for (const Counted& counted : kCounted) columns.push_back({counted.header, counted.field, true});
  return columns;
}

std::vector<std::string> GroupCells(const tv1::TrainingSummary::Group& group) {
  std::vector<std::string> cells;
  for (const Counted& counted : kCounted) cells.push_back(FieldText(group, counted.field));
  return cells;
}

void PrintTrainingSummary(Session& session, const tv1::TrainingSummary& summary) {
  PrintSection(session, "Officers' training", {OfficersLine(summary.all())});
  if (summary.all().decisions_overdue() > 0) {
    PrintSection(session, "Revocation decisions overdue",
                 {absl::StrCat(summary.all().decisions_overdue(),
                               " (accordctl list revocation-cases --order-by "
                               "decision_due_date)")});
  }
  PrintSection(session, "Officers by model", GroupTable("MODEL", summary.by_model()));
  PrintSection(session, "Officers by field office",
               GroupTable("FIELD OFFICE", summary.by_field_office()));
  PrintSection(session, "Agencies compliant with annual training", ComplianceTable(summary));
}

void PrintTrainingByAgency(Session& session, const tv1::TrainingSummary& summary) {
  PrintSection(session, "Officers by agency", GroupTable("AGENCY", summary.by_agency()));
}

void AddTrainingGroup(absl::string_view metric, const tv1::TrainingSummary::Group& group,
                      FigureRows* rows) {
  rows->Add(metric, group.key(), group.officers(), "officers");
  for (const Counted& counted : kCounted) {
    if (counted.field == absl::string_view("officers")) continue;
    const bool cases = counted.field == absl::string_view("decisions_overdue");
    int value = 0;
    (void)absl::SimpleAtoi(FieldText(group, counted.field), &value);
    rows->Add(absl::StrCat(metric, "_", counted.field), group.key(), value,
              cases ? "cases" : "officers");
  }
}

void AddTrainingFigures(const tv1::TrainingSummary& summary, FigureRows* rows) {
  AddTrainingGroup("training", summary.all(), rows);
  for (const auto& group : summary.by_model()) AddTrainingGroup("training_by_model", group, rows);
  for (const auto& group : summary.by_field_office()) {
    AddTrainingGroup("training_by_field_office", group, rows);
  }
  for (const auto& compliance : summary.compliance()) {
    rows->Add("training_compliance", compliance.model(), compliance.agencies(), "agencies");
    rows->Add("training_compliance_compliant", compliance.model(), compliance.agencies_compliant(),
              "agencies");
    rows->Add("training_compliance_unknown", compliance.model(), compliance.agencies_unknown(),
              "agencies");
    rows->Add("training_compliance_without_rule", compliance.model(),
              compliance.agencies_without_rule(), "agencies");
  }
}

void PrintAgencyTraining(Session& session, const tv1::AgencyTraining& training) {
  std::string line = OfficersLine(training.all());
  const std::string next = FieldText(training, "next_lapse_date");
  if (!next.empty()) absl::StrAppend(&line, "; the next one lapses after ", next);
  PrintSection(session, "Officers' training", {line});
  PrintSection(session, "Officers by agreement", GroupTable("AGREEMENT", training.by_agreement()));
}

}  // namespace accord::cli
