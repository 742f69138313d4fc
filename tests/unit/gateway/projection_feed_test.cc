#include "services/gateway/projection_feed.h"

#include "tests/unit/gateway/gateway_harness.h"

namespace accord::gateway {
namespace {

using State = av1::Agreement;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FeedTest : public GatewayTest {
 protected:
  std::vector<std::string> Listed() {
    const auto page = projection.List({}, Reach::Whole(), Day("2025-07-02"), std::nullopt, 1000);
    std::vector<std::string> names;
    if (!page.ok()) return {std::string(page.status().message())};
    for (const auto& status : page->statuses) names.push_back(status.agency());
    return names;
  }
};

TEST_F(FeedTest, ListsByPagesThenFollows) {
  feed_options.page_size = 2;
  for (int i = 1; i <= 5; ++i) fake.record.Put(MakeAgency(absl::StrCat("agencies/", i)));
  Start();
  CatchUp();
  EXPECT_EQ(projection.sizes().agencies, 5u);
  EXPECT_GE(fake.agreements.pages, 3 + 3);
  fake.record.Put(MakeAgreement("agreements/1", "agencies/1", {{State::ACTIVE, "2025-01-01"}}));
  CatchUp();
  EXPECT_EQ(projection.sizes().agreements, 1u);
}

TEST_F(FeedTest, KnowsOfMergedAgencies) {
  fake.record.Put(MakeAgency("agencies/1"));
  av1::Agency merged = MakeAgency("agencies/2");
  merged.set_merged_into("agencies/1");
  fake.record.Put(merged);
  Start();
  CatchUp();
  EXPECT_THAT(Listed(), ElementsAre("agencies/1"));
  const auto known = projection.RecordOf("agencies/2", Day("2025-07-02"));
  ASSERT_TRUE(known->record.has_value());
  EXPECT_EQ(known->record->agency().name(), "agencies/1");
}

TEST_F(FeedTest, AnEmptyRecordIsKnownInFull) {
  Start();
  CatchUp();
  EXPECT_TRUE(projection.ready());
}

// What changes while the pages are read is neither missed nor undone by the replay.
TEST_F(FeedTest, IsReadyOnlyOnceItHasCaughtUpWithItsNewestPage) {
  fake.record.Put(MakeAgency("agencies/1", "First"));
  fake.feed.Hold(true);
  std::atomic<bool> changed = false;
  fake.agreements.before_page = [&] {
    if (changed.exchange(true)) return;
    fake.record.Put(MakeAgency("agencies/1", "Second"));
    fake.record.Put(MakeAgency("agencies/2"));
  };
  Start();
  ASSERT_TRUE(Eventually([&] { return fake.feed.watching() == 1; }));
  EXPECT_FALSE(projection.ready());
  EXPECT_THAT(Metrics(),
              testing::FailsWith(absl::StatusCode::kUnavailable, "PROJECTION_NOT_READY"));
  fake.feed.Hold(false);
  CatchUp();
  EXPECT_THAT(Listed(), ElementsAre("agencies/2", "agencies/1"));
}

TEST_F(FeedTest, TriesAgainUntilTheServiceAnswers) {
  fake.record.Put(MakeAgency("agencies/1"));
  fake.Stop();
  Start();
  EXPECT_FALSE(projection.ready());
  fake.Start();
  CatchUp();
  EXPECT_THAT(Listed(), ElementsAre("agencies/1"));
}

TEST_F(FeedTest, FollowsOnAfterTheFeedBroke) {
  fake.record.Put(MakeAgency("agencies/1"));
  Start();
  CatchUp();
  const int pages = fake.agreements.pages;
  fake.feed.End();
  fake.record.Put(MakeAgency("agencies/2"));
  CatchUp();
  EXPECT_EQ(projection.sizes().agencies, 2u);
  EXPECT_EQ(fake.agreements.pages, pages) << "it was not listed again";
}

TEST_F(FeedTest, ListsAgainWhenAnImageIsGone) {
  fake.record.Put(MakeAgency("agencies/1"));
  Start();
  CatchUp();
  const int pages = fake.agreements.pages;
  fake.feed.Hold(true);
  const int64_t gone = fake.record.Put(MakeAgency("agencies/2"));
  fake.record.Redact(gone);
  fake.feed.Hold(false);
  CatchUp();
  EXPECT_GT(fake.agreements.pages, pages);
  EXPECT_EQ(projection.sizes().agencies, 2u);
}

TEST_F(FeedTest, AnotherLogStopsItAndIsShown) {
  fake.record.Put(MakeAgency("agencies/1"));
  Start();
  CatchUp();
  fake.record.Fork();
  fake.record.Put(MakeAgency("agencies/2"));
  fake.feed.End();
  ASSERT_TRUE(Eventually([this] { return projection.forked(); }));
  EXPECT_TRUE(Eventually([this] { return Metric("accord_gateway_feed_forked") == 1; }));
  EXPECT_EQ(projection.sizes().agencies, 1u) << "what is known stays";
  const auto page = projection.List({}, Reach::Whole(), Day("2025-07-02"), std::nullopt, 10);
  ASSERT_TRUE(page.ok());
  EXPECT_FALSE(page->standing.source.reachable());
}

TEST_F(FeedTest, GaugesTellWhereItStands) {
  fake.record.Put(MakeAgency("agencies/1"));
  fake.record.Put(MakeAgreement("agreements/1", "agencies/1", {}));
  Start();
  CatchUp();
  clock.Advance(absl::Seconds(7));
  EXPECT_TRUE(Eventually([this] { return Metric("accord_gateway_projection_revision") == 2; }));
  EXPECT_TRUE(Eventually([this] { return Metric("accord_gateway_projection_rows") == 2; }));
  EXPECT_TRUE(Eventually([this] { return Metric("accord_gateway_projection_ready") == 1; }));
  fake.feed.Hold(true);
  clock.Advance(absl::Seconds(7));
  EXPECT_TRUE(Eventually([this] { return Metric("accord_gateway_feed_age_seconds") >= 7; }));
}

TEST_F(FeedTest, StopsWhileTheServiceDoesNotAnswer) {
  std::promise<void> release;
  std::atomic<bool> asked = false;
  fake.agreements.before_page = [&, open = release.get_future().share()] {
    asked = true;
    open.wait();
  };
  Start();
  ASSERT_TRUE(Eventually([&] { return asked.load(); }));
  const absl::Time begun = absl::Now();
  feed.reset();
  EXPECT_LT(absl::Now() - begun, absl::Seconds(5)) << "a page may take 10 s";
  release.set_value();
}

}  // namespace
}  // namespace accord::gateway
