#include "common/auth/key_source.h"

#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "common/auth/auth_errors.h"
#include "common/auth/http_get.h"
#include "common/base/status.h"

namespace accord::auth {
namespace {

using Texts = std::vector<std::string>;

absl::StatusOr<Texts> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) return error::KeysMissing(path);
  return Texts{std::move(text)};
}

absl::StatusOr<Texts> Fetch(const std::string& url) {
  ACCORD_ASSIGN_OR_RETURN(std::string text, HttpGet(url));
  return Texts{std::move(text)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeySource>> KeySource::Start(
    const KeySourceOptions& options, std::shared_ptr<TokenVerifier> verifier) {
  const bool is_url = IsUrl(options.location);
  if (is_url) ACCORD_RETURN_IF_ERROR(CheckUrl(options.location));
  SourceOptions source{.name = "token keys", .location = options.location};
  source.read = [is_url, location = options.location] {
    return is_url ? Fetch(location) : ReadFile(location);
  };
  source.use = [verifier](const Texts& texts) -> absl::Status {
    ACCORD_ASSIGN_OR_RETURN(auto keys, KeySet::Parse(texts[0]));
    verifier->SetKeys(std::move(keys));
    return absl::OkStatus();
  };
  if (is_url) {
    source.times = options.url_times;
    source.times.period = options.url_period;
  }
  // A provider that is down must not keep the services down.
  const auto first = is_url ? SourceWatch::First::kMayFail : SourceWatch::First::kMustSucceed;
  ACCORD_ASSIGN_OR_RETURN(auto watch, SourceWatch::Start(std::move(source), first));
  if (is_url) verifier->OnUnknownKey([raw = watch.get()] { raw->Hurry(); });
  return std::unique_ptr<KeySource>(new KeySource(std::move(verifier), std::move(watch)));
}

KeySource::~KeySource() { verifier_->OnUnknownKey(nullptr); }

}  // namespace accord::auth
