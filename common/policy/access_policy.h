// Which role may call which method, and how far it reaches. Pure.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "accord/policy/v1/access.pb.h"
#include "common/policy/method_groups.h"
#include "common/policy/reach.h"
#include "common/policy/separation.h"

namespace accord {

// The role of the suite's own services.
inline constexpr char kServiceRole[] = "service";

// How many calls one caller may make.
struct CallLimit {
  std::string code{};
  // In any `period`.
  int calls = 1;
  absl::Duration period{};
  // Codes of those it binds.
  absl::flat_hash_set<std::string> roles{};
  // Whether it binds who has no role at all.
  bool binds_no_role = false;
  bool every_method = false;
  MethodNames methods{};
};

// The table of roles, loaded, validated and immutable. Safe to share between threads.
class AccessPolicy {
 public:
  // Errors, all INVALID_ARGUMENT: POLICY_UNREADABLE, or INVALID_FIELDS with every violated
  // field; of Load also NOT_FOUND, POLICY_FILE_MISSING.
  static absl::StatusOr<std::shared_ptr<const AccessPolicy>> Parse(absl::string_view text,
                                                                   absl::string_view origin);
  static absl::StatusOr<std::shared_ptr<const AccessPolicy>> Load(const std::string& path);

  // How far somebody with these roles reaches with a method ("package.Service/Method");
  // nowhere unless one of the roles is granted it, or it is open to everybody who is known
  // (then it reaches what is about the caller). What several roles grant adds up.
  Reach ReachOf(const std::vector<policy::v1::Binding>& roles, absl::string_view method) const;

  // Codes of those among `roles` that are granted the method, in their order, each once.
  std::vector<std::string> Granting(const std::vector<policy::v1::Binding>& roles,
                                    absl::string_view method) const;

  // Whether one of those that are granted the method is a role whose reads of the log are
  // recorded.
  bool LogReadsRecorded(const std::vector<policy::v1::Binding>& roles,
                        absl::string_view method) const;

  // Whether anybody may call the method at all.
  bool Names(absl::string_view method) const;
  bool HasRole(absl::string_view code) const { return grants_.contains(code); }
  // Whether everybody who is known may call the method.
  bool IsOpen(absl::string_view method) const { return open_.contains(method); }
  // Every method that the table has, granted or not.
  const MethodNames& methods() const { return methods_; }
  // Codes of all roles, and of those that are granted the method, in the table's order.
  const std::vector<std::string>& roles() const { return roles_; }
  std::vector<std::string> RolesGranted(absl::string_view method) const;
  // Of what a role is granted, each once; empty when the role may not call the method.
  std::vector<policy::v1::Scope> ScopesGranted(absl::string_view role,
                                               absl::string_view method) const;
  // The limits that bind somebody with these roles who calls the method. They live as long
  // as the table.
  std::vector<const CallLimit*> LimitsOf(const std::vector<policy::v1::Binding>& roles,
                                         absl::string_view method) const;

  const SeparationRules& separations() const { return separations_; }

 private:
  explicit AccessPolicy(const policy::v1::AccessFile& file);

  // By role, then method: the scopes of its grants.
  using Scopes = std::set<policy::v1::Scope>;
  // Null when the role is not granted the method.
  const Scopes* ScopesOf(absl::string_view role, absl::string_view method) const;

  absl::flat_hash_map<std::string, absl::flat_hash_map<std::string, Scopes>> grants_;
  absl::flat_hash_set<std::string> log_reads_recorded_;  // Roles.
  std::vector<std::string> roles_;
  MethodNames methods_;
  MethodNames open_;
  std::vector<CallLimit> limits_;
  const SeparationRules separations_;
};

// Who has which role. Immutable; safe to share between threads.
class RoleBindings {
 public:
  // Every binding names a role of `access`, and what its grants' scopes need. Errors as
  // AccessPolicy.
  static absl::StatusOr<std::shared_ptr<const RoleBindings>> Parse(absl::string_view text,
                                                                   absl::string_view origin,
                                                                   const AccessPolicy& access);
  static absl::StatusOr<std::shared_ptr<const RoleBindings>> Load(const std::string& path,
                                                                  const AccessPolicy& access);

  // Empty for somebody without a role.
  const std::vector<policy::v1::Binding>& Of(absl::string_view issuer,
                                             absl::string_view subject) const;

 private:
  explicit RoleBindings(const policy::v1::BindingsFile& file);

  absl::flat_hash_map<std::pair<std::string, std::string>, std::vector<policy::v1::Binding>>
      bindings_;
};

}  // namespace accord
