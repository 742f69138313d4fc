#include "services/training/seats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using testing::FailsWith;
using testing::IsOk;
using v1::Enrollment;
using v1::Offering;
using v1::Officer;

const Date kFirstDay = MakeDate(2026, 4, 6);
const Date kBefore = kFirstDay - days(30);

Offering OfferingOf(int seats, int instructor_capacity = 0) {
  Offering offering;
  offering.set_name("offerings/o1");
  offering.set_state(Offering::OPEN);
  *offering.mutable_first_date() = ToProto(kFirstDay);
  offering.set_seats(seats);
  offering.set_instructor_capacity(instructor_capacity);
  offering.set_next_sequence(1);
  return offering;
}

Enrollment AdmittedTo(Offering& offering, Enrollment::Priority priority = Enrollment::STANDARD) {
  Enrollment enrollment;
  enrollment.set_priority(priority);
  EXPECT_THAT(Admit(offering, enrollment, kBefore), IsOk());
  return enrollment;
}

TEST(SeatsTest, TheSmallerOfRoomAndInstructorsHolds) {
  EXPECT_EQ(Capacity(OfferingOf(24)), 24);
  EXPECT_EQ(Capacity(OfferingOf(24, 10)), 10);
  EXPECT_EQ(Capacity(OfferingOf(24, 30)), 24);
}

TEST(SeatsTest, SeatsAreGivenUpToTheFirstDayWhileItIsOpen) {
  Offering offering = OfferingOf(1);
  EXPECT_TRUE(GivesSeats(offering, kBefore));
  EXPECT_TRUE(GivesSeats(offering, kFirstDay));
  EXPECT_FALSE(GivesSeats(offering, kFirstDay + days(1)));
  for (const auto state : {Offering::HELD, Offering::CANCELLED}) {
    offering.set_state(state);
    EXPECT_FALSE(GivesSeats(offering, kBefore));
  }
}

TEST(SeatsTest, WhoComesWhenItIsFullWaits) {
  Offering offering = OfferingOf(2);
  EXPECT_EQ(AdmittedTo(offering).state(), Enrollment::ENROLLED);
  EXPECT_EQ(AdmittedTo(offering).state(), Enrollment::ENROLLED);
  // Not even the first priority takes a seat from somebody.
  const Enrollment third = AdmittedTo(offering, Enrollment::LAPSED);
  EXPECT_EQ(third.state(), Enrollment::WAITING);
  EXPECT_EQ(third.sequence(), 3);
  EXPECT_EQ(offering.seats_taken(), 2);
  EXPECT_EQ(offering.waiting(), 1);
  EXPECT_EQ(offering.next_sequence(), 4);
}

TEST(SeatsTest, ClosedOfferingsAdmitNobody) {
  Offering offering = OfferingOf(2);
  Enrollment enrollment;
  EXPECT_THAT(Admit(offering, enrollment, kFirstDay + days(1)),
              FailsWith(StatusCode::kFailedPrecondition, "OFFERING_CLOSED"));
  offering.set_state(Offering::CANCELLED);
  EXPECT_THAT(Admit(offering, enrollment, kBefore),
              FailsWith(StatusCode::kFailedPrecondition, "OFFERING_CLOSED"));
  EXPECT_EQ(offering.seats_taken(), 0);
}

TEST(SeatsTest, TheWaitingListHasAnEnd) {
  Offering offering = OfferingOf(1);
  offering.set_seats_taken(1);
  offering.set_waiting(kMaxWaiting - 1);
  EXPECT_EQ(AdmittedTo(offering).state(), Enrollment::WAITING);
  Enrollment enrollment;
  EXPECT_THAT(Admit(offering, enrollment, kBefore),
              FailsWith(StatusCode::kFailedPrecondition, "WAITING_LIST_FULL"));
}

TEST(SeatsTest, OnlyAttendanceKeepsTheSeat) {
  for (const auto& [end, left] : {std::pair(Enrollment::CANCELLED, 0),
                                  {Enrollment::TRANSFERRED, 0},
                                  {Enrollment::NO_SHOW, 0},
                                  {Enrollment::ATTENDED, 1}}) {
    Offering offering = OfferingOf(1);
    Enrollment enrollment = AdmittedTo(offering);
    End(offering, enrollment, end);
    EXPECT_EQ(enrollment.state(), end);
    EXPECT_EQ(offering.seats_taken(), left) << end;
    EXPECT_FALSE(IsLive(enrollment));
  }
}

// By what is on record, what is said, and the seats taken of two.
TEST(SeatsTest, OnlyWhoCameIsCorrectedAndNeverBeyondTheSeats) {
  for (int from = Enrollment::State_MIN; from <= Enrollment::State_MAX; ++from) {
    for (int to = Enrollment::State_MIN; to <= Enrollment::State_MAX; ++to) {
      Enrollment enrollment;
      enrollment.set_state(static_cast<Enrollment::State>(from));
      const bool corrects = (from == Enrollment::NO_SHOW && to == Enrollment::ATTENDED) ||
                            (from == Enrollment::ATTENDED && to == Enrollment::NO_SHOW);
      EXPECT_EQ(IsCorrection(enrollment, static_cast<Enrollment::State>(to)), corrects)
          << from << " to " << to;
    }
  }
  struct Case {
    Enrollment::State from;
    Enrollment::State to;
    int taken;
    int left;  // -1: refused.
  };
  for (const Case& each : {Case{Enrollment::NO_SHOW, Enrollment::ATTENDED, 0, 1},
                           {Enrollment::NO_SHOW, Enrollment::ATTENDED, 1, 2},
                           {Enrollment::NO_SHOW, Enrollment::ATTENDED, 2, -1},
                           {Enrollment::ATTENDED, Enrollment::NO_SHOW, 2, 1},
                           {Enrollment::ATTENDED, Enrollment::NO_SHOW, 1, 0}}) {
    // The instructors can take fewer than the room has.
    Offering offering = OfferingOf(3, 2);
    offering.set_state(Offering::HELD);
    offering.set_seats_taken(each.taken);
    Enrollment enrollment;
    enrollment.set_state(each.from);
    const absl::Status corrected = Correct(offering, enrollment, each.to);
    const bool refused = each.left < 0;
    if (refused) {
      EXPECT_THAT(corrected, FailsWith(StatusCode::kFailedPrecondition, "SEATS_TAKEN"));
    } else {
      EXPECT_THAT(corrected, IsOk());
    }
    EXPECT_EQ(enrollment.state(), refused ? each.from : each.to);
    EXPECT_EQ(offering.seats_taken(), refused ? each.taken : each.left);
  }
}

TEST(SeatsTest, ASeatIsFilledOnlyWhileSeatsAreGiven) {
  Offering offering = OfferingOf(3);
  offering.set_seats_taken(1);
  offering.set_waiting(1);
  EXPECT_EQ(SeatsToFill(offering, kFirstDay), 1);
  offering.set_waiting(5);
  EXPECT_EQ(SeatsToFill(offering, kFirstDay), 2);
  EXPECT_EQ(SeatsToFill(offering, kFirstDay + days(1)), 0);
  offering.set_state(Offering::HELD);
  EXPECT_EQ(SeatsToFill(offering, kFirstDay), 0);
}

TEST(SeatsTest, WhoLeftTheProgramTakesNoSeat) {
  const Offering offering = OfferingOf(1);
  for (int state = Officer::State_MIN; state <= Officer::State_MAX; ++state) {
    Officer officer;
    officer.set_state(static_cast<Officer::State>(state));
    // Lapsed training bars nobody from the course that cures it.
    officer.set_certification(v1::Certification::LAPSED);
    const bool left = state == Officer::SCREENED_OUT || state == Officer::DISQUALIFIED ||
                      state == Officer::WITHDRAWN || state == Officer::REVOKED;
    const absl::Status may = CheckMayEnroll(officer, offering, "enrollment.officer");
    if (left) {
      EXPECT_THAT(may, FailsWith(StatusCode::kFailedPrecondition, "OFFICER_NOT_IN_PROGRAM"));
    } else {
      EXPECT_THAT(may, IsOk()) << state;
    }
  }
}

TEST(SeatsTest, MadeUpAndRealAreNotMixed) {
  Officer officer;
  officer.set_state(Officer::SCREENED);
  Offering offering = OfferingOf(1);
  for (const bool fictitious : {false, true}) {
    officer.set_fictitious(fictitious);
    offering.set_fictitious(!fictitious);
    EXPECT_THAT(CheckMayEnroll(officer, offering, "offering"),
                FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
    offering.set_fictitious(fictitious);
    EXPECT_THAT(CheckMayEnroll(officer, offering, "offering"), IsOk());
  }
}

// The rules as one would say them: whoever waits is asked in order as long as there is a seat.
class PlainSeats {
 public:
  void Enroll(int64_t sequence, int priority) { waiting_[{priority, sequence}] = true; }
  void Leave(int64_t sequence) {
    std::erase(seated_, sequence);
    std::erase_if(waiting_, [sequence](const auto& one) { return one.first.second == sequence; });
  }
  void Fill(int capacity) {
    while (static_cast<int>(seated_.size()) < capacity && !waiting_.empty()) {
      seated_.push_back(waiting_.begin()->first.second);
      waiting_.erase(waiting_.begin());
    }
  }
  bool Seated(int64_t sequence) const {
    return std::find(seated_.begin(), seated_.end(), sequence) != seated_.end();
  }
  int seated() const { return static_cast<int>(seated_.size()); }
  int waiting() const { return static_cast<int>(waiting_.size()); }

 private:
  std::vector<int64_t> seated_;
  std::map<std::pair<int, int64_t>, bool> waiting_;
};

class SeatsPropertyTest : public ::testing::TestWithParam<int> {
 protected:
  int Up(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

  void EnrollSomebody() {
    Enrollment enrollment =
        AdmittedTo(offering_, static_cast<Enrollment::Priority>(1 + Up(Enrollment::STANDARD)));
    plain_.Enroll(enrollment.sequence(), enrollment.priority());
    all_.push_back(std::move(enrollment));
  }
  void EndSomebody() {
    if (all_.empty()) return;
    Enrollment& enrollment = all_[Up(static_cast<int>(all_.size()))];
    if (!IsLive(enrollment)) return;
    plain_.Leave(enrollment.sequence());
    End(offering_, enrollment, Up(2) == 0 ? Enrollment::CANCELLED : Enrollment::TRANSFERRED);
  }
  void ChangeSeats() {
    const int seats = 1 + Up(12);
    if (seats >= offering_.seats_taken()) offering_.set_seats(seats);
  }
  // As the store answers: priority, then sequence.
  void Fill() {
    std::vector<Enrollment*> waiting;
    for (Enrollment& one : all_) {
      if (one.state() == Enrollment::WAITING) waiting.push_back(&one);
    }
    std::sort(waiting.begin(), waiting.end(), [](const Enrollment* a, const Enrollment* b) {
      return std::tuple(a->priority(), a->sequence()) < std::tuple(b->priority(), b->sequence());
    });
    const int count = SeatsToFill(offering_, kBefore);
    ASSERT_LE(count, static_cast<int>(waiting.size()));
    for (int i = 0; i < count; ++i) {
      EXPECT_FALSE(waiting[i]->has_promote_time()) << "promoted twice";
      Promote(offering_, *waiting[i], {});
    }
    plain_.Fill(offering_.seats());
  }
  void Compare() {
    EXPECT_EQ(offering_.seats_taken(), plain_.seated());
    EXPECT_EQ(offering_.waiting(), plain_.waiting());
    EXPECT_LE(offering_.seats_taken(), Capacity(offering_));
    for (const Enrollment& one : all_) {
      if (!IsLive(one)) continue;
      EXPECT_EQ(one.state() == Enrollment::ENROLLED, plain_.Seated(one.sequence()));
    }
  }

  std::mt19937 random_{static_cast<unsigned>(GetParam())};
  Offering offering_ = OfferingOf(4);
  std::vector<Enrollment> all_;
  PlainSeats plain_;
};

TEST_P(SeatsPropertyTest, CountsAndOrderAreThoseOfThePlainRules) {
  for (int step = 0; step < 400 && !HasFailure(); ++step) {
    switch (Up(5)) {
      case 0:
      case 1:
        EnrollSomebody();
        break;
      case 2:
      case 3:
        EndSomebody();
        break;
      default:
        ChangeSeats();
    }
    Fill();
    Compare();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SeatsPropertyTest, ::testing::Range(1, 51));

}  // namespace
}  // namespace accord::training
