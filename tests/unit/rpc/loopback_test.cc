#include "common/base/loopback.h"

#include <gtest/gtest.h>

namespace accord {
namespace {

TEST(LoopbackTest, Addresses) {
  for (const char* own : {"127.0.0.1:80", "127.9.9.9:0", "localhost:80", "[::1]:80", "unix:/a"}) {
    EXPECT_TRUE(IsLoopbackAddress(own)) << own;
  }
  for (const char* other :
       {"0.0.0.0:80", "[::]:80", "10.0.0.1:80", "128.0.0.1:80", "127.0.0.1", "127.example.com:80",
        "127.0.0.1.example:80", "localhost.example:80", "", ":80"}) {
    EXPECT_FALSE(IsLoopbackAddress(other)) << other;
  }
}

TEST(LoopbackTest, Targets) {
  for (const char* own : {"127.0.0.1:80", "ipv4:127.0.0.1:80,127.0.0.1:81", "ipv6:[::1]:80",
                          "dns:///localhost:80", "dns:localhost:80", "unix:/a"}) {
    EXPECT_TRUE(IsLoopbackTarget(own)) << own;
  }
  for (const char* other : {"ipv4:127.0.0.1:80,10.0.0.1:81", "dns:///agreements:80",
                            "dns://127.0.0.1/agreements:80", "agreements:80", ""}) {
    EXPECT_FALSE(IsLoopbackTarget(other)) << other;
  }
}

}  // namespace
}  // namespace accord
