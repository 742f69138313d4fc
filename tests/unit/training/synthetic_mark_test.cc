// Whatever names an officer or an agency says whether they are made up.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "accord/training/v1/training.pb.h"

namespace accord::training {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::ServiceDescriptor;

bool HasMark(const Descriptor& type) {
  return type.FindFieldByName("fictitious") != nullptr || type.FindFieldByName("basis") != nullptr;
}

// Itself, or by a part that it has exactly one of: the officer of an officer's record.
bool IsMarked(const Descriptor& type) {
  if (HasMark(type)) return true;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool is_part = field.message_type() != nullptr && !field.is_repeated();
    if (is_part && HasMark(*field.message_type())) return true;
  }
  return false;
}

bool NamesSomebody(const FieldDescriptor& field) {
  static const auto& names = *new std::set<std::string>{"officer", "agency", "enrollment"};
  return field.type() == FieldDescriptor::TYPE_STRING && names.contains(field.name());
}

// Fields of what a method answers that name somebody where nothing around them is marked.
class Walk {
 public:
  void Visit(const Descriptor& type, bool is_marked, const std::string& path) {
    is_marked = is_marked || IsMarked(type);
    if (!visited_.insert({&type, is_marked}).second) return;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const std::string here = absl::StrCat(path, ".", field.name());
      if (NamesSomebody(field)) ++named_;
      if (NamesSomebody(field) && !is_marked) unmarked_.push_back(here);
      if (field.message_type() != nullptr) Visit(*field.message_type(), is_marked, here);
    }
  }
  const std::vector<std::string>& unmarked() const { return unmarked_; }
  int named() const { return named_; }

 private:
  std::set<std::pair<const Descriptor*, bool>> visited_;
  std::vector<std::string> unmarked_;
  int named_ = 0;
};

TEST(SyntheticMarkTest, WhateverNamesSomebodyIsMarked) {
  const ServiceDescriptor* service =
      v1::GetOfficerRequest::descriptor()->file()->FindServiceByName("Training");
  ASSERT_NE(service, nullptr);
  Walk walk;
  for (int i = 0; i < service->method_count(); ++i) {
    walk.Visit(*service->method(i)->output_type(), false, service->method(i)->name());
  }
  EXPECT_GT(walk.named(), 10);
  EXPECT_TRUE(walk.unmarked().empty()) << absl::StrJoin(walk.unmarked(), "\n");
}

}  // namespace
}  // namespace accord::training
