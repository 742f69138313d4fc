// The gateway's own methods. Each asks, waits within its deadline, and answers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/gateway/v1/gateway.grpc.pb.h"
#include "common/base/clock.h"
#include "common/policy/policy.h"
#include "common/rpc/runtime.h"
#include "services/gateway/authority_views.h"
#include "services/gateway/projection.h"
#include "services/gateway/status_views.h"

namespace accord::gateway {

// What the service uses. Nothing is owned; all of it outlives the service.
struct Deps {
  rpc::Runtime& runtime;
  const Policy& policy;
  const Clock& clock;
  Projection& projection;
  const StatusViews& statuses;
  // Null where there is no training service.
  const TrainingReader* training = nullptr;
  const AuthorityViews* authorities = nullptr;
  // store::kPageTokenKeyBytes octets.
  std::string page_key;
  // The most that a call waits for its freshness tokens.
  absl::Duration freshness_wait = absl::Seconds(2);
};

// Statuses are kept as bytes, so their method takes and gives bytes.
using GatewayStubs =
    v1::Gateway::WithRawCallbackMethod_GetAgencyStatus<v1::Gateway::CallbackService>;

// Thread-safe.
class GatewayService final : public GatewayStubs {
 public:
  explicit GatewayService(Deps deps) : deps_(std::move(deps)) {}

  grpc::ServerUnaryReactor* GetAgencyStatus(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* BatchGetAgencyStatuses(
      grpc::CallbackServerContext* context, const v1::BatchGetAgencyStatusesRequest* request,
      v1::BatchGetAgencyStatusesResponse* response) override;
  grpc::ServerUnaryReactor* ListAgencyStatuses(grpc::CallbackServerContext* context,
                                               const v1::ListAgencyStatusesRequest* request,
                                               v1::ListAgencyStatusesResponse* response) override;
  grpc::ServerUnaryReactor* GetProgramMetrics(grpc::CallbackServerContext* context,
                                              const v1::GetProgramMetricsRequest* request,
                                              v1::ProgramMetrics* response) override;
  grpc::ServerUnaryReactor* GetOfficerAuthority(grpc::CallbackServerContext* context,
                                                const v1::GetOfficerAuthorityRequest* request,
                                                v1::OfficerAuthority* response) override;

 private:
  // The date asked about and the policy that holds on it.
  struct AsOf {
    Date date{};
    const PolicyView* policy = nullptr;
  };

  AsOf ReadAsOf(bool given, const google::type::Date& as_of, FieldViolations& violations) const;
  std::optional<Place> ReadPageToken(const std::string& token, const std::string& binding,
                                     FieldViolations& violations) const;
  // Does not block.
  void Status(const grpc::ByteBuffer& request, rpc::Responder<grpc::ByteBuffer> responder) const;
  absl::StatusOr<v1::BatchGetAgencyStatusesResponse> Statuses(
      rpc::Call& call, const v1::BatchGetAgencyStatusesRequest& request) const;
  absl::StatusOr<v1::ListAgencyStatusesResponse> List(
      rpc::Call& call, const v1::ListAgencyStatusesRequest& request) const;
  absl::StatusOr<v1::ProgramMetrics> Metrics(rpc::Call& call,
                                             const v1::GetProgramMetricsRequest& request) const;
  absl::StatusOr<v1::OfficerAuthority> Authority(
      rpc::Call& call, const v1::GetOfficerAuthorityRequest& request) const;

  const Deps deps_;
};

}  // namespace accord::gateway
