#include "common/base/personal.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "accord/options/v1/options.pb.h"

namespace accord {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string PathOf(const std::string& parent, const FieldDescriptor& field) {
  return parent.empty() ? field.name() : absl::StrCat(parent, ".", field.name());
}

void AddOnce(std::string path, std::vector<std::string>& paths) {
  if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(std::move(path));
}

// `above`: the types that are being walked, which end a type that holds itself.
void CollectDeclared(const Descriptor& type, const std::string& parent,
                     std::vector<const Descriptor*>& above, std::vector<std::string>& paths) {
  if (std::find(above.begin(), above.end(), &type) != above.end()) return;
  above.push_back(&type);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsPersonal(field)) {
      paths.push_back(PathOf(parent, field));
    } else if (field.message_type() != nullptr) {
      CollectDeclared(*field.message_type(), PathOf(parent, field), above, paths);
    }
  }
  above.pop_back();
}

std::vector<const FieldDescriptor*> FieldsSet(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

void CollectSet(const Message& message, const std::string& parent,
                std::vector<std::string>& paths) {
  const auto& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : FieldsSet(message)) {
    if (IsPersonal(*field)) {
      AddOnce(PathOf(parent, *field), paths);
    } else if (field->message_type() == nullptr) {
      continue;
    } else if (!field->is_repeated()) {
      CollectSet(reflection.GetMessage(message, field), PathOf(parent, *field), paths);
    } else {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        CollectSet(reflection.GetRepeatedMessage(message, field, i), PathOf(parent, *field), paths);
      }
    }
  }
}

}  // namespace

bool IsPersonal(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::personal);
}

std::vector<std::string> PersonalPaths(const Descriptor& type) {
  std::vector<const Descriptor*> above;
  std::vector<std::string> paths;
  CollectDeclared(type, "", above, paths);
  return paths;
}

std::vector<std::string> PersonalPathsSet(const Message& message) {
  std::vector<std::string> paths;
  CollectSet(message, "", paths);
  return paths;
}

void ClearPersonal(Message& message) {
  const auto& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : FieldsSet(message)) {
    if (IsPersonal(*field)) {
      reflection.ClearField(&message, field);
    } else if (field->message_type() == nullptr) {
      continue;
    } else if (!field->is_repeated()) {
      ClearPersonal(*reflection.MutableMessage(&message, field));
    } else {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        ClearPersonal(*reflection.MutableRepeatedMessage(&message, field, i));
      }
    }
  }
}

}  // namespace accord
