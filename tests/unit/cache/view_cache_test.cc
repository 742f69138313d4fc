// The view cache with process memory alone; with Redis it is in the contract tests.
#include "common/cache/view_cache.h"

#include <atomic>
#include <future>
#include <thread>

#include "common/base/clock.h"
#include "tests/unit/cache/views.h"

namespace accord::cache {
namespace {

using Answer = ViewCache::Answer;
using Kind = Answer::Kind;

constexpr std::chrono::seconds kLong{20};
const std::string kKey = "status/a1";

class ViewCacheTest : public ::testing::Test {
 protected:
  // A wait so long that only a filler ends it, unless a test sets another.
  void Make(absl::Duration wait = absl::Seconds(30)) {
    ViewCacheOptions options;
    options.wait_for_filler = wait;
    cache_ = std::make_unique<ViewCache>(options, nullptr, clock_, registry_);
  }
  std::future<Answer> Ask(ViewCache::Seen seen, bool allow_stale = true) {
    auto promise = std::make_shared<std::promise<Answer>>();
    cache_->Lookup(kKey, std::move(seen), {allow_stale},
                   [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  static bool IsReady(std::future<Answer>& answer) {
    return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  // Fails when there is no answer in a long time.
  static Answer Wait(std::future<Answer>& answer) {
    if (answer.wait_for(kLong) == std::future_status::ready) return answer.get();
    ADD_FAILURE() << "no answer";
    return {};
  }
  Answer AskNow(ViewCache::Seen seen, bool allow_stale = true) {
    std::future<Answer> answer = Ask(std::move(seen), allow_stale);
    return Wait(answer);
  }
  // The sum of a counter where a label has this value; -1 when there is none.
  double Metric(const std::string& name, const std::string& label_value) {
    double sum = -1;
    for (const auto& family : registry_.Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) {
        for (const auto& label : metric.label) {
          if (label.value == label_value) sum = std::max(sum, 0.0) + metric.counter.value;
        }
      }
    }
    return sum;
  }

  FakeClock clock_{kNoon};
  prometheus::Registry registry_;
  std::unique_ptr<ViewCache> cache_;
};

TEST_F(ViewCacheTest, AColdKeyGivesATicketAndThenTheStoredBytes) {
  Make();
  Answer cold = AskNow(Seen(1, 1));
  ASSERT_EQ(cold.kind, Kind::kFill);
  EXPECT_EQ(cold.view, nullptr);
  const auto filled = cold.ticket->Fill(EnvelopeAt(At(1, 1)), "view");
  ASSERT_TRUE(filled.ok());
  clock_.Advance(absl::Seconds(3));
  const Answer warm = AskNow(Seen(1, 1));
  EXPECT_EQ(warm.kind, Kind::kFresh);
  EXPECT_EQ(warm.view, *filled);
  EXPECT_EQ(warm.age, absl::Seconds(3));
  EXPECT_EQ(cache_->LookupMemory(kKey, Seen(1, 1)), *filled);
  EXPECT_EQ(cache_->LookupMemory(kKey, Seen(2, 1)), nullptr);
  EXPECT_EQ(Metric("accord_cache_hits_total", "memory"), 2);
  EXPECT_EQ(Metric("accord_cache_refused_total", "older"), 0);
  (void)AskNow(Seen(2, 1));
  EXPECT_EQ(Metric("accord_cache_refused_total", "older"), 1);
  EXPECT_EQ(Metric("accord_cache_fills_total", "filled"), 1);
}

TEST_F(ViewCacheTest, ARefusedViewComesWithTheTicket) {
  Make();
  ASSERT_TRUE(cache_->Store(kKey, EnvelopeAt(At(1, 1)), "old").ok());
  clock_.Advance(absl::Minutes(2));
  const Answer answer = AskNow(Seen(2, 1));
  ASSERT_EQ(answer.kind, Kind::kFill);
  ASSERT_NE(answer.view, nullptr);
  EXPECT_EQ(answer.view->body(), "old");
  EXPECT_EQ(answer.age, absl::Minutes(2));
}

TEST_F(ViewCacheTest, AViewThatExpiresByDateIsReplacedAtTheSameRevisions) {
  Make();
  ASSERT_TRUE(cache_->Store(kKey, EnvelopeAt(At(1, 1)), "today").ok());
  clock_.Advance(absl::Hours(1));
  ASSERT_EQ(cache_->LookupMemory(kKey, Seen(1, 1)), nullptr);
  ASSERT_TRUE(cache_->Store(kKey, EnvelopeAt(At(1, 1, kNoon + absl::Hours(25))), "next").ok());
  ASSERT_NE(cache_->LookupMemory(kKey, Seen(1, 1)), nullptr);
}

TEST_F(ViewCacheTest, SixtyFourColdLookupsMakeOneFill) {
  Make();
  std::atomic<int> fills{0};
  std::atomic<int> fresh{0};
  std::atomic<int> others{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&] {
      std::future<Answer> asked = Ask(Seen(1, 1));
      Answer answer = Wait(asked);
      if (answer.kind == Kind::kFill) {
        ++fills;
        EXPECT_TRUE(answer.ticket->Fill(EnvelopeAt(At(1, 1)), "view").ok());
      } else {
        ++(answer.kind == Kind::kFresh ? fresh : others);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fills, 1);
  EXPECT_EQ(fresh, 63);
  EXPECT_EQ(others, 0);
}

TEST_F(ViewCacheTest, ADroppedTicketPassesToTheNext) {
  Make();
  Answer first = AskNow(Seen(1, 1));
  std::future<Answer> second = Ask(Seen(1, 1));
  std::future<Answer> third = Ask(Seen(1, 1));
  EXPECT_FALSE(IsReady(second));
  first.ticket.reset();
  Answer next = Wait(second);
  ASSERT_EQ(next.kind, Kind::kFill);
  EXPECT_FALSE(IsReady(third));
  // What cannot be encoded counts as dropped.
  EXPECT_FALSE(next.ticket->Fill(EnvelopeAt({}), "view").ok());
  EXPECT_EQ(Wait(third).kind, Kind::kFill);
  EXPECT_EQ(Metric("accord_cache_fills_total", "abandoned"), 3);
}

TEST_F(ViewCacheTest, AWaiterThatHasSeenMoreThanTheFillerComputesAnew) {
  Make();
  Answer first = AskNow(Seen(1, 1));
  std::future<Answer> newer = Ask(Seen(2, 1));
  std::future<Answer> same = Ask(Seen(1, 1));
  ASSERT_TRUE(first.ticket->Fill(EnvelopeAt(At(1, 1)), "one").ok());
  EXPECT_EQ(Wait(same).kind, Kind::kFresh);
  const Answer again = Wait(newer);
  ASSERT_EQ(again.kind, Kind::kFill);
  EXPECT_EQ(again.view->body(), "one");
}

TEST_F(ViewCacheTest, ALateFillerDoesNotBringBackAnOldAnswer) {
  Make();
  Answer slow = AskNow(Seen(1, 1));
  ASSERT_TRUE(cache_->Store(kKey, EnvelopeAt(At(5, 5)), "new").ok());
  ASSERT_TRUE(slow.ticket->Fill(EnvelopeAt(At(1, 1)), "old").ok());
  EXPECT_EQ(AskNow(Seen(5, 5)).view->body(), "new");
  EXPECT_EQ(Metric("accord_cache_not_newer_total", "memory"), 1);
}

TEST_F(ViewCacheTest, TheWaitIsBounded) {
  Make(absl::Milliseconds(30));
  ASSERT_TRUE(cache_->Store(kKey, EnvelopeAt(At(1, 1)), "old").ok());
  const Answer filler = AskNow(Seen(2, 1));
  ASSERT_EQ(filler.kind, Kind::kFill);
  const Answer stale = AskNow(Seen(2, 1));
  EXPECT_EQ(stale.kind, Kind::kStale);
  EXPECT_EQ(stale.view->body(), "old");
  const Answer nothing = AskNow(Seen(2, 1), /*allow_stale=*/false);
  EXPECT_EQ(nothing.kind, Kind::kNothing);
  EXPECT_EQ(nothing.view, nullptr);
}

TEST_F(ViewCacheTest, AViewOfAnotherLogIsNotShownAsStale) {
  Make(absl::Milliseconds(30));
  ASSERT_TRUE(cache_->Store(kKey, EnvelopeAt(At(9, 9)), "other").ok());
  ViewCache::Seen seen = Seen(1, 1);
  seen[0].log = "log-b";
  const Answer answer = AskNow(seen);
  EXPECT_EQ(answer.kind, Kind::kFill);
  EXPECT_EQ(answer.view, nullptr);
  EXPECT_EQ(AskNow(seen).kind, Kind::kNothing);
  EXPECT_EQ(Metric("accord_cache_refused_total", "other_log"), 2);
}

}  // namespace
}  // namespace accord::cache
