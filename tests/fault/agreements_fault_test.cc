// The agreements service is away, silent, slow or refuses, while clients write and read
// through gateways: status is answered in time and labelled, and all is well again soon.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <ostream>
#include <thread>
#include <vector>

#include "common/base/crypto.h"
#include "common/testing/matchers.h"
#include "tests/fault/load.h"
#include "tests/fault/stage.h"

namespace accord::fault {
namespace {

using accord::testing::IsOk;

struct Fault {
  std::string name;
  std::function<void(Stage&)> begin{};
  std::function<void(Stage&)> end{};
  absl::Duration lasts = absl::Seconds(4);
  // Whether the owner cannot answer while it lasts.
  bool unreachable = true;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

testing::TcpProxy& Line(Stage& stage) { return stage.gateways.front()->to_agreements; }
void Heal(Stage& stage) { Line(stage).Heal(); }
void Start(Stage& stage) { ASSERT_THAT(stage.agreements.Start(), IsOk()); }

const Fault kFaults[] = {
    // Long enough for every wait between attempts to connect to have grown as far as it can.
    {"Killed", [](Stage& stage) { stage.agreements.Kill(); }, Start, absl::Seconds(12)},
    {"Paused", [](Stage& stage) { stage.agreements.Signal(SIGSTOP); },
     [](Stage& stage) { stage.agreements.Signal(SIGCONT); }},
    // Some calls wait for two seconds each; what the others are shown has to be looked at.
    {"Silent", [](Stage& stage) { Line(stage).Hold(); }, Heal, absl::Seconds(6)},
    {"Refusing", [](Stage& stage) { Line(stage).Refuse(); }, Heal},
    {"CutOnce", [](Stage& stage) { Line(stage).Cut(); }, Heal, absl::Seconds(1), false},
    {"Slow", [](Stage& stage) { Line(stage).Delay(absl::Milliseconds(50)); }, Heal,
     absl::Seconds(4), false},
    {"TooSlow", [](Stage& stage) { Line(stage).Delay(absl::Seconds(1.5)); }, Heal},
};

class AgreementsFaultTest : public ::testing::TestWithParam<Fault> {};

TEST_P(AgreementsFaultTest, StatusIsAnsweredInTimeAndLabelled) {
  // Changes go on through the second gateway while the first one's line is spoiled.
  Stage stage({.gateways = 2});
  ASSERT_THAT(stage.Start(), IsOk());
  Load load(stage.gateway_addresses());
  ASSERT_TRUE(load.AwaitCalls(100, 50));

  GetParam().begin(stage);
  const absl::Time broken = absl::Now();
  load.GoOnFor(GetParam().lasts);
  GetParam().end(stage);

  Rules rules;
  rules.write_errors = {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded};
  rules.well_from = absl::Now() + absl::Seconds(5);
  load.GoOnFor(absl::Seconds(5));
  EXPECT_TRUE(load.AwaitCalls(100, 20));
  const History history = load.Finish(stage.agreements.address());
  ExpectRulesKept(history, rules);

  const auto labelled =
      std::count_if(history.reads.begin(), history.reads.end(),
                    [&](const Read& read) { return read.call.begun > broken && !read.reachable; });
  EXPECT_TRUE(labelled > 0 || !GetParam().unreachable) << "the fault was not felt";
}

// Callers that go on asking the service past the gateway, until they are destroyed.
class Crowd {
 public:
  explicit Crowd(const std::string& agreements) {
    constexpr int kCallers = 16;
    for (int i = 0; i < kCallers; ++i) {
      threads_.emplace_back([this, agreements] {
        Client client(agreements);
        while (!stopping_) {
          client.SetCounter("agencies/nobody", 1, NewUuid(), absl::Seconds(1))
              .status()
              .IgnoreError();
        }
      });
    }
  }
  ~Crowd() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

TEST(AgreementsOverloadTest, StatusIsAnsweredWhileTheOwnerRefusesCalls) {
  // Enough for the clients, not for the crowd.
  Stage stage({.agreements_flags = {"--workers", "4", "--queue", "8"}});
  ASSERT_THAT(stage.Start(), IsOk());
  Load load(stage.gateway_addresses());
  ASSERT_TRUE(load.AwaitCalls(100, 50));
  {
    const Crowd crowd(stage.agreements.address());
    load.GoOnFor(absl::Seconds(4));
  }
  Rules rules;
  rules.write_errors = {absl::StatusCode::kResourceExhausted, absl::StatusCode::kUnavailable,
                        absl::StatusCode::kDeadlineExceeded};
  rules.well_from = absl::Now() + absl::Seconds(5);
  load.GoOnFor(absl::Seconds(5));
  EXPECT_TRUE(load.AwaitCalls(100, 20));
  const History history = load.Finish(stage.agreements.address());
  ExpectRulesKept(history, rules);
  EXPECT_TRUE(std::any_of(history.write_calls.begin(), history.write_calls.end(),
                          [](const Call& call) { return absl::IsResourceExhausted(call.status); }))
      << "nothing was refused";
}

INSTANTIATE_TEST_SUITE_P(Faults, AgreementsFaultTest, ::testing::ValuesIn(kFaults),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace accord::fault
