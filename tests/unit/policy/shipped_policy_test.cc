// The policy file that ships, against facts of the documents it cites.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/policy/policy.h"
#include "common/policy/policy_view.h"

namespace accord {
namespace {

using policy::v1::Duty;
using policy::v1::TimeLimit;

constexpr char kJem2025[] = "JEM-2025-02-15";
constexpr char kJem2020[] = "JEM-2020";
constexpr char kWso2025[] = "WSO-2025-02-15";
constexpr char kWso2019[] = "WSO-2019";
constexpr char kTfm2025[] = "TFM-2025-02-12";
constexpr char kTfmTexas[] = "TFM-TX-OAG-2025-01";

class ShippedPolicyTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto policy = Policy::Load(std::string(ACCORD_SOURCE_DIR) + "/deploy/policy/287g.textproto");
    ASSERT_TRUE(policy.ok()) << policy.status();
    policy_ = *policy;
  }
  static void TearDownTestSuite() { policy_.reset(); }

  static const PolicyView& View() { return **policy_->At(MakeDate(2025, 7, 2)); }

  static std::string Office(const std::string& state, const std::string& county) {
    const Placement placement = View().PlaceFieldOffice(state, county);
    return placement.office != nullptr ? placement.office->code()
                                       : std::string(ToString(placement.reason));
  }

  static std::shared_ptr<const Policy> policy_;
};

std::shared_ptr<const Policy> ShippedPolicyTest::policy_;

TEST_F(ShippedPolicyTest, ReachesBackToTheStatute) {
  EXPECT_EQ((*policy_->At(MakeDate(1996, 9, 30)))->id(), "2025-07");
  EXPECT_FALSE(policy_->At(MakeDate(1996, 9, 29)).ok());
  EXPECT_EQ(policy_->time_zone().name(), "America/New_York");
}

TEST_F(ShippedPolicyTest, KnowsEveryPublishedModelName) {
  const std::map<std::string, std::string> names = {{"Jail Enforcement Model ", "JEM"},
                                                    {"Warrant Service Officer", "WSO"},
                                                    {"Warrant Services Officer", "WSO"},
                                                    {"Warrant Service Office", "WSO"},
                                                    {"Task Force Model ", "TFM"},
                                                    {"Task Force Officer", "TFM"},
                                                    {"TFM", "TFM"}};
  for (const auto& [name, code] : names) {
    const auto* model = View().FindModelByPublishedName(name);
    ASSERT_NE(model, nullptr) << name;
    EXPECT_EQ(model->code(), code) << name;
  }
}

TEST_F(ShippedPolicyTest, ListsStatesDistrictAndTerritories) {
  EXPECT_EQ(View().version().states_size(), 56);
  EXPECT_EQ(View().FindState("UTAHJ")->code(), "UT");
  EXPECT_EQ(View().FindState("AlABAMA")->code(), "AL");
  for (const std::string code : {"DC", "PR", "VI", "GU", "MP", "AS"}) {
    EXPECT_NE(View().FindState(code), nullptr) << code;
  }
}

TEST_F(ShippedPolicyTest, Has25OfficesWithTheirAreas) {
  EXPECT_EQ(View().version().field_offices_size(), 25);
  std::map<std::string, int> counties;
  std::set<std::string> whole;
  for (const auto& office : View().version().field_offices()) {
    for (const auto& area : office.areas()) {
      if (area.counties().empty()) whole.insert(area.state());
      counties[area.state() + " " + office.code()] = area.counties_size();
    }
  }
  EXPECT_EQ(whole.size(), 52u);
  EXPECT_EQ(counties["TX dallas"], 128);
  EXPECT_EQ(counties["TX houston"], 57);
  EXPECT_EQ(counties["TX san-antonio"], 36);
  EXPECT_EQ(counties["TX el-paso"], 18);
  EXPECT_EQ(counties["TX harlingen"], 15);
  EXPECT_EQ(counties["NY buffalo"], 48);
  EXPECT_EQ(counties["NY new-york-city"], 14);
  EXPECT_EQ(counties["CA los-angeles"], 7);
  EXPECT_EQ(counties["CA san-diego"], 2);
  EXPECT_EQ(counties["CA san-francisco"], 49);
}

TEST_F(ShippedPolicyTest, PlacesByStateOrCounty) {
  EXPECT_EQ(Office("TEXAS", "Harris County"), "houston");
  EXPECT_EQ(Office("TEXAS", "Rusk County  "), "dallas");
  EXPECT_EQ(Office("Texas", "Lampasas"), "san-antonio");
  EXPECT_EQ(Office("NEW YORK", "Nassau"), "new-york-city");
  EXPECT_EQ(Office("NEW YORK", "Saint Lawrence County"), "buffalo");
  EXPECT_EQ(Office("California", "Imperial"), "san-diego");
  EXPECT_EQ(Office("CALIFORNIA", "Kings"), "san-francisco");
  EXPECT_EQ(Office("FLORIDA", "#N/A"), "miami");
  EXPECT_EQ(Office("Louisiana", "Lafourche Parish"), "new-orleans");
  EXPECT_EQ(Office("CNMI", ""), "san-francisco");
  EXPECT_EQ(Office("UTAHJ", ""), "salt-lake-city");
}

TEST_F(ShippedPolicyTest, SplitStatesNeedACounty) {
  for (const std::string state : {"TX", "NY", "CA"}) EXPECT_EQ(Office(state, ""), "county needed");
  EXPECT_EQ(Office("Texas", "Lampass"), "county unknown");
  EXPECT_EQ(Office("Atlantis", ""), "state unknown");
  EXPECT_EQ(Office("American Samoa", ""), "no office for this state");
}

TEST_F(ShippedPolicyTest, StampsLeadToTheirText) {
  EXPECT_EQ(View().FindTemplateByStamp("JEM", MakeDate(2025, 2, 15))->code(), kJem2025);
  EXPECT_EQ(View().FindTemplateByStamp("WSO", MakeDate(2025, 2, 14))->code(), kWso2025);
  EXPECT_EQ(View().FindTemplateByStamp("TFM", MakeDate(2026, 3, 7))->code(), kTfm2025);
  EXPECT_EQ(View().FindTemplateByStamp("JEM", MakeDate(2025, 2, 12)), nullptr);
}

TEST_F(ShippedPolicyTest, ComplaintNoticeDependsOnTheText) {
  for (const char* code : {kJem2025, kJem2020, kWso2025, kWso2019, kTfmTexas}) {
    const Duty* duty = View().FindDuty(code, "complaint_notice");
    ASSERT_NE(duty, nullptr) << code;
    EXPECT_EQ(duty->time_limit().count(), 48) << code;
    EXPECT_EQ(duty->time_limit().unit(), TimeLimit::HOURS) << code;
    EXPECT_EQ(duty->time_limit().counting(), TimeLimit::EXCLUDING_WEEKENDS) << code;
  }
  const Duty* tfm = View().FindDuty(kTfm2025, "complaint_notice");
  EXPECT_FALSE(tfm->has_time_limit());
  EXPECT_EQ(tfm->text(), "timely");
}

TEST_F(ShippedPolicyTest, SteeringCommitteeWasRemovedIn2025) {
  EXPECT_EQ(View().FindDuty(kJem2020, "steering_committee")->text(), "as necessary");
  for (const char* code : {kJem2025, kWso2025, kTfm2025}) {
    const Duty* duty = View().FindDuty(code, "steering_committee");
    ASSERT_NE(duty, nullptr) << code;
    ASSERT_EQ(duty->value_case(), Duty::kRequired) << code;
    EXPECT_FALSE(duty->required()) << code;
  }
}

TEST_F(ShippedPolicyTest, OnlyTaskForceAuthorizationsRunOut) {
  for (const char* code : {kTfm2025, kTfmTexas}) {
    const Duty* duty = View().FindDuty(code, "authorization_lifetime");
    EXPECT_EQ(duty->time_limit().count(), 2) << code;
    EXPECT_EQ(duty->time_limit().unit(), TimeLimit::YEARS) << code;
  }
  EXPECT_FALSE(View().FindDuty(kJem2025, "authorization_lifetime")->has_time_limit());
  EXPECT_FALSE(View().FindDuty(kWso2025, "authorization_lifetime")->has_time_limit());
}

// Which texts have which rule on record, row by row of the comparison of texts.
TEST_F(ShippedPolicyTest, EveryObligationIsOnRecordWhereADocumentStatesIt) {
  const std::set<std::string> all = {kJem2025, kJem2020, kWso2025, kWso2019, kTfm2025, kTfmTexas};
  const std::set<std::string> jem = {kJem2025, kJem2020};
  const std::map<std::string, std::set<std::string>> expected = {
      {"it_infrastructure", all},
      {"interconnection_agreement", all},
      {"rules_of_behavior", all},
      {"agency_supplies", all},
      {"complaint_notice", all},
      {"complaint_outcome", {kJem2025, kJem2020, kWso2025, kTfm2025, kTfmTexas}},
      {"complaint_resolution", {kWso2019, kTfm2025, kTfmTexas}},
      {"officer_under_allegation", {kTfm2025, kTfmTexas}},
      {"undesignated_action", all},
      {"complaint_posters", {kJem2025, kJem2020, kWso2025, kTfm2025, kTfmTexas}},
      {"notice_of_action", all},
      {"citizenship_claim", {kJem2025, kJem2020, kWso2025, kWso2019}},
      {"statistics", {kTfm2025, kTfmTexas}},
      {"annual_meeting", all},
      {"steering_committee", all},
      {"internal_review", jem},
      {"modification", all},
      {"expiry_date", all},
      {"suspension", all},
      {"termination_by_ice", all},
      {"termination_by_agency", all},
      {"officer_revocation", all},
      {"records", all},
      {"cooperation", all},
      {"authorization_lifetime", {kJem2025, kWso2025, kTfm2025, kTfmTexas}},
      {"refresher_due", jem},
      {"refresher_spacing", jem},
      {"refresher_update", {kTfm2025}},
      {"training_requirements_review", {kWso2025}}};
  std::map<std::string, std::set<std::string>> actual;
  for (const Duty& duty : View().version().duties()) {
    actual[duty.code()].insert(duty.templates().begin(), duty.templates().end());
  }
  EXPECT_EQ(actual, expected);
}

TEST_F(ShippedPolicyTest, EveryDutyNamesADocument) {
  ASSERT_GT(View().version().duties_size(), 0);
  for (const Duty& duty : View().version().duties()) {
    EXPECT_FALSE(duty.sources().empty()) << duty.code();
    for (const std::string& source : duty.sources()) EXPECT_NE(source, "ACCORD") << duty.code();
  }
}

TEST_F(ShippedPolicyTest, HolidaysAreTheFederalOnes) {
  EXPECT_EQ(View().holidays().HolidaysOf(2025).size(), 11u);
  EXPECT_EQ(View().holidays().HolidaysOf(2020).size(), 10u);
  EXPECT_TRUE(View().holidays().IsHoliday(MakeDate(2025, 7, 4)));
  EXPECT_TRUE(View().holidays().IsHoliday(MakeDate(2025, 11, 27)));
  EXPECT_TRUE(View().holidays().IsHoliday(MakeDate(2026, 7, 3)));  // The 4th is a Saturday.
}

TEST_F(ShippedPolicyTest, LimitsAreTheStatedOnes) {
  const auto& version = View().version();
  EXPECT_DOUBLE_EQ(version.import_policy().minimum_share_of_previous(), 0.70);
  EXPECT_EQ(version.import_policy().absences_before_proposal(), 3);
  EXPECT_EQ(version.import_policy().first_plausible_signing_year(), 1996);
  EXPECT_EQ(version.import_policy().chunk_rows(), 5000);
  EXPECT_FALSE(version.approval_policy().board_review_required());
  EXPECT_EQ(version.freshness_policy().authority_feed_silence().seconds(), 2);
}

}  // namespace
}  // namespace accord
