#include "common/policy/access_policy.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/policy/method_groups.h"
#include "common/policy/text_file.h"
#include "common/policy/validate.h"
#include "common/policy/validate_access.h"
#include "common/policy/validate_rules.h"

namespace accord {
namespace {

using policy::v1::AccessFile;
using policy::v1::Binding;
using policy::v1::BindingsFile;
using policy::v1::CallerLimit;
using policy::v1::Grant;
using policy::v1::MethodGroup;
using policy::v1::Role;
using policy::v1::Scope;
using Names = google::protobuf::RepeatedPtrField<std::string>;

void CheckNames(const Names& names, absl::string_view prefix, const std::string& path,
                absl::string_view field, FieldViolations& violations) {
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
    CheckNames(binding.officers(), "officers/", path, "officers", violations);
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
      reach.officers.insert(binding.officers().begin(), binding.officers().end());
      return;
    default:
      return;  // A file with another was refused.
  }
}

bool SameGroups(const CallerLimit& a, const CallerLimit& b) {
  return std::set<std::string>(a.method_groups().begin(), a.method_groups().end()) ==
         std::set<std::string>(b.method_groups().begin(), b.method_groups().end());
}

// Codes of the roles that the limit binds, spelled out.
absl::flat_hash_set<std::string> RolesUnder(const CallerLimit& limit, const AccessFile& file) {
  if (!limit.roles().empty()) return {limit.roles().begin(), limit.roles().end()};
  absl::flat_hash_set<std::string> roles;
  for (const Role& role : file.roles()) roles.insert(role.code());
  roles.erase(kServiceRole);
  for (const CallerLimit& other : file.caller_limits()) {
    if (!SameGroups(limit, other)) continue;
    for (const std::string& role : other.roles()) roles.erase(role);
  }
  return roles;
}

CallLimit ToCallLimit(const CallerLimit& limit, const AccessFile& file) {
  return {
      .code = limit.code(),
      .calls = limit.calls(),
      .period = absl::Seconds(limit.period().seconds()) + absl::Nanoseconds(limit.period().nanos()),
      .roles = RolesUnder(limit, file),
      .binds_no_role = limit.roles().empty(),
      .every_method = limit.method_groups().empty(),
      .methods = MethodsOf(limit.method_groups(), file)};
}

}  // namespace

absl::StatusOr<std::shared_ptr<const AccessPolicy>> AccessPolicy::Parse(absl::string_view text,
                                                                        absl::string_view origin) {
  AccessFile file;
  ACCORD_RETURN_IF_ERROR(ParseText(text, origin, file));
  ACCORD_RETURN_IF_ERROR(WithOrigin(ValidateAccess(file), origin));
  return std::shared_ptr<const AccessPolicy>(new AccessPolicy(file));
}

absl::StatusOr<std::shared_ptr<const AccessPolicy>> AccessPolicy::Load(const std::string& path) {
  ACCORD_ASSIGN_OR_RETURN(const std::string text, ReadPolicyFile(path));
  return Parse(text, path);
}

AccessPolicy::AccessPolicy(const AccessFile& file) : separations_(file) {
  for (const MethodGroup& group : file.method_groups()) {
    methods_.insert(group.methods().begin(), group.methods().end());
  }
  open_ = MethodsOf(file.open_groups(), file);
  for (const Role& role : file.roles()) {
    roles_.push_back(role.code());
    if (role.log_reads_recorded()) log_reads_recorded_.insert(role.code());
    auto& methods = grants_[role.code()];
    for (const Grant& grant : role.grants()) {
      for (const std::string& method : MethodsOf(grant.method_groups(), file)) {
        methods[method].insert(grant.scope());
      }
    }
  }
  for (const CallerLimit& limit : file.caller_limits()) limits_.push_back(ToCallLimit(limit, file));
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
  if (open_.contains(method)) reach.self = true;
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
  return open_.contains(method) ||
         std::any_of(grants_.begin(), grants_.end(),
                     [method](const auto& role) { return role.second.contains(method); });
}

std::vector<std::string> AccessPolicy::RolesGranted(absl::string_view method) const {
  std::vector<std::string> granted;
  for (const std::string& role : roles_) {
    if (ScopesOf(role, method) != nullptr) granted.push_back(role);
  }
  return granted;
}

std::vector<Scope> AccessPolicy::ScopesGranted(absl::string_view role,
                                               absl::string_view method) const {
  const Scopes* scopes = ScopesOf(role, method);
  if (scopes == nullptr) return {};
  return {scopes->begin(), scopes->end()};
}

std::vector<const CallLimit*> AccessPolicy::LimitsOf(const std::vector<Binding>& roles,
                                                     absl::string_view method) const {
  std::vector<const CallLimit*> limits;
  for (const CallLimit& limit : limits_) {
    if (!limit.every_method && !limit.methods.contains(method)) continue;
    const bool bound = std::any_of(roles.begin(), roles.end(), [&limit](const Binding& binding) {
      return limit.roles.contains(binding.role());
    });
    if (bound || (roles.empty() && limit.binds_no_role)) limits.push_back(&limit);
  }
  return limits;
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
