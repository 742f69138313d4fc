#include "services/gateway/freshness.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/testing/matchers.h"

namespace accord::gateway {
namespace {

using ::testing::ElementsAre;

TEST(Freshness, ReadsARevision) {
  EXPECT_EQ(ParseRevision("agreements@L-1:42"), (Revision{"agreements", "L-1", 42}));
  EXPECT_EQ(FormatRevision({"agreements", "L-1", 42}), "agreements@L-1:42");
  for (const char* bad : {"", "agreements", "agreements@L", "@L:1", "agreements@:1",
                          "agreements@L:", "agreements@L:x", "agreements@L:-1", "L:1"}) {
    EXPECT_EQ(ParseRevision(bad), std::nullopt) << bad;
  }
}

TEST(Freshness, EveryTokenIsReadAndEveryBadOneNamed) {
  const auto call = rpc::Call::ForTest("x", {.metadata = {{rpc::kRevisionKey, "agreements@L:1"},
                                                          {rpc::kRevisionKey, "nonsense"},
                                                          {rpc::kRevisionKey, "training@T:2"}}});
  FieldViolations violations;
  EXPECT_THAT(WantedRevisions(call, violations),
              ElementsAre(Revision{"agreements", "L", 1}, Revision{"training", "T", 2}));
  EXPECT_THAT(violations.ToStatus("x"),
              testing::FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST(Freshness, CoversWhatIsOfItsLogAndNotNewer) {
  const Revision have{"agreements", "L", 5};
  EXPECT_TRUE(Covers(have, {}));
  EXPECT_TRUE(Covers(have, {{"agreements", "L", 5}}));
  EXPECT_FALSE(Covers(have, {{"agreements", "L", 6}}));
  EXPECT_FALSE(Covers(have, {{"agreements", "L", 1}, {"agreements", "L", 6}}));
  EXPECT_FALSE(Covers(have, {{"agreements", "other", 1}})) << "logs cannot be compared";
  EXPECT_TRUE(Covers(have, {{"training", "T", 9}})) << "nothing of it is in the answer";
}

TEST(Freshness, AWaitLeavesTimeToAnswer) {
  const absl::Time now = absl::Now();
  const auto hurried = rpc::Call::ForTest("x", {.deadline = now + absl::Seconds(1)});
  EXPECT_LE(WaitUntil(hurried, absl::Seconds(2)), now + absl::Milliseconds(850));
  const auto patient = rpc::Call::ForTest("x");
  const absl::Time until = WaitUntil(patient, absl::Seconds(2));
  EXPECT_GE(until, now + absl::Seconds(2));
  EXPECT_LE(until, absl::Now() + absl::Seconds(2));
}

}  // namespace
}  // namespace accord::gateway
