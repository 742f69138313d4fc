#include "common/policy/validate_access.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/policy/method_groups.h"
#include "common/policy/validate.h"
#include "common/policy/validate_rules.h"

namespace accord {
namespace {

using policy::v1::AccessFile;
using policy::v1::CallerLimit;
using policy::v1::Grant;
using policy::v1::MethodGroup;
using policy::v1::Role;
using policy::v1::Scope;
using policy::v1::Separation;
using Names = google::protobuf::RepeatedPtrField<std::string>;

constexpr int64_t kLongestPeriodSeconds = int64_t{31} * 24 * 60 * 60;
constexpr int32_t kNanosPerSecond = 1'000'000'000;

// "package.Service/Method".
bool IsMethod(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  return parts.size() == 2 && absl::StrContains(parts[0], '.') && !parts[1].empty();
}

bool IsLimitPeriod(const google::protobuf::Duration& period) {
  if (period.nanos() < 0 || period.nanos() >= kNanosPerSecond) return false;
  if (period.seconds() == kLongestPeriodSeconds) return period.nanos() == 0;
  return period.seconds() >= 1 && period.seconds() < kLongestPeriodSeconds;
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
    CheckGroupNames(file_.open_groups(), "", "open_groups");
    for (int i = 0; i < file_.separations_size(); ++i) {
      CheckSeparation(file_.separations(i), FieldPath("", "separations", i));
    }
    for (int i = 0; i < file_.caller_limits_size(); ++i) {
      CheckLimit(file_.caller_limits(i), FieldPath("", "caller_limits", i));
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
    CheckSources(role.sources(), path);
    for (int i = 0; i < role.grants_size(); ++i) {
      CheckGrant(role.grants(i), FieldPath(path, "grants", i));
    }
  }

  void CheckGrant(const Grant& grant, const std::string& path) {
    if (grant.scope() == Scope::SCOPE_UNSPECIFIED) {
      violations_.Add(FieldPath(path, "scope"), "is required");
    }
    CheckSomeGroups(grant.method_groups(), path, "method_groups");
  }

  void CheckSeparation(const Separation& separation, const std::string& path) {
    CheckCode(separation.code(), kSnake, FieldPath(path, "code"), violations_);
    separations_.Claim(separation.code(), FieldPath(path, "code"), violations_);
    CheckNotEmpty(separation.words(), FieldPath(path, "words"), violations_);
    CheckSources(separation.sources(), path);
    CheckSomeGroups(separation.first_groups(), path, "first_groups");
    CheckSomeGroups(separation.second_groups(), path, "second_groups");
    const MethodNames first = MethodsOf(separation.first_groups(), file_);
    const MethodNames second = MethodsOf(separation.second_groups(), file_);
    for (const std::string& method : first) {
      if (!second.contains(method)) continue;
      violations_.Add(FieldPath(path, "second_groups"),
                      absl::StrCat("holds a method of first_groups: ", method));
    }
    for (const Role& role : file_.roles()) CheckSides(role, separation.code(), path, first, second);
  }

  // No role is granted methods of both sides.
  void CheckSides(const Role& role, absl::string_view code, const std::string& path,
                  const MethodNames& first, const MethodNames& second) {
    const std::string* of_first = nullptr;
    const std::string* of_second = nullptr;
    MethodNames granted;
    for (const Grant& grant : role.grants()) granted.merge(MethodsOf(grant.method_groups(), file_));
    for (const std::string& method : granted) {
      if (first.contains(method)) of_first = &method;
      if (second.contains(method)) of_second = &method;
    }
    if (of_first == nullptr || of_second == nullptr) return;
    violations_.Add(path, absl::StrCat("role ", role.code(), " is granted both sides of ", code,
                                       ": ", *of_first, " and ", *of_second));
  }

  void CheckLimit(const CallerLimit& limit, const std::string& path) {
    CheckCode(limit.code(), kSnake, FieldPath(path, "code"), violations_);
    limits_.Claim(limit.code(), FieldPath(path, "code"), violations_);
    for (int i = 0; i < limit.roles_size(); ++i) {
      if (roles_.Holder(limit.roles(i)) != nullptr) continue;
      violations_.Add(FieldPath(path, "roles", i),
                      absl::StrCat("names no role of this file: ", limit.roles(i)));
    }
    CheckGroupNames(limit.method_groups(), path, "method_groups");
    if (limit.calls() < 1) violations_.Add(FieldPath(path, "calls"), "must be at least 1");
    if (!IsLimitPeriod(limit.period())) {
      violations_.Add(FieldPath(path, "period"), "must be 1 s to 31 d");
    }
  }

  void CheckSources(const Names& sources, const std::string& path) {
    if (sources.empty()) violations_.Add(FieldPath(path, "sources"), "must name a source");
  }

  void CheckSomeGroups(const Names& names, const std::string& path, absl::string_view field) {
    if (names.empty()) violations_.Add(FieldPath(path, field), "must name a group");
    CheckGroupNames(names, path, field);
  }

  void CheckGroupNames(const Names& names, const std::string& path, absl::string_view field) {
    for (int i = 0; i < names.size(); ++i) {
      if (groups_.Holder(names[i]) != nullptr) continue;
      violations_.Add(FieldPath(path, field, i),
                      absl::StrCat("names no group of this file: ", names[i]));
    }
  }

  const AccessFile& file_;
  FieldViolations violations_;
  Claims groups_;
  Claims roles_;
  Claims separations_;
  Claims limits_;
};

}  // namespace

absl::Status ValidateAccess(const AccessFile& file) { return AccessValidator(file).Run(); }

}  // namespace accord
