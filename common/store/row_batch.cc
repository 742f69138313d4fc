#include "common/store/row_batch.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace accord::store {

size_t BatchSize(size_t left, sql::Dialect dialect) {
  // Of 18 columns this is well below what either database takes, and more gain nothing.
  constexpr size_t kMany = 64;
  constexpr size_t kSome = 8;
  if (dialect == sql::Dialect::kSqlite) return std::min<size_t>(left, 1);
  if (left >= kMany) return kMany;
  return left >= kSome ? kSome : std::min<size_t>(left, 1);
}

std::string Places(size_t first, size_t count) {
  std::string places;
  for (size_t n = first; n < first + count; ++n) {
    absl::StrAppend(&places, n == first ? "$" : ", $", n);
  }
  return places;
}

std::string RowBatch::SqlFor(size_t rows, size_t columns) const {
  if (rows == 1 && !sql_.alone.empty()) return sql_.alone;
  std::string sql = absl::StrCat(sql_.insert, " VALUES ");
  for (size_t row = 0; row < rows; ++row) {
    absl::StrAppend(&sql, row == 0 ? "(" : ", (", Places(row * columns + 1, columns), ")");
  }
  return absl::StrCat(sql, sql_.tail);
}

void RowBatch::MoveTo(std::vector<sql::Statement>& statements, sql::Dialect dialect) {
  size_t sql_rows = 0;
  std::string sql;
  for (size_t begin = 0; begin < rows_.size();) {
    const size_t size = BatchSize(rows_.size() - begin, dialect);
    if (size != sql_rows) sql = SqlFor(sql_rows = size, rows_[begin].size());
    std::vector<sql::Value> params;
    params.reserve(size * rows_[begin].size());
    for (const size_t end = begin + size; begin < end; ++begin) {
      std::move(rows_[begin].begin(), rows_[begin].end(), std::back_inserter(params));
    }
    statements.push_back({sql, std::move(params)});
  }
  rows_.clear();
}

}  // namespace accord::store
