// The committer: what waits is committed together, and one's failure is its own.
#include <stdexcept>

#include "tests/contract/store_fixture.h"

namespace accord::store {
namespace {

using ::testing::Each;

constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kTaken = absl::StatusCode::kAlreadyExists;

// A committer of its own, whose batches the test decides.
class StoreBatchTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    batch_database_ = *sql::Database::Open(url_);
    committer_ = std::make_unique<Committer>(
        *batch_database_, agreements::Types(), kDomain, clock_,
        [this](const Position& head) {
          ++commits_;
          last_ = head;
        },
        CommitterOptions{});
  }
  void TearDown() override { committer_.reset(); }

  using Outcome = absl::StatusOr<Committed>;

  // Runs the mutations in one batch: they gather while a first one holds the committer up.
  std::vector<Outcome> RunTogether(std::vector<Mutation> mutations) {
    std::promise<void> held;
    std::promise<void> go;
    std::shared_future<void> gone = go.get_future().share();
    std::once_flag once;
    committer_->Submit(
        By("Gate"),
        [&](Transaction&) -> absl::StatusOr<WriteSet> {
          std::call_once(once, [&] { held.set_value(); });
          gone.wait();
          return WriteSet();
        },
        [](Outcome) {});
    held.get_future().wait();
    std::vector<std::promise<Outcome>> promises(mutations.size());
    for (size_t i = 0; i < mutations.size(); ++i) {
      committer_->Submit(By("Batched"), std::move(mutations[i]), [&promises, i](Outcome outcome) {
        promises[i].set_value(std::move(outcome));
      });
    }
    go.set_value();
    std::vector<Outcome> outcomes;
    for (auto& promise : promises) outcomes.push_back(promise.get_future().get());
    return outcomes;
  }

  std::unique_ptr<sql::Database> batch_database_;
  std::atomic<int> commits_ = 0;
  Position last_;
  std::unique_ptr<Committer> committer_;
};

INSTANTIATE_TEST_SUITE_P(Databases, StoreBatchTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

TEST_P(StoreBatchTest, ClosuresSeeTheEarlierOnesOfTheirBatch) {
  const auto outcomes =
      RunTogether({Creates(AgencyOf("a1")), Increments("a1"), Increments("a1"), Deletes("a1")});
  EXPECT_THAT(outcomes, Each(IsOk()));
  EXPECT_EQ(outcomes[2]->First<Agency>().county(), "2");
  EXPECT_EQ(commits_, 1);
  EXPECT_EQ(last_, Head());
  EXPECT_EQ(Head().revision, 4);
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreBatchTest, RefusedClosureWritesNothingAndItsNeighboursCommitTogether) {
  const auto outcomes =
      RunTogether({Creates(AgencyOf("a1")), Increments("none"), Creates(AgencyOf("a2"))});
  EXPECT_THAT(outcomes[0], IsOk());
  EXPECT_THAT(outcomes[1], FailsWith(kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(outcomes[2], IsOk());
  EXPECT_EQ(commits_, 1);
  EXPECT_EQ(Head().revision, 2);
}

TEST_P(StoreBatchTest, StoreErrorFailsItsClosureAlone) {
  const auto outcomes = RunTogether({Creates(AgencyOf("a1")), Creates(AgencyOf("a1")),
                                     Creates(AgencyOf("a2")), Increments("a1")});
  EXPECT_THAT(outcomes[0], IsOk());
  EXPECT_THAT(outcomes[1], StatusIs(kTaken));
  EXPECT_THAT(outcomes[2], IsOk());
  EXPECT_THAT(outcomes[3], IsOk());
  EXPECT_EQ(Head().revision, 3);
  EXPECT_EQ(last_, Head());
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreBatchTest, FailedReadOfAClosureHurtsNobodyElse) {
  const auto bad = [](Transaction& transaction) -> absl::StatusOr<WriteSet> {
    return transaction.connection().Execute("SELECT * FROM no_such_table").status();
  };
  const auto throws = [](Transaction&) -> absl::StatusOr<WriteSet> {
    throw std::runtime_error("oh");
  };
  // Goes on after a failed statement, which no transaction survives.
  const auto careless = [](Transaction& transaction) -> absl::StatusOr<WriteSet> {
    transaction.connection().Execute("SELECT * FROM no_such_table").status().IgnoreError();
    WriteSet writes;
    writes.Create(AgencyOf("a3"));
    return writes;
  };
  const auto aborted = [](Transaction&) -> absl::StatusOr<WriteSet> {
    return absl::AbortedError("for no reason");
  };
  const auto outcomes = RunTogether(
      {Creates(AgencyOf("a1")), bad, throws, careless, aborted, Creates(AgencyOf("a2"))});
  EXPECT_THAT(outcomes[0], IsOk());
  EXPECT_THAT(outcomes[1], StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(outcomes[2], StatusIs(absl::StatusCode::kInternal));
  EXPECT_FALSE(outcomes[3].ok());
  EXPECT_THAT(outcomes[4], StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(outcomes[5], IsOk());
  EXPECT_EQ(Head().revision, 2);
}

TEST_P(StoreBatchTest, WhatWaitsTooLongIsNotBegun) {
  bool ran = false;
  MutationContext late = By("Late");
  late.deadline = absl::InfinitePast();
  std::promise<Outcome> outcome;
  committer_->Submit(
      late,
      [&](Transaction&) -> absl::StatusOr<WriteSet> {
        ran = true;
        return WriteSet();
      },
      [&](Outcome result) { outcome.set_value(std::move(result)); });
  EXPECT_THAT(outcome.get_future().get(),
              FailsWith(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_FALSE(ran);
}

TEST_P(StoreBatchTest, FullQueueRefusesMore) {
  CommitterOptions options;
  options.max_waiting = 0;
  Committer full(
      *batch_database_, agreements::Types(), kDomain, clock_, [](const Position&) {}, options);
  std::promise<Outcome> outcome;
  full.Submit(By("More"), Creates(AgencyOf("a1")),
              [&](Outcome result) { outcome.set_value(std::move(result)); });
  EXPECT_THAT(outcome.get_future().get(),
              FailsWith(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
}

TEST_P(StoreBatchTest, ManyWritersShareCommits) {
  constexpr int kWriters = 64;
  constexpr int kEach = 10;
  InParallel(kWriters, [&](int writer) {
    for (int i = 0; i < kEach; ++i) {
      std::promise<Outcome> outcome;
      committer_->Submit(By("Write"), Creates(AgencyOf(absl::StrCat("w", writer, "-", i))),
                         [&](Outcome result) { outcome.set_value(std::move(result)); });
      EXPECT_THAT(outcome.get_future().get(), IsOk());
    }
  });
  EXPECT_EQ(Head().revision, kWriters * kEach);
  EXPECT_LT(commits_, kWriters * kEach / 4);
}

}  // namespace
}  // namespace accord::store
