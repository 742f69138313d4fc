// The Access service: who the caller is, and who may call what. Written once, served by all.
#pragma once

#include "accord/access/v1/access.grpc.pb.h"
#include "common/auth/token_gate.h"
#include "common/rpc/runtime.h"

namespace accord::auth {

inline constexpr char kAccessDomain[] = "access.accord";

// What the table says of a method that `request` names, for somebody with the roles that it
// names, or, where it names none, for `caller`. Errors: INVALID_ARGUMENT, INVALID_FIELDS, which
// tells the closest names of a method or role that the table does not have.
absl::StatusOr<access::v1::CheckAccessResponse> CheckAccess(
    const access::v1::CheckAccessRequest& request, const AccessPolicy& access,
    const KnownCaller& caller);

// Thread-safe.
class AccessService final : public access::v1::Access::CallbackService {
 public:
  // Both outlive the service. Without a gate every call is FAILED_PRECONDITION, GATE_OFF.
  AccessService(rpc::Runtime& runtime, TokenGate* gate) : runtime_(runtime), gate_(gate) {}

  grpc::ServerUnaryReactor* WhoAmI(grpc::CallbackServerContext* context,
                                   const access::v1::WhoAmIRequest* request,
                                   access::v1::WhoAmIResponse* response) override;
  grpc::ServerUnaryReactor* CheckAccess(grpc::CallbackServerContext* context,
                                        const access::v1::CheckAccessRequest* request,
                                        access::v1::CheckAccessResponse* response) override;

 private:
  absl::StatusOr<KnownCaller> Ask(const rpc::Credentials& credentials);

  rpc::Runtime& runtime_;
  TokenGate* const gate_;
};

}  // namespace accord::auth
