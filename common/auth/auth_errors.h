// How a caller's proof of identity can fail. None of them repeats a token.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/policy/access_policy.h"

namespace accord::auth {

inline constexpr char kDomain[] = "auth.accord";

namespace error {

// INVALID_ARGUMENT, KEYS_UNREADABLE: no JSON Web Key Set with a key in it.
absl::Status KeysUnreadable();

// NOT_FOUND, KEYS_MISSING.
absl::Status KeysMissing(absl::string_view path);

// PERMISSION_DENIED, METHOD_NOT_GRANTED: no role of the caller may call it.
absl::Status MethodNotGranted(absl::string_view method);

// RESOURCE_EXHAUSTED, CALLER_QUOTA: the caller has made as many calls as the limit allows;
// the next may come after `wait`, which RetryInfo says too.
absl::Status CallerQuota(const CallLimit& limit, absl::Duration wait);

// UNAVAILABLE, TOKEN_KEYS_MISSING: the provider's keys could not be fetched since the start,
// so that no token can be verified.
absl::Status TokenKeysMissing();

// All UNAUTHENTICATED.

// NO_PROOF: neither a token that is accepted here nor a service's certificate.
absl::Status NoProof();

// TOKEN_MALFORMED: no signed JWT, or too large.
absl::Status TokenMalformed();
// TOKEN_ALGORITHM: signed in a way that is not accepted, or not by what its key is for.
absl::Status TokenAlgorithm();
// TOKEN_KEY_UNKNOWN: the key that it names is not (or no longer) among the issuer's.
absl::Status TokenKeyUnknown();
// TOKEN_SIGNATURE: not signed by the key that it names.
absl::Status TokenSignature();
// TOKEN_INCOMPLETE: `claim` is missing or of a wrong type.
absl::Status TokenIncomplete(absl::string_view claim);
// TOKEN_ISSUER, TOKEN_AUDIENCE: made by, or for, somebody else.
absl::Status TokenIssuer();
absl::Status TokenAudience();
// TOKEN_EXPIRED, TOKEN_NOT_YET_VALID.
absl::Status TokenExpired();
absl::Status TokenNotYetValid();

}  // namespace error
}  // namespace accord::auth
