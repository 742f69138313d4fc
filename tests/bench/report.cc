#include "tests/bench/report.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace accord::bench {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;

constexpr int kPairs = 9;
constexpr int kQuickPairs = 3;

absl::Status CheckSize(const std::string& name, const std::vector<Quantity>& quantities,
                       const Sample& sample) {
  if (sample.size() == quantities.size()) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat(name, " measured ", sample.size(), " values, not ", quantities.size()));
}

std::string Short(double value) {
  if (value != 0 && std::abs(value) < 10) return fmt::format("{:.3g}", value);
  return fmt::format("{:.0f}", value);
}

void Set(Struct& object, const std::string& key, double value) {
  (*object.mutable_fields())[key].set_number_value(value);
}

void Set(Struct& object, const std::string& key, const std::string& value) {
  (*object.mutable_fields())[key].set_string_value(value);
}

Struct& Child(Struct& object, const std::string& key) {
  return *(*object.mutable_fields())[key].mutable_struct_value();
}

ListValue& List(Struct& object, const std::string& key) {
  return *(*object.mutable_fields())[key].mutable_list_value();
}

void Set(Struct& object, const std::string& key, const Spread& spread) {
  Struct& child = Child(object, key);
  Set(child, "median", spread.median);
  Set(child, "min", spread.least);
  Set(child, "max", spread.most);
}

}  // namespace

Report::Report(ReportOptions options) : options_(std::move(options)) {}

absl::Status Report::Pairs(const std::string& name, const std::vector<Quantity>& quantities,
                           const Side& ours, const Side& baseline, int pairs) {
  if (pairs == 0) {
    pairs = Size(kPairs, kQuickPairs);
    ACCORD_RETURN_IF_ERROR(ours.run().status());
    ACCORD_RETURN_IF_ERROR(baseline.run().status());
  }
  std::vector<Sample> of_ours(pairs);
  std::vector<Sample> of_baseline(pairs);
  for (int i = 0; i < pairs; ++i) {
    // Whoever runs second finds a warmer, or a busier, machine.
    const bool ours_first = i % 2 == 0;
    if (ours_first) {
      ACCORD_ASSIGN_OR_RETURN(of_ours[i], ours.run());
    }
    ACCORD_ASSIGN_OR_RETURN(of_baseline[i], baseline.run());
    if (!ours_first) {
      ACCORD_ASSIGN_OR_RETURN(of_ours[i], ours.run());
    }
    ACCORD_RETURN_IF_ERROR(CheckSize(name, quantities, of_ours[i]));
    ACCORD_RETURN_IF_ERROR(CheckSize(name, quantities, of_baseline[i]));
  }
  AddLines(name, quantities, ours.name, baseline.name, of_ours, of_baseline);
  return absl::OkStatus();
}

absl::Status Report::MeasuredTogether(const std::string& name,
                                      const std::vector<Quantity>& quantities,
                                      const std::string& ours, const std::string& baseline,
                                      const Both& run) {
  std::vector<Sample> of_ours;
  std::vector<Sample> of_baseline;
  ACCORD_RETURN_IF_ERROR(run().status());
  for (int i = 0; i < Size(kPairs, kQuickPairs); ++i) {
    ACCORD_ASSIGN_OR_RETURN(auto both, run());
    ACCORD_RETURN_IF_ERROR(CheckSize(name, quantities, both.first));
    ACCORD_RETURN_IF_ERROR(CheckSize(name, quantities, both.second));
    of_ours.push_back(std::move(both.first));
    of_baseline.push_back(std::move(both.second));
  }
  AddLines(name, quantities, ours, baseline, of_ours, of_baseline);
  return absl::OkStatus();
}

absl::Status Report::Values(const std::string& name, const std::vector<Quantity>& quantities,
                            int times, const std::function<absl::StatusOr<Sample>()>& run) {
  std::vector<Sample> samples;
  for (int i = 0; i < times; ++i) {
    ACCORD_ASSIGN_OR_RETURN(Sample sample, run());
    ACCORD_RETURN_IF_ERROR(CheckSize(name, quantities, sample));
    samples.push_back(std::move(sample));
  }
  AddLines(name, quantities, "", "", samples, {});
  return absl::OkStatus();
}

void Report::Note(const std::string& text) {
  notes_.push_back(text);
  fmt::print("  note: {}\n", text);
  std::fflush(stdout);
}

void Report::Failed(const std::string& benchmark, const absl::Status& status) {
  failures_.push_back(absl::StrCat(benchmark, ": ", status.ToString()));
  fmt::print("  FAILED: {}\n", failures_.back());
  std::fflush(stdout);
}

Spread Report::SpreadOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

std::string Report::Verdict(const Line& line) {
  const double goal = line.quantity.goal;
  if (goal == 0) return "";
  const bool met =
      line.quantity.more_is_better ? line.ratio.median >= goal : line.ratio.median <= goal;
  return fmt::format("{}{:.3g} {}", line.quantity.more_is_better ? "≥" : "≤", goal,
                     met ? "met" : "MISSED");
}

void Report::AddLines(const std::string& name, const std::vector<Quantity>& quantities,
                      const std::string& ours_name, const std::string& baseline_name,
                      const std::vector<Sample>& ours, const std::vector<Sample>& baseline) {
  for (size_t q = 0; q < quantities.size(); ++q) {
    std::vector<double> of_ours;
    std::vector<double> of_baseline;
    std::vector<double> ratios;
    for (const Sample& sample : ours) of_ours.push_back(sample[q]);
    for (const Sample& sample : baseline) of_baseline.push_back(sample[q]);
    for (size_t i = 0; i < of_baseline.size(); ++i) ratios.push_back(of_ours[i] / of_baseline[i]);
    Line line = {.name = name,
                 .quantity = quantities[q],
                 .ours = ours_name,
                 .baseline = baseline_name,
                 .runs = static_cast<int>(ours.size()),
                 .ours_value = SpreadOf(of_ours),
                 .baseline_value = {},
                 .ratio = {}};
    if (!ratios.empty()) {
      line.baseline_value = SpreadOf(of_baseline);
      line.ratio = SpreadOf(ratios);
    }
    Print(line);
    lines_.push_back(std::move(line));
  }
}

void Report::PrintHeader() const {
  for (const auto& [key, value] : options_.labels) fmt::print("{}: {}\n", key, value);
  if (quick()) fmt::print("A quick run: its figures mean nothing.\n");
  fmt::print("\n{:<72} {:<22} {:>9} {:>9}  {:<21} {:<12} {:>4}\n", "benchmark / baseline",
             "quantity", "ours", "baseline", "ratio (least–most)", "goal", "runs");
  std::fflush(stdout);
}

void Report::Print(const Line& line) const {
  const std::string quantity = absl::StrCat(line.quantity.name, " ", line.quantity.unit);
  if (line.baseline.empty()) {
    fmt::print("{:<72} {:<22} {:>9} {:>9}  {:<21} {:<12} {:>4}\n", line.name, quantity,
               Short(line.ours_value.median), "",
               fmt::format("({}–{})", Short(line.ours_value.least), Short(line.ours_value.most)),
               "", line.runs);
  } else {
    fmt::print(
        "{:<72} {:<22} {:>9} {:>9}  {:<21} {:<12} {:>4}\n",
        absl::StrCat(line.name, " / ", line.baseline), quantity, Short(line.ours_value.median),
        Short(line.baseline_value.median),
        fmt::format("{:.3f} ({:.3f}–{:.3f})", line.ratio.median, line.ratio.least, line.ratio.most),
        Verdict(line), line.runs);
  }
  std::fflush(stdout);
}

absl::Status Report::WriteJson(const std::string& path) const {
  Struct root;
  (*root.mutable_fields())["quick"].set_bool_value(quick());
  for (const auto& [key, value] : options_.labels) Set(Child(root, "labels"), key, value);
  ListValue& results = List(root, "results");
  for (const Line& line : lines_) {
    Struct& result = *results.add_values()->mutable_struct_value();
    Set(result, "benchmark", line.name);
    Set(result, "quantity", line.quantity.name);
    Set(result, "unit", line.quantity.unit);
    Set(result, "runs", line.runs);
    Set(result, "ours", line.ours_value);
    if (line.baseline.empty()) continue;
    Set(result, "ours_is", line.ours);
    Set(result, "baseline_is", line.baseline);
    Set(result, "baseline", line.baseline_value);
    Set(result, "ratio", line.ratio);
    if (line.quantity.goal != 0) Set(result, "goal", line.quantity.goal);
  }
  for (const std::string& note : notes_) List(root, "notes").add_values()->set_string_value(note);
  for (const std::string& failure : failures_) {
    List(root, "failures").add_values()->set_string_value(failure);
  }
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  if (!google::protobuf::util::MessageToJsonString(root, &json, options).ok()) {
    return absl::InternalError("the report has a value that JSON cannot hold");
  }
  std::ofstream file(path);
  file << json;
  file.close();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

}  // namespace accord::bench
