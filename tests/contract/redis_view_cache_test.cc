// The view cache over a real Redis: shared by processes, damaged, flushed, paused, dead.
#include <atomic>

#include "common/base/clock.h"
#include "common/cache/view_cache.h"
#include "tests/contract/redis_server.h"
#include "tests/unit/cache/views.h"

namespace accord::cache {
namespace {

using Answer = ViewCache::Answer;
using Kind = Answer::Kind;

const std::string kKey = "status/a1";
constexpr char kRedisKey[] = "accord:view:status/a1";

// One process' cache.
class Gateway {
 public:
  Gateway(const RedisServer& server, const ViewCacheOptions& options)
      : Gateway(Patient(server.address()), options) {}
  Gateway(const RedisOptions& redis, const ViewCacheOptions& options)
      : cache_(std::make_unique<ViewCache>(options, std::make_unique<RedisClient>(redis, registry_),
                                           clock_, registry_)) {}

  bool Connects() {
    return Eventually([this] { return cache_->redis()->breaker() == BreakerState::kClosed; });
  }
  std::future<Answer> Ask(ViewCache::Seen seen, const std::string& key = kKey) {
    auto promise = std::make_shared<std::promise<Answer>>();
    cache_->Lookup(key, std::move(seen), {},
                   [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  static Answer Wait(std::future<Answer> answer) {
    if (answer.wait_for(kLong) == std::future_status::ready) return answer.get();
    ADD_FAILURE() << "no answer";
    return {};
  }
  Answer AskNow(ViewCache::Seen seen) { return Wait(Ask(std::move(seen))); }
  void End() { cache_.reset(); }

 private:
  FakeClock clock_{kNoon};
  prometheus::Registry registry_;
  std::unique_ptr<ViewCache> cache_;
};

class RedisViewCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.Start();
    options_.wait_for_filler = absl::Seconds(30);
    options_.lease = absl::Minutes(1);
    here_.emplace(server_, options_);
    there_.emplace(server_, options_);
    ASSERT_TRUE(here_->Connects());
    ASSERT_TRUE(there_->Connects());
  }
  // Fills at revisions 1, 1 and waits until Redis has it.
  void FillHere() {
    Answer cold = here_->AskNow(Seen(1, 1));
    ASSERT_EQ(cold.kind, Kind::kFill);
    ASSERT_TRUE(cold.ticket->Fill(EnvelopeAt(At(1, 1)), "view").ok());
    ASSERT_TRUE(Eventually([this] { return server_.Command({"EXISTS", kRedisKey}) == "1"; }));
  }

  RedisServer server_;
  ViewCacheOptions options_;
  std::optional<Gateway> here_;
  std::optional<Gateway> there_;
};

TEST_F(RedisViewCacheTest, OneProcessFillsForAll) {
  FillHere();
  const Answer shared = there_->AskNow(Seen(1, 1));
  EXPECT_EQ(shared.kind, Kind::kFresh);
  EXPECT_EQ(shared.tier, Tier::kRedis);
  EXPECT_EQ(shared.view->body(), "view");
  EXPECT_EQ(there_->AskNow(Seen(1, 1)).tier, Tier::kMemory);
}

TEST_F(RedisViewCacheTest, AnOldViewInRedisIsRefusedAndKnown) {
  FillHere();
  const Answer answer = there_->AskNow(Seen(2, 1));
  ASSERT_EQ(answer.kind, Kind::kFill);
  ASSERT_NE(answer.view, nullptr);
  EXPECT_EQ(answer.view->body(), "view");
}

TEST_F(RedisViewCacheTest, SixtyFourColdLookupsInTwoProcessesMakeOneFill) {
  std::atomic<int> fills{0};
  std::atomic<int> fresh{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&, i] {
      Answer answer = (i % 2 == 0 ? here_ : there_)->AskNow(Seen(1, 1));
      if (answer.kind == Kind::kFresh) ++fresh;
      if (answer.kind != Kind::kFill) return;
      ++fills;
      EXPECT_TRUE(answer.ticket->Fill(EnvelopeAt(At(1, 1)), "view").ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fills, 1);
  EXPECT_EQ(fresh, 63);
}

TEST_F(RedisViewCacheTest, ADroppedTicketLetsTheOtherProcessFill) {
  Answer first = here_->AskNow(Seen(1, 1));
  ASSERT_EQ(first.kind, Kind::kFill);
  std::future<Answer> other = there_->Ask(Seen(1, 1));
  first.ticket.reset();
  EXPECT_EQ(Gateway::Wait(std::move(other)).kind, Kind::kFill);
}

TEST_F(RedisViewCacheTest, ALostLeaseIsNotWaitedForTooLong) {
  server_.Command({"SET", "accord:view:lease:status/a1", "somebody"});
  ViewCacheOptions options = options_;
  options.wait_for_filler = absl::Milliseconds(60);
  Gateway gateway(server_, options);
  ASSERT_TRUE(gateway.Connects());
  EXPECT_EQ(gateway.AskNow(Seen(1, 1)).kind, Kind::kFill);
}

TEST_F(RedisViewCacheTest, WhoeverWaitsAtTheEndIsAnswered) {
  server_.Command({"SET", "accord:view:lease:status/a1", "somebody"});
  std::future<Answer> leader = here_->Ask(Seen(1, 1));
  std::future<Answer> waiter = here_->Ask(Seen(1, 1));
  here_->End();
  EXPECT_EQ(Gateway::Wait(std::move(leader)).kind, Kind::kNothing);
  EXPECT_EQ(Gateway::Wait(std::move(waiter)).kind, Kind::kNothing);
}

TEST_F(RedisViewCacheTest, ADamagedEntryIsRefusedAndHealed) {
  FillHere();
  // The last byte of the body.
  const int size = std::stoi(server_.Command({"STRLEN", kRedisKey}));
  server_.Command({"SETRANGE", kRedisKey, absl::StrCat(size - 1), "X"});
  Answer answer = there_->AskNow(Seen(1, 1));
  ASSERT_EQ(answer.kind, Kind::kFill);
  EXPECT_EQ(answer.view, nullptr);
  ASSERT_TRUE(answer.ticket->Fill(EnvelopeAt(At(1, 1)), "view").ok());
  Gateway third(server_, options_);
  ASSERT_TRUE(third.Connects());
  EXPECT_TRUE(Eventually([&third] { return third.AskNow(Seen(1, 1)).kind == Kind::kFresh; }));
}

TEST_F(RedisViewCacheTest, AnEntryUnderAnotherKeyIsRefused) {
  FillHere();
  ASSERT_EQ(server_.Command({"COPY", kRedisKey, "accord:view:status/a2"}), "1");
  const Answer answer = Gateway::Wait(there_->Ask(Seen(1, 1), "status/a2"));
  EXPECT_EQ(answer.kind, Kind::kFill);
  EXPECT_EQ(answer.view, nullptr);
}

TEST_F(RedisViewCacheTest, WithoutRedisEveryLookupIsStillAnswered) {
  FillHere();
  server_.Kill();
  EXPECT_EQ(here_->AskNow(Seen(1, 1)).kind, Kind::kFresh);
  Answer cold = there_->AskNow(Seen(1, 1));
  ASSERT_EQ(cold.kind, Kind::kFill);
  ASSERT_TRUE(cold.ticket->Fill(EnvelopeAt(At(1, 1)), "view").ok());
  EXPECT_EQ(there_->AskNow(Seen(1, 1)).tier, Tier::kMemory);
  server_.Start();
  ASSERT_TRUE(there_->Connects());
  cold = there_->AskNow(Seen(2, 1));
  ASSERT_EQ(cold.kind, Kind::kFill);
  ASSERT_TRUE(cold.ticket->Fill(EnvelopeAt(At(2, 1)), "new").ok());
  EXPECT_TRUE(Eventually([this] { return server_.Command({"EXISTS", kRedisKey}) == "1"; }));
}

TEST_F(RedisViewCacheTest, APausedRedisCostsALookupTwoOperationsAtMost) {
  RedisOptions redis = Patient(server_.address());
  redis.operation_timeout = absl::Milliseconds(50);
  Gateway gateway(redis, options_);
  ASSERT_TRUE(gateway.Connects());
  server_.Pause();
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(gateway.AskNow(Seen(1, 1)).kind, Kind::kFill);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  }
  server_.Resume();
}

}  // namespace
}  // namespace accord::cache
