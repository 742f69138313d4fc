// Calls of methods that are known by their descriptions only.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/channel.h>

#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/channel.h"

namespace accord::testing {

// Calls and waits for the first message that the method answers with; of a stream nothing
// more is read. Errors as FromGrpcStatus gives them; INTERNAL for an OK without a message.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> FirstAnswer(
    const std::shared_ptr<grpc::Channel>& channel, const google::protobuf::MethodDescriptor& method,
    const google::protobuf::Message& request, const rpc::CallOptions& options = {});

// A message of this type with nothing in it.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);

// Names of the services that a server describes by reflection.
absl::StatusOr<std::set<std::string>> DescribedServices(
    const std::shared_ptr<grpc::Channel>& channel);

}  // namespace accord::testing
