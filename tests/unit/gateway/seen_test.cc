#include "services/gateway/seen.h"

#include <gtest/gtest.h>

#include "tests/unit/gateway/records.h"

namespace accord::gateway {
namespace {

const absl::Time kNoon = absl::FromUnixSeconds(1'790'000'000);

log::v1::WatchChangesResponse Batch(int64_t revision, const std::vector<std::string>& subjects) {
  log::v1::WatchChangesResponse batch;
  batch.set_log("L1");
  batch.set_revision(revision);
  log::v1::Change& change = *batch.add_changes();
  change.set_revision(revision);
  for (const std::string& subject : subjects) change.add_subjects(subject);
  return batch;
}

class SeenTest : public ::testing::Test {
 protected:
  void Restart(int64_t revision, Seen::Merges merges = {}) {
    seen.Restart({"agreements", "L1", revision}, std::move(merges), kNoon);
  }
  int64_t NewestOf(const std::string& agency) { return seen.Of(agency, kNoon)->newest.revision; }

  Seen seen;
};

TEST_F(SeenTest, KnowsNothingBeforeTheFirstListing) {
  EXPECT_FALSE(seen.Of("agencies/1", kNoon).has_value());
}

TEST_F(SeenTest, AnAgencyThatNoChangeNamedStandsWhereTheListingBegan) {
  Restart(7);
  const auto answer = seen.Of("agencies/1", kNoon + absl::Seconds(3));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->newest, (Revision{"agreements", "L1", 7}));
  EXPECT_EQ(answer->position, 7);
  EXPECT_EQ(answer->silence, absl::Seconds(3));
}

TEST_F(SeenTest, EveryAgencyThatAChangeNamesHasSeenIt) {
  Restart(7);
  seen.Apply(Batch(9, {"agencies/1", "agencies/2", "agreements/1"}), {}, kNoon + absl::Seconds(1));
  EXPECT_EQ(NewestOf("agencies/1"), 9);
  EXPECT_EQ(NewestOf("agencies/2"), 9);
  EXPECT_EQ(NewestOf("agencies/3"), 7);
  EXPECT_EQ(seen.Of("agencies/3", kNoon + absl::Seconds(1))->position, 9);
  EXPECT_EQ(seen.Of("agencies/3", kNoon + absl::Seconds(1))->silence, absl::ZeroDuration());
}

TEST_F(SeenTest, AHeartbeatIsHeardAndNamesNobody) {
  Restart(7);
  log::v1::WatchChangesResponse heartbeat;
  heartbeat.set_log("L1");
  heartbeat.set_revision(12);
  seen.Apply(heartbeat, {}, kNoon + absl::Seconds(5));
  EXPECT_EQ(NewestOf("agencies/1"), 7);
  EXPECT_EQ(seen.Of("agencies/1", kNoon + absl::Seconds(5))->position, 12);
  EXPECT_EQ(seen.Of("agencies/1", kNoon + absl::Seconds(5))->silence, absl::ZeroDuration());
}

TEST_F(SeenTest, AMergedAgencyIsWhatItWasMergedInto) {
  Restart(7, {{"agencies/1", "agencies/2"}, {"agencies/2", "agencies/3"}});
  seen.Apply(Batch(9, {"agencies/3"}), {}, kNoon);
  EXPECT_EQ(seen.Of("agencies/1", kNoon)->agency, "agencies/3");
  EXPECT_EQ(NewestOf("agencies/1"), 9);
  seen.Apply(Batch(10, {"agencies/1", "agencies/2"}), {{"agencies/1", ""}}, kNoon);
  EXPECT_EQ(seen.Of("agencies/1", kNoon)->agency, "agencies/1");
  EXPECT_EQ(NewestOf("agencies/1"), 10);
  seen.Apply(Batch(11, {"agencies/1", "agencies/4"}), {{"agencies/1", "agencies/4"}}, kNoon);
  EXPECT_EQ(seen.Of("agencies/1", kNoon)->agency, "agencies/4");
}

TEST_F(SeenTest, ARingOfMergesEnds) {
  Restart(7, {{"agencies/1", "agencies/2"}, {"agencies/2", "agencies/1"}});
  EXPECT_TRUE(seen.Of("agencies/1", kNoon).has_value());
}

TEST_F(SeenTest, AForkLeavesNothing) {
  Restart(7);
  seen.SetForked();
  EXPECT_FALSE(seen.Of("agencies/1", kNoon).has_value());
  Restart(3);
  EXPECT_EQ(NewestOf("agencies/1"), 3);
}

TEST_F(SeenTest, AListingForgetsWhatWasSeenBefore) {
  Restart(7);
  seen.Apply(Batch(9, {"agencies/1"}), {}, kNoon);
  Restart(20);
  EXPECT_EQ(NewestOf("agencies/1"), 20);
}

}  // namespace
}  // namespace accord::gateway
