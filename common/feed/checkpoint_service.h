// The Checkpoints of a service, over its own store. Written once, served by all.
#pragma once

#include "accord/log/v1/checkpoints.grpc.pb.h"
#include "common/feed/notary.h"
#include "common/rpc/runtime.h"
#include "common/store/store.h"

namespace accord::feed {

// Thread-safe.
class CheckpointService final : public log::v1::Checkpoints::CallbackService {
 public:
  // All outlive the service. Without a notary nothing is signed; what was, is listed.
  CheckpointService(store::Store& store, rpc::Runtime& runtime, Notary* notary)
      : store_(store), runtime_(runtime), notary_(notary) {}

  grpc::ServerUnaryReactor* CreateCheckpoint(grpc::CallbackServerContext* context,
                                             const log::v1::CreateCheckpointRequest* request,
                                             log::v1::Checkpoint* response) override;
  grpc::ServerUnaryReactor* ListCheckpoints(grpc::CallbackServerContext* context,
                                            const log::v1::ListCheckpointsRequest* request,
                                            log::v1::ListCheckpointsResponse* response) override;
  grpc::ServerUnaryReactor* ExportChanges(grpc::CallbackServerContext* context,
                                          const log::v1::ExportChangesRequest* request,
                                          log::v1::ExportChangesResponse* response) override;

 private:
  store::Store& store_;
  rpc::Runtime& runtime_;
  Notary* const notary_;
};

}  // namespace accord::feed
