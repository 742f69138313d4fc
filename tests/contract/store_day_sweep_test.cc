// A date that passes is an event: the sweep runs at start and at each midnight.
#include <atomic>
#include <limits>
#include <optional>
#include <thread>

#include "common/service/day_sweep.h"
#include "common/testing/eventually.h"
#include "tests/contract/store_fixture.h"

namespace accord::service {
namespace {

using store::kPatience;
using ::testing::ElementsAre;

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
    return [this, who = std::string(who)](Date today, const DaySweep::KeepGoing&) {
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
    WaitForRow(absl::StrCat("SELECT count(*) FROM marks WHERE mark = 'day-sweep/", date, "'"));
  }
  // Returns once a lease was given back at that time.
  void WaitForLeaseUntil(absl::Time time) {
    WaitForRow(
        absl::StrCat("SELECT count(*) FROM leases WHERE until_us = ", absl::ToUnixMicros(time)));
  }
  void WaitForRow(const std::string& count) {
    const absl::Time end = absl::Now() + kPatience;
    while (Int(count) == 0 && absl::Now() < end) std::this_thread::yield();
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
  absl::Time swept_at;
  const auto sweep = [&, run = sweeps_.Run("one")](Date today, const auto& keep_going) {
    swept_at = clock_.Now();
    return run(today, keep_going);
  };
  DaySweep sweeper(*store_, NewYork(), sweep, absl::Seconds(30));
  // Time passes slowly enough for the sweeper to look.
  for (int i = 0; i < 32; ++i) {
    clock_.Advance(absl::Seconds(10));
    EXPECT_EQ(Int("SELECT count(*) FROM leases"), 1);
  }
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(sweeps_.WaitFor(1), ElementsAre("one 2026-03-07"));
  EXPECT_GE(swept_at, At(3, 7, 15, 5));
}

// A sweep whose batches end when the test says so.
class SlowSweep {
 public:
  DaySweep::Sweep Run() {
    return [this](Date, const DaySweep::KeepGoing& keep_going) {
      absl::Status told;
      while (told.ok()) {
        const int batch = ++begun_;
        if (!testing::Eventually([&] { return let_end_ >= batch; })) break;
        told = keep_going();
      }
      told_ = told.code();
      return told;
    };
  }
  // Lets that many batches end, and returns once the next one has begun.
  void EndBatches(int batches) {
    let_end_ = batches;
    ASSERT_TRUE(testing::Eventually([&] { return begun_ > batches; }));
  }
  // Lets all end, and returns what made the last of them the last.
  absl::StatusCode EndAll() {
    let_end_ = std::numeric_limits<int>::max();
    EXPECT_TRUE(testing::Eventually([&] { return told_ != absl::StatusCode::kOk; }));
    return told_;
  }

 private:
  std::atomic<int> begun_ = 0;
  std::atomic<int> let_end_ = 0;
  std::atomic<absl::StatusCode> told_ = absl::StatusCode::kOk;
};

TEST_P(DaySweepTest, LongSweepKeepsItsLease) {
  clock_.Set(At(3, 7, 15));
  SlowSweep slow;
  DaySweep sweeper(*store_, NewYork(), slow.Run());
  slow.EndBatches(0);
  for (int batches = 1; batches <= 4; ++batches) {
    clock_.Advance(absl::Minutes(3));
    slow.EndBatches(batches);
    EXPECT_EQ(*store_->TryLease("day-sweep", "elsewhere", absl::Minutes(5)), false);
  }
  // A batch that takes too long loses it to whoever asks first.
  clock_.Advance(absl::Minutes(6));
  EXPECT_EQ(*store_->TryLease("day-sweep", "elsewhere", absl::Minutes(5)), true);
  EXPECT_EQ(slow.EndAll(), absl::StatusCode::kUnavailable);
}

TEST_P(DaySweepTest, EndOfTheProgramEndsTheSweep) {
  clock_.Set(At(3, 7, 15));
  SlowSweep slow;
  std::optional<DaySweep> sweeper;
  sweeper.emplace(*store_, NewYork(), slow.Run());
  slow.EndBatches(0);
  std::thread end([&] { sweeper.reset(); });
  EXPECT_EQ(slow.EndAll(), absl::StatusCode::kCancelled);
  end.join();
  // Whoever starts next need not wait until the lease runs out.
  EXPECT_EQ(*store_->TryLease("day-sweep", "elsewhere", absl::Minutes(5)), true);
}

TEST_P(DaySweepTest, DateThatAnotherReplicaSweptIsLeftOut) {
  clock_.Set(At(11, 1, 12));
  DaySweep sweep(*store_, NewYork(), sweeps_.Run("one"));
  sweeps_.WaitFor(1);
  WaitForMark("2026-11-01");
  Do([](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
    store::WriteSet writes;
    writes.Mark("day-sweep/2026-11-02");
    return writes;
  });
  clock_.Set(At(11, 2, 0));
  WaitForLeaseUntil(At(11, 2, 0));
  clock_.Set(At(11, 3, 0));
  EXPECT_THAT(sweeps_.WaitFor(2), ElementsAre("one 2026-11-01", "one 2026-11-03"));
}

TEST_P(DaySweepTest, StartSweepsADateThatWasSwept) {
  clock_.Set(At(11, 1, 12));
  {
    DaySweep sweep(*store_, NewYork(), sweeps_.Run("one"));
    sweeps_.WaitFor(1);
    WaitForMark("2026-11-01");
  }
  // It may bring new rules. The lease of the first was given back.
  DaySweep again(*store_, NewYork(), sweeps_.Run("two"));
  EXPECT_THAT(sweeps_.WaitFor(2), ElementsAre("one 2026-11-01", "two 2026-11-01"));
}

}  // namespace
}  // namespace accord::service
