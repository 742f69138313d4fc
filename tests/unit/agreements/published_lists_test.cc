// Imports the 39 published lists that are shipped, in order of capture, and compares what
// comes out with what is known about them.
//
// Source: domain facts on the published lists, columns and oracle of departures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/agreements/in_memory_record.h"

namespace accord::agreements {
namespace {

using Discrepancy = v1::RosterDiscrepancy;
using Import = v1::RosterImport;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

// One line of the tables; a first list has nothing added or removed.
struct ListCounts {
  std::string file;
  int rows, keys, agencies, states, jem, wso, tfm, added, removed, dates_changed, no_county,
      documents, hidden;
  bool operator==(const ListCounts&) const = default;
};

void PrintTo(const ListCounts& c, std::ostream* out) {
  *out << absl::StrCat(c.file, " rows ", c.rows, " keys ", c.keys, " agencies ", c.agencies,
                       " states ", c.states, " models ", c.jem, "/", c.wso, "/", c.tfm, " +",
                       c.added, " -", c.removed, " dates ", c.dates_changed)
       << absl::StrCat(" n/a ", c.no_county, " links ", c.documents, " hidden ", c.hidden);
}

const std::vector<ListCounts>& Expected() {
  static const auto& lists = *new std::vector<ListCounts>{
      // clang-format off
      {"20250519_participatingAgencies05162025am.xlsx", 571, 571, 462, 40, 91, 205, 275, 0, 0, 0, 166, 416, 0},
      {"20250519_participatingAgencies05192025am.xlsx", 581, 581, 472, 40, 91, 205, 285, 11, 1, 0, 170, 425, 0},
      {"20250520_participatingAgencies05192025pm.xlsx", 588, 588, 478, 40, 91, 212, 285, 7, 0, 0, 170, 425, 0},
      {"20250522_participatingAgencies05202025pm.xlsx", 603, 603, 492, 40, 92, 212, 299, 18, 3, 0, 183, 425, 0},
      {"20250523_participatingAgencies05232025am.xlsx", 627, 627, 512, 40, 99, 223, 305, 24, 0, 1, 191, 425, 0},
      {"20250527_participatingAgencies05232025pm.xlsx", 628, 628, 513, 40, 99, 223, 306, 1, 0, 0, 192, 425, 0},
      {"20250528_participatingAgencies05282025am.xlsx", 628, 628, 513, 40, 99, 223, 306, 0, 0, 0, 192, 425, 0},
      {"20250601_participatingAgencies05292025am.xlsx", 635, 635, 518, 40, 100, 228, 307, 8, 1, 0, 192, 425, 0},
      {"20250605_participatingAgencies06042025am.xlsx", 641, 641, 523, 40, 102, 232, 307, 6, 0, 0, 193, 425, 0},
      {"20250608_participatingAgencies06062025am.xlsx", 649, 649, 531, 40, 102, 232, 315, 9, 1, 0, 201, 425, 0},
      {"20250618_participatingAgencies06172025pm.xlsx", 706, 706, 580, 40, 110, 257, 339, 57, 0, 0, 213, 462, 0},
      {"20250621_participatingAgencies06202025am.xlsx", 719, 719, 591, 40, 111, 260, 348, 13, 0, 0, 219, 462, 371},
      {"20250623_participatingAgencies06232025am.xlsx", 719, 719, 591, 40, 111, 260, 348, 0, 0, 0, 219, 462, 0},
      {"20250626_participatingAgencies06262025am.xlsx", 728, 728, 598, 40, 111, 266, 351, 9, 0, 0, 221, 462, 0},
      {"20250627_participatingAgencies06272025am.xlsx", 737, 737, 605, 40, 111, 266, 360, 9, 0, 11, 224, 541, 0},
      {"20250702_participatingAgencies07012025pm.xlsx", 744, 744, 611, 40, 112, 269, 363, 7, 0, 4, 211, 580, 0},
      {"20250519_pendingAgencies05152025am.xlsx", 92, 92, 87, 22, 12, 29, 51, 0, 0, 0, 45, 0, 0},
      {"20250519_pendingAgencies05192025am.xlsx", 82, 82, 78, 18, 12, 28, 42, 0, 10, 0, 41, 0, 0},
      {"20250520_pendingAgencies05192025pm.xlsx", 83, 83, 77, 18, 16, 25, 42, 8, 7, 0, 41, 0, 0},
      {"20250521_pendingAgencies05202025pm.xlsx", 68, 68, 63, 18, 15, 25, 28, 0, 15, 0, 28, 0, 0},
      {"20250522_pendingAgencies05212025pm.xlsx", 87, 87, 79, 22, 15, 29, 43, 19, 0, 0, 36, 0, 0},
      {"20250523_pendingAgencies05232025am.xlsx", 66, 66, 64, 20, 7, 18, 41, 0, 21, 0, 32, 0, 0},
      {"20250527_pendingAgencies05232025pm.xlsx", 65, 65, 63, 20, 7, 18, 40, 0, 1, 0, 31, 0, 0},
      {"20250528_pendingAgencies05282025am.xlsx", 72, 72, 68, 22, 8, 23, 41, 8, 1, 0, 31, 0, 0},
      {"20250529_pendingAgencies05292025am.xlsx", 68, 68, 66, 22, 7, 18, 43, 3, 7, 0, 33, 0, 0},
      {"20250601_pendingAgencies05302025pm.xlsx", 82, 82, 75, 24, 9, 23, 50, 14, 0, 0, 36, 0, 0},
      {"20250603_pendingAgencies06032025am.xlsx", 88, 88, 81, 25, 9, 28, 51, 6, 0, 0, 38, 0, 0},
      {"20250604_pendingAgencies06032025pm.xlsx", 82, 82, 76, 24, 7, 24, 51, 0, 6, 0, 38, 0, 0},
      {"20250608_pendingAgencies06062025am.xlsx", 79, 79, 73, 23, 12, 24, 43, 6, 9, 0, 30, 0, 0},
      {"20250610_pendingAgencies06102025am.xlsx", 93, 93, 84, 23, 14, 30, 49, 14, 0, 0, 30, 0, 0},
      {"20250618_pendingAgencies06172025pm.xlsx", 69, 69, 61, 16, 9, 21, 39, 28, 52, 0, 23, 0, 0},
      {"20250621_pendingAgencies06202025am.xlsx", 56, 56, 50, 15, 8, 18, 30, 0, 13, 0, 17, 0, 0},
      {"20250623_pendingAgencies06232025am.xlsx", 58, 58, 52, 15, 8, 18, 32, 2, 0, 0, 19, 0, 0},
      {"20250624_pendingAgencies06242025am.xlsx", 62, 62, 56, 18, 8, 18, 36, 4, 0, 0, 21, 0, 0},
      {"20250625_pendingAgencies06252025am.xlsx", 75, 75, 68, 18, 8, 28, 39, 13, 0, 0, 23, 0, 0},
      {"20250626_pendingAgencies06262025am.xlsx", 68, 68, 61, 18, 8, 24, 36, 0, 7, 0, 21, 0, 0},
      {"20250627_pendingAgencies06272025am.xlsx", 61, 61, 55, 16, 8, 23, 30, 3, 10, 0, 19, 0, 0},
      {"20250630_pendingAgencies06302025am.xlsx", 68, 68, 61, 16, 9, 26, 33, 7, 0, 0, 20, 0, 0},
      {"20250702_pendingAgencies07012025pm.xlsx", 63, 63, 57, 16, 8, 24, 31, 2, 7, 0, 19, 0, 0},
      // clang-format on
  };
  return lists;
}

ListCounts CountsOf(const Import& header) {
  const auto model = [&](const char* code) {
    const auto found = header.agreements_by_model().find(code);
    return found == header.agreements_by_model().end() ? 0 : found->second;
  };
  return {header.file_name(),
          header.rows(),
          header.agreements_listed(),
          header.agencies_listed(),
          header.states_listed(),
          model("JEM"),
          model("WSO"),
          model("TFM"),
          header.newly_listed(),
          header.no_longer_listed(),
          header.dates_changed(),
          header.rows_without_county(),
          header.rows_with_document(),
          header.hidden_rows()};
}

// All lists, imported once for all tests.
class PublishedLists : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = new Shared();
    for (const std::string& file : RosterFiles()) {
      auto plan = shared_->memory.ImportFile(file);
      ASSERT_TRUE(plan.ok()) << file << ": " << plan.status();
      shared_->plans.push_back(*std::move(plan));
    }
  }
  static void TearDownTestSuite() { delete shared_; }

  struct Shared {
    InMemoryRecord memory;
    std::vector<Plan> plans;
  };
  static Shared* shared_;

  static InMemoryRecord& memory() { return shared_->memory; }
  static const std::vector<Plan>& plans() { return shared_->plans; }

  // "FL|indialantic police department|TFM > FL|indiatlantic police department|TFM in 05192025am".
  static std::vector<std::string> Raised(Discrepancy::Kind kind) {
    std::vector<std::string> raised;
    for (const Discrepancy* d : memory().Discrepancies()) {
      if (d->kind() != kind) continue;
      const std::string file = memory().record().FindImport(d->roster_import())->file_name();
      const std::string other = d->other_key().empty() ? "" : absl::StrCat(" > ", d->other_key());
      raised.push_back(absl::StrCat(d->key(), other, " in ", file.substr(9, file.size() - 14)));
    }
    return raised;
  }
};
PublishedLists::Shared* PublishedLists::shared_ = nullptr;

TEST_F(PublishedLists, HaveTheKnownCounts) {
  std::map<std::string, ListCounts> counts;
  for (const Plan& plan : plans()) counts[plan.header.file_name()] = CountsOf(plan.header);
  ASSERT_EQ(counts.size(), 39);
  ASSERT_EQ(Expected().size(), 39);
  for (const ListCounts& expected : Expected()) EXPECT_EQ(counts[expected.file], expected);
}

TEST_F(PublishedLists, GiveEveryRowOneOutcome) {
  for (const Plan& plan : plans()) {
    int counted = 0;
    for (const auto& count : plan.header.outcome_counts()) counted += count.rows();
    EXPECT_EQ(counted, plan.header.rows()) << plan.header.file_name();
    EXPECT_EQ(plan.rows.size(), static_cast<size_t>(plan.header.rows()));
    for (const v1::RosterRow& row : plan.rows) {
      EXPECT_NE(row.outcome(), v1::ROW_OUTCOME_UNSPECIFIED) << row.name();
      EXPECT_NE(row.outcome(), v1::REJECTED) << row.name() << row.code();
      EXPECT_FALSE(row.code().empty()) << row.name();
      EXPECT_FALSE(row.reason().empty()) << row.name();
    }
  }
}

TEST_F(PublishedLists, TakeTheirDateFromTheirName) {
  for (const Plan& plan : plans()) {
    EXPECT_EQ(plan.header.as_of_basis(), Import::FILE_NAME) << plan.header.file_name();
  }
}

TEST_F(PublishedLists, RaiseTheKnownRenames) {
  EXPECT_THAT(
      Raised(Discrepancy::POSSIBLE_RENAME),
      UnorderedElementsAre(
          "FL|indialantic police department|TFM > FL|indiatlantic police department|TFM in "
          "participatingAgencies05192025am",
          "FL|city of melbourne police department|TFM > FL|melbourne police department|TFM in "
          "participatingAgencies05202025pm",
          "FL|university of west florida board of trustees|TFM > "
          "FL|university of west florida police department|TFM in "
          "participatingAgencies05202025pm",
          "MI|berrian county sheriff's offic|WSO > MI|berrian county sheriff's office|WSO in "
          "participatingAgencies05202025pm",
          "TN|tennessee department of safety and homeland security / thp|TFM > "
          "TN|tennessee department of safety and homeland security|TFM in "
          "participatingAgencies05292025am",
          "PA|lower burrell fourth ward constable's office|TFM > "
          "PA|lower burrell fourth ward constable|TFM in pendingAgencies05192025am",
          "LA|lafourche county sheriff's office|WSO > LA|lafourche parish sheriff's office|WSO in "
          "pendingAgencies05282025am"));
  EXPECT_THAT(Raised(Discrepancy::REASSIGNMENT), ElementsAre());
}

TEST_F(PublishedLists, RaiseTheOneModelSwitch) {
  EXPECT_THAT(Raised(Discrepancy::POSSIBLE_MODEL_SWITCH),
              ElementsAre("PA|butler county sheriff's office|WSO > "
                          "PA|butler county sheriff's office|TFM in pendingAgencies06102025am"));
}

TEST_F(PublishedLists, RaiseAbsencesThatNothingExplains) {
  EXPECT_THAT(Raised(Discrepancy::NO_LONGER_LISTED),
              UnorderedElementsAre(
                  "PA|butler county sheriff's office|WSO in participatingAgencies06062025am",
                  "SC|pickens county sheriff's office|WSO in pendingAgencies05202025pm",
                  "GA|spalding county sheriff's office|JEM in pendingAgencies05282025am",
                  "MT|cascade county sheriff's office|WSO in pendingAgencies05282025am",
                  "TX|san jacinto county sheriff's office|WSO in pendingAgencies05282025am",
                  "PA|east donegal township constable|TFM in pendingAgencies05282025am",
                  "PA|pleasant township constable|TFM in pendingAgencies05282025am",
                  "VA|portsmouth county sheriff's office|WSO in pendingAgencies06232025am"));
  // Butler's is answered by the switch; Pickens came late to the participating list.
  EXPECT_EQ(memory().Open(Discrepancy::NO_LONGER_LISTED).size(), 6);
}

TEST_F(PublishedLists, RaiseTheTwoDuplicates) {
  EXPECT_THAT(Raised(Discrepancy::POSSIBLE_DUPLICATE),
              UnorderedElementsAre(
                  "FL|city of st. cloud police department|TFM > FL|st. cloud police department|TFM "
                  "in participatingAgencies05162025am",
                  "FL|city of zephyrhills police department|TFM > "
                  "FL|zephyrhills police department|TFM in participatingAgencies06172025pm"));
}

TEST_F(PublishedLists, RaiseTheKnownWrongLinks) {
  EXPECT_THAT(Raised(Discrepancy::WRONG_DOCUMENT_LINK),
              UnorderedElementsAre(
                  "FL|florida fish and wildlife conservation commission|TFM > "
                  "FL|florida department of environmental protection|TFM in "
                  "participatingAgencies06272025am",
                  "ND|mercer county sheriff's office|TFM in participatingAgencies06272025am",
                  "FL|sebastian police department|TFM in participatingAgencies07012025pm"));
}

TEST_F(PublishedLists, RaiseOneQuestionForEachDateThatChanged) {
  int changed = 0;
  for (const Plan& plan : plans()) changed += plan.header.dates_changed();
  EXPECT_EQ(changed, 16);
  EXPECT_EQ(Raised(Discrepancy::DATE_CONFLICT).size(), 16);
  EXPECT_THAT(Raised(Discrepancy::IMPLAUSIBLE_DATE),
              ElementsAre("VA|campbell county sheriff's office|TFM in "
                          "participatingAgencies05162025am"));
}

TEST_F(PublishedLists, KeepAnImplausibleDateOutOfTheRecord) {
  const auto* question = memory().Open(Discrepancy::IMPLAUSIBLE_DATE).at(0);
  EXPECT_EQ(FromProto(question->proposed_date()), MakeDate(2025, 5, 8));
  const v1::Agreement& agreement = *memory().record().FindAgreement(question->agreement());
  EXPECT_FALSE(agreement.has_published_signed_date());
  ASSERT_EQ(agreement.transitions_size(), 1);
  EXPECT_EQ(agreement.transitions(0).basis(), v1::ASSUMED);
  EXPECT_EQ(FromProto(agreement.transitions(0).effective_date()), MakeDate(2025, 5, 16));
}

TEST_F(PublishedLists, AreNeverAnEnd) {
  for (const auto& [name, agreement] : memory().record().agreements()) {
    const auto state = agreement.state();
    EXPECT_TRUE(state == v1::Agreement::ACTIVE || state == v1::Agreement::PENDING) << name;
    const bool was_participating = agreement.participating().has_first_listed_date();
    EXPECT_EQ(state == v1::Agreement::ACTIVE, was_participating) << name;
  }
}

TEST_F(PublishedLists, MayHaveAKeyOnBoth) {
  const v1::Agency* agency = memory().record().AgencyByKey("TX|dickens county sheriff's office");
  ASSERT_NE(agency, nullptr);
  const v1::Agreement* agreement = memory().record().CurrentAgreement(agency->name(), "WSO");
  EXPECT_TRUE(agreement->participating().listed());
  EXPECT_TRUE(agreement->pending().listed());
  EXPECT_EQ(agreement->state(), v1::Agreement::ACTIVE);
}

TEST_F(PublishedLists, KeepTransitionsInOrder) {
  for (const auto& [name, agreement] : memory().record().agreements()) {
    for (int i = 1; i < agreement.transitions_size(); ++i) {
      EXPECT_LE(*FromProto(agreement.transitions(i - 1).effective_date()),
                *FromProto(agreement.transitions(i).effective_date()))
          << name;
    }
    EXPECT_TRUE(agreement.template_().empty());
  }
}

TEST_F(PublishedLists, NameEachListedKeyOnce) {
  const Plan& last = plans().at(plans().size() - 2);
  ASSERT_EQ(last.header.kind(), Import::PARTICIPATING);
  std::set<std::string> agreements;
  for (const v1::RosterRow& row : last.rows) {
    EXPECT_TRUE(agreements.insert(row.agreement()).second) << row.agency_name();
  }
}

TEST_F(PublishedLists, LeaveStatewideAndUnlocatedTexasWithoutOffice) {
  std::vector<std::string> unplaced;
  for (const auto& [name, agency] : memory().record().agencies()) {
    if (!agency.field_office().empty()) continue;
    unplaced.push_back(agency.display_name());
    EXPECT_EQ(agency.field_office_note(), "county needed");
  }
  EXPECT_THAT(unplaced,
              UnorderedElementsAre("Texas National Guard", "Texas Office of the Attorney General",
                                   "Splendora Police Department",
                                   "Southside Place Police Department", "Nixon Police Department"));
}

TEST(PublishedListsAgain, ChangeNothing) {
  InMemoryRecord memory;
  for (const std::string& file : RosterFiles()) ASSERT_TRUE(memory.ImportFile(file).ok());
  for (const std::string& file : RosterFiles()) {
    auto refused = memory.ImportFile(file);
    if (refused.ok()) {
      EXPECT_EQ(refused->header.state(), Import::ALREADY_IMPORTED) << file;
      EXPECT_TRUE(refused->groups.empty());
      continue;
    }
    EXPECT_THAT(std::string(refused.status().message()), testing::HasSubstr("history"));
    const auto plan = memory.ImportFile(file, /*history=*/true);
    ASSERT_TRUE(plan.ok()) << plan.status();
    for (const PlanGroup& group : plan->groups) {
      EXPECT_TRUE(group.agencies.empty() && group.agreements.empty() && group.discrepancies.empty())
          << file;
    }
  }
}

}  // namespace
}  // namespace accord::agreements
