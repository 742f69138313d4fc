#include "common/auth/access_service.h"

#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status.h"

namespace accord::auth {
namespace {

namespace av1 = access::v1;
using policy::v1::Binding;

constexpr size_t kSuggestions = 3;

// Anybody who is known may ask, and is told only of the table and of themselves.
rpc::MethodSpec SpecOf(absl::string_view name) {
  return {.name = absl::StrCat("accord.access.v1.Access/", name), .keeps_to_reach = true};
}

absl::Status GateOff() {
  return MakeError(absl::StatusCode::kFailedPrecondition, kAccessDomain, "GATE_OFF",
                   "this program was started without --access: nobody is asked who they are");
}

absl::string_view ShortName(absl::string_view method) {
  return method.substr(method.rfind('/') + 1);
}

// How much of two names is the same, from the front and from the back.
size_t Likeness(absl::string_view a, absl::string_view b) {
  const std::string left = absl::AsciiStrToLower(a);
  const std::string right = absl::AsciiStrToLower(b);
  const auto front = std::mismatch(left.begin(), left.end(), right.begin(), right.end()).first;
  const auto back = std::mismatch(left.rbegin(), left.rend(), right.rbegin(), right.rend()).first;
  return static_cast<size_t>((front - left.begin()) + (back - left.rbegin()));
}

// "no such ROLE; closest are A, B".
template <typename Names>
std::string NoSuch(absl::string_view what, absl::string_view name, const Names& names) {
  std::vector<std::pair<size_t, std::string>> ranked;
  for (const std::string& each : names) {
    ranked.emplace_back(Likeness(ShortName(name), ShortName(each)), each);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  ranked.resize(std::min(ranked.size(), kSuggestions));
  return absl::StrCat("no such ", what, "; closest are ",
                      absl::StrJoin(ranked, ", ", [](std::string* out, const auto& each) {
                        absl::StrAppend(out, each.second);
                      }));
}

// The method's full name; empty, and a violation, when the table has none or several.
std::string Resolve(const std::string& name, const AccessPolicy& access,
                    FieldViolations& violations) {
  if (access.methods().contains(name)) return name;
  std::vector<std::string> found;
  for (const std::string& method : access.methods()) {
    if (ShortName(method) == name) found.push_back(method);
  }
  if (found.size() == 1) return found[0];
  if (name.empty()) {
    violations.Add("method", "is required");
  } else if (found.empty()) {
    violations.Add("method", NoSuch("method", name, access.methods()));
  } else {
    violations.Add("method", absl::StrCat("may be ", absl::StrJoin(found, " or ")));
  }
  return std::string();
}

std::set<std::string> RolesAskedAbout(const av1::CheckAccessRequest& request,
                                      const KnownCaller& caller) {
  std::set<std::string> roles(request.roles().begin(), request.roles().end());
  if (!roles.empty()) return roles;
  for (const Binding& binding : caller.roles) roles.insert(binding.role());
  return roles;
}

void AddGranting(const std::string& role, const std::string& method, const AccessPolicy& access,
                 av1::CheckAccessResponse& response) {
  const std::vector<policy::v1::Scope> scopes = access.ScopesGranted(role, method);
  if (scopes.empty()) return;
  av1::GrantedRole& granted = *response.add_granting();
  granted.set_role(role);
  for (const policy::v1::Scope scope : scopes) granted.add_scopes(scope);
}

}  // namespace

absl::StatusOr<av1::CheckAccessResponse> CheckAccess(const av1::CheckAccessRequest& request,
                                                     const AccessPolicy& access,
                                                     const KnownCaller& caller) {
  FieldViolations violations;
  const std::string method = Resolve(request.method(), access, violations);
  for (int i = 0; i < request.roles_size(); ++i) {
    if (access.HasRole(request.roles(i))) continue;
    violations.Add(absl::StrCat("roles[", i, "]"),
                   NoSuch("role", request.roles(i), access.roles()));
  }
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kAccessDomain));

  av1::CheckAccessResponse response;
  response.set_method(method);
  for (const std::string& role : RolesAskedAbout(request, caller)) {
    AddGranting(role, method, access, response);
  }
  // A role says nothing of the offices and agencies of who has it; a caller's bindings do.
  response.set_allowed(request.roles().empty()
                           ? !access.ReachOf(caller.roles, method).nowhere()
                           : access.IsOpen(method) || !response.granting().empty());
  for (std::string& role : access.RolesGranted(method)) {
    response.add_roles_allowed(std::move(role));
  }
  for (const SeparationRule& rule : access.separations().Before(method)) {
    response.add_separations(rule.code);
  }
  return response;
}

absl::StatusOr<KnownCaller> AccessService::Ask(const rpc::Credentials& credentials) {
  if (gate_ == nullptr) return GateOff();
  return gate_->WhoIs(credentials, absl::Now());
}

grpc::ServerUnaryReactor* AccessService::WhoAmI(grpc::CallbackServerContext* context,
                                                const av1::WhoAmIRequest* request,
                                                av1::WhoAmIResponse* response) {
  static const auto& method = *new rpc::MethodSpec(SpecOf("WhoAmI"));
  return runtime_.Inline(
      context, request, response, method,
      [this, credentials = rpc::ReadCredentials(*context)](
          rpc::Call&, const av1::WhoAmIRequest&) -> absl::StatusOr<av1::WhoAmIResponse> {
        ACCORD_ASSIGN_OR_RETURN(const KnownCaller caller, Ask(credentials));
        av1::WhoAmIResponse answer;
        answer.set_actor(caller.actor);
        answer.set_client(caller.identity.client);
        for (const Binding& binding : caller.roles) *answer.add_roles() = binding;
        if (caller.identity.expires != absl::InfiniteFuture()) {
          answer.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(caller.identity.expires));
        }
        return answer;
      });
}

grpc::ServerUnaryReactor* AccessService::CheckAccess(grpc::CallbackServerContext* context,
                                                     const av1::CheckAccessRequest* request,
                                                     av1::CheckAccessResponse* response) {
  static const auto& method = *new rpc::MethodSpec(SpecOf("CheckAccess"));
  return runtime_.Inline(
      context, request, response, method,
      [this, credentials = rpc::ReadCredentials(*context)](
          rpc::Call&,
          const av1::CheckAccessRequest& asked) -> absl::StatusOr<av1::CheckAccessResponse> {
        ACCORD_ASSIGN_OR_RETURN(const KnownCaller caller, Ask(credentials));
        return auth::CheckAccess(asked, *gate_->rules().access, caller);
      });
}

}  // namespace accord::auth
