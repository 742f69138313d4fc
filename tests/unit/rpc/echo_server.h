// A real server and client over loopback, for the tests of this folder.
#pragma once

#include <gmock/gmock.h>
#include <grpcpp/support/server_callback.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/rpc/channel.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/testing/eventually.h"
#include "tests/unit/rpc/echo.grpc.pb.h"

namespace accord::rpc {

using accord::testing::rpc::EchoRequest;
using accord::testing::rpc::EchoResponse;
using accord::testing::rpc::EchoService;

inline constexpr char kEchoDomain[] = "echo.accord";
inline constexpr absl::Duration kPatience = absl::Seconds(20);

using accord::testing::Eventually;

// One Watch in progress.
class EchoWatch;

class EchoImpl final : public EchoService::CallbackService {
 public:
  using Handler = std::function<absl::StatusOr<EchoResponse>(Call&, const EchoRequest&)>;

  explicit EchoImpl(Runtime& runtime) : runtime_(runtime) {}

  // Set before the first call.
  Handler handler = [](Call&, const EchoRequest& request) {
    EchoResponse response;
    response.set_text(request.text());
    return response;
  };
  MethodSpec spec{"accord.testing.rpc.EchoService/Echo"};

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const EchoRequest* request,
                                 EchoResponse* response) override {
    return runtime_.Unary(context, request, response, spec, handler);
  }
  grpc::ServerUnaryReactor* EchoOnce(grpc::CallbackServerContext* context,
                                     const EchoRequest* request, EchoResponse* response) override {
    return runtime_.Unary(context, request, response, spec, handler);
  }
  grpc::ServerUnaryReactor* EchoInline(grpc::CallbackServerContext* context,
                                       const EchoRequest* request,
                                       EchoResponse* response) override {
    return runtime_.Inline(context, request, response, spec, handler);
  }
  grpc::ServerWriteReactor<EchoResponse>* Watch(grpc::CallbackServerContext* context,
                                                const EchoRequest* request) override;
  // Ends every Watch.
  void EndWatches(const absl::Status& status);

 private:
  friend class EchoWatch;
  Runtime& runtime_;
  std::mutex mutex_;
  std::set<EchoWatch*> watches_;
};

class EchoWatch final : public grpc::ServerWriteReactor<EchoResponse> {
 public:
  EchoWatch(EchoImpl& service, grpc::CallbackServerContext* context, const std::string& text)
      : service_(service), stream_(service.runtime_, context, StreamSpec("EchoService/Watch")) {
    response_.set_text(absl::StrCat(stream_.call().caller().actor, " ", text));
    {
      std::lock_guard lock(service_.mutex_);
      service_.watches_.insert(this);
    }
    StartWrite(&response_);
  }
  void OnCancel() override { End(absl::CancelledError("the client left")); }
  void OnDone() override {
    {
      std::lock_guard lock(service_.mutex_);
      service_.watches_.erase(this);
    }
    delete this;
  }
  void End(const absl::Status& status) {
    if (!ended_.exchange(true)) Finish(stream_.End(status));
  }

 private:
  EchoImpl& service_;
  StreamCall stream_;
  EchoResponse response_;
  std::atomic<bool> ended_ = false;
};

inline grpc::ServerWriteReactor<EchoResponse>* EchoImpl::Watch(grpc::CallbackServerContext* context,
                                                               const EchoRequest* request) {
  return new EchoWatch(*this, context, request->text());
}

inline void EchoImpl::EndWatches(const absl::Status& status) {
  std::lock_guard lock(mutex_);  // Keeps OnDone from deleting what is ended here.
  for (EchoWatch* watch : watches_) watch->End(status);
}

// A place that a handler stops at.
class Turnstile {
 public:
  // For the handler: says that it has come, and waits for Open.
  void Pass() {
    std::call_once(arrived_once_, [this] { arrived_.set_value(); });
    const std::shared_future<void> open = open_future_;  // May outlive a test that fails.
    open.wait();
  }
  void AwaitArrival() {
    ASSERT_EQ(arrived_future_.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  }
  void Open() {
    std::call_once(open_once_, [this] { open_.set_value(); });
  }
  ~Turnstile() { Open(); }

 private:
  std::once_flag arrived_once_, open_once_;
  std::promise<void> arrived_, open_;
  std::future<void> arrived_future_ = arrived_.get_future();
  std::shared_future<void> open_future_ = open_.get_future().share();
};

class EchoTest : public ::testing::Test {
 protected:
  // Set these before Start.
  RuntimeOptions runtime_options{.domain = kEchoDomain, .workers = 2};
  ServerOptions server_options{
      .insecure = true, .balancer_wait = absl::ZeroDuration(), .drain_timeout = absl::Seconds(5)};
  ChannelOptions channel_options;
  EchoImpl::Handler handler;
  MethodSpec spec{"accord.testing.rpc.EchoService/Echo"};
  std::function<absl::Status()> probe;
  std::function<void()> on_drain;

  void Start() {
    runtime = std::make_unique<Runtime>(runtime_options);
    echo = std::make_unique<EchoImpl>(*runtime);
    if (handler) echo->handler = handler;
    echo->spec = spec;
    auto started =
        Server::Start(server_options, {.runtime = *runtime,
                                       .services = {{EchoService::service_full_name(), echo.get()}},
                                       .probe = probe,
                                       .on_drain = on_drain});
    ASSERT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
    channel = Connect(channel_options);
    stub = EchoService::NewStub(channel);
  }

  // From now on, what is logged is kept for Log.
  void CaptureLog() {
    SetLogSinkForTest([this](absl::string_view line) {
      std::lock_guard lock(log_mutex_);
      absl::StrAppend(&log_, line, "\n");
    });
  }
  std::string Log() {
    std::lock_guard lock(log_mutex_);
    return log_;
  }

  std::string Target() const { return absl::StrCat("ipv4:127.0.0.1:", server->port()); }

  std::shared_ptr<grpc::Channel> Connect(const ChannelOptions& options) const {
    auto made = MakeChannel(Target(), options);
    EXPECT_TRUE(made.ok()) << made.status();
    return *made;
  }

  absl::StatusOr<EchoResponse> Echo(absl::string_view text, const CallOptions& options = {},
                                    std::vector<std::string>* revisions = nullptr) {
    EchoRequest request;
    request.set_text(std::string(text));
    return CallUnary(*stub, &EchoService::Stub::Echo, request, options, revisions);
  }

  std::future<absl::StatusOr<EchoResponse>> EchoLater(const std::string& text,
                                                      const CallOptions& options = {}) {
    return std::async(std::launch::async, [this, text, options] { return Echo(text, options); });
  }

  ~EchoTest() override {
    stub.reset();  // Stopping a server waits for clients that are still there.
    channel.reset();
    server.reset();
    SetLogSinkForTest(nullptr);
  }

  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<EchoImpl> echo;
  std::unique_ptr<Server> server;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<EchoService::Stub> stub;

 private:
  std::mutex log_mutex_;
  std::string log_;
};

}  // namespace accord::rpc
