#include "services/gateway/status_rules.h"

#include <gtest/gtest.h>

#include "common/testing/matchers.h"
#include "tests/unit/gateway/records.h"

namespace accord::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using State = av1::Agreement;

// Facts, a date, and what follows.
struct Case {
  std::string name;
  std::vector<Move> moves;
  std::string date;
  v1::Verdict verdict;
  std::vector<std::string> codes;
  std::string reason_date;  // Of the first reason.
  std::string valid_until;
};

const std::vector<Move> kSuspendedLater = {{State::APPLIED, "2025-01-10", "2025-01-10"},
                                           {State::ACTIVE, "2025-03-05", "2025-03-06"},
                                           {State::SUSPENDED, "2025-09-01", "2025-07-01"}};

std::string DateText(bool set, const google::type::Date& date) {
  return set ? FormatDate(*FromProto(date)) : "";
}

class StatusRules : public ::testing::TestWithParam<Case> {};

TEST_P(StatusRules, GiveVerdictReasonsAndValidity) {
  const Case& c = GetParam();
  const auto policy = TestPolicy();
  const av1::Agreement agreement = MakeAgreement("agreements/1", "agencies/1", c.moves);
  const v1::AgreementStatus status =
      AgreementStatusOn(agreement, *policy->versions().front(), Zone(), Day(c.date));
  EXPECT_EQ(status.verdict(), c.verdict);
  std::vector<std::string> codes;
  for (const v1::Reason& reason : status.reasons()) {
    codes.push_back(reason.code());
    EXPECT_EQ(reason.fact(), "agreements/1");
    EXPECT_FALSE(reason.clause().empty());
    EXPECT_FALSE(reason.text().empty());
  }
  EXPECT_EQ(codes, c.codes);
  EXPECT_EQ(DateText(status.reasons(0).has_date(), status.reasons(0).date()), c.reason_date);
  EXPECT_EQ(DateText(status.has_valid_until(), status.valid_until()), c.valid_until);
}

INSTANTIATE_TEST_SUITE_P(
    Table, StatusRules,
    ::testing::Values(
        Case{"InForce",
             {{State::ACTIVE, "2025-03-05"}},
             "2025-07-02",
             v1::IN_FORCE,
             {"IN_FORCE"},
             "2025-03-05",
             ""},
        Case{"InForceOnItsFirstDay",
             {{State::ACTIVE, "2025-03-05"}},
             "2025-03-05",
             v1::IN_FORCE,
             {"IN_FORCE"},
             "2025-03-05",
             ""},
        Case{"SuspensionAhead",
             kSuspendedLater,
             "2025-08-31",
             v1::IN_FORCE,
             {"IN_FORCE", "CHANGE_AHEAD"},
             "2025-03-05",
             "2025-09-01"},
        Case{"SuspensionCame",
             kSuspendedLater,
             "2025-09-01",
             v1::SUSPENDED,
             {"SUSPENDED"},
             "2025-09-01",
             ""},
        // Of a day before anybody had signed, only the application can be said.
        Case{"BeforeTheSigningWasRecorded",
             kSuspendedLater,
             "2025-02-01",
             v1::IN_PIPELINE,
             {"IN_PIPELINE", "CHANGE_AHEAD"},
             "2025-01-10",
             "2025-03-05"},
        Case{"BeforeTheRecord",
             kSuspendedLater,
             "2025-01-09",
             v1::NO_AGREEMENT,
             {"NO_AGREEMENT_ON_DATE", "CHANGE_AHEAD"},
             "2025-01-10",
             "2025-01-10"},
        Case{"SignedForLater",
             {{State::PENDING, "2025-05-15"}, {State::ACTIVE, "2025-08-01", "2025-07-01"}},
             "2025-07-01",
             v1::SIGNED_NOT_YET_IN_FORCE,
             {"SIGNED_NOT_YET_IN_FORCE", "CHANGE_AHEAD"},
             "2025-08-01",
             "2025-08-01"},
        Case{"NotYetSignedForLater",
             {{State::PENDING, "2025-05-15"}, {State::ACTIVE, "2025-08-01", "2025-07-01"}},
             "2025-06-30",
             v1::IN_PIPELINE,
             {"IN_PIPELINE", "CHANGE_AHEAD"},
             "2025-05-15",
             "2025-07-01"},
        Case{"SignedForLaterAtNobodyKnowsWhen",
             {{State::ACTIVE, "2025-08-01"}},
             "2025-07-01",
             v1::SIGNED_NOT_YET_IN_FORCE,
             {"SIGNED_NOT_YET_IN_FORCE", "CHANGE_AHEAD"},
             "2025-08-01",
             "2025-08-01"},
        Case{"Reviewed",
             {{State::APPLIED, "2025-01-01"}, {State::BOARD_REVIEW, "2025-02-01"}},
             "2025-07-01",
             v1::IN_PIPELINE,
             {"IN_PIPELINE"},
             "2025-02-01",
             ""},
        Case{"MoveWithinThePipelineKeepsTheVerdict",
             {{State::APPLIED, "2025-01-01"}, {State::IN_REVIEW, "2025-08-01"}},
             "2025-07-01",
             v1::IN_PIPELINE,
             {"IN_PIPELINE", "CHANGE_AHEAD"},
             "2025-01-01",
             ""},
        Case{"Terminated",
             {{State::ACTIVE, "2025-01-01"}, {State::TERMINATED, "2025-06-01"}},
             "2025-07-01",
             v1::ENDED,
             {"ENDED"},
             "2025-06-01",
             ""},
        Case{"Withdrawn",
             {{State::APPLIED, "2025-01-01"}, {State::WITHDRAWN, "2025-06-01"}},
             "2025-07-01",
             v1::ENDED,
             {"ENDED"},
             "2025-06-01",
             ""},
        Case{"Reinstated",
             {{State::ACTIVE, "2025-01-01"},
              {State::SUSPENDED, "2025-02-01"},
              {State::ACTIVE, "2025-03-01"}},
             "2025-03-01",
             v1::IN_FORCE,
             {"IN_FORCE"},
             "2025-03-01",
             ""},
        Case{"Undated", {{State::ACTIVE, ""}}, "2025-07-01", v1::IN_FORCE, {"IN_FORCE"}, "", ""},
        Case{"StateOfALaterContract",
             {{static_cast<State::State>(99), "2025-01-01"}},
             "2025-07-01",
             v1::NO_AGREEMENT,
             {"STATE_UNKNOWN"},
             "2025-01-01",
             ""}),
    [](const auto& tested) { return tested.param.name; });

TEST(AgreementStatus, AbsenceFromTheNewestListIsAReasonAndNoEnd) {
  const auto policy = TestPolicy();
  av1::Agreement agreement =
      MakeAgreement("agreements/1", "agencies/1", {{State::ACTIVE, "2025-03-05"}});
  agreement.mutable_participating()->set_lists_absent(3);
  const auto status =
      AgreementStatusOn(agreement, *policy->versions().front(), Zone(), Day("2025-07-01"));
  EXPECT_EQ(status.verdict(), v1::IN_FORCE);
  ASSERT_EQ(status.reasons_size(), 2);
  EXPECT_EQ(status.reasons(1).code(), "NOT_ON_NEWEST_LIST");
}

TEST(AgreementStatus, NamesTheClause) {
  const auto policy = TestPolicy();
  const PolicyView& view = *policy->versions().front();
  av1::Agreement agreement =
      MakeAgreement("agreements/1", "agencies/1", {{State::ACTIVE, "2025-03-05"}});
  const auto clause = [&] {
    return AgreementStatusOn(agreement, view, Zone(), Day("2025-07-01")).reasons(0).clause();
  };
  EXPECT_EQ(clause(), "policy v1: model AAA [DOC]");
  agreement.set_template_("AAA-1");
  EXPECT_EQ(clause(), "policy v1: template AAA-1 [DOC]");
  agreement.clear_template_();
  agreement.set_model("ZZZ");
  EXPECT_EQ(clause(), "no rule on record");
}

TEST(AgencyStatus, TakesTheBestVerdictAndTheFirstChange) {
  const auto policy = TestPolicy();
  av1::AgencyRecord record;
  *record.mutable_agency() = MakeAgency("agencies/1");
  *record.add_agreements() =
      MakeAgreement("agreements/ended", "agencies/1", {{State::TERMINATED, "2024-01-01"}});
  *record.add_agreements() =
      MakeAgreement("agreements/active", "agencies/1",
                    {{State::ACTIVE, "2025-01-01"}, {State::TERMINATED, "2025-12-01"}});
  *record.add_agreements() =
      MakeAgreement("agreements/suspended", "agencies/1",
                    {{State::SUSPENDED, "2025-01-01"}, {State::ACTIVE, "2025-08-15"}});
  record.add_open_discrepancies()->set_name("rosterDiscrepancies/1");
  const v1::AgencyStatus status =
      AgencyStatusOn(record, *policy->versions().front(), Zone(), Day("2025-07-01"));
  EXPECT_EQ(status.verdict(), v1::IN_FORCE);
  ASSERT_GE(status.reasons_size(), 1);
  for (const v1::Reason& reason : status.reasons()) EXPECT_EQ(reason.fact(), "agreements/active");
  EXPECT_EQ(FormatDate(*FromProto(status.valid_until())), "2025-08-15");
  EXPECT_EQ(status.agreements_size(), 3);
  EXPECT_EQ(status.open_discrepancies_size(), 1);
  EXPECT_EQ(status.policy_version(), "v1");
  EXPECT_EQ(status.basis(), av1::DERIVED);
  EXPECT_FALSE(status.fictitious());
}

TEST(AgencyStatus, WithoutAgreementsSaysSo) {
  const auto policy = TestPolicy();
  av1::AgencyRecord record;
  *record.mutable_agency() = MakeAgency("agencies/1");
  const v1::AgencyStatus status =
      AgencyStatusOn(record, *policy->versions().front(), Zone(), Day("2025-07-01"));
  EXPECT_EQ(status.verdict(), v1::NO_AGREEMENT);
  ASSERT_EQ(status.reasons_size(), 1);
  EXPECT_EQ(status.reasons(0).code(), "NO_AGREEMENT_ON_RECORD");
  EXPECT_EQ(status.reasons(0).fact(), "agencies/1");
}

TEST(AgencyStatus, TakesTheWeakestBasis) {
  const auto policy = TestPolicy();
  av1::AgencyRecord record;
  *record.mutable_agency() = MakeAgency("agencies/1");
  *record.add_agreements() =
      MakeAgreement("agreements/1", "agencies/1",
                    {{State::ACTIVE, "2025-01-01"}, {State::SUSPENDED, "2025-12-01"}});
  const auto basis = [&] {
    return AgencyStatusOn(record, *policy->versions().front(), Zone(), Day("2025-07-01")).basis();
  };
  auto& transitions = *record.mutable_agreements(0)->mutable_transitions();
  transitions[1].set_basis(av1::ASSUMED);  // Not in effect yet.
  EXPECT_EQ(basis(), av1::DERIVED);
  transitions[0].set_basis(av1::ESTIMATE);
  EXPECT_EQ(basis(), av1::ESTIMATE);
  record.mutable_agency()->set_fictitious(true);
  EXPECT_EQ(basis(), av1::SYNTHETIC);
}

}  // namespace
}  // namespace accord::gateway
