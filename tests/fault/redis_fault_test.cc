// Redis fails in every way while clients write and read through two gateways that share it:
// no answer is wrong, too old, late or even labelled, and Redis is used again by itself.
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "tests/fault/load.h"
#include "tests/fault/stage.h"

namespace accord::fault {
namespace {

using accord::testing::IsOk;
using accord::testing::RedisServer;
using accord::testing::TcpProxy;

// A test's Redis with the gateways' lines to it.
struct Victim {
  Stage& stage;
  RedisServer& spare;

  void OnLines(const std::function<void(TcpProxy&)>& act) const {
    for (const auto& gateway : stage.gateways) act(*gateway->to_redis);
  }
  void HealLines() const {
    OnLines([](TcpProxy& line) { line.Heal(); });
  }
  void Command(std::vector<std::string> arguments) const {
    EXPECT_THAT(stage.redis.Command(std::move(arguments)), IsOk());
  }
};

struct Fault {
  std::string name;
  std::function<void(Victim&)> begin{};
  std::function<void(Victim&)> end = [](Victim& victim) { victim.HealLines(); };
  // Whether Redis is of no use while it lasts.
  bool useless = true;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

// Not of the protocol at all.
TcpProxy::Fate Noise(int, TcpProxy::From from, std::string& data) {
  if (from == TcpProxy::From::kServer) data.assign(data.size(), '\xA5');
  return TcpProxy::Fate::kPass;
}

// Well-formed, and never what was asked for.
TcpProxy::Fate Nonsense(int, TcpProxy::From from, std::string& data) {
  if (from == TcpProxy::From::kServer) data = "$5\r\nhello\r\n";
  return TcpProxy::Fate::kPass;
}

// Views arrive with one bit turned; short replies are left alone.
TcpProxy::Fate TurnedBits(int, TcpProxy::From from, std::string& data) {
  constexpr size_t kShort = 100;
  if (from == TcpProxy::From::kServer && data.size() > kShort) data[data.size() / 2] ^= 1;
  return TcpProxy::Fate::kPass;
}

const Fault kFaults[] = {
    {"Killed", [](Victim& victim) { victim.stage.redis.Kill(); },
     [](Victim& victim) { ASSERT_THAT(victim.stage.redis.Start(), IsOk()); }},
    {"Paused", [](Victim& victim) { victim.stage.redis.Pause(); },
     [](Victim& victim) { victim.stage.redis.Resume(); }},
    {"Silent", [](Victim& victim) { victim.OnLines([](TcpProxy& line) { line.Hold(); }); }},
    {"Refusing", [](Victim& victim) { victim.OnLines([](TcpProxy& line) { line.Refuse(); }); }},
    {"Slow",
     [](Victim& victim) {
       victim.OnLines([](TcpProxy& line) { line.Delay(absl::Milliseconds(3)); });
     },
     [](Victim& victim) { victim.HealLines(); }, false},
    {"TooSlow",
     [](Victim& victim) {
       victim.OnLines([](TcpProxy& line) { line.Delay(absl::Milliseconds(200)); });
     }},
    {"Noise", [](Victim& victim) { victim.OnLines([](TcpProxy& line) { line.SetTap(Noise); }); }},
    {"Nonsense",
     [](Victim& victim) { victim.OnLines([](TcpProxy& line) { line.SetTap(Nonsense); }); }},
    {"TurnedBits",
     [](Victim& victim) { victim.OnLines([](TcpProxy& line) { line.SetTap(TurnedBits); }); }},
    {"Flushed", [](Victim& victim) { victim.Command({"FLUSHALL"}); },
     [](Victim& victim) {
       victim.Command({"FLUSHALL"});
       victim.Command({"SCRIPT", "FLUSH"});
     },
     false},
    // Nothing that is there goes, and nothing comes in.
    {"Full",
     [](Victim& victim) {
       victim.Command({"FLUSHALL"});
       victim.Command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
       victim.Command({"CONFIG", "SET", "maxmemory", "1"});
     },
     [](Victim& victim) {
       victim.Command({"CONFIG", "SET", "maxmemory", "0"});
     }},
    {"FailedOverToAnEmptyOne",
     [](Victim& victim) {
       victim.OnLines([&victim](TcpProxy& line) { line.MoveTo(victim.spare.port()); });
     },
     // And back, to one that has missed all since.
     [](Victim& victim) {
       victim.OnLines([&victim](TcpProxy& line) { line.MoveTo(victim.stage.redis.port()); });
     },
     false},
};

double RedisHits(const Stage& stage) {
  double hits = 0;
  for (const auto& gateway : stage.gateways) {
    hits += gateway->Metrics().Sum("accord_cache_hits_total", {R"(tier="redis")"});
  }
  return hits;
}

class RedisFaultTest : public ::testing::TestWithParam<Fault> {};

TEST_P(RedisFaultTest, NoAnswerIsTheWorseForIt) {
  Stage stage({.gateways = 2, .redis = true});
  ASSERT_THAT(stage.Start(), IsOk());
  RedisServer spare;
  ASSERT_THAT(spare.Start(), IsOk());
  Victim victim{stage, spare};
  Load load(stage.gateway_addresses());
  const absl::Time begun = absl::Now();
  ASSERT_TRUE(load.AwaitCalls(200, 100));
  ASSERT_TRUE(testing::Eventually([&stage] { return RedisHits(stage) > 0; }));

  GetParam().begin(victim);
  // Lets go of the operations that were under way when it began.
  load.GoOnFor(absl::Milliseconds(500));
  const double hits_before = RedisHits(stage);
  // More than the bound, so that what is not refreshed shows.
  load.GoOnFor(absl::Seconds(3.5));
  const double hits_during = RedisHits(stage) - hits_before;
  std::cout << "Redis answered " << hits_before << " reads before, " << hits_during
            << " while it lasted\n";
  EXPECT_EQ(GetParam().useless, hits_during == 0);

  GetParam().end(victim);
  const double hits_after = RedisHits(stage);
  EXPECT_TRUE(testing::Eventually([&] { return RedisHits(stage) > hits_after; }, absl::Seconds(10)))
      << "Redis is not used again";
  EXPECT_TRUE(load.AwaitCalls(200, 100));

  Rules rules;
  rules.well_from = begun;
  ExpectRulesKept(load.Finish(stage.agreements.address()), rules);
}

INSTANTIATE_TEST_SUITE_P(Faults, RedisFaultTest, ::testing::ValuesIn(kFaults),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace accord::fault
