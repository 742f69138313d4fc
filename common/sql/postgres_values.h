// Values in PostgreSQL's binary wire format.
#pragma once

#include <libpq-fe.h>

#include <string>
#include <vector>

#include "common/sql/sql.h"

namespace accord::sql {

// The type that a parameter is declared with; 0 lets the server infer it (NULL).
Oid TypeOf(const Value& value);

// The parameters of one statement as libpq takes them. Points into `params`.
class WireParams {
 public:
  explicit WireParams(const std::vector<Value>& params);

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void Add(const char* data, size_t size);
  void AddBigEndian(uint64_t bits);

  std::vector<uint64_t> numbers_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

// INTERNAL when a column has a type that the SQL should cast (numeric, timestamps).
absl::StatusOr<Row> DecodeRow(const PGresult* result, int row);

}  // namespace accord::sql
