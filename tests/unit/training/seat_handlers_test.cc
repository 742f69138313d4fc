// Offerings and enrollments: the handlers on a real store with a clock that stands still.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/store/log_reader.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "services/training/errors.h"
#include "services/training/handlers.h"
#include "services/training/seats.h"
#include "services/training/types.h"
#include "tests/unit/training/course_policy.h"
#include "tests/unit/training/no_agreements.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::SizeIs;
using testing::TempDir;
using ::testing::UnorderedElementsAreArray;
using v1::Enrollment;
using v1::Offering;
using v1::Officer;

constexpr StatusCode kPrecondition = StatusCode::kFailedPrecondition;
const Date kToday = MakeDate(2026, 3, 2);
const Date kFirstDay = MakeDate(2026, 4, 6);

class SeatHandlersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto policy = CoursePolicy();
    ASSERT_NE(policy, nullptr);
    zone_ = policy->time_zone();
    SetToday(kToday);
    auto store = store::Store::Open("training", kDomain, Types(), clock_,
                                    {.url = absl::StrCat("sqlite:", dir_.path(), "/t.db")});
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    handlers_ = std::make_unique<Handlers>(*store_, policy, agreements_);
  }

  void SetToday(Date date) { clock_.Set(StartOfDay(date, zone_) + absl::Hours(12)); }

  // Writes a resource as the part of the service would that owns it.
  template <typename T>
  void Put(const T& resource) {
    store::MutationContext context;
    context.action = "Put";
    ASSERT_THAT(store_->Mutate(context,
                               [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
                                 store::WriteSet writes;
                                 writes.Create(resource);
                                 return writes;
                               }),
                IsOk());
  }
  std::string PutOfficer(const std::string& id, Officer::State state = Officer::SCREENED,
                         bool fictitious = true, const std::string& model = "AAA") {
    Officer officer;
    officer.set_name(absl::StrCat("officers/", id));
    officer.set_agency("agencies/demo");
    officer.set_field_office("fieldOffices/houston");
    officer.set_model(model);
    officer.set_state(state);
    officer.set_fictitious(fictitious);
    Put(officer);
    return officer.name();
  }

  static v1::CreateOfferingRequest OfferingOf(int seats, const std::string& course = "aaa-basic") {
    v1::CreateOfferingRequest request;
    Offering& offering = *request.mutable_offering();
    offering.set_course(course);
    offering.set_place("Demo Academy");
    *offering.mutable_first_date() = ToProto(kFirstDay);
    *offering.mutable_last_date() = ToProto(kFirstDay + days(25));
    offering.set_seats(seats);
    offering.set_fictitious(true);
    return request;
  }
  std::string Announce(int seats) {
    const auto offering = handlers_->CreateOffering(call_, OfferingOf(seats));
    EXPECT_THAT(offering, IsOk());
    return offering.value_or(Offering()).name();
  }
  absl::StatusOr<Enrollment> TryEnroll(const std::string& offering, const std::string& officer,
                                       Enrollment::Priority priority = Enrollment::STANDARD) {
    v1::EnrollOfficerRequest request;
    request.mutable_enrollment()->set_offering(offering);
    request.mutable_enrollment()->set_officer(officer);
    request.mutable_enrollment()->set_priority(priority);
    if (priority != Enrollment::STANDARD) {
      request.mutable_enrollment()->set_priority_reason("as said");
    }
    return handlers_->EnrollOfficer(call_, request);
  }
  // Of a new officer.
  Enrollment Enroll(const std::string& offering,
                    Enrollment::Priority priority = Enrollment::STANDARD) {
    const auto enrollment =
        TryEnroll(offering, PutOfficer(absl::StrCat("p", ++officers_)), priority);
    EXPECT_THAT(enrollment, IsOk());
    return enrollment.value_or(Enrollment());
  }
  absl::StatusOr<Enrollment> End(EnrollmentEnd end, const std::string& name,
                                 const std::string& etag = "", const std::string& reason = "") {
    v1::EndEnrollmentRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_reason(reason);
    return handlers_->EndEnrollment(call_, end, request);
  }
  absl::StatusOr<Enrollment> Cancel(const std::string& name) {
    return End(EnrollmentEnd::kCancel, name);
  }
  absl::StatusOr<Enrollment> Transfer(const std::string& name, const std::string& offering) {
    v1::TransferEnrollmentRequest request;
    request.set_name(name);
    request.set_offering(offering);
    return handlers_->TransferEnrollment(call_, request);
  }
  absl::StatusOr<Offering> CancelOffering(const std::string& name) {
    v1::CancelOfferingRequest request;
    request.set_name(name);
    request.set_reason("no instructors");
    return handlers_->CancelOffering(call_, request);
  }
  absl::StatusOr<Offering> ChangeSeats(const std::string& name, int seats) {
    v1::UpdateOfferingRequest request;
    request.mutable_offering()->set_name(name);
    request.mutable_offering()->set_seats(seats);
    request.mutable_update_mask()->add_paths("seats");
    return handlers_->UpdateOffering(call_, request);
  }
  absl::StatusOr<Offering> MoveTo(const std::string& name, Date first) {
    v1::UpdateOfferingRequest request;
    request.mutable_offering()->set_name(name);
    *request.mutable_offering()->mutable_first_date() = ToProto(first);
    *request.mutable_offering()->mutable_last_date() = ToProto(first + days(25));
    request.mutable_update_mask()->add_paths("first_date");
    request.mutable_update_mask()->add_paths("last_date");
    return handlers_->UpdateOffering(call_, request);
  }

  absl::StatusOr<Officer> Withdraw(const std::string& officer) {
    v1::StepOfficerRequest request;
    request.set_name(officer);
    *request.mutable_date() = request_day_;
    request.set_reason("left the agency");
    return handlers_->TakeStep(call_, Step::kWithdraw, request);
  }
  absl::StatusOr<v1::CompletionImport> Disqualify(const std::vector<std::string>& officers) {
    v1::ImportCompletionsRequest request;
    request.set_file_name("export.csv");
    std::string content = "officer,course,date,result\n";
    for (const std::string& officer : officers) {
      absl::StrAppend(&content, officer, ",aaa-basic,2026-02-27,disqualified\n");
    }
    request.set_content(content);
    return handlers_->ImportCompletions(call_, request);
  }

  absl::StatusOr<Officer> ScreenOut(const std::string& officer) {
    v1::StepOfficerRequest request;
    request.set_name(officer);
    *request.mutable_date() = request_day_;
    request.set_reason("as decided");
    return handlers_->TakeStep(call_, Step::kScreenOut, request);
  }
  absl::StatusOr<v1::Completion> RecordResult(const std::string& officer,
                                              v1::Completion::Result result) {
    v1::RecordCompletionRequest request;
    v1::Completion& completion = *request.mutable_completion();
    completion.set_officer(officer);
    completion.set_course("aaa-basic");
    completion.set_result(result);
    *completion.mutable_date() = request_day_;
    return handlers_->RecordCompletion(call_, request);
  }
  std::string Propose(const std::string& officer) {
    v1::ProposeRevocationRequest request;
    request.set_officer(officer);
    request.set_reason("as reported");
    const auto proposed = handlers_->ProposeRevocation(call_, request);
    EXPECT_THAT(proposed, IsOk());
    return proposed.value_or(v1::RevocationCase()).name();
  }
  absl::StatusOr<v1::RevocationCase> DecideCase(CaseStep step, const std::string& revocation) {
    v1::StepRevocationCaseRequest request;
    request.set_name(revocation);
    *request.mutable_date() = request_day_;
    request.set_reason("as decided");
    return handlers_->TakeCaseStep(call_, step, request);
  }

  Officer::State StateOf(const std::string& officer) {
    v1::GetOfficerRequest request;
    request.set_name(officer);
    return handlers_->GetOfficer(call_, request).value_or(Officer()).state();
  }

  std::vector<log::v1::Change> ChangesSince(int64_t revision) {
    const auto snapshot = store_->Read(absl::InfiniteFuture());
    const auto changes = store::ReadTail(***snapshot, revision, 100);
    EXPECT_THAT(changes, IsOk());
    return changes.value_or(std::vector<log::v1::Change>());
  }

  Enrollment Now(const std::string& name) {
    v1::GetEnrollmentRequest request;
    request.set_name(name);
    return handlers_->GetEnrollment(call_, request).value_or(Enrollment());
  }
  void ExpectCounts(const std::string& name, int taken, int waiting) {
    v1::GetOfferingRequest request;
    request.set_name(name);
    const auto offering = handlers_->GetOffering(call_, request);
    ASSERT_THAT(offering, IsOk());
    EXPECT_EQ(offering->seats_taken(), taken);
    EXPECT_EQ(offering->waiting(), waiting);
  }
  int64_t Revision() { return store_->heads().Current().revision; }

  TempDir dir_;
  absl::TimeZone zone_;
  FakeClock clock_{absl::UnixEpoch()};
  NoAgreements agreements_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Handlers> handlers_;
  rpc::Call call_ = rpc::Call::ForTest("unverified:tester");
  int officers_ = 0;
  const google::type::Date request_day_ = ToProto(kToday);
};

TEST_F(SeatHandlersTest, WhoLeavesTheProgramLeavesTheirClassesToThoseWhoWait) {
  const std::string offering = Announce(1);
  const std::string other = Announce(1);
  const Enrollment first = Enroll(offering);
  const Enrollment second = Enroll(offering);
  const Enrollment third = Enroll(offering);
  const Enrollment seated = Enroll(other);
  ASSERT_THAT(TryEnroll(other, first.officer()), IsOk());
  ASSERT_THAT(Withdraw(first.officer()), IsOk());
  EXPECT_EQ(Now(first.name()).state(), Enrollment::CANCELLED);
  EXPECT_EQ(Now(second.name()).state(), Enrollment::ENROLLED);
  EXPECT_EQ(Now(third.name()).state(), Enrollment::WAITING);
  EXPECT_EQ(Now(seated.name()).state(), Enrollment::ENROLLED);
  ExpectCounts(offering, 1, 1);
  ExpectCounts(other, 1, 0);
  EXPECT_THAT(TryEnroll(other, first.officer()),
              FailsWith(kPrecondition, "OFFICER_NOT_IN_PROGRAM"));
}

// Of one mutation: who leaves and is cancelled, with a reason, and who is promoted, once.
void ExpectLeft(const std::vector<log::v1::Change>& changes, const std::string& officer,
                const std::vector<std::string>& cancelled, const std::string& promoted) {
  std::vector<std::string> ended;
  std::vector<std::string> moved_up;
  std::set<int64_t> mutations;
  for (const log::v1::Change& change : changes) {
    const bool is_end = change.action() == "CancelEnrollment";
    const bool is_promotion = change.action() == "PromoteEnrollment";
    if (is_end) ended.push_back(change.resource());
    if (is_promotion) moved_up.push_back(change.resource());
    EXPECT_EQ(change.reason() == "the officer is out of the program", is_end);
    if (is_end || is_promotion || change.resource() == officer) {
      mutations.insert(change.mutation_end());
    }
  }
  EXPECT_THAT(ended, UnorderedElementsAreArray(cancelled));
  EXPECT_THAT(moved_up, ElementsAre(promoted));
  EXPECT_THAT(mutations, SizeIs(1));
}

TEST_F(SeatHandlersTest, EveryWayOutOfTheProgramFreesThePlacesInItsOwnMutation) {
  struct Way {
    const char* name;
    Officer::State from;
    Officer::State to;
    // Answers with what then takes the officer out.
    std::function<std::function<absl::Status()>(const std::string&)> prepare;
  };
  const auto at_once = [](std::function<absl::Status(const std::string&)> leave) {
    return [leave](const std::string& officer) { return [=] { return leave(officer); }; };
  };
  const Way ways[] = {
      {"withdrawn", Officer::AUTHORIZED, Officer::WITHDRAWN,
       at_once([&](const std::string& who) { return Withdraw(who).status(); })},
      {"screened-out", Officer::NOMINATED, Officer::SCREENED_OUT,
       at_once([&](const std::string& who) { return ScreenOut(who).status(); })},
      {"recorded", Officer::IN_TRAINING, Officer::DISQUALIFIED,
       at_once([&](const std::string& who) {
         return RecordResult(who, v1::Completion::DISQUALIFIED).status();
       })},
      {"imported", Officer::IN_TRAINING, Officer::DISQUALIFIED,
       at_once([&](const std::string& who) { return Disqualify({who}).status(); })},
      {"revoked", Officer::AUTHORIZED, Officer::REVOKED,
       [&](const std::string& who) {
         return [this, revocation = Propose(who)] {
           return DecideCase(CaseStep::kRevoke, revocation).status();
         };
       }},
  };
  for (const Way& way : ways) {
    SCOPED_TRACE(way.name);
    const std::string officer = PutOfficer(way.name, way.from);
    const std::string offering = Announce(1);
    const std::string other = Announce(1);
    const auto seat = TryEnroll(offering, officer);
    const Enrollment next = Enroll(offering);
    const Enrollment behind = Enroll(offering);
    const Enrollment seated = Enroll(other);
    const auto waits = TryEnroll(other, officer);
    ASSERT_THAT(seat, IsOk());
    ASSERT_THAT(waits, IsOk());
    const auto leave = way.prepare(officer);
    const int64_t before = Revision();
    ASSERT_THAT(leave(), IsOk());
    ExpectLeft(ChangesSince(before), officer, {seat->name(), waits->name()}, next.name());
    EXPECT_EQ(StateOf(officer), way.to);
    EXPECT_EQ(Now(seat->name()).state(), Enrollment::CANCELLED);
    EXPECT_EQ(Now(waits->name()).state(), Enrollment::CANCELLED);
    EXPECT_EQ(Now(next.name()).state(), Enrollment::ENROLLED);
    EXPECT_EQ(Now(behind.name()).state(), Enrollment::WAITING);
    EXPECT_EQ(Now(seated.name()).state(), Enrollment::ENROLLED);
    ExpectCounts(offering, 1, 1);
    ExpectCounts(other, 1, 0);
  }
}

TEST_F(SeatHandlersTest, WhoStaysInTheProgramKeepsTheirPlace) {
  const std::string offering = Announce(2);
  const std::string failed = PutOfficer("failed", Officer::IN_TRAINING);
  const std::string retained = PutOfficer("retained", Officer::AUTHORIZED);
  ASSERT_THAT(TryEnroll(offering, failed), IsOk());
  ASSERT_THAT(TryEnroll(offering, retained), IsOk());
  ASSERT_THAT(RecordResult(failed, v1::Completion::FAILED), IsOk());
  ASSERT_THAT(DecideCase(CaseStep::kRetain, Propose(retained)), IsOk());
  ExpectCounts(offering, 2, 0);
}

// The seat went to whoever waited; they stand at the end of the list like anybody else.
TEST_F(SeatHandlersTest, WhoIsReinstatedEnrollsAgain) {
  const std::string offering = Announce(1);
  const std::string officer = PutOfficer("back", Officer::AUTHORIZED);
  const auto seat = TryEnroll(offering, officer);
  ASSERT_THAT(seat, IsOk());
  const Enrollment next = Enroll(offering);
  const std::string revocation = Propose(officer);
  ASSERT_THAT(DecideCase(CaseStep::kRevoke, revocation), IsOk());
  EXPECT_THAT(TryEnroll(offering, officer), FailsWith(kPrecondition, "OFFICER_NOT_IN_PROGRAM"));
  ASSERT_THAT(DecideCase(CaseStep::kReinstate, revocation), IsOk());
  EXPECT_EQ(Now(seat->name()).state(), Enrollment::CANCELLED);
  EXPECT_EQ(Now(next.name()).state(), Enrollment::ENROLLED);
  const auto again = TryEnroll(offering, officer);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->state(), Enrollment::WAITING);
  ExpectCounts(offering, 1, 1);
}

// Those who leave together are not promoted into each other's seats.
TEST_F(SeatHandlersTest, OfSeveralWhoAreDisqualifiedAtOnceNobodyIsPromoted) {
  const std::string offering = Announce(2);
  const Enrollment seated = Enroll(offering);
  const Enrollment stays = Enroll(offering);
  const Enrollment leaves = Enroll(offering);
  const Enrollment next = Enroll(offering);
  const Enrollment last = Enroll(offering);
  ASSERT_THAT(Disqualify({seated.officer(), leaves.officer()}), IsOk());
  EXPECT_EQ(Now(seated.name()).state(), Enrollment::CANCELLED);
  EXPECT_EQ(Now(leaves.name()).state(), Enrollment::CANCELLED);
  EXPECT_EQ(Now(stays.name()).state(), Enrollment::ENROLLED);
  EXPECT_EQ(Now(next.name()).state(), Enrollment::ENROLLED);
  EXPECT_EQ(Now(last.name()).state(), Enrollment::WAITING);
  ExpectCounts(offering, 2, 1);
}

// Whether they came is still to be recorded.
TEST_F(SeatHandlersTest, AClassThatHasBegunKeepsTheSeatOfWhoLeaves) {
  const std::string offering = Announce(1);
  const Enrollment seated = Enroll(offering);
  const Enrollment waits = Enroll(offering);
  SetToday(kFirstDay);
  ASSERT_THAT(Disqualify({seated.officer(), waits.officer()}), IsOk());
  EXPECT_EQ(Now(seated.name()).state(), Enrollment::ENROLLED);
  EXPECT_EQ(Now(waits.name()).state(), Enrollment::CANCELLED);
  ExpectCounts(offering, 1, 0);
  EXPECT_THAT(End(EnrollmentEnd::kAttend, seated.name()), IsOk());
}

TEST_F(SeatHandlersTest, WhoCameIsCorrectedWithAReason) {
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

TEST_F(SeatHandlersTest, NoCorrectionOversellsOrContradictsAResult) {
  const std::string offering = Announce(1);
  const Enrollment away = Enroll(offering);
  const Enrollment came = Enroll(offering);
  SetToday(kFirstDay);
  // The class begins that day: who waits gets the seat.
  ASSERT_THAT(End(EnrollmentEnd::kNoShow, away.name()), IsOk());
  ASSERT_THAT(End(EnrollmentEnd::kAttend, came.name()), IsOk());
  EXPECT_THAT(End(EnrollmentEnd::kAttend, away.name(), "", "was there"),
              FailsWith(kPrecondition, "SEATS_TAKEN"));
  v1::RecordCompletionRequest request;
  v1::Completion& completion = *request.mutable_completion();
  completion.set_officer(came.officer());
  completion.set_course("aaa-basic");
  completion.set_offering(offering);
  completion.set_result(v1::Completion::PASSED);
  *completion.mutable_date() = ToProto(kFirstDay);
  ASSERT_THAT(handlers_->RecordCompletion(call_, request), IsOk());
  EXPECT_THAT(End(EnrollmentEnd::kNoShow, came.name(), "", "was not there"),
              FailsWith(kPrecondition, "RESULT_ON_RECORD"));
  ExpectCounts(offering, 1, 0);
}

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
  const auto snapshot = store_->Read(absl::InfiniteFuture());
  const auto changes = store::ReadTail(***snapshot, before, 100);
  ASSERT_THAT(changes, IsOk());
  ASSERT_EQ(changes->size(), 3u);
  for (const log::v1::Change& change : *changes) {
    EXPECT_EQ(change.mutation_end(), before + 3);
  }
  EXPECT_EQ((*changes)[0].action(), "CancelEnrollment");
  EXPECT_EQ((*changes)[1].action(), "PromoteEnrollment");
  EXPECT_EQ((*changes)[1].resource(), waiting.name());
  EXPECT_EQ((*changes)[2].resource(), offering);
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

TEST_F(SeatHandlersTest, AttendanceIsRecordedFromTheFirstDayOn) {
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
}

}  // namespace
}  // namespace accord::training
