// The Erasure of a service, over its own store. Written once, served by all.
#pragma once

#include "accord/log/v1/erasure.grpc.pb.h"
#include "common/rpc/runtime.h"
#include "common/store/store.h"

namespace accord::feed {

// Thread-safe.
class ErasureService final : public log::v1::Erasure::CallbackService {
 public:
  // Both outlive the service.
  ErasureService(store::Store& store, rpc::Runtime& runtime) : store_(store), runtime_(runtime) {}

  grpc::ServerUnaryReactor* ErasePersonalFields(
      grpc::CallbackServerContext* context, const log::v1::ErasePersonalFieldsRequest* request,
      log::v1::ErasePersonalFieldsResponse* response) override;

 private:
  store::Store& store_;
  rpc::Runtime& runtime_;
};

}  // namespace accord::feed
