#include "common/rpc/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/base/crypto.h"

namespace accord::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(CallTest, MetadataValuesAreCutAndCleaned) {
  EXPECT_EQ(CleanMetadataValue("a\r\nb\x01\x7F\xC3\xA9 c"), "ab c");
  EXPECT_EQ(CleanMetadataValue(std::string(500, 'x')), std::string(128, 'x'));
}

TEST(CallTest, RequestIdsAreVersion4UuidsAndDiffer) {
  const std::string id = NewUuid();
  EXPECT_THAT(id, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                               "[0-9a-f]{12}"));
  EXPECT_NE(id, NewUuid());
}

TEST(CallTest, OnlyValidTraceparentsAreTaken) {
  EXPECT_TRUE(IsTraceparent(kTrace));
  EXPECT_TRUE(IsTraceparent(NewTraceparent()));
  EXPECT_NE(NewTraceparent(), NewTraceparent());
  for (const char* bad : {"", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                          "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g"}) {
    EXPECT_FALSE(IsTraceparent(bad)) << bad;
  }
}

TEST(CallTest, ALaterRevisionOfAServiceReplacesTheFirst) {
  Call call = Call::ForTest();
  call.SetRevision("training@L2:9");
  call.SetRevision("agreements@L1:5");
  call.SetRevision("agreements@L1:6");
  EXPECT_THAT(call.Revisions(), ElementsAre("agreements@L1:6", "training@L2:9"));
}

TEST(CallTest, IsCancelledByTheClientOrTheDeadline) {
  bool gone = false;
  Call call = Call::ForTest("unverified:a", {.cancelled = [&gone] { return gone; }});
  EXPECT_FALSE(call.Cancelled());
  gone = true;
  EXPECT_TRUE(call.Cancelled());
  EXPECT_TRUE(Call::ForTest("a", {.deadline = absl::Now()}).Cancelled());
  EXPECT_FALSE(Call::ForTest("a", {.deadline = absl::Now() + absl::Hours(1)}).Cancelled());
}

TEST(CallTest, MetadataIsFoundByKey) {
  Call call = Call::ForTest("a", {.metadata = {{"k", "1"}, {"k", "2"}, {"other", "3"}}});
  EXPECT_EQ(call.Metadata("k"), "1");
  EXPECT_EQ(call.Metadata("absent"), "");
  EXPECT_THAT(call.MetadataValues("k"), ElementsAre("1", "2"));
}

}  // namespace
}  // namespace accord::rpc
