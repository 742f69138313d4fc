#include "tests/integration/wire.h"

#include <grpcpp/client_context.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/client_callback.h>

#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/rpc/grpc_status.h"

namespace accord::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

// One request, one message back. A stream is left once its first message is here.
class Exchange final : public grpc::ClientBidiReactor<Message, Message> {
 public:
  Exchange(const std::shared_ptr<grpc::Channel>& channel, const MethodDescriptor& method,
           const Message& request, Message& response, const rpc::CallOptions& options)
      : leave_(method.server_streaming()), stub_(channel) {
    rpc::internal::PrepareContext(options, context_);
    const std::string path = absl::StrCat("/", method.service()->full_name(), "/", method.name());
    stub_.PrepareBidiStreamingCall(&context_, path, {}, this);
    StartWriteLast(&request, {});
    StartRead(&response);
    StartCall();
  }

  // Every call has its deadline, so this ends.
  absl::Status Wait() {
    const grpc::Status status = done_.get_future().get();
    if (answered_ && (leave_ || status.ok())) return absl::OkStatus();
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return absl::InternalError("OK without a message");
  }

  void OnReadDone(bool ok) override {
    answered_ = ok;
    if (ok && leave_) context_.TryCancel();
  }
  void OnDone(const grpc::Status& status) override { done_.set_value(status); }

 private:
  const bool leave_;
  grpc::TemplatedGenericStub<Message, Message> stub_;
  grpc::ClientContext context_;
  bool answered_ = false;
  std::promise<grpc::Status> done_;
};

void Set(Message& message, const char* field, const std::string& value) {
  message.GetReflection()->SetString(&message, message.GetDescriptor()->FindFieldByName(field),
                                     value);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Message>> FirstAnswer(const std::shared_ptr<grpc::Channel>& channel,
                                                     const MethodDescriptor& method,
                                                     const Message& request,
                                                     const rpc::CallOptions& options) {
  std::unique_ptr<Message> response = NewMessage(*method.output_type());
  ACCORD_RETURN_IF_ERROR(Exchange(channel, method, request, *response, options).Wait());
  return response;
}

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

absl::StatusOr<std::set<std::string>> DescribedServices(
    const std::shared_ptr<grpc::Channel>& channel) {
  // Its contract is part of this program only when something of its library is.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  const MethodDescriptor* method = DescriptorPool::generated_pool()->FindMethodByName(
      "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo");
  if (method == nullptr) return absl::InternalError("this program does not know reflection");
  const std::unique_ptr<Message> request = NewMessage(*method->input_type());
  Set(*request, "list_services", "*");
  ACCORD_ASSIGN_OR_RETURN(const std::unique_ptr<Message> answer,
                          FirstAnswer(channel, *method, *request));
  const auto field = [](const Message& message, const char* name) {
    return message.GetDescriptor()->FindFieldByName(name);
  };
  const Message& list =
      answer->GetReflection()->GetMessage(*answer, field(*answer, "list_services_response"));
  std::set<std::string> names;
  for (int i = 0; i < list.GetReflection()->FieldSize(list, field(list, "service")); ++i) {
    const Message& service =
        list.GetReflection()->GetRepeatedMessage(list, field(list, "service"), i);
    names.insert(service.GetReflection()->GetString(service, field(service, "name")));
  }
  return names;
}

}  // namespace accord::testing
