#include "common/rpc/server.h"

#include <grpcpp/generic/async_generic_service.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/rpc/grpc_status.h"
#include "common/testing/metrics_page.h"
#include "tests/unit/rpc/certificates.h"
#include "tests/unit/rpc/echo_server.h"

namespace accord::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Before main, so that no thread exists which a signal could end the test by.
const bool kSignalsBlocked = (BlockShutdownSignals(), true);

class ServerTest : public EchoTest {
 protected:
  ServerTest()
      : folder(std::filesystem::path(::testing::TempDir()) /
               absl::StrCat("accord_rpc_", ::getpid())) {
    std::filesystem::create_directories(folder);
  }
  ~ServerTest() override { std::filesystem::remove_all(folder); }

  std::string WriteFile(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return folder / name;
  }

  absl::StatusCode Health(const std::string& service = "") const {
    return CheckHealth(channel, service).code();
  }

  absl::StatusOr<EchoResponse> EchoOver(const ChannelOptions& options) const {
    const auto other = EchoService::NewStub(Connect(options));
    return CallUnary(*other, &EchoService::Stub::Echo, EchoRequest());
  }

  const std::filesystem::path folder;
};

TEST_F(ServerTest, HealthFollowsTheProbe) {
  // Shared: the server, and with it the probe, outlives this body.
  const auto store_answers = std::make_shared<std::atomic<bool>>(true);
  probe = [store_answers] {
    return *store_answers ? absl::OkStatus() : absl::UnavailableError("the disk is gone");
  };
  server_options.probe_period = absl::Milliseconds(1);
  Start();
  EXPECT_EQ(Health(), absl::StatusCode::kOk);
  EXPECT_EQ(Health(EchoService::service_full_name()), absl::StatusCode::kOk);
  EXPECT_EQ(Health("no.such.Service"), absl::StatusCode::kNotFound);
  *store_answers = false;
  EXPECT_TRUE(Eventually([&] { return Health() == absl::StatusCode::kUnavailable; }));
  EXPECT_TRUE(Eventually(
      [&] { return Health(EchoService::service_full_name()) == absl::StatusCode::kUnavailable; }));
  *store_answers = true;
  EXPECT_TRUE(Eventually([&] { return Health() == absl::StatusCode::kOk; }));
}

TEST_F(ServerTest, AFailingProbeStartsNotServing) {
  probe = [] { return absl::UnavailableError(""); };
  Start();
  EXPECT_EQ(Health(), absl::StatusCode::kUnavailable);
}

TEST_F(ServerTest, DrainsInOrder) {
  Turnstile gate;
  handler = [&](Call&, const EchoRequest& request) {
    if (request.text() == "in flight") gate.Pass();
    return EchoResponse();
  };
  absl::StatusCode health_in_drain = absl::StatusCode::kOk;
  bool still_answered = false;
  on_drain = [&] {
    health_in_drain = Health();
    still_answered = Echo("new").ok();
    echo->EndWatches(MakeError(absl::StatusCode::kUnavailable, kEchoDomain, "DRAINING", "bye"));
  };
  server_options.drain_timeout = kPatience;
  Start();
  auto in_flight = EchoLater("in flight");
  gate.AwaitArrival();
  grpc::ClientContext context;
  const auto watch = stub->Watch(&context, EchoRequest());
  EchoResponse response;
  ASSERT_TRUE(watch->Read(&response));
  auto stopped = std::async(std::launch::async, [this] { server->Shutdown(); });
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(GetReason(FromGrpcStatus(watch->Finish())), "DRAINING");
  // Running calls are waited for, new ones are refused.
  EXPECT_TRUE(Eventually(
      [this] { return Echo("late").status().code() == absl::StatusCode::kUnavailable; }));
  gate.Open();
  EXPECT_TRUE(in_flight.get().ok());
  stopped.get();
  EXPECT_EQ(health_in_drain, absl::StatusCode::kUnavailable);
  EXPECT_TRUE(still_answered);
}

TEST_F(ServerTest, CallsThatOutliveTheDrainAreCancelled) {
  Turnstile gate;
  std::promise<bool> saw;
  handler = [&](Call& call, const EchoRequest&) {
    gate.Pass();
    saw.set_value(Eventually([&call] { return call.Cancelled(); }));
    return EchoResponse();
  };
  spec.default_deadline = spec.max_deadline = absl::Hours(1);
  server_options.drain_timeout = absl::ZeroDuration();
  Start();
  auto call = EchoLater("x", {.timeout = absl::Hours(1)});
  gate.AwaitArrival();
  gate.Open();
  server->Shutdown();
  EXPECT_FALSE(call.get().ok());
  EXPECT_TRUE(saw.get_future().get());
}

TEST_F(ServerTest, StopsOnASignal) {
  Start();
  ASSERT_EQ(kill(getpid(), SIGTERM), 0);
  server->ServeUntilSignalled();
  EXPECT_EQ(Echo("x").status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ServerTest, SpeaksTlsAndNothingElse) {
  const PemPair authority = MakeAuthority("right");
  const PemPair pair = MakeLocalhostCertificate(authority);
  const std::string ca = WriteFile("ca.pem", authority.cert);
  const std::string wrong_ca = WriteFile("wrong.pem", MakeAuthority("wrong").cert);
  server_options.tls = {.cert = WriteFile("cert.pem", pair.cert),
                        .key = WriteFile("key.pem", pair.key)};
  channel_options = {.tls = {.ca = ca}, .tls_server_name = "localhost"};
  Start();
  const auto good = Echo("x");
  EXPECT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(EchoOver({.tls = {.ca = wrong_ca}, .tls_server_name = "localhost"}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(EchoOver({.tls = {.ca = ca}, .tls_server_name = "elsewhere"}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(EchoOver({}).status().code(), absl::StatusCode::kUnavailable) << "plain text";
}

TEST_F(ServerTest, AClientAuthorityMakesClientCertificatesRequired) {
  const PemPair authority = MakeAuthority("right");
  const PemPair pair = MakeLocalhostCertificate(authority);
  const PemPair foreign = MakeLocalhostCertificate(MakeAuthority("foreign"));
  server_options.tls = {.cert = WriteFile("cert.pem", pair.cert),
                        .key = WriteFile("key.pem", pair.key),
                        .ca = WriteFile("ca.pem", authority.cert)};
  channel_options = {.tls = server_options.tls, .tls_server_name = "localhost"};
  Start();
  const auto good = Echo("x");
  EXPECT_TRUE(good.ok()) << good.status();
  EXPECT_FALSE(
      EchoOver({.tls = {.ca = server_options.tls.ca}, .tls_server_name = "localhost"}).ok());
  EXPECT_FALSE(EchoOver({.tls = {.cert = WriteFile("foreign.pem", foreign.cert),
                                 .key = WriteFile("foreign.key", foreign.key),
                                 .ca = server_options.tls.ca},
                         .tls_server_name = "localhost"})
                   .ok());
}

TEST_F(ServerTest, BadOptionsDoNotStart) {
  Runtime own;
  const auto code = [&own](const ServerOptions& options) {
    return Server::Start(options, {.runtime = own}).status().code();
  };
  EXPECT_EQ(code({.tls = {.cert = "/no/such/file", .key = "/no/such/file"}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.tls = {.ca = "/etc/hostname"}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.port_file = "/no/such/folder/port", .insecure = true}),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ServerTest, PlainTextMustBeAskedForAndStaysOnLoopback) {
  Runtime own;
  const auto start = [&own](const std::string& listen, bool insecure) {
    return Server::Start(
               {.listen = listen, .insecure = insecure, .balancer_wait = absl::ZeroDuration()},
               {.runtime = own})
        .status();
  };
  CaptureLog();
  EXPECT_THAT(std::string(start("127.0.0.1:0", false).message()),
              AllOf(HasSubstr("--tls-cert"), HasSubstr("--insecure")));
  EXPECT_THAT(Log(), Not(HasSubstr("plain text")));
  EXPECT_EQ(start("127.0.0.1:0", true).code(), absl::StatusCode::kOk);
  EXPECT_THAT(Log(), HasSubstr("plain text"));
  SetLogSinkForTest(nullptr);
  for (const char* beyond : {"0.0.0.0:0", "[::]:0", "127.example.com:0", "localhost.example:0"}) {
    EXPECT_THAT(std::string(start(beyond, true).message()), HasSubstr("loopback only")) << beyond;
  }
}

TEST_F(ServerTest, ATakenPortIsRefused) {
  Start();
  const auto second =
      Server::Start({.listen = absl::StrCat("127.0.0.1:", server->port()), .insecure = true},
                    {.runtime = *runtime});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ServerTest, OversizeMessagesAreRefusedBeforeTheHandler) {
  std::atomic<int> handled = 0;
  handler = [&](Call&, const EchoRequest&) { return ++handled, EchoResponse(); };
  server_options.max_message_bytes = 1024;
  Start();
  EXPECT_EQ(Echo(std::string(2048, 'x')).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(handled, 0);
  EXPECT_TRUE(Echo("small").ok());
}

TEST_F(ServerTest, ThePortFileNamesThePort) {
  server_options.port_file = folder / "port";
  Start();
  int port = 0;
  std::ifstream(server_options.port_file) >> port;
  EXPECT_EQ(port, server->port());
  EXPECT_FALSE(std::filesystem::exists(server_options.port_file + ".new"));
}

TEST_F(ServerTest, MetricsAreServed) {
  server_options.metrics_listen = "127.0.0.1:0";
  Start();
  ASSERT_TRUE(Echo("x").ok());
  const auto page = testing::HttpGet(server->metrics_port(), "/metrics");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(*page, HasSubstr("accord_build_info{"));
  EXPECT_THAT(*page, HasSubstr("accord_rpc_handled_total{"));
}

// Answers whatever nobody else does.
class RefuseAll final : public grpc::CallbackGenericService {
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Reactor(const std::string& method) {
      Finish(grpc::Status(grpc::StatusCode::OUT_OF_RANGE, method));
    }
    void OnDone() override { delete this; }
  };
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Reactor(context->method());
  }
};

TEST_F(ServerTest, AGenericServiceAnswersTheRest) {
  Runtime own;
  RefuseAll generic;
  auto other = Server::Start(server_options, {.runtime = own, .generic = &generic});
  ASSERT_TRUE(other.ok()) << other.status();
  {
    const auto to_other = MakeChannel(absl::StrCat("ipv4:127.0.0.1:", (*other)->port()));
    ASSERT_TRUE(to_other.ok());
    const auto other_stub = EchoService::NewStub(*to_other);
    const auto answer = CallUnary(*other_stub, &EchoService::Stub::Echo, EchoRequest());
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kOutOfRange);
    EXPECT_EQ(answer.status().message(), "/accord.testing.rpc.EchoService/Echo");
  }
}

}  // namespace
}  // namespace accord::rpc
