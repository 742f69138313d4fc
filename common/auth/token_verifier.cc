#include "common/auth/token_verifier.h"

#include <jansson.h>
#include <rhonabwy.h>

#include <optional>
#include <utility>

#include "common/auth/auth_errors.h"
#include "common/base/crypto.h"
#include "common/base/status.h"

namespace accord::auth {
namespace {

struct FreeJwt {
  void operator()(jwt_t* jwt) const { r_jwt_free(jwt); }
};
using Jwt = std::unique_ptr<jwt_t, FreeJwt>;

struct FreeJson {
  void operator()(json_t* json) const { json_decref(json); }
};
using Json = std::unique_ptr<json_t, FreeJson>;

Json Claim(const Jwt& jwt, const char* name) {
  return Json(r_jwt_get_claim_json_t_value(jwt.get(), name));
}

// Empty when it is no string.
std::string Text(const Json& json) {
  const char* text = json == nullptr ? nullptr : json_string_value(json.get());
  return text == nullptr ? std::string() : std::string(text, json_string_length(json.get()));
}

// Seconds since 1970, with or without a fraction (RFC 7519, NumericDate).
std::optional<absl::Time> Time(const Json& json) {
  if (json == nullptr || !json_is_number(json.get())) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(json_number_value(json.get()));
}

bool Names(const Json& audience, const std::string& wanted) {
  if (audience == nullptr) return false;
  if (json_is_string(audience.get())) return Text(audience) == wanted;
  size_t index = 0;
  json_t* each = nullptr;
  json_array_foreach(audience.get(), index, each) {
    if (json_is_string(each) && wanted == json_string_value(each)) return true;
  }
  return false;
}

absl::StatusOr<Jwt> Parse(absl::string_view token) {
  jwt_t* raw = nullptr;
  if (token.size() > kMaxTokenBytes || r_jwt_init(&raw) != RHN_OK) return error::TokenMalformed();
  Jwt jwt(raw);
  // Also what is not signed, to name that fault; no key of the token's own.
  const int outcome = r_jwt_advanced_parsen(raw, token.data(), token.size(), R_PARSE_UNSIGNED,
                                            R_FLAG_IGNORE_REMOTE);
  if (outcome != RHN_OK) return error::TokenMalformed();
  return jwt;
}

// The name of the algorithm, where it is one that goes with the kind of key.
absl::string_view AlgorithmFor(jwa_alg algorithm, KeySet::Kind kind) {
  if (algorithm == R_JWA_ALG_RS256 && kind == KeySet::Kind::kRsa) return "RS256";
  if (algorithm == R_JWA_ALG_ES256 && kind == KeySet::Kind::kEc) return "ES256";
  if (algorithm == R_JWA_ALG_EDDSA && kind == KeySet::Kind::kEd25519) return "EdDSA";
  return "";
}

bool IsAccepted(jwa_alg algorithm) {
  return algorithm == R_JWA_ALG_RS256 || algorithm == R_JWA_ALG_ES256 ||
         algorithm == R_JWA_ALG_EDDSA;
}

absl::Status CheckSignature(const Jwt& jwt, const KeySet& keys) {
  const jwa_alg algorithm = r_jwt_get_sign_alg(jwt.get());
  if (!IsAccepted(algorithm)) return error::TokenAlgorithm();
  // It would name extensions that must be understood (RFC 7515, 4.1.11); we know none.
  if (Json(r_jwt_get_header_json_t_value(jwt.get(), "crit")) != nullptr) {
    return error::TokenMalformed();
  }
  const char* id = r_jwt_get_header_str_value(jwt.get(), "kid");
  const KeySet::Key* key = id == nullptr ? nullptr : keys.Find(id);
  if (key == nullptr) return error::TokenKeyUnknown();
  const absl::string_view name = AlgorithmFor(algorithm, key->kind);
  if (name.empty() || (!key->algorithm.empty() && key->algorithm != name)) {
    return error::TokenAlgorithm();
  }
  const int outcome = r_jwt_verify_signature(jwt.get(), key->jwk.get(), R_FLAG_IGNORE_REMOTE);
  return outcome == RHN_OK ? absl::OkStatus() : error::TokenSignature();
}

absl::StatusOr<Identity> ReadIdentity(const Jwt& jwt, const TokenRules& rules) {
  Identity identity;
  identity.issuer = Text(Claim(jwt, "iss"));
  if (identity.issuer != rules.issuer) return error::TokenIssuer();
  if (!Names(Claim(jwt, "aud"), rules.audience)) return error::TokenAudience();
  identity.subject = Text(Claim(jwt, "sub"));
  if (identity.subject.empty()) return error::TokenIncomplete("sub");
  const std::optional<absl::Time> expires = Time(Claim(jwt, "exp"));
  if (!expires) return error::TokenIncomplete("exp");
  identity.expires = *expires;
  identity.client = Text(Claim(jwt, "azp"));
  if (identity.client.empty()) identity.client = Text(Claim(jwt, "client_id"));
  return identity;
}

absl::Status CheckTime(const Jwt& jwt, const Identity& identity, absl::Duration leeway,
                       absl::Time now) {
  if (now >= identity.expires + leeway) return error::TokenExpired();
  const Json not_before = Claim(jwt, "nbf");
  if (not_before == nullptr) return absl::OkStatus();
  const std::optional<absl::Time> from = Time(not_before);
  if (!from) return error::TokenIncomplete("nbf");
  return now >= *from - leeway ? absl::OkStatus() : error::TokenNotYetValid();
}

}  // namespace

TokenVerifier::TokenVerifier(TokenRules rules, std::shared_ptr<const KeySet> keys,
                             size_t most_remembered)
    : rules_(std::move(rules)), most_remembered_(most_remembered), keys_(std::move(keys)) {}

void TokenVerifier::SetKeys(std::shared_ptr<const KeySet> keys) {
  std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
  remembered_.clear();
}

void TokenVerifier::TellUnknownKey() {
  std::lock_guard lock(mutex_);
  if (unknown_) unknown_();
}

void TokenVerifier::OnUnknownKey(std::function<void()> unknown) {
  std::lock_guard lock(mutex_);
  unknown_ = std::move(unknown);
}

absl::StatusOr<Identity> TokenVerifier::Verify(absl::string_view token, absl::Time now) {
  const std::string digest = Sha256(token);
  std::shared_ptr<const KeySet> keys;
  {
    std::lock_guard lock(mutex_);
    const auto known = remembered_.find(digest);
    if (known != remembered_.end()) {
      if (now < known->second.expires + rules_.leeway) return known->second;
      remembered_.erase(known);
      return error::TokenExpired();
    }
    keys = keys_;
  }
  if (keys == nullptr) return error::TokenKeysMissing();
  ACCORD_ASSIGN_OR_RETURN(const Jwt jwt, Parse(token));
  const absl::Status signature = CheckSignature(jwt, *keys);
  if (!signature.ok() && signature == error::TokenKeyUnknown()) TellUnknownKey();
  ACCORD_RETURN_IF_ERROR(signature);
  ACCORD_ASSIGN_OR_RETURN(Identity identity, ReadIdentity(jwt, rules_));
  ACCORD_RETURN_IF_ERROR(CheckTime(jwt, identity, rules_.leeway, now));
  std::lock_guard lock(mutex_);
  // Verified with keys that may have gone meanwhile.
  if (keys != keys_) return identity;
  if (remembered_.size() >= most_remembered_) remembered_.clear();
  remembered_.emplace(digest, identity);
  return identity;
}

}  // namespace accord::auth
