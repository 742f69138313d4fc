// Runs the benchmarks, all or by name.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "tests/bench/benches.h"
#include "tests/bench/host.h"
#include "tests/bench/report.h"

namespace accord::bench {
namespace {

struct Benchmark {
  std::string name;
  absl::Status (*run)(Report&);
};

// In the order in which they run.
const std::vector<Benchmark>& All() {
  static const auto& all = *new std::vector<Benchmark>{
      {"status", BenchStatus},           {"writes", BenchWrites},     {"changes", BenchChanges},
      {"overload", BenchOverload},       {"import", BenchImport},     {"size", BenchSize},
      {"completions", BenchCompletions}, {"training", BenchTraining},
  };
  return all;
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const Benchmark& benchmark : All()) names.push_back(benchmark.name);
  return names;
}

int Run(const ReportOptions& options, const std::vector<std::string>& names,
        const std::string& json) {
  Report report(options);
  report.PrintHeader();
  int exit_code = 0;
  for (const Benchmark& benchmark : All()) {
    const bool wanted =
        names.empty() || std::find(names.begin(), names.end(), benchmark.name) != names.end();
    if (!wanted) continue;
    if (const absl::Status status = benchmark.run(report); !status.ok()) {
      report.Failed(benchmark.name, status);
      exit_code = 1;
    }
  }
  if (const absl::Status status = report.WriteJson(json); !status.ok()) {
    fmt::print(stderr, "accord-bench: {}\n", status.ToString());
    return 1;
  }
  return exit_code;
}

}  // namespace
}  // namespace accord::bench

int main(int argc, char** argv) {
  using accord::bench::MachineLabels;
  accord::bench::ReportOptions options;
  options.labels = MachineLabels();
  std::vector<std::string> names;
  std::string json = "bench.json";
  CLI::App app("Measures Accord against bare baselines.", "accord-bench");
  app.add_option("name", names, "Benchmarks to run; all when none is named")
      ->check(CLI::IsMember(accord::bench::Names()));
  app.add_option("--json", json, "File for the results")->capture_default_str()->take_last();
  app.add_option("--commit", options.labels["commit"], "What was built; recorded only");
  app.add_option("--build-type", options.labels["build_type"], "How it was built; recorded only");
  app.add_flag("--quick", options.quick, "Few and short runs: shows that the benchmarks work");
  app.add_flag("--largest", options.largest,
               "Also the largest sizes: half an hour, and 25 GB of disk for a while")
      ->excludes("--quick");
  CLI11_PARSE(app, argc, argv);
  return accord::bench::Run(options, names, json);
}
