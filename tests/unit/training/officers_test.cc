// Officers: nomination, steps, papers, transfer.
#include <gmock/gmock.h>

#include "absl/strings/str_join.h"
#include "services/training/authority.h"
#include "services/training/request_checks.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::PartiallyEqualsProto;
using ::testing::SizeIs;

class OfficersTest : public TrainingTest {
 protected:
  absl::StatusOr<v1::Officer> Record(const std::string& name, v1::OfficerEvent::Kind paper,
                                     Date date) {
    v1::RecordPaperRequest request;
    request.set_name(name);
    request.set_paper(paper);
    *request.mutable_date() = ToProto(date);
    return handlers_->RecordPaper(call_, request);
  }

  absl::StatusOr<v1::Officer> Transfer(const std::string& name, const std::string& agreement,
                                       Date date) {
    v1::TransferOfficerRequest request;
    request.set_name(name);
    request.set_agreement(agreement);
    *request.mutable_date() = ToProto(date);
    request.set_reason("moved");
    return handlers_->TransferOfficer(call_, request);
  }

  // Moves the cursor of the agreements log, as the follower does.
  void FollowTo(const store::Position& position) {
    ASSERT_THAT(store_->Mutate({.action = "Follow", .actor = "test"},
                               [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
                                 store::WriteSet writes;
                                 writes.AdvanceCursor("agreements", position);
                                 return writes;
                               }),
                IsOk());
  }
};

TEST_F(OfficersTest, ANominatedOfficerCarriesTheAgreement) {
  auto& suspended = *agreements_.agreements[kUnderA].add_transitions();
  suspended.set_state(agreements::v1::Agreement::SUSPENDED);
  *suspended.mutable_effective_date() = ToProto(MakeDate(2026, 5, 1));
  const auto officer = Nominate();
  ASSERT_THAT(officer, IsOk());
  EXPECT_THAT(*officer, PartiallyEqualsProto(R"pb(
    given_name: "Demo"
    agreement: "agreements/a"
    agency: "agencies/one"
    model: "AAA"
    template: "AAA-1"
    agency_state: "TX"
    field_office: "fieldOffices/houston"
    fictitious: true
    state: NOMINATED
    certification: NOT_CERTIFIED
    ends_by: "aaa-basic"
    policy_version: "v1"
    agreement_standing {
      date { year: 2020 month: 1 day: 1 }
      in_force: true
      cause: "agreements@LOG:5"
    }
    agreement_standing {
      date { year: 2026 month: 5 day: 1 }
      in_force: false
      cause: "agreements@LOG:5"
    }
  )pb"));
  ASSERT_EQ(officer->events_size(), 1);
  EXPECT_EQ(officer->events(0).actor(), "unverified:clerk");
  EXPECT_THAT(Nominate("agreements/none"), FailsWith(StatusCode::kNotFound, "AGREEMENT_NOT_FOUND"));
}

TEST_F(OfficersTest, EveryBadFieldIsNamedAndNoValueIs) {
  v1::NominateOfficerRequest request;
  request.mutable_officer()->set_given_name("Secret\x01");
  request.mutable_officer()->set_agreement("a");
  *request.mutable_nomination_date() = ToProto(MakeDate(2026, 3, 3));
  request.set_request_id("not a uuid!");
  const auto officer = handlers_->NominateOfficer(call_, request);
  ASSERT_THAT(officer, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  for (const char* field : {"officer.given_name", "officer.family_name", "officer.agreement",
                            "nomination_date", "request_id"}) {
    EXPECT_THAT(officer.status().ToString(), HasSubstr(field));
  }
  EXPECT_THAT(officer.status().ToString(), Not(HasSubstr("Secret")));
  EXPECT_EQ(Revision(), 0);
}

TEST_F(OfficersTest, ARetryIsTheFirstAnswerAndAsksNobody) {
  const auto first = Nominate(kUnderA, "4be0643f-1d98-573b-97cd-ca98a65347dd");
  ASSERT_THAT(first, IsOk());
  agreements_.reachable = false;
  const auto again = Nominate(kUnderA, "4be0643f-1d98-573b-97cd-ca98a65347dd");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->name(), again->name());
  EXPECT_THAT(Nominate(), FailsWith(StatusCode::kUnavailable, "AGREEMENTS_UNREACHABLE"));
}

TEST_F(OfficersTest, AnAgreementThatChangedMeanwhileIsReadAgain) {
  agreements_.at.revision = 5;
  // Between the reading and the write, the follower comes to revision 9, where the agreement
  // changed and no officer was under it.
  agreements_.before_answer = [this] {
    if (agreements_.asked == 1) FollowTo({"LOG", 9, ""});
    if (agreements_.asked != 2) return;
    agreements_.at.revision = 9;
    agreements_.agreements[kUnderA].set_field_office("fieldOffices/west");
  };
  const auto officer = Nominate();
  ASSERT_THAT(officer, IsOk());
  EXPECT_EQ(agreements_.asked, 2);
  EXPECT_EQ(officer->field_office(), "fieldOffices/west");
}

TEST_F(OfficersTest, AnAgreementThatIsNeverReadInTimeIsUnreachable) {
  FollowTo({"LOG", 6, ""});
  EXPECT_THAT(Nominate(), FailsWith(StatusCode::kUnavailable, "AGREEMENTS_UNREACHABLE"));
  EXPECT_EQ(agreements_.asked, 5);
  FollowTo({"ANOTHER", 2, ""});
  EXPECT_THAT(Nominate(), FailsWith(StatusCode::kUnavailable, "AGREEMENTS_FORKED"));
}

TEST_F(OfficersTest, TheWayFromNominationToAuthority) {
  const v1::Officer officer = Authorized();
  EXPECT_EQ(officer.state(), v1::Officer::AUTHORIZED);
  EXPECT_EQ(officer.certification(), v1::Certification::CURRENT);
  EXPECT_EQ(FromProto(officer.current_through()), MakeDate(2026, 3, 4));
  EXPECT_EQ(officer.ends_by(), "aaa-annual");
  EXPECT_EQ(FromProto(officer.certification_date()), MakeDate(2025, 3, 3));
  EXPECT_EQ(FromProto(officer.authorization_date()), MakeDate(2025, 3, 10));
  std::vector<v1::OfficerEvent::Kind> kinds;
  for (const auto& event : officer.events()) kinds.push_back(event.kind());
  EXPECT_THAT(kinds, ElementsAre(v1::OfficerEvent::NOMINATED, v1::OfficerEvent::SCREENED,
                                 v1::OfficerEvent::TRAINING_STARTED, v1::OfficerEvent::CERTIFIED,
                                 v1::OfficerEvent::AUTHORIZED));
  // A new term.
  EXPECT_THAT(DoStep(Step::kAuthorize, officer.name(), MakeDate(2026, 3, 1)), IsOk());
  EXPECT_EQ(DoStep(Step::kWithdraw, officer.name(), MakeDate(2026, 3, 2))->state(),
            v1::Officer::WITHDRAWN);
}

TEST_F(OfficersTest, CertifiedIsWhoPassedTheBasicCourseByThen) {
  const auto officer = Nominate();
  const std::string name = officer->name();
  ASSERT_THAT(DoStep(Step::kClear, name, MakeDate(2025, 1, 20)), IsOk());
  ASSERT_THAT(DoStep(Step::kStartTraining, name, MakeDate(2025, 2, 3)), IsOk());
  EXPECT_THAT(DoStep(Step::kCertify, name, MakeDate(2025, 3, 3)),
              FailsWith(StatusCode::kFailedPrecondition, "BASIC_COURSE_MISSING"));
  Complete(name, "aaa-basic", MakeDate(2025, 3, 4));
  EXPECT_THAT(DoStep(Step::kCertify, name, MakeDate(2025, 3, 3)),
              FailsWith(StatusCode::kFailedPrecondition, "BASIC_COURSE_MISSING"));
  EXPECT_THAT(DoStep(Step::kCertify, name, MakeDate(2025, 3, 4)), IsOk());
}

TEST_F(OfficersTest, AuthorizedIsWhoIsCurrentThatDay) {
  const v1::Officer officer = Certified();
  // The annual course is due a year after the basic one, on 28 February 2026.
  EXPECT_THAT(DoStep(Step::kAuthorize, officer.name(), MakeDate(2026, 3, 1)),
              FailsWith(StatusCode::kFailedPrecondition, "CERTIFICATION_NOT_CURRENT"));
  EXPECT_THAT(DoStep(Step::kAuthorize, officer.name(), MakeDate(2026, 2, 28)), IsOk());
}

TEST_F(OfficersTest, AStepNeedsItsDay) {
  const auto officer = Nominate();
  EXPECT_THAT(DoStep(Step::kClear, officer->name(), MakeDate(2025, 1, 5)),
              FailsWith(StatusCode::kFailedPrecondition, "DATE_OUT_OF_ORDER"));
  EXPECT_THAT(DoStep(Step::kClear, officer->name(), MakeDate(2026, 3, 3)),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(DoStep(Step::kClear, officer->name(), MakeDate(2025, 1, 6)), IsOk());
}

TEST_F(OfficersTest, AStaleEtagAndARetryAreSeen) {
  const auto officer = Nominate();
  v1::StepOfficerRequest request;
  request.set_name(officer->name());
  *request.mutable_date() = ToProto(MakeDate(2025, 1, 20));
  request.set_reason("as decided");
  request.set_etag("r99");
  EXPECT_THAT(handlers_->TakeStep(call_, Step::kClear, request),
              FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  request.set_etag(officer->etag());
  request.set_validate_only(true);
  EXPECT_EQ(handlers_->TakeStep(call_, Step::kClear, request)->state(), v1::Officer::SCREENED);
  EXPECT_EQ(GetOfficer(officer->name()).state(), v1::Officer::NOMINATED);
}

TEST_F(OfficersTest, WhyScreeningFoundWhatItFoundIsNotKept) {
  const auto officer = Nominate();
  const auto out = DoStep(Step::kScreenOut, officer->name(), MakeDate(2025, 1, 20));
  ASSERT_THAT(out, IsOk());
  EXPECT_EQ(out->state(), v1::Officer::SCREENED_OUT);
  for (const log::v1::Change& change : ChangesOf(officer->name())) {
    EXPECT_THAT(change.ShortDebugString(), Not(HasSubstr("as decided")));
  }
}

// Which steps are legal from where, written down once more.
struct WayCase {
  v1::Officer::State state;
  std::vector<Step> legal;
};

const std::vector<WayCase>& Ways() {
  using O = v1::Officer;
  static const auto& ways = *new std::vector<WayCase>{
      {O::NOMINATED, {Step::kClear, Step::kScreenOut, Step::kWithdraw}},
      {O::SCREENED, {Step::kStartTraining, Step::kWithdraw}},
      {O::SCREENED_OUT, {}},
      {O::IN_TRAINING, {Step::kCertify, Step::kWithdraw}},
      {O::CERTIFIED, {Step::kAuthorize, Step::kWithdraw}},
      {O::AUTHORIZED, {Step::kAuthorize, Step::kWithdraw}},
      {O::DISQUALIFIED, {}},
      {O::WITHDRAWN, {}},
      {O::REVOKED, {}},
  };
  return ways;
}

TEST_F(OfficersTest, EveryIllegalStepIsRefusedWithTheLegalOnes) {
  v1::Officer officer = Authorized();
  for (const WayCase& way : Ways()) {
    for (const Step step : {Step::kClear, Step::kScreenOut, Step::kStartTraining, Step::kCertify,
                            Step::kAuthorize, Step::kWithdraw}) {
      officer.set_state(way.state);
      Put(officer);
      const auto moved = DoStep(step, officer.name(), MakeDate(2025, 3, 10));
      SCOPED_TRACE(absl::StrCat(v1::Officer::State_Name(way.state), " ", MethodOf(step)));
      if (Contains(way.legal, step)) {
        EXPECT_THAT(moved, IsOk());
        continue;
      }
      ASSERT_THAT(moved, FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_STEP"));
      // Whoever left may come back; a revocation follows the person.
      std::string legal = MethodNames(way.legal);
      absl::StrAppend(&legal, legal.empty() ? "" : ", ",
                      way.state == v1::Officer::REVOKED ? "ReinstateOfficer" : "TransferOfficer");
      EXPECT_EQ(GetErrorInfo(moved.status())->metadata().at("legal_steps"), legal);
    }
  }
}

TEST_F(OfficersTest, PapersFollowTheCertificationInAnyOrder) {
  const auto nominated = Nominate();
  EXPECT_THAT(Record(nominated->name(), v1::OfficerEvent::FORM_70_006_SIGNED, MakeDate(2025, 3, 4)),
              FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_STEP"));
  const std::string name = Authorized().name();
  EXPECT_THAT(Record(name, v1::OfficerEvent::CREDENTIALS_RETURNED, MakeDate(2025, 3, 20)),
              FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_STEP"));
  EXPECT_THAT(Record(name, v1::OfficerEvent::FORM_70_006_SIGNED, MakeDate(2025, 3, 2)),
              FailsWith(StatusCode::kFailedPrecondition, "DATE_OUT_OF_ORDER"));
  EXPECT_THAT(Record(name, v1::OfficerEvent::CERTIFIED, MakeDate(2025, 3, 4)),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  // Recorded late: before the letter.
  ASSERT_THAT(Record(name, v1::OfficerEvent::FORM_70_006_SIGNED, MakeDate(2025, 3, 4)), IsOk());
  ASSERT_THAT(Record(name, v1::OfficerEvent::CREDENTIALS_ISSUED, MakeDate(2025, 3, 12)), IsOk());
  EXPECT_THAT(Record(name, v1::OfficerEvent::CREDENTIALS_RETURNED, MakeDate(2025, 3, 11)),
              FailsWith(StatusCode::kFailedPrecondition, "DATE_OUT_OF_ORDER"));
  const auto officer = Record(name, v1::OfficerEvent::CREDENTIALS_RETURNED, MakeDate(2025, 3, 20));
  ASSERT_THAT(officer, IsOk());
  EXPECT_EQ(FromProto(officer->form_70_006_date()), MakeDate(2025, 3, 4));
  EXPECT_EQ(FromProto(officer->credentials_issued_date()), MakeDate(2025, 3, 12));
  EXPECT_EQ(FromProto(officer->credentials_returned_date()), MakeDate(2025, 3, 20));
  for (int i = 1; i < officer->events_size(); ++i) {
    EXPECT_LE(FromProto(officer->events(i - 1).date()), FromProto(officer->events(i).date()));
  }
  // The paper's day is none of the way's: the next step may lie before it.
  EXPECT_THAT(DoStep(Step::kWithdraw, name, MakeDate(2025, 3, 15)), IsOk());
}

TEST_F(OfficersTest, ATransferBeginsThePapersAnewAndKeepsTheTraining) {
  const v1::Officer officer = Authorized();
  const auto moved = Transfer(officer.name(), kOtherA, MakeDate(2026, 3, 1));
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->agency(), "agencies/two");
  EXPECT_EQ(moved->state(), v1::Officer::NOMINATED);
  EXPECT_FALSE(moved->has_certification_date());
  EXPECT_FALSE(moved->has_authorization_date());
  EXPECT_EQ(moved->certification(), v1::Certification::CURRENT);
  EXPECT_EQ(moved->events().rbegin()->kind(), v1::OfficerEvent::TRANSFERRED);
  EXPECT_EQ(moved->events().rbegin()->agreement(), kOtherA);
  // Courses of another model are others.
  const auto other = Transfer(officer.name(), kUnderB, MakeDate(2026, 3, 2));
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ(other->certification(), v1::Certification::NOT_CERTIFIED);
}

TEST_F(OfficersTest, PlacesInClassesFollowATransfer) {
  const v1::Officer officer = Authorized();
  const v1::Officer waiting = Authorized();
  v1::CreateOfferingRequest create;
  create.mutable_offering()->set_course("aaa-annual");
  create.mutable_offering()->set_place("Demo Academy");
  *create.mutable_offering()->mutable_first_date() = ToProto(MakeDate(2026, 4, 6));
  *create.mutable_offering()->mutable_last_date() = ToProto(MakeDate(2026, 4, 7));
  create.mutable_offering()->set_seats(1);
  create.mutable_offering()->set_fictitious(true);
  const auto offering = handlers_->CreateOffering(call_, create);
  ASSERT_THAT(offering, IsOk());
  std::vector<std::string> places;
  for (const v1::Officer* each : {&officer, &waiting}) {
    v1::EnrollOfficerRequest enroll;
    enroll.mutable_enrollment()->set_officer(each->name());
    enroll.mutable_enrollment()->set_offering(offering->name());
    const auto place = handlers_->EnrollOfficer(call_, enroll);
    ASSERT_THAT(place, IsOk());
    places.push_back(place->name());
  }
  const auto now = [&](const std::string& name) {
    for (const v1::Enrollment& place : All<v1::Enrollment>()) {
      if (place.name() == name) return place;
    }
    return v1::Enrollment();
  };
  // To another agency, under the same model: the place goes along.
  EXPECT_EQ(now(places[0]).agency(), "agencies/one");
  ASSERT_THAT(Transfer(officer.name(), kOtherA, MakeDate(2026, 3, 1)), IsOk());
  EXPECT_EQ(now(places[0]).agency(), "agencies/two");
  EXPECT_EQ(now(places[0]).state(), v1::Enrollment::ENROLLED);
  EXPECT_EQ(ChangesOf(places[0]).back().action(), "MoveEnrollment");
  // Under another model the class is none of theirs: who waits goes.
  ASSERT_THAT(Transfer(officer.name(), kUnderB, MakeDate(2026, 3, 2)), IsOk());
  EXPECT_EQ(now(places[0]).state(), v1::Enrollment::CANCELLED);
  EXPECT_EQ(now(places[1]).state(), v1::Enrollment::ENROLLED);
}

TEST_F(OfficersTest, WhoLeftMayComeBack) {
  const v1::Officer officer = Authorized(MakeDate(2025, 3, 4));
  EXPECT_THAT(Transfer(officer.name(), kUnderA, MakeDate(2026, 3, 1)),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  ASSERT_THAT(DoStep(Step::kWithdraw, officer.name(), MakeDate(2026, 3, 1)), IsOk());
  const auto back = Transfer(officer.name(), kUnderA, MakeDate(2026, 3, 2));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->state(), v1::Officer::NOMINATED);
  EXPECT_FALSE(back->has_certification_date());
  EXPECT_FALSE(back->has_authorization_date());
}

TEST_F(OfficersTest, CredentialsOfAnEarlierAgreementAreReturned) {
  const v1::Officer officer = Authorized(MakeDate(2025, 3, 4));
  ASSERT_THAT(Record(officer.name(), v1::OfficerEvent::CREDENTIALS_ISSUED, MakeDate(2025, 3, 11)),
              IsOk());
  ASSERT_THAT(Transfer(officer.name(), kOtherA, MakeDate(2026, 3, 1)), IsOk());
  EXPECT_THAT(Record(officer.name(), v1::OfficerEvent::CREDENTIALS_RETURNED, MakeDate(2025, 3, 10)),
              FailsWith(StatusCode::kFailedPrecondition, "DATE_OUT_OF_ORDER"));
  const auto returned =
      Record(officer.name(), v1::OfficerEvent::CREDENTIALS_RETURNED, MakeDate(2026, 3, 2));
  ASSERT_THAT(returned, IsOk());
  EXPECT_EQ(returned->events(returned->events_size() - 1).agreement(), kUnderA);
  // It says nothing of the new agreement, whose credentials are yet to be issued.
  EXPECT_FALSE(returned->has_credentials_returned_date());
  EXPECT_FALSE(TrailOn(*returned, MakeDate(2026, 3, 2)).credentials_returned.has_value());
  EXPECT_THAT(Record(officer.name(), v1::OfficerEvent::CREDENTIALS_RETURNED, MakeDate(2026, 3, 2)),
              FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_STEP"));
}

TEST_F(OfficersTest, ATransferKeepsToTheRules) {
  v1::Officer officer = Authorized();
  EXPECT_THAT(Transfer(officer.name(), kUnderA, MakeDate(2026, 3, 1)),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Transfer(officer.name(), kOtherA, MakeDate(2025, 3, 9)),
              FailsWith(StatusCode::kFailedPrecondition, "DATE_OUT_OF_ORDER"));
  agreements_.agreements[kOtherA].set_fictitious(false);
  EXPECT_THAT(Transfer(officer.name(), kOtherA, MakeDate(2026, 3, 1)),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  agreements_.agreements[kOtherA].set_fictitious(true);
  officer.set_state(v1::Officer::REVOKED);
  Put(officer);
  EXPECT_THAT(Transfer(officer.name(), kOtherA, MakeDate(2026, 3, 1)),
              FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_STEP"));
}

TEST_F(OfficersTest, NamesAreCorrectedAndNothingElse) {
  const auto officer = Nominate();
  v1::UpdateOfficerRequest request;
  request.mutable_officer()->set_name(officer->name());
  request.mutable_officer()->set_family_name("Someone");
  request.mutable_update_mask()->add_paths("family_name");
  EXPECT_EQ(handlers_->UpdateOfficer(call_, request)->family_name(), "Someone");
  request.mutable_update_mask()->add_paths("state");
  EXPECT_THAT(handlers_->UpdateOfficer(call_, request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(OfficersTest, ADayThatTheSweepHasNotSeenIsSeenByARead) {
  const std::string name = Authorized().name();
  GoTo(MakeDate(2026, 3, 5));
  EXPECT_EQ(GetOfficer(name).certification(), v1::Certification::LAPSED);
  v1::GetOfficerRequest before;
  before.set_name(name);
  before.set_as_known_at(Revision());
  EXPECT_EQ(handlers_->GetOfficer(call_, before)->certification(), v1::Certification::CURRENT);
}

}  // namespace
}  // namespace accord::training
