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
  const auto& bound = bindings_->Of(identity.issuer, identity.subject);
  rpc::Admission admission;
  admission.reach = access_->ReachOf(bound, method);
  if (admission.reach.nowhere()) return error::MethodNotGranted(method);
  admission.caller.actor = ActorOf(identity);
  admission.caller.role = absl::StrJoin(access_->Granting(bound, method), ",");
  admission.log_reads_recorded = access_->LogReadsRecorded(bound, method);
  admission.caller.client = std::move(identity.client);
  return admission;
}

}  // namespace accord::auth
