// Whether a completion may be put on record: of which class, and as which attempt.
#include "services/training/record_completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"
#include "tests/unit/training/made_record.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using v1::Completion;
using v1::Enrollment;
using v1::Offering;

constexpr char kO1[] = "offerings/o1";

// A class of basic from 6 to 31 January 2020, announced in 2019, and an officer who has a seat.
struct MadeClass {
  MadeClass() {
    offering.set_name(kO1);
    offering.set_course("basic");
    offering.set_state(Offering::OPEN);
    *offering.mutable_first_date() = ToProto(On("2020-01-06"));
    *offering.mutable_last_date() = ToProto(On("2020-01-31"));
    Place(kO1, Enrollment::ENROLLED);
    completion.set_course("basic");
    *completion.mutable_date() = ToProto(On("2020-01-31"));
  }
  MadeClass& Place(const std::string& of, Enrollment::State state) {
    places.assign(1, Enrollment());
    places[0].set_offering(of);
    places[0].set_state(state);
    return *this;
  }
  std::vector<std::string> Why() const {
    return WhyNotOf({offering, announced, places}, completion, officer);
  }

  Offering offering;
  Date announced = On("2019-12-02");
  std::vector<Enrollment> places;
  Completion completion;
  v1::Officer officer;
};

TEST(RecordCompletionTest, OfAClassIsWhoHasASeatThereFromTheFirstDayOn) {
  MadeClass made;
  EXPECT_THAT(made.Why(), IsEmpty());
  made.offering.set_state(Offering::HELD);
  *made.completion.mutable_date() = made.offering.first_date();
  EXPECT_THAT(made.Place(kO1, Enrollment::ATTENDED).Why(), IsEmpty());
  // A remedial exam comes after it.
  *made.completion.mutable_date() = ToProto(On("2020-02-10"));
  EXPECT_THAT(made.Why(), IsEmpty());
  for (const auto state :
       {Enrollment::WAITING, Enrollment::CANCELLED, Enrollment::TRANSFERRED, Enrollment::NO_SHOW}) {
    EXPECT_THAT(made.Place(kO1, state).Why(), ElementsAre(HasSubstr("no seat")))
        << Enrollment::State_Name(state);
  }
  EXPECT_THAT(made.Place("offerings/o2", Enrollment::ATTENDED).Why(),
              ElementsAre(HasSubstr("no seat")));
}

TEST(RecordCompletionTest, EverythingThatIsWrongWithAClassIsSaid) {
  MadeClass made;
  *made.completion.mutable_date() = ToProto(On("2020-01-05"));
  made.completion.set_course("refresher");
  made.offering.set_state(Offering::CANCELLED);
  made.offering.set_fictitious(true);
  EXPECT_THAT(
      made.Place(kO1, Enrollment::CANCELLED).Why(),
      ElementsAre("is of the course basic", "begins on 2020-01-06, after the completion's date",
                  "was cancelled", "is fictitious, and the officer is not", HasSubstr("no seat")));
  made.officer.set_fictitious(true);
  made.offering.set_fictitious(false);
  EXPECT_EQ(made.Why()[3], "is not fictitious, and the officer is");
}

// Nobody could enroll any more.
TEST(RecordCompletionTest, AClassOfThePastNeedsNoSeats) {
  MadeClass made;
  made.places.clear();
  made.announced = On("2020-01-07");
  EXPECT_THAT(made.Why(), IsEmpty());
  made.announced = On("2020-01-06");
  EXPECT_THAT(made.Why(), ElementsAre(HasSubstr("no seat")));
}

class AttemptTest : public ::testing::Test {
 protected:
  // "basic" has an exam and "annual" none.
  absl::StatusOr<int> AttemptOn(const MadeRecord& record, const std::string& date, int attempt = 0,
                                Completion::Result result = Completion::PASSED,
                                const std::string& course = "basic") const {
    Completion wanted;
    wanted.set_officer("officers/one");
    wanted.set_course(course);
    *wanted.mutable_date() = ToProto(On(date));
    wanted.set_attempt(attempt);
    wanted.set_result(result);
    return AttemptOf(wanted, policy_.course(course), record.completions);
  }

  const MadePolicy policy_{
      CourseText("basic", "BASIC", "exam { pass_percent: 70 remedial_exams: 2 }") +
      CourseText("annual", "ANNUAL", Every("anniversary_of_basic", "count: 1 unit: YEARS"))};
};

TEST_F(AttemptTest, WithoutANumberItFollowsWhatWasFailedSinceTheLastPass) {
  MadeRecord record;
  EXPECT_EQ(*AttemptOn(record, "2020-03-05"), 1);
  record.Failed("basic", "2020-03-01");
  EXPECT_EQ(*AttemptOn(record, "2020-03-05"), 2);
  EXPECT_EQ(*AttemptOn(record, "2020-02-29"), 1);
  record.Failed("basic", "2020-03-03").completions.back().set_attempt(2);
  EXPECT_EQ(*AttemptOn(record, "2020-03-05"), 3);
  EXPECT_EQ(*AttemptOn(record, "2020-03-02"), 2);
  record.Completed("basic", "2020-03-04");
  EXPECT_EQ(*AttemptOn(record, "2020-03-05"), 1);
  record.Failed("annual", "2020-03-01").Failed("annual", "2021-03-01").Voided(5, "2021-04-01");
  EXPECT_EQ(*AttemptOn(record, "2021-03-05", 0, Completion::PASSED, "annual"), 2);
}

TEST_F(AttemptTest, OnlyANumberThatContradictsIsRefused) {
  const MadeRecord record =
      MadeRecord().Failed("basic", "2020-03-01").Failed("annual", "2020-03-01");
  const auto refused = AttemptOn(record, "2020-03-05", 1);
  ASSERT_THAT(refused, FailsWith(StatusCode::kFailedPrecondition, "ATTEMPT_CONTRADICTS"));
  EXPECT_THAT(refused.status().message(), HasSubstr("give attempt 2, or none"));
  EXPECT_EQ(*AttemptOn(record, "2020-03-05", 2), 2);
  // The one between may not be on record.
  EXPECT_EQ(*AttemptOn(record, "2020-03-05", 3), 3);
  EXPECT_EQ(*AttemptOn(record, "2020-02-05", 1), 1);
  EXPECT_EQ(*AttemptOn(record, "2021-03-05", 1, Completion::PASSED, "annual"), 1);
}

TEST_F(AttemptTest, WithoutANumberTwoOfOneDayAreOne) {
  const MadeRecord record = MadeRecord().Failed("basic", "2020-03-01");
  EXPECT_THAT(AttemptOn(record, "2020-03-01"),
              FailsWith(StatusCode::kAlreadyExists, "COMPLETION_EXISTS"));
  EXPECT_EQ(*AttemptOn(record, "2020-03-01", 2), 2);
  MadeRecord both = record;
  both.Completed("basic", "2020-03-01").completions.back().set_attempt(2);
  for (const auto result : {Completion::FAILED, Completion::PASSED}) {
    Completion wanted;
    wanted.set_course("basic");
    *wanted.mutable_date() = ToProto(On("2020-03-01"));
    wanted.set_result(result);
    const Completion* same = FindSame(wanted, both.completions);
    ASSERT_NE(same, nullptr);
    EXPECT_EQ(same->result(), result);
  }
}

}  // namespace
}  // namespace accord::training
