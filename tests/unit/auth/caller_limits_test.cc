#include "common/auth/caller_limits.h"

#include <gmock/gmock.h>

#include <atomic>
#include <deque>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"

namespace accord::auth {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;
const absl::Time kStart = absl::FromUnixSeconds(1'790'000'000);

absl::Time At(double second) { return kStart + absl::Seconds(second); }

CallLimit Limit(int calls, absl::Duration period, const std::string& code = "some") {
  return {.code = code, .calls = calls, .period = period};
}

absl::Duration WaitOf(const absl::Status& status) {
  google::rpc::RetryInfo info;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  if (!payload || !info.ParseFromString(std::string(*payload))) return absl::InfiniteDuration();
  return absl::Seconds(info.retry_delay().seconds()) +
         absl::Nanoseconds(info.retry_delay().nanos());
}

struct Step {
  double second;
  // Empty: let in. Else what RetryInfo says.
  std::optional<double> wait;
};

struct Case {
  std::string name;
  int calls;
  std::vector<Step> steps;
};

class CallerLimitsTable : public ::testing::TestWithParam<Case> {};

TEST_P(CallerLimitsTable, LetsInWhatTheLimitAllows) {
  const CallLimit limit = Limit(GetParam().calls, absl::Seconds(10));
  CallerLimits limits;
  for (const Step& step : GetParam().steps) {
    const absl::Status status = limits.Admit({&limit}, "u", At(step.second));
    if (!step.wait) {
      EXPECT_THAT(status, IsOk()) << step.second;
      continue;
    }
    EXPECT_THAT(status, FailsWith(kExhausted, "CALLER_QUOTA")) << step.second;
    EXPECT_EQ(WaitOf(status), absl::Seconds(*step.wait)) << step.second;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, CallerLimitsTable,
    ::testing::Values(
        Case{"OneAPeriod", 1, {{0, {}}, {0, 10}, {9.5, 0.5}, {10, {}}, {10, 10}}},
        Case{"TheWindowSlides",
             3,
             {{0, {}}, {4, {}}, {8, {}}, {9, 1}, {10, {}}, {11, 3}, {14, {}}, {17.5, 0.5}}},
        Case{"WhatIsRefusedDoesNotCount",
             2,
             {{0, {}}, {1, {}}, {2, 8}, {3, 7}, {4, 6}, {10, {}}, {11, {}}, {12, 8}}},
        // No burst at the border of two periods, as a fixed window would let in.
        Case{"NoBorders", 2, {{9, {}}, {9.5, {}}, {10, 9}, {10.5, 8.5}, {19, {}}}},
        Case{"ClockSetBackALittle", 2, {{5, {}}, {4, {}}, {4.5, 10.5}, {15, {}}, {15, {}}}},
        Case{"ClockSetBackFar", 1, {{1000, {}}, {1, {}}, {2, 9}}}),
    [](const auto& info) { return info.param.name; });

TEST(CallerLimitsTest, NoPeriodHoldsMoreThanTheLimit) {
  const CallLimit limit = Limit(500, absl::Seconds(10));
  CallerLimits limits;
  std::deque<absl::Time> let_in;
  size_t total = 0;
  std::mt19937 random(1);
  absl::Time now = kStart;
  for (int i = 0; i < 20'000; ++i) {
    // In rushes: mostly at once, now and then after a while; 140 s in all.
    if (random() % 20 == 0) now += absl::Milliseconds(random() % 281);
    if (!limits.Admit({&limit}, "u", now).ok()) continue;
    let_in.push_back(now);
    ++total;
    while (let_in.front() + limit.period <= now) let_in.pop_front();
    ASSERT_LE(let_in.size(), 500u) << i;
  }
  // Nor much less, though some calls count up to 1/64 of a period too long.
  EXPECT_GE(total, 14 * 500 * 9 / 10u);
}

TEST(CallerLimitsTest, CallersAndLimitsAreCountedApart) {
  const CallLimit one = Limit(1, absl::Seconds(10), "one");
  const CallLimit two = Limit(2, absl::Seconds(10), "two");
  CallerLimits limits;
  EXPECT_THAT(limits.Admit({&one, &two}, "a", At(0)), IsOk());
  EXPECT_THAT(limits.Admit({&one}, "b", At(0)), IsOk());
  const absl::Status refused = limits.Admit({&one, &two}, "a", At(1));
  EXPECT_THAT(refused, FailsWith(kExhausted, "CALLER_QUOTA"));
  EXPECT_EQ(GetErrorInfo(refused)->metadata().at("limit"), "one");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("limit one"));
  // What was refused by one was not counted under the other.
  EXPECT_THAT(limits.Admit({&two}, "a", At(2)), IsOk());
  EXPECT_THAT(limits.Admit({&two}, "a", At(3)), FailsWith(kExhausted, "CALLER_QUOTA"));
}

TEST(CallerLimitsTest, TheLongestWaitIsTold) {
  const CallLimit quick = Limit(1, absl::Seconds(2), "quick");
  const CallLimit slow = Limit(1, absl::Seconds(20), "slow");
  for (const auto& both : {std::vector{&quick, &slow}, std::vector{&slow, &quick}}) {
    CallerLimits limits;
    EXPECT_THAT(limits.Admit(both, "u", At(0)), IsOk());
    EXPECT_EQ(WaitOf(limits.Admit(both, "u", At(1))), absl::Seconds(19));
    EXPECT_EQ(WaitOf(limits.Admit(both, "u", At(3))), absl::Seconds(17));
  }
}

TEST(CallerLimitsTest, WhoIsIdleIsForgotten) {
  const CallLimit limit = Limit(5, absl::Seconds(10));
  CallerLimits limits;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(limits.Admit({&limit}, absl::StrCat("u", i), At(0)), IsOk());
  }
  EXPECT_EQ(limits.size(), 1000u);
  EXPECT_THAT(limits.Admit({&limit}, "another", At(61)), IsOk());
  EXPECT_EQ(limits.size(), 1u);
}

TEST(CallerLimitsTest, ALimitThatIsLoweredHoldsAtOnce) {
  CallLimit limit = Limit(5, absl::Seconds(10));
  CallerLimits limits;
  for (int i = 0; i < 4; ++i) EXPECT_THAT(limits.Admit({&limit}, "u", At(i)), IsOk());
  limit.calls = 2;
  // The third of the four must be gone first.
  EXPECT_EQ(WaitOf(limits.Admit({&limit}, "u", At(4))), absl::Seconds(8));
}

TEST(CallerLimitsTest, ThreadsTogetherGetNoMore) {
  const CallLimit limit = Limit(100, absl::Hours(1));
  CallerLimits limits;
  std::atomic<int> let_in = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) let_in += limits.Admit({&limit}, "u", At(j)).ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(let_in, 100);
}

}  // namespace
}  // namespace accord::auth
