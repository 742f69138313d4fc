// Lists and figures of callers who may see a part of the program.
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "common/base/clock.h"
#include "common/testing/matchers.h"
#include "services/gateway/projection.h"
#include "tests/unit/gateway/records.h"

namespace accord::gateway {
namespace {

using State = av1::Agreement;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

Reach Office(const std::string& office) { return {.field_offices = {office}}; }
Reach Agency(const std::string& agency) { return {.agencies = {agency}}; }

// Three agencies of two offices, each with an agreement in force and an open discrepancy.
class ReachTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ProgramRows rows = projection_.EmptyRows();
    Put("1", "fieldOffices/houston", rows);
    Put("2", "fieldOffices/miami", rows);
    Put("3", "fieldOffices/miami", rows);
    projection_.Replace(std::move(rows), {kAgreementsService, "L1", 9}, 9);
  }

  static void Put(const std::string& id, const std::string& office, ProgramRows& rows) {
    av1::Agency agency = MakeAgency(absl::StrCat("agencies/", id), absl::StrCat("Name ", id));
    agency.set_field_office(office);
    rows.Put(agency, 1);
    av1::Agreement agreement = MakeAgreement(absl::StrCat("agreements/", id), agency.name(),
                                             {{State::ACTIVE, "2025-01-01"}});
    agreement.set_field_office(office);
    rows.Put(agreement, 2);
    av1::RosterDiscrepancy discrepancy;
    discrepancy.set_name(absl::StrCat("rosterDiscrepancies/", id));
    discrepancy.set_agency(agency.name());
    discrepancy.set_kind(av1::RosterDiscrepancy::DATE_CONFLICT);
    discrepancy.set_state(av1::RosterDiscrepancy::OPEN);
    rows.Put(discrepancy, 3);
  }

  // All pages of `page_size`, and their common total.
  std::vector<std::string> Names(const Reach& reach, const std::string& filter, size_t page_size,
                                 int* total) {
    FieldViolations violations;
    static const auto& fields = *new store::Fields(v1::AgencyStatusSummary::descriptor(),
                                                   {"agency", "field_office", "verdict"});
    const auto parsed = store::Filter::Parse(filter, fields, violations);
    std::vector<std::string> names;
    std::optional<Place> after;
    do {
      const auto page = projection_.List(*parsed, reach, kDay, after, page_size);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return names;
      for (const auto& summary : page->statuses) names.push_back(summary.agency());
      *total = page->total;
      after = page->next;
    } while (after);
    return names;
  }

  v1::ProgramMetrics Metrics(const Reach& reach, Date date) {
    auto metrics = projection_.MetricsOn(date, *policy_->versions().front(), false, reach);
    EXPECT_THAT(metrics, IsOk());
    return metrics.ok() ? metrics->metrics : v1::ProgramMetrics();
  }

  const Date kDay = Day("2025-07-02");
  const std::shared_ptr<const Policy> policy_ = TestPolicy();
  FakeClock clock_{absl::FromCivil(absl::CivilHour(2025, 7, 2, 12), policy_->time_zone())};
  Projection projection_{policy_, clock_};
};

TEST_F(ReachTest, ListsShowAndCountNothingElse) {
  for (const size_t page_size : {1, 2, 10}) {
    int total = -1;
    EXPECT_THAT(Names(Reach::Whole(), "", page_size, &total),
                ElementsAre("agencies/1", "agencies/2", "agencies/3"));
    EXPECT_EQ(total, 3);
    EXPECT_THAT(Names(Office("fieldOffices/miami"), "", page_size, &total),
                ElementsAre("agencies/2", "agencies/3"));
    EXPECT_EQ(total, 2);
    EXPECT_THAT(Names(Agency("agencies/1"), "", page_size, &total), ElementsAre("agencies/1"));
    EXPECT_EQ(total, 1);
  }
}

TEST_F(ReachTest, FiltersCannotAskPastIt) {
  int total = -1;
  for (const char* filter : {"field_office = \"fieldOffices/houston\"", "agency = \"agencies/1\"",
                             "NOT field_office = \"fieldOffices/miami\""}) {
    EXPECT_THAT(Names(Office("fieldOffices/miami"), filter, 10, &total), IsEmpty()) << filter;
    EXPECT_EQ(total, 0) << filter;
  }
  EXPECT_THAT(Names(Office("fieldOffices/miami"),
                    "agency = \"agencies/1\" OR agency = \"agencies/3\"", 10, &total),
              ElementsAre("agencies/3"));
  EXPECT_EQ(total, 1);
}

TEST_F(ReachTest, FiguresCountNothingElse) {
  // Today's figures of the whole are kept; all others are counted anew.
  for (const Date date : {kDay, kDay - days(30)}) {
    const auto expect = [&](const Reach& reach, int count, size_t offices) {
      const v1::ProgramMetrics metrics = Metrics(reach, date);
      EXPECT_EQ(metrics.in_force().agreements(), count);
      EXPECT_EQ(metrics.in_force().agencies(), count);
      EXPECT_EQ(metrics.by_field_office_size(), static_cast<int>(offices));
      ASSERT_EQ(metrics.open_discrepancies_size(), 1);
      EXPECT_EQ(metrics.open_discrepancies(0).agreements(), count);
    };
    expect(Reach::Whole(), 3, 2);
    expect(Office("fieldOffices/miami"), 2, 1);
    expect(Agency("agencies/1"), 1, 1);
  }
}

TEST_F(ReachTest, WhoReachesNothingSeesZeroes) {
  int total = -1;
  EXPECT_THAT(Names({.self = true}, "", 10, &total), IsEmpty());
  EXPECT_EQ(total, 0);
  const v1::ProgramMetrics metrics = Metrics({.self = true}, kDay);
  EXPECT_EQ(metrics.in_force().agreements(), 0);
  EXPECT_EQ(metrics.open_discrepancies_size(), 0);
}

}  // namespace
}  // namespace accord::gateway
