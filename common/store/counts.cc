#include "common/store/counts.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/store/row_batch.h"
#include "common/store/value_less.h"

namespace accord::store {
namespace {

using google::protobuf::Message;

// Of "2026-03-02", the month.
constexpr size_t kMonthLength = 7;

Counts::Column CountedColumn(const Fields& fields, absl::string_view path,
                             absl::string_view table) {
  const bool by_month = absl::ConsumeSuffix(&path, ":month");
  const Field* field = fields.Find(path);
  if (field == nullptr || (by_month && field->kind != FieldKind::kDate)) {
    std::cerr << table << " cannot be counted by \"" << path << "\"\n";
    std::abort();
  }
  return {*field, by_month, absl::StrCat(field->column, by_month ? "_month" : "")};
}

// "f_model = $1 AND f_state = $2"
std::string IsGroup(const Counts& counts) {
  int n = 1;
  return absl::StrJoin(counts.columns(), " AND ", [&n](std::string* out, const auto& column) {
    absl::StrAppend(out, column.name, " = $", n++);
  });
}

void AppendMore(const Counts& counts, std::vector<sql::Value> group, int64_t more,
                std::vector<sql::Statement>& statements) {
  const std::string columns = counts.ColumnList();
  group.emplace_back(more);
  const std::string places = Places(1, group.size());
  statements.push_back({absl::StrCat("INSERT INTO ", counts.table(), " (", columns, ", n) VALUES (",
                                     places, ") ON CONFLICT (", columns,
                                     ") DO UPDATE SET n = ", counts.table(), ".n + excluded.n"),
                        std::move(group)});
}

void AppendFewer(const Counts& counts, std::vector<sql::Value> group, int64_t fewer,
                 std::vector<sql::Statement>& statements) {
  const std::string is_group = IsGroup(counts);
  std::vector<sql::Value> params = group;
  params.emplace_back(fewer);
  statements.push_back({absl::StrCat("UPDATE ", counts.table(), " SET n = n - $", params.size(),
                                     " WHERE ", is_group),
                        std::move(params)});
  statements.push_back(
      {absl::StrCat("DELETE FROM ", counts.table(), " WHERE ", is_group, " AND n = 0"),
       std::move(group)});
}

}  // namespace

Counts::Counts(const Fields& fields, absl::string_view rows, const CountedSpec& spec)
    : name_(spec.name),
      rows_(rows),
      table_(absl::StrCat("n_", absl::StripPrefix(rows, "t_"), "_", spec.name)) {
  for (const absl::string_view path : absl::StrSplit(spec.by, ',')) {
    columns_.push_back(CountedColumn(fields, path, rows));
  }
}

bool Counts::HasColumn(absl::string_view name) const {
  return std::any_of(columns_.begin(), columns_.end(),
                     [name](const Column& column) { return column.name == name; });
}

std::string Counts::ColumnList() const {
  return absl::StrJoin(columns_, ", ", [](std::string* out, const Column& column) {
    absl::StrAppend(out, column.name);
  });
}

std::string Counts::SelectList() const {
  return absl::StrJoin(columns_, ", ", [](std::string* out, const Column& column) {
    if (column.by_month) {
      absl::StrAppend(out, "substr(", column.field.column, ", 1, ", kMonthLength, ")");
    } else {
      absl::StrAppend(out, column.field.column);
    }
  });
}

std::vector<sql::Value> Counts::GroupOf(const Message& message) const {
  std::vector<sql::Value> group;
  group.reserve(columns_.size());
  for (const Column& column : columns_) {
    sql::Value& value = group.emplace_back(ExtractField(message, column.field));
    if (column.by_month) value = std::get<std::string>(value).substr(0, kMonthLength);
  }
  return group;
}

absl::Status Counts::Create(sql::Connection& connection) const {
  std::string sql = absl::StrCat("CREATE TABLE ", table_, " (");
  for (const Column& column : columns_) {
    absl::StrAppend(&sql, column.name, " ", Fields::ColumnType(column.field.kind), ", ");
  }
  absl::StrAppend(&sql, "n BIGINT NOT NULL, PRIMARY KEY (", ColumnList(), "))");
  return connection.ExecuteScript(sql);
}

absl::Status Counts::Rebuild(sql::Connection& connection) const {
  const std::string select = SelectList();
  return connection.ExecuteScript(absl::StrCat("DELETE FROM ", table_, "; INSERT INTO ", table_,
                                               " (", ColumnList(), ", n) SELECT ", select,
                                               ", count(*) FROM ", rows_, " GROUP BY ", select));
}

absl::StatusOr<bool> Counts::Match(sql::Connection& connection, absl::Time deadline) const {
  const std::string columns = ColumnList();
  const std::string select = SelectList();
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result differing,
      connection.Execute(absl::StrCat("SELECT 1 FROM (SELECT ", columns, ", n FROM ", table_,
                                      " UNION ALL SELECT ", select, ", -count(*) FROM ", rows_,
                                      " GROUP BY ", select, ") both_of GROUP BY ", columns,
                                      " HAVING sum(n) <> 0 OR count(*) <> 2 LIMIT 1"),
                         {}, deadline));
  return differing.rows.empty();
}

bool CountChanges::GroupLess::operator()(const Group& a, const Group& b) const {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), ValueLess);
}

void CountChanges::Add(const std::vector<Counts>& counts, const Message& message, int by) {
  for (const Counts& each : counts) changes_[&each][each.GroupOf(message)] += by;
}

void CountChanges::AppendTo(std::vector<sql::Statement>& statements) const {
  for (const auto& [counts, groups] : changes_) {
    for (const auto& [group, change] : groups) {
      if (change > 0) AppendMore(*counts, group, change, statements);
      if (change < 0) AppendFewer(*counts, group, -change, statements);
    }
  }
}

}  // namespace accord::store
