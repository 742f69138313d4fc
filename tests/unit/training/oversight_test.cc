// Waivers, revocation cases, annual verifications, monitors.
#include <gmock/gmock.h>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "services/training/officer_events.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::PartiallyEqualsProto;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class OversightTest : public TrainingTest {
 protected:
  v1::Waiver WaiverFor(const std::string& officer, Date first, Date last) {
    v1::Waiver waiver;
    waiver.set_officer(officer);
    waiver.set_course("aaa-annual");
    waiver.set_reason(v1::Waiver::ADMINISTRATIVE);
    waiver.set_explanation("on leave");
    *waiver.mutable_first_date() = ToProto(first);
    *waiver.mutable_last_date() = ToProto(last);
    return waiver;
  }

  absl::StatusOr<v1::Waiver> Grant(const v1::Waiver& waiver) {
    v1::GrantWaiverRequest request;
    *request.mutable_waiver() = waiver;
    return handlers_->GrantWaiver(call_, request);
  }

  absl::StatusOr<v1::RevocationCase> Propose(const std::string& officer,
                                             std::optional<Date> date = std::nullopt) {
    v1::ProposeRevocationRequest request;
    request.set_officer(officer);
    if (date) *request.mutable_date() = ToProto(*date);
    request.set_reason("as reported");
    return handlers_->ProposeRevocation(call_, request);
  }

  absl::StatusOr<v1::RevocationCase> DoCase(CaseStep step, const std::string& name, Date date,
                                            rpc::Call* by = nullptr) {
    v1::StepRevocationCaseRequest request;
    request.set_name(name);
    *request.mutable_date() = ToProto(date);
    request.set_reason("as decided");
    return handlers_->TakeCaseStep(by == nullptr ? director_ : *by, step, request);
  }

  absl::StatusOr<v1::AnnualVerification> Verify(const std::string& officer, int year, Date date) {
    v1::RecordAnnualVerificationRequest request;
    request.mutable_annual_verification()->set_officer(officer);
    request.mutable_annual_verification()->set_year(year);
    *request.mutable_annual_verification()->mutable_verify_date() = ToProto(date);
    return handlers_->RecordAnnualVerification(call_, request);
  }

  // All of the year, whatever the pages.
  std::vector<std::string> GapsOf(int year, int page_size = 1) {
    v1::ListVerificationGapsRequest request;
    request.set_year(year);
    request.set_page_size(page_size);
    std::vector<std::string> gaps;
    do {
      const auto page = handlers_->ListVerificationGaps(call_, request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return gaps;
      for (const auto& officer : page->officers()) gaps.push_back(officer.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return gaps;
  }

  void Transfer(const std::string& officer, const std::string& agreement, Date date) {
    v1::TransferOfficerRequest request;
    request.set_name(officer);
    request.set_agreement(agreement);
    *request.mutable_date() = ToProto(date);
    request.set_reason("moved");
    EXPECT_THAT(handlers_->TransferOfficer(call_, request), IsOk());
  }

  // "agencies/one OFFICERS MONITOR", with what is missing by number.
  std::vector<std::string> MonitorGapsOf(v1::ListMonitorGapsRequest request) {
    std::vector<std::string> gaps;
    do {
      const auto page = handlers_->ListMonitorGaps(call_, request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return gaps;
      for (const auto& gap : page->gaps()) {
        gaps.push_back(absl::StrCat(gap.agency(), " ", gap.officers(), " ",
                                    absl::StrJoin(gap.missing(), ",")));
        EXPECT_EQ(gap.fictitious(), request.fictitious());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return gaps;
  }
  static v1::ListMonitorGapsRequest MadeUp(int page_size = 0) {
    v1::ListMonitorGapsRequest request;
    request.set_fictitious(true);
    request.set_page_size(page_size);
    return request;
  }

  void Acknowledge(const std::string& monitor, const std::string& actor) {
    rpc::Call call = rpc::Call::ForTest(actor);
    v1::AcknowledgeMonitorRequest request;
    request.set_name(monitor);
    EXPECT_THAT(handlers_->AcknowledgeMonitor(call, request), IsOk());
  }

  absl::StatusOr<v1::Monitor> NameMonitor(const std::string& manager, const std::string& officer,
                                          const std::string& agency = "agencies/one") {
    v1::NameMonitorRequest request;
    request.mutable_monitor()->set_agency(agency);
    request.mutable_monitor()->set_manager(manager);
    request.mutable_monitor()->set_training_officer(officer);
    return handlers_->NameMonitor(call_, request);
  }
};

TEST_F(OversightTest, AWaiverHoldsForItsTimeAndEndsByItself) {
  const v1::Officer officer = Certified();
  ASSERT_EQ(officer.certification(), v1::Certification::LAPSED);
  const auto waiver = Grant(WaiverFor(officer.name(), MakeDate(2026, 3, 1), MakeDate(2026, 3, 31)));
  ASSERT_THAT(waiver, IsOk());
  EXPECT_EQ(waiver->approver(), "unverified:clerk");
  EXPECT_EQ(waiver->field_office(), "fieldOffices/houston");
  const v1::Officer waived = GetOfficer(officer.name());
  EXPECT_EQ(waived.certification(), v1::Certification::CURRENT);
  EXPECT_EQ(FromProto(waived.current_through()), MakeDate(2026, 3, 31));
  GoTo(MakeDate(2026, 4, 1));
  EXPECT_EQ(GetOfficer(officer.name()).certification(), v1::Certification::LAPSED);
}

TEST_F(OversightTest, AWaiverIsEndedEarlyOnce) {
  const v1::Officer officer = Certified();
  const auto waiver = Grant(WaiverFor(officer.name(), MakeDate(2026, 3, 1), MakeDate(2026, 3, 31)));
  v1::EndWaiverRequest request;
  request.set_name(waiver->name());
  request.set_reason("back from leave");
  for (const Date wrong : {MakeDate(2026, 3, 31), MakeDate(2026, 2, 28)}) {
    *request.mutable_last_date() = ToProto(wrong);
    EXPECT_THAT(handlers_->EndWaiver(call_, request),
                FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  }
  *request.mutable_last_date() = ToProto(MakeDate(2026, 3, 1));
  ASSERT_THAT(handlers_->EndWaiver(call_, request), IsOk());
  EXPECT_EQ(GetOfficer(officer.name()).certification(), v1::Certification::LAPSED);
  EXPECT_THAT(handlers_->EndWaiver(call_, request),
              FailsWith(StatusCode::kFailedPrecondition, "WAIVER_ENDED"));
}

TEST_F(OversightTest, AWaiverIsNotForWhoTrained) {
  const v1::Officer officer = Certified();
  Complete(officer.name(), "aaa-annual", MakeDate(2025, 3, 5), "unverified:clerk");
  EXPECT_THAT(Grant(WaiverFor(officer.name(), MakeDate(2026, 3, 1), MakeDate(2026, 3, 31))),
              FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
}

TEST_F(OversightTest, WhoTrainedMayEndAWaiver) {
  const v1::Officer officer = Certified();
  const auto waiver = Grant(WaiverFor(officer.name(), MakeDate(2026, 3, 1), MakeDate(2026, 3, 31)));
  ASSERT_THAT(waiver, IsOk());
  Complete(officer.name(), "aaa-annual", MakeDate(2025, 3, 5), "unverified:clerk");
  v1::EndWaiverRequest request;
  request.set_name(waiver->name());
  request.set_reason("trained now");
  *request.mutable_last_date() = ToProto(MakeDate(2026, 3, 1));
  EXPECT_THAT(handlers_->EndWaiver(call_, request), IsOk());
}

TEST_F(OversightTest, WithoutATableNothingIsKeptApart) {
  const v1::Officer officer = Certified();
  Complete(officer.name(), "aaa-annual", MakeDate(2025, 3, 5), "unverified:clerk");
  handlers_ = std::make_unique<Handlers>(*store_, policy_, agreements_);
  EXPECT_THAT(Grant(WaiverFor(officer.name(), MakeDate(2026, 3, 1), MakeDate(2026, 3, 31))),
              IsOk());
}

TEST_F(OversightTest, AWaiverMustMakeSense) {
  const v1::Officer officer = Certified();
  v1::Waiver waiver = WaiverFor(officer.name(), MakeDate(2026, 3, 2), MakeDate(2026, 3, 1));
  EXPECT_THAT(Grant(waiver), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  waiver = WaiverFor(officer.name(), MakeDate(2026, 3, 1), MakeDate(2026, 3, 31));
  waiver.set_reason(v1::Waiver::COURSE_RETIRED);
  EXPECT_THAT(Grant(waiver), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  waiver.set_reason(v1::Waiver::TESTED_OUT);
  waiver.set_course("bbb-basic");
  EXPECT_THAT(Grant(waiver), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  waiver.set_course("none");
  EXPECT_THAT(Grant(waiver), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(All<v1::Waiver>(), SizeIs(0));
}

TEST_F(OversightTest, ARevocationIsProposedNotedDecidedAndReinstated) {
  const v1::Officer officer = Authorized();
  const auto proposed = Propose(officer.name());
  ASSERT_THAT(proposed, IsOk());
  EXPECT_THAT(*proposed, PartiallyEqualsProto(R"pb(
    state: OPEN
    open_date { year: 2026 month: 3 day: 2 }
    decision_due_date { year: 2026 month: 4 day: 1 }
    proposed_by: "unverified:clerk"
    agency: "agencies/one"
    policy_version: "v1"
  )pb"));
  const std::string& name = proposed->name();
  EXPECT_THAT(Propose(officer.name()), FailsWith(StatusCode::kAlreadyExists, "CASE_OPEN"));
  GoTo(MakeDate(2026, 3, 10));
  EXPECT_THAT(DoCase(CaseStep::kGiveNotice, name, MakeDate(2026, 3, 1)),
              FailsWith(StatusCode::kFailedPrecondition, "DATE_OUT_OF_ORDER"));
  ASSERT_THAT(DoCase(CaseStep::kGiveNotice, name, MakeDate(2026, 3, 3)), IsOk());
  EXPECT_THAT(DoCase(CaseStep::kRevoke, name, MakeDate(2026, 3, 5), &call_),
              FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
  EXPECT_THAT(DoCase(CaseStep::kRetain, name, MakeDate(2026, 3, 5), &call_),
              FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
  const auto revoked = DoCase(CaseStep::kRevoke, name, MakeDate(2026, 3, 5));
  ASSERT_THAT(revoked, IsOk());
  EXPECT_EQ(FromProto(revoked->letter_date()), MakeDate(2026, 3, 5));
  EXPECT_EQ(revoked->decided_by(), "unverified:director");
  const v1::Officer without = GetOfficer(officer.name());
  EXPECT_EQ(without.state(), v1::Officer::REVOKED);
  EXPECT_EQ(without.events().rbegin()->source(), name);
  EXPECT_THAT(DoCase(CaseStep::kReinstate, name, MakeDate(2026, 3, 8), &call_),
              FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
  const auto back = DoCase(CaseStep::kReinstate, name, MakeDate(2026, 3, 8));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->state(), v1::RevocationCase::REINSTATED);
  EXPECT_EQ(FromProto(back->decision_date()), MakeDate(2026, 3, 5));
  const v1::Officer again = GetOfficer(officer.name());
  EXPECT_EQ(again.state(), v1::Officer::CERTIFIED);
  EXPECT_FALSE(again.has_authorization_date());
}

TEST_F(OversightTest, TheLetterMayBeOfALaterDayThanTheDecision) {
  const v1::Officer officer = Authorized();
  const auto proposed = Propose(officer.name(), MakeDate(2026, 2, 2));
  ASSERT_THAT(proposed, IsOk());
  v1::StepRevocationCaseRequest request;
  request.set_name(proposed->name());
  request.set_reason("as decided");
  *request.mutable_date() = ToProto(MakeDate(2026, 2, 10));
  *request.mutable_letter_date() = ToProto(MakeDate(2026, 2, 9));
  EXPECT_THAT(handlers_->TakeCaseStep(director_, CaseStep::kRevoke, request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  *request.mutable_letter_date() = ToProto(MakeDate(2026, 2, 20));
  EXPECT_THAT(handlers_->TakeCaseStep(director_, CaseStep::kRetain, request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  const auto decided = handlers_->TakeCaseStep(director_, CaseStep::kRevoke, request);
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(FromProto(decided->decision_date()), MakeDate(2026, 2, 10));
  EXPECT_EQ(FromProto(decided->letter_date()), MakeDate(2026, 2, 20));
  EXPECT_EQ(FromProto(GetOfficer(officer.name()).events().rbegin()->date()), MakeDate(2026, 2, 20));
  EXPECT_THAT(DoCase(CaseStep::kReinstate, proposed->name(), MakeDate(2026, 2, 19)),
              FailsWith(StatusCode::kFailedPrecondition, "DATE_OUT_OF_ORDER"));
}

// A decision of before the letter that gave the authority would leave it standing in the past.
TEST_F(OversightTest, ADecisionIsNotOfADayBeforeTheOfficersLastStep) {
  const v1::Officer certified = Certified();
  Complete(certified.name(), "aaa-annual", MakeDate(2025, 3, 4));
  const auto proposed = Propose(certified.name(), MakeDate(2025, 3, 5));
  ASSERT_THAT(proposed, IsOk());
  ASSERT_THAT(DoStep(Step::kAuthorize, certified.name(), MakeDate(2025, 3, 10)), IsOk());
  EXPECT_THAT(DoCase(CaseStep::kRevoke, proposed->name(), MakeDate(2025, 3, 7)),
              FailsWith(StatusCode::kFailedPrecondition, "DATE_OUT_OF_ORDER"));
  EXPECT_THAT(DoCase(CaseStep::kRevoke, proposed->name(), MakeDate(2025, 3, 11)), IsOk());
}

TEST_F(OversightTest, AProposalIsOfTheDayOnWhichItWasMade) {
  const v1::Officer officer = Authorized();
  const Date last = LastStep(officer).value();
  EXPECT_THAT(Propose(officer.name(), MakeDate(2026, 3, 3)),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Propose(officer.name(), last - days(1)),
              FailsWith(StatusCode::kFailedPrecondition, "DATE_OUT_OF_ORDER"));
  const auto proposed = Propose(officer.name(), last);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_EQ(FromProto(proposed->open_date()), last);
  // The policy of the test gives 30 days.
  EXPECT_EQ(FromProto(proposed->decision_due_date()), last + days(30));
}

TEST_F(OversightTest, ARetainedOfficerKeepsAuthority) {
  const v1::Officer officer = Authorized();
  const auto proposed = Propose(officer.name());
  ASSERT_THAT(DoCase(CaseStep::kRetain, proposed->name(), MakeDate(2026, 3, 2)), IsOk());
  EXPECT_EQ(GetOfficer(officer.name()).state(), v1::Officer::AUTHORIZED);
  // Another case may follow.
  EXPECT_THAT(Propose(officer.name()), IsOk());
}

TEST_F(OversightTest, EveryIllegalStepOfACaseIsRefusedWithTheLegalOnes) {
  using Case = v1::RevocationCase;
  const std::map<Case::State, std::map<CaseStep, bool>> legal = {
      {Case::OPEN,
       {{CaseStep::kGiveNotice, true}, {CaseStep::kRevoke, true}, {CaseStep::kRetain, true}}},
      {Case::NOTICE_GIVEN, {{CaseStep::kRevoke, true}, {CaseStep::kRetain, true}}},
      {Case::REVOKED, {{CaseStep::kReinstate, true}}},
      {Case::RETAINED, {}},
      {Case::CURED, {}},
      {Case::REINSTATED, {}},
      {Case::AUTHORITY_ENDED, {}},
  };
  v1::Officer officer = Authorized();
  const auto proposed = Propose(officer.name());
  ASSERT_THAT(proposed, IsOk());
  for (const auto& [state, steps] : legal) {
    for (const CaseStep step :
         {CaseStep::kGiveNotice, CaseStep::kRevoke, CaseStep::kRetain, CaseStep::kReinstate}) {
      Case revocation = *proposed;
      revocation.set_state(state);
      ASSERT_THAT(store_->Mutate({.action = "Put", .actor = "test"},
                                 [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
                                   store::WriteSet writes;
                                   writes.Update(revocation);
                                   return writes;
                                 }),
                  IsOk());
      SCOPED_TRACE(absl::StrCat(Case::State_Name(state), " ", MethodOf(step)));
      officer.set_state(step == CaseStep::kReinstate ? v1::Officer::REVOKED
                                                     : v1::Officer::AUTHORIZED);
      Put(officer);
      const auto moved = DoCase(step, proposed->name(), MakeDate(2026, 3, 2));
      if (steps.contains(step)) {
        EXPECT_THAT(moved, IsOk());
        continue;
      }
      ASSERT_THAT(moved, FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_STEP"));
      EXPECT_TRUE(GetErrorInfo(moved.status())->metadata().contains("legal_steps"));
    }
  }
}

TEST_F(OversightTest, ACaseIsDecidedOfAnOfficerAsTheyAreNow) {
  v1::Officer officer = Authorized();
  const std::string revocation = Propose(officer.name())->name();
  officer.set_state(v1::Officer::WITHDRAWN);
  Put(officer);
  EXPECT_THAT(DoCase(CaseStep::kRevoke, revocation, MakeDate(2026, 3, 2)),
              FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_STEP"));
  officer.set_state(v1::Officer::AUTHORIZED);
  Put(officer);
  ASSERT_THAT(DoCase(CaseStep::kRevoke, revocation, MakeDate(2026, 3, 2)), IsOk());
  officer.set_state(v1::Officer::NOMINATED);
  Put(officer);
  EXPECT_THAT(DoCase(CaseStep::kReinstate, revocation, MakeDate(2026, 3, 2)),
              FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_STEP"));
}

TEST_F(OversightTest, ACaseSaysHowLongItsDecisionIsOverdue) {
  const std::string revocation = Propose(Authorized().name())->name();
  const auto overdue = [&] {
    const auto listed = handlers_->ListRevocationCases(call_, {});
    EXPECT_THAT(listed, IsOk());
    v1::GetRevocationCaseRequest get;
    get.set_name(revocation);
    const int days_overdue = handlers_->GetRevocationCase(call_, get)->days_overdue();
    EXPECT_EQ(listed->revocation_cases(0).days_overdue(), days_overdue);
    return days_overdue;
  };
  const Date due = *FromProto(All<v1::RevocationCase>().front().decision_due_date());
  GoTo(due);
  EXPECT_EQ(overdue(), 0);
  GoTo(due + days(11));
  EXPECT_EQ(overdue(), 11);
  ASSERT_THAT(DoCase(CaseStep::kRetain, revocation, due + days(11)), IsOk());
  EXPECT_EQ(overdue(), 0);
}

TEST_F(OversightTest, OnlyWhoHasAuthorityCanLoseIt) {
  EXPECT_THAT(Propose(Nominate()->name()),
              FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_STEP"));
}

TEST_F(OversightTest, AYearIsVerifiedOnceAndSaysWhatWasFound) {
  const v1::Officer officer = Authorized();
  EXPECT_THAT(Verify(officer.name(), 2026, MakeDate(2025, 9, 30)),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  const auto verified = Verify(officer.name(), 2026, MakeDate(2025, 10, 1));
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->found(), v1::Certification::CURRENT);
  EXPECT_EQ(verified->verified_by(), "unverified:clerk");
  EXPECT_THAT(Verify(officer.name(), 2026, MakeDate(2026, 1, 5)),
              FailsWith(StatusCode::kAlreadyExists, "VERIFICATION_EXISTS"));
  EXPECT_THAT(Verify(officer.name(), 2025, MakeDate(2025, 10, 1)), IsOk());
}

TEST_F(OversightTest, GapsAreWhomTheRuleBindsAndNobodyVerified) {
  const v1::Officer verified = Authorized();
  const v1::Officer open = Certified();
  Authorized(MakeDate(2025, 3, 4), kUnderB);  // No rule on record.
  ASSERT_THAT(Nominate(), IsOk());            // Not certified yet.
  ASSERT_THAT(Verify(verified.name(), 2026, MakeDate(2026, 1, 5)), IsOk());
  EXPECT_THAT(GapsOf(2026), ElementsAre(open.name()));
  v1::ListVerificationGapsRequest request;
  request.set_year(2026);
  request.set_filter("agency = \"agencies/two\"");
  EXPECT_THAT(handlers_->ListVerificationGaps(call_, request)->officers(), SizeIs(0));
}

TEST_F(OversightTest, AYearsGapsAreOfThoseOnDutyInIt) {
  const std::string stayed = Certified().name();
  const std::string withdrawn = Certified().name();
  ASSERT_THAT(DoStep(Step::kWithdraw, withdrawn, MakeDate(2025, 9, 30)), IsOk());
  const std::string moved = Certified().name();
  Transfer(moved, kOtherA, MakeDate(2025, 10, 2));
  EXPECT_EQ(FromProto(GetOfficer(moved).first_certification_date()), MakeDate(2025, 3, 3));
  EXPECT_EQ(FromProto(GetOfficer(moved).nomination_date()), MakeDate(2025, 10, 2));
  EXPECT_EQ(FromProto(GetOfficer(stayed).nomination_date()), MakeDate(2025, 1, 6));
  EXPECT_THAT(GapsOf(2020), IsEmpty());
  EXPECT_THAT(GapsOf(2024), IsEmpty());
  EXPECT_THAT(GapsOf(2025), UnorderedElementsAre(stayed, withdrawn, moved));
  EXPECT_THAT(GapsOf(2026), UnorderedElementsAre(stayed, moved));
  v1::ListVerificationGapsRequest request;
  for (const int wrong : {0, 1995, 2027, 2200}) {
    request.set_year(wrong);
    EXPECT_THAT(handlers_->ListVerificationGaps(call_, request),
                FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  }
}

TEST_F(OversightTest, NoYearIsVerifiedInWhichTheOfficerHadNoAuthority) {
  struct Wrong {
    int year;
    Date date;
    const char* field;
  };
  const std::string officer = Authorized().name();
  const Wrong all[] = {
      {2020, MakeDate(2026, 3, 2), "annual_verification.year"},
      {2024, MakeDate(2026, 3, 2), "annual_verification.year"},
      {2027, MakeDate(2026, 3, 2), "annual_verification.year"},
      {2025, MakeDate(2025, 3, 2), "annual_verification.verify_date"},
      {2026, MakeDate(2025, 9, 30), "annual_verification.verify_date"},
      {2026, MakeDate(2026, 3, 3), "annual_verification.verify_date"},
  };
  for (const Wrong& wrong : all) {
    const auto refused = Verify(officer, wrong.year, wrong.date);
    ASSERT_THAT(refused, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(wrong.field));
  }
  EXPECT_THAT(Verify(Nominate()->name(), 2026, MakeDate(2026, 3, 2)),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(All<v1::AnnualVerification>(), SizeIs(0));
  EXPECT_THAT(Verify(officer, 2025, MakeDate(2025, 3, 3)), IsOk());
}

TEST_F(OversightTest, ALateVerificationFindsWhatWasAtTheEndOfItsYear) {
  const std::string officer = Authorized().name();
  GoTo(MakeDate(2026, 6, 1));
  // The annual course of March 2025 held until March 2026.
  EXPECT_EQ(Verify(officer, 2025, MakeDate(2026, 6, 1))->found(), v1::Certification::CURRENT);
  EXPECT_EQ(Verify(officer, 2026, MakeDate(2026, 6, 1))->found(), v1::Certification::LAPSED);
}

TEST_F(OversightTest, AgenciesWithOfficersWhomNobodyMonitorsAreFound) {
  Certified();
  ASSERT_THAT(Nominate(), IsOk());
  Certified(kOtherA);
  const std::string gone = Nominate(kOtherA)->name();
  ASSERT_THAT(DoStep(Step::kWithdraw, gone, MakeDate(2025, 2, 1)), IsOk());
  // 1: nobody, 2: the manager, 3: the training officer.
  for (const int page_size : {0, 1}) {
    EXPECT_THAT(MonitorGapsOf(MadeUp(page_size)),
                ElementsAre("agencies/one 2 1", "agencies/two 1 1"));
  }
  ASSERT_THAT(NameMonitor("unverified:m", "unverified:t"), IsOk());
  EXPECT_THAT(MonitorGapsOf(MadeUp()), ElementsAre("agencies/one 2 2,3", "agencies/two 1 1"));
  Acknowledge("monitors/one", "unverified:m");
  EXPECT_THAT(MonitorGapsOf(MadeUp()), ElementsAre("agencies/one 2 3", "agencies/two 1 1"));
  Acknowledge("monitors/one", "unverified:t");
  EXPECT_THAT(MonitorGapsOf(MadeUp()), ElementsAre("agencies/two 1 1"));
  // Another training officer has yet to acknowledge it.
  ASSERT_THAT(NameMonitor("unverified:m", "unverified:x"), IsOk());
  EXPECT_THAT(MonitorGapsOf(MadeUp()), ElementsAre("agencies/one 2 3", "agencies/two 1 1"));
  // Of real officers there is nothing on record; a monitor without officers is no gap.
  EXPECT_THAT(MonitorGapsOf({}), IsEmpty());
  v1::ListMonitorGapsRequest elsewhere = MadeUp();
  elsewhere.set_field_office("fieldOffices/miami");
  EXPECT_THAT(MonitorGapsOf(elsewhere), IsEmpty());
}

TEST_F(OversightTest, APageOfMonitorGapsIsGoodForItsQuestion) {
  Certified();
  Certified(kOtherA);
  v1::ListMonitorGapsRequest request = MadeUp(1);
  request.set_page_token(handlers_->ListMonitorGaps(call_, request)->next_page_token());
  ASSERT_FALSE(request.page_token().empty());
  request.set_field_office("fieldOffices/houston");
  EXPECT_THAT(handlers_->ListMonitorGaps(call_, request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  request = MadeUp(-1);
  request.set_field_office("houston");
  const auto wrong = handlers_->ListMonitorGaps(call_, request);
  ASSERT_THAT(wrong, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(std::string(wrong.status().message()),
              AllOf(HasSubstr("page_size"), HasSubstr("field_office")));
}

TEST_F(OversightTest, AMonitorIsTwoPeopleWhoCanAcknowledge) {
  struct Named {
    const char* manager;
    const char* training_officer;
    bool verified = false;
    // Fields that are refused.
    std::vector<std::string> wrong = {};
  };
  const std::string manager = "monitor.manager";
  const std::string trainer = "monitor.training_officer";
  const std::vector<Named> all = {
      {"https://idp#m", "https://idp#t", true},
      {"https://idp#m", "https://other#m", true},
      {"unverified:m", "unverified:t"},
      {"https://idp#m", "unverified:a trainer"},
      {"unverified:m", "https://idp#t", true, {manager}},
      {"zzz", "zzz", false, {manager, trainer}},
      {"zzz", "yyy", true, {manager, trainer}},
      {"", " ", true, {manager, trainer}},
      {"#m", "https://idp#", true, {manager, trainer}},
      {"a b#m", "unverified:", false, {manager, trainer}},
      {"unverified:m", "unverified:m", false, {trainer}},
      {"https://idp#m", "https://idp#m", true, {trainer}},
  };
  for (const Named& named : all) {
    SCOPED_TRACE(absl::StrCat(named.manager, " ", named.training_officer));
    rpc::Call by = rpc::Call::ForTest(named.verified ? "https://idp#pm" : "unverified:clerk");
    v1::NameMonitorRequest request;
    request.mutable_monitor()->set_agency("agencies/one");
    request.mutable_monitor()->set_manager(named.manager);
    request.mutable_monitor()->set_training_officer(named.training_officer);
    const auto answer = handlers_->NameMonitor(by, request);
    if (named.wrong.empty()) {
      EXPECT_THAT(answer, IsOk());
      continue;
    }
    ASSERT_THAT(answer, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
    for (const std::string& field : {manager, trainer}) {
      const bool is_wrong = absl::c_linear_search(named.wrong, field);
      EXPECT_EQ(absl::StrContains(answer.status().message(), field), is_wrong)
          << answer.status().message();
    }
  }
}

TEST_F(OversightTest, AMonitorIsNamedAndAcknowledgesForThemselves) {
  const auto named = NameMonitor("unverified:clerk", "unverified:trainer");
  ASSERT_THAT(named, IsOk());
  EXPECT_EQ(named->name(), "monitors/one");
  EXPECT_EQ(named->field_office(), "fieldOffices/houston");
  v1::AcknowledgeMonitorRequest request;
  request.set_name(named->name());
  EXPECT_THAT(handlers_->AcknowledgeMonitor(director_, request),
              FailsWith(StatusCode::kPermissionDenied, "NOT_NAMED"));
  const auto acknowledged = handlers_->AcknowledgeMonitor(call_, request);
  ASSERT_THAT(acknowledged, IsOk());
  EXPECT_TRUE(acknowledged->has_manager_acknowledge_time());
  EXPECT_FALSE(acknowledged->has_training_officer_acknowledge_time());
  // Another training officer leaves the manager's word standing; another manager does not.
  EXPECT_TRUE(NameMonitor("unverified:clerk", "unverified:x")->has_manager_acknowledge_time());
  EXPECT_FALSE(NameMonitor("unverified:y", "unverified:x")->has_manager_acknowledge_time());
  EXPECT_THAT(NameMonitor("unverified:y", "unverified:x", "agencies/none"),
              FailsWith(StatusCode::kNotFound, "AGENCY_NOT_FOUND"));
  EXPECT_THAT(All<v1::Monitor>(), SizeIs(1));
}

}  // namespace
}  // namespace accord::training
