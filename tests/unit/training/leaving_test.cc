// Who leaves the program leaves their classes to those who wait.
#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "tests/unit/training/seats_fixture.h"

namespace accord::training {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;
using v1::Enrollment;
using v1::Officer;

class LeavingTest : public SeatHandlersTest {
 protected:
  absl::StatusOr<Officer> Take(Step step, const std::string& officer) {
    v1::StepOfficerRequest request;
    request.set_name(officer);
    *request.mutable_date() = ToProto(kToday);
    request.set_reason("as decided");
    return handlers_->TakeStep(call_, step, request);
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
    *request.mutable_date() = ToProto(kToday);
    request.set_reason("as decided");
    return handlers_->TakeCaseStep(call_, step, request);
  }

  Officer::State StateOf(const std::string& officer) {
    v1::GetOfficerRequest request;
    request.set_name(officer);
    return handlers_->GetOfficer(call_, request).value_or(Officer()).state();
  }
};

TEST_F(LeavingTest, WhoLeavesTheProgramLeavesTheirClassesToThoseWhoWait) {
  const std::string offering = Announce(1);
  const std::string other = Announce(1);
  const Enrollment first = Enroll(offering);
  const Enrollment second = Enroll(offering);
  const Enrollment third = Enroll(offering);
  const Enrollment seated = Enroll(other);
  ASSERT_THAT(TryEnroll(other, first.officer()), IsOk());
  ASSERT_THAT(Take(Step::kWithdraw, first.officer()), IsOk());
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

TEST_F(LeavingTest, EveryWayOutOfTheProgramFreesThePlacesInItsOwnMutation) {
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
       at_once([&](const std::string& who) { return Take(Step::kWithdraw, who).status(); })},
      {"screened-out", Officer::NOMINATED, Officer::SCREENED_OUT,
       at_once([&](const std::string& who) { return Take(Step::kScreenOut, who).status(); })},
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

TEST_F(LeavingTest, WhoStaysInTheProgramKeepsTheirPlace) {
  const std::string offering = Announce(2);
  const std::string failed = PutOfficer("failed", Officer::IN_TRAINING);
  const std::string retained = PutOfficer("retained", Officer::AUTHORIZED);
  ASSERT_THAT(TryEnroll(offering, failed), IsOk());
  ASSERT_THAT(TryEnroll(offering, retained), IsOk());
  ASSERT_THAT(RecordResult(failed, v1::Completion::FAILED), IsOk());
  ASSERT_THAT(DecideCase(CaseStep::kRetain, Propose(retained)), IsOk());
  ExpectCounts(offering, 2, 0);
}

// They are on duty by another course or a waiver; of this one they may take no more.
TEST_F(LeavingTest, WhoMayNotTakeTheCourseAgainTakesNoSeatOfIt) {
  const std::string officer = PutOfficer("out", Officer::AUTHORIZED);
  const std::string offering = Announce(1);
  const std::string other = Announce(1);
  const auto seat = TryEnroll(offering, officer);
  ASSERT_THAT(seat, IsOk());
  ASSERT_THAT(RecordResult(officer, v1::Completion::DISQUALIFIED), IsOk());
  EXPECT_THAT(TryEnroll(other, officer), FailsWith(kPrecondition, "ATTEMPTS_EXHAUSTED"));
  EXPECT_THAT(Transfer(seat->name(), other), FailsWith(kPrecondition, "ATTEMPTS_EXHAUSTED"));
  ExpectCounts(other, 0, 0);
}

// The seat went to whoever waited; they stand at the end of the list like anybody else.
TEST_F(LeavingTest, WhoIsReinstatedEnrollsAgain) {
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
TEST_F(LeavingTest, OfSeveralWhoAreDisqualifiedAtOnceNobodyIsPromoted) {
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
TEST_F(LeavingTest, AClassThatHasBegunKeepsTheSeatOfWhoLeaves) {
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

}  // namespace
}  // namespace accord::training
