// Importing a published list a hundred times the size of the real ones, against inserting
// the rows that came of it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/store/store.h"
#include "common/testing/temp_dir.h"
#include "services/agreements/types.h"
#include "tests/bench/benches.h"
#include "tests/bench/host.h"
#include "tests/bench/raw_rows.h"
#include "tests/bench/stage.h"

namespace accord::bench {
namespace {

// A pair takes minutes, so there are fewer of them.
constexpr int kPairs = 3;
const SystemClock kClock;

std::string UrlOf(const testing::TempDir& dir) {
  return absl::StrCat("sqlite:", dir.File("agreements.db"));
}

absl::StatusOr<Sample> InsertRaw(const std::vector<TableRows>& dump, int list_rows) {
  const testing::TempDir dir;
  const std::string url = UrlOf(dir);
  // Makes the tables and their indexes.
  ACCORD_RETURN_IF_ERROR(store::Store::Open("agreements", "agreements.accord", agreements::Types(),
                                            kClock, {.url = url})
                             .status());
  ACCORD_ASSIGN_OR_RETURN(const absl::Duration took, InsertRows(url, dump));
  return Sample{list_rows / absl::ToDoubleSeconds(took)};
}

// Every table that an import writes.
std::vector<std::string> Tables() {
  std::vector<std::string> tables = {"changes", "change_subjects", "requests"};
  for (const auto& type : agreements::Types().all()) tables.push_back(type->table());
  return tables;
}

absl::string_view LastLines(const std::string& log) {
  constexpr size_t kEnough = 1'000;
  return absl::string_view(log).substr(log.size() - std::min(log.size(), kEnough));
}

// A fresh service on an empty file; leaves the file to whoever owns `dir`.
absl::StatusOr<Sample> Import(const testing::TempDir& dir, const std::string& list, int rows) {
  testing::Program service("accord-agreements",
                           {"--store", UrlOf(dir), "--policy", testing::PolicyPath()});
  ACCORD_RETURN_IF_ERROR(service.Start());
  const absl::Time started = absl::Now();
  const auto import = ImportSynthetic(service.address(), rows, list);
  if (!import.ok()) {
    return absl::InternalError(
        absl::StrCat(import.status().ToString(), "\n", LastLines(service.log())));
  }
  const absl::Duration took = absl::Now() - started;
  if (service.Terminate() != 0) return absl::InternalError("the service did not end well");
  return Sample{rows / absl::ToDoubleSeconds(took)};
}

}  // namespace

absl::Status BenchImport(Report& report) {
  const int rows = report.Size(250'000, 5'000);
  const std::string list = SyntheticList(rows);
  ACCORD_ASSIGN_OR_RETURN(const std::string imported, ImportedFile(rows));
  ACCORD_ASSIGN_OR_RETURN(const auto dump, DumpRows(absl::StrCat("sqlite:", imported), Tables()));
  const Side ours = {"ImportRoster", [&]() -> absl::StatusOr<Sample> {
                       const testing::TempDir dir;
                       return Import(dir, list, rows);
                     }};
  const Side raw = {"raw inserts of the same rows", [&] { return InsertRaw(dump, rows); }};
  report.Note(absl::StrCat("roster import: ", kPairs, " pairs, because one takes over a minute"));
  return report.Pairs(absl::StrCat("import of a list of ", rows, " rows, SQLite"),
                      {{.name = "rows", .unit = "/s"}}, ours, raw, kPairs);
}

}  // namespace accord::bench
