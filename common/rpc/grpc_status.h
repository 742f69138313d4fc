// The one boundary between absl::Status and grpc::Status.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace accord::rpc {

// What message and details may take up together as they travel (percent-encoded
// and base64), so that all trailers fit gRPC's default limit of 8 KiB.
inline constexpr size_t kMaxStatusBytes = 7000;

// What a caller sees of `status`: a google.rpc.Status with exactly one ErrorInfo.
//
// A status without an ErrorInfo was never meant for callers: its text does not
// leave, UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED and
// RESOURCE_EXHAUSTED keep their code, the rest is INTERNAL; the ErrorInfo is made
// with `domain`. What exceeds kMaxStatusBytes loses, until it fits: the end of its
// message; the last field violations (ErrorInfo metadata "violations_listed" says
// how many are left); its other details ("details_dropped" counts them); the
// ErrorInfo's own metadata.
grpc::Status ToGrpcStatus(const absl::Status& status, absl::string_view domain);

// The reverse, with the details as payloads. An answer without ErrorInfo (a peer
// that cannot be reached, a proxy) gets one with domain "rpc.accord" and reason
// UNREACHABLE for UNAVAILABLE, else the name of the code.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace accord::rpc
