#include "services/training/capacity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/testing/matchers.h"
#include "services/training/class_rules.h"
#include "tests/unit/training/course_policy.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using std::chrono::year_month;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using Month = v1::TrainingCapacity::Month;

policy::v1::CourseRecurrence EveryLimit(int count, policy::v1::TimeLimit::Unit unit) {
  policy::v1::CourseRecurrence recurrence;
  recurrence.mutable_after_completion()->set_count(count);
  recurrence.mutable_after_completion()->set_unit(unit);
  return recurrence;
}

year_month At(int year, unsigned month) {
  return std::chrono::year(year) / std::chrono::month(month);
}

class CapacityTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(policy_, nullptr); }

  const PolicyView& view() const { return *policy_->versions().front(); }
  v1::TrainingCapacity Of(const CapacityFacts& facts, Date from, absl::string_view model = "") {
    return CapacityOf(facts, view(), from, model);
  }
  static Month Find(const v1::TrainingCapacity& capacity, const std::string& course, int year,
                    int month) {
    const auto found =
        std::find_if(capacity.months().begin(), capacity.months().end(), [&](const Month& row) {
          return row.course() == course && row.year() == year && row.month() == month;
        });
    EXPECT_NE(found, capacity.months().end()) << course << " " << year << "-" << month;
    return found == capacity.months().end() ? Month() : *found;
  }

  const std::shared_ptr<const Policy> policy_ = CoursePolicy();
};

// OIG-18-77: a class of four weeks, none in the first quarter, against all year round.
TEST_F(CapacityTest, NineStartsAgainstThirteen) {
  EXPECT_EQ(ClassStarts(4, 1), 9);
  EXPECT_EQ(ClassStarts(4, 0), 13);
  EXPECT_EQ(ClassStarts(1, 0), 52);
  EXPECT_EQ(ClassStarts(4, 4), 0);
  const v1::TrainingCapacity capacity = Of({}, MakeDate(2026, 3, 1), "AAA");
  ASSERT_EQ(capacity.starts_size(), 2);
  EXPECT_EQ(capacity.starts(0).course(), "aaa-basic");
  EXPECT_EQ(capacity.starts(0).with_closures(), 9);
  EXPECT_EQ(capacity.starts(0).year_round(), 13);
  EXPECT_EQ(capacity.starts(1).course(), "aaa-refresher");
  EXPECT_EQ(capacity.starts(1).with_closures(), 52);
}

// 374 officers (OIG-18-77, an estimate of March 2018), a refresher every two years.
TEST_F(CapacityTest, RefresherSeatsOf374Officers) {
  EXPECT_EQ(SeatsPerYear(374, EveryLimit(2, policy::v1::TimeLimit::YEARS)), 187);
  EXPECT_EQ(SeatsPerYear(375, EveryLimit(2, policy::v1::TimeLimit::YEARS)), 188);
  EXPECT_EQ(SeatsPerYear(374, EveryLimit(24, policy::v1::TimeLimit::MONTHS)), 187);
  EXPECT_EQ(SeatsPerYear(374, EveryLimit(730, policy::v1::TimeLimit::DAYS)), 187);
  EXPECT_EQ(SeatsPerYear(374, {}), 0);
  CapacityFacts facts;
  facts.trained = {{"AAA", "AAA-1", "fieldOffices/houston", 200},
                   {"AAA", "", "fieldOffices/houston", 73},
                   {"AAA", "AAA-1", "fieldOffices/west", 101},
                   {"BBB", "BBB-1", "fieldOffices/west", 55}};
  const v1::TrainingCapacity capacity = Of(facts, MakeDate(2026, 3, 1));
  EXPECT_EQ(capacity.refresher_seats_per_year(), 187);
  ASSERT_EQ(capacity.refresher_seats_by_office_size(), 2);
  EXPECT_EQ(capacity.refresher_seats_by_office(0).officers(), 273);
  EXPECT_EQ(capacity.refresher_seats_by_office(0).seats_per_year(), 137);
  // Nobody of BBB has a refresher on record.
  EXPECT_EQ(capacity.refresher_seats_by_office(1).officers(), 101);
  EXPECT_EQ(capacity.refresher_seats_by_office(1).seats_per_year(), 51);
}

TEST_F(CapacityTest, TwelveMonthsOfEveryCourseThatNeedsSeats) {
  CapacityFacts facts;
  facts.offered[{"aaa-basic", At(2026, 4)}] = 48;
  facts.ending[{"aaa-refresher", At(2027, 2)}] = 7;
  const v1::TrainingCapacity capacity = Of(facts, MakeDate(2026, 3, 17));
  // Neither the online course nor the retired one.
  EXPECT_EQ(capacity.months_size(), 3 * kCapacityMonths);
  EXPECT_EQ(Find(capacity, "aaa-basic", 2026, 4).seats_offered(), 48);
  EXPECT_EQ(Find(capacity, "aaa-basic", 2026, 3).seats_offered(), 0);
  EXPECT_EQ(Find(capacity, "aaa-refresher", 2027, 2).seats_needed(), 7);
  EXPECT_EQ(Of(facts, MakeDate(2026, 3, 17), "BBB").months_size(), kCapacityMonths);
}

TEST_F(CapacityTest, WhoWaitsNeedsASeatInTheFirstMonthThatAClassCanBegin) {
  CapacityFacts facts;
  facts.untrained = {{"AAA", "AAA-1", "", 20}, {"AAA", "", "", 5}, {"BBB", "BBB-1", "", 3}};
  facts.overdue["aaa-refresher"] = 4;
  // No basic class of AAA from October to December.
  const v1::TrainingCapacity fall = Of(facts, MakeDate(2026, 10, 9));
  EXPECT_EQ(Find(fall, "aaa-basic", 2026, 10).seats_needed(), 0);
  EXPECT_EQ(Find(fall, "aaa-basic", 2027, 1).seats_needed(), 25);
  EXPECT_EQ(Find(fall, "aaa-basic", 2027, 2).seats_needed(), 0);
  EXPECT_EQ(Find(fall, "bbb-basic", 2026, 10).seats_needed(), 3);
  EXPECT_EQ(Find(fall, "aaa-refresher", 2026, 10).seats_needed(), 4);
  const v1::TrainingCapacity spring = Of(facts, MakeDate(2026, 3, 31));
  EXPECT_EQ(Find(spring, "aaa-basic", 2026, 3).seats_needed(), 25);
}

TEST_F(CapacityTest, FirstDaysKeepToTheCalendar) {
  const policy::v1::Course& basic = *view().training().FindCourse("aaa-basic");
  EXPECT_THAT(CheckFirstDay(view(), basic, MakeDate(2026, 9, 30)), IsOk());
  const absl::Status closed = CheckFirstDay(view(), basic, MakeDate(2026, 10, 1));
  EXPECT_THAT(closed, FailsWith(StatusCode::kFailedPrecondition, "CALENDAR_CLOSED"));
  EXPECT_THAT(std::string(closed.message()), HasSubstr("FY2027 Q1"));
  EXPECT_FALSE(CheckFirstDay(view(), basic, MakeDate(2026, 12, 31)).ok());
  EXPECT_THAT(CheckFirstDay(view(), basic, MakeDate(2027, 1, 1)), IsOk());
  EXPECT_THAT(
      CheckFirstDay(view(), *view().training().FindCourse("aaa-refresher"), MakeDate(2026, 10, 1)),
      IsOk());
}

TEST_F(CapacityTest, ARetiredCourseIsNotHeld) {
  const policy::v1::Course& old = *view().training().FindCourse("aaa-old");
  EXPECT_THAT(CheckFirstDay(view(), old, MakeDate(2026, 1, 4)), IsOk());
  const absl::Status retired = CheckFirstDay(view(), old, MakeDate(2026, 1, 5));
  EXPECT_THAT(retired, FailsWith(StatusCode::kFailedPrecondition, "COURSE_NOT_OFFERED"));
  EXPECT_THAT(std::string(retired.message()), HasSubstr("aaa-basic"));
}

}  // namespace
}  // namespace accord::training
