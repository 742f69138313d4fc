// TLS credentials from files that are read again while the program runs.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/tls.h"

namespace accord::rpc {

// How soon a replaced certificate file is noticed.
inline constexpr unsigned kTlsReloadSeconds = 10;

// INVALID_ARGUMENT when certificate and key are not both named, or a file cannot
// be read. `ca` makes client certificates required.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> TlsServerCredentials(
    const TlsFiles& files);

// INVALID_ARGUMENT as above. Without `ca` the system's authorities are trusted.
// The certificate must be for the name that the channel checks.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> TlsChannelCredentials(
    const TlsFiles& files);

}  // namespace accord::rpc
