// The gRPC face of the handlers, compiled once: it is the costliest file of a service.
#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "common/rpc/runtime.h"
#include "services/agreements/handlers.h"

namespace accord::agreements {

// Thread-safe. Both outlive the service.
std::unique_ptr<grpc::Service> MakeService(rpc::Runtime& runtime, Handlers& handlers);

}  // namespace accord::agreements
