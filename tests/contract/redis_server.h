// A real redis-server of a test's own, on loopback.
#pragma once

#include <signal.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/cache/redis_client.h"
#include "common/testing/process.h"
#include "common/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace accord::cache {

inline constexpr std::chrono::seconds kLong{20};

// Looks until it holds; false after a long time.
inline bool Eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

class RedisServer {
 public:
  // With more arguments of redis-server. Start it before use.
  explicit RedisServer(std::vector<std::string> arguments = {})
      : arguments_(std::move(arguments)), port_(testing::FreePort()) {}

  void Start() {
    std::vector<std::string> command = {"/usr/bin/redis-server",
                                        "--port",
                                        absl::StrCat(port_),
                                        "--bind",
                                        "127.0.0.1",
                                        "--save",
                                        "",
                                        "--dir",
                                        dir_.path(),
                                        "--unixsocket",
                                        unix_path()};
    command.insert(command.end(), arguments_.begin(), arguments_.end());
    auto process = testing::Process::Start(command, dir_.File("log"));
    ASSERT_TRUE(process.ok()) << process.status();
    process_.emplace(*std::move(process));
  }
  void Kill() { process_->Kill(); }
  void Pause() { process_->Signal(SIGSTOP); }
  void Resume() { process_->Signal(SIGCONT); }

  // What redis-cli prints, without its last line end.
  std::string Command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/usr/bin/redis-cli", "-p", absl::StrCat(port_)});
    const auto output = testing::RunCommand(arguments);
    EXPECT_TRUE(output.ok()) << output.status();
    return output.ok() ? std::string(absl::StripSuffix(output->out, "\n")) : "";
  }

  RedisAddress address() const {
    RedisAddress address;
    address.port = port_;
    return address;
  }
  std::string unix_path() const { return dir_.File("redis.sock"); }
  int port() const { return port_; }

 private:
  const std::vector<std::string> arguments_;
  const int port_;
  const testing::TempDir dir_;
  std::optional<testing::Process> process_;
};

// Patient, so that a busy machine is not taken for a slow server.
inline RedisOptions Patient(const RedisAddress& address) {
  RedisOptions options;
  options.address = address;
  options.operation_timeout = absl::Seconds(10);
  options.connect_timeout = absl::Seconds(5);
  options.open_for = absl::Milliseconds(10);
  options.open_at_most = absl::Milliseconds(100);
  return options;
}

// A client that waits for its answers.
class TestClient {
 public:
  explicit TestClient(const RedisOptions& options) : client_(options, registry_) {}

  // Whether it has connected in a long time.
  bool Connects() {
    return Eventually([this] { return client_.breaker() == BreakerState::kClosed; });
  }
  bool Opens() {
    return Eventually([this] { return client_.breaker() != BreakerState::kClosed; });
  }
  std::pair<RedisOutcome, std::string> Get(const std::string& key) {
    auto promise = std::make_shared<std::promise<std::pair<RedisOutcome, std::string>>>();
    client_.Get(key, [promise](RedisOutcome outcome, std::string value) {
      promise->set_value({outcome, std::move(value)});
    });
    auto answer = promise->get_future();
    if (answer.wait_for(kLong) == std::future_status::ready) return answer.get();
    ADD_FAILURE() << "no answer";
    return {RedisOutcome::kError, ""};
  }
  RedisOutcome Store(const std::string& key, const std::string& value, const Version& version,
                     absl::Duration expire_after = absl::Minutes(1)) {
    return Wait([&](auto done) { client_.StoreIfNewer(key, value, version, expire_after, done); });
  }
  RedisOutcome Lease(const std::string& key, const std::string& token,
                     absl::Duration hold = absl::Minutes(1)) {
    return Wait([&](auto done) { client_.TryLease(key, token, hold, done); });
  }
  RedisOutcome Release(const std::string& key, const std::string& token) {
    return Wait([&](auto done) { client_.ReleaseLease(key, token, done); });
  }
  double FailedConnects() {
    for (const auto& family : registry_.Collect()) {
      if (family.name != "accord_redis_connects_total") continue;
      for (const auto& metric : family.metric) {
        if (metric.label[0].value == "failed") return metric.counter.value;
      }
    }
    return -1;
  }
  RedisClient& client() { return client_; }

 private:
  static RedisOutcome Wait(const std::function<void(RedisClient::Done)>& ask) {
    auto promise = std::make_shared<std::promise<RedisOutcome>>();
    ask([promise](RedisOutcome outcome) { promise->set_value(outcome); });
    auto answer = promise->get_future();
    if (answer.wait_for(kLong) == std::future_status::ready) return answer.get();
    ADD_FAILURE() << "no answer";
    return RedisOutcome::kError;
  }

  prometheus::Registry registry_;
  RedisClient client_;
};

}  // namespace accord::cache
