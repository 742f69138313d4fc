// Officers counted by what is kept of them, and what counting rests on.
#include "services/training/summary.h"

#include <gmock/gmock.h>

#include "tests/unit/training/completions_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using testing::FailsWith;
using testing::IsOk;
using testing::PartiallyEqualsProto;
using testing::ProtoEquals;
using ::testing::SizeIs;

class SummaryTest : public CompletionsTest {
 protected:
  void SetUp() override {
    CompletionsTest::SetUp();
    Announce("agreements/real", "agencies/three", "AAA", "AAA-1").set_fictitious(false);
    Announce("agreements/textless", "agencies/four", "AAA", "");
  }

  v1::TrainingSummary Summary(std::optional<Date> as_of = {}, bool fictitious = true,
                              int lapsing_days = 0) {
    v1::GetTrainingSummaryRequest request;
    if (as_of) *request.mutable_as_of() = ToProto(*as_of);
    request.set_fictitious(fictitious);
    request.set_lapsing_days(lapsing_days);
    const auto summary = handlers_->GetTrainingSummary(call_, request);
    EXPECT_THAT(summary, IsOk());
    return summary.value_or(v1::TrainingSummary());
  }

  v1::AgencyTraining OfAgency(const std::string& agency, std::optional<Date> as_of = {}) {
    v1::GetAgencyTrainingRequest request;
    request.set_agency(agency);
    if (as_of) *request.mutable_as_of() = ToProto(*as_of);
    const auto training = handlers_->GetAgencyTraining(call_, request);
    EXPECT_THAT(training, IsOk());
    return training.value_or(v1::AgencyTraining());
  }
};

TEST_F(SummaryTest, StatesAddUpInEveryGroup) {
  Authorized();                               // agencies/one, ends on 4 March 2026.
  Authorized(MakeDate(2026, 2, 27));          // Ends a year later.
  Authorized(MakeDate(2025, 3, 4), kOtherA);  // agencies/two.
  Certified(kUnderB);                         // Current for good.
  InTraining();                               // Not certified.
  const v1::Officer gone = InTraining(kOtherA);
  ASSERT_THAT(DoStep(Step::kWithdraw, gone.name(), today_), IsOk());
  Certified("agreements/real");

  const v1::TrainingSummary summary = Summary();
  EXPECT_THAT(summary, PartiallyEqualsProto(R"pb(
                all { officers: 5 current: 4 lapsing: 2 not_certified: 1 }
                by_model { key: "AAA" officers: 4 current: 3 lapsing: 2 not_certified: 1 }
                by_model { key: "BBB" officers: 1 current: 1 }
                by_field_office {
                  key: "fieldOffices/houston"
                  officers: 5
                  current: 4
                  lapsing: 2
                  not_certified: 1
                }
                by_agency { key: "agencies/one" officers: 4 current: 3 lapsing: 1 not_certified: 1 }
                by_agency { key: "agencies/two" officers: 1 current: 1 lapsing: 1 }
                fictitious: true
                basis: SYNTHETIC
                policy_version: "v1"
                as_of { year: 2026 month: 3 day: 2 }
              )pb"));
  EXPECT_EQ(Summary({}, true, 1).all().lapsing(), 0);
  EXPECT_EQ(Summary({}, true, 2).all().lapsing(), 2);
  EXPECT_THAT(Summary({}, false), PartiallyEqualsProto(R"pb(
                all { officers: 1 lapsed: 1 }
                by_agency { key: "agencies/three" officers: 1 lapsed: 1 }
                basis: DERIVED
              )pb"));
  v1::GetTrainingSummaryRequest request;
  request.set_lapsing_days(-1);
  EXPECT_THAT(handlers_->GetTrainingSummary(call_, request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(SummaryTest, AnOfficerIsInOneStateOnly) {
  using C = v1::Certification;
  SummaryTally tally;
  for (const C::State state : {C::CURRENT, C::LAPSED, C::NOT_CERTIFIED, C::UNKNOWN, C::NO_RULE}) {
    C certification;
    certification.set_state(state);
    // Another number of each.
    for (int i = 0; i < state; ++i) {
      tally.Add(CountOf({}, v1::Officer::IN_TRAINING, certification, false, today_));
    }
  }
  tally.Add(CountOf({}, v1::Officer::IN_TRAINING, {}, false, today_));
  EXPECT_THAT(
      tally.Summary().all(),
      ProtoEquals(R"pb(
        officers: 16 current: 1 lapsed: 2 not_certified: 3 unknown: 5 no_rule: 5
      )pb"));
}

// By what is kept, or weighed anew: the same figures on every day.
TEST_F(SummaryTest, ADayToComeIsWhatItWillBe) {
  Authorized();
  Authorized(MakeDate(2025, 9, 9));
  const std::string failed = InTraining().name();
  Certified(kUnderB);
  ASSERT_THAT(Record(failed, "aaa-basic", MakeDate(2025, 5, 5)), IsOk());
  for (const int ahead : {0, 2, 3, 100, 191, 192, 400}) {
    const Date date = MakeDate(2026, 3, 2) + days(ahead);
    GoTo(MakeDate(2026, 3, 2));
    const v1::TrainingSummary foreseen = Summary(date);
    GoTo(date);
    // The sweep has not come to that day yet; and then it has.
    EXPECT_THAT(Summary(), ProtoEquals(foreseen)) << FormatDate(date);
    ASSERT_THAT(handlers_->SweepDay(date), IsOk());
    EXPECT_THAT(Summary().all().lapsed(), foreseen.all().lapsed()) << FormatDate(date);
    // From a day later the same date is past, and everybody is weighed.
    GoTo(date + days(1));
    EXPECT_THAT(Summary(date).all().current(), foreseen.all().current()) << FormatDate(date);
    EXPECT_THAT(Summary(date).by_model(0).lapsing(), foreseen.by_model(0).lapsing());
  }
}

TEST_F(SummaryTest, OfADayBeforeWhoWasNotNominatedDoesNotCount) {
  Authorized();
  EXPECT_EQ(Summary(MakeDate(2025, 1, 5)).all().officers(), 0);
  const v1::TrainingSummary in_training = Summary(MakeDate(2025, 2, 10));
  EXPECT_EQ(in_training.all().not_certified(), 1);
  EXPECT_THAT(in_training.compliance(), SizeIs(0));
  EXPECT_THAT(Summary(MakeDate(2025, 3, 5)).compliance(0),
              PartiallyEqualsProto("model: 'AAA' agencies: 1 agencies_compliant: 1"));
}

TEST_F(SummaryTest, AnotherPolicyIsNotAnsweredWithWhatWasKept) {
  Authorized();
  UsePolicy(absl::StrReplaceAll(
      ExamPolicyText(), {{"id: \"v1\"", "id: \"v2\""},
                         {"after_completion { count: 12", "after_completion { count: 11"}}));
  EXPECT_THAT(Summary(),
              PartiallyEqualsProto("all { officers: 1 lapsed: 1 } policy_version: 'v2'"));
}

TEST_F(SummaryTest, AnAgencyIsCompliantWhenAllWhomTheRuleBindsAreCurrent) {
  Authorized();                               // one: current.
  Authorized(MakeDate(2025, 3, 4), kOtherA);  // two: current, and
  Authorized(MakeDate(2026, 2, 28), kOtherA);
  Certified(kUnderB);                // one: no annual rule binds BBB.
  Certified("agreements/textless");  // four: the text is not known.
  EXPECT_THAT(Summary(), PartiallyEqualsProto(R"pb(
                compliance { model: "AAA" agencies: 3 agencies_compliant: 2 }
                compliance { model: "BBB" agencies_without_rule: 1 }
              )pb"));
  GoTo(MakeDate(2026, 3, 5));
  EXPECT_THAT(Summary().compliance(0), PartiallyEqualsProto("agencies: 3"));
  EXPECT_EQ(Summary().compliance(0).agencies_compliant(), 0);
}

// The rule is for who has authority to use.
TEST_F(SummaryTest, WhoseAgreementHasEndedLeavesNoAgencyNonCompliant) {
  v1::Officer officer = Authorized();
  GoTo(MakeDate(2026, 3, 5));
  ASSERT_THAT(handlers_->SweepDay(today_), IsOk());
  EXPECT_THAT(Summary().compliance(0), PartiallyEqualsProto("model: 'AAA' agencies: 1"));
  officer = GetOfficer(officer.name());
  v1::AgreementStanding& ended = *officer.add_agreement_standing();
  *ended.mutable_date() = ToProto(today_);
  ended.set_in_force(false);
  *officer.mutable_next_change_date() = ToProto(today_);
  Put(officer);
  ASSERT_THAT(handlers_->SweepDay(today_), IsOk());
  EXPECT_EQ(GetOfficer(officer.name()).authority_ended(), true);
  EXPECT_THAT(Summary().compliance(), SizeIs(0));
  EXPECT_EQ(Summary().all().lapsed(), 1);
}

TEST_F(SummaryTest, WhereTheTextIsUnknownARuleByTextIsToo) {
  UsePolicy(absl::StrReplaceAll(ExamPolicyText(),
                                {{"title: \"Annual\"", "title: \"Annual\" templates: \"AAA-1\""}}));
  Certified("agreements/textless");
  EXPECT_THAT(Summary(), PartiallyEqualsProto(R"pb(
                all { officers: 1 unknown: 1 }
                compliance { model: "AAA" agencies: 1 agencies_unknown: 1 }
              )pb"));
  EXPECT_EQ(Summary().compliance(0).agencies_compliant(), 0);
}

// By the annual courses alone; and whoever may be bound makes nobody non-compliant: that rule may
// not be theirs.
TEST_F(SummaryTest, WhoMayBeBoundLeavesItOpen) {
  using C = v1::Certification;
  v1::Officer officer;
  officer.set_model("AAA");
  officer.set_agency("agencies/one");
  C certification;
  certification.set_state(C::LAPSED);
  // With one more of that agency.
  const auto with = [&](SummaryTally tally, v1::Officer::State state, C::State annual) {
    certification.set_annual_training(annual);
    tally.Add(CountOf(officer, state, certification, /*authority_ended=*/false, today_));
    return tally;
  };
  SummaryTally tally = with({}, v1::Officer::IN_TRAINING, C::LAPSED);
  EXPECT_THAT(tally.Summary().compliance(), SizeIs(0));
  tally = with(tally, v1::Officer::CERTIFIED, C::NO_RULE);
  EXPECT_THAT(tally.Summary().compliance(0), ProtoEquals("model: 'AAA' agencies_without_rule: 1"));
  tally = with(tally, v1::Officer::AUTHORIZED, C::CURRENT);
  tally = with(tally, v1::Officer::IN_TRAINING, C::NOT_CERTIFIED);
  EXPECT_THAT(tally.Summary().compliance(0),
              ProtoEquals("model: 'AAA' agencies: 1 agencies_compliant: 1"));
  tally = with(tally, v1::Officer::AUTHORIZED, C::UNKNOWN);
  EXPECT_THAT(tally.Summary().compliance(0),
              ProtoEquals("model: 'AAA' agencies: 1 agencies_unknown: 1"));
  for (const C::State missed : {C::NOT_CERTIFIED, C::LAPSED}) {
    EXPECT_THAT(with(tally, v1::Officer::CERTIFIED, missed).Summary().compliance(0),
                ProtoEquals("model: 'AAA' agencies: 1"));
  }
}

TEST_F(SummaryTest, DecisionsAreOverdueFromTheDayAfterTheyAreDue) {
  Authorized();
  GoTo(MakeDate(2026, 3, 5));
  ASSERT_THAT(handlers_->SweepDay(today_), IsOk());
  const auto cases = All<v1::RevocationCase>();
  ASSERT_THAT(cases, SizeIs(1));
  const Date due = FromProto(cases[0].decision_due_date()).value();
  EXPECT_EQ(Summary(due).all().decisions_overdue(), 0);
  EXPECT_THAT(Summary(due + days(1)), PartiallyEqualsProto(R"pb(
                all { decisions_overdue: 1 }
                by_model { key: "AAA" decisions_overdue: 1 }
                by_field_office { key: "fieldOffices/houston" decisions_overdue: 1 }
                by_agency { key: "agencies/one" decisions_overdue: 1 }
              )pb"));
  EXPECT_EQ(Summary(due + days(1), false).all().decisions_overdue(), 0);
  // Decided late: it is not overdue any more, and was until then.
  GoTo(due + days(9));
  v1::StepRevocationCaseRequest retain;
  retain.set_name(cases[0].name());
  *retain.mutable_date() = ToProto(due + days(5));
  retain.set_reason("as decided");
  ASSERT_THAT(handlers_->TakeCaseStep(director_, CaseStep::kRetain, retain), IsOk());
  EXPECT_EQ(Summary().all().decisions_overdue(), 0);
  EXPECT_EQ(Summary(due + days(4)).all().decisions_overdue(), 1);
  EXPECT_EQ(Summary(due + days(5)).all().decisions_overdue(), 0);
}

TEST_F(SummaryTest, AnAgencyIsCountedByAgreement) {
  Authorized();
  Authorized(MakeDate(2026, 2, 27));
  Certified(kUnderB);
  Authorized(MakeDate(2025, 3, 3), kOtherA);
  EXPECT_THAT(OfAgency("agencies/one"), PartiallyEqualsProto(R"pb(
                agency: "agencies/one"
                all { key: "agencies/one" officers: 3 current: 3 lapsing: 1 }
                by_agreement { key: "agreements/a" officers: 2 current: 2 lapsing: 1 }
                by_agreement { key: "agreements/b" officers: 1 current: 1 }
                next_lapse_date { year: 2026 month: 3 day: 4 }
                fictitious: true
                basis: SYNTHETIC
                policy_version: "v1"
              )pb"));
  // Of those that are current then.
  const v1::AgencyTraining later = OfAgency("agencies/one", MakeDate(2026, 3, 5));
  EXPECT_THAT(later, PartiallyEqualsProto(R"pb(
                all { officers: 3 current: 2 lapsed: 1 }
                next_lapse_date { year: 2027 month: 2 day: 27 }
              )pb"));
  const v1::AgencyTraining none = OfAgency("agencies/none");
  EXPECT_EQ(none.all().officers(), 0);
  EXPECT_FALSE(none.has_next_lapse_date());
  EXPECT_FALSE(none.fictitious());
}

// gRPC clients take 4 MiB.
TEST_F(SummaryTest, AgenciesBeyondWhatAnAnswerHoldsAreCounted) {
  constexpr int kAgencies = 20'003;
  SummaryTally tally;
  for (int i = 0; i < kAgencies; ++i) {
    tally.Add({.model = "AAA",
               .field_office = "fieldOffices/houston",
               // Not in order.
               .agency = absl::StrCat("agencies/xlwzk4fg", 10'000 + i * 7 % kAgencies),
               .officers = 120,
               .current = 120,
               .lapsing = 40});
  }
  const v1::TrainingSummary summary = tally.Summary();
  ASSERT_EQ(summary.by_agency_size(), 20'000);
  for (int i = 0; i < summary.by_agency_size(); ++i) {
    ASSERT_EQ(summary.by_agency(i).key(), absl::StrCat("agencies/xlwzk4fg", 10'000 + i));
  }
  EXPECT_EQ(summary.agencies_left_out(), 3);
  EXPECT_EQ(summary.all().officers(), 120 * kAgencies);
  EXPECT_LT(summary.ByteSizeLong(), 2u << 20);
}

}  // namespace
}  // namespace accord::training
