// A bare gRPC callback server: answers GetAgencyStatus with the bytes of a file, whatever
// is asked. What it can do is the most that any server on this machine could.
//
//   accord-bench-constant ANSWER_FILE PORT_FILE
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "accord/gateway/v1/gateway.grpc.pb.h"

namespace accord::bench {
namespace {

class ConstantService final : public gateway::v1::Gateway::WithRawCallbackMethod_GetAgencyStatus<
                                  gateway::v1::Gateway::Service> {
 public:
  explicit ConstantService(const std::string& answer) : slice_(answer), answer_(&slice_, 1) {}

  grpc::ServerUnaryReactor* GetAgencyStatus(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* /*request*/,
                                            grpc::ByteBuffer* response) override {
    *response = answer_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const grpc::Slice slice_;
  const grpc::ByteBuffer answer_;
};

std::string ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Complete or not there.
void WritePortFile(const std::string& path, int port) {
  const std::string unfinished = path + ".new";
  std::ofstream(unfinished) << port;
  std::rename(unfinished.c_str(), path.c_str());
}

int Serve(const char* answer_file, const char* port_file) {
  ConstantService service(ReadFile(answer_file));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  WritePortFile(port_file, port);
  server->Wait();  // Until the benchmark that started it ends it.
  return 0;
}

}  // namespace
}  // namespace accord::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: accord-bench-constant ANSWER_FILE PORT_FILE\n");
    return 2;
  }
  return accord::bench::Serve(argv[1], argv[2]);
}
