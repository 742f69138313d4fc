// What a service declares about a resource type. The store derives the rest:
// table, columns, indexes, filters, order, paging, Changes and their subjects.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/store/counts.h"
#include "common/store/fields.h"
#include "google/protobuf/message.h"

namespace accord::store {

// A field that holds the name of a resource of that type.
struct Through {
  std::string field = {};
  const google::protobuf::Descriptor* type = nullptr;
};

struct ResourceTypeSpec {
  // "agencies" for names `agencies/{id}`; "rosterImports/*/rows" for children.
  std::string collection = {};
  // Field paths that can be filtered and ordered; `name` is always one.
  std::vector<std::string> fields = {};
  // Those that get an index; "offering,state" is one over both, in this order. What counts
  // over fields of one index reads no messages.
  std::vector<std::string> indexed = {};
  // Groups of which it is kept how many resources there are: see counts.h.
  std::vector<CountedSpec> counted = {};
  // Fields (string or repeated string) that hold names of other resources: they are
  // subjects of every Change, besides the resource itself.
  std::vector<std::string> subjects = {};
  // What a list leaves out unless its filter mentions `hidden_unless`: for example
  // merged resources. Empty: nothing.
  std::string hidden_unless = {};
  std::string default_order = "name";
  // Append-only facts: one Change per chunk covers many rows.
  bool bulk = false;
  // Text fields, of `fields`, that a caller's reach is compared with: the name of the agency
  // that the resource belongs to, its field office, and the officer whom it is about. Without
  // any only those who may see the whole program see any resource of the type.
  std::string reach_agency = "";
  std::string reach_office = "";
  std::string reach_officer = "";
  // Instead of these: whoever reaches the other resource, as it is now, reaches this. So an
  // officer's whole record follows the officer to another agency.
  Through reach_through = {};
  // Says nothing of any agency or person, so that it lies within everybody's reach.
  bool of_no_agency = false;
};

class ResourceType {
 public:
  // A spec that does not fit is a programming error and ends the process at start: a path that
  // names no field, or a personal one where names of resources belong; personal fields in a
  // bulk type, whose rows no Change can empty; two tables of counts of one name.
  ResourceType(const google::protobuf::Message& prototype, ResourceTypeSpec spec);

  const google::protobuf::Descriptor* descriptor() const { return prototype_->GetDescriptor(); }
  // "accord.agreements.v1.Agency"
  const std::string& type_name() const { return descriptor()->full_name(); }
  std::unique_ptr<google::protobuf::Message> NewMessage() const {
    return std::unique_ptr<google::protobuf::Message>(prototype_->New());
  }
  const ResourceTypeSpec& spec() const { return spec_; }
  const Fields& fields() const { return fields_; }
  // "t_agencies", "t_rosterImports_rows"
  const std::string& table() const { return table_; }
  const std::vector<Counts>& counts() const { return counts_; }
  // The one that was declared by that name, which must have been.
  const Counts& CountsNamed(absl::string_view name) const;
  // Whether resources of this type say who a person is.
  bool personal() const { return personal_; }
  // Whether `name` is one that a resource of this type may have: "agencies/a1".
  bool IsName(absl::string_view name) const;

  // Sorted, without repeats, and with the message's own name.
  std::vector<std::string> SubjectsOf(const google::protobuf::Message& message) const;

 private:
  const google::protobuf::Message* prototype_;
  ResourceTypeSpec spec_;
  Fields fields_;
  std::string table_;
  std::vector<Counts> counts_;
  bool personal_;
};

// The `name` field of a resource.
std::string NameOf(const google::protobuf::Message& message);

// A service's resource types.
class ResourceTypes {
 public:
  template <typename T>
  ResourceTypes& Add(ResourceTypeSpec spec) {
    types_.push_back(std::make_unique<ResourceType>(T::default_instance(), std::move(spec)));
    return *this;
  }

  // Every type that is asked for must have been added.
  const ResourceType& Of(const google::protobuf::Descriptor* descriptor) const;
  template <typename T>
  const ResourceType& Of() const {
    return Of(T::descriptor());
  }
  // Null when no type has that full message name.
  const ResourceType* Find(absl::string_view type_name) const;
  // The type of the resource with that name, which need not exist; null when no collection
  // has such names.
  const ResourceType* FindByName(absl::string_view name) const;
  const std::vector<std::unique_ptr<ResourceType>>& all() const { return types_; }

 private:
  std::vector<std::unique_ptr<ResourceType>> types_;
};

}  // namespace accord::store
