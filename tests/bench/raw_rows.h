// Rows as they lie in the tables, and the bare batched INSERT of them: what imports are measured
// against.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sql/sql.h"

namespace accord::bench {

// What one table held, in groups of one transaction.
struct TableRows {
  std::string insert;
  std::vector<std::vector<std::vector<sql::Value>>> groups = {};
};

// "INSERT INTO t VALUES ($1, $2)"
std::string InsertSql(const std::string& table, size_t columns);

// Everything in the tables of the database.
absl::StatusOr<std::vector<TableRows>> DumpRows(const std::string& url,
                                                const std::vector<std::string>& tables);

// Inserts the rows into tables that exist and are empty; how long that took.
absl::StatusOr<absl::Duration> InsertRows(const std::string& url,
                                          const std::vector<TableRows>& rows);

}  // namespace accord::bench
