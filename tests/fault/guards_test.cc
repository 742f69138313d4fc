// The three guards that keep an old view from being shown as a current one, each in the
// situation that it is there for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "tests/fault/load.h"
#include "tests/fault/stage.h"

namespace accord::fault {
namespace {

using accord::testing::Eventually;
using accord::testing::IsOk;
using ::testing::HasSubstr;

// A feed is silent, and an unlabelled view too old, after two seconds.
constexpr absl::Duration kTooOld = absl::Milliseconds(2500);
constexpr absl::Duration kTimeout = absl::Seconds(5);

class GuardsTest : public ::testing::Test {
 protected:
  void Begin(const StageOptions& options) {
    stage_ = std::make_unique<Stage>(options);
    ASSERT_THAT(stage_->Start(), IsOk());
    for (const auto& gateway : stage_->gateways) {
      clients_.push_back(std::make_unique<Client>(gateway->address()));
    }
    const auto agency = clients_.back()->CreateAgency("Faultville");
    ASSERT_THAT(agency, IsOk());
    agency_ = *agency;
  }

  Gateway& gateway(size_t i) { return *stage_->gateways[i]; }
  // Through the last gateway.
  Place Write(int64_t counter) {
    const auto place = clients_.back()->SetCounter(agency_, counter, NewUuid(), kTimeout);
    EXPECT_THAT(place, IsOk());
    return place.value_or(Place());
  }
  Read ReadAt(size_t i, const std::optional<Place>& wanted = std::nullopt) {
    return clients_[i]->ReadStatus(agency_, wanted, kTimeout);
  }
  // Reads until the answer comes from the gateway's memory.
  void KeepInMemory(size_t i) {
    const auto hits = [&] {
      return gateway(i).Metrics().Sum("accord_cache_hits_total", {R"(tier="memory")"});
    };
    const double before = hits();
    EXPECT_TRUE(Eventually([&] { return ReadAt(i).reachable && hits() > before; }));
  }
  // Many at a time, begun before `meanwhile` and answered after it.
  std::vector<Read> ReadsAcross(size_t i, const std::function<void()>& meanwhile) {
    constexpr int kReads = 16;
    std::vector<Read> reads(kReads);
    std::atomic<int> begun = 0;
    std::vector<std::thread> threads;
    for (Read& read : reads) {
      threads.emplace_back([&, i] {
        Client client(gateway(i).address());
        ++begun;
        read = client.ReadStatus(agency_, std::nullopt, kTimeout);
      });
    }
    EXPECT_TRUE(Eventually([&begun] { return begun == kReads; }));
    meanwhile();
    for (std::thread& thread : threads) thread.join();
    return reads;
  }

  static void ExpectShows(const Read& read, int64_t counter) {
    EXPECT_THAT(read.call.status, IsOk());
    EXPECT_TRUE(read.reachable);
    EXPECT_TRUE(read.freshness_met);
    EXPECT_EQ(read.counter, counter);
  }
  static void ExpectShowsOrLabelled(const Read& read, int64_t counter) {
    EXPECT_THAT(read.call.status, IsOk());
    EXPECT_TRUE(read.counter == counter || !read.reachable)
        << "showed " << read.counter << " at " << FormatPlace(read.place);
  }

  std::unique_ptr<Stage> stage_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::string agency_;
};

// A gateway's store of an old view gets stuck on its way, and arrives in Redis after a change
// and after the newer view was flushed. The revisions are what tells.
TEST_F(GuardsTest, SlowFillersOldViewIsRefused) {
  Begin({.gateways = 2, .redis = true});
  Write(1);
  ExpectShows(ReadAt(1), 1);  // Redis knows the script that stores from here on.
  const auto views = [this] {
    const auto keys = stage_->redis.Command({"KEYS", "*agency_status/*"});
    return keys.ok() && !absl::StrContains(*keys, "lease:") ? *keys : "";
  };
  ASSERT_TRUE(Eventually([&views] { return !views().empty(); }));
  const Place second = Write(2);
  gateway(0).to_redis->Hold();
  ExpectShows(ReadAt(0, second), 2);
  const Place third = Write(3);
  ASSERT_THAT(stage_->redis.Command({"FLUSHALL"}), IsOk());
  gateway(0).to_redis->Heal();
  ASSERT_TRUE(Eventually([&views] { return !views().empty(); })) << "nothing was stuck";
  const auto stored = stage_->redis.Command({"GET", views()});
  ASSERT_THAT(stored, IsOk());
  ASSERT_THAT(*stored, HasSubstr("count 2"));

  // A gateway that has nothing in memory.
  gateway(1).program.Kill();
  ASSERT_THAT(gateway(1).Start(), IsOk());
  ExpectShows(ReadAt(1), 3);
  ExpectShows(ReadAt(1, third), 3);
  ExpectShows(ReadAt(0), 3);
  EXPECT_GT(gateway(1).Metrics().Sum("accord_cache_refused_total",
                                     {R"(tier="redis")", R"(reason="older")"}),
            0);
}

TEST_F(GuardsTest, GatewayPausedAcrossAChangeDoesNotShowWhatItKept) {
  Begin({.gateways = 2});
  for (int64_t counter = 1; counter <= 5; counter += 2) {
    ExpectShows(ReadAt(0, Write(counter)), counter);
    KeepInMemory(0);
    gateway(0).program.Signal(SIGSTOP);
    Write(counter + 1);
    absl::SleepFor(kTooOld);  // Time that passes is what this is about.
    for (const Read& read : ReadsAcross(0, [this] { gateway(0).program.Signal(SIGCONT); })) {
      ExpectShowsOrLabelled(read, counter + 1);
    }
    EXPECT_TRUE(Eventually([this] { return ReadAt(0).reachable; }, absl::Seconds(5)));
    ExpectShows(ReadAt(0), counter + 1);
  }
}

// As before, and what happened meanwhile is still on its way.
TEST_F(GuardsTest, SilentLogIsNotTakenForOneWithoutChanges) {
  Begin({.gateways = 2});
  ExpectShows(ReadAt(0, Write(1)), 1);
  KeepInMemory(0);
  gateway(0).to_agreements.Hold();
  Write(2);
  absl::SleepFor(kTooOld);
  for (const Read& read : ReadsAcross(0, [] {})) ExpectShowsOrLabelled(read, 2);
  gateway(0).to_agreements.Heal();
  EXPECT_TRUE(Eventually([this] { return ReadAt(0).reachable; }, absl::Seconds(5)));
  ExpectShows(ReadAt(0), 2);
}

// An older copy of the database takes the place of the one that was lost.
class RestoreTest : public GuardsTest {
 protected:
  void Backup() { backup_.emplace(*stage_); }
  void Restore() { ASSERT_THAT(backup_->Restore(*stage_), IsOk()); }
  bool KnowsOfFork() const {
    return stage_->gateways[0]->Metrics().Sum("accord_gateway_feed_forked") == 1;
  }
  void RestartGateway() {
    gateway(0).program.Kill();
    ASSERT_THAT(gateway(0).Start(), IsOk());
  }

  std::optional<fault::Backup> backup_;
};

TEST_F(RestoreTest, WhatARunningGatewayKeptIsNotShownOnceItKnows) {
  Begin({.gateways = 1, .redis = true});
  Write(1);
  Backup();
  const Place undone = Write(2);
  ExpectShows(ReadAt(0, undone), 2);
  KeepInMemory(0);
  Restore();
  ASSERT_TRUE(Eventually([this] { return KnowsOfFork(); }));
  const absl::Time end = absl::Now() + kTooOld;
  while (absl::Now() < end) {
    ExpectShowsOrLabelled(ReadAt(0), 1);
    const Read wanting = ReadAt(0, undone);
    EXPECT_THAT(wanting.call.status, IsOk());
    EXPECT_TRUE(!wanting.freshness_met || wanting.counter == 2);
  }

  RestartGateway();
  ExpectShows(ReadAt(0), 1);
  EXPECT_FALSE(ReadAt(0, undone).freshness_met);
  const Place anew = Write(3);
  EXPECT_NE(anew.log, undone.log);
  ExpectShows(ReadAt(0, anew), 3);
}

// Marks what was acknowledged in the log that the history began with and is not in the
// restored one. The revisions that both have count as the first log's.
int MarkUndone(History& history, absl::Time when) {
  const std::string first_log = history.writes.front().place.log;
  std::map<std::pair<std::string, int64_t>, Logged*> kept;
  for (Logged& entry : history.log) kept[{entry.agency, entry.counter}] = &entry;
  int64_t last_kept = 0;
  int64_t first_undone = INT64_MAX;
  int undone = 0;
  for (Write& write : history.writes) {
    if (write.place.log != first_log) continue;
    const auto found = kept.find({write.agency, write.counter});
    if (found != kept.end() && found->second->place.revision == write.place.revision) {
      found->second->place.log = first_log;
      last_kept = std::max(last_kept, write.place.revision);
    } else {
      write.undone = when;
      first_undone = std::min(first_undone, write.place.revision);
      ++undone;
    }
  }
  EXPECT_LT(last_kept, first_undone) << "more was lost than the end";
  return undone;
}

TEST_F(RestoreTest, UnderWritesNothingTakenBackIsShownAsCurrent) {
  Begin({.gateways = 1, .redis = true});
  Load load(stage_->gateway_addresses());
  ASSERT_TRUE(load.AwaitCalls(100, 30));
  Backup();
  ASSERT_TRUE(load.AwaitCalls(100, 30));
  Restore();
  const absl::Time restored = absl::Now();
  load.GoOnFor(absl::Seconds(5));  // Longer than an unlabelled view may be old.
  EXPECT_TRUE(load.AwaitCalls(100, 30));
  History history = load.Finish(backup_->address());
  EXPECT_GT(MarkUndone(history, restored), 20);
  Rules rules;
  rules.write_errors = {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded};
  ExpectRulesKept(history, rules);
}

}  // namespace
}  // namespace accord::fault
