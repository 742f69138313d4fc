// Fetches one small text over HTTPS.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace accord::auth {

struct HttpLimits {
  size_t most_bytes = size_t{1} << 20;
  // For all of it, connecting included.
  absl::Duration timeout = absl::Seconds(5);
};

// Whether the text is a URL, and not the path of a file.
bool IsUrl(const std::string& text);

// OK for "https://…", and for "http://…" of a loopback host. INVALID_ARGUMENT for any other,
// and for one that holds a user's name or password.
absl::Status CheckUrl(const std::string& url);

// The body of the answer 200. The server's certificate must be good for its name, by the
// system's roots; redirects are not followed. Blocks. UNAVAILABLE, with what went wrong.
absl::StatusOr<std::string> HttpGet(const std::string& url, const HttpLimits& limits = {});

}  // namespace accord::auth
