#include "services/cli/client.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <future>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "common/rpc/channel.h"
#include "services/cli/errors.h"

namespace accord::cli {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr char kLogServiceKey[] = "accord-service";
// Every call of these is a read, or carries a request_id that makes it safe to repeat.
const char* const kRetriedServices[] = {"accord.access.v1.Access",
                                        "accord.agreements.v1.Agreements",
                                        "accord.gateway.v1.Gateway", "accord.training.v1.Training"};

void CancelAndDrain(grpc::ClientContext* context, grpc::CompletionQueue* queue) {
  context->TryCancel();
  queue->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) {
  }
}

// Waits for the next event. UNAVAILABLE after `silence`, DEADLINE_EXCEEDED at `deadline`.
absl::StatusOr<bool> NextEvent(grpc::CompletionQueue* queue, absl::Time deadline,
                               absl::Duration silence) {
  void* tag = nullptr;
  bool ok = false;
  const absl::Time until = std::min(deadline, absl::Now() + silence);
  const auto event = queue->AsyncNext(&tag, &ok, absl::ToChronoTime(until));
  if (event == grpc::CompletionQueue::GOT_EVENT) return ok;
  if (until == deadline) {
    return LocalError(absl::StatusCode::kDeadlineExceeded, "TIMEOUT",
                      "the time for watching is over", "to watch on, leave --timeout out");
  }
  return LocalError(absl::StatusCode::kUnavailable, "SILENT",
                    "the server has stopped sending heartbeats", "run the same command again");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Open(const Context& context,
                                                     const Identity& identity,
                                                     RevisionFile revisions) {
  rpc::ChannelOptions options;
  options.tls = {.cert = context.cert, .key = context.key, .ca = context.ca};
  options.use_tls = !context.plaintext;
  options.identity = {.actor = identity.actor, .role = "", .client = identity.client};
  options.token = identity.token;
  options.retry_methods.assign(std::begin(kRetriedServices), std::end(kRetriedServices));
  ACCORD_ASSIGN_OR_RETURN(auto channel, rpc::MakeChannel(context.server, options));
  return std::unique_ptr<Client>(new Client(std::move(channel), std::move(revisions)));
}

absl::Status Client::Call(const MethodDescriptor& method, const Message& request, Message* response,
                          const Options& options) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + options.timeout));
  for (const std::string& revision : revisions_.Load()) {
    context.AddMetadata(rpc::kRevisionKey, revision);
  }
  // Every service has these two; the rest is one service's own.
  if (method.service()->file()->package() == "accord.log.v1") {
    context.AddMetadata(kLogServiceKey, options.log_service);
  }
  grpc::TemplatedGenericStub<Message, Message> stub(channel_);
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, absl::StrCat("/", method.service()->full_name(), "/", method.name()),
                 grpc::StubOptions(), &request, response,
                 [&done](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  if (!status.ok()) return rpc::FromGrpcStatus(status);
  revisions_.Remember(rpc::RevisionsOf(context));
  return absl::OkStatus();
}

const MethodDescriptor& Client::Method(absl::string_view full_name) {
  return *google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      std::string(full_name));
}

absl::Status Client::Watch(
    const log::v1::WatchChangesRequest& request, const std::string& log_service,
    absl::Time deadline, absl::Duration silence,
    const std::function<bool(const log::v1::WatchChangesResponse&)>& on_message) {
  const auto stub = log::v1::ChangeFeed::NewStub(channel_);
  grpc::ClientContext context;
  context.AddMetadata(kLogServiceKey, log_service);
  grpc::CompletionQueue queue;
  log::v1::WatchChangesResponse message;
  grpc::Status end;
  const auto stream = stub->PrepareAsyncWatchChanges(&context, request, &queue);
  stream->StartCall(nullptr);
  absl::StatusOr<bool> open = NextEvent(&queue, deadline, silence);
  while (open.ok() && *open) {
    stream->Read(&message, nullptr);
    open = NextEvent(&queue, deadline, silence);
    const bool go_on = !open.ok() || !*open || on_message(message);
    if (go_on) continue;
    CancelAndDrain(&context, &queue);
    return absl::OkStatus();
  }
  if (open.ok()) {
    stream->Finish(&end, nullptr);
    open = NextEvent(&queue, deadline, silence);
  }
  CancelAndDrain(&context, &queue);
  if (!open.ok()) return open.status();
  if (!end.ok()) return rpc::FromGrpcStatus(end);
  return absl::UnavailableError("the server ended the stream");
}

}  // namespace accord::cli
