// How the gRPC face of a service hands its calls to handlers.
#pragma once

#include "absl/strings/string_view.h"
#include "common/rpc/runtime.h"

namespace accord::service {

// What the class of a service derives from beside its generated one; each of its methods is then
// one line. `kSpecOf` gives the spec of a method by its short name, and is asked once for each.
// Thread-safe. Both outlive it.
template <typename Handlers, rpc::MethodSpec (*kSpecOf)(absl::string_view method)>
class Serving {
 public:
  Serving(rpc::Runtime& runtime, Handlers& handlers) : runtime_(runtime), handlers_(handlers) {}

 protected:
  // By (handlers.*kHandler)(call, request).
  template <auto kHandler, typename Request, typename Response>
  grpc::ServerUnaryReactor* Serve(absl::string_view method, grpc::CallbackServerContext* context,
                                  const Request* request, Response* response) {
    static const auto& spec = *new rpc::MethodSpec(kSpecOf(method));
    return runtime_.Unary(context, request, response, spec,
                          [this](rpc::Call& call, const Request& request) {
                            return (handlers_.*kHandler)(call, request);
                          });
  }

  // By (handlers.*kHandler)(call, kStep, request): methods that differ only in the step they
  // take, which MethodOf names.
  template <auto kHandler, auto kStep, typename Request, typename Response>
  grpc::ServerUnaryReactor* ServeStep(grpc::CallbackServerContext* context, const Request* request,
                                      Response* response) {
    static const auto& spec = *new rpc::MethodSpec(kSpecOf(MethodOf(kStep)));
    return runtime_.Unary(context, request, response, spec,
                          [this](rpc::Call& call, const Request& request) {
                            return (handlers_.*kHandler)(call, kStep, request);
                          });
  }

 private:
  rpc::Runtime& runtime_;
  Handlers& handlers_;
};

}  // namespace accord::service
