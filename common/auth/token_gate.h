// The gate of every service: tokens of people and client programs, certificates of services,
// and the table of roles.
#pragma once

#include <memory>

#include "common/auth/token_verifier.h"
#include "common/policy/access_policy.h"
#include "common/rpc/gate.h"

namespace accord::auth {

// The issuer by which bindings name services.
inline constexpr char kSpiffe[] = "spiffe";

// Thread-safe.
class TokenGate final : public rpc::Gate {
 public:
  // Without `tokens` (null) only services get in.
  TokenGate(std::shared_ptr<const AccessPolicy> access,
            std::shared_ptr<const RoleBindings> bindings, std::shared_ptr<TokenVerifier> tokens)
      : access_(std::move(access)), bindings_(std::move(bindings)), tokens_(std::move(tokens)) {}

  // A token that is brought counts, good or bad; only without one does the certificate.
  // `actor` is "issuer#subject", or a service's "spiffe://…" name; `role`, those that grant
  // the method. Errors: those of TokenVerifier; UNAUTHENTICATED, NO_PROOF; PERMISSION_DENIED,
  // METHOD_NOT_GRANTED.
  absl::StatusOr<rpc::Admission> Admit(const rpc::Credentials& credentials,
                                       absl::string_view method, absl::Time now) override;

 private:
  absl::StatusOr<Identity> Identify(const rpc::Credentials& credentials, absl::Time now);

  const std::shared_ptr<const AccessPolicy> access_;
  const std::shared_ptr<const RoleBindings> bindings_;
  const std::shared_ptr<TokenVerifier> tokens_;
};

}  // namespace accord::auth
