#include "common/rpc/channel.h"

#include "common/rpc/pending_call.h"
#include "tests/unit/rpc/echo_server.h"

namespace accord::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kEchoMethod[] = "accord.testing.rpc.EchoService/Echo";

class ChannelTest : public EchoTest {
 protected:
  // Fails the first `failures` calls.
  void FailFirst(int failures, absl::StatusCode code) {
    handler = [this, failures, code](Call&, const EchoRequest&) -> absl::StatusOr<EchoResponse> {
      if (++attempts <= failures) return MakeError(code, kEchoDomain, "NOT_NOW", "not now");
      return EchoResponse();
    };
  }

  // Answers with what the call knows.
  void Describe() {
    handler = [](Call& call, const EchoRequest&) {
      EchoResponse response;
      response.set_text(absl::StrCat(call.caller().actor, "|", call.caller().role, "|",
                                     call.caller().client, "|", call.request_id(), "|",
                                     call.traceparent()));
      return response;
    };
  }

  std::atomic<int> attempts = 0;
};

TEST_F(ChannelTest, AListedMethodIsTriedFourTimes) {
  FailFirst(3, absl::StatusCode::kUnavailable);
  channel_options.retry_methods = {kEchoMethod};
  Start();
  const auto answer = Echo("x");
  EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(attempts, 4);
}

TEST_F(ChannelTest, AMethodThatIsNotListedIsTriedOnce) {
  FailFirst(3, absl::StatusCode::kUnavailable);
  channel_options.retry_methods = {kEchoMethod};
  Start();
  const auto answer = CallUnary(*stub, &EchoService::Stub::EchoOnce, EchoRequest());
  EXPECT_EQ(GetReason(answer.status()), "NOT_NOW");
  EXPECT_EQ(attempts, 1);
}

TEST_F(ChannelTest, OnlyUnavailableIsRetried) {
  FailFirst(3, absl::StatusCode::kAborted);
  channel_options.retry_methods = {kEchoMethod};
  Start();
  EXPECT_EQ(Echo("x").status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(attempts, 1);
}

TEST_F(ChannelTest, CallsAreSpreadOverAllAddresses) {
  std::atomic<int> first = 0, second = 0;
  handler = [&](Call&, const EchoRequest&) { return ++first, EchoResponse(); };
  Start();
  EchoImpl other(*runtime);
  other.handler = [&](Call&, const EchoRequest&) { return ++second, EchoResponse(); };
  auto other_server = Server::Start(
      server_options,
      {.runtime = *runtime, .services = {{EchoService::service_full_name(), &other}}});
  ASSERT_TRUE(other_server.ok()) << other_server.status();
  {
    const auto both = MakeChannel(
        absl::StrCat("ipv4:127.0.0.1:", server->port(), ",127.0.0.1:", (*other_server)->port()));
    ASSERT_TRUE(both.ok());
    const auto both_stub = EchoService::NewStub(*both);
    EXPECT_TRUE(Eventually([&] {
      EXPECT_TRUE(CallUnary(*both_stub, &EchoService::Stub::Echo, EchoRequest()).ok());
      return first >= 5 && second >= 5;
    }));
  }
}

TEST_F(ChannelTest, NobodyThereFailsAtOnceAsUnreachable) {
  Start();
  const std::string target = Target();
  server.reset();
  const auto dead = MakeChannel(target);
  ASSERT_TRUE(dead.ok());
  const auto dead_stub = EchoService::NewStub(*dead);
  const absl::Time start = absl::Now();
  const auto answer = CallUnary(*dead_stub, &EchoService::Stub::Echo, EchoRequest(),
                                {.timeout = absl::Seconds(30)});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(GetReason(answer.status()), "UNREACHABLE");
  EXPECT_LT(absl::Now() - start, absl::Seconds(20));
}

TEST_F(ChannelTest, ACallIsPropagated) {
  Describe();
  channel_options.identity = {.actor = "gateway", .role = "service", .client = "gateway"};
  Start();
  const Call parent = Call::ForTest(
      "unverified:ada", {.caller = {.role = "auditor", .client = "page"},
                         .request_id = "id-1",
                         .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"});
  const auto answer = Echo("x", {.parent = &parent});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text(),
            "unverified:ada|auditor|page|id-1|"
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

TEST_F(ChannelTest, AnAnonymousCallerDoesNotBecomeTheChannelsIdentity) {
  Describe();
  channel_options.identity = {.actor = "gateway", .role = "service", .client = "gateway"};
  Start();
  const Call parent = Call::ForTest(kAnonymous);
  const auto answer = Echo("x", {.parent = &parent});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->text(), ::testing::StartsWith("anonymous||test|"));
}

TEST_F(ChannelTest, WhatIsAskedByOurselvesIsNotOfTheCaller) {
  Describe();
  channel_options.identity = {.actor = "gateway", .role = "service", .client = "gateway"};
  Start();
  const Call parent = Call::ForTest("unverified:ada", {.bearer = "token", .request_id = "id-1"});
  EchoRequest request;
  request.set_text("x");
  PendingCall<EchoRequest, EchoResponse> asked(*stub->async(), &EchoService::Stub::async::Echo,
                                               std::move(request), absl::Now() + absl::Seconds(30),
                                               &parent, CallAs::kOurselves);
  const auto answer = asked.Wait();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->text(), ::testing::StartsWith("unverified:gateway|service|gateway|id-1|"));
}

TEST_F(ChannelTest, TheIdentityOfAChannelIsSentWithEachCall) {
  Describe();
  channel_options.identity = {.actor = "gateway", .role = "service", .client = "gateway-1"};
  Start();
  const auto answer = Echo("x");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->text(), ::testing::StartsWith("unverified:gateway|service|gateway-1|"));
}

TEST_F(ChannelTest, ThePropagatedDeadlineIsTheEarlier) {
  const absl::Time soon = absl::FromUnixSeconds(2'000'000'000);
  const Call parent = Call::ForTest("a", {.deadline = soon});
  for (const absl::Duration own : {-absl::Hours(1), absl::Hours(1)}) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(soon + own));
    PropagateTo(parent, context);
    EXPECT_EQ(absl::FromChrono(context.deadline()), std::min(soon, soon + own));
  }
}

TEST_F(ChannelTest, BadOptionsAreRefused) {
  const auto code = [](const ChannelOptions& options) {
    return MakeChannel("ipv4:127.0.0.1:1", options).status().code();
  };
  EXPECT_EQ(code({.retry_methods = {"a/b/c"}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.retry_methods = {"a\"b"}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.tls = {.cert = "/no/such/file"}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.tls = {.ca = "/no/such/file"}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.retry_methods = {"a.v1.B/C", "a.v1.D"}}), absl::StatusCode::kOk);
}

TEST_F(ChannelTest, PlainTextStaysOnLoopback) {
  for (const char* beyond : {"ipv4:127.0.0.1:1,10.0.0.1:1", "agreements.example:1"}) {
    EXPECT_EQ(MakeChannel(beyond).status().code(), absl::StatusCode::kInvalidArgument) << beyond;
    EXPECT_TRUE(MakeChannel(beyond, {.use_tls = true}).ok()) << beyond;
  }
}

}  // namespace
}  // namespace accord::rpc
