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
#include "accord/policy/v1/access.pb.h"
#include "common/policy/reach.h"

namespace accord {

// The table of roles, loaded, validated and immutable. Safe to share between threads.
class AccessPolicy {
 public:
  // Errors, all INVALID_ARGUMENT: POLICY_UNREADABLE, or INVALID_FIELDS with every violated
  // field; of Load also NOT_FOUND, POLICY_FILE_MISSING.
  static absl::StatusOr<std::shared_ptr<const AccessPolicy>> Parse(absl::string_view text,
                                                                   absl::string_view origin);
  static absl::StatusOr<std::shared_ptr<const AccessPolicy>> Load(const std::string& path);

  // How far somebody with these roles reaches with a method ("package.Service/Method");
  // nowhere unless one of the roles is granted it. What several roles grant adds up.
  Reach ReachOf(const std::vector<policy::v1::Binding>& roles, absl::string_view method) const;

  // Codes of those among `roles` that are granted the method, in their order, each once.
  std::vector<std::string> Granting(const std::vector<policy::v1::Binding>& roles,
                                    absl::string_view method) const;

  // Whether one of those that are granted the method is a role whose reads of the log are
  // recorded.
  bool LogReadsRecorded(const std::vector<policy::v1::Binding>& roles,
                        absl::string_view method) const;

  // Whether some role is granted the method at all.
  bool Names(absl::string_view method) const;
  bool HasRole(absl::string_view code) const { return grants_.contains(code); }

 private:
  explicit AccessPolicy(const policy::v1::AccessFile& file);

  // By role, then method: the scopes of its grants.
  using Scopes = std::set<policy::v1::Scope>;
  // Null when the role is not granted the method.
  const Scopes* ScopesOf(absl::string_view role, absl::string_view method) const;

  absl::flat_hash_map<std::string, absl::flat_hash_map<std::string, Scopes>> grants_;
  absl::flat_hash_set<std::string> log_reads_recorded_;  // Roles.
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
