// A gateway in this process that answers every method of every contract
// with what a test says, over a real socket.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace accord::cli {

class FakeGateway final : public grpc::CallbackGenericService {
 public:
  struct Request {
    std::string method;
    std::string body;
    std::multimap<std::string, std::string> metadata;
  };
  struct Reply {
    // One per message of a stream; one for a unary call.
    std::vector<std::string> bodies;
    absl::Status status;
    // Trailing metadata accord-revision, or "".
    std::string revision;
  };

  FakeGateway();
  ~FakeGateway() override;

  // host:port.
  const std::string& address() const { return address_; }

  // `method` by full name, "accord.gateway.v1.Gateway.GetProgramMetrics". Replies are
  // given in the order they were added; the last one again and again.
  void Answer(const std::string& method, const google::protobuf::Message& response,
              const std::string& revision = "");
  void Fail(const std::string& method, const absl::Status& status);
  // A stream: its messages, then its end.
  void Stream(const std::string& method, const std::vector<std::string>& bodies,
              const absl::Status& end);

  // What was asked, in order.
  std::vector<Request> Requests(const std::string& method) const;
  // The newest request of a method as its type; a default one if none came.
  template <typename T>
  T Last(const std::string& method) const {
    const std::vector<Request> requests = Requests(method);
    T request;
    if (!requests.empty()) request.ParseFromString(requests.back().body);
    return request;
  }

  // Used by the reactors. UNIMPLEMENTED for a method nobody prepared.
  Reply Take(Request request);

 private:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

  mutable std::mutex mutex_;
  std::map<std::string, std::deque<Reply>> replies_;
  std::vector<Request> requests_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace accord::cli
