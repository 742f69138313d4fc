// A date that passes is an event: the sweep runs at start and at each midnight.
#include "common/service/day_sweep.h"
#include "tests/contract/store_fixture.h"

namespace accord::service {
namespace {

using store::kPatience;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

absl::TimeZone NewYork() {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone("America/New_York", &zone)) abort();
  return zone;
}

absl::Time At(int month, int day, int hour, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(2026, month, day, hour, minute, second), NewYork());
}

// The sweeps that ran, with what each was told to answer.
class Sweeps {
 public:
  DaySweep::Sweep Run(absl::string_view who) {
    return [this, who = std::string(who)](Date today) {
      std::lock_guard lock(mutex_);
      ran_.push_back(absl::StrCat(who, " ", FormatDate(today)));
      changed_.notify_all();
      return failing_ ? absl::UnavailableError("not now") : absl::OkStatus();
    };
  }
  void SetFailing(bool failing) {
    std::lock_guard lock(mutex_);
    failing_ = failing;
  }
  // All that ran, once there are `count`.
  std::vector<std::string> WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(kPatience),
                      [&] { return ran_.size() >= count; });
    return ran_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> ran_;
  bool failing_ = false;
};

class DaySweepTest : public store::StoreTest {
 protected:
  // Returns once the sweep of that date was finished by somebody.
  void WaitForMark(const std::string& date) {
    const absl::Time end = absl::Now() + kPatience;
    while (Int(absl::StrCat("SELECT count(*) FROM marks WHERE mark = 'day-sweep/", date, "'")) ==
               0 &&
           absl::Now() < end) {
      std::this_thread::yield();
    }
  }

  Sweeps sweeps_;
};

INSTANTIATE_TEST_SUITE_P(Databases, DaySweepTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         store::DialectName);

TEST(NextMidnightTest, IsTheFirstInstantOfTheNextDay) {
  const absl::TimeZone zone = NewYork();
  EXPECT_EQ(NextMidnight(At(3, 7, 0), zone), At(3, 8, 0));
  EXPECT_EQ(NextMidnight(At(3, 7, 23, 59, 59), zone), At(3, 8, 0));
  // The days on which clocks change have 23 and 25 hours.
  EXPECT_EQ(NextMidnight(At(3, 8, 0), zone) - At(3, 8, 0), absl::Hours(23));
  EXPECT_EQ(NextMidnight(At(11, 1, 0), zone) - At(11, 1, 0), absl::Hours(25));
}

TEST_P(DaySweepTest, RunsAtStartAndOnceADateAcrossTheClockChange) {
  clock_.Set(At(3, 7, 15));
  DaySweep sweep(*store_, NewYork(), sweeps_.Run("one"));
  EXPECT_THAT(sweeps_.WaitFor(1), ElementsAre("one 2026-03-07"));
  WaitForMark("2026-03-07");
  clock_.Set(At(3, 7, 23, 59, 59));
  clock_.Set(At(3, 8, 0));
  EXPECT_THAT(sweeps_.WaitFor(2), ElementsAre("one 2026-03-07", "one 2026-03-08"));
  WaitForMark("2026-03-08");
  clock_.Advance(absl::Hours(23));
  EXPECT_THAT(sweeps_.WaitFor(3),
              ElementsAre("one 2026-03-07", "one 2026-03-08", "one 2026-03-09"));
}

TEST_P(DaySweepTest, FailedSweepIsTriedAgain) {
  clock_.Set(At(3, 7, 15));
  sweeps_.SetFailing(true);
  DaySweep sweep(*store_, NewYork(), sweeps_.Run("one"), absl::Seconds(30));
  EXPECT_THAT(sweeps_.WaitFor(1), ElementsAre("one 2026-03-07"));
  sweeps_.SetFailing(false);
  clock_.Advance(absl::Seconds(30));
  EXPECT_THAT(sweeps_.WaitFor(2), ElementsAre("one 2026-03-07", "one 2026-03-07"));
  WaitForMark("2026-03-07");
  EXPECT_EQ(Int("SELECT count(*) FROM marks"), 1);
}

TEST_P(DaySweepTest, SweepWaitsForTheLeaseOfAnother) {
  clock_.Set(At(3, 7, 15));
  ASSERT_EQ(*store_->TryLease("day-sweep", "elsewhere", absl::Minutes(5)), true);
  DaySweep sweep(*store_, NewYork(), sweeps_.Run("one"), absl::Minutes(1));
  for (int minute = 0; minute < 4; ++minute) {
    clock_.Advance(absl::Minutes(1));
    EXPECT_THAT(sweeps_.WaitFor(0), ::testing::IsEmpty());
  }
  clock_.Advance(absl::Minutes(2));
  EXPECT_THAT(sweeps_.WaitFor(1), ElementsAre("one 2026-03-07"));
}

TEST_P(DaySweepTest, OneReplicaSweepsTheNewDate) {
  clock_.Set(At(11, 1, 12));
  const auto replica = OpenStore();
  DaySweep one(*store_, NewYork(), sweeps_.Run("one"), absl::Seconds(1));
  sweeps_.WaitFor(1);
  WaitForMark("2026-11-01");
  // A start sweeps in any case: it may bring new rules.
  DaySweep two(*replica, NewYork(), sweeps_.Run("two"), absl::Seconds(1));
  EXPECT_THAT(sweeps_.WaitFor(2), ElementsAre("one 2026-11-01", "two 2026-11-01"));
  for (int day = 2; day <= 4; ++day) {
    clock_.Set(At(11, day, 0));
    WaitForMark(absl::StrCat("2026-11-0", day));
    clock_.Advance(absl::Seconds(5));
  }
  const std::vector<std::string> ran = sweeps_.WaitFor(5);
  for (int day = 2; day <= 4; ++day) {
    const std::string date = absl::StrCat("2026-11-0", day);
    EXPECT_EQ(std::count_if(ran.begin(), ran.end(),
                            [&](const std::string& run) { return run.substr(4) == date; }),
              1)
        << date;
  }
}

}  // namespace
}  // namespace accord::service
