// Who takes a seat, waits for one and gets it, and what holds of the class.
#include <gmock/gmock.h>

#include <map>

#include "tests/unit/training/seats_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using v1::Enrollment;
using v1::Offering;
using v1::Officer;

TEST_F(SeatHandlersTest, EveryBadFieldOfAnOfferingIsNamedAtOnce) {
  v1::CreateOfferingRequest request = OfferingOf(10'001, "no-such-course");
  request.mutable_offering()->clear_place();
  *request.mutable_offering()->mutable_last_date() = ToProto(kFirstDay - days(1));
  request.mutable_offering()->set_instructor_capacity(-1);
  request.set_request_id("not a uuid!");
  const auto offering = handlers_->CreateOffering(call_, request);
  ASSERT_THAT(offering, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  for (const char* field : {"offering.course", "offering.place", "offering.last_date",
                            "offering.seats", "offering.instructor_capacity", "request_id"}) {
    EXPECT_THAT(std::string(offering.status().message()), HasSubstr(field));
  }
  EXPECT_EQ(Revision(), 0);
}

TEST_F(SeatHandlersTest, ClassesKeepToThePolicysCalendarAndCourses) {
  v1::CreateOfferingRequest request = OfferingOf(24);
  *request.mutable_offering()->mutable_first_date() = ToProto(MakeDate(2026, 11, 2));
  *request.mutable_offering()->mutable_last_date() = ToProto(MakeDate(2026, 11, 27));
  EXPECT_THAT(handlers_->CreateOffering(call_, request),
              FailsWith(kPrecondition, "CALENDAR_CLOSED"));
  EXPECT_THAT(handlers_->CreateOffering(call_, OfferingOf(24, "aaa-old")),
              FailsWith(kPrecondition, "COURSE_NOT_OFFERED"));
  const std::string name = Announce(24);
  EXPECT_THAT(MoveTo(name, MakeDate(2026, 10, 5)), FailsWith(kPrecondition, "CALENDAR_CLOSED"));
  EXPECT_THAT(MoveTo(name, MakeDate(2026, 9, 28)), IsOk());
}

TEST_F(SeatHandlersTest, SeatsInTurnThenTheWaitingList) {
  const std::string offering = Announce(1);
  const Enrollment first = Enroll(offering);
  EXPECT_EQ(first.state(), Enrollment::ENROLLED);
  EXPECT_EQ(first.course(), "aaa-basic");
  EXPECT_EQ(first.agency(), "agencies/demo");
  EXPECT_EQ(first.field_office(), "fieldOffices/houston");
  EXPECT_TRUE(first.fictitious());
  EXPECT_EQ(FromProto(first.request_date()), kToday);
  EXPECT_FALSE(first.has_promote_time());
  const Enrollment second = Enroll(offering);
  EXPECT_EQ(second.state(), Enrollment::WAITING);
  EXPECT_EQ(second.sequence(), first.sequence() + 1);
  ExpectCounts(offering, 1, 1);
}

TEST_F(SeatHandlersTest, AFreedSeatGoesToTheFirstByPriorityThenSequence) {
  const std::string offering = Announce(1);
  Enrollment seated = Enroll(offering);
  const Enrollment plain = Enroll(offering);
  const Enrollment first_officer = Enroll(offering, Enrollment::FIRST_OFFICER);
  const Enrollment lapsed = Enroll(offering, Enrollment::LAPSED);
  const Enrollment lapsed_too = Enroll(offering, Enrollment::LAPSED);
  std::vector<std::string> promoted;
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(Cancel(seated.name()), IsOk());
    for (const Enrollment& one : {plain, first_officer, lapsed, lapsed_too}) {
      const Enrollment now = Now(one.name());
      if (now.state() != Enrollment::ENROLLED) continue;
      EXPECT_EQ(now.promote_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
      promoted.push_back(now.name());
      seated = now;
    }
  }
  EXPECT_THAT(promoted,
              ElementsAre(lapsed.name(), lapsed_too.name(), first_officer.name(), plain.name()));
  ExpectCounts(offering, 1, 0);
}

TEST_F(SeatHandlersTest, CancellationAndPromotionAreOneMutation) {
  const std::string offering = Announce(1);
  const Enrollment seated = Enroll(offering);
  const Enrollment waiting = Enroll(offering);
  const int64_t before = Revision();
  ASSERT_THAT(Cancel(seated.name()), IsOk());
  const std::vector<log::v1::Change> changes = ChangesSince(before);
  ASSERT_EQ(changes.size(), 3u);
  for (const log::v1::Change& change : changes) {
    EXPECT_EQ(change.mutation_end(), before + 3);
  }
  EXPECT_EQ(changes[0].action(), "CancelEnrollment");
  EXPECT_EQ(changes[1].action(), "PromoteEnrollment");
  EXPECT_EQ(changes[1].resource(), waiting.name());
  EXPECT_EQ(changes[2].resource(), offering);
}

TEST_F(SeatHandlersTest, LeavingTheWaitingListPromotesNobody) {
  const std::string offering = Announce(1);
  Enroll(offering);
  const Enrollment waiting = Enroll(offering);
  const Enrollment behind = Enroll(offering);
  ASSERT_THAT(Cancel(waiting.name()), IsOk());
  EXPECT_EQ(Now(behind.name()).state(), Enrollment::WAITING);
  ExpectCounts(offering, 1, 1);
}

TEST_F(SeatHandlersTest, AnEndedEnrollmentStaysEnded) {
  const std::string offering = Announce(1);
  const Enrollment enrollment = Enroll(offering);
  EXPECT_THAT(End(EnrollmentEnd::kCancel, enrollment.name(), "another"),
              FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  ASSERT_THAT(End(EnrollmentEnd::kCancel, enrollment.name(), enrollment.etag()), IsOk());
  EXPECT_THAT(Cancel(enrollment.name()), FailsWith(kPrecondition, "ENROLLMENT_ENDED"));
  EXPECT_THAT(Transfer(enrollment.name(), Announce(1)),
              FailsWith(kPrecondition, "ENROLLMENT_ENDED"));
  ExpectCounts(offering, 0, 0);
}

TEST_F(SeatHandlersTest, OnePlaceOfAnOfficerInAnOffering) {
  const std::string offering = Announce(1);
  const Enrollment first = Enroll(offering);
  EXPECT_THAT(TryEnroll(offering, first.officer()),
              FailsWith(StatusCode::kAlreadyExists, "ALREADY_ENROLLED"));
  EXPECT_THAT(Transfer(first.name(), offering),
              FailsWith(StatusCode::kAlreadyExists, "ALREADY_ENROLLED"));
  ASSERT_THAT(Cancel(first.name()), IsOk());
  const auto again = TryEnroll(offering, first.officer());
  ASSERT_THAT(again, IsOk());
  EXPECT_NE(again->name(), first.name());
  EXPECT_EQ(again->state(), Enrollment::ENROLLED);
}

TEST_F(SeatHandlersTest, ATransferMovesTheOfficerAndFillsTheSeat) {
  const std::string from = Announce(1);
  const std::string to = Announce(1);
  const Enrollment seated = Enroll(from, Enrollment::FIRST_OFFICER);
  const Enrollment waiting = Enroll(from);
  SetToday(kToday + days(3));
  const auto moved = Transfer(seated.name(), to);
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->state(), Enrollment::ENROLLED);
  EXPECT_EQ(moved->offering(), to);
  EXPECT_EQ(moved->transferred_from(), seated.name());
  EXPECT_EQ(moved->priority(), Enrollment::FIRST_OFFICER);
  EXPECT_EQ(moved->priority_reason(), "as said");
  // They have asked for the course since then.
  EXPECT_EQ(FromProto(moved->request_date()), kToday);
  EXPECT_EQ(Now(seated.name()).state(), Enrollment::TRANSFERRED);
  EXPECT_EQ(Now(seated.name()).transferred_to(), moved->name());
  EXPECT_EQ(Now(waiting.name()).state(), Enrollment::ENROLLED);
  ExpectCounts(from, 1, 0);
  ExpectCounts(to, 1, 0);
  const auto full = Transfer(waiting.name(), to);
  ASSERT_THAT(full, IsOk());
  EXPECT_EQ(full->state(), Enrollment::WAITING);
  ExpectCounts(from, 0, 0);
  ExpectCounts(to, 1, 1);
}

// Within a priority the day of the request counts, which a transfer keeps.
TEST_F(SeatHandlersTest, WhoWasTransferredHasWaitedSinceTheirRequest) {
  const std::string from = Announce(1);
  const std::string to = Announce(1);
  const Enrollment seated = Enroll(to);
  Enroll(from);
  const Enrollment early = Enroll(from);
  SetToday(kToday + days(3));
  const Enrollment late = Enroll(to);
  const auto moved = Transfer(early.name(), to);
  ASSERT_THAT(moved, IsOk());
  ASSERT_THAT(Cancel(seated.name()), IsOk());
  EXPECT_EQ(Now(moved->name()).state(), Enrollment::ENROLLED);
  EXPECT_EQ(Now(late.name()).state(), Enrollment::WAITING);
}

TEST_F(SeatHandlersTest, ATransferStaysWithinTheCourse) {
  const Enrollment enrollment = Enroll(Announce(1));
  const auto refresher = handlers_->CreateOffering(call_, OfferingOf(1, "aaa-refresher"));
  ASSERT_THAT(refresher, IsOk());
  EXPECT_THAT(Transfer(enrollment.name(), refresher->name()),
              FailsWith(kPrecondition, "OTHER_COURSE"));
  const std::string cancelled = Announce(1);
  ASSERT_THAT(CancelOffering(cancelled), IsOk());
  EXPECT_THAT(Transfer(enrollment.name(), cancelled), FailsWith(kPrecondition, "OFFERING_CLOSED"));
  EXPECT_EQ(Now(enrollment.name()).state(), Enrollment::ENROLLED);
}

TEST_F(SeatHandlersTest, NobodyIsPromotedIntoAClassUnderWay) {
  const std::string offering = Announce(1);
  const Enrollment seated = Enroll(offering);
  const Enrollment waiting = Enroll(offering);
  SetToday(kFirstDay + days(1));
  ASSERT_THAT(Cancel(seated.name()), IsOk());
  EXPECT_EQ(Now(waiting.name()).state(), Enrollment::WAITING);
  EXPECT_THAT(TryEnroll(offering, seated.officer()), FailsWith(kPrecondition, "OFFERING_CLOSED"));
  // Put off, it gives seats again: first to who waits.
  ASSERT_THAT(MoveTo(offering, kFirstDay + days(14)), IsOk());
  EXPECT_EQ(Now(waiting.name()).state(), Enrollment::ENROLLED);
  ExpectCounts(offering, 1, 0);
}

TEST_F(SeatHandlersTest, MoreSeatsPromoteAndFewerThanTakenAreRefused) {
  const std::string offering = Announce(1);
  Enroll(offering);
  const Enrollment second = Enroll(offering);
  const Enrollment third = Enroll(offering, Enrollment::LAPSED);
  const Enrollment fourth = Enroll(offering);
  ASSERT_THAT(ChangeSeats(offering, 3), IsOk());
  EXPECT_EQ(Now(third.name()).state(), Enrollment::ENROLLED);
  EXPECT_EQ(Now(second.name()).state(), Enrollment::ENROLLED);
  EXPECT_EQ(Now(fourth.name()).state(), Enrollment::WAITING);
  ExpectCounts(offering, 3, 1);
  EXPECT_THAT(ChangeSeats(offering, 2), FailsWith(kPrecondition, "SEATS_TAKEN"));
  v1::UpdateOfferingRequest request;
  request.mutable_offering()->set_name(offering);
  request.mutable_offering()->set_instructor_capacity(2);
  request.mutable_update_mask()->add_paths("instructor_capacity");
  EXPECT_THAT(handlers_->UpdateOffering(call_, request), FailsWith(kPrecondition, "SEATS_TAKEN"));
  request.mutable_update_mask()->set_paths(0, "course");
  EXPECT_THAT(handlers_->UpdateOffering(call_, request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(SeatHandlersTest, CancellingAnOfferingCancelsAllItsPlaces) {
  const std::string offering = Announce(2);
  const std::vector<Enrollment> all = {Enroll(offering), Enroll(offering), Enroll(offering)};
  const auto cancelled = CancelOffering(offering);
  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->state(), Offering::CANCELLED);
  for (const Enrollment& one : all) {
    EXPECT_EQ(Now(one.name()).state(), Enrollment::CANCELLED);
    EXPECT_FALSE(Now(one.name()).has_promote_time());
  }
  ExpectCounts(offering, 0, 0);
  EXPECT_THAT(CancelOffering(offering), FailsWith(kPrecondition, "OFFERING_CLOSED"));
}

TEST_F(SeatHandlersTest, WhoMayTakeAPlace) {
  const std::string offering = Announce(9);
  EXPECT_THAT(TryEnroll(offering, PutOfficer("named", Officer::NOMINATED)), IsOk());
  EXPECT_THAT(TryEnroll(offering, PutOfficer("out", Officer::SCREENED_OUT)),
              FailsWith(kPrecondition, "OFFICER_NOT_IN_PROGRAM"));
  EXPECT_THAT(TryEnroll(offering, PutOfficer("real", Officer::SCREENED, /*fictitious=*/false)),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(TryEnroll(offering, PutOfficer("other", Officer::SCREENED, true, "BBB")),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(TryEnroll(offering, "officers/nobody"),
              FailsWith(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(TryEnroll("offerings/none", PutOfficer("nowhere")),
              FailsWith(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  ExpectCounts(offering, 1, 0);
}

TEST_F(SeatHandlersTest, APriorityNeedsItsReason) {
  v1::EnrollOfficerRequest request;
  request.mutable_enrollment()->set_offering(Announce(1));
  request.mutable_enrollment()->set_officer(PutOfficer("o1"));
  request.mutable_enrollment()->set_priority(Enrollment::LAPSED);
  const auto enrollment = handlers_->EnrollOfficer(call_, request);
  ASSERT_THAT(enrollment, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(std::string(enrollment.status().message()), HasSubstr("priority_reason"));
  request.mutable_enrollment()->clear_priority();
  EXPECT_EQ(handlers_->EnrollOfficer(call_, request)->priority(), Enrollment::STANDARD);
}

TEST_F(SeatHandlersTest, ARetryIsTheFirstAnswerAndATrialWritesNothing) {
  const std::string offering = Announce(5);
  v1::EnrollOfficerRequest request;
  request.mutable_enrollment()->set_offering(offering);
  request.mutable_enrollment()->set_officer(PutOfficer("o1"));
  request.set_validate_only(true);
  EXPECT_EQ(handlers_->EnrollOfficer(call_, request)->state(), Enrollment::ENROLLED);
  ExpectCounts(offering, 0, 0);
  request.set_validate_only(false);
  request.set_request_id("4be0643f-1d98-573b-97cd-ca98a65347dd");
  const auto first = handlers_->EnrollOfficer(call_, request);
  const auto again = handlers_->EnrollOfficer(call_, request);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->name(), again->name());
  ExpectCounts(offering, 1, 0);
}

TEST_F(SeatHandlersTest, ListsAreFiltered) {
  const std::string offering = Announce(1);
  const Enrollment seated = Enroll(offering);
  const Enrollment waiting = Enroll(offering);
  v1::ListEnrollmentsRequest request;
  request.set_filter(absl::StrCat("offering = \"", offering, "\" AND state = WAITING"));
  const auto page = handlers_->ListEnrollments(call_, request);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->enrollments_size(), 1);
  EXPECT_EQ(page->enrollments(0).name(), waiting.name());
  v1::ListOfferingsRequest offerings;
  offerings.set_filter("course = \"aaa-basic\" AND waiting > 0");
  EXPECT_EQ(handlers_->ListOfferings(call_, offerings)->offerings_size(), 1);
}

TEST_F(SeatHandlersTest, CapacityCountsSeatsAndLongWaits) {
  const std::string offering = Announce(1);
  Enroll(offering);
  const Enrollment waiting = Enroll(offering);
  v1::GetTrainingCapacityRequest request;
  request.set_fictitious(true);
  request.set_model("AAA");
  const auto now = handlers_->GetTrainingCapacity(call_, request);
  ASSERT_THAT(now, IsOk());
  EXPECT_EQ(now->long_wait_count(), 0);
  EXPECT_EQ(now->basis(), agreements::v1::SYNTHETIC);
  EXPECT_EQ(now->months(1).course(), "aaa-basic");
  EXPECT_EQ(now->months(1).month(), 4);
  EXPECT_EQ(now->months(1).seats_offered(), 1);
  // Both officers have yet to take the basic course.
  EXPECT_EQ(now->months(0).seats_needed(), 2);
  SetToday(kToday + days(90));
  EXPECT_EQ(handlers_->GetTrainingCapacity(call_, request)->long_wait_count(), 0);
  SetToday(kToday + days(91));
  const auto later = handlers_->GetTrainingCapacity(call_, request);
  ASSERT_EQ(later->long_waits_size(), 1);
  EXPECT_EQ(later->long_waits(0).enrollment(), waiting.name());
  EXPECT_EQ(later->long_waits(0).days(), 91);
  request.set_model("BBB");
  EXPECT_EQ(handlers_->GetTrainingCapacity(call_, request)->long_wait_count(), 0);
  request.set_model("CCC");
  EXPECT_THAT(handlers_->GetTrainingCapacity(call_, request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  // Of real officers there is nothing on record.
  const auto real = handlers_->GetTrainingCapacity(call_, v1::GetTrainingCapacityRequest());
  EXPECT_EQ(real->basis(), agreements::v1::DERIVED);
  EXPECT_EQ(real->long_wait_count(), 0);
}

// In the quarter without classes there is no list to be on, and they wait all the same.
TEST_F(SeatHandlersTest, WhoNeedsAClassThatNobodyOffersWaitsToo) {
  v1::Officer nominee;
  nominee.set_name("officers/nominee");
  nominee.set_model("AAA");
  nominee.set_state(v1::Officer::SCREENED);
  nominee.set_certification(v1::Certification::NOT_CERTIFIED);
  nominee.set_fictitious(true);
  *nominee.mutable_nomination_date() = ToProto(kToday - days(60));
  Put(nominee);
  v1::GetTrainingCapacityRequest request;
  request.set_fictitious(true);
  EXPECT_EQ(handlers_->GetTrainingCapacity(call_, request)->long_wait_count(), 0);
  request.set_long_wait_days(59);
  for (const char* model : {"", "AAA"}) {
    request.set_model(model);
    const auto capacity = handlers_->GetTrainingCapacity(call_, request);
    ASSERT_THAT(capacity, IsOk());
    EXPECT_EQ(capacity->long_wait_count(), 1);
    ASSERT_EQ(capacity->long_waits_size(), 1);
    EXPECT_THAT(capacity->long_waits(0), testing::PartiallyEqualsProto(R"pb(
                  officer: "officers/nominee"
                  course: "aaa-basic"
                  days: 60
                  since_date { year: 2026 month: 1 day: 1 }
                  model: "AAA"
                )pb"));
    EXPECT_EQ(capacity->long_waits(0).enrollment(), "");
  }
  request.set_model("BBB");
  EXPECT_EQ(handlers_->GetTrainingCapacity(call_, request)->long_wait_count(), 0);
  request.clear_model();
  ASSERT_THAT(TryEnroll(Announce(1), nominee.name()), IsOk());
  EXPECT_EQ(handlers_->GetTrainingCapacity(call_, request)->long_wait_count(), 0);
}

// Seats needed are told by the class, whatever else has lapsed before it.
TEST_F(SeatHandlersTest, CapacityCountsRefreshersBehindAnAnnualCourse) {
  struct Kept {
    const char* id;
    v1::Certification::State state;
    const char* ends_by;
    Date class_date;
  };
  const Kept kept[] = {
      {"lapsed", v1::Certification::LAPSED, "aaa-online", MakeDate(2026, 5, 20)},
      {"current", v1::Certification::CURRENT, "aaa-online", MakeDate(2026, 5, 3)},
      {"late", v1::Certification::LAPSED, "aaa-refresher", MakeDate(2026, 2, 28)},
      {"this_month", v1::Certification::LAPSED, "aaa-refresher", MakeDate(2026, 3, 1)},
      {"next_year", v1::Certification::CURRENT, "aaa-online", MakeDate(2027, 3, 1)},
  };
  for (const Kept& each : kept) {
    v1::Officer officer;
    officer.set_name(absl::StrCat("officers/", each.id));
    officer.set_model("AAA");
    officer.set_agency("agencies/demo");
    officer.set_state(v1::Officer::AUTHORIZED);
    officer.set_fictitious(true);
    officer.set_certification(each.state);
    officer.set_ends_by(each.ends_by);
    officer.set_next_class("aaa-refresher");
    *officer.mutable_next_class_date() = ToProto(each.class_date);
    Put(officer);
  }
  v1::GetTrainingCapacityRequest request;
  request.set_fictitious(true);
  const auto capacity = handlers_->GetTrainingCapacity(call_, request);
  ASSERT_THAT(capacity, IsOk());
  std::map<int, int> needed;
  for (const auto& month : capacity->months()) {
    if (month.course() == "aaa-refresher") needed[month.month()] = month.seats_needed();
  }
  EXPECT_EQ(needed[3], 2);
  EXPECT_EQ(needed[5], 2);
  EXPECT_EQ(needed[2], 0);
}

TEST_F(SeatHandlersTest, RatesTellModelsAndCheckTheirWindow) {
  v1::GetResultRatesRequest request;
  *request.mutable_from() = ToProto(kToday);
  *request.mutable_to() = ToProto(kToday - days(1));
  EXPECT_THAT(handlers_->GetResultRates(call_, request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  store::MutationContext context;
  context.action = "Put";
  ASSERT_THAT(store_->Mutate(context,
                             [](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
                               auto row = std::make_unique<v1::Completion>();
                               row->set_name("completions/c1");
                               row->set_officer("officers/o1");
                               row->set_course("bbb-basic");
                               *row->mutable_date() = ToProto(kToday);
                               row->set_result(v1::Completion::FAILED);
                               row->set_attempt(1);
                               std::vector<std::unique_ptr<google::protobuf::Message>> rows;
                               rows.push_back(std::move(row));
                               store::WriteSet writes;
                               writes.AppendRows("officers/o1", std::move(rows));
                               return writes;
                             }),
              IsOk());
  *request.mutable_to() = ToProto(kToday);
  const auto rates = handlers_->GetResultRates(call_, request);
  ASSERT_THAT(rates, IsOk());
  ASSERT_EQ(rates->by_course_size(), 1);
  EXPECT_EQ(rates->by_course(0).model(), "BBB");
  EXPECT_EQ(rates->by_course(0).officers(), 1);
  EXPECT_EQ(rates->by_course(0).failed_first(), 1);
  EXPECT_EQ(rates->by_offering_size(), 0);
  // Without dates, of the last 30 days.
  const v1::GetResultRatesRequest undated;
  SetToday(kToday + days(30));
  EXPECT_EQ(handlers_->GetResultRates(call_, undated)->by_course_size(), 1);
  SetToday(kToday + days(31));
  const auto later = handlers_->GetResultRates(call_, undated);
  EXPECT_EQ(later->by_course_size(), 0);
  EXPECT_EQ(FromProto(later->from()), kToday + days(1));
  EXPECT_EQ(FromProto(later->to()), kToday + days(31));
}

}  // namespace
}  // namespace accord::training
