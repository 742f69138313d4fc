#include "services/gateway/cache_flags.h"

#include <prometheus/registry.h>

#include "common/testing/matchers.h"
#include "tests/unit/gateway/records.h"

namespace accord::gateway {
namespace {

using testing::IsOk;
using testing::StatusIs;

TEST(CacheFlagsTest, ReadsHostsAndPorts) {
  const auto plain = ParseRedisAddress("redis.example:6380");
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(plain->host, "redis.example");
  EXPECT_EQ(plain->port, 6380);
  const auto v6 = ParseRedisAddress("[::1]:6379");
  ASSERT_THAT(v6, IsOk());
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 6379);
}

TEST(CacheFlagsTest, ReadsUnixSockets) {
  const auto address = ParseRedisAddress("unix:/run/redis.sock");
  ASSERT_THAT(address, IsOk());
  EXPECT_EQ(address->unix_path, "/run/redis.sock");
}

TEST(CacheFlagsTest, RefusesWhatIsNoAddress) {
  for (const char* text :
       {"", "host", ":6379", "host:", "host:0", "host:65536", "host:x", "unix:"}) {
    EXPECT_THAT(ParseRedisAddress(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(CacheFlagsTest, WithoutACacheThereIsNone) {
  prometheus::Registry registry;
  const SystemClock clock;
  CacheFlags flags;
  EXPECT_NE(*MakeViewCache(flags, *TestPolicy(), clock, registry), nullptr);
  flags.view_cache = false;
  flags.redis = "not looked at";
  EXPECT_EQ(*MakeViewCache(flags, *TestPolicy(), clock, registry), nullptr);
}

TEST(CacheFlagsTest, ABadAddressDoesNotStart) {
  prometheus::Registry registry;
  const SystemClock clock;
  CacheFlags flags;
  flags.redis = "nowhere";
  EXPECT_THAT(MakeViewCache(flags, *TestPolicy(), clock, registry),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace accord::gateway
