// status: is this agency's agreement in force, and if not, why.
#include "services/cli/commands/status.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "common/base/error.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/output/columns.h"
#include "services/cli/output/csv.h"
#include "services/cli/output/fields.h"
#include "services/cli/training_view.h"
#include "services/cli/view.h"

namespace accord::cli {
namespace {

namespace av1 = accord::agreements::v1;
namespace gv1 = accord::gateway::v1;

constexpr char kGateway[] = "accord.gateway.v1.Gateway.";
// The most that one call answers.
constexpr int kMostAgencies = 100;
// More are printed as a table.
constexpr int kMostFullViews = 3;

struct StatusOptions {
  std::vector<std::string> agencies;
  std::string state;
  ReadOptions read;
};

std::string ReasonLine(const gv1::Reason& reason) {
  std::string line = absl::StrCat(reason.code(), ": ", reason.text());
  const std::string date = FieldText(reason, "date");
  if (!date.empty()) absl::StrAppend(&line, " (", date, ")");
  if (!reason.fact().empty()) absl::StrAppend(&line, "; fact: ", reason.fact());
  if (!reason.clause().empty()) absl::StrAppend(&line, "; rule: ", reason.clause());
  return line;
}

template <typename Reasons>
std::vector<std::string> ReasonLines(const Reasons& reasons) {
  std::vector<std::string> lines;
  for (const gv1::Reason& reason : reasons) lines.push_back(ReasonLine(reason));
  return lines;
}

Table AgreementTable(const gv1::AgencyStatus& status) {
  Table table{{{"AGREEMENT", "agreement"},
               {"MODEL", "model"},
               {"VERDICT", "verdict"},
               {"STATE", "state"},
               {"EFFECTIVE", "effective_date"},
               {"UNTIL", "valid_until"},
               {"WHY", "reasons"}},
              {}};
  for (const gv1::AgreementStatus& agreement : status.agreements()) {
    std::string why;
    for (const gv1::Reason& reason : agreement.reasons()) {
      absl::StrAppend(&why, why.empty() ? "" : "; ", reason.text());
    }
    table.rows.push_back({agreement.agreement().name(), agreement.agreement().model(),
                          FieldText(agreement, "verdict"), FieldText(agreement, "state"),
                          FieldText(agreement.agreement(), "effective_date"),
                          FieldText(agreement, "valid_until"), why});
  }
  return table;
}

// The counts of an agreement's officers; empty cells when training was not asked or has none.
std::vector<std::string> OfficerCells(const gv1::AgencyStatus& status,
                                      const std::string& agreement) {
  for (const auto& group : status.training().by_agreement()) {
    if (group.key() == agreement) return GroupCells(group);
  }
  return std::vector<std::string>(GroupColumns().size());
}

// One row per agreement; an agency without one has one row.
Table StatusCsv(const std::vector<const gv1::AgencyStatus*>& statuses) {
  Table table{{{"", "agency"},
               {"", "display_name"},
               {"", "state"},
               {"", "field_office"},
               {"", "agency_verdict"},
               {"", "as_of"},
               {"", "basis"},
               {"", "label"},
               {"", "agreement"},
               {"", "model"},
               {"", "verdict"},
               {"", "agreement_state"},
               {"", "effective_date"},
               {"", "valid_until"},
               {"", "reasons"}},
              {}};
  for (const Column& column : GroupColumns()) {
    table.columns.push_back({"", absl::StrCat("training_", column.key), true});
  }
  for (const gv1::AgencyStatus* status : statuses) {
    const std::vector<std::string> agency = {
        status->agency().name(),       status->agency().display_name(),
        status->agency().state(),      status->agency().field_office(),
        FieldText(*status, "verdict"), FieldText(*status, "as_of"),
        FieldText(*status, "basis"),   SyntheticLabel(status->fictitious())};
    Table agreements = AgreementTable(*status);
    if (agreements.rows.empty()) agreements.rows.emplace_back(agreements.columns.size());
    for (const auto& agreement : agreements.rows) {
      std::vector<std::string>& row = table.rows.emplace_back(agency);
      row.insert(row.end(), agreement.begin(), agreement.end());
      const std::vector<std::string> officers = OfficerCells(*status, agreement.front());
      row.insert(row.end(), officers.begin(), officers.end());
    }
  }
  return table;
}

void PrintForPeople(Session& session, const std::vector<const gv1::AgencyStatus*>& statuses) {
  if (statuses.size() > kMostFullViews) {
    const std::vector<const google::protobuf::Message*> rows(statuses.begin(), statuses.end());
    const bool wide = session.format() == Format::kWide;
    session.PrintTable(
        MakeTable(*gv1::AgencyStatus::descriptor(), rows, wide ? Detail::kWide : Detail::kTable));
    return;
  }
  for (size_t i = 0; i < statuses.size(); ++i) {
    if (i > 0) session.io().out << "\n----\n\n";
    PrintAgencyStatus(session, *statuses[i]);
  }
}

absl::Status PrintStatuses(Session& session, const gv1::BatchGetAgencyStatusesResponse& all) {
  std::vector<const gv1::AgencyStatus*> statuses;
  for (const gv1::AgencyStatus& status : all.statuses()) statuses.push_back(&status);
  switch (session.format()) {
    case Format::kJson:
      return statuses.size() == 1 && all.not_found().empty() ? session.PrintJson(*statuses[0])
                                                             : session.PrintJson(all);
    case Format::kCsv:
      session.io().out << RenderCsv(StatusCsv(statuses));
      return absl::OkStatus();
    case Format::kName: {
      const std::vector<const google::protobuf::Message*> rows(statuses.begin(), statuses.end());
      return session.PrintMessages(*gv1::AgencyStatus::descriptor(), rows, all, "agency.name");
    }
    default:
      PrintForPeople(session, statuses);
      return absl::OkStatus();
  }
}

absl::StatusOr<int> RunNamed(Session& session, const StatusOptions& options) {
  gv1::BatchGetAgencyStatusesRequest request;
  for (const std::string& word : options.agencies) {
    ACCORD_ASSIGN_OR_RETURN(const std::vector<std::string> names, FindAgencies(session, word));
    for (const std::string& name : names) request.add_agencies(name);
  }
  if (request.agencies_size() > kMostAgencies) {
    return UsageError(absl::StrCat("that means ", request.agencies_size(), " agencies"),
                      "narrow it down, or use --filter or --state, which list any number");
  }
  ACCORD_RETURN_IF_ERROR(SetFields(&request, {{"--as-of", "as_of", options.read.as_of}}));
  ACCORD_ASSIGN_OR_RETURN(const auto all,
                          session.Call<gv1::BatchGetAgencyStatusesResponse>(
                              absl::StrCat(kGateway, "BatchGetAgencyStatuses"), request));
  ACCORD_RETURN_IF_ERROR(PrintStatuses(session, all));
  for (const std::string& name : all.not_found()) {
    session.Note(absl::StrCat("not found: ", name, "; look it up with accordctl list agencies"));
  }
  if (all.not_found().empty()) return kExitOk;
  return all.statuses().empty() ? kExitNotFound : kExitPartial;
}

absl::StatusOr<int> RunFiltered(Session& session, const StatusOptions& options) {
  ReadOptions read = options.read;
  if (!options.state.empty()) {
    read.filter = AndFilter(absl::StrCat("state = ", FilterLiteral(options.state)), read.filter);
  }
  ACCORD_ASSIGN_OR_RETURN(const Kind* kind, FindKind("statuses"));
  ACCORD_ASSIGN_OR_RETURN(const auto list, FetchList(session, *kind, read));
  const Items items = ItemsOf(*list);
  ACCORD_RETURN_IF_ERROR(session.PrintMessages(*items.type, items.messages, *list, kind->id_field));
  if (session.human()) {
    session.Note(absl::StrCat(items.messages.size(), " of ", FieldText(*list, "total_size"),
                              " agencies, as of ", FieldText(*list, "as_of")));
  }
  return kExitOk;
}

absl::StatusOr<int> RunStatus(Session& session, const StatusOptions& options) {
  const bool filtered = !options.state.empty() || !options.read.filter.empty();
  if (filtered && !options.agencies.empty()) {
    return UsageError("named agencies and a filter exclude each other", "use one of the two");
  }
  if (!filtered && options.agencies.empty()) {
    return UsageError("which agency?",
                      "name it, for example: accordctl status \"Collier County\"; or use --state");
  }
  return filtered ? RunFiltered(session, options) : RunNamed(session, options);
}

}  // namespace

void PrintAgencyStatus(Session& session, const gv1::AgencyStatus& status) {
  session.PrintTitle(
      MarkedTitle(absl::StrCat(status.agency().display_name(), " (", status.agency().state(), ")"),
                  status.fictitious()));
  const std::string until = FieldText(status, "valid_until");
  PrintFacts(
      session,
      {{"Verdict", absl::StrCat(FieldText(status, "verdict"), " as of ", FieldText(status, "as_of"),
                                until.empty() ? "" : ", next change known: ", until)},
       {"Agency", status.agency().name()},
       {"Field office", status.agency().field_office()},
       {"Basis", FieldText(status, "basis")},
       {"Policy", status.policy_version()},
       {"Freshness", status.freshness_met() ? "" : "NOT as new as what you have seen; ask again"}});
  PrintSection(session, "Why", ReasonLines(status.reasons()));
  PrintSection(session, "Agreements", AgreementTable(status));
  std::vector<std::string> open;
  for (const auto& discrepancy : status.open_discrepancies()) {
    open.push_back(absl::StrCat(discrepancy.name(), "  ", FieldText(discrepancy, "kind"), "  ",
                                discrepancy.proposal()));
  }
  PrintSection(session, "Open discrepancies (accordctl describe NAME)", open);
  if (status.has_training()) {
    PrintAgencyTraining(session, status.training());
  } else if (Rests(status.sources(), "training")) {
    PrintSection(session, "Officers' training", {kTrainingNotAsked});
  }
  PrintSection(session, "Sources", SourceTable(status.sources()));
}

absl::StatusOr<std::vector<std::string>> FindAgencies(Session& session, const std::string& word) {
  ACCORD_ASSIGN_OR_RETURN(const Kind* agencies, FindKind("agencies"));
  if (absl::StrContains(word, "/")) {
    ACCORD_ASSIGN_OR_RETURN(std::string name, FullName(*agencies, word));
    return std::vector<std::string>{std::move(name)};
  }
  const std::string text = FilterLiteral(word);
  av1::ListAgenciesRequest request;
  request.set_page_size(kMostAgencies + 1);
  request.set_filter(absl::StrCat("display_name:", text, " OR aliases:", text));
  ACCORD_ASSIGN_OR_RETURN(
      const auto found,
      session.Call<av1::ListAgenciesResponse>(absl::StrCat(kAgreements, "ListAgencies"), request));
  std::vector<std::string> names;
  for (const av1::Agency& agency : found.agencies()) names.push_back(agency.name());
  if (!names.empty()) return names;
  if (absl::StrContains(word, " ")) {
    return LocalError(absl::StatusCode::kNotFound, "AGENCY_NOT_FOUND",
                      absl::StrCat("no agency's name has \"", word, "\" in it"),
                      "try a shorter part of the name, or: accordctl list agencies");
  }
  return std::vector<std::string>{absl::StrCat("agencies/", word)};
}

void AddStatus(CLI::App& app, Session& session) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* command = app.add_subcommand("status", "Say whether agencies' agreements are in force");
  command->add_option("agency", options->agencies, "Names, ids, or parts of display names");
  command->add_option("--state", options->state, "All agencies of a state, for example FL");
  AddListOptions(*command, options->read);
  command->add_option("--as-of", options->read.as_of, "On this day, YYYY-MM-DD (default today)");
  command->callback([&session, options] {
    session.command = [&session, options] { return RunStatus(session, *options); };
  });
}

}  // namespace accord::cli
