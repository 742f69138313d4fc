#include "common/cache/rule.h"

#include "tests/unit/cache/views.h"

namespace accord::cache {
namespace {

struct UsableCase {
  std::string name;
  Version version;
  std::vector<LogPosition> seen;
  Verdict expected;
};

class UsableTest : public ::testing::TestWithParam<UsableCase> {};

TEST_P(UsableTest, Decides) {
  EXPECT_EQ(Usable(GetParam().version, GetParam().seen, kNoon), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rule, UsableTest,
    ::testing::Values(
        UsableCase{"same", At(5, 7), Seen(5, 7), Verdict::kUsable},
        UsableCase{"ahead", At(6, 9), Seen(5, 7), Verdict::kUsable},
        UsableCase{"order_is_free",
                   At(5, 7),
                   {{"training", "log-t", 7}, {"agreements", "log-a", 5}},
                   Verdict::kUsable},
        UsableCase{"first_older", At(4, 9), Seen(5, 7), Verdict::kOlder},
        UsableCase{"second_older", At(6, 6), Seen(5, 7), Verdict::kOlder},
        UsableCase{"valid_for_a_microsecond", At(5, 7, kNoon + absl::Microseconds(1)), Seen(5, 7),
                   Verdict::kUsable},
        UsableCase{"valid_until_now", At(5, 7, kNoon), Seen(5, 7), Verdict::kExpired},
        UsableCase{"older_and_expired", At(4, 7, kNoon), Seen(5, 7), Verdict::kOlder},
        UsableCase{"other_log_though_ahead",
                   At(50, 70),
                   {{"agreements", "log-b", 5}, {"training", "log-t", 7}},
                   Verdict::kOtherLog},
        UsableCase{"service_not_followed",
                   At(5, 7),
                   {{"agreements", "log-a", 5}},
                   Verdict::kUnknownService},
        UsableCase{"service_not_asked",
                   At(5, 7),
                   {{"agreements", "log-a", 5}, {"training", "log-t", 7}, {"staffing", "log-s", 0}},
                   Verdict::kUnknownService},
        UsableCase{"another_service",
                   At(5, 7),
                   {{"agreements", "log-a", 5}, {"staffing", "log-s", 0}},
                   Verdict::kUnknownService},
        UsableCase{"nothing_followed", At(5, 7), {}, Verdict::kUnknownService},
        UsableCase{"computed_from_nothing", {{}, kNoon}, {}, Verdict::kDamaged}),
    [](const auto& info) { return info.param.name; });

TEST(ReplacesTest, OnlyWhatIsOlder) {
  EXPECT_TRUE(Replaces(At(2, 1), At(1, 1)));
  EXPECT_TRUE(Replaces(At(2, 2), At(1, 1)));
  EXPECT_FALSE(Replaces(At(1, 1), At(1, 1)));
  EXPECT_FALSE(Replaces(At(1, 1), At(2, 1)));
  // Neither is older.
  EXPECT_FALSE(Replaces(At(2, 1), At(1, 2)));
  EXPECT_FALSE(Replaces(At(1, 2), At(2, 1)));
}

TEST(ReplacesTest, AtTheSameRevisionsWhatIsValidLonger) {
  const absl::Time later = kNoon + absl::Hours(25);
  EXPECT_TRUE(Replaces(At(1, 1, later), At(1, 1)));
  EXPECT_FALSE(Replaces(At(1, 1), At(1, 1, later)));
  EXPECT_TRUE(Replaces(At(2, 1), At(1, 1, later)));
}

TEST(ReplacesTest, WhatCannotBeCompared) {
  const Version other_log{{{"agreements", "log-b", 1}, {"training", "log-t", 1}}, kNoon};
  EXPECT_TRUE(Replaces(other_log, At(9, 9)));
  EXPECT_TRUE(Replaces(At(9, 9), other_log));
  EXPECT_TRUE(Replaces({{{"agreements", "log-a", 1}}, kNoon}, At(9, 9)));
}

TEST(VerdictTest, EachHasItsName) {
  EXPECT_EQ(VerdictName(Verdict::kUsable), "usable");
  EXPECT_EQ(VerdictName(Verdict::kOtherLog), "other_log");
  EXPECT_EQ(VerdictName(Verdict::kDamaged), "damaged");
}

}  // namespace
}  // namespace accord::cache
