// The `filter` of List methods: a subset of AIP-160 over declared fields.
//
//   state = ACTIVE AND (model = TASK_FORCE OR display_name:"sheriff") -merged_into:*
//
// As in AIP-160, OR binds tighter than what stands side by side (which means AND), and
// that tighter than AND: `a = 1 b = 2 OR c = 3 AND d = 4` is `(a = 1 (b = 2 OR c = 3)) AND d = 4`.
// `NOT x` and `-x` are the same. Operators are upper case.
//
//   =  !=  <  <=  >  >=    by value; text exactly, in byte order; no wildcards. Truth values,
//                          enums (by name) and lists have no order; lists have `:` alone
//   :  on text             contains, not minding the case of ASCII letters
//   :  on a list           has this element, exactly
//   :  on anything else    =
//   field:*                is set: neither "" nor 0
//
// An unset date or time is neither before nor after anything, so only != matches it.
// Values are bare words or "quoted" or 'quoted' with \" \' \\ \n \t; dates are 2025-07-02,
// times RFC 3339 with a zone and at most microseconds.
#pragma once

#include <memory>
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

struct FilterNode;

// A parsed filter. Immutable, cheap to copy, safe to share between threads.
class Filter {
 public:
  // Bounds of one filter. Depth counts open parentheses, terms the comparisons.
  static constexpr size_t kMaxBytes = 4096;
  static constexpr int kMaxDepth = 32;
  static constexpr int kMaxTerms = 100;

  // Matches everything.
  Filter() = default;

  // `fields` must outlive the filter. INVALID_ARGUMENT (INVALID_FIELDS) names the field
  // `filter` and says where, counted in characters from 1, and what was expected.
  static absl::StatusOr<Filter> Parse(absl::string_view text, const Fields& fields,
                                      absl::string_view domain);
  // The same for a handler that reports all bad fields at once: adds to `violations`
  // and returns empty when the text is refused.
  static std::optional<Filter> Parse(absl::string_view text, const Fields& fields,
                                     FieldViolations& violations);

  // True when everything matches because nothing was asked for.
  bool empty() const { return root_ == nullptr; }
  // True when a comparison names the field `path`.
  bool Mentions(absl::string_view path) const;

  // A condition for WHERE, in parentheses where needed, never empty. Appends its values to
  // `params`, the first being $N with N = params->size() + 1. No caller's text is in the SQL.
  // The same rows match on SQLite and on PostgreSQL with collation C, and as in Matches.
  std::string ToSql(std::vector<sql::Value>* params) const;

  // `message` must be of the type that the fields were declared for.
  bool Matches(const google::protobuf::Message& message) const;

 private:
  explicit Filter(std::shared_ptr<const FilterNode> root) : root_(std::move(root)) {}

  std::shared_ptr<const FilterNode> root_;
};

}  // namespace accord::store
