// The Redis client against a real server, well and ill.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>

#include "common/cache/redis_version.h"
#include "common/cache/rule.h"
#include "tests/contract/redis_server.h"
#include "tests/unit/cache/views.h"

namespace accord::cache {
namespace {

class RedisTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.Start();
    client_.emplace(Patient(server_.address()));
    ASSERT_TRUE(client_->Connects());
  }

  RedisServer server_;
  std::optional<TestClient> client_;
};

TEST_F(RedisTest, ReturnsWhatWasStored) {
  EXPECT_EQ(client_->Get("k").first, RedisOutcome::kMissing);
  const std::string value("a\0\r\nb", 5);
  EXPECT_EQ(client_->Store("k", value, At(1, 1)), RedisOutcome::kOk);
  const auto [outcome, read] = client_->Get("k");
  EXPECT_EQ(outcome, RedisOutcome::kOk);
  EXPECT_EQ(read, value);
}

TEST_F(RedisTest, TheServerReplacesWhatTheRuleReplaces) {
  const absl::Time later = kNoon + absl::Hours(25);
  const std::vector<Version> versions = {
      At(1, 1),
      At(2, 1),
      At(1, 2),
      At(10, 9),
      At(1, 1, later),
      At(1, 1, absl::InfiniteFuture()),
      At(int64_t{1} << 60, (int64_t{1} << 60) + 1),
      At((int64_t{1} << 60) + 1, (int64_t{1} << 60) + 1),
      {{{"agreements", "log-b", 1}, {"training", "log-t", 1}}, kNoon},
      {{{"agreements", "log-a", 1}}, kNoon}};
  for (const Version& held : versions) {
    for (const Version& fresh : versions) {
      server_.Command({"DEL", "k"});
      ASSERT_EQ(client_->Store("k", "held", held), RedisOutcome::kOk);
      const bool replaces = Replaces(fresh, held);
      EXPECT_EQ(client_->Store("k", "fresh", fresh),
                replaces ? RedisOutcome::kOk : RedisOutcome::kNotNewer)
          << VersionLine(held) << VersionLine(fresh);
      EXPECT_EQ(client_->Get("k").second, replaces ? "fresh" : "held");
    }
  }
}

TEST_F(RedisTest, ReadingDoesNotExtendTheExpiry) {
  ASSERT_EQ(client_->Store("k", "value", At(1, 1), absl::Seconds(100)), RedisOutcome::kOk);
  const std::string expires = server_.Command({"PEXPIRETIME", "k"});
  EXPECT_GT(std::stoll(expires), 0);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(client_->Get("k").first, RedisOutcome::kOk);
  ASSERT_EQ(client_->Store("k", "same", At(1, 1), absl::Hours(1)), RedisOutcome::kNotNewer);
  EXPECT_EQ(server_.Command({"PEXPIRETIME", "k"}), expires);
  ASSERT_EQ(client_->Store("k", "gone", At(2, 1), absl::Milliseconds(1)), RedisOutcome::kOk);
  EXPECT_TRUE(Eventually([this] { return client_->Get("k").first == RedisOutcome::kMissing; }));
}

TEST_F(RedisTest, RacingWritersLeaveTheNewestAndNeverGoBack) {
  constexpr int kWriters = 8;
  constexpr int kRevisions = 150;
  std::atomic<bool> writing{true};
  std::atomic<int> backwards{0};
  std::thread reader([&] {
    int last = 0;
    while (writing) {
      const auto [outcome, value] = client_->Get("k");
      if (outcome != RedisOutcome::kOk) continue;
      if (std::stoi(value) < last) ++backwards;
      last = std::stoi(value);
    }
  });
  std::atomic<int> stored{0};
  std::vector<std::thread> writers;
  for (unsigned seed = 0; seed < kWriters; ++seed) {
    writers.emplace_back([&, seed] {
      TestClient own(Patient(server_.address()));
      ASSERT_TRUE(own.Connects());
      std::vector<int> revisions(kRevisions);
      for (int i = 0; i < kRevisions; ++i) revisions[i] = i + 1;
      std::shuffle(revisions.begin(), revisions.end(), std::mt19937(seed));
      for (const int revision : revisions) {
        const RedisOutcome outcome = own.Store("k", absl::StrCat(revision), At(revision, revision));
        if (outcome == RedisOutcome::kOk) ++stored;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  writing = false;
  reader.join();
  EXPECT_EQ(client_->Get("k").second, absl::StrCat(kRevisions));
  EXPECT_EQ(backwards, 0);
  EXPECT_LE(stored, kRevisions);
}

TEST_F(RedisTest, ALeaseIsHeldByOneUntilItIsReleased) {
  EXPECT_EQ(client_->Lease("l", "mine"), RedisOutcome::kOk);
  EXPECT_EQ(client_->Lease("l", "yours"), RedisOutcome::kHeld);
  EXPECT_EQ(client_->Release("l", "yours"), RedisOutcome::kOk);
  EXPECT_EQ(client_->Lease("l", "yours"), RedisOutcome::kHeld);
  EXPECT_EQ(client_->Release("l", "mine"), RedisOutcome::kOk);
  EXPECT_EQ(client_->Lease("l", "yours", absl::Milliseconds(5)), RedisOutcome::kOk);
  EXPECT_TRUE(Eventually([this] { return client_->Lease("l", "mine") == RedisOutcome::kOk; }));
}

TEST_F(RedisTest, AFlushOfValuesAndScriptsIsAMiss) {
  ASSERT_EQ(client_->Store("k", "value", At(9, 9)), RedisOutcome::kOk);
  server_.Command({"FLUSHALL"});
  server_.Command({"SCRIPT", "FLUSH"});
  EXPECT_EQ(client_->Get("k").first, RedisOutcome::kMissing);
  EXPECT_EQ(client_->Store("k", "again", At(1, 1)), RedisOutcome::kOk);
  EXPECT_EQ(client_->Get("k").second, "again");
}

TEST_F(RedisTest, WhatIsNoValueOfOursIsAMissAndIsReplaced) {
  server_.Command({"LPUSH", "list", "a"});
  EXPECT_EQ(client_->Get("list").first, RedisOutcome::kWrongType);
  EXPECT_EQ(client_->Release("list", "a"), RedisOutcome::kWrongType);
  for (const char* garbage : {"garbage", "accord1 ", "accord1 no line", "accord1 a:b\nx", "\n"}) {
    server_.Command({"SET", "garbage", garbage});
    const RedisOutcome outcome = client_->Get("garbage").first;
    EXPECT_TRUE(outcome == RedisOutcome::kDamaged || outcome == RedisOutcome::kOk) << garbage;
    EXPECT_EQ(client_->Store("garbage", "good", At(1, 1)), RedisOutcome::kOk) << garbage;
    EXPECT_EQ(client_->Get("garbage").second, "good");
  }
  EXPECT_EQ(client_->Store("list", "good", At(1, 1)), RedisOutcome::kOk);
  EXPECT_EQ(client_->Get("list").second, "good");
}

TEST_F(RedisTest, ATooLargeValueIsNeitherStoredNorRead) {
  RedisOptions options = Patient(server_.address());
  options.max_value_bytes = 1'000;
  TestClient small(options);
  ASSERT_TRUE(small.Connects());
  const std::string large(2'000, 'x');
  EXPECT_EQ(small.Store("k", large, At(1, 1)), RedisOutcome::kTooLarge);
  ASSERT_EQ(client_->Store("k", large, At(1, 1)), RedisOutcome::kOk);
  EXPECT_EQ(small.Get("k").first, RedisOutcome::kTooLarge);
  EXPECT_EQ(client_->Get("k").second, large);
}

TEST_F(RedisTest, AFullServerStillReads) {
  ASSERT_EQ(client_->Store("k", "value", At(1, 1)), RedisOutcome::kOk);
  server_.Command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  server_.Command({"CONFIG", "SET", "maxmemory", "1mb"});
  const std::string large(100'000, 'x');
  RedisOutcome outcome = RedisOutcome::kOk;
  for (int i = 0; i < 30 && outcome == RedisOutcome::kOk; ++i) {
    outcome = client_->Store(absl::StrCat("k", i), large, At(1, 1));
  }
  EXPECT_EQ(outcome, RedisOutcome::kOutOfMemory);
  EXPECT_EQ(client_->Lease("l", "token"), RedisOutcome::kOutOfMemory);
  EXPECT_EQ(client_->Get("k").second, "value");
  EXPECT_EQ(client_->client().breaker(), BreakerState::kClosed);
}

TEST_F(RedisTest, RecoversFromAKilledServer) {
  ASSERT_EQ(client_->Store("k", "value", At(1, 1)), RedisOutcome::kOk);
  server_.Kill();
  ASSERT_TRUE(client_->Opens());
  EXPECT_EQ(client_->Get("k").first, RedisOutcome::kUnavailable);
  EXPECT_EQ(client_->Store("k", "value", At(2, 2)), RedisOutcome::kUnavailable);
  server_.Start();
  ASSERT_TRUE(client_->Connects());
  EXPECT_EQ(client_->Get("k").first, RedisOutcome::kMissing);
  EXPECT_EQ(client_->Store("k", "value", At(1, 1)), RedisOutcome::kOk);
}

TEST_F(RedisTest, TalksThroughAUnixSocket) {
  RedisOptions options = Patient({});
  options.address.unix_path = server_.unix_path();
  TestClient local(options);
  ASSERT_TRUE(local.Connects());
  ASSERT_EQ(local.Store("k", "value", At(1, 1)), RedisOutcome::kOk);
  EXPECT_EQ(client_->Get("k").second, "value");
}

TEST_F(RedisTest, APausedServerCostsAnOperationItsTimeAndThenNothing) {
  RedisOptions options = Patient(server_.address());
  options.operation_timeout = absl::Milliseconds(100);
  options.connect_timeout = absl::Milliseconds(500);
  TestClient client(options);
  ASSERT_TRUE(client.Connects());
  server_.Pause();
  int timeouts = 0;
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const RedisOutcome outcome = client.Get("k").first;
    // Far below what it takes when the time of an operation is not kept.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    if (outcome == RedisOutcome::kTimeout) ++timeouts;
    if (outcome == RedisOutcome::kUnavailable) ++refused;
  }
  EXPECT_EQ(timeouts + refused, 200);
  EXPECT_EQ(timeouts, options.failures_to_open);
  EXPECT_NE(client.client().breaker(), BreakerState::kClosed);
  // Probes are not answered either.
  EXPECT_TRUE(Eventually([&client] { return client.FailedConnects() >= 2; }));
  server_.Resume();
  ASSERT_TRUE(client.Connects());
  EXPECT_EQ(client.Get("k").first, RedisOutcome::kMissing);
}

TEST_F(RedisTest, ALateReplyIsNotTakenForTheNextOne) {
  RedisOptions options = Patient(server_.address());
  options.operation_timeout = absl::Milliseconds(100);
  options.failures_to_open = 1'000;
  TestClient client(options);
  ASSERT_TRUE(client.Connects());
  ASSERT_EQ(client_->Store("a", "value of a", At(1, 1)), RedisOutcome::kOk);
  ASSERT_EQ(client_->Store("b", "value of b", At(1, 1)), RedisOutcome::kOk);
  server_.Pause();
  EXPECT_EQ(client.Get("a").first, RedisOutcome::kTimeout);
  server_.Resume();
  EXPECT_TRUE(Eventually([&client] {
    const auto [outcome, value] = client.Get("b");
    EXPECT_TRUE(value.empty() || value == "value of b") << value;
    return outcome == RedisOutcome::kOk;
  }));
}

TEST_F(RedisTest, TheQueueIsBounded) {
  RedisOptions options = Patient(server_.address());
  options.max_operations = 4;
  std::atomic<int> full{0};
  std::atomic<int> ended{0};
  TestClient client(options);
  ASSERT_TRUE(client.Connects());
  server_.Pause();
  for (int i = 0; i < 10; ++i) {
    client.client().Get("k", [&](RedisOutcome outcome, const std::string&) {
      if (outcome == RedisOutcome::kQueueFull) ++full;
      ++ended;
    });
  }
  EXPECT_EQ(full, 6);
  EXPECT_EQ(ended, 6);
  client.client().Stop();
  EXPECT_EQ(ended, 10);
  EXPECT_EQ(client.Get("k").first, RedisOutcome::kUnavailable);
  server_.Resume();
}

TEST(RedisAuthTest, ConnectsOnceThePasswordIsRight) {
  RedisServer server({"--requirepass", "right"});
  server.Start();
  const testing::TempDir dir;
  RedisOptions options = Patient(server.address());
  options.password_file = dir.File("password");
  std::ofstream(options.password_file) << "wrong\n";
  TestClient client(options);
  EXPECT_TRUE(Eventually([&client] { return client.FailedConnects() >= 3; }));
  EXPECT_NE(client.client().breaker(), BreakerState::kClosed);
  EXPECT_EQ(client.Get("k").first, RedisOutcome::kUnavailable);
  std::ofstream(options.password_file) << "right\n";
  ASSERT_TRUE(client.Connects());
  EXPECT_EQ(client.Store("k", "value", At(1, 1)), RedisOutcome::kOk);

  options.password_file.clear();
  options.user = "default";
  options.password = "right";
  TestClient named(options);
  ASSERT_TRUE(named.Connects());
  EXPECT_EQ(named.Get("k").second, "value");
}

TEST(RedisTlsTest, TrustsOnlyTheRightServer) {
  const testing::TempDir dir;
  const auto make = [&dir](const std::string& name) {
    const auto made = testing::RunCommand(
        {"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=redis", "-addext", "subjectAltName=DNS:redis.test,IP:127.0.0.1", "-keyout",
         dir.File(name + ".key"), "-out", dir.File(name + ".crt")});
    ASSERT_TRUE(made.ok() && made->exit_code == 0) << made.status();
  };
  make("server");
  make("other");
  const int tls_port = testing::FreePort();
  RedisServer tls_server({"--tls-port", absl::StrCat(tls_port), "--tls-cert-file",
                          dir.File("server.crt"), "--tls-key-file", dir.File("server.key"),
                          "--tls-ca-cert-file", dir.File("server.crt")});
  tls_server.Start();
  RedisOptions options = Patient(tls_server.address());
  options.address.port = tls_port;
  options.address.tls = {true, dir.File("server.crt"), dir.File("server.crt"),
                         dir.File("server.key"), ""};
  TestClient client(options);
  ASSERT_TRUE(client.Connects());
  const std::string value(300'000, 'x');
  EXPECT_EQ(client.Store("k", value, At(1, 1)), RedisOutcome::kOk);
  EXPECT_EQ(client.Get("k").second, value);

  RedisOptions other_ca = options;
  other_ca.address.tls.ca = dir.File("other.crt");
  RedisOptions other_name = options;
  other_name.address.tls.server_name = "elsewhere.test";
  RedisOptions no_certificate = options;
  no_certificate.address.tls.cert.clear();
  no_certificate.address.tls.key.clear();
  RedisOptions plain = options;
  plain.address.tls = {};
  for (const RedisOptions& wrong : {other_ca, other_name, no_certificate, plain}) {
    TestClient refused(wrong);
    EXPECT_TRUE(Eventually([&refused] { return refused.FailedConnects() >= 2; }));
    EXPECT_EQ(refused.Get("k").first, RedisOutcome::kUnavailable);
  }
  options.address.tls.server_name = "redis.test";
  TestClient named(options);
  EXPECT_TRUE(named.Connects());
  tls_server.Kill();
  EXPECT_TRUE(client.Opens());
}

TEST(RedisNobodyTest, WhereNobodyListensEverythingIsRefusedAtOnce) {
  RedisOptions options = Patient({});
  options.address.port = testing::FreePort();
  TestClient client(options);
  EXPECT_TRUE(Eventually([&client] { return client.FailedConnects() >= 3; }));
  EXPECT_EQ(client.Get("k").first, RedisOutcome::kUnavailable);
  EXPECT_EQ(client.Lease("k", "token"), RedisOutcome::kUnavailable);
}

}  // namespace
}  // namespace accord::cache
