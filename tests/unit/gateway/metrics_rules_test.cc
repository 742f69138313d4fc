#include "services/gateway/metrics_rules.h"

#include <gtest/gtest.h>

#include "common/testing/matchers.h"
#include "services/gateway/program_rows.h"
#include "tests/unit/gateway/records.h"

namespace accord::gateway {
namespace {

using State = av1::Agreement;
using testing::PartiallyEqualsProto;

AgreementRow Row(uint32_t agency, const std::vector<Move>& moves) {
  AgreementRow row;
  row.agency_id = agency;
  row.model = "AAA";
  row.agency_state = "TX";
  row.field_office = "fieldOffices/houston";
  row.timeline = TimelineOf(MakeAgreement("agreements/x", "agencies/x", moves), Zone());
  row.listed = true;
  row.has_document = true;
  return row;
}

class MetricsRules : public ::testing::Test {
 protected:
  v1::ProgramMetrics Metrics(bool fictitious = false) {
    return MetricsOf(tally, open, lists, *policy->versions().front(), kDate, fictitious);
  }
  void Add(const AgreementRow& row) { tally.Add(row, kDate); }

  const Date kDate = Day("2025-07-02");
  const std::shared_ptr<const Policy> policy = TestPolicy();
  MetricsTally tally;
  DiscrepancyTally open;
  NewestLists lists;
};

TEST_F(MetricsRules, CountAgreementsAndDistinctAgencies) {
  Add(Row(1, {{State::ACTIVE, "2025-03-01"}}));
  AgreementRow other_model = Row(1, {{State::ACTIVE, "2025-03-01"}});
  other_model.model = "ZZZ";
  Add(other_model);
  AgreementRow elsewhere = Row(2, {{State::ACTIVE, "2025-07-02"}});
  elsewhere.agency_state = "UT";
  elsewhere.field_office = "";
  Add(elsewhere);
  Add(Row(3, {{State::ACTIVE, "2025-07-03"}}));  // Not on record that day.
  Add(Row(4, {{State::ACTIVE, "2025-01-01"}, {State::TERMINATED, "2025-07-01"}}));
  EXPECT_THAT(Metrics(), PartiallyEqualsProto(R"pb(
                as_of { year: 2025 month: 7 day: 2 }
                in_force { key: "ACTIVE" agreements: 3 agencies: 2 }
                by_state_of_life { key: "ACTIVE" label: "Active" agreements: 3 agencies: 2 }
                by_state_of_life { key: "TERMINATED" label: "Terminated" agreements: 1 agencies: 1 }
                by_jurisdiction { key: "TX" label: "Texas" agreements: 2 agencies: 1 }
                by_jurisdiction { key: "UT" label: "Utah" agreements: 1 agencies: 1 }
                by_model { key: "AAA" label: "Model A" agreements: 2 agencies: 2 }
                by_model { key: "ZZZ" label: "ZZZ" agreements: 1 agencies: 1 }
                by_field_office { key: "houston" label: "Houston" agreements: 2 agencies: 1 }
                by_field_office { key: "" label: "" agreements: 1 agencies: 1 }
                basis: DERIVED
                policy_version: "v1"
              )pb"));
}

TEST_F(MetricsRules, OrderTheLargestFirst) {
  for (int agency = 1; agency <= 3; ++agency) {
    AgreementRow row = Row(agency, {{State::ACTIVE, "2025-03-01"}});
    if (agency > 1) row.agency_state = "UT";
    Add(row);
  }
  const auto metrics = Metrics();
  ASSERT_EQ(metrics.by_jurisdiction_size(), 2);
  EXPECT_EQ(metrics.by_jurisdiction(0).key(), "UT");
}

struct AgesCase {
  std::vector<std::string> since;
  int median, p90, max;
};

TEST_F(MetricsRules, AgesAreByNearestRank) {
  const std::vector<AgesCase> cases = {
      {{"2025-07-02"}, 0, 0, 0},
      {{"2025-07-01", "2025-06-02"}, 1, 30, 30},
      {{"2025-07-01", "2025-06-30", "2025-06-29"}, 2, 3, 3},
      // Ages 1 to 10: the 90th percentile is the ninth.
      {{"2025-07-01", "2025-06-30", "2025-06-29", "2025-06-28", "2025-06-27", "2025-06-26",
        "2025-06-25", "2025-06-24", "2025-06-23", "2025-06-22"},
       5,
       9,
       10},
  };
  for (const AgesCase& c : cases) {
    tally = {};
    for (const std::string& day : c.since) Add(Row(1, {{State::PENDING, day}}));
    const auto metrics = Metrics();
    ASSERT_EQ(metrics.pipeline_size(), 1);
    const v1::PipelineStage& stage = metrics.pipeline(0);
    EXPECT_EQ(stage.state(), State::PENDING);
    EXPECT_EQ(stage.agreements(), static_cast<int>(c.since.size()));
    EXPECT_EQ(stage.median_age_days(), c.median) << c.since.size();
    EXPECT_EQ(stage.p90_age_days(), c.p90) << c.since.size();
    EXPECT_EQ(stage.max_age_days(), c.max) << c.since.size();
  }
}

TEST_F(MetricsRules, AnUndatedApplicationIsCountedWithoutAnAge) {
  Add(Row(1, {{State::PENDING, ""}}));
  Add(Row(2, {{State::PENDING, "2025-07-01"}}));
  const auto metrics = Metrics();
  EXPECT_EQ(metrics.pipeline(0).agreements(), 2);
  EXPECT_EQ(metrics.pipeline(0).max_age_days(), 1);
}

TEST_F(MetricsRules, MissingDocumentsAndListings) {
  AgreementRow bare = Row(1, {{State::ACTIVE, "2025-03-01"}});
  bare.has_document = false;
  bare.listed = false;
  Add(bare);
  AgreementRow pending = Row(2, {{State::PENDING, "2025-03-01"}});
  pending.has_document = false;
  Add(pending);
  EXPECT_EQ(Metrics().without_document(), 1);
  EXPECT_EQ(Metrics().in_force_not_listed(), 0) << "there is no list to be missing from";
  lists.participating = Day("2025-07-01");
  const auto metrics = Metrics();
  EXPECT_EQ(metrics.in_force_not_listed(), 1);
  EXPECT_EQ(FromProto(metrics.newest_participating_list()), Day("2025-07-01"));
  EXPECT_FALSE(metrics.has_newest_pending_list());
}

TEST_F(MetricsRules, TheBasisIsTheWeakest) {
  AgreementRow row = Row(1, {{State::ACTIVE, "2025-03-01"}});
  Add(row);
  EXPECT_EQ(Metrics().basis(), av1::DERIVED);
  row.timeline[0].basis = av1::ASSUMED;
  Add(row);
  EXPECT_EQ(Metrics().basis(), av1::ASSUMED);
  tally.Remove(row, kDate);
  EXPECT_EQ(Metrics().basis(), av1::DERIVED);
  EXPECT_EQ(Metrics(true).basis(), av1::SYNTHETIC);
}

TEST_F(MetricsRules, WhatIsTakenBackLeavesNothing) {
  const AgreementRow active = Row(1, {{State::ACTIVE, "2025-03-01"}});
  const AgreementRow pending = Row(2, {{State::PENDING, "2025-03-01"}});
  for (const auto& row : {active, pending}) Add(row);
  for (const auto& row : {active, pending}) tally.Remove(row, kDate);
  EXPECT_TRUE(tally == MetricsTally());
}

}  // namespace
}  // namespace accord::gateway
