// Decisions about discrepancies, and what the next list makes of them.
#include "services/agreements/reconcile/decide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/agreements/reconcile/merge.h"
#include "tests/unit/agreements/in_memory_record.h"

namespace accord::agreements {
namespace {

using Discrepancy = v1::RosterDiscrepancy;
using testing::Contains;
using testing::HasSubstr;
using testing::Property;

RowText Row(const std::string& agency, const std::string& signed_text = "4/14/2025") {
  RowText row;
  row.agency = agency;
  row.signed_text = signed_text;
  return row;
}

RowText Link(RowText row, const std::string& file) {
  row.document = absl::StrCat("https://www.ice.gov/doclib/287gMOA/", file);
  return row;
}

class DecideTest : public testing::Test {
 protected:
  Plan Import(const std::vector<RowText>& rows, ImportOptions options) {
    options.allow_shrink = true;
    auto plan = memory_.Import(MakeList(rows), options);
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.ok() ? *std::move(plan) : Plan();
  }
  // The next day's participating list.
  Plan ImportNext(const std::vector<RowText>& rows) {
    return Import(rows, Participating(FormatDate(next_++)));
  }
  // The one open question of the kind.
  Decision On(Discrepancy::Kind kind) {
    const auto open = memory_.Open(kind);
    EXPECT_EQ(open.size(), 1) << Discrepancy::Kind_Name(kind);
    Decision decision;
    if (!open.empty()) decision.discrepancy = open[0]->name();
    decision.decided_by = "unit-chief";
    decision.reason = "checked by telephone";
    return decision;
  }
  const v1::Agreement& Agreement(const std::string& key, const std::string& model = "TFM") {
    static const auto& none = *new v1::Agreement();
    const v1::Agency* agency = memory_.record().AgencyByKey(key);
    const auto* found = agency ? memory_.record().CurrentAgreement(agency->name(), model) : nullptr;
    return found ? *found : none;
  }
  const Discrepancy& Question(const Decision& decision) {
    return *memory_.record().FindDiscrepancy(decision.discrepancy);
  }
  InMemoryRecord memory_;
  Date next_ = MakeDate(2025, 5, 1);
};

TEST_F(DecideTest, AcceptedRenameKeepsTheIdAndTheNextListIsUnchanged) {
  const std::string name =
      ImportNext({Row("City of Melbourne Police Department")}).rows[0].agency();
  ImportNext({Row("Melbourne Police Department")});
  const Decision decision = On(Discrepancy::POSSIBLE_RENAME);
  ASSERT_TRUE(memory_.Accept(decision).ok());
  const v1::Agency* agency = memory_.record().AgencyByKey("FL|melbourne police department");
  ASSERT_NE(agency, nullptr);
  EXPECT_EQ(agency->name(), name);
  EXPECT_THAT(agency->aliases(), Contains("Melbourne Police Department"));
  EXPECT_TRUE(Agreement("FL|melbourne police department").participating().listed());
  EXPECT_EQ(Question(decision).state(), Discrepancy::ACCEPTED);
  const Plan later = ImportNext({Row("Melbourne Police Department")});
  EXPECT_EQ(later.rows[0].code(), "AGREEMENT_KNOWN");
  EXPECT_EQ(memory_.Discrepancies().size(), 1);
  EXPECT_EQ(GetReason(memory_.Accept(decision)), "DISCREPANCY_DECIDED");
}

TEST_F(DecideTest, RejectedRenameCreatesTheAgencyAndIsNotAskedAgain) {
  ImportNext({Row("Indialantic Police Department")});
  ImportNext({Row("Indiatlantic Police Department")});
  const Decision decision = On(Discrepancy::POSSIBLE_RENAME);
  ASSERT_TRUE(memory_.Reject(decision).ok());
  EXPECT_EQ(memory_.record().agencies().size(), 2);
  EXPECT_EQ(Agreement("FL|indiatlantic police department").state(), v1::Agreement::ACTIVE);
  const Plan later = ImportNext({Row("Indiatlantic Police Department")});
  EXPECT_EQ(later.rows[0].outcome(), v1::UNCHANGED);
  // What nothing explains any more is an absence.
  EXPECT_EQ(memory_.Open(Discrepancy::NO_LONGER_LISTED).size(), 1);
  ImportNext({Row("Indialantic Police Department")});
  ImportNext({Row("Indiatlantic Police Department")});
  EXPECT_TRUE(memory_.Open(Discrepancy::POSSIBLE_RENAME).empty());
}

TEST_F(DecideTest, UndoneRenameIsAskedAgain) {
  ImportNext({Row("City of Melbourne Police Department")});
  ImportNext({Row("Melbourne Police Department")});
  const Decision decision = On(Discrepancy::POSSIBLE_RENAME);
  ASSERT_TRUE(memory_.Accept(decision).ok());
  ASSERT_TRUE(memory_.Undo(decision).ok());
  EXPECT_EQ(Question(decision).state(), Discrepancy::UNDONE);
  EXPECT_EQ(memory_.record().AgencyByKey("FL|melbourne police department"), nullptr);
  EXPECT_FALSE(Agreement("FL|city of melbourne police department").participating().listed());
  const Plan later = ImportNext({Row("Melbourne Police Department")});
  EXPECT_EQ(later.rows[0].code(), "POSSIBLE_RENAME");
  EXPECT_NE(later.rows[0].discrepancy(), decision.discrepancy);
}

TEST_F(DecideTest, UndoneRejectionDeletesWhatItCreated) {
  ImportNext({Row("Indialantic Police Department")});
  ImportNext({Row("Indiatlantic Police Department")});
  const Decision decision = On(Discrepancy::POSSIBLE_RENAME);
  ASSERT_TRUE(memory_.Reject(decision).ok());
  ASSERT_TRUE(memory_.Undo(decision).ok());
  EXPECT_EQ(memory_.record().agencies().size(), 1);
  EXPECT_EQ(memory_.record().agreements().size(), 1);
}

TEST_F(DecideTest, UndoIsRefusedWhenBuiltUponOrUndecided) {
  ImportNext({Row("Indialantic Police Department")});
  ImportNext({Row("Indiatlantic Police Department")});
  const Decision decision = On(Discrepancy::POSSIBLE_RENAME);
  EXPECT_EQ(GetReason(memory_.Undo(decision)), "PROPOSAL_STALE");
  ASSERT_TRUE(memory_.Accept(decision).ok());
  const DecisionFacts facts{memory_.record(), memory_.policy(), memory_.today(), memory_.issue()};
  const BeforeImage touched{"agencies/1", {}, true};
  EXPECT_EQ(GetReason(UndoDecision(facts, decision, {touched}).status()), "DECISION_BUILT_UPON");
}

TEST_F(DecideTest, RenameOfAnApplicationThatWasSignedActivatesIt) {
  Import({Row("Arnaudville Police Department, LA", "")}, Pending("2025-05-01"));
  Import({Row("Ocala Police Department", "")}, Pending("2025-05-02"));
  next_ = MakeDate(2025, 5, 10);
  ImportNext({Row("Arnaudville Police Department", "5/9/2025")});
  ASSERT_TRUE(memory_.Accept(On(Discrepancy::POSSIBLE_RENAME)).ok());
  const v1::Agreement& agreement = Agreement("FL|arnaudville police department");
  EXPECT_EQ(agreement.state(), v1::Agreement::ACTIVE);
  EXPECT_EQ(FromProto(agreement.effective_date()), MakeDate(2025, 5, 9));
}

TEST_F(DecideTest, RenameOfTwoRecordedAgenciesMergesIntoTheOlderName) {
  Import({Row("Lower Burrell Constable", ""), Row("X Police Department", "")},
         Pending("2025-05-01"));
  ImportNext({Row("Ocala Police Department")});
  ImportNext({Row("Ocala Police Department"), Row("Lower Burrell Constable's Office", "5/1/2025")});
  Import({Row("X Police Department", "")}, Pending("2025-05-02"));
  ASSERT_TRUE(memory_.Accept(On(Discrepancy::POSSIBLE_RENAME)).ok());
  const v1::Agreement& agreement = Agreement("FL|lower burrell constable");
  EXPECT_EQ(agreement.name(), Agreement("FL|lower burrell constable's office").name());
  EXPECT_EQ(agreement.state(), v1::Agreement::ACTIVE);
  EXPECT_TRUE(agreement.participating().listed());
  const Plan later = ImportNext(
      {Row("Ocala Police Department"), Row("Lower Burrell Constable's Office", "5/1/2025")});
  EXPECT_EQ(CountOutcome(later, v1::UNCHANGED), 2);
}

TEST_F(DecideTest, AcceptedDuplicateIsOneAgreementWithTwoRows) {
  const std::vector<RowText> rows = {Row("City of St. Cloud Police Department", "4/15/2025"),
                                     Row("St. Cloud Police Department", "4/14/2025")};
  ImportNext(rows);
  ASSERT_TRUE(memory_.Accept(On(Discrepancy::POSSIBLE_DUPLICATE)).ok());
  const Plan later = ImportNext(rows);
  EXPECT_EQ(later.rows[0].code(), "AGREEMENT_KNOWN");
  EXPECT_EQ(later.rows[1].code(), "AGREEMENT_REPEATED");
  EXPECT_EQ(later.rows[0].agreement(), later.rows[1].agreement());
  EXPECT_EQ(memory_.Discrepancies().size(), 1);
}

TEST_F(DecideTest, RejectedDuplicateIsNotAskedAgain) {
  const std::vector<RowText> rows = {Row("City of St. Cloud Police Department"),
                                     Row("St. Cloud Police Department")};
  ImportNext(rows);
  ASSERT_TRUE(memory_.Reject(On(Discrepancy::POSSIBLE_DUPLICATE)).ok());
  RowText wso = rows[1];
  wso.model = "Warrant Service Officer";
  ImportNext({rows[0], rows[1], wso});
  EXPECT_TRUE(memory_.Open(Discrepancy::POSSIBLE_DUPLICATE).empty());
}

TEST_F(DecideTest, UnmergedAgencyStandsAloneWithItsAgreements) {
  RowText wso = Row("St. Cloud Police Department");
  wso.model = "Warrant Service Officer";
  const std::vector<RowText> rows = {Row("City of St. Cloud Police Department"),
                                     Row("St. Cloud Police Department"), wso};
  const Plan first = ImportNext(rows);
  ASSERT_TRUE(memory_.Accept(On(Discrepancy::POSSIBLE_DUPLICATE)).ok());
  EXPECT_EQ(memory_.record().FindAgreement(first.rows[2].agreement())->agency(),
            first.rows[0].agency());
  Draft draft(memory_.record(), memory_.issue());
  ASSERT_TRUE(UnmergeAgency(first.rows[1].agency(), draft).ok());
  for (const auto& planned : WritesOf(draft).agencies) memory_.record().Put(planned.resource);
  for (const auto& planned : WritesOf(draft).agreements) memory_.record().Put(planned.resource);
  const Plan later = ImportNext(rows);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(later.rows[i].agreement(), first.rows[i].agreement()) << i;
  EXPECT_EQ(CountOutcome(later, v1::UNCHANGED), 3);
  Draft again(memory_.record(), memory_.issue());
  EXPECT_EQ(GetReason(UnmergeAgency(first.rows[1].agency(), again)), "NOT_MERGED");
}

TEST_F(DecideTest, MergesThatMakeNoSenseAreRefused) {
  RowText texan = Row("Ocala Police Department");
  texan.state = "TEXAS";
  const Plan plan =
      ImportNext({Row("Ocala Police Department"), Row("Cocoa Police Department"), texan});
  const auto merge = [&](int from, int into) {
    Draft draft(memory_.record(), memory_.issue());
    return GetReason(MergeAgencies(plan.rows[from].agency(), plan.rows[into].agency(), "x",
                                   memory_.today(), draft));
  };
  EXPECT_EQ(merge(0, 0), "MERGE_CONFLICT");
  EXPECT_EQ(merge(0, 2), "MERGE_CONFLICT");
  v1::Agency merged = *memory_.record().FindAgency(plan.rows[1].agency());
  merged.set_merged_into(plan.rows[0].agency());
  memory_.record().Put(merged);
  EXPECT_EQ(merge(1, 0), "ALREADY_MERGED");
  EXPECT_EQ(merge(0, 1), "MERGE_CONFLICT");
}

TEST_F(DecideTest, AcceptedSwitchSupersedesAndLinks) {
  RowText wso = Row("Butler County Sheriff's Office", "4/22/2025");
  wso.model = "Warrant Service Officer";
  ImportNext({wso, Row("Ocala Police Department")});
  ImportNext({Row("Ocala Police Department")});
  ImportNext({Row("Ocala Police Department"), Row("Butler County Sheriff's Office", "5/2/2025")});
  ASSERT_TRUE(memory_.Accept(On(Discrepancy::POSSIBLE_MODEL_SWITCH)).ok());
  const v1::Agreement& old = Agreement("FL|butler county sheriff's office", "WSO");
  const v1::Agreement& next = Agreement("FL|butler county sheriff's office", "TFM");
  EXPECT_EQ(old.state(), v1::Agreement::SUPERSEDED);
  EXPECT_EQ(FromProto(old.transitions(1).effective_date()), MakeDate(2025, 5, 2));
  EXPECT_EQ(old.successor(), next.name());
  EXPECT_EQ(next.predecessor(), old.name());
  ImportNext({Row("Ocala Police Department"), Row("Butler County Sheriff's Office", "5/2/2025")});
  EXPECT_TRUE(memory_.Open(Discrepancy::NO_LONGER_LISTED).empty());
}

TEST_F(DecideTest, AcceptedReassignmentMovesTheAgreement) {
  const std::string agreement =
      ImportNext({Link(Row("Alpha Police Department"), "S_TFM.pdf")}).rows[0].agreement();
  const std::vector<RowText> after = {Link(Row("Omega Harbor Authority"), "S_TFM.pdf")};
  ImportNext(after);
  ASSERT_TRUE(memory_.Accept(On(Discrepancy::REASSIGNMENT)).ok());
  EXPECT_EQ(Agreement("FL|omega harbor authority").name(), agreement);
  EXPECT_EQ(ImportNext(after).rows[0].outcome(), v1::UNCHANGED);
}

TEST_F(DecideTest, AcceptedDateMovesTheSigningAndKeepsTheOldValue) {
  ImportNext({Row("Ocala Police Department", "4/14/2025")});
  ImportNext({Row("Ocala Police Department", "4/15/2025")});
  ASSERT_TRUE(memory_.Accept(On(Discrepancy::DATE_CONFLICT)).ok());
  const v1::Agreement& agreement = Agreement("FL|ocala police department");
  EXPECT_EQ(FromProto(agreement.effective_date()), MakeDate(2025, 4, 15));
  EXPECT_EQ(FromProto(agreement.transitions(0).effective_date()), MakeDate(2025, 4, 15));
  EXPECT_THAT(agreement.provenance(),
              Contains(Property(&v1::Provenance::source, HasSubstr("earlier value 2025-04-14"))));
  EXPECT_EQ(ImportNext({Row("Ocala Police Department", "4/15/2025")}).rows[0].code(),
            "AGREEMENT_KNOWN");
  // The same doubt may arise again after the list went back and forth.
  ImportNext({Row("Ocala Police Department", "4/14/2025")});
  ASSERT_TRUE(memory_.Accept(On(Discrepancy::DATE_CONFLICT)).ok());
  EXPECT_EQ(ImportNext({Row("Ocala Police Department", "4/15/2025")}).rows[0].code(),
            "SIGNED_CHANGED");
}

TEST_F(DecideTest, RejectedDateIsNotAskedAgain) {
  ImportNext({Row("Ocala Police Department", "4/14/2025")});
  ImportNext({Row("Ocala Police Department", "4/15/2025")});
  ASSERT_TRUE(memory_.Reject(On(Discrepancy::DATE_CONFLICT)).ok());
  const Plan later = ImportNext({Row("Ocala Police Department", "4/15/2025")});
  EXPECT_EQ(later.rows[0].outcome(), v1::UNCHANGED);
  EXPECT_EQ(later.rows[0].code(), "SIGNED_KEPT");
  EXPECT_EQ(ImportNext({Row("Ocala Police Department", "4/16/2025")}).rows[0].code(),
            "SIGNED_CHANGED");
}

TEST_F(DecideTest, DateThatContradictsLaterMovesIsRefused) {
  const std::string name = ImportNext({Row("Ocala Police Department")}).rows[0].agreement();
  v1::Agreement suspended = *memory_.record().FindAgreement(name);
  v1::Transition& transition = *suspended.add_transitions();
  transition.set_state(v1::Agreement::SUSPENDED);
  *transition.mutable_effective_date() = ToProto(MakeDate(2025, 4, 20));
  memory_.record().Put(suspended);
  ImportNext({Row("Ocala Police Department", "4/25/2025")});
  const Decision decision = On(Discrepancy::DATE_CONFLICT);
  EXPECT_EQ(GetReason(memory_.Accept(decision)), "DATE_OUT_OF_ORDER");
  EXPECT_EQ(Question(decision).state(), Discrepancy::OPEN);
}

TEST_F(DecideTest, AcceptedRepairOfADateHoldsAgainstTheSameText) {
  ImportNext({Row("Ocala Police Department", "04/082025")});
  ASSERT_TRUE(memory_.Accept(On(Discrepancy::IMPLAUSIBLE_DATE)).ok());
  const v1::Agreement& agreement = Agreement("FL|ocala police department");
  EXPECT_EQ(FromProto(agreement.effective_date()), MakeDate(2025, 4, 8));
  EXPECT_EQ(agreement.transitions(0).basis(), v1::RECORD);
  EXPECT_EQ(ImportNext({Row("Ocala Police Department", "04/082025")}).rows[0].outcome(),
            v1::UNCHANGED);
  EXPECT_EQ(memory_.Discrepancies().size(), 1);
}

TEST_F(DecideTest, DateWithoutObviousRepairNeedsOne) {
  ImportNext({Row("Ocala Police Department", "soon")});
  Decision decision = On(Discrepancy::IMPLAUSIBLE_DATE);
  EXPECT_EQ(GetReason(memory_.Accept(decision)), "INVALID_FIELDS");
  decision.effective_date = MakeDate(2025, 4, 30);
  EXPECT_TRUE(memory_.Accept(decision).ok());
}

TEST_F(DecideTest, AcceptedWrongLinkIsClearedAndNotTakenAgain) {
  const RowText row =
      Link(Row("Sebastian Police Department"), "SatelliteBeachPoliceDeptFL_TFM.pdf");
  ImportNext({row});
  ASSERT_TRUE(memory_.Accept(On(Discrepancy::WRONG_DOCUMENT_LINK)).ok());
  const v1::Agreement& agreement = Agreement("FL|sebastian police department");
  EXPECT_TRUE(agreement.document_uri().empty());
  EXPECT_THAT(agreement.provenance(),
              Contains(Property(&v1::Provenance::source, HasSubstr("SatelliteBeach"))));
  const Plan later = ImportNext({row, Row("Ocala Police Department")});
  EXPECT_EQ(later.rows[0].outcome(), v1::UNCHANGED);
  EXPECT_TRUE(agreement.document_uri().empty());
}

TEST_F(DecideTest, WrongLinkNeverReplacesAGoodOneUntilAPersonSaysSo) {
  const std::string good = "https://www.ice.gov/doclib/287gMOA/SebastianPoliceDeptFL_TFM.pdf";
  ImportNext({Link(Row("Sebastian Police Department"), "SebastianPoliceDeptFL_TFM.pdf")});
  const RowText row =
      Link(Row("Sebastian Police Department"), "SatelliteBeachPoliceDeptFL_TFM.pdf");
  ImportNext({row});
  const v1::Agreement& agreement = Agreement("FL|sebastian police department");
  EXPECT_EQ(agreement.document_uri(), good);
  ASSERT_TRUE(memory_.Reject(On(Discrepancy::WRONG_DOCUMENT_LINK)).ok());
  EXPECT_EQ(agreement.document_uri(), row.document);
  EXPECT_EQ(ImportNext({row, Row("Ocala Police Department")}).rows[0].outcome(), v1::UNCHANGED);
  // The person's word holds when the publisher goes back and forth.
  ImportNext({Link(Row("Sebastian Police Department"), "SebastianPoliceDeptFL_TFM.pdf")});
  ImportNext({row});
  EXPECT_EQ(agreement.document_uri(), row.document);
}

TEST_F(DecideTest, AbsenceNeedsAnEndAndADate) {
  ImportNext({Row("Ocala Police Department"), Row("Cocoa Police Department", "4/2/2025")});
  ImportNext({Row("Ocala Police Department")});
  Decision decision = On(Discrepancy::NO_LONGER_LISTED);
  EXPECT_EQ(GetReason(memory_.Accept(decision)), "INVALID_FIELDS");
  decision.effective_date = MakeDate(2025, 5, 2);
  decision.end_state = v1::Agreement::WITHDRAWN;
  EXPECT_EQ(GetReason(memory_.Accept(decision)), "ILLEGAL_TRANSITION");
  decision.end_state = v1::Agreement::TERMINATED;
  ASSERT_TRUE(memory_.Accept(decision).ok());
  EXPECT_EQ(Agreement("FL|cocoa police department").state(), v1::Agreement::TERMINATED);
  // A list that lags behind brings nothing back; a later signature is a new agreement.
  Plan later =
      ImportNext({Row("Ocala Police Department"), Row("Cocoa Police Department", "4/2/2025")});
  EXPECT_EQ(later.rows[1].code(), "AGREEMENT_ENDED");
  later = ImportNext({Row("Ocala Police Department"), Row("Cocoa Police Department", "5/3/2025")});
  EXPECT_EQ(later.rows[1].code(), "AGREEMENT_NEW");
  EXPECT_FALSE(Agreement("FL|cocoa police department").predecessor().empty());
}

}  // namespace
}  // namespace accord::agreements
