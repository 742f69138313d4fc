#include "services/gateway/program_rows.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "common/testing/matchers.h"
#include "tests/unit/gateway/records.h"

namespace accord::gateway {
namespace {

using State = av1::Agreement;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::PartiallyEqualsProto;

std::string StateName(absl::string_view code) {
  if (code == "TX") return "Texas";
  if (code == "FL") return "Florida";
  return std::string(code);
}

ProgramRows Empty(const std::string& today = "2025-07-01") {
  return ProgramRows(Zone(), StateName, Day(today));
}

std::vector<v1::AgencyStatusSummary> Summaries(const ProgramRows& rows, Date date) {
  std::vector<v1::AgencyStatusSummary> all;
  rows.Visit(std::nullopt, 1'000'000, date, [&](const Place&, const auto& summary) {
    all.push_back(summary);
    return true;
  });
  return all;
}

std::vector<std::string> Names(const ProgramRows& rows) {
  std::vector<std::string> names;
  for (const auto& summary : Summaries(rows, rows.today())) names.push_back(summary.agency());
  return names;
}

av1::RosterDiscrepancy Discrepancy(const std::string& name, const std::string& agency,
                                   av1::RosterDiscrepancy::State state) {
  av1::RosterDiscrepancy discrepancy;
  discrepancy.set_name(name);
  discrepancy.set_agency(agency);
  discrepancy.set_state(state);
  discrepancy.set_kind(av1::RosterDiscrepancy::DATE_CONFLICT);
  return discrepancy;
}

template <typename Message>
log::v1::Change ChangeOf(const Message& message, int64_t revision,
                         log::v1::Change::Kind kind = log::v1::Change::UPDATE) {
  log::v1::Change change;
  change.set_name(absl::StrCat("changes/", revision));
  change.set_revision(revision);
  change.set_resource(message.name());
  change.set_resource_type(Message::descriptor()->full_name());
  change.set_kind(kind);
  if (kind != log::v1::Change::DELETE) change.mutable_image()->PackFrom(message);
  return change;
}

TEST(ProgramRows, SummarizeAnAgency) {
  ProgramRows rows = Empty();
  rows.Put(MakeAgency("agencies/1", "Alpha"), 1);
  rows.Put(MakeAgreement("agreements/1", "agencies/1",
                         {{State::ACTIVE, "2025-01-01"}, {State::SUSPENDED, "2025-08-01"}}),
           2);
  av1::Agreement second =
      MakeAgreement("agreements/2", "agencies/1", {{State::PENDING, "2025-01-01"}});
  second.set_model("BBB");
  rows.Put(second, 3);
  rows.Put(Discrepancy("rosterDiscrepancies/1", "agencies/1", av1::RosterDiscrepancy::OPEN), 4);
  EXPECT_THAT(Summaries(rows, Day("2025-07-01")), ElementsAre(testing::ProtoEquals(R"pb(
                agency: "agencies/1"
                display_name: "Alpha"
                state: "TX"
                field_office: "fieldOffices/houston"
                verdict: IN_FORCE
                models_in_force: "AAA"
                agreements: 2
                open_discrepancies: 1
                valid_until { year: 2025 month: 8 day: 1 }
              )pb")));
  EXPECT_THAT(Summaries(rows, Day("2025-08-01")), ElementsAre(PartiallyEqualsProto(R"pb(
                verdict: IN_PIPELINE
              )pb")));
}

TEST(ProgramRows, ListByNameOfStateThenName) {
  ProgramRows rows = Empty();
  rows.Put(MakeAgency("agencies/1", "Alpha", "TX"), 1);
  rows.Put(MakeAgency("agencies/2", "Zulu", "FL"), 2);
  rows.Put(MakeAgency("agencies/3", "Beta", "FL"), 3);
  EXPECT_THAT(Names(rows), ElementsAre("agencies/3", "agencies/2", "agencies/1"));
  rows.Put(MakeAgency("agencies/2", "Aardvark", "FL"), 4);
  EXPECT_THAT(Names(rows), ElementsAre("agencies/2", "agencies/3", "agencies/1"));
}

TEST(ProgramRows, LeaveMergedOnesOutAndResolveThem) {
  ProgramRows rows = Empty();
  rows.Put(MakeAgency("agencies/1"), 1);
  av1::Agency merged = MakeAgency("agencies/2");
  rows.Put(merged, 2);
  merged.set_merged_into("agencies/1");
  rows.Put(merged, 3);
  av1::Agreement agreement =
      MakeAgreement("agreements/1", "agencies/1", {{State::ACTIVE, "2025-01-01"}});
  rows.Put(agreement, 4);
  agreement.set_merged_into("agreements/9");
  EXPECT_THAT(Names(rows), ElementsAre("agencies/1"));
  EXPECT_EQ(rows.RecordOf("agencies/2", rows.today())->agency().name(), "agencies/1");
  EXPECT_EQ(rows.RecordOf("agencies/2", rows.today())->agreements_size(), 1);
  rows.Put(agreement, 5);
  EXPECT_EQ(rows.agreements(), 0u);
  EXPECT_TRUE(rows.TodaysTally(false) == MetricsTally());
  merged.clear_merged_into();
  rows.Put(merged, 6);
  EXPECT_THAT(Names(rows), ElementsAre("agencies/1", "agencies/2"));
}

TEST(ProgramRows, AnOldImageDoesNotComeBack) {
  ProgramRows rows = Empty();
  rows.Put(MakeAgency("agencies/1", "New"), 7);
  rows.Put(MakeAgreement("agreements/1", "agencies/1", {{State::SUSPENDED, "2025-01-01"}}), 7);
  ASSERT_TRUE(rows.Apply(ChangeOf(MakeAgency("agencies/1", "Old"), 6)).ok());
  ASSERT_TRUE(rows.Apply(ChangeOf(MakeAgreement("agreements/1", "agencies/1",
                                                {{State::ACTIVE, "2025-01-01"}}),
                                  7))
                  .ok());
  EXPECT_THAT(Summaries(rows, rows.today()), ElementsAre(PartiallyEqualsProto(R"pb(
                display_name: "New"
                verdict: SUSPENDED
              )pb")));
}

TEST(ProgramRows, AnImageThatIsGoneAsksForANewListing) {
  ProgramRows rows = Empty();
  log::v1::Change change = ChangeOf(MakeAgency("agencies/1"), 1);
  change.clear_image();
  EXPECT_EQ(rows.Apply(change).code(), absl::StatusCode::kFailedPrecondition);
  change.set_resource_type("accord.agreements.v1.RosterRow");
  EXPECT_TRUE(rows.Apply(change).ok()) << "what is not kept is passed over";
}

TEST(ProgramRows, CountDiscrepanciesWithTheirAgency) {
  ProgramRows rows = Empty();
  const auto open = av1::RosterDiscrepancy::OPEN;
  rows.Put(Discrepancy("rosterDiscrepancies/1", "agencies/1", open), 1);
  rows.Put(Discrepancy("rosterDiscrepancies/2", "agencies/1", open), 2);
  ASSERT_EQ(rows.Discrepancies(false).size(), 1u);
  EXPECT_EQ(rows.Discrepancies(false).begin()->second.things(), 2);
  EXPECT_EQ(rows.Discrepancies(false).begin()->second.agencies(), 1);
  av1::Agency agency = MakeAgency("agencies/1");
  agency.set_fictitious(true);
  rows.Put(agency, 3);
  EXPECT_THAT(rows.Discrepancies(false), IsEmpty());
  EXPECT_EQ(rows.Discrepancies(true).begin()->second.things(), 2);
  rows.Put(Discrepancy("rosterDiscrepancies/1", "agencies/1", av1::RosterDiscrepancy::REJECTED), 4);
  EXPECT_EQ(rows.Discrepancies(true).begin()->second.things(), 1);
}

TEST(ProgramRows, TheNewestListIsTheNewestAppliedOne) {
  ProgramRows rows = Empty();
  av1::RosterImport list;
  list.set_kind(av1::RosterImport::PARTICIPATING);
  list.set_state(av1::RosterImport::APPLIED);
  int64_t revision = 0;
  for (const char* day : {"2025-06-01", "2025-07-01", "2025-05-01"}) {
    list.set_name(absl::StrCat("rosterImports/", day));
    *list.mutable_as_of_date() = ToProto(Day(day));
    rows.Put(list, ++revision);
  }
  EXPECT_EQ(rows.Newest(false).participating, Day("2025-07-01"));
  EXPECT_EQ(rows.Newest(false).pending, std::nullopt);
  EXPECT_EQ(rows.Newest(true).participating, std::nullopt);
  list.set_name("rosterImports/2025-07-01");
  list.set_state(av1::RosterImport::REVERTED);
  rows.Put(list, ++revision);
  EXPECT_EQ(rows.Newest(false).participating, Day("2025-06-01"));
}

// Random lives of a few agencies and agreements, as a log tells them.
class RandomLog {
 public:
  explicit RandomLog(uint32_t seed) : random_(seed) {}

  log::v1::Change Next() {
    ++revision_;
    switch (Pick(10)) {
      case 0:
        return Remember(RandomAgency());
      case 1:
        return Remember(RandomDiscrepancy());
      case 2:
        return Delete();
      default:
        return Remember(RandomAgreement());
    }
  }
  int Pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  // Puts the newest image of everything that is left into `rows`.
  void List(ProgramRows& rows) const {
    for (const auto& [name, change] : newest_) ASSERT_TRUE(rows.Apply(change).ok());
  }

 private:
  template <typename Message>
  log::v1::Change Remember(const Message& message) {
    const log::v1::Change change = ChangeOf(message, revision_);
    newest_[message.name()] = change;
    return change;
  }
  log::v1::Change Delete() {
    const av1::Agreement gone = RandomAgreement();
    newest_.erase(gone.name());
    return ChangeOf(gone, revision_, log::v1::Change::DELETE);
  }
  av1::Agency RandomAgency() {
    av1::Agency agency = MakeAgency(absl::StrCat("agencies/", Pick(5)),
                                    absl::StrCat("Name ", Pick(5)), Pick(2) ? "TX" : "FL");
    agency.set_fictitious(Pick(3) == 0);
    if (Pick(6) == 0) agency.set_merged_into("agencies/0");
    return agency;
  }
  av1::RosterDiscrepancy RandomDiscrepancy() {
    return Discrepancy(absl::StrCat("rosterDiscrepancies/", Pick(6)),
                       absl::StrCat("agencies/", Pick(5)),
                       Pick(2) ? av1::RosterDiscrepancy::OPEN : av1::RosterDiscrepancy::ACCEPTED);
  }
  av1::Agreement RandomAgreement() {
    std::vector<Move> moves;
    Date day = Day("2025-06-01") + days(Pick(20));
    for (int i = Pick(4); i >= 0; --i) {
      moves.push_back({static_cast<State::State>(1 + Pick(12)), FormatDate(day)});
      day += days(Pick(20));
    }
    av1::Agreement agreement = MakeAgreement(absl::StrCat("agreements/", Pick(12)),
                                             absl::StrCat("agencies/", Pick(5)), moves);
    agreement.set_model(Pick(2) ? "AAA" : "BBB");
    agreement.set_fictitious(Pick(3) == 0);
    agreement.mutable_participating()->set_listed(Pick(2) == 0);
    if (Pick(8) == 0) agreement.set_merged_into("agreements/0");
    return agreement;
  }

  std::mt19937 random_;
  int64_t revision_ = 0;
  std::map<std::string, log::v1::Change> newest_;
};

v1::ProgramMetrics Figures(const ProgramRows& rows, const MetricsTally& tally, bool fictitious) {
  static const auto& policy = *new std::shared_ptr<const Policy>(TestPolicy());
  return MetricsOf(tally, rows.Discrepancies(fictitious), rows.Newest(fictitious),
                   *policy->versions().front(), rows.today(), fictitious);
}

void ExpectSame(const ProgramRows& kept, const ProgramRows& anew) {
  const auto summaries = Summaries(kept, kept.today());
  const auto expected = Summaries(anew, anew.today());
  ASSERT_EQ(summaries.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_THAT(summaries[i], testing::ProtoEquals(expected[i]));
  }
  for (const bool fictitious : {false, true}) {
    EXPECT_TRUE(kept.TodaysTally(fictitious) == kept.TallyOn(kept.today(), fictitious));
    EXPECT_THAT(Figures(kept, kept.TodaysTally(fictitious), fictitious),
                testing::ProtoEquals(Figures(anew, anew.TodaysTally(fictitious), fictitious)));
  }
}

class RandomChanges : public ::testing::TestWithParam<uint32_t> {};

TEST_P(RandomChanges, WhatIsKeptIsWhatIsComputedAnew) {
  RandomLog log(GetParam());
  ProgramRows kept = Empty("2025-06-10");
  for (int step = 0; step < 120; ++step) {
    ASSERT_TRUE(kept.Apply(log.Next()).ok());
    // Mostly forward, as days go; now and then back, as clocks may.
    if (log.Pick(8) == 0) kept.MoveTo(kept.today() + days(log.Pick(9) - 2));
    ProgramRows anew = Empty(FormatDate(kept.today()));
    log.List(anew);
    ExpectSame(kept, anew);
    if (HasFailure()) FAIL() << "seed " << GetParam() << " step " << step;
  }
}

TEST_P(RandomChanges, AListingReadAtMixedRevisionsCatchesUp) {
  RandomLog log(GetParam());
  std::vector<log::v1::Change> changes;
  ProgramRows listed = Empty("2025-07-01");
  for (int step = 0; step < 60; ++step) changes.push_back(log.Next());
  // Every resource is read at some revision of its own, and all is replayed.
  std::map<std::string, log::v1::Change> read;
  for (const log::v1::Change& change : changes) {
    if (change.kind() == log::v1::Change::DELETE) {
      read.erase(change.resource());
    } else if (log.Pick(2) == 0) {
      read[change.resource()] = change;
    }
  }
  for (const auto& [name, change] : read) ASSERT_TRUE(listed.Apply(change).ok());
  for (const log::v1::Change& change : changes) ASSERT_TRUE(listed.Apply(change).ok());
  ProgramRows anew = Empty("2025-07-01");
  log.List(anew);
  ExpectSame(listed, anew);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomChanges, ::testing::Range(1u, 13u));

}  // namespace
}  // namespace accord::gateway
