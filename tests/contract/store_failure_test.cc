// A PostgreSQL that loses connections, crashes, stands still, or is held up by somebody:
// no acknowledged write is lost, none happens twice, and nobody waits for ever.
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "tests/contract/commit_cutter.h"
#include "tests/contract/store_fixture.h"

namespace accord::store {
namespace {

using accord::testing::CommitCutter;
using accord::testing::PostgresServer;
using ::testing::AnyOf;

class StoreFailureTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto server = PostgresServer::Create();
    ASSERT_THAT(server, IsOk());
    server_ = server->release();
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  void SetUp() override {
    ASSERT_NE(server_, nullptr);
    static int made = 0;
    const auto url = server_->CreateDatabase(absl::StrCat("failure", made++));
    ASSERT_THAT(url, IsOk());
    url_ = *url;
    Open(url_);
    ASSERT_THAT(store_->Mutate(By("Test"), Creates(AgencyOf("counter"))), IsOk());
  }

  std::unique_ptr<Store> NewStore(StoreOptions options) {
    auto store = Store::Open("agreements", kDomain, agreements::Types(), clock_, options);
    EXPECT_THAT(store, IsOk());
    return store.ok() ? *std::move(store) : nullptr;
  }
  void Open(const std::string& url) {
    StoreOptions options;
    options.url = url;
    store_ = NewStore(options);
    ASSERT_NE(store_, nullptr);
  }

  std::unique_ptr<sql::Connection> Connect() {
    if (database_ == nullptr) database_ = *sql::Database::Open(url_);
    auto connection = database_->Connect(sql::Access::kWrite);
    EXPECT_THAT(connection, IsOk());
    return connection.ok() ? *std::move(connection) : nullptr;
  }

  static MutationContext By(absl::string_view action, absl::Duration within = kPatience) {
    MutationContext context;
    context.action = std::string(action);
    context.actor = "ann";
    context.deadline = absl::Now() + within;
    return context;
  }

  // Counts one up and creates an agency in one mutation, tried until it is acknowledged.
  void WriteOnce(Store& store, const std::string& id) {
    const absl::Time end = absl::Now() + kPatience;
    while (absl::Now() < end) {
      MutationContext context = By("Write", absl::Seconds(10));
      context.request_id = id;
      context.request_digest = id;
      const auto outcome =
          store.Mutate(context, [&id](Transaction& transaction) -> absl::StatusOr<WriteSet> {
            ACCORD_ASSIGN_OR_RETURN(WriteSet writes, Increments("counter")(transaction));
            writes.Create(AgencyOf(id));
            return writes;
          });
      if (outcome.ok()) return;
      EXPECT_THAT(outcome, AnyOf(StatusIs(absl::StatusCode::kUnavailable),
                                 StatusIs(absl::StatusCode::kDeadlineExceeded)));
      std::this_thread::yield();
    }
    ADD_FAILURE() << id << " was never written";
  }

  static constexpr int kWriters = 4;

  // Runs writers while `disturb` goes on; it returns when it has done enough. Every other
  // one writes to the replica when there is one.
  void WriteWhile(int each, const std::function<void()>& disturb) {
    std::vector<std::thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([this, writer, each] {
        Store& store = replica_ != nullptr && writer % 2 == 1 ? *replica_ : *store_;
        for (int i = 0; i < each; ++i) WriteOnce(store, absl::StrCat("w", writer, "-", i));
      });
    }
    disturb();
    for (std::thread& writer : writers) writer.join();
    ExpectEachWrittenOnce(kWriters * each);
  }

  void ExpectEachWrittenOnce(int writes) {
    const auto snapshot = store_->Read(absl::Now() + kPatience);
    ASSERT_THAT(snapshot, IsOk());
    EXPECT_EQ((**snapshot)->Get<Agency>("agencies/counter")->county(), absl::StrCat(writes));
    EXPECT_EQ((**snapshot)->position().revision, 1 + 2 * writes);
    EXPECT_EQ(*(**snapshot)->Count(store_->types().Of<Agency>(), {}), 1 + writes);
    const auto verified = VerifyChanges(*store_, 0, 0, absl::Now() + kPatience);
    ASSERT_THAT(verified, IsOk());
    EXPECT_TRUE(verified->intact()) << verified->problem();
  }

  // Waits until the log has grown by `by`.
  void AwaitWrites(int64_t by) {
    HeadWatch& heads = store_->heads();
    const int64_t goal = heads.Current().revision + by;
    const absl::Time end = absl::Now() + kPatience;
    while (heads.Current().revision < goal && absl::Now() < end) {
      heads.WaitPast(goal - 1, heads.Wakes(), end);
    }
  }

  static PostgresServer* server_;
  SystemClock clock_;
  std::string url_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Store> replica_;
};

PostgresServer* StoreFailureTest::server_ = nullptr;

TEST_F(StoreFailureTest, TerminatedBackendsLoseAndDoubleNothing) {
  const auto connection = Connect();
  WriteWhile(100, [&] {
    for (int round = 0; round < 15; ++round) {
      EXPECT_THAT(connection->Execute("SELECT count(pg_terminate_backend(pid)) "
                                      "FROM pg_stat_activity WHERE datname = current_database() "
                                      "AND pid <> pg_backend_pid()"),
                  IsOk());
      AwaitWrites(10);
    }
  });
}

TEST_F(StoreFailureTest, BackendTerminatedWhileIdleIsReplaced) {
  ASSERT_THAT(Connect()->Execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                 "WHERE datname = current_database() AND pid <> pg_backend_pid()"),
              IsOk());
  // Nobody has to try again: nothing was under way.
  EXPECT_THAT(store_->Mutate(By("Test"), Increments("counter")), IsOk());
  EXPECT_THAT(store_->Read(absl::Now() + kPatience), IsOk());
}

TEST_F(StoreFailureTest, CrashedServerLosesAndDoublesNothing) {
  WriteWhile(60, [&] {
    AwaitWrites(120);
    server_->Kill();
    ASSERT_THAT(server_->Start(), IsOk());
  });
}

class StoreCutTest : public StoreFailureTest {
 protected:
  void SetUp() override {
    StoreFailureTest::SetUp();
    int port = 0;
    const size_t colon = url_.rfind(':');
    ASSERT_TRUE(absl::SimpleAtoi(url_.substr(colon + 1, url_.rfind('/') - colon - 1), &port));
    cutter_ = std::make_unique<CommitCutter>(port);
    Open(
        absl::StrReplaceAll(url_, {{absl::StrCat(":", port), absl::StrCat(":", cutter_->port())}}));
  }
  void TearDown() override {
    store_.reset();
    cutter_.reset();
  }

  std::unique_ptr<CommitCutter> cutter_;
};

TEST_F(StoreCutTest, LostAnswerToACommitResolvesToTheTruth) {
  for (int i = 1; i <= 10; ++i) {
    const bool done = i % 2 == 0;
    cutter_->CutNext(done ? CommitCutter::Cut::kAfterServerDid
                          : CommitCutter::Cut::kBeforeServerSees);
    // Without a request_id: the committer itself must find out.
    const auto outcome = store_->Mutate(By("Test"), Increments("counter"));
    ASSERT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome->First<Agency>().county(), absl::StrCat(i));
    EXPECT_EQ(outcome->position.revision, 1 + i);
    EXPECT_EQ(cutter_->cuts(), i);
    const auto snapshot = store_->Read(absl::Now() + kPatience);
    ASSERT_THAT(snapshot, IsOk());
    EXPECT_EQ((**snapshot)->position(), outcome->position);
  }
  const auto verified = VerifyChanges(*store_, 0, 0, absl::Now() + kPatience);
  EXPECT_TRUE(verified->intact()) << verified->problem();
}

TEST_F(StoreCutTest, CutCommitsUnderLoadLoseAndDoubleNothing) {
  // A replica that is not cut takes the revisions that a lost batch had wanted.
  StoreOptions direct;
  direct.url = url_;
  replica_ = NewStore(direct);
  WriteWhile(50, [&] {
    for (int round = 0; round < 10; ++round) {
      cutter_->CutNext(round % 2 == 0 ? CommitCutter::Cut::kAfterServerDid
                                      : CommitCutter::Cut::kBeforeServerSees);
      AwaitWrites(12);
    }
  });
  EXPECT_GE(cutter_->cuts(), 5);
}

TEST_F(StoreCutTest, OutcomeThatCannotBeLearnedIsSaidToBeUnknown) {
  cutter_->CutNext(CommitCutter::Cut::kAfterServerDid);
  // The row that tells is held by somebody until after the deadline.
  std::unique_ptr<sql::Connection> holder = Connect();
  std::atomic<bool> held = false;
  std::thread hold;
  MutationContext context = By("Test", absl::Seconds(1));
  context.request_id = "r1";
  context.request_digest = "d1";
  const auto outcome =
      store_->Mutate(context, [&](Transaction& transaction) -> absl::StatusOr<WriteSet> {
        if (!held.exchange(true)) {
          // Gets the row as soon as this mutation is committed.
          hold = std::thread([&] {
            ASSERT_THAT(holder->BeginWrite(sql::WriteLimits::Schema()), IsOk());
            ASSERT_THAT(holder->Execute("SELECT 1 FROM head FOR UPDATE"), IsOk());
          });
          // Until it waits for us.
          while (*sql::GetInt(transaction.connection()
                                  .Execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                                  ->rows.at(0),
                              0) == 0) {
          }
        }
        return Increments("counter")(transaction);
      });
  EXPECT_THAT(outcome, FailsWith(absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
  hold.join();
  holder->Rollback();
  // What the advice says finds out.
  context.deadline = absl::Now() + kPatience;
  const auto again = store_->Mutate(context, Increments("counter"));
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->First<Agency>().county(), "1");
}

TEST_F(StoreFailureTest, PausedHolderOfTheHeadDelaysTheOthersBySeconds) {
  const auto paused = Connect();
  ASSERT_THAT(paused->BeginWrite(), IsOk());
  ASSERT_THAT(paused->Execute("SELECT 1 FROM head FOR UPDATE"), IsOk());
  const absl::Time begun = absl::Now();
  EXPECT_THAT(store_->Mutate(By("Test"), Increments("counter")), IsOk());
  const absl::Duration waited = absl::Now() - begun;
  EXPECT_GT(waited, absl::Seconds(1));  // It was held up at all.
  EXPECT_LT(waited, absl::Seconds(8));
  // What the holder goes on to do comes to nothing.
  EXPECT_FALSE(paused->Commit().ok());
}

TEST_F(StoreFailureTest, SilentServerKeepsNobodyPastTheDeadline) {
  // With a session that lies ready, and nobody else who wants it.
  StoreOptions options;
  options.url = url_;
  options.head_poll = absl::Hours(1);
  store_ = NewStore(options);
  ASSERT_THAT(store_->Read(absl::Now() + kPatience), IsOk());
  const auto begun = absl::Now();
  server_->Pause();
  bool ran = false;
  const auto mutated =
      store_->Mutate(By("Test", absl::Seconds(1)), [&](Transaction&) -> absl::StatusOr<WriteSet> {
        ran = true;
        return WriteSet();
      });
  const absl::Duration mutate_took = absl::Now() - begun;
  const absl::Time reading = absl::Now();
  const auto read = store_->Read(absl::Now() + absl::Seconds(1));
  const absl::Duration read_took = absl::Now() - reading;
  server_->Resume();
  EXPECT_THAT(mutated, FailsWith(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_FALSE(ran);
  EXPECT_FALSE(read.ok());
  EXPECT_LT(mutate_took, absl::Seconds(3));
  EXPECT_LT(read_took, absl::Seconds(3));
  EXPECT_THAT(store_->Mutate(By("Test"), Increments("counter")), IsOk());
  EXPECT_THAT(store_->Read(absl::Now() + kPatience), IsOk());
}

TEST_F(StoreFailureTest, WithoutAServerCallsFailAtOnce) {
  server_->Kill();
  const absl::Time begun = absl::Now();
  EXPECT_THAT(store_->Mutate(By("Test"), Increments("counter")),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(store_->Read(absl::Now() + kPatience), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(store_->Probe(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(10));
  ASSERT_THAT(server_->Start(), IsOk());
  EXPECT_THAT(store_->Mutate(By("Test"), Increments("counter")), IsOk());
  EXPECT_THAT(store_->Probe(), IsOk());
}

}  // namespace
}  // namespace accord::store
