// A real redis-server, and a client of the cache that waits for its answers.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/cache/redis_client.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "common/testing/redis_server.h"
#include "gtest/gtest.h"

namespace accord::cache {

using testing::Eventually;

inline constexpr std::chrono::seconds kLong{20};

// What goes wrong with the server itself fails the test.
class RedisServer : private testing::RedisServer {
 public:
  using testing::RedisServer::Kill;
  using testing::RedisServer::Pause;
  using testing::RedisServer::port;
  using testing::RedisServer::RedisServer;
  using testing::RedisServer::Resume;
  using testing::RedisServer::unix_path;

  void Start() { ASSERT_THAT(testing::RedisServer::Start(), testing::IsOk()); }
  std::string Command(std::vector<std::string> arguments) const {
    const auto output = testing::RedisServer::Command(std::move(arguments));
    EXPECT_THAT(output, testing::IsOk());
    return output.value_or("");
  }

  RedisAddress address() const {
    RedisAddress address;
    address.port = port();
    return address;
  }
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
