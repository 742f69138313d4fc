#include "common/rpc/runtime.h"

#include <prometheus/registry.h>

#include <stdexcept>

#include "common/rpc/grpc_status.h"
#include "google/rpc/error_details.pb.h"
#include "tests/unit/rpc/echo_server.h"

namespace accord::rpc {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;

EchoResponse Text(const std::string& text) {
  EchoResponse response;
  response.set_text(text);
  return response;
}

template <typename Detail>
std::optional<Detail> DetailOf(const absl::Status& status) {
  Detail detail;
  const auto payload =
      status.GetPayload(absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name()));
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

class RuntimeTest : public EchoTest {
 protected:
  // The value of a counter or gauge with this label, 0 when there is none.
  double Metric(const std::string& name, const std::string& label_value) {
    for (const auto& family : runtime->metrics()->Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) {
        for (const auto& label : metric.label) {
          if (label.value == label_value) return metric.counter.value + metric.gauge.value;
        }
      }
    }
    return 0;
  }

  std::unique_ptr<grpc::ClientContext> Context() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    return context;
  }

  std::atomic<int> handled = 0;
};

TEST_F(RuntimeTest, AnswersAndStatesTheRevisions) {
  handler = [](Call& call, const EchoRequest& request) {
    call.SetRevision("training@L2:7");
    call.SetRevision("agreements@L1:5");
    return Text(request.text());
  };
  Start();
  std::vector<std::string> revisions;
  const auto answer = Echo("hello", {}, &revisions);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text(), "hello");
  EXPECT_THAT(revisions, ElementsAre("agreements@L1:5", "training@L2:7"));
}

TEST_F(RuntimeTest, EveryViolationReachesTheClient) {
  handler = [](Call&, const EchoRequest&) -> absl::StatusOr<EchoResponse> {
    FieldViolations violations;
    violations.Add("a", "is required");
    violations.Add("b", "is too long");
    violations.Add("c", "is unknown");
    return violations.ToStatus(kEchoDomain);
  };
  Start();
  const absl::Status status = Echo("x").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(GetReason(status), "INVALID_FIELDS");
  const auto bad = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad.has_value());
  ASSERT_EQ(bad->field_violations_size(), 3);
  EXPECT_EQ(bad->field_violations(2).field(), "c");
  EXPECT_EQ(bad->field_violations(2).description(), "is unknown");
}

TEST_F(RuntimeTest, InternalTextIsLoggedAndNeverSent) {
  CaptureLog();
  handler = [](Call&, const EchoRequest& request) -> absl::StatusOr<EchoResponse> {
    if (request.text() == "throw") throw std::runtime_error("secret thrown");
    return absl::UnknownError("secret returned");
  };
  Start();
  for (const char* how : {"return", "throw"}) {
    const absl::Status status = Echo(how).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << how;
    EXPECT_EQ(GetReason(status), "INTERNAL") << how;
    EXPECT_EQ(GetErrorInfo(status)->domain(), kEchoDomain) << how;
    EXPECT_THAT(status.ToString(), Not(HasSubstr("secret"))) << how;
  }
  EXPECT_THAT(Log(), AllOf(HasSubstr("secret returned"), HasSubstr("secret thrown")));
}

TEST_F(RuntimeTest, TheLogNamesTheCallButNotItsContents) {
  CaptureLog();
  handler = [](Call&, const EchoRequest& request) -> absl::StatusOr<EchoResponse> {
    return MakeError(absl::StatusCode::kNotFound, kEchoDomain, "NO_SUCH_THING",
                     absl::StrCat("no ", request.text()));
  };
  Start();
  EXPECT_THAT(Echo("officer-7", {.metadata = {{kRequestIdKey, "id-1"}}}).status().message(),
              HasSubstr("officer-7"));
  EXPECT_THAT(Log(),
              AllOf(HasSubstr("EchoService/Echo"), HasSubstr("NOT_FOUND"),
                    HasSubstr("NO_SUCH_THING"), HasSubstr("id-1"), Not(HasSubstr("officer-7"))));
}

TEST_F(RuntimeTest, AFullQueueShedsAndRecovers) {
  runtime_options.workers = 1;
  runtime_options.queue = 1;
  Turnstile gate;
  handler = [&](Call&, const EchoRequest& request) {
    ++handled;
    if (request.text() == "first") gate.Pass();
    return Text(request.text());
  };
  Start();
  auto first = EchoLater("first");
  gate.AwaitArrival();
  // One of these two waits in the queue, the other finds it full.
  auto second = EchoLater("second");
  auto third = EchoLater("third");
  const auto is_ready = [](auto& future) {
    return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  ASSERT_TRUE(Eventually([&] { return is_ready(second) || is_ready(third); }));
  const bool second_was_shed = is_ready(second);
  const absl::Status shed = (second_was_shed ? second : third).get().status();
  EXPECT_EQ(shed.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(GetReason(shed), "OVERLOADED");
  const auto retry = DetailOf<google::rpc::RetryInfo>(shed);
  ASSERT_TRUE(retry.has_value());
  EXPECT_EQ(retry->retry_delay().nanos(), 200'000'000);
  EXPECT_EQ(handled, 1);
  gate.Open();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE((second_was_shed ? third : second).get().ok());
  EXPECT_TRUE(Echo("fourth").ok());
  EXPECT_EQ(handled, 3);
  EXPECT_EQ(Metric("accord_rpc_shed_total", "OVERLOADED"), 1);
}

TEST_F(RuntimeTest, WhatExpiresInTheQueueIsNotRun) {
  spec.default_deadline = absl::ZeroDuration();
  handler = [&](Call&, const EchoRequest&) {
    ++handled;
    return Text("");
  };
  Start();
  const absl::Status status = Echo("x", {.timeout = absl::InfiniteDuration()}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(GetErrorInfo(status)->domain(), kEchoDomain);
  EXPECT_EQ(handled, 0);
  EXPECT_EQ(Metric("accord_rpc_shed_total", "DEADLINE_EXCEEDED"), 1);
}

TEST_F(RuntimeTest, DeadlinesHaveADefaultAndACap) {
  spec.default_deadline = absl::Seconds(30);
  spec.max_deadline = absl::Seconds(90);
  handler = [](Call& call, const EchoRequest&) {
    return Text(absl::StrCat(absl::ToInt64Milliseconds(call.deadline() - absl::Now())));
  };
  Start();
  const auto given = [this](absl::Duration timeout) {
    int64_t ms = -1;
    const auto answer = Echo("x", {.timeout = timeout});
    EXPECT_TRUE(answer.ok() && absl::SimpleAtoi(answer->text(), &ms)) << answer.status();
    return ms;
  };
  EXPECT_THAT(given(absl::InfiniteDuration()), AllOf(Ge(20'000), Le(30'000)));
  // gRPC rounds what it sends up by as much as a percent.
  EXPECT_THAT(given(absl::Seconds(60)), AllOf(Ge(50'000), Le(61'000)));
  EXPECT_THAT(given(absl::Hours(1)), AllOf(Ge(80'000), Le(90'000)));
}

TEST_F(RuntimeTest, AHandlerSeesThatTheClientLeft) {
  Turnstile gate;
  std::promise<bool> saw;
  handler = [&](Call& call, const EchoRequest&) {
    gate.Pass();
    saw.set_value(Eventually([&call] { return call.Cancelled(); }));
    return Text("");
  };
  spec.default_deadline = spec.max_deadline = absl::Hours(1);  // Not what ends the wait.
  Start();
  grpc::ClientContext context;
  auto status = std::async(std::launch::async, [&] {
    EchoResponse response;
    return stub->Echo(&context, EchoRequest(), &response);
  });
  gate.AwaitArrival();
  context.TryCancel();
  EXPECT_EQ(status.get().error_code(), grpc::StatusCode::CANCELLED);
  gate.Open();
  EXPECT_TRUE(saw.get_future().get());
}

TEST_F(RuntimeTest, ACallKnowsItsCaller) {
  handler = [](Call& call, const EchoRequest&) {
    const Caller& caller = call.caller();
    return Text(absl::StrCat(caller.actor, "|", caller.role, "|", caller.client, "|",
                             call.request_id(), "|", call.traceparent()));
  };
  Start();
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  auto answer = Echo("x", {.metadata = {{kActorKey, "ada"},
                                        {kRoleKey, "auditor"},
                                        {kClientKey, "page"},
                                        {kRequestIdKey, "id-1"},
                                        {kTraceparentKey, trace}}});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text(), "unverified:ada|auditor|page|id-1|" + trace);
  answer = Echo("x", {.metadata = {{kTraceparentKey, "junk"}, {kActorKey, std::string(300, 'a')}}});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->text(), AllOf(HasSubstr("unverified:" + std::string(128, 'a') + "||grpc-c++"),
                                    Not(HasSubstr("junk"))));
  answer = Echo("x");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->text(), ::testing::StartsWith("anonymous||"));
}

TEST_F(RuntimeTest, TheRequestIdComesBackWithAnswersAndErrors) {
  handler = [](Call&, const EchoRequest& request) -> absl::StatusOr<EchoResponse> {
    if (request.text() == "fail") return absl::UnavailableError("");
    return Text("");
  };
  Start();
  EchoRequest request;
  EchoResponse response;
  const auto good = Context();
  good->AddMetadata(kRequestIdKey, "id-1");
  ASSERT_TRUE(stub->Echo(good.get(), request, &response).ok());
  EXPECT_EQ(good->GetServerInitialMetadata().find(kRequestIdKey)->second, "id-1");
  request.set_text("fail");
  const auto bad = Context();
  bad->AddMetadata(kRequestIdKey, "id-2");
  ASSERT_FALSE(stub->Echo(bad.get(), request, &response).ok());
  ASSERT_EQ(bad->GetServerTrailingMetadata().count(kRequestIdKey), 1u);
  EXPECT_EQ(bad->GetServerTrailingMetadata().find(kRequestIdKey)->second, "id-2");
}

TEST_F(RuntimeTest, OneCallerCannotTakeEveryPlace) {
  runtime_options.workers = 3;
  runtime_options.per_caller = 1;
  Turnstile gate;
  handler = [&](Call&, const EchoRequest& request) {
    if (request.text() == "first") gate.Pass();
    return Text("");
  };
  Start();
  const CallOptions ada{.metadata = {{kActorKey, "ada"}}};
  auto first = EchoLater("first", ada);
  gate.AwaitArrival();
  const absl::Status refused = Echo("second", ada).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(GetReason(refused), "CALLER_LIMIT");
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(refused).has_value());
  EXPECT_TRUE(Echo("x", {.metadata = {{kActorKey, "bob"}}}).ok());
  gate.Open();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(Echo("third", ada).ok());
}

TEST_F(RuntimeTest, InlineAnswersWhileThePoolIsBusy) {
  runtime_options.workers = 1;
  Turnstile gate;
  handler = [&](Call&, const EchoRequest& request) {
    if (request.text() == "first") gate.Pass();
    return Text(request.text());
  };
  Start();
  auto first = EchoLater("first");
  gate.AwaitArrival();
  EchoRequest request;
  request.set_text("from memory");
  const auto answer = CallUnary(*stub, &EchoService::Stub::EchoInline, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text(), "from memory");
  gate.Open();
  EXPECT_TRUE(first.get().ok());
}

TEST_F(RuntimeTest, SubmitRunsWorkAndRefusesWhenFull) {
  runtime_options.workers = 1;
  runtime_options.queue = 1;
  Runtime own(runtime_options);
  Turnstile gate;
  std::promise<void> ran;
  ASSERT_TRUE(own.Submit([&] {
                   gate.Pass();
                   throw std::runtime_error("must not end the worker");
                 })
                  .ok());
  gate.AwaitArrival();
  ASSERT_TRUE(own.Submit([&] { ran.set_value(); }).ok());
  EXPECT_EQ(GetReason(own.Submit([] {})), "OVERLOADED");
  gate.Open();
  EXPECT_EQ(ran.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(RuntimeTest, CallsAreCountedByMethodAndCode) {
  handler = [](Call&, const EchoRequest& request) -> absl::StatusOr<EchoResponse> {
    if (request.text() == "fail") return absl::AbortedError("");
    return Text("");
  };
  Start();
  ASSERT_TRUE(Echo("x").ok());
  ASSERT_TRUE(Echo("x").ok());
  ASSERT_FALSE(Echo("fail").ok());
  EXPECT_EQ(Metric("accord_rpc_started_total", spec.name), 3);
  EXPECT_EQ(Metric("accord_rpc_handled_total", "OK"), 2);
  EXPECT_EQ(Metric("accord_rpc_handled_total", "ABORTED"), 1);
  EXPECT_EQ(Metric("accord_rpc_in_flight", spec.name), 0);
}

TEST_F(RuntimeTest, AStreamIsCountedMappedAndKnowsItsCaller) {
  Start();
  EchoRequest request;
  request.set_text("hello");
  const auto context = Context();
  context->AddMetadata(kActorKey, "ada");
  context->AddMetadata(kRequestIdKey, "id-3");
  const auto reader = stub->Watch(context.get(), request);
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.text(), "unverified:ada hello");
  EXPECT_EQ(Metric("accord_rpc_in_flight", "EchoService/Watch"), 1);
  echo->EndWatches(absl::DataLossError("secret"));
  EXPECT_FALSE(reader->Read(&response));
  const absl::Status status = FromGrpcStatus(reader->Finish());
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(GetReason(status), "INTERNAL");
  EXPECT_THAT(status.ToString(), Not(HasSubstr("secret")));
  EXPECT_EQ(context->GetServerInitialMetadata().find(kRequestIdKey)->second, "id-3");
  EXPECT_EQ(Metric("accord_rpc_handled_total", "INTERNAL"), 1);
  EXPECT_EQ(Metric("accord_rpc_in_flight", "EchoService/Watch"), 0);
}

TEST_F(RuntimeTest, AStreamWhoseClientLeavesCountsAsCancelled) {
  Start();
  const auto context = Context();
  const auto reader = stub->Watch(context.get(), EchoRequest());
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  context->TryCancel();
  EXPECT_TRUE(Eventually([this] { return Metric("accord_rpc_handled_total", "CANCELLED") == 1; }));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace accord::rpc
