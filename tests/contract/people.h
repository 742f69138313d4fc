// Resource types that say who a person is.
#pragma once

#include "common/store/resource_type.h"
#include "tests/contract/person.pb.h"

namespace accord::store {

using accord::testing::people::v1::NameCheck;
using accord::testing::people::v1::Person;
using accord::testing::people::v1::Team;

inline const ResourceTypes& People() {
  static const ResourceTypes& types = [&]() -> const ResourceTypes& {
    auto& made = *new ResourceTypes;
    made.Add<Person>({.collection = "people", .fields = {"rank"}, .indexed = {"rank"}});
    made.Add<Team>({.collection = "teams", .fields = {"title"}});
    return made;
  }();
  return types;
}

}  // namespace accord::store
