// Which addresses are this machine's own.
#pragma once

#include "absl/strings/string_view.h"

namespace accord {

// "localhost", an address of 127.0.0.0/8, or "::1" (also "[::1]").
bool IsLoopbackHost(absl::string_view host);

// "HOST:PORT" of a loopback host, or "unix:PATH".
bool IsLoopbackAddress(absl::string_view address);

// Whether every address of a gRPC target ("HOST:PORT", "ipv4:A:1,B:2", "dns:///HOST:PORT",
// "unix:PATH") is one.
bool IsLoopbackTarget(absl::string_view target);

}  // namespace accord
