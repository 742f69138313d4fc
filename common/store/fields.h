// The fields of a message that can be filtered and ordered: one declaration gives
// the column of a table, the vocabulary of `filter` and `order_by`, and the value
// for evaluation in memory.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/sql/sql.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace accord::store {

// How a field is stored. No column is ever NULL: unset is "" or 0.
enum class FieldKind {
  kText,      // TEXT
  kInt,       // BIGINT
  kBool,      // BIGINT 0 or 1
  kEnum,      // BIGINT, the number; written by name in a filter
  kDate,      // TEXT "2025-07-02"; google.type.Date; "" when unset
  kTime,      // BIGINT microseconds since 1970, UTC; google.protobuf.Timestamp
  kTextList,  // TEXT "\nfirst\nsecond\n"; repeated string; "" when empty
};

struct Field {
  // Path in the message, for example "participating.listed".
  std::string path;
  FieldKind kind;
  // From the message down to the field.
  std::vector<const google::protobuf::FieldDescriptor*> steps;
  // "f_participating_listed".
  std::string column;
};

class Fields {
 public:
  // Every path must name a field of `descriptor` of a kind above, and none that is personal:
  // filters show up in errors and page tokens. A wrong one is a programming error and ends
  // the process at start.
  Fields(const google::protobuf::Descriptor* descriptor, const std::vector<std::string>& paths);

  // Null when `path` is not declared.
  const Field* Find(absl::string_view path) const;
  const std::vector<Field>& all() const { return fields_; }
  // "BIGINT NOT NULL DEFAULT 0" or "TEXT NOT NULL DEFAULT ''".
  static std::string ColumnType(FieldKind kind);

 private:
  std::vector<Field> fields_;
};

// The value of `field` in `message`, as it is stored.
sql::Value ExtractField(const google::protobuf::Message& message, const Field& field);

}  // namespace accord::store
