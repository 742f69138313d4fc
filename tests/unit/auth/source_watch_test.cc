#include "common/auth/source_watch.h"

#include <gmock/gmock.h>

#include <mutex>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"

namespace accord::auth {
namespace {

using testing::Eventually;
using testing::IsOk;
using testing::StatusIs;

struct NextCase {
  std::string name;
  LookState state;
  absl::Duration next;  // After time 0.
};

class NextLookTest : public ::testing::TestWithParam<NextCase> {};

TEST_P(NextLookTest, IsWhenItSays) {
  const LookTimes times{
      .period = absl::Seconds(60), .retry = absl::Seconds(1), .between_hurries = absl::Seconds(30)};
  EXPECT_EQ(NextLook(times, GetParam().state), absl::UnixEpoch() + GetParam().next);
}

absl::Time At(int second) { return absl::UnixEpoch() + absl::Seconds(second); }

INSTANTIATE_TEST_SUITE_P(
    Table, NextLookTest,
    ::testing::Values(
        NextCase{"Regular", {.last = At(100)}, absl::Seconds(160)},
        NextCase{"FirstFailure", {.last = At(100), .failures = 1}, absl::Seconds(101)},
        NextCase{"Doubles", {.last = At(100), .failures = 4}, absl::Seconds(108)},
        NextCase{"NotBeyondThePeriod", {.last = At(100), .failures = 7}, absl::Seconds(160)},
        NextCase{"ManyFailures", {.last = At(100), .failures = 1'000'000}, absl::Seconds(160)},
        NextCase{"FirstHurryIsAtOnce", {.last = At(100), .hurry = true}, absl::Seconds(100)},
        NextCase{"TheNextHurryWaits",
                 {.last = At(100), .last_hurried = At(99), .hurry = true},
                 absl::Seconds(129)},
        NextCase{"ButNotBeyondWhatIsPlanned",
                 {.last = At(100), .last_hurried = At(140), .hurry = true},
                 absl::Seconds(160)},
        NextCase{"AnOldHurryDoesNotHinder",
                 {.last = At(100), .last_hurried = At(50), .hurry = true},
                 absl::Seconds(80)}),
    [](const auto& info) { return info.param.name; });

// A source that a test writes.
class SourceWatchTest : public ::testing::Test {
 protected:
  SourceWatchTest() {
    SetLogSinkForTest([this](absl::string_view line) {
      std::lock_guard lock(mutex);
      absl::StrAppend(&log, line, "\n");
    });
  }
  ~SourceWatchTest() override { SetLogSinkForTest(nullptr); }

  absl::StatusOr<std::unique_ptr<SourceWatch>> Start(SourceWatch::First first, LookTimes times) {
    SourceOptions options{.name = "letters", .location = "here", .times = times};
    options.read = [this]() -> absl::StatusOr<std::vector<std::string>> {
      std::lock_guard lock(mutex);
      ++looks;
      if (text.empty()) return absl::NotFoundError("nothing here");
      return std::vector<std::string>{text};
    };
    options.use = [this](const std::vector<std::string>& texts) {
      std::lock_guard lock(mutex);
      ++uses;
      if (texts[0] == "bad") return absl::InvalidArgumentError("bad letters");
      used = texts[0];
      return absl::OkStatus();
    };
    return SourceWatch::Start(std::move(options), first);
  }
  void Write(const std::string& now) {
    std::lock_guard lock(mutex);
    text = now;
  }
  std::string Used() {
    std::lock_guard lock(mutex);
    return used;
  }
  int Looks() {
    std::lock_guard lock(mutex);
    return looks;
  }
  int Told(const std::string& what) {
    std::lock_guard lock(mutex);
    int lines = 0;
    for (size_t at = 0; (at = log.find(what, at)) != std::string::npos; ++at) ++lines;
    return lines;
  }

  static constexpr LookTimes Often() {
    return {.period = absl::Milliseconds(2), .retry = absl::Milliseconds(1)};
  }
  static constexpr LookTimes Seldom() {
    return {.period = absl::Hours(1), .retry = absl::Hours(1)};
  }

  std::mutex mutex;
  std::string text;  // Guarded by mutex, as all below.
  std::string used;
  std::string log;
  int looks = 0;
  int uses = 0;
};

TEST_F(SourceWatchTest, WhatIsThereIsUsedBeforeItStarts) {
  Write("a");
  const auto watch = Start(SourceWatch::First::kMustSucceed, Seldom());
  ASSERT_THAT(watch, IsOk());
  EXPECT_EQ(Used(), "a");
}

TEST_F(SourceWatchTest, WhatMustBeThereAndIsNotIsAnError) {
  EXPECT_THAT(Start(SourceWatch::First::kMustSucceed, Seldom()),
              StatusIs(absl::StatusCode::kNotFound));
  Write("bad");
  EXPECT_THAT(Start(SourceWatch::First::kMustSucceed, Seldom()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(SourceWatchTest, WhatMayComeLaterIsUsedWhenItComes) {
  const auto watch = Start(SourceWatch::First::kMayFail, Often());
  ASSERT_THAT(watch, IsOk());
  EXPECT_EQ(Told("nothing here"), 1);
  Write("a");
  EXPECT_TRUE(Eventually([this] { return Used() == "a"; }));
}

TEST_F(SourceWatchTest, WhatIsBadIsToldOnceAndTheOldStays) {
  Write("a");
  const auto watch = Start(SourceWatch::First::kMustSucceed, Often());
  Write("bad");
  EXPECT_TRUE(Eventually([this] { return Told("bad letters") == 1; }));
  const int looks_then = Looks();
  EXPECT_TRUE(Eventually([&] { return Looks() > looks_then + 3; }));
  EXPECT_EQ(Used(), "a");
  EXPECT_EQ(Told("bad letters"), 1);
  Write("b");
  EXPECT_TRUE(Eventually([this] { return Used() == "b"; }));
}

TEST_F(SourceWatchTest, WhatIsTheSameIsNotUsedAgain) {
  Write("a");
  const auto watch = Start(SourceWatch::First::kMustSucceed, Often());
  EXPECT_TRUE(Eventually([this] { return Looks() > 5; }));
  std::lock_guard lock(mutex);
  EXPECT_EQ(uses, 1);
}

TEST_F(SourceWatchTest, HurryDoesNotWaitForThePeriod) {
  Write("a");
  const auto watch = Start(SourceWatch::First::kMustSucceed, Seldom());
  Write("b");
  (*watch)->Hurry();
  EXPECT_TRUE(Eventually([this] { return Used() == "b"; }));
}

}  // namespace
}  // namespace accord::auth
