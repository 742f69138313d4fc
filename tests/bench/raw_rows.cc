#include "tests/bench/raw_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"

namespace accord::bench {
namespace {

constexpr size_t kRowsATransaction = 5'000;

}  // namespace

std::string InsertSql(const std::string& table, size_t columns) {
  std::string places = "$1";
  for (size_t i = 2; i <= columns; ++i) absl::StrAppend(&places, ", $", i);
  return absl::StrCat("INSERT INTO ", table, " VALUES (", places, ")");
}

absl::StatusOr<std::vector<TableRows>> DumpRows(const std::string& url,
                                                const std::vector<std::string>& tables) {
  ACCORD_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(url));
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kRead));
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

absl::StatusOr<absl::Duration> InsertRows(const std::string& url,
                                          const std::vector<TableRows>& rows) {
  ACCORD_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(url));
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kWrite));
  const absl::Time started = absl::Now();
  for (const TableRows& table : rows) {
    for (const auto& group : table.groups) {
      ACCORD_RETURN_IF_ERROR(connection->BeginWrite());
      ACCORD_RETURN_IF_ERROR(connection->ExecuteMany(table.insert, group));
      ACCORD_RETURN_IF_ERROR(connection->Commit());
    }
  }
  return absl::Now() - started;
}

}  // namespace accord::bench
