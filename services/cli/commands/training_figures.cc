// training: the program's training in figures, its courses, and what another policy would do.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "accord/training/v1/training.pb.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/json_lines.h"
#include "services/cli/output/csv.h"
#include "services/cli/output/fields.h"
#include "services/cli/training_view.h"
#include "services/cli/view.h"

namespace accord::cli {
namespace {

namespace tv1 = accord::training::v1;
using google::protobuf::Message;

constexpr char kMadeUpOfficers[] = "made-up officers only";

// Empty or false means not given.
struct FigureOptions {
  std::string as_of;
  std::string from;
  std::string to;
  std::string model;
  std::string lapsing_days;
  std::string field_office;
  std::string long_wait_days;
  bool fictitious = false;
};

absl::Status Apply(const FigureOptions& options, Message* request) {
  return SetFields(request, {{"--as-of", "as_of", options.as_of},
                             {"--from", "from", options.from},
                             {"--to", "to", options.to},
                             {"--model", "model", options.model},
                             {"--lapsing-days", "lapsing_days", options.lapsing_days},
                             {"--field-office", "field_office", options.field_office},
                             {"--long-wait-days", "long_wait_days", options.long_wait_days},
                             {"--fictitious", "fictitious", options.fictitious ? "true" : ""}});
}

// Calls `method` and prints its figures: whole as JSON, as rows, or for people.
template <typename Request, typename Response>
absl::StatusOr<int> RunFigures(Session& session, const FigureOptions& options, const char* method,
                               void (*print)(Session&, const Response&),
                               FigureRows (*rows)(const Response&)) {
  Request request;
  ACCORD_RETURN_IF_ERROR(Apply(options, &request));
  ACCORD_ASSIGN_OR_RETURN(const auto response,
                          session.Call<Response>(absl::StrCat(kTraining, method), request));
  if (session.json()) {
    ACCORD_RETURN_IF_ERROR(session.PrintJson(response));
  } else if (session.format() == Format::kCsv) {
    session.io().out << RenderCsv(rows(response).table());
  } else {
    print(session, response);
  }
  return kExitOk;
}

template <typename Response>
FigureRows RowsOf(const Response& response, absl::string_view as_of) {
  return FigureRows(as_of, FieldText(response, "basis"), SyntheticLabel(response.fictitious()));
}

void NoteLeftOut(Session& session, int count, absl::string_view what) {
  if (count > 0) session.Note(absl::StrCat(count, " more ", what, " are left out"));
}

void PrintSummary(Session& session, const tv1::TrainingSummary& summary) {
  session.PrintTitle(MarkedTitle(absl::StrCat("Training as of ", FieldText(summary, "as_of")),
                                 summary.fictitious(), kMadeUpOfficers));
  PrintFacts(session,
             {{"Basis", FieldText(summary, "basis")}, {"Policy", summary.policy_version()}});
  PrintTrainingSummary(session, summary);
  PrintTrainingByAgency(session, summary);
  NoteLeftOut(session, summary.agencies_left_out(), "agencies");
}

void AddLeftOut(absl::string_view metric, int count, absl::string_view unit, FigureRows* rows) {
  if (count > 0) rows->Add(absl::StrCat(metric, "_left_out"), "", count, unit);
}

FigureRows SummaryRows(const tv1::TrainingSummary& summary) {
  FigureRows rows = RowsOf(summary, FieldText(summary, "as_of"));
  AddTrainingFigures(summary, &rows);
  for (const auto& group : summary.by_agency()) {
    AddTrainingGroup("training_by_agency", group, &rows);
  }
  AddLeftOut("training_by_agency", summary.agencies_left_out(), "agencies", &rows);
  return rows;
}

std::string MonthText(const tv1::TrainingCapacity::Month& month) {
  return absl::StrFormat("%d-%02d", month.year(), month.month());
}

Table MonthTable(const tv1::TrainingCapacity& capacity) {
  Table table{{{"MONTH", "month"},
               {"COURSE", "course"},
               {"OFFERED", "seats_offered", true},
               {"NEEDED", "seats_needed", true},
               {"MISSING", "missing", true}},
              {}};
  for (const auto& month : capacity.months()) {
    if (month.seats_offered() == 0 && month.seats_needed() == 0) continue;
    const int missing = std::max(0, month.seats_needed() - month.seats_offered());
    table.rows.push_back({MonthText(month), month.course(), absl::StrCat(month.seats_offered()),
                          absl::StrCat(month.seats_needed()), absl::StrCat(missing)});
  }
  return table;
}

void PrintCapacity(Session& session, const tv1::TrainingCapacity& capacity) {
  session.PrintTitle(
      MarkedTitle(absl::StrCat("Seats in classes, as of ", FieldText(capacity, "as_of")),
                  capacity.fictitious(), kMadeUpOfficers));
  PrintFacts(session,
             {{"Refresher seats a year", absl::StrCat(capacity.refresher_seats_per_year())},
              {"Long waits", absl::StrCat(capacity.long_wait_count())},
              {"Basis", FieldText(capacity, "basis")},
              {"Policy", capacity.policy_version()}});
  PrintSection(session, "Seats by month of the class (months without any are left out)",
               MonthTable(capacity));
  PrintSection(session, "Starts a year in one classroom", TableOf(capacity.starts()));
  PrintSection(session, "Refresher seats a year, held in each field office",
               TableOf(capacity.refresher_seats_by_office()));
  PrintSection(session, "Who waits long, longest first", TableOf(capacity.long_waits()));
}

FigureRows CapacityRows(const tv1::TrainingCapacity& capacity) {
  FigureRows rows = RowsOf(capacity, FieldText(capacity, "as_of"));
  rows.Add("refresher_seats_per_year", "", capacity.refresher_seats_per_year(), "seats");
  for (const auto& office : capacity.refresher_seats_by_office()) {
    rows.Add("refresher_seats_per_year", office.field_office(), office.seats_per_year(), "seats");
  }
  rows.Add("long_waits", "", capacity.long_wait_count(), "officers");
  for (const auto& month : capacity.months()) {
    const std::string key = absl::StrCat(MonthText(month), " ", month.course());
    rows.Add("seats_offered", key, month.seats_offered(), "seats");
    rows.Add("seats_needed", key, month.seats_needed(), "seats");
  }
  for (const auto& starts : capacity.starts()) {
    rows.Add("starts_with_closures", starts.course(), starts.with_closures(), "starts");
    rows.Add("starts_year_round", starts.course(), starts.year_round(), "starts");
  }
  return rows;
}

void PrintRates(Session& session, const tv1::ResultRates& rates) {
  session.PrintTitle(MarkedTitle("Results of courses", rates.fictitious(), kMadeUpOfficers));
  PrintFacts(session, {{"From", FieldText(rates, "from")},
                       {"To", FieldText(rates, "to")},
                       {"Basis", FieldText(rates, "basis")}});
  PrintSection(session, "By model and course", TableOf(rates.by_course()));
  PrintSection(session, "By class", TableOf(rates.by_offering()));
  NoteLeftOut(session, rates.offerings_left_out(), "classes");
}

void AddRate(absl::string_view metric, absl::string_view key, const tv1::ResultRates::Rate& rate,
             FigureRows* rows) {
  rows->Add(metric, key, rate.officers(), "officers");
  rows->Add(absl::StrCat(metric, "_failed_first"), key, rate.failed_first(), "officers");
  rows->Add(absl::StrCat(metric, "_took_another"), key, rate.took_another(), "officers");
  rows->Add(absl::StrCat(metric, "_disqualified"), key, rate.disqualified(), "officers");
}

FigureRows RateRows(const tv1::ResultRates& rates) {
  FigureRows rows = RowsOf(rates, "");
  for (const auto& rate : rates.by_course()) {
    AddRate("results_by_course", absl::StrCat(rate.model(), " ", rate.course()), rate, &rows);
  }
  for (const auto& rate : rates.by_offering()) {
    AddRate("results_by_class", rate.offering(), rate, &rows);
  }
  AddLeftOut("results_by_class", rates.offerings_left_out(), "classes", &rows);
  return rows;
}

absl::StatusOr<int> RunCourses(Session& session, const FigureOptions& options) {
  tv1::ListCoursesRequest request;
  ACCORD_RETURN_IF_ERROR(Apply(options, &request));
  ACCORD_ASSIGN_OR_RETURN(const auto courses, session.Call<tv1::ListCoursesResponse>(
                                                  absl::StrCat(kTraining, "ListCourses"), request));
  const Items items = ItemsOf(courses);
  ACCORD_RETURN_IF_ERROR(session.PrintMessages(*items.type, items.messages, courses, "code"));
  return kExitOk;
}

struct PreviewOptions {
  std::string file;
  std::string applies_to;
  bool record = false;
  std::string reason;
  ReadOptions read;
};

absl::Status RecordPreview(Session& session, const PreviewOptions& options,
                           const google::protobuf::Message& preview) {
  tv1::RecordPolicyPreviewRequest request;
  request.set_preview_token(FieldText(preview, "preview_token"));
  WriteOptions write;
  write.reason = options.reason;
  ACCORD_RETURN_IF_ERROR(ApplyWriteOptions(write, &request));
  ACCORD_ASSIGN_OR_RETURN(
      const auto recorded,
      session.Call<tv1::PolicyPreview>(absl::StrCat(kTraining, "RecordPolicyPreview"), request));
  session.Note(absl::StrCat("on record as ", recorded.name()));
  return absl::OkStatus();
}

absl::StatusOr<int> RunPreview(Session& session, const PreviewOptions& options) {
  if (options.record) ACCORD_RETURN_IF_ERROR(Require("--reason", options.reason));
  tv1::PreviewPolicyRequest request;
  ACCORD_ASSIGN_OR_RETURN(*request.mutable_policy_text(), ReadTextFile(options.file));
  ACCORD_RETURN_IF_ERROR(SetFields(&request, {{"--applies-to", "applies_to", options.applies_to}}));
  ACCORD_ASSIGN_OR_RETURN(const auto preview,
                          FetchPages(session, absl::StrCat(kTraining, "PreviewPolicy"), &request,
                                     options.read, "who is affected"));
  ACCORD_RETURN_IF_ERROR(PrintPage(session, *preview, "officer"));
  const bool is_all = FieldText(*preview, "next_page_token").empty();
  session.Note(absl::StrCat(FieldText(*preview, "officers_affected"), " of ",
                            FieldText(*preview, "officers_looked_at"),
                            is_all ? " officers" : " officers looked at so far",
                            " would be affected; nothing was changed"));
  if (options.record) ACCORD_RETURN_IF_ERROR(RecordPreview(session, options, *preview));
  return kExitOk;
}

void AddPreview(CLI::App& training, Session& session) {
  auto options = std::make_shared<PreviewOptions>();
  CLI::App* command = training.add_subcommand(
      "preview", "Who would be affected if another policy file held; changes nothing");
  command->add_option("file", options->file, "A whole policy file, in protobuf text format")
      ->required();
  CLI::Option* applies_to = command->add_option(
      "--applies-to", options->applies_to,
      "What if it were for new, open or all officers (default: as the file says)");
  CLI::Option* as_of =
      command->add_option("--as-of", options->read.as_of,
                          "On this day, YYYY-MM-DD (default: today and whenever a version begins)");
  CLI::Option* limit =
      command->add_option("--limit", options->read.limit, "At most this many (default: all)")
          ->check(CLI::NonNegativeNumber);
  CLI::Option* page_token =
      command->add_option("--page-token", options->read.page_token, "Go on where --limit stopped");
  // Only a preview of the whole file, to its end, can be recorded.
  command
      ->add_flag("--record", options->record,
                 "Put the preview on record, so that the training service may start with it")
      ->excludes(applies_to)
      ->excludes(as_of)
      ->excludes(limit)
      ->excludes(page_token);
  command->add_option("--reason", options->reason, "Why the policy is to be another one");
  command->callback([&session, options] {
    session.command = [&session, options] { return RunPreview(session, *options); };
  });
}

using FigureRunner = std::function<absl::StatusOr<int>(Session&, const FigureOptions&)>;

struct FigureCommand {
  CLI::App* app;
  std::shared_ptr<FigureOptions> options;
};

FigureCommand AddFigure(CLI::App& training, Session& session, const char* name, const char* help,
                        const FigureRunner& run) {
  auto options = std::make_shared<FigureOptions>();
  CLI::App* command = training.add_subcommand(name, help);
  command->callback([&session, options, run] {
    session.command = [&session, options, run] { return run(session, *options); };
  });
  return {command, options};
}

void AddFictitious(const FigureCommand& command) {
  command.app->add_flag("--fictitious", command.options->fictitious,
                        "Count the demonstration's made-up officers instead");
}

void AddModelAnd(const FigureCommand& command, const char* option, std::string& value,
                 const char* help) {
  command.app->add_option(option, value, help);
  command.app->add_option("--model", command.options->model, "Code: JEM, WSO, TFM (default all)");
}

void AddSummary(CLI::App& training, Session& session) {
  const auto command = AddFigure(training, session, "summary", "Who is current, lapsing and lapsed",
                                 [](Session& s, const FigureOptions& options) {
                                   return RunFigures<tv1::GetTrainingSummaryRequest>(
                                       s, options, "GetTrainingSummary", PrintSummary, SummaryRows);
                                 });
  command.app->add_option("--as-of", command.options->as_of,
                          "On this day, YYYY-MM-DD (default today)");
  command.app->add_option("--lapsing-days", command.options->lapsing_days,
                          "An end within so many days is lapsing (default 90)");
  command.app->add_option("--field-office", command.options->field_office,
                          "Of this one alone: fieldOffices/ID (default all)");
  AddFictitious(command);
}

void AddCapacity(CLI::App& training, Session& session) {
  const auto command = AddFigure(
      training, session, "capacity", "Seats offered against needed by month, and who waits long",
      [](Session& s, const FigureOptions& options) {
        return RunFigures<tv1::GetTrainingCapacityRequest>(s, options, "GetTrainingCapacity",
                                                           PrintCapacity, CapacityRows);
      });
  AddModelAnd(command, "--from", command.options->from, "Twelve months from this day on");
  command.app->add_option("--long-wait-days", command.options->long_wait_days,
                          "A wait of more days is long (default: the policy's)");
  AddFictitious(command);
}

void AddRates(CLI::App& training, Session& session) {
  const auto command =
      AddFigure(training, session, "rates", "Who failed first, took another exam, was disqualified",
                [](Session& s, const FigureOptions& options) {
                  return RunFigures<tv1::GetResultRatesRequest>(s, options, "GetResultRates",
                                                                PrintRates, RateRows);
                });
  command.app->add_option("--from", command.options->from,
                          "Completions from this day on (default 30 days before)");
  command.app->add_option("--to", command.options->to, "Completions to this day (default today)");
  AddFictitious(command);
}

}  // namespace

void AddTrainingFigures(CLI::App& app, Session& session) {
  CLI::App* training = app.add_subcommand("training", "Training in figures, courses, previews");
  training->require_subcommand(1);
  AddSummary(*training, session);
  AddCapacity(*training, session);
  AddRates(*training, session);
  const auto courses =
      AddFigure(*training, session, "courses", "The policy's courses on a day", RunCourses);
  AddModelAnd(courses, "--as-of", courses.options->as_of, "On this day (default today)");
  AddPreview(*training, session);
}

}  // namespace accord::cli
