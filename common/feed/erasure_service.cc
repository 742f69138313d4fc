#include "common/feed/erasure_service.h"

#include <grpcpp/support/server_callback.h>

#include <utility>

#include "common/base/error.h"
#include "common/base/status.h"
#include "common/service/standard.h"
#include "common/store/erase.h"
#include "common/store/log_reader.h"

namespace accord::feed {
namespace {

using log::v1::ErasePersonalFieldsRequest;
using log::v1::ErasePersonalFieldsResponse;

constexpr size_t kMaxName = 256;
constexpr size_t kMaxReason = 2000;

absl::StatusOr<ErasePersonalFieldsResponse> Erase(store::Store& store, rpc::Call& call,
                                                  const ErasePersonalFieldsRequest& request) {
  FieldViolations violations;
  service::RequireText(violations, "name", request.name(), kMaxName);
  service::RequireText(violations, "reason", request.reason(), kMaxReason);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(store::kLogDomain));
  ACCORD_ASSIGN_OR_RETURN(
      store::Erased erased,
      store::ErasePersonalFields(store, request.name(),
                                 service::ContextOf(call, "ErasePersonalFields", request)));
  service::SetRevision(call, store, erased.position);
  ErasePersonalFieldsResponse response;
  for (std::string& field : erased.fields) response.add_fields_erased(std::move(field));
  response.set_images_erased(erased.images);
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* ErasureService::ErasePersonalFields(
    grpc::CallbackServerContext* context, const ErasePersonalFieldsRequest* request,
    ErasePersonalFieldsResponse* response) {
  // Reads every image of the resource.
  static const auto& method = *new rpc::MethodSpec{"accord.log.v1.Erasure/ErasePersonalFields",
                                                   absl::Minutes(5), absl::Minutes(30)};
  return runtime_.Unary(context, request, response, method,
                        [this](rpc::Call& call, const ErasePersonalFieldsRequest& request) {
                          return Erase(store_, call, request);
                        });
}

}  // namespace accord::feed
