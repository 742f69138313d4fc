#include "common/auth/gate_flags.h"

#include <CLI/CLI.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/policy/text_file.h"
#include "common/rpc/program.h"

namespace accord::auth {
namespace {

absl::Status CheckFlags(const GateFlags& flags, bool insecure) {
  const bool tokens_wanted = !flags.token_keys.empty() || !flags.token_issuer.empty();
  if (flags.access.empty()) {
    if (!flags.bindings.empty() || tokens_wanted) {
      return absl::InvalidArgumentError("--bindings and --token-… need --access");
    }
    if (insecure) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "--access is needed: without it anybody may do everything, which needs --insecure");
  }
  if (flags.bindings.empty()) return absl::InvalidArgumentError("--access needs --bindings");
  if (flags.token_keys.empty() != flags.token_issuer.empty()) {
    return absl::InvalidArgumentError("--token-keys and --token-issuer need each other");
  }
  if (flags.token_keys_period < absl::Seconds(1)) {
    return absl::InvalidArgumentError("--token-keys-period must be at least 1s");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ReadRules(const GateFlags& flags) {
  ACCORD_ASSIGN_OR_RETURN(std::string access, ReadPolicyFile(flags.access));
  ACCORD_ASSIGN_OR_RETURN(std::string bindings, ReadPolicyFile(flags.bindings));
  return std::vector<std::string>{std::move(access), std::move(bindings)};
}

// Both together: bindings are good for one table.
absl::StatusOr<GateRules> ParseRules(const GateFlags& flags,
                                     const std::vector<std::string>& texts) {
  GateRules rules;
  ACCORD_ASSIGN_OR_RETURN(rules.access, AccessPolicy::Parse(texts[0], flags.access));
  ACCORD_ASSIGN_OR_RETURN(rules.bindings,
                          RoleBindings::Parse(texts[1], flags.bindings, *rules.access));
  return rules;
}

absl::StatusOr<std::unique_ptr<SourceWatch>> WatchRules(const GateFlags& flags, TokenGate& gate) {
  SourceOptions source{.name = "who may do what",
                       .location = absl::StrCat(flags.access, ", ", flags.bindings)};
  source.read = [flags] { return ReadRules(flags); };
  source.use = [flags, &gate](const std::vector<std::string>& texts) -> absl::Status {
    ACCORD_ASSIGN_OR_RETURN(GateRules rules, ParseRules(flags, texts));
    gate.SetRules(std::move(rules));
    return absl::OkStatus();
  };
  return SourceWatch::Start(std::move(source), SourceWatch::First::kMustSucceed);
}

}  // namespace

void AddGateFlags(CLI::App& app, GateFlags& flags) {
  app.add_option("--access", flags.access,
                 "file of roles and what they may call, read again when it changes; empty, which "
                 "needs --insecure, lets everybody do everything, as whoever they say they are")
      ->capture_default_str();
  app.add_option("--bindings", flags.bindings,
                 "file that says who has which role, read again when it changes")
      ->capture_default_str();
  app.add_option("--token-issuer", flags.token_issuer,
                 "the identity provider whose tokens are accepted, as their \"iss\" names it")
      ->capture_default_str();
  app.add_option("--token-audience", flags.token_audience, "what tokens must be made for")
      ->capture_default_str();
  app.add_option("--token-keys", flags.token_keys,
                 "the provider's public keys (JWKS): a file, read again when it changes, or an "
                 "https:// URL; empty accepts no tokens, only certificates of services")
      ->capture_default_str();
  rpc::AddDuration(app, "--token-keys-period", flags.token_keys_period,
                   "how often keys are fetched from a URL, at least 1s");
}

std::function<std::shared_ptr<const SeparationRules>()> GateParts::Separations() const {
  if (gate == nullptr) return nullptr;
  return [gate = gate.get()] {
    const std::shared_ptr<const AccessPolicy> access = gate->rules().access;
    return std::shared_ptr<const SeparationRules>(access, &access->separations());
  };
}

absl::StatusOr<GateParts> MakeGate(const GateFlags& flags, bool insecure) {
  ACCORD_RETURN_IF_ERROR(CheckFlags(flags, insecure));
  GateParts parts;
  if (flags.access.empty()) {
    LogWarning("nobody is asked who they are (--insecure): anybody may do everything");
    return parts;
  }
  std::shared_ptr<TokenVerifier> tokens;
  if (!flags.token_keys.empty()) {
    tokens = std::make_shared<TokenVerifier>(
        TokenRules{.issuer = flags.token_issuer, .audience = flags.token_audience}, nullptr);
    ACCORD_ASSIGN_OR_RETURN(parts.keys, KeySource::Start({.location = flags.token_keys,
                                                          .url_period = flags.token_keys_period},
                                                         tokens));
  }
  parts.gate = std::make_unique<TokenGate>(GateRules(), std::move(tokens));
  ACCORD_ASSIGN_OR_RETURN(parts.rules, WatchRules(flags, *parts.gate));
  return parts;
}

}  // namespace accord::auth
