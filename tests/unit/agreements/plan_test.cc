// The rules of a single import, on lists of a few rows.
#include "services/agreements/reconcile/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "tests/unit/agreements/in_memory_record.h"

namespace accord::agreements {
namespace {

using Discrepancy = v1::RosterDiscrepancy;
using Import = v1::RosterImport;
using testing::HasSubstr;

RowText Row(const std::string& agency, const std::string& signed_text = "4/14/2025") {
  RowText row;
  row.agency = agency;
  row.signed_text = signed_text;
  return row;
}

RowText Sheriff(const std::string& state, const std::string& county,
                const std::string& signed_text = "4/14/2025") {
  RowText row = Row(county + " County Sheriff's Office", signed_text);
  row.state = state;
  row.type = "County";
  return row;
}

class PlanTest : public testing::Test {
 protected:
  Plan Import(const std::vector<RowText>& rows, const ImportOptions& options) {
    auto plan = memory_.Import(MakeList(rows), options);
    EXPECT_TRUE(plan.ok()) << plan.status();
    return plan.ok() ? *std::move(plan) : Plan();
  }
  const v1::Agreement& Agreement(const std::string& key, const std::string& model = "TFM") {
    static const auto& none = *new v1::Agreement();
    const v1::Agency* agency = memory_.record().AgencyByKey(key);
    const auto* found = agency ? memory_.record().CurrentAgreement(agency->name(), model) : nullptr;
    return found ? *found : none;
  }
  const Discrepancy* Only(Discrepancy::Kind kind) {
    const auto open = memory_.Open(kind);
    return open.size() == 1 ? open[0] : nullptr;
  }
  InMemoryRecord memory_;
};

// ---- Rows that are left out.

struct RejectionCase {
  std::string code;
  RowText row;
};
class RejectedRow : public PlanTest, public testing::WithParamInterface<RejectionCase> {};

TEST_P(RejectedRow, IsCountedAndSaysWhy) {
  const Plan plan =
      Import({Row("Ocala Police Department"), GetParam().row}, Participating("2025-05-01"));
  EXPECT_EQ(plan.rows.at(1).outcome(), v1::REJECTED);
  EXPECT_EQ(plan.rows.at(1).code(), GetParam().code);
  EXPECT_EQ(plan.header.rows(), 2);
  EXPECT_EQ(memory_.record().agreements().size(), 1);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, RejectedRow,
    testing::Values(RejectionCase{"STATE_MISSING", {.state = " ", .agency = "A"}},
                    RejectionCase{"AGENCY_MISSING", {.agency = ""}},
                    RejectionCase{"MODEL_MISSING", {.agency = "A", .model = ""}},
                    RejectionCase{"STATE_UNKNOWN", {.state = "NARNIA", .agency = "A"}},
                    RejectionCase{"MODEL_UNKNOWN", {.agency = "A", .model = "Moon Model"}},
                    RejectionCase{"DUPLICATE_ROW", {.agency = "OCALA  Police Department"}}),
    [](const auto& info) { return info.param.code; });

TEST_F(PlanTest, MisspeltStateIsTheState) {
  RowText row = Sheriff("UTAHJ", "Weber");
  Import({row}, Participating("2025-05-01"));
  EXPECT_EQ(Agreement("UT|weber county sheriff's office").agency_state(), "UT");
}

// ---- Life cycle.

TEST_F(PlanTest, ParticipatingRowIsActiveSinceItsSignature) {
  const Plan plan = Import({Row("Ocala Police Department")}, Participating("2025-05-01"));
  EXPECT_EQ(plan.rows[0].outcome(), v1::NEW);
  const v1::Agreement& agreement = Agreement("FL|ocala police department");
  EXPECT_EQ(agreement.state(), v1::Agreement::ACTIVE);
  EXPECT_EQ(FromProto(agreement.effective_date()), MakeDate(2025, 4, 14));
  ASSERT_EQ(agreement.transitions_size(), 1);
  EXPECT_EQ(agreement.transitions(0).basis(), v1::RECORD);
  EXPECT_EQ(agreement.transitions(0).source(), plan.rows[0].name());
}

TEST_F(PlanTest, PendingBecomesActiveAndGivesWayToTheSignature) {
  Import({Row("Ocala Police Department", "")}, Pending("2025-05-01"));
  EXPECT_EQ(Agreement("FL|ocala police department").state(), v1::Agreement::PENDING);
  const Plan plan =
      Import({Row("Ocala Police Department", "4/14/2025")}, Participating("2025-05-02"));
  EXPECT_EQ(plan.rows[0].code(), "AGREEMENT_ACTIVATED");
  const v1::Agreement& agreement = Agreement("FL|ocala police department");
  ASSERT_EQ(agreement.transitions_size(), 2);
  EXPECT_EQ(FromProto(agreement.transitions(0).effective_date()), MakeDate(2025, 4, 14));
  EXPECT_EQ(FromProto(agreement.transitions(1).effective_date()), MakeDate(2025, 4, 14));
  EXPECT_EQ(agreement.state(), v1::Agreement::ACTIVE);
}

TEST_F(PlanTest, PendingRowOfAnActiveAgreementChangesNoState) {
  Import({Row("Ocala Police Department")}, Participating("2025-05-01"));
  const Plan plan = Import({Row("Ocala Police Department", "")}, Pending("2025-05-02"));
  EXPECT_EQ(plan.rows[0].outcome(), v1::UNCHANGED);
  EXPECT_EQ(Agreement("FL|ocala police department").state(), v1::Agreement::ACTIVE);
  EXPECT_TRUE(Agreement("FL|ocala police department").pending().listed());
}

TEST_F(PlanTest, DateThatAppearsMovesTheAssumedStart) {
  Import({Row("Ocala Police Department", "")}, Participating("2025-05-01"));
  EXPECT_EQ(Agreement("FL|ocala police department").transitions(0).basis(), v1::ASSUMED);
  const Plan plan = Import({Row("Ocala Police Department")}, Participating("2025-05-02"));
  EXPECT_EQ(plan.rows[0].code(), "SIGNED_RECORDED");
  const v1::Agreement& agreement = Agreement("FL|ocala police department");
  EXPECT_EQ(agreement.transitions(0).basis(), v1::RECORD);
  EXPECT_EQ(FromProto(agreement.transitions(0).effective_date()), MakeDate(2025, 4, 14));
}

TEST_F(PlanTest, PlacesAnAgencyAndFillsItsCountyLater) {
  RowText row = Row("Nixon Police Department");
  row.state = "TEXAS";
  Import({row}, Participating("2025-05-01"));
  EXPECT_EQ(Agreement("TX|nixon police department").field_office(), "");
  row.county = "Gonzales County";
  const Plan plan = Import({row}, Participating("2025-05-02"));
  EXPECT_EQ(plan.rows[0].code(), "COUNTY_CHANGED");
  EXPECT_EQ(Agreement("TX|nixon police department").field_office(), "fieldOffices/san-antonio");
}

TEST_F(PlanTest, WhatIsAskedAboutAnAgencyIsPlacedWithIt) {
  RowText row = Row("Nixon Police Department", "soon");
  row.state = "TEXAS";
  Import({row}, Participating("2025-05-01"));
  ASSERT_NE(Only(Discrepancy::IMPLAUSIBLE_DATE), nullptr);
  EXPECT_EQ(Only(Discrepancy::IMPLAUSIBLE_DATE)->field_office(), "");
  row.county = "Gonzales County";
  Import({row}, Participating("2025-05-02"));
  ASSERT_NE(Only(Discrepancy::IMPLAUSIBLE_DATE), nullptr);
  EXPECT_EQ(Only(Discrepancy::IMPLAUSIBLE_DATE)->field_office(), "fieldOffices/san-antonio");
}

// ---- Lists.

TEST_F(PlanTest, SameContentAndDateIsAlreadyImported) {
  const std::vector<RowText> rows = {Row("Ocala Police Department")};
  Import(rows, Participating("2025-05-01"));
  const Plan again = Import(rows, Participating("2025-05-01"));
  EXPECT_EQ(again.header.state(), Import::ALREADY_IMPORTED);
  EXPECT_TRUE(again.rows.empty());
  const Plan later = Import(rows, Participating("2025-05-02"));
  EXPECT_EQ(CountOutcome(later, v1::UNCHANGED), 1);
  EXPECT_EQ(FromProto(Agreement("FL|ocala police department").participating().last_listed_date()),
            MakeDate(2025, 5, 2));
}

TEST_F(PlanTest, ShrunkParticipatingListIsRefusedPendingWarns) {
  const std::vector<RowText> ten = [] {
    std::vector<RowText> rows;
    for (char c = 'A'; c < 'K'; ++c) rows.push_back(Row(std::string(3, c) + " Police Department"));
    return rows;
  }();
  const std::vector<RowText> six(ten.begin(), ten.begin() + 6);
  const std::vector<RowText> seven(ten.begin(), ten.begin() + 7);
  Import(ten, Participating("2025-05-01"));
  const auto refused = memory_.Import(MakeList(six), Participating("2025-05-02"));
  EXPECT_EQ(GetReason(refused.status()), "ROSTER_SHRUNK");
  Import(seven, Participating("2025-05-02"));
  ImportOptions allowed = Participating("2025-05-03");
  allowed.allow_shrink = true;
  Import({ten[0]}, allowed);
  Import(ten, Pending("2025-05-01"));
  EXPECT_THAT(Import(six, Pending("2025-05-02")).header.warnings(),
              testing::ElementsAre(HasSubstr("the last one 10")));
}

TEST_F(PlanTest, OlderListIsHistoryAndOnlyMovesTheFirstListing) {
  Import({Row("Ocala Police Department"), Row("Cocoa Police Department")},
         Participating("2025-05-10"));
  const auto refused = memory_.Import(MakeList({Row("Ocala Police Department"), Row("Gone PD")}),
                                      Participating("2025-05-01"));
  EXPECT_EQ(GetReason(refused.status()), "ROSTER_OUT_OF_ORDER");
  ImportOptions history = Participating("2025-05-01");
  history.history = true;
  const Plan plan = Import({Row("Ocala Police Department", "4/20/2025"), Row("Gone PD")}, history);
  EXPECT_EQ(plan.rows[0].code(), "HISTORY_EARLIER");
  EXPECT_EQ(plan.rows[1].code(), "HISTORY_UNKNOWN");
  const v1::Agreement& agreement = Agreement("FL|ocala police department");
  EXPECT_EQ(FromProto(agreement.participating().first_listed_date()), MakeDate(2025, 5, 1));
  EXPECT_EQ(FromProto(agreement.participating().last_listed_date()), MakeDate(2025, 5, 10));
  EXPECT_EQ(FromProto(agreement.published_signed_date()), MakeDate(2025, 4, 14));
  EXPECT_EQ(memory_.record().agreements().size(), 2);
  EXPECT_TRUE(memory_.Discrepancies().empty());
  EXPECT_TRUE(Agreement("FL|cocoa police department").participating().listed());
}

struct DateCase {
  std::string title;
  std::string file_name;
  std::string newest_signature;
  std::string as_of;
  std::string expected;
  Import::DateBasis basis;
};
class ListDateRule : public PlanTest, public testing::WithParamInterface<DateCase> {};

TEST_P(ListDateRule, DecidesTheDateOfRecord) {
  ImportOptions options;
  options.file_name = GetParam().file_name;
  options.kind = Import::PARTICIPATING;
  options.as_of = ParseDate(GetParam().as_of);
  const Plan plan = Import({Row("Ocala Police Department", GetParam().newest_signature),
                            Row("Cocoa Police Department", "7/7/5025")},
                           options);
  const auto as_of = FromProto(plan.header.as_of_date());
  ASSERT_TRUE(as_of.has_value());
  EXPECT_EQ(FormatDate(*as_of), GetParam().expected);
  EXPECT_EQ(plan.header.as_of_basis(), GetParam().basis);
}

INSTANTIATE_TEST_SUITE_P(
    Sources, ListDateRule,
    testing::Values(DateCase{"Name", "participatingAgencies05162025am.xlsx", "5/13/2025", "",
                             "2025-05-16", Import::FILE_NAME},
                    DateCase{"NewerSignature", "participatingAgencies01062025pm.xlsx", "5/13/2025",
                             "", "2025-05-13", Import::NEWEST_SIGNATURE},
                    DateCase{"SignatureAfterCaptureDoesNotCount",
                             "20250517_participatingAgencies05162025am.xlsx", "5/18/2025", "",
                             "2025-05-16", Import::FILE_NAME},
                    DateCase{"Capture", "20250517_participatingAgencies.xlsx", "5/13/2025", "",
                             "2025-05-17", Import::CAPTURE},
                    DateCase{"OnlySignatures", "list.xlsx", "5/13/2025", "", "2025-05-13",
                             Import::NEWEST_SIGNATURE},
                    DateCase{"Caller", "participatingAgencies05162025am.xlsx", "5/13/2025",
                             "2025-05-20", "2025-05-20", Import::CALLER}),
    [](const auto& info) { return info.param.title; });

TEST_F(PlanTest, ListWithoutKindOrDateIsRefused) {
  ImportOptions options;
  options.file_name = "list.xlsx";
  EXPECT_EQ(GetReason(memory_.Import(MakeList({Row("A PD")}), options).status()),
            "ROSTER_KIND_UNKNOWN");
  options.kind = Import::PENDING;
  EXPECT_EQ(GetReason(memory_.Import(MakeList({Row("A PD", "")}), options).status()),
            "ROSTER_DATE_UNKNOWN");
}

// ---- Dates that cannot be right, or changed.

struct ImplausibleCase {
  std::string title;
  std::string signed_text;
  std::string proposed;
};
class ImplausibleDate : public PlanTest, public testing::WithParamInterface<ImplausibleCase> {};

TEST_P(ImplausibleDate, KeepsTheRowAndAsks) {
  const Plan plan =
      Import({Row("Ocala Police Department", GetParam().signed_text)}, Participating("2025-05-01"));
  EXPECT_EQ(plan.rows[0].outcome(), v1::NEW);
  const Discrepancy* question = Only(Discrepancy::IMPLAUSIBLE_DATE);
  ASSERT_NE(question, nullptr);
  EXPECT_EQ(plan.rows[0].discrepancy(), question->name());
  EXPECT_EQ(FromProto(question->proposed_date()), ParseDate(GetParam().proposed));
  EXPECT_FALSE(Agreement("FL|ocala police department").has_published_signed_date());
  // The next list asks nothing more.
  Import({Row("Ocala Police Department", GetParam().signed_text), Row("Cocoa Police Department")},
         Participating("2025-05-02"));
  EXPECT_EQ(memory_.Discrepancies().size(), 1);
  // A plausible date answers it.
  Import({Row("Ocala Police Department", "4/14/2025"), Row("Cocoa Police Department")},
         Participating("2025-05-03"));
  EXPECT_EQ(memory_.Discrepancies()[0]->state(), Discrepancy::CLOSED_BY_LIST);
}

INSTANTIATE_TEST_SUITE_P(Values, ImplausibleDate,
                         testing::Values(ImplausibleCase{"Text", "05/082025", "2025-05-08"},
                                         ImplausibleCase{"Year5025", "5/7/5025", "2025-05-07"},
                                         ImplausibleCase{"Future", "12/31/2025", ""},
                                         ImplausibleCase{"BeforeTheStatute", "4/14/1925",
                                                         "2025-04-14"},
                                         ImplausibleCase{"NoDate", "soon", ""}),
                         [](const auto& info) { return info.param.title; });

TEST_F(PlanTest, MistypedFormOfTheRecordedDateIsNoQuestion) {
  Import({Row("Ocala Police Department", "4/8/2025")}, Participating("2025-05-01"));
  Import({Row("Ocala Police Department", "04/082025")}, Participating("2025-05-02"));
  EXPECT_TRUE(memory_.Discrepancies().empty());
}

TEST_F(PlanTest, ChangedDateWaitsAndAReversalCloses) {
  Import({Row("Ocala Police Department", "4/14/2025")}, Participating("2025-05-01"));
  const Plan changed =
      Import({Row("Ocala Police Department", "4/15/2025")}, Participating("2025-05-02"));
  EXPECT_EQ(changed.rows[0].outcome(), v1::NEEDS_REVIEW);
  EXPECT_EQ(changed.rows[0].code(), "SIGNED_CHANGED");
  EXPECT_EQ(changed.header.dates_changed(), 1);
  EXPECT_EQ(FromProto(Agreement("FL|ocala police department").published_signed_date()),
            MakeDate(2025, 4, 14));
  Import({Row("Ocala Police Department", "4/14/2025")}, Participating("2025-05-03"));
  ASSERT_EQ(memory_.Discrepancies().size(), 1);
  EXPECT_EQ(memory_.Discrepancies()[0]->state(), Discrepancy::CLOSED_BY_LIST);
}

// ---- Names.

TEST_F(PlanTest, RenameIsHeldOnceAndNothingIsCreated) {
  Import({Row("City of Melbourne Police Department")}, Participating("2025-05-01"));
  const Plan renamed = Import({Row("Melbourne Police Department")}, Participating("2025-05-02"));
  EXPECT_EQ(renamed.rows[0].outcome(), v1::NEEDS_REVIEW);
  EXPECT_EQ(renamed.rows[0].code(), "POSSIBLE_RENAME");
  const Plan later = Import({Row("Melbourne Police Department")}, Participating("2025-05-03"));
  const Discrepancy* question = Only(Discrepancy::POSSIBLE_RENAME);
  ASSERT_NE(question, nullptr);
  EXPECT_EQ(later.rows[0].discrepancy(), question->name());
  EXPECT_EQ(question->last_import(), later.header.name());
  EXPECT_EQ(question->held_row().name(), later.rows[0].name());
  EXPECT_EQ(memory_.record().agencies().size(), 1);
  EXPECT_EQ(memory_.Discrepancies().size(), 1);
}

TEST_F(PlanTest, RenameIsClosedWhenTheOldNameReturns) {
  Import({Row("Indialantic Police Department")}, Participating("2025-05-01"));
  Import({Row("Indiatlantic Police Department")}, Participating("2025-05-02"));
  const Plan back = Import({Row("Indialantic Police Department")}, Participating("2025-05-03"));
  EXPECT_EQ(back.rows[0].outcome(), v1::UNCHANGED);
  EXPECT_EQ(memory_.Discrepancies()[0]->state(), Discrepancy::CLOSED_BY_LIST);
}

TEST_F(PlanTest, RenameIsClosedWhenItsRowLeavesToo) {
  Import({Row("Indialantic Police Department"), Row("Ocala Police Department", "4/1/2025")},
         Participating("2025-05-01"));
  Import({Row("Indiatlantic Police Department"), Row("Ocala Police Department", "4/1/2025")},
         Participating("2025-05-02"));
  ImportOptions options = Participating("2025-05-03");
  options.allow_shrink = true;
  Import({Row("Ocala Police Department", "4/1/2025")}, options);
  EXPECT_TRUE(memory_.Open(Discrepancy::POSSIBLE_RENAME).empty());
  EXPECT_NE(Only(Discrepancy::NO_LONGER_LISTED), nullptr);
}

TEST_F(PlanTest, NamesListedTogetherAfterAllAreTwoAgencies) {
  Import({Row("Indialantic Police Department")}, Participating("2025-05-01"));
  Import({Row("Indiatlantic Police Department")}, Participating("2025-05-02"));
  const Plan both =
      Import({Row("Indialantic Police Department"), Row("Indiatlantic Police Department")},
             Participating("2025-05-03"));
  EXPECT_EQ(RowOf(both, "Indiatlantic Police Department").outcome(), v1::NEW);
  EXPECT_TRUE(memory_.Open(Discrepancy::POSSIBLE_RENAME).empty());
}

TEST_F(PlanTest, AlikeNameIsNoRenameOfAnAgencyThatIsStillListed) {
  RowText lakeland_wso = Row("Lakeland Police Department", "");
  lakeland_wso.model = "Warrant Service Officer";
  Import({Row("Lakeland Police Department", ""), lakeland_wso}, Pending("2025-05-01"));
  const Plan plan =
      Import({Row("Oakland Police Department", ""), lakeland_wso}, Pending("2025-05-02"));
  EXPECT_EQ(plan.rows[0].outcome(), v1::NEW);
}

TEST_F(PlanTest, SameNameStillPendingIsARenameWhenItLeavesNotADuplicate) {
  Import({Row("City of Cocoa Police Department", ""), Row("X Police Department", "")},
         Pending("2025-05-01"));
  Import({Row("Ocala Police Department")}, Participating("2025-05-01"));
  Import({Row("Ocala Police Department"), Row("Cocoa Police Department", "5/1/2025")},
         Participating("2025-05-02"));
  EXPECT_TRUE(memory_.Discrepancies().empty());
  Import({Row("X Police Department", "")}, Pending("2025-05-02"));
  EXPECT_NE(Only(Discrepancy::POSSIBLE_RENAME), nullptr);
}

TEST_F(PlanTest, UnlikeNameWithTheSameDocumentIsAReassignment) {
  RowText before = Row("Alpha Police Department");
  before.document = "https://www.ice.gov/doclib/287gMOA/Shared_TFM.pdf";
  RowText after = before;
  after.agency = "Omega Harbor Authority";
  Import({before}, Participating("2025-05-01"));
  const Plan plan = Import({after}, Participating("2025-05-02"));
  EXPECT_EQ(plan.rows[0].code(), "REASSIGNMENT");
}

TEST_F(PlanTest, DateThatFitsTwoRowsExplainsNothing) {
  Import({Row("Alpha Police Department")}, Participating("2025-05-01"));
  ImportOptions options = Participating("2025-05-02");
  const Plan plan = Import({Row("Omega Harbor Authority"), Row("Delta Marina Authority")}, options);
  EXPECT_EQ(CountOutcome(plan, v1::NEW), 2);
  EXPECT_NE(Only(Discrepancy::NO_LONGER_LISTED), nullptr);
}

TEST_F(PlanTest, SameNameOnOneListIsADuplicateForAPerson) {
  const Plan plan =
      Import({Row("City of Zephyrhills Police Department"), Row("Zephyrhills Police Department")},
             Participating("2025-05-01"));
  EXPECT_EQ(CountOutcome(plan, v1::NEW), 2);
  EXPECT_NE(Only(Discrepancy::POSSIBLE_DUPLICATE), nullptr);
}

struct PendingPair {
  std::string title, state, before, after;
};
class PendingRename : public PlanTest, public testing::WithParamInterface<PendingPair> {};

TEST_P(PendingRename, IsProposedWhenOneLeavesAsTheOtherEnters) {
  RowText before = Row(GetParam().before, "");
  before.state = GetParam().state;
  RowText after = before;
  after.agency = GetParam().after;
  Import({before, Row("Ocala Police Department", "")}, Pending("2025-05-01"));
  Import({Row("Ocala Police Department", "")}, Pending("2025-05-02"));
  after.signed_text = "5/1/2025";
  const Plan plan = Import({after}, Participating("2025-05-03"));
  EXPECT_EQ(plan.rows[0].code(), "POSSIBLE_RENAME");
}

INSTANTIATE_TEST_SUITE_P(
    Pairs, PendingRename,
    testing::Values(PendingPair{"StateSuffix", "LOUISIANA", "Arnaudville Police Department, LA",
                                "Arnaudville Police Department"},
                    PendingPair{"Parish", "LOUISIANA", "Lafourche County Sheriff's Office",
                                "Lafourche Parish Sheriff's Office"},
                    PendingPair{"Constable", "PENNSYLVANIA", "East Donegal Township Constable",
                                "East Donegal Township Constables Office"}),
    [](const auto& info) { return info.param.title; });

TEST_F(PlanTest, PendingNameStillListedIsRenamedWhenItLeaves) {
  Import({Row("Lower Burrell Constable", ""), Row("X Police Department", "")},
         Pending("2025-05-01"));
  Import({Row("Ocala Police Department")}, Participating("2025-05-01"));
  Import({Row("Ocala Police Department"), Row("Lower Burrell Constable's Office", "5/1/2025")},
         Participating("2025-05-02"));
  EXPECT_TRUE(memory_.Discrepancies().empty());
  Import({Row("X Police Department", "")}, Pending("2025-05-02"));
  const Discrepancy* question = Only(Discrepancy::POSSIBLE_RENAME);
  ASSERT_NE(question, nullptr);
  EXPECT_FALSE(question->has_held_row());
  EXPECT_FALSE(question->other_agreement().empty());
}

// Different agencies, however alike: never a rename, never a duplicate.
struct DistinctPair {
  std::string state, a, b;
};
class DistinctAgencies : public PlanTest, public testing::WithParamInterface<DistinctPair> {};

TEST_P(DistinctAgencies, AreNotProposedAsOne) {
  const RowText a = Sheriff(GetParam().state, GetParam().a);
  const RowText b = Sheriff(GetParam().state, GetParam().b);
  const RowText c = Sheriff(GetParam().state, "Elsewhere", "1/2/2025");
  RowText pending_a = a;
  pending_a.signed_text = "";
  RowText pending_b = b;
  pending_b.signed_text = "";
  pending_a.model = pending_b.model = "Warrant Service Officer";
  RowText pending_c = c;
  pending_c.signed_text = "";
  // Together, then one leaving as the other enters, on both kinds of list.
  Import({a, b, c}, Participating("2025-05-01"));
  Import({pending_a, pending_c}, Pending("2025-05-01"));
  Import({pending_b, pending_c}, Pending("2025-05-02"));
  InMemoryRecord other;
  ASSERT_TRUE(other.Import(MakeList({a, c}), Participating("2025-05-01")).ok());
  ASSERT_TRUE(other.Import(MakeList({b, c}), Participating("2025-05-02")).ok());
  for (const InMemoryRecord* memory : {&memory_, &other}) {
    for (const Discrepancy* d : memory->Discrepancies()) {
      EXPECT_EQ(d->kind(), Discrepancy::NO_LONGER_LISTED) << d->key() << " " << d->other_key();
    }
  }
  EXPECT_EQ(other.record().agencies().size(), 3);
}

INSTANTIATE_TEST_SUITE_P(
    AlikeCounties, DistinctAgencies,
    testing::Values(
        DistinctPair{"FLORIDA", "Madison", "Marion"}, DistinctPair{"FLORIDA", "Marion", "Martin"},
        DistinctPair{"FLORIDA", "Madison", "Martin"},
        DistinctPair{"SOUTH CAROLINA", "Chester", "Dorchester"},
        DistinctPair{"TEXAS", "Walker", "Waller"}, DistinctPair{"ALABAMA", "Pike", "Hale"},
        DistinctPair{"FLORIDA", "Lee", "Leon"}, DistinctPair{"FLORIDA", "Lee", "Levy"},
        DistinctPair{"FLORIDA", "Bay", "Clay"}, DistinctPair{"FLORIDA", "Baker", "Lake"},
        DistinctPair{"FLORIDA", "Brevard", "Broward"}, DistinctPair{"TEXAS", "Denton", "Newton"},
        DistinctPair{"TEXAS", "Kerr", "Terry"}, DistinctPair{"TEXAS", "Parker", "Walker"},
        DistinctPair{"TEXAS", "Kendall", "Randall"}, DistinctPair{"ALABAMA", "Madison", "Marion"}),
    [](const auto& info) { return info.param.state.substr(0, 4) + info.param.a + info.param.b; });

TEST_F(PlanTest, ListedTogetherOnceIsNotRenamedLater) {
  Import({Row("Lakeland Police Department", ""), Row("Oakland Police Department", "")},
         Pending("2025-05-01"));
  Import({Row("Oakland Police Department", "")}, Pending("2025-05-02"));
  Import({Row("Oakland Police Department", "")}, Pending("2025-05-03"));
  EXPECT_TRUE(memory_.Open(Discrepancy::POSSIBLE_RENAME).empty());
}

// ---- Absence.

TEST_F(PlanTest, AbsenceIsCountedAndClosedByReturn) {
  const RowText stays = Row("Ocala Police Department", "4/1/2025");
  const RowText leaves = Row("Cocoa Police Department", "4/2/2025");
  ImportOptions second = Participating("2025-05-02");
  second.allow_shrink = true;
  Import({stays, leaves}, Participating("2025-05-01"));
  const Plan gone = Import({stays}, second);
  EXPECT_EQ(gone.header.no_longer_listed(), 1);
  Import({stays}, Participating("2025-05-03"));
  const Discrepancy* question = Only(Discrepancy::NO_LONGER_LISTED);
  ASSERT_NE(question, nullptr);
  EXPECT_EQ(question->lists_absent(), 2);
  EXPECT_THAT(question->proposal(), HasSubstr("none yet"));
  Import({stays}, Participating("2025-05-04"));
  EXPECT_THAT(question->proposal(), HasSubstr("has ended"));
  EXPECT_EQ(Agreement("FL|cocoa police department").state(), v1::Agreement::ACTIVE);
  Import({stays, leaves}, Participating("2025-05-05"));
  EXPECT_EQ(question->state(), Discrepancy::CLOSED_BY_LIST);
  EXPECT_EQ(Agreement("FL|cocoa police department").participating().lists_absent(), 0);
}

TEST_F(PlanTest, ApplicationIsMissedOnlyAfterThreeLists) {
  const RowText stays = Row("Ocala Police Department", "");
  Import({stays, Row("Cocoa Police Department", "")}, Pending("2025-05-01"));
  Import({stays}, Pending("2025-05-02"));
  Import({stays}, Pending("2025-05-03"));
  EXPECT_TRUE(memory_.Discrepancies().empty());
  Import({stays}, Pending("2025-05-04"));
  EXPECT_NE(Only(Discrepancy::NO_LONGER_LISTED), nullptr);
  // It was signed after all.
  Import({Row("Cocoa Police Department", "5/2/2025")}, Participating("2025-05-05"));
  EXPECT_EQ(memory_.Discrepancies()[0]->state(), Discrepancy::CLOSED_BY_LIST);
}

TEST_F(PlanTest, ApplicationThatBecameParticipatingIsNotMissed) {
  const RowText stays = Row("Ocala Police Department", "");
  Import({stays, Row("Cocoa Police Department", "")}, Pending("2025-05-01"));
  Import({Row("Cocoa Police Department", "5/1/2025")}, Participating("2025-05-02"));
  for (const char* day : {"2025-05-02", "2025-05-03", "2025-05-04", "2025-05-05"}) {
    Import({stays}, Pending(day));
  }
  EXPECT_TRUE(memory_.Discrepancies().empty());
  EXPECT_EQ(Agreement("FL|cocoa police department").pending().lists_absent(), 1);
}

TEST_F(PlanTest, AgencyThatComesBackUnderAnotherModelMaySwitch) {
  RowText wso = Sheriff("PENNSYLVANIA", "Butler", "4/22/2025");
  wso.model = "Warrant Service Officer";
  RowText tfm = Sheriff("PENNSYLVANIA", "Butler", "");
  const RowText stays = Sheriff("PENNSYLVANIA", "Adams", "4/1/2025");
  ImportOptions second = Participating("2025-05-02");
  second.allow_shrink = true;
  Import({wso, stays}, Participating("2025-05-01"));
  Import({stays}, Pending("2025-05-01"));
  Import({stays}, second);
  EXPECT_NE(Only(Discrepancy::NO_LONGER_LISTED), nullptr);
  Import({stays, tfm}, Pending("2025-05-03"));
  EXPECT_EQ(Only(Discrepancy::NO_LONGER_LISTED), nullptr);
  const Discrepancy* question = Only(Discrepancy::POSSIBLE_MODEL_SWITCH);
  ASSERT_NE(question, nullptr);
  EXPECT_EQ(question->other_key(), "PA|butler county sheriff's office|TFM");
}

TEST_F(PlanTest, RowsAreGroupedWithWhatTheyTouchFirst) {
  RowText second = Row("Ocala Police Department");
  second.model = "Warrant Service Officer";
  const Plan plan = Import({Row("Ocala Police Department"), second}, Participating("2025-05-01"));
  ASSERT_EQ(plan.groups.size(), 2);
  EXPECT_EQ(plan.groups[0].agencies.size(), 1);
  EXPECT_TRUE(plan.groups[0].agencies[0].is_new);
  EXPECT_TRUE(plan.groups[1].agencies.empty());
  EXPECT_EQ(plan.groups[1].agreements.size(), 1);
}

TEST_F(PlanTest, DemoListsMarkWhatTheyCreate) {
  ImportOptions options = Participating("2025-05-01");
  options.fictitious = true;
  Import({Row("Ocala Police Department")}, options);
  EXPECT_TRUE(Agreement("FL|ocala police department").fictitious());
}

}  // namespace
}  // namespace accord::agreements
