// What is marked as personal, in our own contracts too, and what may not be done with it.
#include "common/base/personal.h"

#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "accord/access/v1/access.pb.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "accord/agreements/v1/resources.pb.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "accord/log/v1/checkpoints.pb.h"
#include "accord/log/v1/erasure.pb.h"
#include "accord/log/v1/log.pb.h"
#include "accord/options/v1/options.pb.h"
#include "accord/policy/v1/access.pb.h"
#include "accord/policy/v1/policy.pb.h"
#include "accord/training/v1/training.pb.h"
#include "common/store/resource_type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/people.h"

namespace accord::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Person Ann() {
  Person person;
  person.set_name("people/1");
  person.set_given_name("Ann");
  person.add_former_names("Bell");
  person.add_former_names("Cole");
  person.set_rank("captain");
  person.mutable_contact()->set_relation("sister");
  person.mutable_contact()->mutable_deputy()->set_full_name("Dora");
  person.add_references()->set_full_name("Eve");
  person.add_references()->set_full_name("Fay");
  person.add_references()->set_relation("none");
  return person;
}

TEST(PersonalTest, PathsGoToEveryDepthAndEnd) {
  EXPECT_THAT(PersonalPaths(*Person::descriptor()),
              ElementsAre("given_name", "family_name", "former_names", "contact.full_name",
                          "references.full_name"));
  EXPECT_THAT(PersonalPaths(*Team::descriptor()), IsEmpty());
  EXPECT_THAT(PersonalPathsSet(Ann()),
              ElementsAre("given_name", "former_names", "contact.deputy.full_name",
                          "references.full_name"));
  EXPECT_THAT(PersonalPathsSet(Person()), IsEmpty());
}

TEST(PersonalTest, ClearLeavesTheRestAsItWas) {
  Person person = Ann();
  ClearPersonal(person);
  EXPECT_THAT(PersonalPathsSet(person), IsEmpty());
  EXPECT_EQ(person.name(), "people/1");
  EXPECT_EQ(person.rank(), "captain");
  EXPECT_EQ(person.contact().relation(), "sister");
  ASSERT_EQ(person.references_size(), 3);
  EXPECT_EQ(person.references(2).relation(), "none");
}

TEST(PersonalDeathTest, PersonalFieldsAreNotFiltered) {
  EXPECT_DEATH(Fields(Person::descriptor(), {"rank", "given_name"}),
               "\"given_name\" .* it is personal");
  EXPECT_DEATH(Fields(Person::descriptor(), {"contact.full_name"}), "it is personal");
  EXPECT_DEATH(Fields(Person::descriptor(), {"former_names"}), "it is personal");
}

TEST(PersonalDeathTest, PersonalFieldsAreNoSubjects) {
  EXPECT_DEATH(ResourceTypes().Add<Person>({.collection = "people", .subjects = {"former_names"}}),
               "subject former_names is personal");
}

TEST(PersonalDeathTest, RowsThatAreNeverChangedHaveNone) {
  EXPECT_DEATH(ResourceTypes().Add<Person>({.collection = "people", .bulk = true}),
               "rows that are never changed are personal");
}

TEST(PersonalTest, TypeIsFoundByName) {
  ResourceTypes types;
  types.Add<Team>({.collection = "teams"}).Add<Person>({.collection = "teams/*/people"});
  EXPECT_EQ(types.FindByName("teams/1"), &types.Of<Team>());
  EXPECT_EQ(types.FindByName("teams/1/people/2"), &types.Of<Person>());
  for (const char* none : {"", "teams", "teams/", "teams/1/", "teams//people/2", "people/1",
                           "teams/1/people/2/x", "x/teams/1"}) {
    EXPECT_EQ(types.FindByName(none), nullptr) << none;
  }
}

// Every contract; a new one is added here, or the test below fails.
std::vector<const FileDescriptor*> Contracts() {
  return {access::v1::WhoAmIRequest::descriptor()->file(),
          agreements::v1::ListAgenciesRequest::descriptor()->file(),
          agreements::v1::Agency::descriptor()->file(),
          gateway::v1::AgencyStatus::descriptor()->file(),
          log::v1::Checkpoint::descriptor()->file(),
          log::v1::ErasePersonalFieldsRequest::descriptor()->file(),
          log::v1::Change::descriptor()->file(),
          policy::v1::AccessFile::descriptor()->file(),
          policy::v1::PolicyFile::descriptor()->file(),
          training::v1::Officer::descriptor()->file(),
          training::v1::GetOfficerRequest::descriptor()->file()};
}

// The fields of a type and of those declared within it.
void Collect(const Descriptor& type, std::vector<const FieldDescriptor*>& fields) {
  for (int i = 0; i < type.field_count(); ++i) fields.push_back(type.field(i));
  for (int i = 0; i < type.nested_type_count(); ++i) Collect(*type.nested_type(i), fields);
}

std::vector<const FieldDescriptor*> FieldsOf(const FileDescriptor& file) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < file.message_type_count(); ++i) Collect(*file.message_type(i), fields);
  return fields;
}

// Whether a field is called as what says who a person is.
bool SoundsPersonal(const FieldDescriptor& field) {
  static const auto& kinds = *new std::set<absl::string_view>{
      "given", "family", "first", "last", "middle", "maiden", "full", "former", "person", "people"};
  static const auto& people = *new std::set<absl::string_view>{"officer", "manager", "supervisor",
                                                               "coordinator", "nominee"};
  if (field.type() != FieldDescriptor::TYPE_STRING) return false;
  const absl::string_view name = absl::StripSuffix(field.name(), "s");
  if (name == "surname") return true;
  const absl::string_view whose = absl::StripSuffix(name, "_name");
  if (whose.size() == name.size()) return false;
  return kinds.contains(whose) || people.contains(whose.substr(whose.rfind('_') + 1));
}

TEST(ContractsTest, NoneIsLeftOut) {
  std::set<std::string> known = {"accord/options/v1/options.proto"};
  for (const FileDescriptor* file : Contracts()) known.insert(file->name());
  const std::filesystem::path root = ACCORD_SOURCE_DIR "/proto";
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".proto") continue;
    found.insert(std::filesystem::relative(entry.path(), root).string());
  }
  EXPECT_EQ(known, found);
}

TEST(ContractsTest, WhatSoundsLikeANameOfAPersonIsMarked) {
  size_t fields = 0;
  for (const FileDescriptor* file : Contracts()) {
    for (const FieldDescriptor* field : FieldsOf(*file)) {
      ++fields;
      EXPECT_TRUE(!SoundsPersonal(*field) || IsPersonal(*field)) << field->full_name();
      if (IsPersonal(*field)) {
        EXPECT_EQ(field->type(), FieldDescriptor::TYPE_STRING) << field->full_name();
      }
    }
  }
  EXPECT_GE(fields, 300u);
}

// That the test above sees marks, and names that need one.
TEST(ContractsTest, MarksAreSeen) {
  std::vector<std::string> marked;
  for (const FieldDescriptor* field : FieldsOf(*Person::descriptor()->file())) {
    if (IsPersonal(*field)) marked.push_back(field->name());
  }
  EXPECT_THAT(marked, ElementsAre("given_name", "family_name", "former_names", "full_name",
                                  "checked_name"));
  const auto sounds = [](const char* name) {
    return SoundsPersonal(*Person::descriptor()->FindFieldByName(name));
  };
  EXPECT_TRUE(sounds("given_name"));
  EXPECT_TRUE(sounds("former_names"));
  EXPECT_FALSE(sounds("name"));
  EXPECT_FALSE(sounds("rank"));
}

}  // namespace
}  // namespace accord::store
