// Separation of duties: what nobody may do after they did what is another person's. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "accord/policy/v1/access.pb.h"

namespace accord {

// As it binds one method.
struct SeparationRule {
  std::string code;
  // The rule, for people.
  std::string words;
  // Methods of the same service by which a caller is bound, as a Change's `action` names
  // them: "CreateAgreement". What comes first in another service binds nobody here: a log
  // holds what was done in its own.
  std::vector<std::string> first_actions;
};

// Immutable; safe to share between threads.
class SeparationRules {
 public:
  // Separates nothing.
  SeparationRules() = default;
  explicit SeparationRules(const policy::v1::AccessFile& file);

  // The rules by which `method` ("package.Service/Method") comes second.
  const std::vector<SeparationRule>& Before(absl::string_view method) const;

 private:
  absl::flat_hash_map<std::string, std::vector<SeparationRule>> by_second_;
};

}  // namespace accord
