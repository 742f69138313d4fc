#include "services/cli/output/fields.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/calendar/date.h"
#include "google/api/field_behavior.pb.h"
#include "services/cli/errors.h"

namespace accord::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string MessageText(const Message& message);

std::string EnumText(const google::protobuf::EnumValueDescriptor& value) {
  return value.number() == 0 ? "" : std::string(value.name());
}

// One value: the field itself, or the element `index` of a list.
std::string ValueText(const Message& message, const FieldDescriptor& field, int index) {
  const auto& r = *message.GetReflection();
  const FieldDescriptor* f = &field;
  const bool list = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text = list ? r.GetRepeatedString(message, f, index) : r.GetString(message, f);
      return field.type() == FieldDescriptor::TYPE_BYTES ? absl::BytesToHexString(text) : text;
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(list ? r.GetRepeatedInt32(message, f, index) : r.GetInt32(message, f));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(list ? r.GetRepeatedInt64(message, f, index) : r.GetInt64(message, f));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(list ? r.GetRepeatedUInt32(message, f, index) : r.GetUInt32(message, f));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(list ? r.GetRepeatedUInt64(message, f, index) : r.GetUInt64(message, f));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(list ? r.GetRepeatedDouble(message, f, index) : r.GetDouble(message, f));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(list ? r.GetRepeatedFloat(message, f, index) : r.GetFloat(message, f));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (list ? r.GetRepeatedBool(message, f, index) : r.GetBool(message, f)) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(list ? *r.GetRepeatedEnum(message, f, index) : *r.GetEnum(message, f));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(list ? r.GetRepeatedMessage(message, f, index) : r.GetMessage(message, f));
  }
  return "";
}

std::string FieldValueText(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    const bool unset = field.has_presence() && !reflection.HasField(message, &field);
    return unset ? "" : ValueText(message, field, -1);
  }
  std::vector<std::string> parts;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    parts.push_back(ValueText(message, field, i));
  }
  return absl::StrJoin(parts, "; ");
}

std::string MapEntryText(const Message& entry) {
  const Descriptor& type = *entry.GetDescriptor();
  return absl::StrCat(ValueText(entry, *type.field(0), -1), "=",
                      ValueText(entry, *type.field(1), -1));
}

std::string MessageText(const Message& message) {
  if (message.GetDescriptor()->options().map_entry()) return MapEntryText(message);
  if (const auto* date = dynamic_cast<const google::type::Date*>(&message)) {
    const std::optional<Date> day = FromProto(*date);
    return day.has_value() ? FormatDate(*day) : "";
  }
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(time->seconds()),
                            absl::UTCTimeZone());
  }
  if (const auto* duration = dynamic_cast<const google::protobuf::Duration*>(&message)) {
    return absl::FormatDuration(absl::Seconds(duration->seconds()) +
                                absl::Nanoseconds(duration->nanos()));
  }
  std::vector<std::string> parts;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const std::string text = FieldValueText(message, field);
    if (!text.empty()) parts.push_back(absl::StrCat(field.name(), ": ", text));
  }
  return absl::StrJoin(parts, ", ");
}

// The field at the end of `path`; null when there is none.
const FieldDescriptor* Resolve(const Descriptor& type, absl::string_view path) {
  const Descriptor* holder = &type;
  const FieldDescriptor* field = nullptr;
  for (absl::string_view part : absl::StrSplit(path, '.')) {
    if (holder == nullptr) return nullptr;
    field = holder->FindFieldByName(std::string(part));
    if (field == nullptr) return nullptr;
    holder = field->is_repeated() ? nullptr : field->message_type();
  }
  return field;
}

std::string NamesOf(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    names.push_back(absl::AsciiStrToLower(type.value(i)->name()));
  }
  return absl::StrJoin(names, ", ");
}

absl::Status SetEnum(Message* message, const FieldDescriptor& field, absl::string_view text,
                     absl::string_view option) {
  const std::string name = absl::AsciiStrToUpper(text);
  const auto* value = field.enum_type()->FindValueByName(name);
  if (value == nullptr || value->number() == 0) {
    return UsageError(absl::StrCat(option, " cannot be \"", text, "\""),
                      absl::StrCat("use one of: ", NamesOf(*field.enum_type())));
  }
  message->GetReflection()->SetEnum(message, &field, value);
  return absl::OkStatus();
}

absl::Status SetDate(Message* message, const FieldDescriptor& field, absl::string_view text,
                     absl::string_view option) {
  const std::optional<Date> date = ParseDate(text);
  if (!date.has_value()) {
    return UsageError(absl::StrCat(option, " is no date: \"", text, "\""),
                      "write it as YYYY-MM-DD, for example 2025-07-02");
  }
  message->GetReflection()->MutableMessage(message, &field)->CopyFrom(ToProto(*date));
  return absl::OkStatus();
}

absl::Status SetNumber(Message* message, const FieldDescriptor& field, absl::string_view text,
                       absl::string_view option) {
  int64_t number = 0;
  const bool narrow = field.cpp_type() == FieldDescriptor::CPPTYPE_INT32;
  if (!absl::SimpleAtoi(text, &number) || (narrow && number != static_cast<int32_t>(number))) {
    return UsageError(absl::StrCat(option, " is no number: \"", text, "\""),
                      "write a whole number");
  }
  if (narrow) {
    message->GetReflection()->SetInt32(message, &field, static_cast<int32_t>(number));
  } else {
    message->GetReflection()->SetInt64(message, &field, number);
  }
  return absl::OkStatus();
}

absl::Status SetFraction(Message* message, const FieldDescriptor& field, absl::string_view text,
                         absl::string_view option) {
  double number = 0;
  if (!absl::SimpleAtod(text, &number)) {
    return UsageError(absl::StrCat(option, " is no number: \"", text, "\""),
                      "write a number, for example 82.5");
  }
  message->GetReflection()->SetDouble(message, &field, number);
  return absl::OkStatus();
}

}  // namespace

std::string FieldText(const Message& message, absl::string_view path) {
  const Message* holder = &message;
  const std::vector<std::string> parts = absl::StrSplit(path, '.');
  for (size_t i = 0; i < parts.size(); ++i) {
    const FieldDescriptor* field = holder->GetDescriptor()->FindFieldByName(parts[i]);
    if (field == nullptr) return "";
    if (i + 1 == parts.size()) return FieldValueText(*holder, *field);
    const auto& reflection = *holder->GetReflection();
    if (field->message_type() == nullptr || field->is_repeated()) return "";
    if (!reflection.HasField(*holder, field)) return "";
    holder = &reflection.GetMessage(*holder, field);
  }
  return "";
}

bool IsNumber(const Descriptor& type, absl::string_view path) {
  const FieldDescriptor* field = Resolve(type, path);
  if (field == nullptr || field->is_repeated()) return false;
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
         field->cpp_type() == FieldDescriptor::CPPTYPE_INT64;
}

bool HasField(const Descriptor& type, absl::string_view path) {
  return Resolve(type, path) != nullptr;
}

bool IsFlag(const Descriptor& type, absl::string_view path) {
  const FieldDescriptor* field = Resolve(type, path);
  return field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
}

bool IsRequired(const Descriptor& type, absl::string_view path) {
  const FieldDescriptor* field = Resolve(type, path);
  if (field == nullptr) return false;
  const auto& behaviors = field->options();
  for (int i = 0; i < behaviors.ExtensionSize(google::api::field_behavior); ++i) {
    if (behaviors.GetExtension(google::api::field_behavior, i) == google::api::REQUIRED) {
      return true;
    }
  }
  return false;
}

absl::Status SetField(Message* message, absl::string_view path, absl::string_view text,
                      absl::string_view option) {
  const FieldDescriptor* field = Resolve(*message->GetDescriptor(), path);
  if (const size_t dot = path.find('.'); field != nullptr && dot != absl::string_view::npos) {
    const FieldDescriptor* first = Resolve(*message->GetDescriptor(), path.substr(0, dot));
    Message* holder = message->GetReflection()->MutableMessage(message, first);
    return SetField(holder, path.substr(dot + 1), text, option);
  }
  if (field == nullptr) {
    return UsageError(absl::StrCat(option, " does not apply here"),
                      "leave it out; --help lists what this command takes");
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      message->GetReflection()->SetString(message, field, std::string(text));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      message->GetReflection()->SetBool(message, field, text == "true");
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(message, *field, text, option);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return SetFraction(message, *field, text, option);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetDate(message, *field, text, option);
    default:
      return SetNumber(message, *field, text, option);
  }
}

}  // namespace accord::cli
