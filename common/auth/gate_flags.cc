#include "common/auth/gate_flags.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "common/auth/token_gate.h"
#include "common/base/status.h"

namespace accord::auth {

void AddGateFlags(CLI::App& app, GateFlags& flags) {
  app.add_option("--access", flags.access,
                 "file of roles and what they may call; empty lets everybody do everything, as "
                 "whoever they say they are")
      ->capture_default_str();
  app.add_option("--bindings", flags.bindings, "file that says who has which role")
      ->capture_default_str();
  app.add_option("--token-issuer", flags.token_issuer,
                 "the identity provider whose tokens are accepted, as their \"iss\" names it")
      ->capture_default_str();
  app.add_option("--token-audience", flags.token_audience, "what tokens must be made for")
      ->capture_default_str();
  app.add_option("--token-keys", flags.token_keys,
                 "file of the provider's public keys (JWKS), read again when it changes; empty "
                 "accepts no tokens, only certificates of services")
      ->capture_default_str();
}

absl::StatusOr<GateParts> MakeGate(const GateFlags& flags) {
  GateParts parts;
  const bool tokens_wanted = !flags.token_keys.empty() || !flags.token_issuer.empty();
  if (flags.access.empty()) {
    if (flags.bindings.empty() && !tokens_wanted) return parts;
    return absl::InvalidArgumentError("--bindings and --token-… need --access");
  }
  if (flags.bindings.empty()) return absl::InvalidArgumentError("--access needs --bindings");
  if (flags.token_keys.empty() != flags.token_issuer.empty()) {
    return absl::InvalidArgumentError("--token-keys and --token-issuer need each other");
  }
  ACCORD_ASSIGN_OR_RETURN(parts.access, AccessPolicy::Load(flags.access));
  ACCORD_ASSIGN_OR_RETURN(auto bindings, RoleBindings::Load(flags.bindings, *parts.access));
  std::shared_ptr<TokenVerifier> tokens;
  if (tokens_wanted) {
    ACCORD_ASSIGN_OR_RETURN(auto keys, KeyFile::Read(flags.token_keys));
    tokens = std::make_shared<TokenVerifier>(
        TokenRules{.issuer = flags.token_issuer, .audience = flags.token_audience}, keys);
    parts.keys = std::make_unique<KeyFile>(
        flags.token_keys, [tokens](auto changed) { tokens->SetKeys(std::move(changed)); });
  }
  parts.gate = std::make_unique<TokenGate>(parts.access, std::move(bindings), tokens);
  return parts;
}

}  // namespace accord::auth
