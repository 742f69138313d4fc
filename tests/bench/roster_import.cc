// Importing a published list a hundred times the size of the real ones, against inserting
// the rows that came of it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/sql/sql.h"
#include "common/store/store.h"
#include "common/testing/temp_dir.h"
#include "services/agreements/types.h"
#include "tests/bench/benches.h"
#include "tests/bench/host.h"
#include "tests/bench/stage.h"

namespace accord::bench {
namespace {

constexpr size_t kRowsATransaction = 5'000;
// A pair takes minutes, so there are fewer of them.
constexpr int kPairs = 3;
const SystemClock kClock;

std::string UrlOf(const testing::TempDir& dir) {
  return absl::StrCat("sqlite:", dir.File("agreements.db"));
}

// What one table held, in groups of one transaction.
struct TableRows {
  std::string insert;
  std::vector<std::vector<std::vector<sql::Value>>> groups = {};
};

std::string InsertSql(const std::string& table, size_t columns) {
  std::string places = "$1";
  for (size_t i = 2; i <= columns; ++i) absl::StrAppend(&places, ", $", i);
  return absl::StrCat("INSERT INTO ", table, " VALUES (", places, ")");
}

// Every table that an import writes, with what it holds.
absl::StatusOr<std::vector<TableRows>> Dump(const std::string& url) {
  ACCORD_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(url));
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kRead));
  std::vector<std::string> tables = {"changes", "change_subjects", "requests"};
  for (const auto& type : agreements::Types().all()) tables.push_back(type->table());
  std::vector<TableRows> dump;
  for (const std::string& table : tables) {
    TableRows& rows = dump.emplace_back();
    ACCORD_RETURN_IF_ERROR(connection->ForEach(
        absl::StrCat("SELECT * FROM ", table), {}, [&](sql::Row& row) -> absl::Status {
          if (rows.insert.empty()) rows.insert = InsertSql(table, row.size());
          if (rows.groups.empty() || rows.groups.back().size() == kRowsATransaction) {
            rows.groups.emplace_back();
          }
          rows.groups.back().push_back(std::move(row));
          return absl::OkStatus();
        }));
  }
  return dump;
}

absl::StatusOr<Sample> InsertRaw(const std::vector<TableRows>& dump, int list_rows) {
  const testing::TempDir dir;
  const std::string url = UrlOf(dir);
  // Makes the tables and their indexes.
  ACCORD_RETURN_IF_ERROR(store::Store::Open("agreements", "agreements.accord", agreements::Types(),
                                            kClock, {.url = url})
                             .status());
  ACCORD_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(url));
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kWrite));
  const absl::Time started = absl::Now();
  for (const TableRows& table : dump) {
    for (const auto& group : table.groups) {
      ACCORD_RETURN_IF_ERROR(connection->BeginWrite());
      ACCORD_RETURN_IF_ERROR(connection->ExecuteMany(table.insert, group));
      ACCORD_RETURN_IF_ERROR(connection->Commit());
    }
  }
  return Sample{list_rows / absl::ToDoubleSeconds(absl::Now() - started)};
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
  ACCORD_ASSIGN_OR_RETURN(const auto dump, Dump(absl::StrCat("sqlite:", imported)));
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
