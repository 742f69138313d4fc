// metrics: the whole program in figures, each with unit, date and sources.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/exit_codes.h"
#include "services/cli/figures.h"
#include "services/cli/output/csv.h"
#include "services/cli/output/fields.h"
#include "services/cli/training_view.h"
#include "services/cli/view.h"

namespace accord::cli {
namespace {

namespace gv1 = accord::gateway::v1;

struct MetricsOptions {
  std::string as_of;
  bool fictitious = false;
};

std::string LabelOf(const gv1::Count& count) {
  if (count.key().empty()) return "(none on record)";
  if (count.label().empty() || count.label() == count.key()) return count.key();
  return absl::StrCat(count.key(), "  ", count.label());
}

template <typename Counts>
Table CountTable(absl::string_view heading, const Counts& counts) {
  Table table{{{std::string(heading), "key"},
               {"AGREEMENTS", "agreements", true},
               {"AGENCIES", "agencies", true}},
              {}};
  for (const gv1::Count& count : counts) {
    table.rows.push_back(
        {LabelOf(count), absl::StrCat(count.agreements()), absl::StrCat(count.agencies())});
  }
  return table;
}

Table PipelineTable(const gv1::ProgramMetrics& metrics) {
  Table table{{{"STATE", "state"},
               {"AGREEMENTS", "agreements", true},
               {"MEDIAN DAYS", "median_age_days", true},
               {"P90 DAYS", "p90_age_days", true},
               {"MAX DAYS", "max_age_days", true}},
              {}};
  for (const gv1::PipelineStage& stage : metrics.pipeline()) {
    table.rows.push_back({FieldText(stage, "state"), absl::StrCat(stage.agreements()),
                          absl::StrCat(stage.median_age_days()), absl::StrCat(stage.p90_age_days()),
                          absl::StrCat(stage.max_age_days())});
  }
  return table;
}

std::string Plural(int count, absl::string_view one, absl::string_view many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

// Of a list that was never imported nothing can be said.
std::string ListDate(const gv1::ProgramMetrics& metrics, absl::string_view field) {
  const std::string date = FieldText(metrics, field);
  return date.empty() ? "none imported" : date;
}

void PrintMetrics(Session& session, const gv1::ProgramMetrics& metrics) {
  session.PrintTitle(MarkedTitle(absl::StrCat("Program status as of ", FieldText(metrics, "as_of")),
                                 metrics.fictitious(), "made-up agencies only"));
  PrintFacts(session,
             {{"In force",
               absl::StrCat(Plural(metrics.in_force().agreements(), "agreement", "agreements"),
                            " of ", Plural(metrics.in_force().agencies(), "agency", "agencies"))},
              {"In force, no document link",
               Plural(metrics.without_document(), "agreement", "agreements")},
              {"In force, not on the newest list",
               absl::StrCat(Plural(metrics.in_force_not_listed(), "agreement", "agreements"),
                            " (not an end)")},
              {"Newest participating list", ListDate(metrics, "newest_participating_list")},
              {"Newest pending list", ListDate(metrics, "newest_pending_list")},
              {"Basis", FieldText(metrics, "basis")},
              {"Policy", metrics.policy_version()},
              {"Freshness",
               metrics.freshness_met() ? "" : "NOT as new as what you have seen; ask again"}});
  PrintSection(session, "All agreements by state of life",
               CountTable("STATE", metrics.by_state_of_life()));
  PrintSection(session, "In force by model", CountTable("MODEL", metrics.by_model()));
  PrintSection(session, "In force by jurisdiction",
               CountTable("JURISDICTION", metrics.by_jurisdiction()));
  PrintSection(session, "In force by field office",
               CountTable("FIELD OFFICE", metrics.by_field_office()));
  PrintSection(session, "Pipeline (not yet in force; days in that state)", PipelineTable(metrics));
  if (metrics.open_discrepancies().empty()) {
    PrintSection(session, "Discrepancies open today", std::vector<std::string>{"none"});
  }
  PrintSection(session, "Discrepancies open today",
               CountTable("KIND", metrics.open_discrepancies()));
  if (metrics.has_training()) {
    PrintTrainingSummary(session, metrics.training());
  } else if (Rests(metrics.sources(), "training")) {
    PrintSection(session, "Officers' training", {kTrainingNotAsked});
  }
  PrintSection(session, "Sources", SourceTable(metrics.sources()));
}

template <typename Counts>
void AddCounts(absl::string_view metric, const Counts& counts, FigureRows* rows) {
  for (const gv1::Count& count : counts) {
    rows->Add(metric, count.key(), count.agreements(), "agreements");
    rows->Add(metric, count.key(), count.agencies(), "agencies");
  }
}

std::string MetricsCsv(const gv1::ProgramMetrics& metrics) {
  FigureRows rows(FieldText(metrics, "as_of"), FieldText(metrics, "basis"),
                  SyntheticLabel(metrics.fictitious()));
  rows.Add("in_force", "", metrics.in_force().agreements(), "agreements");
  rows.Add("in_force", "", metrics.in_force().agencies(), "agencies");
  rows.Add("without_document", "", metrics.without_document(), "agreements");
  rows.Add("in_force_not_listed", "", metrics.in_force_not_listed(), "agreements");
  AddCounts("by_state_of_life", metrics.by_state_of_life(), &rows);
  AddCounts("by_model", metrics.by_model(), &rows);
  AddCounts("by_jurisdiction", metrics.by_jurisdiction(), &rows);
  AddCounts("by_field_office", metrics.by_field_office(), &rows);
  AddCounts("open_discrepancies", metrics.open_discrepancies(), &rows);
  for (const gv1::PipelineStage& stage : metrics.pipeline()) {
    const std::string state = FieldText(stage, "state");
    rows.Add("pipeline", state, stage.agreements(), "agreements");
    rows.Add("pipeline_median_age", state, stage.median_age_days(), "days");
    rows.Add("pipeline_p90_age", state, stage.p90_age_days(), "days");
    rows.Add("pipeline_max_age", state, stage.max_age_days(), "days");
  }
  if (metrics.has_training()) AddTrainingFigures(metrics.training(), &rows);
  return RenderCsv(rows.table());
}

absl::StatusOr<int> RunMetrics(Session& session, const MetricsOptions& options) {
  gv1::GetProgramMetricsRequest request;
  request.set_fictitious(options.fictitious);
  ACCORD_RETURN_IF_ERROR(SetFields(&request, {{"--as-of", "as_of", options.as_of}}));
  ACCORD_ASSIGN_OR_RETURN(
      const auto metrics,
      session.Call<gv1::ProgramMetrics>("accord.gateway.v1.Gateway.GetProgramMetrics", request));
  if (session.json()) {
    ACCORD_RETURN_IF_ERROR(session.PrintJson(metrics));
  } else if (session.format() == Format::kCsv) {
    session.io().out << MetricsCsv(metrics);
  } else {
    PrintMetrics(session, metrics);
  }
  return kExitOk;
}

}  // namespace

void AddMetrics(CLI::App& app, Session& session) {
  auto options = std::make_shared<MetricsOptions>();
  CLI::App* command = app.add_subcommand("metrics", "Print the program's status in figures");
  command->add_option("--as-of", options->as_of, "On this day, YYYY-MM-DD (default today)");
  command->add_flag("--fictitious", options->fictitious,
                    "Count the demonstration's made-up agencies instead");
  command->callback([&session, options] {
    session.command = [&session, options] { return RunMetrics(session, *options); };
  });
}

}  // namespace accord::cli
