// Who is calling, by the bearer token that an identity provider has signed.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/auth/key_set.h"

namespace accord::auth {

struct TokenRules {
  // The `iss` that tokens must bear, exactly.
  std::string issuer{};
  // What must be (among) their `aud`.
  std::string audience{};
  // How far the clocks of issuer and verifier may differ.
  absl::Duration leeway = absl::Seconds(30);
};

// Of a token that was verified. It says who it is, not what they may do.
struct Identity {
  std::string issuer{};
  std::string subject{};
  // The program that the token was given to (`azp`, else `client_id`); may be empty.
  std::string client{};
  absl::Time expires{};

  bool operator==(const Identity&) const = default;
};

// Larger tokens are refused unread.
inline constexpr size_t kMaxTokenBytes = 8 << 10;

// Thread-safe. What was verified is remembered, by the token's digest, until the token
// expires or the keys change, because a signature costs more than the rest of a call.
class TokenVerifier {
 public:
  // Null `keys`: none are known yet. `most_remembered`: tokens; when there are more, all are
  // forgotten.
  TokenVerifier(TokenRules rules, std::shared_ptr<const KeySet> keys,
                size_t most_remembered = 10'000);

  // From now on, these keys and no others.
  void SetKeys(std::shared_ptr<const KeySet> keys);

  // Called, from then on, when a token names a key that is not known; null is nobody. It must
  // not block, and once this returns the one before is called no more.
  void OnUnknownKey(std::function<void()> unknown);

  // Accepts RS256, ES256 and EdDSA (RFC 7518, RFC 8037), each with a key of that kind
  // only; keys that a token brings or points to are not looked at. `sub` and `exp` are
  // required; `nbf` holds where it is given. Errors: UNAUTHENTICATED, and UNAVAILABLE,
  // TOKEN_KEYS_MISSING (auth_errors.h).
  absl::StatusOr<Identity> Verify(absl::string_view token, absl::Time now);

 private:
  void TellUnknownKey();

  const TokenRules rules_;
  const size_t most_remembered_;
  std::mutex mutex_;
  std::function<void()> unknown_;  // Guarded by mutex_, as all below.
  std::shared_ptr<const KeySet> keys_;
  absl::flat_hash_map<std::string, Identity> remembered_;  // By SHA-256 of the token.
};

}  // namespace accord::auth
