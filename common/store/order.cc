#include "common/store/order.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/store/value_less.h"

namespace accord::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using sql::Value;

constexpr absl::string_view kField = "order_by";

bool HoldsInt(FieldKind kind) {
  return kind == FieldKind::kInt || kind == FieldKind::kBool || kind == FieldKind::kEnum ||
         kind == FieldKind::kTime;
}

// The `name` of the message that `fields` were declared for, also when it is not declared itself.
std::optional<Field> NameField(const Fields& fields) {
  if (const Field* declared = fields.Find("name")) return *declared;
  if (fields.all().empty()) return std::nullopt;
  const Descriptor* message = fields.all().front().steps.front()->containing_type();
  const auto* name = message->FindFieldByName("name");
  const bool is_text = name != nullptr && !name->is_repeated() &&
                       name->type() == google::protobuf::FieldDescriptor::TYPE_STRING;
  if (!is_text) return std::nullopt;
  return Fields(message, {"name"}).all().front();
}

// A caller's word in a message; too long a one is no field's name anyway.
std::string QuotedWord(absl::string_view word) {
  constexpr size_t kMaxShown = 60;
  return word.size() > kMaxShown ? "a long text" : absl::StrCat("'", word, "'");
}

std::string OrderedPaths(const Fields& fields) {
  std::vector<std::string> paths;
  for (const Field& field : fields.all()) {
    if (field.kind != FieldKind::kTextList) paths.push_back(field.path);
  }
  return absl::StrJoin(paths, ", ");
}

}  // namespace

std::optional<Order::Key> Order::ParseKey(absl::string_view text, const Fields& fields,
                                          FieldViolations& violations) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(text, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
  if (words.empty()) {
    violations.Add(kField, "expected a field before or after a comma");
    return std::nullopt;
  }
  const Field* field = fields.Find(words[0]);
  if (field == nullptr) {
    violations.Add(kField, absl::StrCat("unknown field ", QuotedWord(words[0]), "; the fields are ",
                                        OrderedPaths(fields)));
    return std::nullopt;
  }
  if (field->kind == FieldKind::kTextList) {
    violations.Add(kField, absl::StrCat(field->path, " is a list and has no order"));
    return std::nullopt;
  }
  const bool descending = words.size() == 2 && words[1] == "desc";
  const bool ascending = words.size() == 1 || (words.size() == 2 && words[1] == "asc");
  if (!descending && !ascending) {
    violations.Add(kField,
                   absl::StrCat("after ", field->path, " only asc, desc or a comma may follow"));
    return std::nullopt;
  }
  return Key{*field, descending};
}

std::optional<Order> Order::Parse(absl::string_view text, const Fields& fields,
                                  absl::string_view default_text, FieldViolations& violations) {
  if (text.size() > kMaxBytes) {
    violations.Add(kField, absl::StrCat("must be at most ", kMaxBytes, " bytes long"));
    return std::nullopt;
  }
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) text = absl::StripAsciiWhitespace(default_text);
  std::vector<Key> keys;
  const auto has = [&](absl::string_view path) {
    return std::any_of(keys.begin(), keys.end(),
                       [&](const Key& key) { return key.field.path == path; });
  };
  std::vector<absl::string_view> parts;
  if (!text.empty()) parts = absl::StrSplit(text, ',');
  if (parts.size() > kMaxKeys) {
    violations.Add(kField, absl::StrCat("must name at most ", kMaxKeys, " fields"));
    return std::nullopt;
  }
  for (const absl::string_view part : parts) {
    std::optional<Key> key = ParseKey(part, fields, violations);
    if (!key) return std::nullopt;
    if (has(key->field.path)) {
      violations.Add(kField, absl::StrCat("names ", key->field.path, " twice"));
      return std::nullopt;
    }
    keys.push_back(*std::move(key));
  }
  if (std::optional<Field> name = NameField(fields); name && !has("name")) {
    keys.push_back({*std::move(name), false});
  }
  return Order(std::move(keys));
}

absl::StatusOr<Order> Order::Parse(absl::string_view text, const Fields& fields,
                                   absl::string_view default_text, absl::string_view domain) {
  FieldViolations violations;
  std::optional<Order> order = Parse(text, fields, default_text, violations);
  if (!order) return violations.ToStatus(domain);
  return *std::move(order);
}

std::string Order::ToSql() const {
  return absl::StrJoin(keys_, ", ", [](std::string* out, const Key& key) {
    absl::StrAppend(out, key.field.column, key.descending ? " DESC" : "");
  });
}

std::string Order::AfterSql(const std::vector<Value>& key, std::vector<Value>* params) const {
  // Wrong pages would be worse than no process: callers ask Fits.
  if (!Fits(key)) std::abort();
  std::vector<std::string> marks;
  for (const Value& value : key) marks.push_back(sql::Bind(value, *params));
  const auto beyond = [&](size_t i, absl::string_view tail) {
    return absl::StrCat(keys_[i].field.column, keys_[i].descending ? " <" : " >", tail, " ",
                        marks[i]);
  };
  // From the last column outwards: beyond here, or equal here and beyond in what follows.
  std::string condition = beyond(keys_.size() - 1, "");
  for (size_t i = keys_.size() - 1; i-- > 0;) {
    condition = absl::StrCat("(", beyond(i, ""), " OR (", keys_[i].field.column, " = ", marks[i],
                             " AND ", condition, "))");
  }
  if (keys_.size() == 1) return condition;
  // Says nothing new, but is what an index on the first column can be searched by.
  return absl::StrCat("(", beyond(0, "="), " AND ", condition, ")");
}

std::vector<Value> Order::KeyOf(const Message& message) const {
  std::vector<Value> values;
  for (const Key& key : keys_) values.push_back(ExtractField(message, key.field));
  return values;
}

bool Order::Fits(const std::vector<Value>& key) const {
  if (key.empty() || key.size() != keys_.size()) return false;
  for (size_t i = 0; i < key.size(); ++i) {
    const bool right_type = HoldsInt(keys_[i].field.kind)
                                ? std::holds_alternative<int64_t>(key[i])
                                : std::holds_alternative<std::string>(key[i]);
    if (!right_type) return false;
  }
  return true;
}

bool Order::Less(const Message& a, const Message& b) const { return KeyLess(KeyOf(a), KeyOf(b)); }

bool Order::KeyLess(const std::vector<Value>& a, const std::vector<Value>& b) const {
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (a[i] == b[i]) continue;
    return keys_[i].descending ? ValueLess(b[i], a[i]) : ValueLess(a[i], b[i]);
  }
  return false;
}

}  // namespace accord::store
