// Who may come in: asked once for every call, before anything else of it is looked at.
#pragma once

#include <grpcpp/support/string_ref.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/policy/reach.h"
#include "common/rpc/call.h"

namespace grpc {
class ServerContextBase;
}  // namespace grpc

namespace accord::rpc {

// What a caller brings as proof.
struct Credentials {
  // Of "authorization: Bearer …"; empty without one. Never logged.
  std::string bearer{};
  // URI names in the certificate that the connection was made with; only what TLS has
  // verified.
  std::vector<std::string> peer_uris{};
};

// The characters that gRPC lends for the length of a call.
absl::string_view View(grpc::string_ref text);

// What came with a call, from a peer that TLS has verified where it did.
Credentials ReadCredentials(const grpc::ServerContextBase& context);

struct Admission {
  // `client` is left empty where the proof does not say it.
  Caller caller{};
  Reach reach{};
  // Whether it has to be recorded when the caller reads the log.
  bool log_reads_recorded = false;
};

// Thread-safe.
class Gate {
 public:
  virtual ~Gate() = default;
  // `method`: "package.Service/Method". UNAUTHENTICATED when nobody known is proven to
  // call; PERMISSION_DENIED when they may not call this.
  virtual absl::StatusOr<Admission> Admit(const Credentials& credentials, absl::string_view method,
                                          absl::Time now) = 0;
};

}  // namespace accord::rpc
