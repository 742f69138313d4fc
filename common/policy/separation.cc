#include "common/policy/separation.h"

#include <utility>

#include "common/policy/method_groups.h"

namespace accord {
namespace {

using policy::v1::AccessFile;
using policy::v1::Separation;

absl::string_view ServiceOf(absl::string_view method) { return method.substr(0, method.find('/')); }
absl::string_view ActionOf(absl::string_view method) { return method.substr(method.find('/') + 1); }

}  // namespace

SeparationRules::SeparationRules(const AccessFile& file) {
  for (const Separation& separation : file.separations()) {
    const MethodNames first = MethodsOf(separation.first_groups(), file);
    for (const std::string& second : MethodsOf(separation.second_groups(), file)) {
      SeparationRule rule{separation.code(), separation.words(), {}};
      for (const std::string& method : first) {
        if (ServiceOf(method) != ServiceOf(second)) continue;
        rule.first_actions.emplace_back(ActionOf(method));
      }
      by_second_[second].push_back(std::move(rule));
    }
  }
}

const std::vector<SeparationRule>& SeparationRules::Before(absl::string_view method) const {
  static const auto& none = *new std::vector<SeparationRule>;
  const auto found = by_second_.find(method);
  return found == by_second_.end() ? none : found->second;
}

}  // namespace accord
