// What the training service asks of both databases beyond the standard reads.
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/training/officer_events.h"
#include "services/training/store_completions.h"
#include "services/training/store_summary.h"
#include "tests/contract/store_fixture.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using testing::IsOk;
using ::testing::SizeIs;

const Date kToday = MakeDate(2026, 3, 2);

class TrainingContractTest : public store::StoreTest {
 protected:
  void SetUp() override {
    absl::StatusOr<std::string> url = NewUrl();
    ASSERT_THAT(url, IsOk());
    url_ = *std::move(url);
    auto store = TryOpen({}, Types());
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    clock_.Set(StartOfDay(kToday, policy_->time_zone()) + absl::Hours(12));
  }

  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  v1::Officer AnyOfficer(int number) {
    v1::Officer officer;
    officer.set_name(absl::StrCat("officers/o", 1000 + number));
    officer.set_model(Below(2) == 0 ? "AAA" : "BBB");
    officer.set_template_(Below(3) == 0 ? "" : absl::StrCat(officer.model(), "-1"));
    officer.set_field_office(Below(4) == 0 ? "" : absl::StrCat("fieldOffices/f", Below(2)));
    officer.set_agency(absl::StrCat("agencies/a", Below(5)));
    officer.set_agreement(absl::StrCat(absl::StrReplaceAll(officer.agency(), {{"cies", ""}}), "x"));
    officer.set_fictitious(Below(3) == 0);
    officer.set_state(static_cast<v1::Officer::State>(1 + Below(9)));
    officer.set_certification(static_cast<v1::Certification::State>(1 + Below(5)));
    officer.set_authority_ended(Below(3) == 0);
    officer.set_annual_training(static_cast<v1::Certification::State>(1 + number % 5));
    officer.set_policy_version(Below(5) > 0 ? "v1" : Below(2) == 0 ? "v0" : "v2");
    if (officer.certification() == v1::Certification::CURRENT && Below(4) > 0) {
      const Date through = kToday + days(Below(200) - 30);
      *officer.mutable_current_through() = ToProto(through);
      *officer.mutable_next_change_date() = ToProto(through + days(1));
    }
    // Of one agency, everybody has changed since.
    if (number % 25 == 0) {
      officer.set_agency("agencies/changed");
      *officer.mutable_next_change_date() = ToProto(kToday);
    }
    return officer;
  }

  std::vector<v1::Officer> WriteOfficers(int count) {
    std::vector<v1::Officer> officers;
    for (int i = 0; i < count; ++i) officers.push_back(AnyOfficer(i));
    Do([&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
      store::WriteSet writes;
      for (const v1::Officer& officer : officers) writes.Create(officer);
      return writes;
    });
    return officers;
  }

  std::unique_ptr<store::Snapshot> Read() {
    auto snapshot = store_->Read(Soon());
    EXPECT_THAT(snapshot, IsOk());
    return *std::move(snapshot);
  }

  std::shared_ptr<const Policy> policy_ = Policy::Parse(PolicyText(), "test").value();
  std::mt19937 random_{20260302};
};

INSTANTIATE_TEST_SUITE_P(Databases, TrainingContractTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         store::DialectName);

bool IsKept(const v1::Officer& officer) {
  const auto change = FromProto(officer.next_change_date());
  return officer.policy_version() == "v1" && (!change || *change > kToday);
}

using Group = std::tuple<std::string, std::string, std::string, std::string, bool>;
// By group and what is counted of it, how many.
using Counts = std::map<std::pair<Group, std::string>, int64_t>;

Group GroupOf(const v1::Officer& officer, bool by_agreement) {
  return {officer.model(), officer.field_office(), officer.agency(),
          by_agreement ? officer.agreement() : "", officer.fictitious()};
}
Group GroupOf(const OfficerCount& count) {
  return {count.model, count.field_office, count.agency, count.agreement, count.fictitious};
}

std::string AnnualName(v1::Certification::State annual) {
  switch (annual) {
    case v1::Certification::NO_RULE:
      return "annual: not bound";
    case v1::Certification::CURRENT:
      return "annual: current";
    case v1::Certification::LAPSED:
    case v1::Certification::NOT_CERTIFIED:
      return "annual: missed";
    default:
      return "annual: open";
  }
}

void CountOne(const v1::Officer& officer, const Group& group, Counts& counts) {
  ++counts[{group, "officers"}];
  const bool current = officer.certification() == v1::Certification::CURRENT;
  const bool ended = current && officer.authority_ended();
  ++counts[{group,
            ended ? "authority ended" : v1::Certification::State_Name(officer.certification())}];
  if (!IsOnDuty(officer.state()) || officer.authority_ended()) return;
  ++counts[{group, "on duty"}];
  ++counts[{group, AnnualName(officer.annual_training())}];
}

void AddTo(Counts& counts, const OfficerCount& count) {
  const int64_t known =
      count.current + count.authority_ended + count.lapsed + count.not_certified + count.no_rule;
  const std::map<std::string, int64_t> numbers = {
      {"officers", count.officers},
      {"CURRENT", count.current},
      {"authority ended", count.authority_ended},
      {"LAPSED", count.lapsed},
      {"NOT_CERTIFIED", count.not_certified},
      {"NO_RULE", count.no_rule},
      {"UNKNOWN", count.officers - known},
      {"on duty", count.on_duty},
      {"annual: not bound", count.on_duty - count.annual_bound},
      {"annual: current", count.annual_bound - count.annual_not_known_current},
      {"annual: open", count.annual_not_known_current - count.annual_known_not_current},
      {"annual: missed", count.annual_known_not_current},
      {"lapsing", count.lapsing}};
  for (const auto& [what, number] : numbers) {
    if (number != 0) counts[{GroupOf(count), what}] += number;
  }
}

std::set<std::string> NamesIn(const Counts& counts) {
  std::set<std::string> names;
  for (const auto& [key, number] : counts) names.insert(key.second);
  return names;
}

class CountedOfficersTest : public TrainingContractTest {
 protected:
  KeptAsk AskOf(const OfficerScope& scope) {
    return {.scope = scope,
            .as_of = kToday,
            .policy_version = "v1",
            .lapsing_through = kToday + days(90),
            .by_agreement = scope.narrow,
            .deadline = Soon()};
  }

  // Against officers that are looked at one by one.
  void ExpectCounted(const OfficerScope& scope,
                     const std::function<bool(const v1::Officer&)>& is_in_scope) {
    const KeptAsk ask = AskOf(scope);
    Counts counts;
    std::set<Group> groups;
    std::set<std::string> rest;
    std::optional<Date> first_end;
    for (const v1::Officer& officer : officers_) {
      if (!is_in_scope(officer) || !IsInProgram(officer.state())) continue;
      if (!IsKept(officer)) {
        rest.insert(officer.name());
        continue;
      }
      const Group group = GroupOf(officer, ask.by_agreement);
      groups.insert(group);
      CountOne(officer, group, counts);
      auto through = FromProto(officer.current_through());
      if (officer.authority_ended()) through.reset();
      if (through && *through <= ask.lapsing_through) ++counts[{group, "lapsing"}];
      if (through) first_end = std::min(first_end.value_or(*through), *through);
    }
    EXPECT_GT(groups.size(), 5u);
    EXPECT_THAT(NamesIn(counts), SizeIs(13)) << "of some numbers there is nobody";
    EXPECT_GT(rest.size(), 3u);
    ExpectCounts(ask, counts, first_end);
    EXPECT_EQ(NotKept(ask), rest);
  }

  void ExpectCounts(const KeptAsk& ask, const Counts& expected, std::optional<Date> first_end) {
    const auto snapshot = Read();
    const auto counted = CountKept(**snapshot, ask);
    ASSERT_THAT(counted, IsOk());
    Counts counts;
    std::set<Group> groups;
    std::optional<Date> counted_first_end;
    for (const OfficerCount& count : *counted) {
      EXPECT_TRUE(count.officers > 0 || count.lapsing > 0) << count.agency << " has nobody";
      if (count.officers != 0) {
        EXPECT_TRUE(groups.insert(GroupOf(count)).second) << count.agency << " comes twice";
      }
      AddTo(counts, count);
      const auto end = count.current_through;
      if (end) counted_first_end = std::min(counted_first_end.value_or(*end), *end);
    }
    EXPECT_EQ(counts, expected);
    if (ask.scope.narrow) {
      EXPECT_EQ(counted_first_end, first_end);
    }
  }

  std::set<std::string> NotKept(const KeptAsk& ask) {
    std::set<std::string> names;
    size_t given = 0;
    const auto snapshot = Read();
    EXPECT_THAT(ForEachNotKept(**snapshot, ask, /*batch=*/7,
                               [&](std::vector<v1::Officer> officers) {
                                 EXPECT_LE(officers.size(), 7u);
                                 given += officers.size();
                                 for (const auto& officer : officers) names.insert(officer.name());
                                 return absl::OkStatus();
                               }),
                IsOk());
    EXPECT_EQ(given, names.size()) << "somebody was given twice";
    return names;
  }

  std::vector<v1::Officer> officers_;
};

INSTANTIATE_TEST_SUITE_P(Databases, CountedOfficersTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         store::DialectName);

TEST_P(CountedOfficersTest, ByWhatIsKept) {
  officers_ = WriteOfficers(1200);
  ExpectCounted(Fictitious(true), [](const v1::Officer& o) { return o.fictitious(); });
  ExpectCounted(OfAgency("agencies/a1"),
                [](const v1::Officer& o) { return o.agency() == "agencies/a1"; });
  OfficerScope everybody = Fictitious(false);
  everybody.counted = false;  // Through the officers.
  ExpectCounted(everybody, [](const v1::Officer& o) { return !o.fictitious(); });
}

TEST_P(TrainingContractTest, CasesCountWithTheirOfficers) {
  const std::vector<v1::Officer> officers = WriteOfficers(40);
  std::multiset<std::string> expected;
  Do([&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
    store::WriteSet writes;
    expected.clear();
    for (size_t i = 0; i < officers.size(); ++i) {
      v1::RevocationCase revocation;
      revocation.set_name(absl::StrCat("revocationCases/c", i));
      revocation.set_officer(officers[i].name());
      const int due_in = static_cast<int>(i % 5) - 2;
      if (due_in != 2) *revocation.mutable_decision_due_date() = ToProto(kToday + days(due_in));
      writes.Create(revocation);
      if (!officers[i].fictitious() || due_in >= 0) continue;
      expected.insert(
          absl::StrCat(revocation.name(), " ", officers[i].model(), " ", officers[i].agreement()));
    }
    return writes;
  });
  std::multiset<std::string> found;
  const auto snapshot = Read();
  ASSERT_THAT(ForEachCaseDueBefore(**snapshot, Fictitious(true), kToday, /*open_only=*/false,
                                   [&](const v1::RevocationCase& revocation,
                                       const std::string& model, const std::string& agreement) {
                                     found.insert(absl::StrCat(revocation.name(), " ", model, " ",
                                                               agreement));
                                   }),
              IsOk());
  EXPECT_GT(expected.size(), 2u);
  EXPECT_EQ(found, expected);
}

// An export in chunks, the record as it was before it, and a summary of what came of it.
TEST_P(TrainingContractTest, AnExportIsImportedOnceAndCounted) {
  policy_ = Policy::Parse(
                absl::StrReplaceAll(PolicyText(), {{"chunk_rows: 5000", "chunk_rows: 25"}}), "test")
                .value();
  const FakeAgreements agreements;
  Handlers handlers(*store_, policy_, agreements);
  std::vector<std::string> rows = {"officer,course,date,result"};
  Do([&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
    store::WriteSet writes;
    for (int i = 0; i < 60; ++i) {
      OfficerFacts facts;
      facts.officer.set_name(absl::StrCat("officers/o", 100 + i));
      facts.officer.set_model("AAA");
      facts.officer.set_template_("AAA-1");
      facts.officer.set_agency(absl::StrCat("agencies/a", i % 3));
      facts.officer.set_state(v1::Officer::IN_TRAINING);
      facts.officer.set_fictitious(true);
      KeepToday(facts, policy_->AtOrFirst(kToday), kToday);
      writes.Create(facts.officer);
    }
    return writes;
  });
  for (int i = 0; i < 60; ++i) {
    rows.push_back(absl::StrCat("officers/o", 100 + i, ",aaa-basic,2025-04-01,passed"));
    rows.push_back(
        absl::StrCat("officers/o", 100 + i, ",aaa-annual,2025-0", 5 + i % 4, "-01,passed"));
  }
  rows.push_back("officers/none,aaa-basic,2025-04-01,passed");
  rpc::Call call = rpc::Call::ForTest("unverified:clerk");
  const int64_t before = Head().revision;
  v1::ImportCompletionsRequest request;
  request.set_file_name("export.csv");
  request.set_content(absl::StrJoin(rows, "\n"));
  const auto import = handlers.ImportCompletions(call, request);
  ASSERT_THAT(import, IsOk());
  EXPECT_EQ(import->state(), v1::CompletionImport::APPLIED);
  EXPECT_EQ(import->rows_applied(), 121);
  const auto again = handlers.ImportCompletions(call, request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->state(), v1::CompletionImport::ALREADY_IMPORTED);
  const auto snapshot = Read();
  const auto then = CompletionsOfAt(**snapshot, "officers/o100", before);
  const auto now = CompletionsOfAt(**snapshot, "officers/o100", Head().revision);
  ASSERT_THAT(then, IsOk());
  ASSERT_THAT(now, IsOk());
  EXPECT_THAT(*then, SizeIs(0));
  EXPECT_THAT(*now, SizeIs(2));

  v1::GetTrainingSummaryRequest ask;
  ask.set_fictitious(true);
  ask.set_lapsing_days(60);
  const auto summary = handlers.GetTrainingSummary(call, ask);
  ASSERT_THAT(summary, IsOk());
  EXPECT_THAT(*summary, testing::PartiallyEqualsProto(R"pb(
    all { officers: 60 current: 60 lapsing: 15 }
    by_agency { key: "agencies/a0" officers: 20 current: 20 lapsing: 5 }
    by_agency { key: "agencies/a1" officers: 20 current: 20 lapsing: 5 }
    by_agency { key: "agencies/a2" officers: 20 current: 20 lapsing: 5 }
  )pb"));
}

}  // namespace
}  // namespace accord::training
