// Where the keys of tokens come from, and that they stay new.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/auth/source_watch.h"
#include "common/auth/token_verifier.h"

namespace accord::auth {

struct KeySourceOptions {
  // A file (JWKS), or the URL of one (http_get.h).
  std::string location{};
  // A URL is fetched so often; a file is looked at every second.
  absl::Duration url_period = absl::Minutes(5);
  // For tests.
  LookTimes url_times{.retry = absl::Seconds(1), .between_hurries = absl::Seconds(30)};
};

// Gives a verifier its keys while it lives, and new ones when they change. A URL is fetched
// at once (but not more often than every 30 s) when a token names a key that is not known.
class KeySource {
 public:
  // The verifier has the keys when this returns; or, where a URL does not answer, none: then
  // the log says so, it is asked again (after 1 s, 2 s, …), and until then no token is good.
  // Errors: INVALID_ARGUMENT for a URL that may not be used; of a file NOT_FOUND,
  // KEYS_MISSING, and those of KeySet::Parse.
  static absl::StatusOr<std::unique_ptr<KeySource>> Start(const KeySourceOptions& options,
                                                          std::shared_ptr<TokenVerifier> verifier);
  ~KeySource();
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;

 private:
  KeySource(std::shared_ptr<TokenVerifier> verifier, std::unique_ptr<SourceWatch> watch)
      : verifier_(std::move(verifier)), watch_(std::move(watch)) {}

  const std::shared_ptr<TokenVerifier> verifier_;
  const std::unique_ptr<SourceWatch> watch_;
};

}  // namespace accord::auth
