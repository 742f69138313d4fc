#include "services/cli/view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/cli/output/fields.h"

namespace accord::cli {
namespace {

void PrintHeading(Session& session, absl::string_view title) {
  session.io().out << "\n";
  session.PrintTitle(title);
}

}  // namespace

void PrintFacts(Session& session, const Facts& facts) {
  int width = 0;
  for (const auto& [label, value] : facts) {
    if (!value.empty()) width = std::max(width, DisplayWidth(label));
  }
  for (const auto& [label, value] : facts) {
    if (value.empty()) continue;
    session.io().out << label << std::string(width - DisplayWidth(label) + 2, ' ')
                     << Printable(value) << "\n";
  }
}

void PrintSection(Session& session, absl::string_view title, const Table& table) {
  if (table.rows.empty()) return;
  PrintHeading(session, title);
  session.PrintTable(table);
}

void PrintSection(Session& session, absl::string_view title,
                  const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  PrintHeading(session, title);
  for (const std::string& line : lines) session.io().out << "  " << Printable(line) << "\n";
}

std::string SyntheticLabel(bool fictitious) { return fictitious ? "SYNTHETIC" : ""; }

std::string MarkedTitle(absl::string_view title, bool fictitious, absl::string_view what) {
  if (!fictitious) return std::string(title);
  return absl::StrCat(title, "  *** SYNTHETIC: ", what, " ***");
}

Table ProvenanceTable(
    const google::protobuf::RepeatedPtrField<agreements::v1::Provenance>& provenance) {
  Table table{{{"FIELD", "field"}, {"BASIS", "basis"}, {"DATE", "date"}, {"SOURCE", "source"}}, {}};
  for (const auto& entry : provenance) {
    table.rows.push_back({entry.field(), FieldText(entry, "basis"), FieldText(entry, "source_date"),
                          entry.source()});
  }
  return table;
}

Table TransitionTable(const agreements::v1::Agreement& agreement) {
  Table table{{{"FROM", "effective_date"},
               {"STATE", "state"},
               {"WHO", "actor"},
               {"RECORDED", "record_time"},
               {"WHY", "reason"},
               {"EVIDENCE", "source"},
               {"BASIS", "basis"}},
              {}};
  for (const auto& transition : agreement.transitions()) {
    std::vector<std::string>& row = table.rows.emplace_back();
    for (const Column& column : table.columns) row.push_back(FieldText(transition, column.key));
  }
  return table;
}

Table SourceTable(const google::protobuf::RepeatedPtrField<gateway::v1::Source>& sources) {
  Table table{{{"SERVICE", "service"}, {"HEARD", "age"}, {"REVISION", "revision"}, {"", ""}}, {}};
  for (const auto& source : sources) {
    table.rows.push_back({source.service(), absl::StrCat(Age(source.age()), " ago"),
                          source.revision(),
                          source.reachable() ? "" : "UNREACHABLE: last known values"});
  }
  return table;
}

bool Rests(const google::protobuf::RepeatedPtrField<gateway::v1::Source>& sources,
           absl::string_view service) {
  return std::any_of(sources.begin(), sources.end(),
                     [&](const auto& source) { return source.service() == service; });
}

std::string Age(const google::protobuf::Duration& age) {
  const int64_t seconds = age.seconds();
  if (seconds < 60) return absl::StrCat(seconds, " s");
  if (seconds < 3600) return absl::StrCat(seconds / 60, " min");
  if (seconds < 86400) return absl::StrCat(seconds / 3600, " h");
  return absl::StrCat(seconds / 86400, " d");
}

}  // namespace accord::cli
