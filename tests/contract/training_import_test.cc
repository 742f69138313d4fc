// Two replicas that import at once, files about the same officers or one file twice: nothing is
// doubled, nothing is lost.
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/training/import_completions.h"
#include "tests/contract/store_fixture.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using ::testing::AnyOf;
using ::testing::Each;
using testing::IsOk;
using testing::ProtoEquals;
using ::testing::SizeIs;

const Date kToday = MakeDate(2026, 3, 2);
constexpr int kOfficers = 30;
constexpr int kReplicas = 2;
// Of the rows that one file has of each officer.
constexpr int kRowsEach = 2;
constexpr int kRows = kOfficers * kRowsEach;
constexpr char kChunkRows[] = "4";

std::string NameOf(int officer) { return absl::StrCat("officers/o", 100 + officer); }

std::string RowOf(int officer, absl::string_view course, absl::string_view date) {
  return absl::StrCat(NameOf(officer), ",", course, ",", date, ",passed");
}

// Each officer's basic course, which every file has, and the annual one of a day of this file.
std::string ExportOf(absl::string_view annual) {
  std::vector<std::string> rows = {"officer,course,date,result"};
  for (int i = 0; i < kOfficers; ++i) {
    rows.push_back(RowOf(i, "aaa-basic", "2025-04-01"));
    rows.push_back(RowOf(i, "aaa-annual", annual));
  }
  return absl::StrJoin(rows, "\n");
}

// Makes importers go chunk by chunk in turn.
class Turns {
 public:
  // Told after a chunk: waits until the other has written as many, or has no more to write.
  absl::Status Wrote(int importer) {
    std::unique_lock lock(mutex_);
    ++written_[importer];
    changed_.notify_all();
    const int other = 1 - importer;
    const bool in_time = changed_.wait_for(lock, absl::ToChronoSeconds(store::kPatience), [&] {
      return done_[other] || written_[other] >= written_[importer];
    });
    return in_time ? absl::OkStatus() : absl::DeadlineExceededError("the other never came");
  }
  void Done(int importer) {
    std::lock_guard lock(mutex_);
    done_[importer] = true;
    changed_.notify_all();
  }
  int written(int importer) const { return written_[importer]; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int written_[kReplicas] = {};
  bool done_[kReplicas] = {};
};

class TrainingImportContractTest : public store::StoreTest {
 protected:
  void SetUp() override {
    absl::StatusOr<std::string> url = NewUrl();
    ASSERT_THAT(url, IsOk());
    url_ = *std::move(url);
    clock_.Set(StartOfDay(kToday, policy_->time_zone()) + absl::Hours(12));
    for (auto* replica : {&store_, &other_}) {
      auto store = TryOpen({}, Types());
      ASSERT_THAT(store, IsOk());
      *replica = *std::move(store);
    }
    Do([&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
      store::WriteSet writes;
      for (int i = 0; i < kOfficers; ++i) writes.Create(InTraining(i));
      return writes;
    });
  }

  v1::Officer InTraining(int number) {
    OfficerFacts facts;
    facts.officer.set_name(NameOf(number));
    facts.officer.set_model("AAA");
    facts.officer.set_template_("AAA-1");
    facts.officer.set_agency(absl::StrCat("agencies/a", number % 3));
    facts.officer.set_state(v1::Officer::IN_TRAINING);
    facts.officer.set_fictitious(true);
    KeepToday(facts, policy_->AtOrFirst(kToday), kToday);
    return facts.officer;
  }

  store::Store& StoreOf(int replica) { return replica == 0 ? *store_ : *other_; }

  using Answers = std::vector<absl::StatusOr<v1::CompletionImport>>;

  // Each replica imports its file through its handlers, as fast as it can.
  Answers ImportAtOnce(const std::vector<std::string>& files) {
    Answers answers(kReplicas, absl::UnknownError("not asked"));
    const FakeAgreements agreements;
    store::InParallel(kReplicas, [&](int replica) {
      Handlers handlers(StoreOf(replica), policy_, agreements);
      rpc::Call call = rpc::Call::ForTest("unverified:clerk");
      v1::ImportCompletionsRequest request;
      request.set_file_name("export.csv");
      request.set_content(files[replica]);
      answers[replica] = handlers.ImportCompletions(call, request);
    });
    return answers;
  }

  // The same, chunk by chunk in turn.
  Answers ImportInTurn(const std::vector<std::string>& files) {
    Answers answers(kReplicas, absl::UnknownError("not asked"));
    Turns turns;
    store::InParallel(kReplicas, [&](int replica) {
      const auto wrote = [&](const v1::CompletionImport&) { return turns.Wrote(replica); };
      answers[replica] = Import(StoreOf(replica), files[replica], wrote);
      turns.Done(replica);
    });
    // Else they were not at it at once.
    EXPECT_GT(turns.written(0), 1);
    EXPECT_GT(turns.written(1), 1);
    return answers;
  }

  absl::StatusOr<v1::CompletionImport> Import(
      store::Store& store, const std::string& file,
      const std::function<absl::Status(const v1::CompletionImport&)>& wrote) {
    ACCORD_ASSIGN_OR_RETURN(const Export exported, ReadExport(file));
    const store::MutationContext context = By("ImportCompletions");
    ACCORD_ASSIGN_OR_RETURN(Imported imported,
                            ImportExport({store, policy_->AtOrFirst(kToday), exported, "export.csv",
                                          kToday, context, wrote}));
    return std::move(imported.import);
  }

  template <typename T>
  std::vector<T> All() {
    const auto snapshot = store_->Read(Soon());
    EXPECT_THAT(snapshot, IsOk());
    auto all = (**snapshot)->template Select<T>({});
    EXPECT_THAT(all, IsOk());
    return all.value_or(std::vector<T>());
  }

  // As rows of a file.
  std::multiset<std::string> Recorded() {
    std::multiset<std::string> recorded;
    for (const v1::Completion& completion : All<v1::Completion>()) {
      const Date date = FromProto(completion.date()).value_or(Date());
      recorded.insert(absl::StrCat(completion.officer(), ",", completion.course(), ",",
                                   FormatDate(date), ",passed"));
    }
    return recorded;
  }

  static std::multiset<std::string> RecordOf(const std::vector<std::string>& annuals) {
    std::multiset<std::string> record;
    for (int i = 0; i < kOfficers; ++i) {
      record.insert(RowOf(i, "aaa-basic", "2025-04-01"));
      for (const std::string& annual : annuals) record.insert(RowOf(i, "aaa-annual", annual));
    }
    return record;
  }

  static std::map<v1::CompletionOutcome, int> CountsOf(const Answers& answers) {
    std::map<v1::CompletionOutcome, int> counts;
    for (const auto& answer : answers) {
      if (!answer.ok()) continue;
      for (const auto& count : answer->outcome_counts()) counts[count.outcome()] += count.rows();
    }
    return counts;
  }

  // Every row of the file has one outcome on record.
  void ExpectAllRows(const v1::CompletionImport& import) {
    std::multiset<int> numbers, all;
    for (int i = 0; i < kRows; ++i) all.insert(2 + i);
    for (const v1::CompletionRow& row : All<v1::CompletionRow>()) {
      if (absl::StartsWith(row.name(), import.name())) numbers.insert(row.row_number());
    }
    EXPECT_EQ(numbers, all) << import.name();
    EXPECT_EQ(import.rows_applied(), kRows);
  }

  // What is kept of officers follows from all that is on record, and the log holds.
  void ExpectSound() {
    const auto snapshot = store_->Read(Soon());
    ASSERT_THAT(snapshot, IsOk());
    for (const v1::Officer& kept : All<v1::Officer>()) {
      auto facts = LoadFacts(***snapshot, kept);
      ASSERT_THAT(facts, IsOk());
      KeepToday(*facts, policy_->AtOrFirst(kToday), kToday);
      EXPECT_THAT(facts->officer, ProtoEquals(kept));
      EXPECT_EQ(kept.certification(), v1::Certification::CURRENT);
    }
    EXPECT_TRUE(Verify().intact()) << Verify().problem();
  }

  void ExpectBothFilesAreOnRecord(const Answers& answers) {
    ASSERT_THAT(answers, Each(IsOk()));
    EXPECT_THAT(All<v1::CompletionImport>(), SizeIs(2));
    for (const auto& answer : answers) {
      EXPECT_EQ(answer->state(), v1::CompletionImport::APPLIED);
      ExpectAllRows(*answer);
    }
    EXPECT_EQ(CountsOf(answers), (std::map<v1::CompletionOutcome, int>{
                                     {v1::COMPLETION_OUTCOME_RECORDED, 3 * kOfficers},
                                     {v1::COMPLETION_OUTCOME_KNOWN, kOfficers}}));
    EXPECT_EQ(Recorded(), RecordOf({"2025-05-01", "2025-06-01"}));
    ExpectSound();
  }

  void ExpectOneFileIsOnRecord(const Answers& answers) {
    ASSERT_THAT(answers, Each(IsOk()));
    EXPECT_THAT(All<v1::CompletionImport>(), SizeIs(1));
    for (const auto& answer : answers) {
      EXPECT_THAT(answer->state(),
                  AnyOf(v1::CompletionImport::APPLIED, v1::CompletionImport::ALREADY_IMPORTED));
      ExpectAllRows(*answer);
    }
    EXPECT_EQ(answers[0]->name(), answers[1]->name());
    EXPECT_NE(answers[0]->state(), answers[1]->state()) << "both wrote the last chunk, or none";
    EXPECT_EQ(Recorded(), RecordOf({"2025-05-01"}));
    ExpectSound();
  }

  const std::string may_ = ExportOf("2025-05-01");
  const std::string june_ = ExportOf("2025-06-01");
  const std::shared_ptr<const Policy> policy_ =
      Policy::Parse(absl::StrReplaceAll(PolicyText(), {{"chunk_rows: 5000",
                                                        absl::StrCat("chunk_rows: ", kChunkRows)}}),
                    "test")
          .value();
  std::unique_ptr<store::Store> other_;
};

INSTANTIATE_TEST_SUITE_P(Databases, TrainingImportContractTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         store::DialectName);

TEST_P(TrainingImportContractTest, TwoFilesAboutTheSameOfficers) {
  ExpectBothFilesAreOnRecord(ImportAtOnce({may_, june_}));
}

TEST_P(TrainingImportContractTest, TwoFilesAboutTheSameOfficersInTurn) {
  ExpectBothFilesAreOnRecord(ImportInTurn({may_, june_}));
}

TEST_P(TrainingImportContractTest, OneFileTwice) {
  ExpectOneFileIsOnRecord(ImportAtOnce({may_, may_}));
}

TEST_P(TrainingImportContractTest, OneFileTwiceInTurn) {
  ExpectOneFileIsOnRecord(ImportInTurn({may_, may_}));
}

}  // namespace
}  // namespace accord::training
