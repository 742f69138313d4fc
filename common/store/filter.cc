#include "common/store/filter.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/store/filter_node.h"
#include "common/store/value_less.h"

namespace accord::store {
namespace {

using google::protobuf::Message;
using sql::Value;

bool IsTextColumn(FieldKind kind) {
  return kind == FieldKind::kText || kind == FieldKind::kDate || kind == FieldKind::kTextList;
}

// What is not set has no place in time. Text and numbers have no such state: "" and 0 are values.
bool UnsetHasNoOrder(FieldKind kind) {
  return kind == FieldKind::kDate || kind == FieldKind::kTime;
}

Value UnsetValue(FieldKind kind) {
  if (IsTextColumn(kind)) return std::string();
  return int64_t{0};
}

std::string IsSetSql(const Field& field) {
  return absl::StrCat(field.column, IsTextColumn(field.kind) ? " <> ''" : " <> 0");
}

// The same for what has an order. With the comparison beside it this is a range of an index, of
// which the database knows how much it holds; of two conditions that are none it guesses.
std::string AfterUnsetSql(const Field& field) {
  return IsTextColumn(field.kind) ? absl::StrCat(field.column, " > ''") : IsSetSql(field);
}

const char* SqlOperator(FilterOp op) {
  switch (op) {
    case FilterOp::kEqual:
      return " = ";
    case FilterOp::kNotEqual:
      return " <> ";
    case FilterOp::kLess:
      return " < ";
    case FilterOp::kLessOrEqual:
      return " <= ";
    case FilterOp::kGreater:
      return " > ";
    case FilterOp::kGreaterOrEqual:
      return " >= ";
    case FilterOp::kContains:
    case FilterOp::kHasElement:
    case FilterOp::kIsSet:
      break;
  }
  std::abort();
}

bool IsByOrder(FilterOp op) {
  return op == FilterOp::kLess || op == FilterOp::kLessOrEqual || op == FilterOp::kGreater ||
         op == FilterOp::kGreaterOrEqual;
}

std::string LikePattern(const std::string& part) {
  return absl::StrCat("%", absl::StrReplaceAll(part, {{"!", "!!"}, {"%", "!%"}, {"_", "!_"}}), "%");
}

std::string TermSql(const FilterTerm& term, std::vector<Value>* params) {
  const std::string& column = term.field->column;
  switch (term.op) {
    case FilterOp::kIsSet:
      return IsSetSql(*term.field);
    case FilterOp::kContains:
      return absl::StrCat("lower(", column, ") LIKE ",
                          sql::Bind(LikePattern(std::get<std::string>(term.value)), *params),
                          " ESCAPE '!'");
    case FilterOp::kHasElement:
      // LIKE minds case on PostgreSQL only; replace does on both.
      return absl::StrCat("replace(", column, ", ", sql::Bind(term.value, *params), ", '') <> ",
                          column);
    default:
      break;
  }
  const std::string comparison =
      absl::StrCat(column, SqlOperator(term.op), sql::Bind(term.value, *params));
  if (!IsByOrder(term.op) || !UnsetHasNoOrder(term.field->kind)) return comparison;
  return absl::StrCat("(", AfterUnsetSql(*term.field), " AND ", comparison, ")");
}

std::string NodeSql(const FilterNode& node, std::vector<Value>* params) {
  switch (node.kind) {
    case FilterNode::Kind::kTerm:
      return TermSql(node.term, params);
    case FilterNode::Kind::kNot:
      return absl::StrCat("NOT (", NodeSql(node.children.front(), params), ")");
    case FilterNode::Kind::kAnd:
    case FilterNode::Kind::kOr:
      break;
  }
  std::vector<std::string> parts;
  for (const FilterNode& child : node.children) parts.push_back(NodeSql(child, params));
  const char* between = node.kind == FilterNode::Kind::kAnd ? " AND " : " OR ";
  return absl::StrCat("(", absl::StrJoin(parts, between), ")");
}

bool Compare(const Value& held, FilterOp op, const Value& asked) {
  switch (op) {
    case FilterOp::kEqual:
      return held == asked;
    case FilterOp::kNotEqual:
      return held != asked;
    case FilterOp::kLess:
      return ValueLess(held, asked);
    case FilterOp::kLessOrEqual:
      return !ValueLess(asked, held);
    case FilterOp::kGreater:
      return ValueLess(asked, held);
    case FilterOp::kGreaterOrEqual:
      return !ValueLess(held, asked);
    case FilterOp::kContains:
      return absl::StrContains(absl::AsciiStrToLower(std::get<std::string>(held)),
                               std::get<std::string>(asked));
    case FilterOp::kHasElement:
      return absl::StrContains(std::get<std::string>(held), std::get<std::string>(asked));
    case FilterOp::kIsSet:
      break;
  }
  std::abort();
}

bool TermMatches(const FilterTerm& term, const Message& message) {
  const Value held = ExtractField(message, *term.field);
  const bool is_set = held != UnsetValue(term.field->kind);
  if (term.op == FilterOp::kIsSet) return is_set;
  if (!is_set && IsByOrder(term.op) && UnsetHasNoOrder(term.field->kind)) return false;
  return Compare(held, term.op, term.value);
}

bool NodeMatches(const FilterNode& node, const Message& message) {
  const auto matches = [&](const FilterNode& child) { return NodeMatches(child, message); };
  switch (node.kind) {
    case FilterNode::Kind::kTerm:
      return TermMatches(node.term, message);
    case FilterNode::Kind::kNot:
      return !matches(node.children.front());
    case FilterNode::Kind::kAnd:
      return std::all_of(node.children.begin(), node.children.end(), matches);
    case FilterNode::Kind::kOr:
      return std::any_of(node.children.begin(), node.children.end(), matches);
  }
  std::abort();
}

bool NodeMentions(const FilterNode& node, absl::string_view path) {
  if (node.kind == FilterNode::Kind::kTerm) return node.term.field->path == path;
  return std::any_of(node.children.begin(), node.children.end(),
                     [&](const FilterNode& child) { return NodeMentions(child, path); });
}

}  // namespace

std::optional<Filter> Filter::Parse(absl::string_view text, const Fields& fields,
                                    FieldViolations& violations) {
  if (text.size() > kMaxBytes) {
    violations.Add("filter", absl::StrCat("must be at most ", kMaxBytes, " bytes long"));
    return std::nullopt;
  }
  if (absl::StrContains(text, absl::string_view("\0", 1))) {
    violations.Add("filter", "must not contain a NUL character");
    return std::nullopt;
  }
  if (absl::StripAsciiWhitespace(text).empty()) return Filter();
  absl::StatusOr<FilterNode> node = ParseFilterText(text, fields);
  if (!node.ok()) {
    violations.Add("filter", node.status().message());
    return std::nullopt;
  }
  return Filter(std::make_shared<const FilterNode>(*std::move(node)));
}

absl::StatusOr<Filter> Filter::Parse(absl::string_view text, const Fields& fields,
                                     absl::string_view domain) {
  FieldViolations violations;
  std::optional<Filter> filter = Parse(text, fields, violations);
  if (!filter) return violations.ToStatus(domain);
  return *std::move(filter);
}

bool Filter::Mentions(absl::string_view path) const {
  return root_ != nullptr && NodeMentions(*root_, path);
}

std::string Filter::ToSql(std::vector<Value>* params) const {
  if (root_ == nullptr) return "TRUE";
  return NodeSql(*root_, params);
}

bool Filter::Matches(const Message& message) const {
  return root_ == nullptr || NodeMatches(*root_, message);
}

}  // namespace accord::store
