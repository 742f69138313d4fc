#include "common/auth/token_gate.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/auth/auth_errors.h"
#include "common/base/status.h"

namespace accord::auth {
namespace {

constexpr char kSpiffeScheme[] = "spiffe://";

std::string ActorOf(const Identity& identity) {
  if (identity.issuer == kSpiffe) return identity.subject;
  return absl::StrCat(identity.issuer, "#", identity.subject);
}

}  // namespace

absl::StatusOr<Identity> TokenGate::Identify(const rpc::Credentials& credentials, absl::Time now) {
  if (!credentials.bearer.empty()) {
    if (tokens_ == nullptr) return error::NoProof();
    return tokens_->Verify(credentials.bearer, now);
  }
  for (const std::string& uri : credentials.peer_uris) {
    if (absl::StartsWith(uri, kSpiffeScheme)) {
      return Identity{kSpiffe, uri, "", absl::InfiniteFuture()};
    }
  }
  return error::NoProof();
}

absl::StatusOr<rpc::Admission> TokenGate::Admit(const rpc::Credentials& credentials,
                                                absl::string_view method, absl::Time now) {
  ACCORD_ASSIGN_OR_RETURN(Identity identity, Identify(credentials, now));
  const auto [access, bindings] = rules();
  const auto& bound = bindings->Of(identity.issuer, identity.subject);
  rpc::Admission admission;
  admission.reach = access->ReachOf(bound, method);
  if (admission.reach.nowhere()) return error::MethodNotGranted(method);
  admission.caller.actor = ActorOf(identity);
  ACCORD_RETURN_IF_ERROR(
      limits_.Admit(access->LimitsOf(bound, method), admission.caller.actor, now));
  admission.caller.role = absl::StrJoin(access->Granting(bound, method), ",");
  admission.log_reads_recorded = access->LogReadsRecorded(bound, method);
  admission.caller.client = std::move(identity.client);
  return admission;
}

absl::StatusOr<KnownCaller> TokenGate::WhoIs(const rpc::Credentials& credentials, absl::Time now) {
  KnownCaller caller;
  ACCORD_ASSIGN_OR_RETURN(caller.identity, Identify(credentials, now));
  caller.actor = ActorOf(caller.identity);
  caller.roles = rules().bindings->Of(caller.identity.issuer, caller.identity.subject);
  return caller;
}

GateRules TokenGate::rules() const {
  std::lock_guard lock(mutex_);
  return rules_;
}

void TokenGate::SetRules(GateRules rules) {
  std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
}

}  // namespace accord::auth
