#include "common/auth/http_get.h"

#include <curl/curl.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/loopback.h"
#include "common/base/status.h"

namespace accord::auth {
namespace {

constexpr long kOk = 200;

struct FreeCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

// Empty when the URL has no such part.
std::string Part(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return std::string();
  const std::string value(text);
  curl_free(text);
  return value;
}

struct Body {
  const size_t most_bytes;
  std::string text{};
  bool too_large = false;
};

// libcurl ends the transfer when less is taken than was offered.
size_t Take(char* data, size_t, size_t size, void* user) {
  auto& body = *static_cast<Body*>(user);
  body.too_large = body.text.size() + size > body.most_bytes;
  if (body.too_large) return 0;
  body.text.append(data, size);
  return size;
}

void SetUp(CURL* curl, const std::string& url, const HttpLimits& limits, Body& body) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(limits.timeout)));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // Signals are the program's.
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  // What is plain text stays on this machine.
  if (absl::StartsWithIgnoreCase(url, "http:")) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
}

absl::Status Failed(const std::string& url, absl::string_view why) {
  return absl::UnavailableError(absl::StrCat("cannot fetch ", url, ": ", why));
}

}  // namespace

bool IsUrl(const std::string& text) { return absl::StrContains(text, "://"); }

absl::Status CheckUrl(const std::string& text) {
  const Url url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return absl::InvalidArgumentError("not a URL of http or https");
  }
  if (!Part(url, CURLUPART_USER).empty() || !Part(url, CURLUPART_PASSWORD).empty()) {
    return absl::InvalidArgumentError("a URL must not hold a user or a password");
  }
  const std::string scheme = Part(url, CURLUPART_SCHEME);
  if (scheme == "https") return absl::OkStatus();
  if (scheme == "http" && IsLoopbackHost(Part(url, CURLUPART_HOST))) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("must be https://, or http:// to a loopback host: ", text));
}

absl::StatusOr<std::string> HttpGet(const std::string& url, const HttpLimits& limits) {
  ACCORD_RETURN_IF_ERROR(CheckUrl(url));
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, FreeCurl> curl(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (curl == nullptr) return Failed(url, "libcurl does not start");
  Body body{.most_bytes = limits.most_bytes};
  SetUp(curl.get(), url, limits, body);
  const CURLcode code = curl_easy_perform(curl.get());
  if (body.too_large) return Failed(url, absl::StrCat("more than ", limits.most_bytes, " octets"));
  if (code != CURLE_OK) return Failed(url, curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != kOk) return Failed(url, absl::StrCat("it answers ", status));
  return std::move(body.text);
}

}  // namespace accord::auth
