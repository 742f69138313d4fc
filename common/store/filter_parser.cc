#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/calendar/date.h"
#include "common/store/filter.h"
#include "common/store/filter_node.h"

namespace accord::store {
namespace {

constexpr absl::string_view kNeedsQuotes = "()\"'=!<>,";

bool IsPathChar(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '.'; }
bool IsBareChar(char c) {
  return !absl::ascii_isspace(c) && !absl::StrContains(kNeedsQuotes, absl::string_view(&c, 1));
}
bool IsQuote(char c) { return c == '"' || c == '\''; }
bool IsContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

bool IsKeyword(absl::string_view word) { return word == "AND" || word == "OR" || word == "NOT"; }

// A caller's text in a message, kept short and valid UTF-8.
std::string Quoted(absl::string_view text) {
  constexpr size_t kMaxShown = 40;
  if (text.size() <= kMaxShown) return absl::StrCat("'", text, "'");
  size_t end = kMaxShown;
  while (end > 0 && IsContinuationByte(text[end])) --end;
  return absl::StrCat("'", text.substr(0, end), "…'");
}

std::string PathList(const Fields& fields) {
  return absl::StrJoin(fields.all(), ", ", [](std::string* out, const Field& field) {
    absl::StrAppend(out, field.path);
  });
}

// As it was written.
struct RawValue {
  std::string text;
  bool quoted = false;
  size_t start = 0;
};

// Why a value does not fit its field: "expected …".
using Misfit = std::string;

std::optional<int64_t> ParseMicros(const std::string& text) {
  // absl::ParseTime also takes other spellings, such as "infinite-future" or short years.
  constexpr absl::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size()) return std::nullopt;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool fits = kShape[i] == '0' ? absl::ascii_isdigit(text[i]) : text[i] == kShape[i];
    if (!fits) return std::nullopt;
  }
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  const int64_t micros = absl::ToUnixMicros(time);
  if (absl::FromUnixMicros(micros) != time) return std::nullopt;
  return micros;
}

std::string EnumNames(const google::protobuf::EnumDescriptor* type) {
  std::vector<std::string> names;
  for (int i = 0; i < type->value_count(); ++i) names.push_back(type->value(i)->name());
  return absl::StrJoin(names, ", ");
}

// Sets `value` to what the field's column would hold, or says what was expected.
std::optional<Misfit> Convert(const Field& field, const RawValue& raw, sql::Value* value) {
  switch (field.kind) {
    case FieldKind::kText:
    case FieldKind::kTextList:
      *value = raw.text;
      return std::nullopt;
    case FieldKind::kInt: {
      int64_t number;
      if (raw.quoted || !absl::SimpleAtoi(raw.text, &number)) {
        return "a whole number";
      }
      *value = number;
      return std::nullopt;
    }
    case FieldKind::kBool:
      if (raw.quoted || (raw.text != "true" && raw.text != "false")) return "true or false";
      *value = int64_t{raw.text == "true"};
      return std::nullopt;
    case FieldKind::kEnum: {
      const auto* type = field.steps.back()->enum_type();
      const auto* found = type->FindValueByName(raw.text);
      if (found == nullptr) return absl::StrCat("one of ", EnumNames(type));
      *value = int64_t{found->number()};
      return std::nullopt;
    }
    case FieldKind::kDate: {
      const std::optional<Date> date = ParseDate(raw.text);
      if (!date) return "a date like 2025-07-02";
      *value = FormatDate(*date);
      return std::nullopt;
    }
    case FieldKind::kTime: {
      const std::optional<int64_t> micros = ParseMicros(raw.text);
      if (!micros) return "a time like 2025-07-02T16:30:00Z, to the microsecond at most";
      *value = *micros;
      return std::nullopt;
    }
  }
  std::abort();
}

bool HasOrder(FieldKind kind) {
  return kind == FieldKind::kText || kind == FieldKind::kInt || kind == FieldKind::kDate ||
         kind == FieldKind::kTime;
}

// By recursive descent over the grammar of AIP-160; each function is one of its rules.
class Parser {
 public:
  Parser(absl::string_view text, const Fields& fields) : text_(text), fields_(fields) {}

  absl::StatusOr<FilterNode> Parse() {
    ACCORD_ASSIGN_OR_RETURN(FilterNode node, Expression());
    if (!AtEnd()) return Expected("AND, OR or another comparison");
    return node;
  }

 private:
  // expression: sequences joined by AND.
  absl::StatusOr<FilterNode> Expression() {
    std::vector<FilterNode> parts;
    do {
      ACCORD_ASSIGN_OR_RETURN(FilterNode part, Sequence());
      parts.push_back(std::move(part));
    } while (TakeWord("AND"));
    return Join(FilterNode::Kind::kAnd, std::move(parts));
  }

  // sequence: factors side by side.
  absl::StatusOr<FilterNode> Sequence() {
    std::vector<FilterNode> parts;
    do {
      ACCORD_ASSIGN_OR_RETURN(FilterNode part, Factor());
      parts.push_back(std::move(part));
    } while (!AtEnd() && Peek() != ')' && PeekWord() != "AND");
    return Join(FilterNode::Kind::kAnd, std::move(parts));
  }

  // factor: terms joined by OR.
  absl::StatusOr<FilterNode> Factor() {
    std::vector<FilterNode> parts;
    do {
      ACCORD_ASSIGN_OR_RETURN(FilterNode part, Term());
      parts.push_back(std::move(part));
    } while (TakeWord("OR"));
    return Join(FilterNode::Kind::kOr, std::move(parts));
  }

  // term: what may be negated.
  absl::StatusOr<FilterNode> Term() {
    if (!TakeWord("NOT") && !Take("-")) return Simple();
    FilterNode node;
    node.kind = FilterNode::Kind::kNot;
    ACCORD_ASSIGN_OR_RETURN(FilterNode child, Simple());
    node.children.push_back(std::move(child));
    return node;
  }

  absl::StatusOr<FilterNode> Simple() {
    if (AtEnd() || Peek() != '(') return Restriction();
    if (++depth_ > Filter::kMaxDepth) {
      return At(position_, absl::StrCat("more than ", Filter::kMaxDepth, " open parentheses"));
    }
    Take("(");
    ACCORD_ASSIGN_OR_RETURN(FilterNode node, Expression());
    if (!Take(")")) return Expected("AND, OR, another comparison or ')'");
    --depth_;
    return node;
  }

  // restriction: field, operator, value.
  absl::StatusOr<FilterNode> Restriction() {
    const absl::string_view path = PeekWord();
    if (path.empty() || IsKeyword(path)) return ExpectedField();
    const size_t start = position_;
    position_ += path.size();
    const std::optional<absl::string_view> op = TakeOperator();
    if (!op) return BareText(start, path);
    const Field* field = fields_.Find(path);
    if (field == nullptr) {
      return At(start, absl::StrCat("unknown field ", Quoted(path), "; the fields are ",
                                    PathList(fields_)));
    }
    if (++terms_ > Filter::kMaxTerms) {
      return At(start, absl::StrCat("more than ", Filter::kMaxTerms, " comparisons"));
    }
    ACCORD_ASSIGN_OR_RETURN(const RawValue raw, Value(*field));
    return Compare(*field, *op, raw, start);
  }

  absl::StatusOr<RawValue> Value(const Field& field) {
    SkipSpace();
    RawValue raw;
    raw.start = position_;
    if (!AtEnd() && IsQuote(Peek())) return QuotedValue();
    while (position_ < text_.size() && IsBareChar(text_[position_])) raw.text += text_[position_++];
    if (raw.text.empty()) {
      if (!AtEnd() && Peek() == '(') {
        return At(raw.start, absl::StrCat("expected one value; write ", field.path, " = a OR ",
                                          field.path, " = b for several"));
      }
      return Expected("a value");
    }
    if (IsKeyword(raw.text)) {
      return At(raw.start, absl::StrCat("expected a value, found ", raw.text,
                                        "; put it in quotes if it is meant as text"));
    }
    return raw;
  }

  absl::StatusOr<RawValue> QuotedValue() {
    RawValue raw{"", true, position_};
    const char quote = text_[position_++];
    while (position_ < text_.size() && text_[position_] != quote) {
      if (text_[position_] != '\\') {
        raw.text += text_[position_++];
        continue;
      }
      const std::optional<char> escaped = Escaped();
      if (!escaped) return At(position_, R"(expected one of \" \' \\ \n \t)");
      raw.text += *escaped;
      position_ += 2;
    }
    if (position_ == text_.size()) return At(raw.start, "this quote is not closed");
    ++position_;
    return raw;
  }

  // What the backslash here and its next character stand for.
  std::optional<char> Escaped() const {
    switch (position_ + 1 < text_.size() ? text_[position_ + 1] : '\0') {
      case '"':
        return '"';
      case '\'':
        return '\'';
      case '\\':
        return '\\';
      case 'n':
        return '\n';
      case 't':
        return '\t';
      default:
        return std::nullopt;
    }
  }

  absl::StatusOr<FilterNode> Compare(const Field& field, absl::string_view op, const RawValue& raw,
                                     size_t start) {
    FilterNode node;
    node.term.field = &field;
    if (op == ":" && raw.text == "*" && !raw.quoted) {
      node.term.op = FilterOp::kIsSet;
      return node;
    }
    ACCORD_RETURN_IF_ERROR(CheckOperator(field, op, start));
    ACCORD_RETURN_IF_ERROR(CheckWildcard(field, raw));
    if (auto misfit = Convert(field, raw, &node.term.value)) {
      return At(raw.start, absl::StrCat("expected ", *misfit, " for ", field.path, ", found ",
                                        Quoted(raw.text), UnsetHint(field, raw)));
    }
    node.term.op = OpOf(op);
    if (op != ":") return node;
    if (field.kind == FieldKind::kText) {
      node.term.op = FilterOp::kContains;
      node.term.value = absl::AsciiStrToLower(raw.text);
    }
    if (field.kind == FieldKind::kTextList) {
      if (raw.text.empty() || absl::StrContains(raw.text, "\n")) {
        return At(raw.start, "expected one element of a list, which is not empty nor breaks lines");
      }
      node.term.op = FilterOp::kHasElement;
      node.term.value = absl::StrCat("\n", raw.text, "\n");
    }
    return node;
  }

  absl::Status CheckOperator(const Field& field, absl::string_view op, size_t start) const {
    if (field.kind == FieldKind::kTextList && op != ":") {
      return At(start, absl::StrCat(field.path, " is a list; write ", field.path, ":value, or NOT ",
                                    field.path, ":value"));
    }
    const bool by_order = op[0] == '<' || op[0] == '>';
    if (by_order && !HasOrder(field.kind)) {
      return At(start, absl::StrCat(field.path, " has no order; use = or !="));
    }
    return absl::OkStatus();
  }

  // AIP-160 gives a bare * in text a meaning that this subset does not have.
  absl::Status CheckWildcard(const Field& field, const RawValue& raw) const {
    const bool text = field.kind == FieldKind::kText || field.kind == FieldKind::kTextList;
    if (!text || raw.quoted || !absl::StrContains(raw.text, "*")) return absl::OkStatus();
    return At(raw.start, absl::StrCat("there are no wildcards; write ", field.path,
                                      ":part, or put a literal * in quotes"));
  }

  static std::string UnsetHint(const Field& field, const RawValue& raw) {
    if (!raw.text.empty()) return "";
    return absl::StrCat("; NOT ", field.path, ":* asks for what is not set");
  }

  static FilterOp OpOf(absl::string_view op) {
    if (op == "!=") return FilterOp::kNotEqual;
    if (op == "<") return FilterOp::kLess;
    if (op == "<=") return FilterOp::kLessOrEqual;
    if (op == ">") return FilterOp::kGreater;
    if (op == ">=") return FilterOp::kGreaterOrEqual;
    return FilterOp::kEqual;
  }

  static FilterNode Join(FilterNode::Kind kind, std::vector<FilterNode> parts) {
    if (parts.size() == 1) return std::move(parts.front());
    FilterNode node;
    node.kind = kind;
    node.children = std::move(parts);
    return node;
  }

  void SkipSpace() {
    while (position_ < text_.size() && absl::ascii_isspace(text_[position_])) ++position_;
  }
  bool AtEnd() {
    SkipSpace();
    return position_ == text_.size();
  }
  char Peek() const { return text_[position_]; }

  absl::string_view PeekWord() {
    SkipSpace();
    size_t end = position_;
    while (end < text_.size() && IsPathChar(text_[end])) ++end;
    return text_.substr(position_, end - position_);
  }
  bool TakeWord(absl::string_view word) { return PeekWord() == word && Take(word); }
  bool Take(absl::string_view token) {
    SkipSpace();
    if (!absl::StartsWith(text_.substr(position_), token)) return false;
    position_ += token.size();
    return true;
  }
  std::optional<absl::string_view> TakeOperator() {
    for (const absl::string_view op : {"<=", ">=", "!=", "=", "<", ">", ":"}) {
      if (Take(op)) return op;
    }
    return std::nullopt;
  }

  absl::Status At(size_t offset, absl::string_view what) const {
    const absl::string_view before = text_.substr(0, offset);
    const auto characters =
        before.size() - std::count_if(before.begin(), before.end(), IsContinuationByte);
    return absl::InvalidArgumentError(absl::StrCat("at character ", characters + 1, ": ", what));
  }
  absl::Status Expected(absl::string_view what) {
    SkipSpace();
    return At(position_, absl::StrCat("expected ", what, ", found ", Found()));
  }
  absl::Status ExpectedField() {
    return At(position_, absl::StrCat("expected a field and its value, found ", Found(),
                                      "; the fields are ", PathList(fields_)));
  }
  std::string Found() {
    if (AtEnd()) return "the end";
    const absl::string_view word = PeekWord();
    if (!word.empty()) return Quoted(word);
    size_t end = position_ + 1;
    while (end < text_.size() && IsContinuationByte(text_[end])) ++end;
    return Quoted(text_.substr(position_, end - position_));
  }
  absl::Status BareText(size_t start, absl::string_view word) const {
    const std::string upper = absl::AsciiStrToUpper(word);
    if (IsKeyword(upper)) {
      return At(start, absl::StrCat("operators are upper case: ", upper));
    }
    if (fields_.Find(word) != nullptr) {
      return At(position_, absl::StrCat("expected an operator after ", word,
                                        ": one of = != < <= > >= :, or ", word, ":*"));
    }
    return At(start, absl::StrCat(Quoted(word), " names no field; write field = ", word,
                                  " or field:", word, "; the fields are ", PathList(fields_)));
  }

  const absl::string_view text_;
  const Fields& fields_;
  size_t position_ = 0;
  int depth_ = 0;
  int terms_ = 0;
};

}  // namespace

absl::StatusOr<FilterNode> ParseFilterText(absl::string_view text, const Fields& fields) {
  return Parser(text, fields).Parse();
}

}  // namespace accord::store
