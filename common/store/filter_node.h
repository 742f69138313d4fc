// The tree of a parsed filter, between its parser and its evaluation.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sql/sql.h"
#include "common/store/fields.h"

namespace accord::store {

enum class FilterOp {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kContains,    // Text; the value is in lower case.
  kHasElement,  // List; the value is "\nelement\n".
  kIsSet,       // No value.
};

struct FilterTerm {
  const Field* field = nullptr;
  FilterOp op = FilterOp::kEqual;
  sql::Value value;
};

struct FilterNode {
  enum class Kind { kTerm, kNot, kAnd, kOr };
  Kind kind = Kind::kTerm;
  FilterTerm term;
  // One of kNot, two or more of kAnd and kOr.
  std::vector<FilterNode> children;
};

// `text` has something besides space. The message of an error is for callers; the status
// has no details yet.
absl::StatusOr<FilterNode> ParseFilterText(absl::string_view text, const Fields& fields);

}  // namespace accord::store
