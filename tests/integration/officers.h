// Puts officers on record through a gateway, as somebody who may do all that takes.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/rpc/channel.h"

namespace accord::testing {

// A request given as text.
template <typename Request>
Request Parse(const std::string& text) {
  Request request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return request;
}

// All dates lie in 2025: nominated on 6 January, certified on 3 March, authorized on 10 March.
class OfficerRecorder {
 public:
  explicit OfficerRecorder(const std::shared_ptr<grpc::Channel>& gateway, rpc::CallOptions as = {});

  // The officer's name.
  absl::StatusOr<std::string> Nominate(const std::string& agreement) const;
  // Clears, trains and certifies somebody who was nominated; the name of the completion.
  absl::StatusOr<std::string> Certify(const std::string& officer, const std::string& course) const;
  // Authorizes somebody who was certified, and records the papers that any model asks for.
  absl::Status Authorize(const std::string& officer) const;

 private:
  using Stub = training::v1::Training::Stub;

  const std::unique_ptr<Stub> stub_;
  const rpc::CallOptions as_;
};

}  // namespace accord::testing
