// Whom a year of annual verification binds, and as of when it is judged.
#include "services/training/verification.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/training/made_record.h"

namespace accord::training {
namespace {

using policy::v1::AnnualVerificationRule;
using E = v1::OfficerEvent;

AnnualVerificationRule Rule(AnnualVerificationRule::Year year) {
  AnnualVerificationRule rule;
  rule.set_year(year);
  return rule;
}

TEST(VerificationTest, AYearIsTheOneThatTheRuleMeans) {
  const AnnualVerificationRule fiscal = Rule(AnnualVerificationRule::FISCAL);
  const AnnualVerificationRule calendar = Rule(AnnualVerificationRule::CALENDAR);
  EXPECT_EQ(YearOf(&fiscal, 2026).first, On("2025-10-01"));
  EXPECT_EQ(YearOf(&fiscal, 2026).last, On("2026-09-30"));
  EXPECT_EQ(YearOf(&calendar, 2026).first, On("2026-01-01"));
  EXPECT_EQ(YearOf(&calendar, 2026).last, On("2026-12-31"));
  EXPECT_EQ(YearOf(nullptr, 2026).last, On("2026-12-31"));
}

struct DutyCase {
  const char* name;
  std::vector<std::pair<E::Kind, std::string>> events;
  // Of the calendar year 2024; empty: on no day.
  std::string first_day;
};

class DutyTest : public ::testing::TestWithParam<DutyCase> {};

TEST_P(DutyTest, FirstDayOnDutyInAYear) {
  MadeRecord record;
  for (const auto& [kind, date] : GetParam().events) record.Event(kind, date);
  EXPECT_EQ(Text(FirstDayOnDuty(record.officer, {On("2024-01-01"), On("2024-12-31")})),
            GetParam().first_day);
}

INSTANTIATE_TEST_SUITE_P(
    Ways, DutyTest,
    ::testing::Values(
        DutyCase{"NoEvents", {}, ""}, DutyCase{"OnlyNominated", {{E::NOMINATED, "2024-03-01"}}, ""},
        DutyCase{"CertifiedBefore", {{E::CERTIFIED, "2023-05-01"}}, "2024-01-01"},
        DutyCase{"CertifiedOnTheFirstDay", {{E::CERTIFIED, "2024-01-01"}}, "2024-01-01"},
        DutyCase{"CertifiedInIt", {{E::CERTIFIED, "2024-05-01"}}, "2024-05-01"},
        DutyCase{"CertifiedOnTheLastDay", {{E::CERTIFIED, "2024-12-31"}}, "2024-12-31"},
        DutyCase{"CertifiedAfter", {{E::CERTIFIED, "2025-01-01"}}, ""},
        DutyCase{
            "WithdrawnBefore", {{E::CERTIFIED, "2022-05-01"}, {E::WITHDRAWN, "2023-12-31"}}, ""},
        DutyCase{"WithdrawnOnTheFirstDay",
                 {{E::CERTIFIED, "2022-05-01"}, {E::WITHDRAWN, "2024-01-01"}},
                 ""},
        DutyCase{"WithdrawnInIt",
                 {{E::CERTIFIED, "2022-05-01"}, {E::WITHDRAWN, "2024-01-02"}},
                 "2024-01-01"},
        DutyCase{"WithdrawnOnTheDayOfCertification",
                 {{E::CERTIFIED, "2024-05-01"}, {E::WITHDRAWN, "2024-05-01"}},
                 ""},
        DutyCase{"RevokedBeforeAndReinstatedInIt",
                 {{E::CERTIFIED, "2022-05-01"},
                  {E::AUTHORIZED, "2022-06-01"},
                  {E::REVOKED, "2023-01-01"},
                  {E::REINSTATED, "2024-07-01"}},
                 "2024-07-01"},
        // Papers begin anew; what was before the transfer was.
        DutyCase{"TransferredInIt",
                 {{E::CERTIFIED, "2022-05-01"}, {E::TRANSFERRED, "2024-02-01"}},
                 "2024-01-01"},
        DutyCase{"TransferredBefore",
                 {{E::CERTIFIED, "2022-05-01"},
                  {E::TRANSFERRED, "2023-02-01"},
                  {E::CERTIFIED, "2025-02-01"}},
                 ""}),
    [](const auto& info) { return std::string(info.param.name); });

// What was cured after the year was not current in it.
TEST(VerificationTest, ALateOneIsJudgedByTheLastDayOfItsYear) {
  const VerificationYear year = {On("2024-01-01"), On("2024-12-31")};
  EXPECT_EQ(JudgedOn(On("2024-06-01"), year), On("2024-06-01"));
  EXPECT_EQ(JudgedOn(On("2024-12-31"), year), On("2024-12-31"));
  EXPECT_EQ(JudgedOn(On("2025-01-01"), year), On("2024-12-31"));
}

}  // namespace
}  // namespace accord::training
