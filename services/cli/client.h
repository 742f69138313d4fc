// The connection to the gateway: every call of every command goes through here.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "accord/log/v1/log.pb.h"
#include "common/base/status.h"
#include "services/cli/config.h"
#include "services/cli/revisions.h"

namespace accord::cli {

// Sent with each call, and kept in the log.
struct Identity {
  std::string actor;
  // For example `accordctl/0.1.0`.
  std::string client;
  // Bearer token, the proof of it; empty is none.
  std::string token{};
};

// What the full names of the methods of a service begin with.
inline constexpr char kAgreements[] = "accord.agreements.v1.Agreements.";
inline constexpr char kTraining[] = "accord.training.v1.Training.";

class Client {
 public:
  // Connects when first used. INVALID_ARGUMENT for TLS files that do not go together.
  static absl::StatusOr<std::unique_ptr<Client>> Open(const Context& context,
                                                      const Identity& identity,
                                                      RevisionFile revisions);

  // Per call.
  struct Options {
    absl::Duration timeout = absl::Seconds(30);
    // Whose log a call of ChangeFeed or Checkpoints is about.
    std::string log_service = "agreements";
  };

  // Calls a unary method and waits. Sends the newest revision this user has seen of
  // the server and remembers the one it answers with. Errors as the server gave
  // them, with their details as payloads.
  absl::Status Call(const google::protobuf::MethodDescriptor& method,
                    const google::protobuf::Message& request, google::protobuf::Message* response,
                    const Options& options);

  // By full name: Call<Agency>("accord.agreements.v1.Agreements.GetAgency", …).
  template <typename Response>
  absl::StatusOr<Response> Call(absl::string_view method, const google::protobuf::Message& request,
                                const Options& options) {
    Response response;
    ACCORD_RETURN_IF_ERROR(Call(Method(method), request, &response, options));
    return response;
  }

  // A method of the contracts this program was built with. It must exist.
  static const google::protobuf::MethodDescriptor& Method(absl::string_view full_name);

  // Streams changes to `on_message` until that returns false (then OK), the stream
  // ends, or `deadline` passes. A server that says nothing for `silence` is taken
  // for gone: UNAVAILABLE.
  absl::Status Watch(const log::v1::WatchChangesRequest& request, const std::string& log_service,
                     absl::Time deadline, absl::Duration silence,
                     const std::function<bool(const log::v1::WatchChangesResponse&)>& on_message);

 private:
  Client(std::shared_ptr<grpc::Channel> channel, RevisionFile revisions)
      : channel_(std::move(channel)), revisions_(std::move(revisions)) {}

  const std::shared_ptr<grpc::Channel> channel_;
  RevisionFile revisions_;
};

}  // namespace accord::cli
