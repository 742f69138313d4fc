// The `order_by` of List methods (AIP-132), and paging by the last row seen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "common/sql/sql.h"
#include "common/store/fields.h"
#include "google/protobuf/message.h"

namespace accord::store {

// A parsed order. Immutable, safe to share between threads. Text is in byte order
// (PostgreSQL: collation C), enums by number, unset before everything else.
class Order {
 public:
  static constexpr size_t kMaxBytes = 1024;
  static constexpr int kMaxKeys = 8;

  // "create_time desc, display_name": declared fields, each once, ascending unless `desc`
  // (`asc` may be said); lists have no order. An empty `text` means `default_text`.
  // When the message has a string field `name`, it is appended, ascending, to tell equal rows
  // apart. A message without one needs an order that no two rows share, or paging
  // leaves out rows. INVALID_ARGUMENT (INVALID_FIELDS) names the field `order_by`.
  static absl::StatusOr<Order> Parse(absl::string_view text, const Fields& fields,
                                     absl::string_view default_text, absl::string_view domain);
  // The same for a handler that reports all bad fields at once: adds to `violations`
  // and returns empty when the text is refused.
  static std::optional<Order> Parse(absl::string_view text, const Fields& fields,
                                    absl::string_view default_text, FieldViolations& violations);

  // What follows ORDER BY: "f_create_time DESC, name". The same order gives the same
  // text, so it also serves in the binding of a page token.
  std::string ToSql() const;

  // A condition for the rows strictly after `key`, for which Fits must hold. Appends to
  // `params` as Filter::ToSql does.
  std::string AfterSql(const std::vector<sql::Value>& key, std::vector<sql::Value>* params) const;

  // The place of `message` in this order: the last row of a page is the next page's `key`.
  std::vector<sql::Value> KeyOf(const google::protobuf::Message& message) const;
  // True when `key` has as many values as this order, of its types.
  bool Fits(const std::vector<sql::Value>& key) const;

  // True when `a` comes before `b`. With KeyOf for a sort that extracts each key once.
  bool Less(const google::protobuf::Message& a, const google::protobuf::Message& b) const;
  bool KeyLess(const std::vector<sql::Value>& a, const std::vector<sql::Value>& b) const;

 private:
  struct Key {
    Field field;
    bool descending;
  };

  explicit Order(std::vector<Key> keys) : keys_(std::move(keys)) {}
  static std::optional<Key> ParseKey(absl::string_view text, const Fields& fields,
                                     FieldViolations& violations);

  std::vector<Key> keys_;
};

}  // namespace accord::store
