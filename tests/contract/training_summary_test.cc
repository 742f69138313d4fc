// A summary from counts, and from what is kept of officers, is the one that weighing every officer
// gives.
#include <algorithm>
#include <random>
#include <set>

#include "services/training/authority.h"
#include "services/training/store.h"
#include "services/training/summary.h"
#include "tests/contract/store_fixture.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::ProtoEquals;

const Date kToday = MakeDate(2026, 3, 2);
constexpr int kOfficers = 150;
constexpr int kAgencies = 6;
constexpr int kDefaultLapsingDays = 90;

class TrainingSummaryTest : public store::StoreTest {
 protected:
  void SetUp() override {
    absl::StatusOr<std::string> url = NewUrl();
    ASSERT_THAT(url, IsOk());
    url_ = *std::move(url);
    auto store = TryOpen({}, Types());
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    handlers_ = std::make_unique<Handlers>(*store_, policy_, agreements_);
    clock_.Set(StartOfDay(kToday, policy_->time_zone()) + absl::Hours(12));
    for (int i = 0; i < kOfficers; ++i) Draw(i);
    // Officers move between groups, too.
    for (int i = 0; i < kOfficers; ++i) Happen(Below(kOfficers));
  }

  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  static std::string NameOf(int number) { return absl::StrCat("officers/o", 1000 + number); }

  void Place(v1::Officer& officer) {
    const int agency = Below(kAgencies);
    officer.set_agency(absl::StrCat("agencies/a", agency));
    officer.set_agreement(absl::StrCat("agreements/", officer.model(), agency));
    officer.set_field_office(agency == 0 ? "" : absl::StrCat("fieldOffices/f", agency % 3));
  }

  v1::Completion Exam(const v1::Officer& officer, bool basic) {
    v1::Completion exam;
    exam.set_name(absl::StrCat("completions/", NewId()));
    exam.set_officer(officer.name());
    const std::string model = officer.model() == "AAA" ? "aaa" : "bbb";
    exam.set_course(absl::StrCat(model, basic || model == "bbb" ? "-basic" : "-annual"));
    *exam.mutable_date() = ToProto(kToday - days(Below(500)));
    exam.set_result(Below(6) == 0 ? v1::Completion::FAILED : v1::Completion::PASSED);
    exam.set_attempt(1);
    CopyOfficer(officer, exam);
    return exam;
  }

  // Most are kept as of today; some as of a day before, with what has changed since not seen; some
  // under another policy, with what no rule here would say.
  void KeepOfficer(OfficerFacts& facts) {
    const Date kept_on = Below(3) == 0 ? kToday - days(Below(200)) : kToday;
    KeepToday(facts, policy_->AtOrFirst(kept_on), kept_on);
    if (Below(12) > 0) return;
    facts.officer.set_policy_version("v0");
    facts.officer.set_certification(static_cast<v1::Certification::State>(1 + Below(5)));
  }

  // On duty since long ago, under an agreement that some day is not in force.
  void GiveAuthority(v1::Officer& officer) {
    v1::OfficerEvent& event = *officer.add_events();
    event.set_kind(v1::OfficerEvent::AUTHORIZED);
    *event.mutable_date() = ToProto(kToday - days(700 + Below(60)));
    if (Below(3) > 0) return;
    v1::AgreementStanding& standing = *officer.add_agreement_standing();
    *standing.mutable_date() = ToProto(kToday + days(Below(200) - 100));
  }

  void Draw(int number) {
    OfficerFacts facts;
    facts.officer.set_name(NameOf(number));
    facts.officer.set_model(Below(3) == 0 ? "BBB" : "AAA");
    if (Below(8) > 0) facts.officer.set_template_(absl::StrCat(facts.officer.model(), "-1"));
    Place(facts.officer);
    facts.officer.set_fictitious(Below(4) > 0);
    facts.officer.set_state(static_cast<v1::Officer::State>(1 + Below(9)));
    GiveAuthority(facts.officer);
    if (Below(6) > 0) facts.completions.push_back(Exam(facts.officer, /*basic=*/true));
    for (int i = Below(3); i > 0; --i) facts.completions.push_back(Exam(facts.officer, false));
    KeepOfficer(facts);
    Write(facts, facts.completions, /*is_new=*/true);
    if (Below(3) == 0) OpenCase(facts.officer, number);
  }

  // One of what changes an officer.
  void Happen(int number) {
    const auto snapshot = store_->Read(Soon());
    auto officer = (**snapshot)->Get<v1::Officer>(NameOf(number));
    ASSERT_THAT(officer, IsOk());
    auto facts = LoadFacts(***snapshot, *std::move(officer));
    ASSERT_THAT(facts, IsOk());
    std::vector<v1::Completion> added;
    switch (Below(3)) {
      case 0:
        facts->officer.set_state(static_cast<v1::Officer::State>(1 + Below(9)));
        break;
      case 1:
        Place(facts->officer);
        break;
      default:
        added.push_back(Exam(facts->officer, Below(2) == 0));
        facts->completions.push_back(added.back());
    }
    KeepOfficer(*facts);
    Write(*facts, added, /*is_new=*/false);
  }

  void Write(const OfficerFacts& facts, const std::vector<v1::Completion>& added, bool is_new) {
    Do([&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
      store::WriteSet writes;
      if (is_new) writes.Create(facts.officer);
      if (!is_new) writes.Update(facts.officer);
      std::vector<std::unique_ptr<google::protobuf::Message>> rows;
      for (const auto& completion : added)
        rows.push_back(std::make_unique<v1::Completion>(completion));
      if (!rows.empty()) writes.AppendRows(facts.officer.name(), std::move(rows));
      return writes;
    });
  }

  // Open, or decided before or after it was due.
  void OpenCase(const v1::Officer& officer, int number) {
    v1::RevocationCase revocation;
    revocation.set_name(absl::StrCat("revocationCases/r", number));
    revocation.set_officer(officer.name());
    CopyOfficer(officer, revocation);
    const Date open = kToday - days(20 + Below(100));
    revocation.set_state(Below(2) == 0 ? v1::RevocationCase::OPEN
                                       : v1::RevocationCase::NOTICE_GIVEN);
    *revocation.mutable_open_date() = ToProto(open);
    if (Below(8) > 0) *revocation.mutable_decision_due_date() = ToProto(open + days(Below(120)));
    if (Below(3) == 0) {
      revocation.set_state(v1::RevocationCase::RETAINED);
      *revocation.mutable_decision_date() = ToProto(open + days(Below(20)));
      *revocation.mutable_close_date() = revocation.decision_date();
    }
    Do(store::Creates(revocation));
  }

  // Everybody within the reach whom `is_asked_about` holds for, weighed.
  SummaryTally WeighEverybody(const Reach& reach, Date as_of, int lapsing_days,
                              const std::function<bool(const v1::Officer&)>& is_asked_about) {
    const PolicyView& policy = policy_->AtOrFirst(as_of);
    SummaryTally tally;
    const auto snapshot = store_->Read(Soon());
    std::vector<v1::Officer> officers = (**snapshot)->Select<v1::Officer>({}).value();
    std::erase_if(officers, [&](const v1::Officer& officer) {
      return !is_asked_about(officer) ||
             !reach.Covers(officer.agency(), officer.field_office(), officer.name());
    });
    std::map<std::string, v1::Officer> by_name;
    for (const v1::Officer& officer : officers) by_name[officer.name()] = officer;
    const auto all = LoadFacts(***snapshot, std::move(officers));
    for (const OfficerFacts& facts : *all) {
      if (!IsInProgram(facts.officer.state())) continue;
      tally.Add(CountOf(facts.officer, facts.officer.state(), Certify(facts.view(), policy, as_of),
                        EndOfAuthority(facts.officer, policy, as_of).ended,
                        as_of + days(lapsing_days)));
    }
    const auto cases = (**snapshot)->Select<v1::RevocationCase>({}).value();
    for (const v1::RevocationCase& revocation : cases) {
      const auto officer = by_name.find(revocation.officer());
      if (officer == by_name.end() || !IsOverdue(revocation, as_of)) continue;
      tally.AddOverdue(revocation, officer->second.model(), officer->second.agreement());
    }
    return tally;
  }

  // Of one field office, or of all when it is empty.
  void ExpectSummary(const Reach& reach, Date as_of, int lapsing_days, bool fictitious,
                     const std::string& office = "") {
    SCOPED_TRACE(absl::StrCat(FormatDate(as_of), " lapsing ", lapsing_days, " ", office,
                              fictitious ? " made up" : "", " ", reach.whole, reach.agencies.size(),
                              reach.field_offices.size(), reach.officers.size()));
    rpc::Call call = rpc::Call::ForTest("unverified:ann", {.reach = reach});
    v1::GetTrainingSummaryRequest request;
    *request.mutable_as_of() = ToProto(as_of);
    request.set_lapsing_days(lapsing_days);
    request.set_fictitious(fictitious);
    request.set_field_office(office);
    auto summary = handlers_->GetTrainingSummary(call, request);
    ASSERT_THAT(summary, IsOk());
    summary->clear_as_of();
    summary->clear_basis();
    summary->clear_policy_version();
    v1::TrainingSummary expected =
        WeighEverybody(reach, as_of, lapsing_days == 0 ? kDefaultLapsingDays : lapsing_days,
                       [&](const v1::Officer& o) {
                         return o.fictitious() == fictitious &&
                                (office.empty() || o.field_office() == office);
                       })
            .Summary();
    expected.set_fictitious(fictitious);
    EXPECT_THAT(*summary, ProtoEquals(expected));
    seen_.insert(expected.all().ShortDebugString());
  }

  const std::shared_ptr<const Policy> policy_ = Policy::Parse(PolicyText(), "test").value();
  FakeAgreements agreements_;
  std::unique_ptr<Handlers> handlers_;
  std::set<std::string> seen_;  // Answers, so that they are not all the same.
  std::mt19937 random_{20260302};
};

INSTANTIATE_TEST_SUITE_P(Databases, TrainingSummaryTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         store::DialectName);

TEST_P(TrainingSummaryTest, TheProgramsIsTheOneOfWeighingEverybody) {
  const std::vector<Reach> reaches = {
      Reach::Whole(),
      {.field_offices = {"fieldOffices/f1"}},
      {.field_offices = {"fieldOffices/f0"}, .agencies = {"agencies/a4", "agencies/a0"}},
      {.agencies = {"agencies/a5"}, .self = true, .officers = {NameOf(3), NameOf(4)}},
      {},
  };
  for (const Reach& reach : reaches) {
    for (const int after : {0, 1, 60, 500}) {
      for (const int lapsing_days : {0, 1, 366}) {
        ExpectSummary(reach, kToday + days(after), lapsing_days, /*fictitious=*/true);
      }
      ExpectSummary(reach, kToday + days(after), 30, /*fictitious=*/false);
      ExpectSummary(reach, kToday + days(after), 30, /*fictitious=*/true, "fieldOffices/f1");
    }
  }
  EXPECT_GT(seen_.size(), 20u);
}

TEST_P(TrainingSummaryTest, AnAgencysIsTheOneOfWeighingItsOfficers) {
  for (int agency = 0; agency < kAgencies; ++agency) {
    for (const int after : {0, 1, 60, 500}) {
      const std::string name = absl::StrCat("agencies/a", agency);
      const Date as_of = kToday + days(after);
      rpc::Call call = rpc::Call::ForTest("unverified:ann");
      v1::GetAgencyTrainingRequest request;
      request.set_agency(name);
      *request.mutable_as_of() = ToProto(as_of);
      auto training = handlers_->GetAgencyTraining(call, request);
      ASSERT_THAT(training, IsOk());
      training->clear_as_of();
      training->clear_basis();
      training->clear_policy_version();
      const v1::AgencyTraining expected =
          WeighEverybody(Reach::Whole(), as_of, kDefaultLapsingDays,
                         [&](const v1::Officer& officer) { return officer.agency() == name; })
              .OfAgency(name);
      EXPECT_THAT(*training, ProtoEquals(expected)) << FormatDate(as_of);
    }
  }
}

TEST_P(TrainingSummaryTest, APastDayThatTakesTooLongIsRefusedEarlyAndSaysHowLong) {
  rpc::Call call =
      rpc::Call::ForTest("unverified:ann", {.deadline = absl::Now() + absl::Minutes(1)});
  v1::GetTrainingSummaryRequest request;
  request.set_fictitious(true);
  *request.mutable_as_of() = ToProto(kToday - days(1));
  ASSERT_THAT(handlers_->GetTrainingSummary(call, request), IsOk());
  // As if an office had grown; that of the others is not asked about.
  const auto grown = Connect()->Execute(
      "UPDATE n_officers_by_kept SET n = n + 100000000 WHERE f_fictitious = 1 AND "
      "f_field_office = 'fieldOffices/f1'");
  ASSERT_THAT(grown, IsOk());
  ASSERT_GT(grown->affected, 0);
  const auto refused = handlers_->GetTrainingSummary(call, request);
  ASSERT_THAT(refused, FailsWith(StatusCode::kDeadlineExceeded, "FIGURE_NOT_IN_TIME"));
  EXPECT_THAT(refused.status().message(), HasSubstr("wait longer"));
  EXPECT_LT(absl::Now(), call.deadline()) << "it is told early";
  request.set_field_office("fieldOffices/f2");
  EXPECT_THAT(handlers_->GetTrainingSummary(call, request), IsOk());
  request.set_field_office("fieldOffices/f1");
  EXPECT_THAT(handlers_->GetTrainingSummary(call, request),
              FailsWith(StatusCode::kDeadlineExceeded, "FIGURE_NOT_IN_TIME"));
  *request.mutable_as_of() = ToProto(kToday);
  EXPECT_THAT(handlers_->GetTrainingSummary(call, request), IsOk());
  request.set_field_office("f1");
  EXPECT_THAT(handlers_->GetTrainingSummary(call, request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_P(TrainingSummaryTest, WhoIsAskedAboutIsCountedWithOrWithoutGroups) {
  const auto snapshot = store_->Read(Soon());
  const std::vector<v1::Officer> officers = (**snapshot)->Select<v1::Officer>({}).value();
  const std::vector<Reach> reaches = {Reach::Whole(),
                                      {.field_offices = {"fieldOffices/f1"}},
                                      {.officers = {NameOf(3), NameOf(4)}},
                                      {}};
  for (const Reach& reach : reaches) {
    const auto is_asked_about = [&](const v1::Officer& officer) {
      return officer.fictitious() && officer.field_office() == "fieldOffices/f1" &&
             reach.Covers(officer.agency(), officer.field_office(), officer.name());
    };
    const OfficerScope scope =
        Within(reach, ***snapshot, OfOffice("fieldOffices/f1", Fictitious(true)));
    EXPECT_EQ(CountInScope(***snapshot, scope, Soon()).value(),
              std::count_if(officers.begin(), officers.end(), is_asked_about));
  }
}

TEST_P(TrainingSummaryTest, WhatIsLateSaysWhatToAsk) {
  absl::Duration patience = absl::ZeroDuration();
  const auto holder = Connect();
  if (GetParam() == sql::Dialect::kPostgres) {
    // The snapshot itself must be in time; then somebody is in the way.
    patience = absl::Seconds(2);
    ASSERT_THAT(holder->BeginWrite(sql::WriteLimits::Schema()), IsOk());
    ASSERT_THAT(holder->Execute("LOCK TABLE n_officers_by_kept"), IsOk());
  }
  v1::GetTrainingSummaryRequest request;
  request.set_fictitious(true);
  for (const int ago : {0, 1}) {
    rpc::Call call = rpc::Call::ForTest("unverified:ann", {.deadline = absl::Now() + patience});
    *request.mutable_as_of() = ToProto(kToday - days(ago));
    EXPECT_THAT(handlers_->GetTrainingSummary(call, request),
                FailsWith(StatusCode::kDeadlineExceeded, "FIGURE_NOT_IN_TIME"));
  }
  holder->Rollback();
}

TEST_P(TrainingSummaryTest, WhatIsCountedIsOnRecord) {
  const auto verified = Verify();
  EXPECT_TRUE(verified.intact()) << verified.problem();
}

}  // namespace
}  // namespace accord::training
