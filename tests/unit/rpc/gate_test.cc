// What a runtime does with the gate's word.
#include "common/rpc/gate.h"

#include <prometheus/registry.h>

#include "absl/strings/match.h"
#include "common/rpc/grpc_status.h"
#include "tests/unit/rpc/echo_server.h"

namespace accord::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Lets in who brings the token "open", with the reach that a test sets.
class TestGate final : public Gate {
 public:
  absl::StatusOr<Admission> Admit(const Credentials& credentials, absl::string_view method,
                                  absl::Time) override {
    std::lock_guard lock(mutex);
    asked.emplace_back(method);
    if (credentials.bearer != "open") {
      return MakeError(absl::StatusCode::kUnauthenticated, "auth.accord", "NO_PROOF", "who?");
    }
    return Admission{{.actor = "id#u-1", .role = "chief", .client = ""}, reach, recorded};
  }

  std::mutex mutex;
  std::vector<std::string> asked;
  Reach reach = Reach::Whole();
  bool recorded = false;
};

class GateTest : public EchoTest {
 protected:
  GateTest() {
    runtime_options.gate = &gate;
    handler = [this](Call& call, const EchoRequest&) {
      ++handled;
      EchoResponse response;
      response.set_text(absl::StrCat(call.caller().actor, " ", call.caller().role, " ",
                                     call.reach().whole ? "whole" : "part", " ", call.bearer()));
      return response;
    };
  }
  absl::StatusOr<std::string> Ask(const std::string& authorization) {
    MetadataMap metadata = {{"accord-actor", "mallory"}, {"accord-role", "unit_chief"}};
    if (!authorization.empty()) metadata.emplace("authorization", authorization);
    const auto answer =
        CallUnary(*stub, &EchoService::Stub::Echo, EchoRequest(), {.metadata = metadata});
    if (!answer.ok()) return answer.status();
    return answer->text();
  }
  double Denied(const std::string& reason) {
    for (const auto& family : runtime->metrics()->Collect()) {
      if (family.name != "accord_rpc_denied_total") continue;
      for (const auto& metric : family.metric) {
        if (metric.label[0].value == reason) return metric.counter.value;
      }
    }
    return 0;
  }

  TestGate gate;
  std::atomic<int> handled = 0;
};

TEST_F(GateTest, SaysWhoItIsWhateverTheCallerSays) {
  Start();
  EXPECT_EQ(Ask("Bearer open").value(), "id#u-1 chief whole open");
  EXPECT_EQ(gate.asked, std::vector<std::string>{"accord.testing.rpc.EchoService/Echo"});
}

TEST_F(GateTest, SaysWhetherReadsOfTheLogAreRecorded) {
  std::vector<bool> seen;
  handler = [&seen](Call& call, const EchoRequest&) {
    seen.push_back(call.log_reads_recorded());
    return EchoResponse();
  };
  Start();
  ASSERT_TRUE(Ask("Bearer open").ok());
  gate.recorded = true;
  ASSERT_TRUE(Ask("Bearer open").ok());
  EXPECT_EQ(seen, (std::vector<bool>{false, true}));
}

TEST_F(GateTest, WhoIsNotLetInReachesNothing) {
  Start();
  for (const char* authorization : {"", "Bearer shut", "Basic open", "open"}) {
    const auto answer = Ask(authorization);
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnauthenticated) << authorization;
    EXPECT_EQ(GetReason(answer.status()), "NO_PROOF");
  }
  EXPECT_EQ(handled, 0);
  EXPECT_EQ(Denied("NO_PROOF"), 4);
}

TEST_F(GateTest, PartOfTheRecordIsForMethodsThatKeepToIt) {
  gate.reach = {.agencies = {"agencies/1"}};
  Start();
  const auto answer = Ask("Bearer open");
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(GetReason(answer.status()), "REACH_TOO_SMALL");
  EXPECT_EQ(handled, 0);
  EXPECT_EQ(Denied("REACH_TOO_SMALL"), 1);
}

TEST_F(GateTest, AMethodThatKeepsToItGetsIt) {
  gate.reach = {.agencies = {"agencies/1"}};
  spec.keeps_to_reach = true;
  Start();
  EXPECT_EQ(Ask("Bearer open").value(), "id#u-1 chief part open");
}

TEST_F(GateTest, WhatTheHandlerDeniesIsCountedToo) {
  handler = [](Call&, const EchoRequest&) {
    return ReachTooSmall("test.accord", "this goes beyond what your roles reach");
  };
  Start();
  EXPECT_EQ(Ask("Bearer open").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Denied("REACH_TOO_SMALL"), 1);
}

TEST_F(GateTest, NeitherTokenNorRefusedNameIsLogged) {
  CaptureLog();
  Start();
  (void)Ask("Bearer open");
  (void)Ask("Bearer shut-secret");
  // The client has the answer a little before the server has written its line.
  ASSERT_TRUE(Eventually([this] { return absl::StrContains(Log(), "NO_PROOF"); }));
  SetLogSinkForTest(nullptr);
  EXPECT_THAT(Log(), HasSubstr("id#u-1"));
  EXPECT_THAT(Log(), Not(HasSubstr("shut-secret")));
  EXPECT_THAT(Log(), Not(HasSubstr("mallory")));
}

TEST_F(GateTest, AChannelBringsItsToken) {
  Start();
  ChannelOptions options;
  options.token = "open";
  const auto other = EchoService::NewStub(Connect(options));
  EXPECT_EQ(CallUnary(*other, &EchoService::Stub::Echo, EchoRequest())->text(),
            "id#u-1 chief whole open");
}

TEST_F(GateTest, ACallThatIsMadeForAnotherBringsTheirToken) {
  Start();
  ChannelOptions options;
  options.token = "shut";
  const auto other = EchoService::NewStub(Connect(options));
  const rpc::Call parent(
      {.caller = {.actor = "id#u-1", .role = "chief", .client = ""}, .bearer = "open"});
  EXPECT_EQ(CallUnary(*other, &EchoService::Stub::Echo, EchoRequest(), {.parent = &parent})->text(),
            "id#u-1 chief whole open");
}

}  // namespace
}  // namespace accord::rpc
