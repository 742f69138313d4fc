// Who came to a class, and how what was recorded of it is put right.
#include <gmock/gmock.h>

#include "tests/unit/training/seats_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using v1::Enrollment;
using v1::Offering;

using AttendanceTest = SeatHandlersTest;

TEST_F(AttendanceTest, AttendanceIsRecordedFromTheFirstDayOn) {
  const std::string offering = Announce(2);
  const Enrollment comes = Enroll(offering);
  const Enrollment stays_away = Enroll(offering);
  const Enrollment waits = Enroll(offering);
  SetToday(kFirstDay - days(1));
  EXPECT_THAT(End(EnrollmentEnd::kAttend, comes.name()), FailsWith(kPrecondition, "NOT_BEGUN"));
  SetToday(kFirstDay);
  EXPECT_THAT(End(EnrollmentEnd::kNoShow, waits.name()), FailsWith(kPrecondition, "NO_SEAT"));
  // On the first day the seat can still be taken by somebody else.
  ASSERT_THAT(End(EnrollmentEnd::kNoShow, stays_away.name()), IsOk());
  EXPECT_EQ(Now(stays_away.name()).state(), Enrollment::NO_SHOW);
  EXPECT_EQ(Now(waits.name()).state(), Enrollment::ENROLLED);
  ASSERT_THAT(End(EnrollmentEnd::kAttend, comes.name()), IsOk());
  ExpectCounts(offering, 2, 0);
  v1::GetOfferingRequest request;
  request.set_name(offering);
  EXPECT_EQ(handlers_->GetOffering(call_, request)->state(), Offering::HELD);
  EXPECT_THAT(TryEnroll(offering, PutOfficer("late")), FailsWith(kPrecondition, "OFFERING_CLOSED"));
  EXPECT_THAT(ChangeSeats(offering, 5), FailsWith(kPrecondition, "OFFERING_CLOSED"));
  EXPECT_THAT(CancelOffering(offering), FailsWith(kPrecondition, "OFFERING_CLOSED"));
  EXPECT_THAT(End(EnrollmentEnd::kAttend, waits.name()), IsOk());
}

TEST_F(AttendanceTest, WhoCameIsCorrectedWithAReason) {
  const std::string offering = Announce(2);
  const Enrollment one = Enroll(offering);
  const Enrollment two = Enroll(offering);
  SetToday(kFirstDay);
  ASSERT_THAT(End(EnrollmentEnd::kNoShow, one.name()), IsOk());
  ASSERT_THAT(End(EnrollmentEnd::kAttend, two.name()), IsOk());
  EXPECT_THAT(End(EnrollmentEnd::kAttend, one.name()),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(End(EnrollmentEnd::kNoShow, one.name(), "", "again"),
              FailsWith(kPrecondition, "ENROLLMENT_ENDED"));
  ASSERT_THAT(End(EnrollmentEnd::kAttend, one.name(), "", "on the other list"), IsOk());
  ASSERT_THAT(End(EnrollmentEnd::kNoShow, two.name(), "", "a namesake came"), IsOk());
  EXPECT_EQ(Now(one.name()).state(), Enrollment::ATTENDED);
  EXPECT_EQ(Now(two.name()).state(), Enrollment::NO_SHOW);
  ExpectCounts(offering, 1, 0);
}

TEST_F(AttendanceTest, NoCorrectionOversellsOrContradictsAResult) {
  const std::string offering = Announce(1);
  const Enrollment away = Enroll(offering);
  const Enrollment came = Enroll(offering);
  SetToday(kFirstDay);
  // The class begins that day: who waits gets the seat.
  ASSERT_THAT(End(EnrollmentEnd::kNoShow, away.name()), IsOk());
  ASSERT_THAT(End(EnrollmentEnd::kAttend, came.name()), IsOk());
  EXPECT_THAT(End(EnrollmentEnd::kAttend, away.name(), "", "was there"),
              FailsWith(kPrecondition, "SEATS_TAKEN"));
  ASSERT_THAT(RecordResult(came.officer(), v1::Completion::PASSED, kFirstDay, offering), IsOk());
  EXPECT_THAT(End(EnrollmentEnd::kNoShow, came.name(), "", "was not there"),
              FailsWith(kPrecondition, "RESULT_ON_RECORD"));
  ExpectCounts(offering, 1, 0);
}

TEST_F(AttendanceTest, AResultIsOfAClassThatTheOfficerCouldAttend) {
  const std::string offering = Announce(1);
  const Enrollment seated = Enroll(offering);
  const Enrollment waits = Enroll(offering);
  SetToday(kFirstDay + days(2));
  const auto early =
      RecordResult(waits.officer(), v1::Completion::PASSED, kFirstDay - days(1), offering);
  ASSERT_THAT(early, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(early.status().ToString(), HasSubstr("begins on 2026-04-06"));
  EXPECT_THAT(early.status().ToString(), HasSubstr("no seat of the officer's"));
  ASSERT_THAT(RecordResult(seated.officer(), v1::Completion::PASSED, kFirstDay, offering), IsOk());
  // The seat stays with the result.
  EXPECT_THAT(End(EnrollmentEnd::kNoShow, seated.name()),
              FailsWith(kPrecondition, "RESULT_ON_RECORD"));
  EXPECT_THAT(Cancel(seated.name()), FailsWith(kPrecondition, "RESULT_ON_RECORD"));
  EXPECT_THAT(Transfer(seated.name(), offering), FailsWith(kPrecondition, "RESULT_ON_RECORD"));
  EXPECT_THAT(End(EnrollmentEnd::kAttend, seated.name()), IsOk());
}

// As history is put on record.
TEST_F(AttendanceTest, OfAClassAnnouncedAfterwardsResultsSayWhoWasThere) {
  v1::CreateOfferingRequest request = OfferingOf(2);
  *request.mutable_offering()->mutable_first_date() = ToProto(MakeDate(2026, 2, 2));
  const auto offering = handlers_->CreateOffering(call_, request);
  ASSERT_THAT(offering, IsOk());
  EXPECT_THAT(RecordResult(PutOfficer("then"), v1::Completion::PASSED, MakeDate(2026, 2, 27),
                           offering->name()),
              IsOk());
}

TEST_F(AttendanceTest, NobodyCameToAClassThatWasCancelled) {
  const std::string offering = Announce(2);
  const Enrollment away = Enroll(offering);
  SetToday(kFirstDay);
  ASSERT_THAT(End(EnrollmentEnd::kNoShow, away.name()), IsOk());
  ASSERT_THAT(CancelOffering(offering), IsOk());
  EXPECT_THAT(End(EnrollmentEnd::kAttend, away.name(), "", "was there"),
              FailsWith(kPrecondition, "OFFERING_CLOSED"));
}

TEST_F(AttendanceTest, AClassThatSomebodyHasAResultOfIsNotCancelled) {
  v1::CreateOfferingRequest request = OfferingOf(2);
  *request.mutable_offering()->mutable_first_date() = ToProto(MakeDate(2026, 2, 2));
  const auto offering = handlers_->CreateOffering(call_, request);
  ASSERT_THAT(offering, IsOk());
  const auto result = RecordResult(PutOfficer("then"), v1::Completion::FAILED,
                                   MakeDate(2026, 2, 27), offering->name());
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(CancelOffering(offering->name()), FailsWith(kPrecondition, "RESULT_ON_RECORD"));
  v1::VoidCompletionRequest voiding;
  voiding.set_name(result->name());
  *voiding.mutable_date() = ToProto(kToday);
  voiding.set_reason("of another class");
  ASSERT_THAT(handlers_->VoidCompletion(call_, voiding), IsOk());
  EXPECT_THAT(CancelOffering(offering->name()), IsOk());
}

}  // namespace
}  // namespace accord::training
