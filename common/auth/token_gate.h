// The gate of every service: tokens of people and client programs, certificates of services,
// and the table of roles.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/auth/caller_limits.h"
#include "common/auth/token_verifier.h"
#include "common/policy/access_policy.h"
#include "common/rpc/gate.h"

namespace accord::auth {

// The issuer by which bindings name services.
inline constexpr char kSpiffe[] = "spiffe";

// What holds until other files are read.
struct GateRules {
  std::shared_ptr<const AccessPolicy> access{};
  // Checked against `access`.
  std::shared_ptr<const RoleBindings> bindings{};
};

// Somebody who is proven, whatever they may do.
struct KnownCaller {
  Identity identity{};
  // "issuer#subject", or a service's "spiffe://…" name.
  std::string actor{};
  std::vector<policy::v1::Binding> roles{};
};

// Thread-safe.
class TokenGate final : public rpc::Gate {
 public:
  // Without `tokens` (null) only services get in. `rules` are set before the first call.
  TokenGate(GateRules rules, std::shared_ptr<TokenVerifier> tokens)
      : tokens_(std::move(tokens)), rules_(std::move(rules)) {}

  // A token that is brought counts, good or bad; only without one does the certificate.
  // `actor` is as KnownCaller says; `role`, those that grant the method. What is let in
  // counts under the limits of callers. Errors: those of TokenVerifier; UNAUTHENTICATED,
  // NO_PROOF; PERMISSION_DENIED, METHOD_NOT_GRANTED; RESOURCE_EXHAUSTED, CALLER_QUOTA.
  absl::StatusOr<rpc::Admission> Admit(const rpc::Credentials& credentials,
                                       absl::string_view method, absl::Time now) override;

  // Who brings these. Errors as of Admit, for want of proof only.
  absl::StatusOr<KnownCaller> WhoIs(const rpc::Credentials& credentials, absl::Time now);

  GateRules rules() const;
  // From now on, these. What callers have used up of their limits stays.
  void SetRules(GateRules rules);

 private:
  absl::StatusOr<Identity> Identify(const rpc::Credentials& credentials, absl::Time now);

  const std::shared_ptr<TokenVerifier> tokens_;
  CallerLimits limits_;
  mutable std::mutex mutex_;
  GateRules rules_;  // Guarded by mutex_.
};

}  // namespace accord::auth
