// Sockets of 127.0.0.1.
#pragma once

#include <netinet/in.h>

#include "absl/status/statusor.h"

namespace accord::testing {

// 127.0.0.1:`port`.
sockaddr_in Loopback(int port);

// A connected socket, to be closed by the caller. UNAVAILABLE when nobody listens there.
absl::StatusOr<int> ConnectTo(int port);

}  // namespace accord::testing
