#include "common/auth/auth_errors.h"

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace accord::auth::error {
namespace {

absl::Status Refuse(absl::string_view reason, absl::string_view message) {
  return MakeError(absl::StatusCode::kUnauthenticated, kDomain, reason, message);
}

}  // namespace

absl::Status KeysUnreadable() {
  return MakeError(absl::StatusCode::kInvalidArgument, kDomain, "KEYS_UNREADABLE",
                   "not a JSON Web Key Set with a signing key");
}

absl::Status KeysMissing(absl::string_view path) {
  return MakeError(absl::StatusCode::kNotFound, kDomain, "KEYS_MISSING",
                   absl::StrCat("cannot read the file of token keys ", path));
}

absl::Status MethodNotGranted(absl::string_view method) {
  return MakeError(absl::StatusCode::kPermissionDenied, kDomain, "METHOD_NOT_GRANTED",
                   absl::StrCat("none of your roles may call ", method),
                   {{"method", std::string(method)}});
}

absl::Status CallerQuota(const CallLimit& limit, absl::Duration wait) {
  const std::string period = absl::FormatDuration(limit.period);
  const absl::Status status =
      MakeError(absl::StatusCode::kResourceExhausted, kDomain, "CALLER_QUOTA",
                absl::StrCat("you may make ", limit.calls, " such calls in ", period, " (limit ",
                             limit.code, "); the next in ", absl::FormatDuration(wait)),
                {{"limit", limit.code}, {"calls", absl::StrCat(limit.calls)}, {"period", period}});
  return WithRetryAfter(status, wait);
}

absl::Status TokenKeysMissing() {
  return MakeError(absl::StatusCode::kUnavailable, kDomain, "TOKEN_KEYS_MISSING",
                   "the identity provider's keys could not be fetched yet, so no token can be "
                   "verified");
}

absl::Status NoProof() {
  return Refuse("NO_PROOF",
                "send a token (authorization: Bearer …) or connect with a service's "
                "certificate");
}

absl::Status TokenMalformed() { return Refuse("TOKEN_MALFORMED", "the token is not a signed JWT"); }

absl::Status TokenAlgorithm() {
  return Refuse("TOKEN_ALGORITHM",
                "the token must be signed with RS256, ES256 or EdDSA, as its "
                "key is for");
}

absl::Status TokenKeyUnknown() {
  return Refuse("TOKEN_KEY_UNKNOWN", "the token names a key that its issuer does not publish");
}

absl::Status TokenSignature() {
  return Refuse("TOKEN_SIGNATURE", "the token is not signed by the key that it names");
}

absl::Status TokenIncomplete(absl::string_view claim) {
  return Refuse("TOKEN_INCOMPLETE", absl::StrCat("the token lacks a valid claim ", claim));
}

absl::Status TokenIssuer() {
  return Refuse("TOKEN_ISSUER", "the token is from an issuer that is not trusted here");
}

absl::Status TokenAudience() {
  return Refuse("TOKEN_AUDIENCE", "the token was made for another audience");
}

absl::Status TokenExpired() {
  return Refuse("TOKEN_EXPIRED", "the token has expired; get a new one");
}

absl::Status TokenNotYetValid() {
  return Refuse("TOKEN_NOT_YET_VALID", "the token is not valid yet");
}

}  // namespace accord::auth::error
