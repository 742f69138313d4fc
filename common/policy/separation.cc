#include "common/policy/separation.h"

#include <utility>

namespace accord {
namespace {

using policy::v1::AccessFile;
using policy::v1::MethodGroup;
using policy::v1::Separation;
using GroupNames = google::protobuf::RepeatedPtrField<std::string>;

absl::string_view ServiceOf(absl::string_view method) { return method.substr(0, method.find('/')); }
absl::string_view ActionOf(absl::string_view method) { return method.substr(method.find('/') + 1); }

std::vector<std::string> MethodsOf(const AccessFile& file, const GroupNames& names) {
  std::vector<std::string> methods;
  for (const std::string& name : names) {
    for (const MethodGroup& group : file.method_groups()) {
      if (group.name() != name) continue;
      methods.insert(methods.end(), group.methods().begin(), group.methods().end());
    }
  }
  return methods;
}

}  // namespace

SeparationRules::SeparationRules(const AccessFile& file) {
  for (const Separation& separation : file.separations()) {
    const std::vector<std::string> first = MethodsOf(file, separation.first_groups());
    for (const std::string& second : MethodsOf(file, separation.second_groups())) {
      SeparationRule rule{separation.code(), separation.words(), {}};
      for (const std::string& method : first) {
        if (ServiceOf(method) != ServiceOf(second)) continue;
        rule.first_actions.emplace_back(ActionOf(method));
      }
      if (!rule.first_actions.empty()) by_second_[second].push_back(std::move(rule));
    }
  }
}

const std::vector<SeparationRule>& SeparationRules::Before(absl::string_view method) const {
  static const auto& none = *new std::vector<SeparationRule>;
  const auto found = by_second_.find(method);
  return found == by_second_.end() ? none : found->second;
}

}  // namespace accord
