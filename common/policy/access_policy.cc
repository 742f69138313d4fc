#include "common/policy/access_policy.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/policy/text_file.h"
#include "common/policy/validate.h"
#include "common/policy/validate_rules.h"

namespace accord {
namespace {

using policy::v1::AccessFile;
using policy::v1::Binding;
using policy::v1::BindingsFile;
using policy::v1::Grant;
using policy::v1::MethodGroup;
using policy::v1::Role;
using policy::v1::Scope;

// "package.Service/Method".
bool IsMethod(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  return parts.size() == 2 && absl::StrContains(parts[0], '.') && !parts[1].empty();
}

class AccessValidator {
 public:
  explicit AccessValidator(const AccessFile& file) : file_(file) {}

  absl::Status Run() {
    if (file_.method_groups().empty()) violations_.Add("method_groups", "must hold a group");
    for (int i = 0; i < file_.method_groups_size(); ++i) {
      CheckGroup(file_.method_groups(i), FieldPath("", "method_groups", i));
    }
    if (file_.roles().empty()) violations_.Add("roles", "must hold a role");
    for (int i = 0; i < file_.roles_size(); ++i) {
      CheckRole(file_.roles(i), FieldPath("", "roles", i));
    }
    return violations_.ToStatus(kPolicyErrorDomain);
  }

 private:
  void CheckGroup(const MethodGroup& group, const std::string& path) {
    CheckCode(group.name(), kSnake, FieldPath(path, "name"), violations_);
    groups_.Claim(group.name(), FieldPath(path, "name"), violations_);
    if (group.methods().empty()) violations_.Add(FieldPath(path, "methods"), "must name a method");
    Claims methods;
    for (int i = 0; i < group.methods_size(); ++i) {
      const std::string method_path = FieldPath(path, "methods", i);
      methods.Claim(group.methods(i), method_path, violations_);
      if (!IsMethod(group.methods(i))) {
        violations_.Add(method_path, "must be of the form package.Service/Method");
      }
    }
  }

  void CheckRole(const Role& role, const std::string& path) {
    CheckCode(role.code(), kSnake, FieldPath(path, "code"), violations_);
    roles_.Claim(role.code(), FieldPath(path, "code"), violations_);
    CheckNotEmpty(role.display_name(), FieldPath(path, "display_name"), violations_);
    if (role.sources().empty()) violations_.Add(FieldPath(path, "sources"), "must name a source");
    for (int i = 0; i < role.grants_size(); ++i) {
      CheckGrant(role.grants(i), FieldPath(path, "grants", i));
    }
  }

  void CheckGrant(const Grant& grant, const std::string& path) {
    if (grant.scope() == Scope::SCOPE_UNSPECIFIED) {
      violations_.Add(FieldPath(path, "scope"), "is required");
    }
    if (grant.method_groups().empty()) {
      violations_.Add(FieldPath(path, "method_groups"), "must name a group");
    }
    for (int i = 0; i < grant.method_groups_size(); ++i) {
      if (groups_.Holder(grant.method_groups(i)) != nullptr) continue;
      violations_.Add(FieldPath(path, "method_groups", i),
                      absl::StrCat("names no group of this file: ", grant.method_groups(i)));
    }
  }

  const AccessFile& file_;
  FieldViolations violations_;
  Claims groups_;
  Claims roles_;
};

void CheckNames(const google::protobuf::RepeatedPtrField<std::string>& names,
                absl::string_view prefix, const std::string& path, absl::string_view field,
                FieldViolations& violations) {
  for (int i = 0; i < names.size(); ++i) {
    if (absl::StartsWith(names[i], prefix) && names[i].size() > prefix.size()) continue;
    violations.Add(FieldPath(path, field, i), absl::StrCat("must be of the form ", prefix, "{id}"));
  }
}

absl::Status CheckBindings(const BindingsFile& file, const AccessPolicy& access) {
  FieldViolations violations;
  for (int i = 0; i < file.bindings_size(); ++i) {
    const Binding& binding = file.bindings(i);
    const std::string path = FieldPath("", "bindings", i);
    CheckNotEmpty(binding.issuer(), FieldPath(path, "issuer"), violations);
    CheckNotEmpty(binding.subject(), FieldPath(path, "subject"), violations);
    if (!access.HasRole(binding.role())) {
      violations.Add(FieldPath(path, "role"), absl::StrCat("is no role: ", binding.role()));
    }
    CheckNames(binding.field_offices(), "fieldOffices/", path, "field_offices", violations);
    CheckNames(binding.agencies(), "agencies/", path, "agencies", violations);
  }
  return violations.ToStatus(kPolicyErrorDomain);
}

void Add(Scope scope, const Binding& binding, Reach& reach) {
  switch (scope) {
    case Scope::WHOLE_PROGRAM:
      reach.whole = true;
      return;
    case Scope::FIELD_OFFICE:
      reach.field_offices.insert(binding.field_offices().begin(), binding.field_offices().end());
      return;
    case Scope::AGENCY:
      reach.agencies.insert(binding.agencies().begin(), binding.agencies().end());
      return;
    case Scope::SELF:
      reach.self = true;
      return;
    default:
      return;  // A file with another was refused.
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const AccessPolicy>> AccessPolicy::Parse(absl::string_view text,
                                                                        absl::string_view origin) {
  AccessFile file;
  ACCORD_RETURN_IF_ERROR(ParseText(text, origin, file));
  ACCORD_RETURN_IF_ERROR(WithOrigin(AccessValidator(file).Run(), origin));
  return std::shared_ptr<const AccessPolicy>(new AccessPolicy(file));
}

absl::StatusOr<std::shared_ptr<const AccessPolicy>> AccessPolicy::Load(const std::string& path) {
  ACCORD_ASSIGN_OR_RETURN(const std::string text, ReadPolicyFile(path));
  return Parse(text, path);
}

AccessPolicy::AccessPolicy(const AccessFile& file) {
  absl::flat_hash_map<std::string, const MethodGroup*> groups;
  for (const MethodGroup& group : file.method_groups()) groups[group.name()] = &group;
  for (const Role& role : file.roles()) {
    if (role.log_reads_recorded()) log_reads_recorded_.insert(role.code());
    auto& methods = grants_[role.code()];
    for (const Grant& grant : role.grants()) {
      for (const std::string& name : grant.method_groups()) {
        for (const std::string& method : groups.at(name)->methods()) {
          methods[method].insert(grant.scope());
        }
      }
    }
  }
}

const AccessPolicy::Scopes* AccessPolicy::ScopesOf(absl::string_view role,
                                                   absl::string_view method) const {
  const auto grants = grants_.find(role);
  if (grants == grants_.end()) return nullptr;
  const auto scopes = grants->second.find(method);
  return scopes == grants->second.end() ? nullptr : &scopes->second;
}

Reach AccessPolicy::ReachOf(const std::vector<Binding>& roles, absl::string_view method) const {
  Reach reach;
  for (const Binding& binding : roles) {
    const Scopes* scopes = ScopesOf(binding.role(), method);
    if (scopes == nullptr) continue;
    for (const Scope scope : *scopes) Add(scope, binding, reach);
  }
  return reach;
}

std::vector<std::string> AccessPolicy::Granting(const std::vector<Binding>& roles,
                                                absl::string_view method) const {
  std::vector<std::string> granting;
  for (const Binding& binding : roles) {
    const bool told = std::find(granting.begin(), granting.end(), binding.role()) != granting.end();
    if (!told && ScopesOf(binding.role(), method) != nullptr) granting.push_back(binding.role());
  }
  return granting;
}

bool AccessPolicy::LogReadsRecorded(const std::vector<Binding>& roles,
                                    absl::string_view method) const {
  return std::any_of(roles.begin(), roles.end(), [&](const Binding& binding) {
    return log_reads_recorded_.contains(binding.role()) &&
           ScopesOf(binding.role(), method) != nullptr;
  });
}

bool AccessPolicy::Names(absl::string_view method) const {
  return std::any_of(grants_.begin(), grants_.end(),
                     [method](const auto& role) { return role.second.contains(method); });
}

absl::StatusOr<std::shared_ptr<const RoleBindings>> RoleBindings::Parse(
    absl::string_view text, absl::string_view origin, const AccessPolicy& access) {
  BindingsFile file;
  ACCORD_RETURN_IF_ERROR(ParseText(text, origin, file));
  ACCORD_RETURN_IF_ERROR(WithOrigin(CheckBindings(file, access), origin));
  return std::shared_ptr<const RoleBindings>(new RoleBindings(file));
}

absl::StatusOr<std::shared_ptr<const RoleBindings>> RoleBindings::Load(const std::string& path,
                                                                       const AccessPolicy& access) {
  ACCORD_ASSIGN_OR_RETURN(const std::string text, ReadPolicyFile(path));
  return Parse(text, path, access);
}

RoleBindings::RoleBindings(const BindingsFile& file) {
  for (const Binding& binding : file.bindings()) {
    bindings_[{binding.issuer(), binding.subject()}].push_back(binding);
  }
}

const std::vector<Binding>& RoleBindings::Of(absl::string_view issuer,
                                             absl::string_view subject) const {
  static const auto& none = *new std::vector<Binding>;
  const auto found = bindings_.find(std::pair(std::string(issuer), std::string(subject)));
  return found == bindings_.end() ? none : found->second;
}

}  // namespace accord
