// How many resources of a type there are of each group, kept by every mutation, so that a sum
// over many resources reads few rows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/sql/sql.h"
#include "common/store/fields.h"
#include "google/protobuf/message.h"

namespace accord::store {

// What a type declares.
struct CountedSpec {
  // Of the table: "by_state" of officers is `n_officers_by_state`.
  std::string name = {};
  // Declared fields, "model,state,end_date:month": resources that are the same in all of these
  // are one group. `:month` takes the month of a date, "2026-03".
  std::string by = {};
};

// A table of a declaration: the columns below, and in `n` how many there are (at least 1).
class Counts {
 public:
  struct Column {
    Field field;
    bool by_month;
    // "f_state", "f_end_date_month".
    std::string name;
  };

  // `rows` is the table of the resources. A path that is not among `fields`, or is no date where
  // its month is asked for, ends the process at start.
  Counts(const Fields& fields, absl::string_view rows, const CountedSpec& spec);

  const std::string& name() const { return name_; }
  const std::string& table() const { return table_; }
  const std::vector<Column>& columns() const { return columns_; }
  bool HasColumn(absl::string_view name) const;
  // "f_model, f_state, f_end_date_month"
  std::string ColumnList() const;
  // Values of the columns, in their order.
  std::vector<sql::Value> GroupOf(const google::protobuf::Message& message) const;

  // Makes the table, empty; there is none.
  absl::Status Create(sql::Connection& connection) const;
  // Counts all rows anew, inside a transaction that keeps others from writing them.
  absl::Status Rebuild(sql::Connection& connection) const;
  // Whether the rows, counted now, give what is kept.
  absl::StatusOr<bool> Match(sql::Connection& connection, absl::Time deadline) const;

 private:
  // The group of a row, as Rebuild selects it.
  std::string SelectList() const;

  std::string name_;
  std::string rows_;
  std::string table_;
  std::vector<Column> columns_;
};

// What one mutation does to counts: summed, so that each group is written once.
class CountChanges {
 public:
  // `by` is 1 for a resource that there is now, -1 for one that was. `counts` outlives this.
  void Add(const std::vector<Counts>& counts, const google::protobuf::Message& message, int by);
  // What brings the tables up to date; a group of which none is left has no row.
  void AppendTo(std::vector<sql::Statement>& statements) const;

 private:
  using Group = std::vector<sql::Value>;
  struct GroupLess {
    bool operator()(const Group& a, const Group& b) const;
  };
  std::map<const Counts*, std::map<Group, int64_t, GroupLess>> changes_;
};

}  // namespace accord::store
