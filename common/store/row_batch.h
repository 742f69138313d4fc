// Rows of one table, sent many to a statement: of a small row, the statement is most of the work.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/sql/sql.h"

namespace accord::store {

// How many of `left` go into the next statement. Of few sizes, so that each is prepared once.
// SQLite takes one by one: it keeps what a statement of several overwrites, to undo it alone.
size_t BatchSize(size_t left, sql::Dialect dialect);

// "$4, $5, $6" of three that begin with the fourth.
std::string Places(size_t first, size_t count);

// How rows are written.
struct RowSql {
  // "INSERT INTO t (name, n)"
  std::string insert = {};
  // What follows the values: " ON CONFLICT …". Empty for none.
  std::string tail = {};
  // For one row alone, with the same parameters; empty for the above.
  std::string alone = {};
};

class RowBatch {
 public:
  explicit RowBatch(RowSql sql) : sql_(std::move(sql)) {}

  // All have as many values.
  void Add(std::vector<sql::Value> row) { rows_.push_back(std::move(row)); }
  // Puts the rows on their way, in their order; none are left.
  void MoveTo(std::vector<sql::Statement>& statements, sql::Dialect dialect);

 private:
  std::string SqlFor(size_t rows, size_t columns) const;

  RowSql sql_;
  std::vector<std::vector<sql::Value>> rows_;
};

}  // namespace accord::store
