#include "common/store/paging.h"

#include "gtest/gtest.h"

namespace accord::store {
namespace {

TEST(PagingTest, ClampsToTheBounds) {
  FieldViolations violations;
  EXPECT_EQ(ClampPageSize(0, violations), 50);
  EXPECT_EQ(ClampPageSize(1, violations), 1);
  EXPECT_EQ(ClampPageSize(1000, violations), 1000);
  EXPECT_EQ(ClampPageSize(1001, violations), 1000);
  EXPECT_EQ(ClampPageSize(INT32_MAX, violations), 1000);
  EXPECT_TRUE(violations.empty());
}

TEST(PagingTest, NegativeIsAViolation) {
  FieldViolations violations;
  EXPECT_EQ(ClampPageSize(-1, violations), 50);
  EXPECT_EQ(violations.ToStatus("test.accord").message(),
            "page_size: must not be negative; 0 means 50");
}

}  // namespace
}  // namespace accord::store
