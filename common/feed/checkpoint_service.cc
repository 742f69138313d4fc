#include "common/feed/checkpoint_service.h"

#include <grpcpp/support/server_callback.h>

#include "common/base/error.h"
#include "common/base/status.h"
#include "common/feed/read_record.h"
#include "common/store/checkpoints.h"
#include "common/store/log_reader.h"

namespace accord::feed {
namespace {

absl::Status CheckpointsOff() {
  return MakeError(absl::StatusCode::kFailedPrecondition, store::kLogDomain, "CHECKPOINTS_OFF",
                   "this service signs no checkpoints: it was started without --checkpoint-key");
}

}  // namespace

grpc::ServerUnaryReactor* CheckpointService::CreateCheckpoint(
    grpc::CallbackServerContext* context, const log::v1::CreateCheckpointRequest* request,
    log::v1::Checkpoint* response) {
  static const auto& method = *new rpc::MethodSpec{"accord.log.v1.Checkpoints/CreateCheckpoint"};
  return runtime_.Unary(
      context, request, response, method,
      [this](rpc::Call&,
             const log::v1::CreateCheckpointRequest&) -> absl::StatusOr<log::v1::Checkpoint> {
        if (notary_ == nullptr) return CheckpointsOff();
        return notary_->Sign();
      });
}

grpc::ServerUnaryReactor* CheckpointService::ListCheckpoints(
    grpc::CallbackServerContext* context, const log::v1::ListCheckpointsRequest* request,
    log::v1::ListCheckpointsResponse* response) {
  static const auto& method = *new rpc::MethodSpec{"accord.log.v1.Checkpoints/ListCheckpoints"};
  return runtime_.Unary(context, request, response, method,
                        [this](rpc::Call& call, const log::v1::ListCheckpointsRequest& request)
                            -> absl::StatusOr<log::v1::ListCheckpointsResponse> {
                          log::v1::LogRead read;
                          read.set_method(method.name);
                          ACCORD_RETURN_IF_ERROR(RecordRead(store_, call, std::move(read)));
                          return store::ListCheckpoints(store_, request, call.caller().actor,
                                                        call.deadline());
                        });
}

grpc::ServerUnaryReactor* CheckpointService::ExportChanges(
    grpc::CallbackServerContext* context, const log::v1::ExportChangesRequest* request,
    log::v1::ExportChangesResponse* response) {
  static const auto& method = *new rpc::MethodSpec{"accord.log.v1.Checkpoints/ExportChanges"};
  return runtime_.Unary(context, request, response, method,
                        [this](rpc::Call& call, const log::v1::ExportChangesRequest& request)
                            -> absl::StatusOr<log::v1::ExportChangesResponse> {
                          log::v1::LogRead read;
                          read.set_method(method.name);
                          read.set_from_revision(request.after_revision() + 1);
                          ACCORD_RETURN_IF_ERROR(RecordRead(store_, call, std::move(read)));
                          return store::ExportChanges(store_, request, call.deadline());
                        });
}

}  // namespace accord::feed
