// Completions one by one: recorded, refused, repeated and voided.
#include <gmock/gmock.h>

#include "tests/unit/training/completions_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::PartiallyEqualsProto;
using ::testing::SizeIs;

constexpr char kRequestId[] = "4be0643f-1d98-573b-97cd-ca98a65347dd";
const Date kDay = MakeDate(2025, 2, 28);

class CompletionTest : public CompletionsTest {};

TEST_F(CompletionTest, IsOnRecordWithTheOfficersKeptFields) {
  const std::string officer = InTraining().name();
  EXPECT_EQ(GetOfficer(officer).ends_by(), "aaa-basic");
  const auto completion = Record(officer, "aaa-basic", MakeDate(2025, 6, 2));
  ASSERT_THAT(completion, IsOk());
  EXPECT_THAT(*completion, PartiallyEqualsProto(R"pb(
    course: "aaa-basic"
    result: PASSED
    attempt: 1
    agency: "agencies/one"
    field_office: "fieldOffices/houston"
    fictitious: true
  )pb"));
  const v1::Officer kept = GetOfficer(officer);
  EXPECT_EQ(kept.certification(), v1::Certification::CURRENT);
  EXPECT_EQ(FromProto(kept.current_through()), MakeDate(2026, 6, 2));
  ExpectKeptIsTrue();
  v1::GetCompletionRequest request;
  request.set_name(completion->name());
  EXPECT_THAT(handlers_->GetCompletion(call_, request), IsOk());
}

TEST_F(CompletionTest, ARepeatedRequestIsTheSameCompletion) {
  const std::string officer = InTraining().name();
  v1::RecordCompletionRequest request = RecordOf(officer, "aaa-basic", kDay);
  request.set_request_id(kRequestId);
  const auto first = Record(request);
  ASSERT_THAT(first, IsOk());
  const int64_t revision = Revision();
  const auto again = Record(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(*again, testing::ProtoEquals(*first));
  EXPECT_EQ(Revision(), revision);
  // Also when the store has forgotten the request.
  GoTo(today_ + days(3));
  ASSERT_THAT(store_->ForgetRequests(absl::Hours(24)), IsOk());
  const auto late = Record(request);
  ASSERT_THAT(late, IsOk());
  EXPECT_THAT(*late, testing::ProtoEquals(*first));
  EXPECT_THAT(All<v1::Completion>(), SizeIs(1));
}

TEST_F(CompletionTest, ARequestIdOfAnotherRequestIsRefused) {
  const std::string officer = InTraining().name();
  v1::RecordCompletionRequest request = RecordOf(officer, "aaa-basic", kDay);
  request.set_request_id(kRequestId);
  ASSERT_THAT(Record(request), IsOk());
  request.mutable_completion()->set_course("aaa-annual");
  EXPECT_THAT(Record(request), FailsWith(StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_F(CompletionTest, ATrialWritesNothing) {
  v1::RecordCompletionRequest request = RecordOf(InTraining().name(), "aaa-basic", kDay);
  request.set_validate_only(true);
  const int64_t revision = Revision();
  const auto completion = Record(request);
  ASSERT_THAT(completion, IsOk());
  EXPECT_EQ(completion->course(), "aaa-basic");
  EXPECT_EQ(Revision(), revision);
}

TEST_F(CompletionTest, EveryBadFieldIsNamed) {
  v1::RecordCompletionRequest request = RecordOf("one", "none", today_ + days(1));
  request.mutable_completion()->set_result(v1::Completion::RESULT_UNSPECIFIED);
  request.mutable_completion()->set_attempt(-1);
  request.mutable_completion()->set_voids("completions/x");
  const auto refused = Record(request);
  ASSERT_THAT(refused, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  for (const char* field : {"completion.officer", "completion.course", "completion.date",
                            "completion.result", "completion.attempt", "completion.voids"}) {
    EXPECT_THAT(refused.status().ToString(), HasSubstr(field));
  }
}

TEST_F(CompletionTest, AScoreIsCheckedAndNotKept) {
  const std::string officer = InTraining().name();
  v1::RecordCompletionRequest request = RecordOf(officer, "aaa-basic", kDay);
  request.set_score(69.5);
  const auto refused = Record(request);
  ASSERT_THAT(refused, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(refused.status().ToString(), HasSubstr("70 percent"));
  EXPECT_THAT(refused.status().ToString(), Not(HasSubstr("69")));
  request.mutable_completion()->set_result(v1::Completion::FAILED);
  request.set_score(70);
  EXPECT_THAT(Record(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  request.mutable_completion()->set_result(v1::Completion::PASSED);
  request.set_score(83.25);
  ASSERT_THAT(Record(request), IsOk());
  for (const log::v1::Change& change : ChangesOf(officer)) {
    EXPECT_THAT(change.SerializeAsString(), Not(HasSubstr("83.25")));
  }
}

// Learning systems give one for everything.
TEST_F(CompletionTest, WithoutAnExamRuleAScoreIsOnlyOneOfPercent) {
  const std::string officer = InTraining().name();
  v1::RecordCompletionRequest request = RecordOf(officer, "aaa-annual", kDay);
  request.set_score(100.5);
  EXPECT_THAT(Record(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  request.set_score(12.25);
  ASSERT_THAT(Record(request), IsOk());
  for (const log::v1::Change& change : ChangesOf(officer)) {
    EXPECT_THAT(change.SerializeAsString(), Not(HasSubstr("12.25")));
  }
}

TEST_F(CompletionTest, ACourseOfAnotherModelIsRefused) {
  const auto refused = Record(InTraining().name(), "bbb-basic", kDay);
  ASSERT_THAT(refused, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(refused.status().ToString(), HasSubstr("a course of BBB"));
}

TEST_F(CompletionTest, TheSameAgainExists) {
  const std::string officer = InTraining().name();
  const auto first = Record(officer, "aaa-annual", kDay);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Record(officer, "aaa-annual", kDay),
              FailsWith(StatusCode::kAlreadyExists, "COMPLETION_EXISTS"));
  EXPECT_THAT(Record(officer, "aaa-annual", kDay, v1::Completion::PASSED, 2), IsOk());
  // A voided one counts no longer.
  ASSERT_THAT(Void(first->name()), IsOk());
  EXPECT_THAT(Record(officer, "aaa-annual", kDay, v1::Completion::PASSED, 1), IsOk());
}

TEST_F(CompletionTest, ExhaustedAttemptsAreThoseBefore) {
  const std::string officer = InTraining().name();
  ASSERT_THAT(Record(officer, "aaa-basic", kDay, v1::Completion::FAILED), IsOk());
  ASSERT_THAT(Record(officer, "aaa-basic", kDay + days(1), v1::Completion::FAILED, 2), IsOk());
  EXPECT_THAT(Record(officer, "aaa-basic", kDay + days(2)),
              FailsWith(StatusCode::kFailedPrecondition, "ATTEMPTS_EXHAUSTED"));
  // One that was taken before them did not come too late.
  EXPECT_THAT(Record(officer, "aaa-basic", kDay - days(9)), IsOk());
}

// A second version, from 2026 on, under which a first failure is the last.
std::string NoRetakesFrom2026(absl::string_view applies_to) {
  const std::string text = ExamPolicyText();
  const size_t versions = text.find("versions {");
  const std::string first = text.substr(versions);
  const std::string second = absl::StrReplaceAll(
      first, {{"id: \"v1\"", "id: \"v2\""},
              {"effective_from { year: 2020", "effective_from { year: 2026"},
              {"lapse_policy {", absl::StrCat("applies_to: ", applies_to, " lapse_policy {")},
              {"retakes: 1 failures_that_disqualify: 2", "failures_that_disqualify: 1"}});
  return absl::StrCat(text.substr(0, versions), first, second);
}

TEST_F(CompletionTest, ASeatTakesNoMoreAttemptsThanThePolicyThatBindsTheOfficer) {
  const std::string officer = InTraining().name();
  ASSERT_THAT(Record(officer, "aaa-basic", kDay), IsOk());
  ASSERT_THAT(DoStep(Step::kCertify, officer, kDay), IsOk());
  UsePolicy(NoRetakesFrom2026("NEW"));
  ASSERT_THAT(Record(officer, "aaa-basic", MakeDate(2026, 2, 2), v1::Completion::FAILED), IsOk());

  v1::CreateOfferingRequest announced;
  announced.mutable_offering()->set_course("aaa-basic");
  announced.mutable_offering()->set_place("Demo Academy");
  *announced.mutable_offering()->mutable_first_date() = ToProto(MakeDate(2026, 4, 6));
  *announced.mutable_offering()->mutable_last_date() = ToProto(MakeDate(2026, 5, 1));
  announced.mutable_offering()->set_seats(2);
  announced.mutable_offering()->set_fictitious(true);
  const auto offering = handlers_->CreateOffering(call_, announced);
  ASSERT_THAT(offering, IsOk());
  v1::EnrollOfficerRequest seat;
  seat.mutable_enrollment()->set_offering(offering->name());
  seat.mutable_enrollment()->set_officer(officer);
  UsePolicy(NoRetakesFrom2026("ALL"));
  EXPECT_THAT(handlers_->EnrollOfficer(call_, seat),
              FailsWith(StatusCode::kFailedPrecondition, "ATTEMPTS_EXHAUSTED"));
  UsePolicy(NoRetakesFrom2026("NEW"));
  EXPECT_THAT(handlers_->EnrollOfficer(call_, seat), IsOk());
}

constexpr char kRetired[] = R"pb(
  courses {
    code: "aaa-old"
    title: "Old"
    kind: ANNUAL
    model: "AAA"
    recurrence {
      after_completion { count: 12 unit: MONTHS counting: EVERY_DAY from: PREVIOUS_OCCURRENCE }
    }
    retirement {
      date { year: 2025 month: 6 day: 1 }
      replaced_by: "aaa-annual"
    }
    sources: "DOC"
  }
)pb";

TEST_F(CompletionTest, ARetiredCourseSaysWhatToTakeInstead) {
  UsePolicy(absl::StrReplaceAll(
      ExamPolicyText(), {{"training_policy {", absl::StrCat("training_policy {", kRetired)}}));
  const std::string officer = InTraining().name();
  EXPECT_THAT(Record(officer, "aaa-old", MakeDate(2025, 5, 31)), IsOk());
  const auto refused = Record(officer, "aaa-old", MakeDate(2025, 6, 1));
  ASSERT_THAT(refused, FailsWith(StatusCode::kFailedPrecondition, "COURSE_NOT_OFFERED"));
  EXPECT_THAT(refused.status().message(), HasSubstr("take aaa-annual instead"));
}

TEST_F(CompletionTest, DisqualifiedInTheBasicCourseLeavesTheProgram) {
  const std::string officer = InTraining().name();
  const auto completion = Record(officer, "aaa-basic", kDay, v1::Completion::DISQUALIFIED);
  ASSERT_THAT(completion, IsOk());
  const v1::Officer out = GetOfficer(officer);
  EXPECT_EQ(out.state(), v1::Officer::DISQUALIFIED);
  ASSERT_FALSE(out.events().empty());
  EXPECT_THAT(*out.events().rbegin(), PartiallyEqualsProto(absl::StrCat(
                                          "kind: DISQUALIFIED actor: 'unverified:clerk' source: '",
                                          completion->name(), "'")));
  EXPECT_THAT(Record(officer, "aaa-basic", kDay + days(1)),
              FailsWith(StatusCode::kFailedPrecondition, "ATTEMPTS_EXHAUSTED"));
  // It was a mistake: the officer is where they were.
  ASSERT_THAT(Void(completion->name()), IsOk());
  EXPECT_EQ(GetOfficer(officer).state(), v1::Officer::IN_TRAINING);
  EXPECT_EQ(GetOfficer(officer).events().rbegin()->kind(), v1::OfficerEvent::TRAINING_STARTED);
  ExpectKeptIsTrue();
}

TEST_F(CompletionTest, WhoIsDisqualifiedByTheExamRuleLeavesTheProgram) {
  const std::string officer = InTraining().name();
  const auto first = Record(officer, "aaa-basic", kDay, v1::Completion::FAILED);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(GetOfficer(officer).state(), v1::Officer::IN_TRAINING);
  const auto second = Record(officer, "aaa-basic", kDay + days(5), v1::Completion::FAILED, 2);
  ASSERT_THAT(second, IsOk());
  const v1::Officer out = GetOfficer(officer);
  EXPECT_EQ(out.state(), v1::Officer::DISQUALIFIED);
  EXPECT_THAT(*out.events().rbegin(),
              PartiallyEqualsProto(
                  absl::StrCat("kind: DISQUALIFIED date { year: 2025 month: 3 day: 5 } source: '",
                               second->name(), "' reason: '2 failed exams disqualify'")));
  ExpectKeptIsTrue();
  // Without the first failure, one exam is left.
  ASSERT_THAT(Void(first->name()), IsOk());
  EXPECT_EQ(GetOfficer(officer).state(), v1::Officer::IN_TRAINING);
  EXPECT_EQ(GetOfficer(officer).events().rbegin()->kind(), v1::OfficerEvent::TRAINING_STARTED);
  ExpectKeptIsTrue();
}

TEST_F(CompletionTest, WhatComesLateIsFollowedByItsDate) {
  const std::string officer = InTraining().name();
  ASSERT_THAT(Record(officer, "aaa-basic", kDay + days(9), v1::Completion::FAILED), IsOk());
  ASSERT_THAT(Record(officer, "aaa-basic", kDay, v1::Completion::FAILED), IsOk());
  EXPECT_EQ(GetOfficer(officer).state(), v1::Officer::DISQUALIFIED);
  const auto passed = Record(officer, "aaa-basic", kDay + days(2));
  ASSERT_THAT(passed, IsOk());
  EXPECT_EQ(GetOfficer(officer).state(), v1::Officer::IN_TRAINING);
  // What was passed was another's.
  ASSERT_THAT(Void(passed->name()), IsOk());
  const v1::Officer out = GetOfficer(officer);
  EXPECT_EQ(out.state(), v1::Officer::DISQUALIFIED);
  EXPECT_EQ(out.events().rbegin()->kind(), v1::OfficerEvent::DISQUALIFIED);
  EXPECT_EQ(out.events_size(), 4);
}

TEST_F(CompletionTest, WhoIsCertifiedStaysSoUntilAPersonDecides) {
  const std::string officer = Certified().name();
  ASSERT_THAT(Record(officer, "aaa-basic", today_, v1::Completion::DISQUALIFIED), IsOk());
  EXPECT_EQ(GetOfficer(officer).state(), v1::Officer::CERTIFIED);
}

TEST_F(CompletionTest, VoidingIsAnotherRowAndTakesTheCompletionAway) {
  const std::string officer = InTraining().name();
  const auto completion = Record(officer, "aaa-basic", kDay);
  ASSERT_THAT(completion, IsOk());
  const auto voiding = Void(completion->name(), kRequestId);
  ASSERT_THAT(voiding, IsOk());
  EXPECT_EQ(voiding->voids(), completion->name());
  EXPECT_EQ(GetOfficer(officer).certification(), v1::Certification::NOT_CERTIFIED);
  EXPECT_THAT(All<v1::Completion>(), SizeIs(2));
  const auto again = Void(completion->name(), kRequestId);
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(*again, testing::ProtoEquals(*voiding));
  EXPECT_THAT(Void(completion->name()),
              FailsWith(StatusCode::kFailedPrecondition, "ALREADY_VOIDED"));
  EXPECT_THAT(Void(voiding->name()), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Void("completions/none"), FailsWith(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
}

}  // namespace
}  // namespace accord::training
