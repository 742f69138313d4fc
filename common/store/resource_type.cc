#include "common/store/resource_type.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/personal.h"

namespace accord::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<std::string> WithName(std::vector<std::string> fields) {
  if (std::find(fields.begin(), fields.end(), "name") == fields.end()) {
    fields.insert(fields.begin(), "name");
  }
  return fields;
}

void CollectStrings(const Message& message, const FieldDescriptor* field,
                    std::vector<std::string>& out) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  if (!field->is_repeated()) {
    out.push_back(reflection->GetString(message, field));
    return;
  }
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    out.push_back(reflection->GetRepeatedString(message, field, i));
  }
}

bool IsTextField(const Fields& fields, const std::string& path) {
  const Field* field = fields.Find(path);
  return field != nullptr && field->kind == FieldKind::kText;
}

[[noreturn]] void RefuseType(const Descriptor* descriptor, absl::string_view why) {
  std::cerr << descriptor->full_name() << ": " << why << "\n";
  std::abort();
}

}  // namespace

ResourceType::ResourceType(const Message& prototype, ResourceTypeSpec spec)
    : prototype_(&prototype),
      spec_(std::move(spec)),
      fields_(prototype.GetDescriptor(), WithName(spec_.fields)),
      table_(absl::StrCat("t_", absl::StrReplaceAll(spec_.collection, {{"/*/", "_"}}))),
      personal_(!PersonalPaths(*prototype.GetDescriptor()).empty()) {
  for (const std::string& path : spec_.subjects) {
    const FieldDescriptor* field = descriptor()->FindFieldByName(path);
    if (field == nullptr) RefuseType(descriptor(), absl::StrCat("has no subject ", path));
    if (IsPersonal(*field))
      RefuseType(descriptor(), absl::StrCat("subject ", path, " is personal"));
  }
  const std::string& through = spec_.reach_through.field;
  for (const std::string& path :
       {spec_.reach_agency, spec_.reach_office, spec_.reach_officer, through}) {
    if (path.empty()) continue;
    if (!through.empty() && path != through)
      RefuseType(descriptor(), absl::StrCat("is reached through ", through, ", yet by ", path));
    if (spec_.of_no_agency)
      RefuseType(descriptor(), absl::StrCat("is of no agency, yet of ", path));
    if (IsTextField(fields_, path)) continue;
    RefuseType(descriptor(), absl::StrCat("reach goes by text fields, not by ", path));
  }
  for (const CountedSpec& counted : spec_.counted) {
    counts_.emplace_back(fields_, table_, counted);
    const auto is_same = [&counted](const Counts& c) { return c.name() == counted.name; };
    if (std::count_if(counts_.begin(), counts_.end(), is_same) > 1)
      RefuseType(descriptor(), absl::StrCat("is counted twice as ", counted.name));
  }
  if (spec_.bulk && personal_) RefuseType(descriptor(), "rows that are never changed are personal");
}

const Counts& ResourceType::CountsNamed(absl::string_view name) const {
  for (const Counts& counts : counts_) {
    if (counts.name() == name) return counts;
  }
  RefuseType(descriptor(), absl::StrCat("is not counted as ", name));
}

bool ResourceType::IsName(absl::string_view name) const {
  const std::string form = absl::StrCat(spec_.collection, "/*");
  const std::vector<absl::string_view> pattern = absl::StrSplit(form, '/');
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  return std::equal(pattern.begin(), pattern.end(), parts.begin(), parts.end(),
                    [](absl::string_view wanted, absl::string_view part) {
                      return wanted == "*" ? !part.empty() : part == wanted;
                    });
}

std::vector<std::string> ResourceType::SubjectsOf(const Message& message) const {
  std::vector<std::string> subjects = {NameOf(message)};
  for (const std::string& path : spec_.subjects) {
    CollectStrings(message, descriptor()->FindFieldByName(path), subjects);
  }
  std::sort(subjects.begin(), subjects.end());
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  if (!subjects.empty() && subjects.front().empty()) subjects.erase(subjects.begin());
  return subjects;
}

std::string NameOf(const Message& message) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("name");
  return message.GetReflection()->GetString(message, field);
}

const ResourceType& ResourceTypes::Of(const google::protobuf::Descriptor* descriptor) const {
  const ResourceType* type = Find(descriptor->full_name());
  if (type == nullptr) std::abort();
  return *type;
}

const ResourceType* ResourceTypes::Find(absl::string_view type_name) const {
  for (const auto& type : types_) {
    if (type->type_name() == type_name) return type.get();
  }
  return nullptr;
}

const ResourceType* ResourceTypes::FindByName(absl::string_view name) const {
  for (const auto& type : types_) {
    if (type->IsName(name)) return type.get();
  }
  return nullptr;
}

}  // namespace accord::store
