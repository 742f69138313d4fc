// The methods of a table's groups.
#pragma once

#include <set>
#include <string>

#include "accord/policy/v1/access.pb.h"

namespace accord {

using MethodNames = std::set<std::string, std::less<>>;

// The methods of the groups that `names` names; names of no group are passed over.
inline MethodNames MethodsOf(const google::protobuf::RepeatedPtrField<std::string>& names,
                             const policy::v1::AccessFile& file) {
  MethodNames methods;
  for (const std::string& name : names) {
    for (const policy::v1::MethodGroup& group : file.method_groups()) {
      if (group.name() == name) methods.insert(group.methods().begin(), group.methods().end());
    }
  }
  return methods;
}

}  // namespace accord
