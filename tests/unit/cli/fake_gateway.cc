#include "tests/unit/cli/fake_gateway.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_status.h"

namespace accord::cli {
namespace {

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) text.append(slice.begin(), slice.end());
  return text;
}

grpc::ByteBuffer ToBuffer(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

// "/a.b.Service/Method" → "a.b.Service.Method".
std::string FullName(std::string path) {
  path.erase(0, 1);
  std::replace(path.begin(), path.end(), '/', '.');
  return path;
}

// Reads one request, writes the prepared messages, ends.
class Answerer final : public grpc::ServerGenericBidiReactor {
 public:
  Answerer(FakeGateway* fake, grpc::GenericCallbackServerContext* context)
      : fake_(fake), context_(context) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    FakeGateway::Request request{FullName(context_->method()), ToString(request_), {}};
    for (const auto& [key, value] : context_->client_metadata()) {
      request.metadata.emplace(std::string(key.data(), key.size()),
                               std::string(value.data(), value.size()));
    }
    reply_ = fake_->Take(std::move(request));
    if (!reply_.revision.empty()) {
      context_->AddTrailingMetadata("accord-revision", reply_.revision);
    }
    WriteNext();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    WriteNext();
  }

  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    if (written_ == reply_.bodies.size()) {
      return Finish(rpc::ToGrpcStatus(reply_.status, "agreements.accord"));
    }
    response_ = ToBuffer(reply_.bodies[written_]);
    ++written_;
    StartWrite(&response_);
  }

  FakeGateway* const fake_;
  grpc::GenericCallbackServerContext* const context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  FakeGateway::Reply reply_;
  size_t written_ = 0;
};

}  // namespace

FakeGateway::FakeGateway() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(this);
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeGateway::~FakeGateway() {
  server_->Shutdown();
  server_->Wait();
}

void FakeGateway::Answer(const std::string& method, const google::protobuf::Message& response,
                         const std::string& revision) {
  std::lock_guard lock(mutex_);
  replies_[method].push_back({{response.SerializeAsString()}, absl::OkStatus(), revision});
}

void FakeGateway::Fail(const std::string& method, const absl::Status& status) {
  Stream(method, {}, status);
}

void FakeGateway::Stream(const std::string& method, const std::vector<std::string>& bodies,
                         const absl::Status& end) {
  std::lock_guard lock(mutex_);
  replies_[method].push_back({bodies, end, ""});
}

std::vector<FakeGateway::Request> FakeGateway::Requests(const std::string& method) const {
  std::lock_guard lock(mutex_);
  std::vector<Request> found;
  for (const Request& request : requests_) {
    if (request.method == method) found.push_back(request);
  }
  return found;
}

FakeGateway::Reply FakeGateway::Take(Request request) {
  std::lock_guard lock(mutex_);
  std::deque<Reply>& replies = replies_[request.method];
  requests_.push_back(std::move(request));
  if (replies.empty()) return {{}, absl::UnimplementedError("not prepared"), ""};
  Reply reply = replies.front();
  if (replies.size() > 1) replies.pop_front();
  return reply;
}

grpc::ServerGenericBidiReactor* FakeGateway::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  return new Answerer(this, context);
}

}  // namespace accord::cli
