#include "common/store/fields.h"

#include <cstdlib>
#include <iostream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/base/personal.h"
#include "common/calendar/date.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

namespace accord::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

[[noreturn]] void RefuseDeclaration(const Descriptor* descriptor, absl::string_view path,
                                    absl::string_view why) {
  std::cerr << "field \"" << path << "\" of " << descriptor->full_name() << ": " << why << "\n";
  std::abort();
}

std::optional<FieldKind> KindOfMessage(const Descriptor* type) {
  if (type == google::type::Date::descriptor()) return FieldKind::kDate;
  if (type == google::protobuf::Timestamp::descriptor()) return FieldKind::kTime;
  return std::nullopt;
}

std::optional<FieldKind> KindOf(const FieldDescriptor* field) {
  if (field->is_repeated()) {
    if (field->type() != FieldDescriptor::TYPE_STRING) return std::nullopt;
    return FieldKind::kTextList;
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:  // uint64 does not fit into BIGINT.
      return FieldKind::kInt;
    case FieldDescriptor::CPPTYPE_BOOL:
      return FieldKind::kBool;
    case FieldDescriptor::CPPTYPE_ENUM:
      return FieldKind::kEnum;
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() == FieldDescriptor::TYPE_BYTES) return std::nullopt;
      return FieldKind::kText;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return KindOfMessage(field->message_type());
    default:
      return std::nullopt;
  }
}

// The primary key of every table is called `name`; the rest cannot clash with it.
std::string ColumnOf(absl::string_view path) {
  if (path == "name") return "name";
  return absl::StrCat("f_", absl::StrReplaceAll(path, {{".", "_"}}));
}

Field Resolve(const Descriptor* descriptor, const std::string& path) {
  Field field{path, FieldKind::kText, {}, ColumnOf(path)};
  const Descriptor* parent = descriptor;
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    if (parent == nullptr) RefuseDeclaration(descriptor, path, "a step has no fields");
    const FieldDescriptor* step = parent->FindFieldByName(std::string(part));
    if (step == nullptr) RefuseDeclaration(descriptor, path, "there is no such field");
    if (IsPersonal(*step)) RefuseDeclaration(descriptor, path, "it is personal");
    field.steps.push_back(step);
    parent = step->is_repeated() ? nullptr : step->message_type();
  }
  const std::optional<FieldKind> kind = KindOf(field.steps.back());
  if (!kind) RefuseDeclaration(descriptor, path, "it is of a kind that has no column");
  field.kind = *kind;
  return field;
}

std::string DateText(const Message& message) {
  // Every message here is generated, so its type is the one of its descriptor.
  const std::optional<Date> date = FromProto(static_cast<const google::type::Date&>(message));
  return date ? FormatDate(*date) : std::string();
}

int64_t UnixMicros(const Message& message) {
  const auto& stamp = static_cast<const google::protobuf::Timestamp&>(message);
  return absl::ToUnixMicros(absl::FromUnixSeconds(stamp.seconds()) +
                            absl::Nanoseconds(stamp.nanos()));
}

std::string ListText(const Message& parent, const FieldDescriptor* field) {
  const auto* reflection = parent.GetReflection();
  const int size = reflection->FieldSize(parent, field);
  std::string text = size == 0 ? "" : "\n";
  for (int i = 0; i < size; ++i) {
    // A line break inside an element must not look like two elements.
    const std::string element = reflection->GetRepeatedString(parent, field, i);
    absl::StrAppend(&text, absl::StrReplaceAll(element, {{"\n", " "}}), "\n");
  }
  return text;
}

int64_t IntValue(const Message& parent, const FieldDescriptor* field) {
  const auto* reflection = parent.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(parent, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->GetUInt32(parent, field);
    default:
      return reflection->GetInt64(parent, field);
  }
}

}  // namespace

Fields::Fields(const Descriptor* descriptor, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    Field field = Resolve(descriptor, path);
    for (const Field& other : fields_) {
      if (other.column == field.column) RefuseDeclaration(descriptor, path, "its column is taken");
    }
    fields_.push_back(std::move(field));
  }
}

const Field* Fields::Find(absl::string_view path) const {
  for (const Field& field : fields_) {
    if (field.path == path) return &field;
  }
  return nullptr;
}

std::string Fields::ColumnType(FieldKind kind) {
  switch (kind) {
    case FieldKind::kText:
    case FieldKind::kDate:
    case FieldKind::kTextList:
      return "TEXT NOT NULL DEFAULT ''";
    case FieldKind::kInt:
    case FieldKind::kBool:
    case FieldKind::kEnum:
    case FieldKind::kTime:
      return "BIGINT NOT NULL DEFAULT 0";
  }
  std::abort();
}

sql::Value ExtractField(const Message& message, const Field& field) {
  const Message* parent = &message;
  for (size_t i = 0; i + 1 < field.steps.size(); ++i) {
    parent = &parent->GetReflection()->GetMessage(*parent, field.steps[i]);
  }
  const FieldDescriptor* last = field.steps.back();
  const auto* reflection = parent->GetReflection();
  switch (field.kind) {
    case FieldKind::kText:
      return reflection->GetString(*parent, last);
    case FieldKind::kInt:
      return IntValue(*parent, last);
    case FieldKind::kBool:
      return int64_t{reflection->GetBool(*parent, last)};
    case FieldKind::kEnum:
      return int64_t{reflection->GetEnumValue(*parent, last)};
    case FieldKind::kDate:
      return DateText(reflection->GetMessage(*parent, last));
    case FieldKind::kTime:
      return UnixMicros(reflection->GetMessage(*parent, last));
    case FieldKind::kTextList:
      return ListText(*parent, last);
  }
  std::abort();
}

}  // namespace accord::store
