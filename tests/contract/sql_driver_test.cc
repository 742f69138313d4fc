// What each driver does when its file or its server misbehaves.
#include <sys/stat.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/sql/pool.h"
#include "common/sql/sql.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_server.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace accord::sql {
namespace {

using accord::testing::IsOk;
using accord::testing::StatusIs;
using ::testing::Each;
using ::testing::Le;

constexpr absl::StatusCode kDeadline = absl::StatusCode::kDeadlineExceeded;
constexpr absl::StatusCode kUnavailable = absl::StatusCode::kUnavailable;

TEST(SqliteTest, CreatesAPrivateFolderAndSyncsEveryCommit) {
  accord::testing::TempDir dir;
  auto database = Database::Open("sqlite:" + dir.File("data/accord.db"));
  ASSERT_THAT(database, IsOk());
  struct stat folder {};
  ASSERT_EQ(stat(dir.File("data").c_str(), &folder), 0);
  EXPECT_EQ(folder.st_mode & 0777, 0700u);
  auto connection = (*database)->Connect(Access::kWrite);
  ASSERT_THAT(connection, IsOk());
  EXPECT_EQ((*connection)->Execute("PRAGMA journal_mode")->rows, std::vector<Row>({{"wal"}}));
  EXPECT_EQ((*connection)->Execute("PRAGMA synchronous")->rows, std::vector<Row>({{int64_t{2}}}));
}

// As replicas on one machine do that start together.
TEST(SqliteTest, ManyMayBeTheFirstToOpenAFile) {
  accord::testing::TempDir dir;
  for (int round = 0; round < 20; ++round) {
    const std::string url = absl::StrCat("sqlite:", dir.File(absl::StrCat(round, ".db")));
    std::vector<absl::Status> opened(8);
    std::vector<std::thread> threads;
    for (absl::Status& status : opened) {
      threads.emplace_back([&] {
        const auto database = Database::Open(url);
        status = database.ok() ? (*database)->Connect(Access::kWrite).status() : database.status();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(opened, Each(IsOk()));
  }
}

TEST(SqliteTest, DamagedFileIsDataLoss) {
  accord::testing::TempDir dir;
  std::ofstream(dir.File("bad.db")) << std::string(8'192, 'x');
  const absl::Status opened = Database::Open("sqlite:" + dir.File("bad.db")).status();
  EXPECT_THAT(opened, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Database::Open("sqlite:" + dir.path()), StatusIs(kUnavailable));
}

class PostgresFaultTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto server = accord::testing::PostgresServer::Create();
    ASSERT_THAT(server, IsOk());
    server_ = server->release();
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  void SetUp() override {
    Options options;
    options.call_timeout = absl::Milliseconds(500);
    options.connect_timeout = absl::Milliseconds(500);
    database_ = *Database::Open(server_->url(), options);
  }

  std::unique_ptr<Connection> Connect() { return *database_->Connect(Access::kWrite); }

  static inline accord::testing::PostgresServer* server_ = nullptr;
  std::unique_ptr<Database> database_;
};

TEST_F(PostgresFaultTest, PausedServerCostsNoMoreThanTheDeadline) {
  std::unique_ptr<Connection> idle = Connect();
  std::unique_ptr<Connection> writing = Connect();
  std::unique_ptr<Connection> bulk = Connect();
  ASSERT_THAT(writing->BeginWrite(), IsOk());
  const std::vector<std::vector<Value>> rows(2'000, {std::string(10'000, 'x')});
  server_->Pause();
  const absl::Time start = absl::Now();
  const absl::Status executed =
      idle->Execute("SELECT 1", {}, start + absl::Milliseconds(100)).status();
  const absl::Status many = bulk->ExecuteMany("SELECT $1", rows);
  const absl::Status connected = database_->Connect(Access::kRead).status();
  const absl::Status committed = writing->Commit();
  const absl::Duration took = absl::Now() - start;
  server_->Resume();

  EXPECT_THAT(executed, StatusIs(kDeadline));
  // TCP may notice first that nothing is taken any more.
  EXPECT_TRUE(IsConnectionLoss(many)) << many;
  EXPECT_THAT(connected, StatusIs(kUnavailable));
  EXPECT_THAT(committed, StatusIs(kDeadline));
  EXPECT_TRUE(IsConnectionLoss(executed));
  EXPECT_TRUE(IsConnectionLoss(committed));
  EXPECT_TRUE(idle->broken());
  // 0.1 s, 0.5 s, 0.5 s, and 3 s for the write transaction.
  EXPECT_THAT(took, Le(absl::Seconds(6)));
  EXPECT_THAT(idle->Execute("SELECT 1"), StatusIs(kUnavailable));
  EXPECT_THAT(Connect()->Execute("SELECT 1"), IsOk());
}

TEST_F(PostgresFaultTest, PoolReplacesAnEndedSession) {
  Pool pool(database_.get(), 1);
  const absl::Time far = absl::Now() + absl::Seconds(30);
  int64_t first = 0;
  {
    absl::StatusOr<Pool::Lease> lease = pool.Take(far);
    ASSERT_THAT(lease, IsOk());
    first = *GetInt((*lease)->Execute("SELECT pg_backend_pid()")->rows[0], 0);
  }
  ASSERT_THAT(
      Connect()->Execute("SELECT pg_terminate_backend(CAST($1 AS INT), 10000)", {first}, far),
      IsOk());
  absl::StatusOr<Pool::Lease> lease = pool.Take(far);
  ASSERT_THAT(lease, IsOk());
  absl::StatusOr<Result> second = (*lease)->Execute("SELECT pg_backend_pid()");
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(*GetInt(second->rows[0], 0), first);
}

TEST_F(PostgresFaultTest, EndedSessionIsAConnectionLoss) {
  std::unique_ptr<Connection> victim = Connect();
  const int64_t pid = *GetInt(victim->Execute("SELECT pg_backend_pid()")->rows[0], 0);
  ASSERT_THAT(victim->BeginWrite(), IsOk());
  ASSERT_THAT(Connect()->Execute("SELECT pg_terminate_backend(CAST($1 AS INT), 10000)", {pid},
                                 absl::Now() + absl::Seconds(30)),
              IsOk());
  const absl::Status status = victim->Execute("SELECT 1").status();
  EXPECT_THAT(status, StatusIs(kUnavailable));
  EXPECT_TRUE(IsConnectionLoss(status));
  EXPECT_TRUE(victim->broken());
  victim->Rollback();
  EXPECT_THAT(victim->BeginRead(), StatusIs(kUnavailable));
}

TEST_F(PostgresFaultTest, CommittedRowsSurviveACrash) {
  std::unique_ptr<Connection> connection = Connect();
  ASSERT_THAT(connection->ExecuteScript("CREATE TABLE kept (x BIGINT)"), IsOk());
  ASSERT_THAT(connection->Execute("INSERT INTO kept VALUES (1)"), IsOk());
  server_->Kill();
  EXPECT_THAT(connection->Execute("SELECT 1"), StatusIs(kUnavailable));
  EXPECT_THAT(database_->Connect(Access::kRead), StatusIs(kUnavailable));
  ASSERT_THAT(server_->Start(), IsOk());
  EXPECT_EQ(Connect()->Execute("SELECT x FROM kept")->rows, std::vector<Row>({{int64_t{1}}}));
  ASSERT_THAT(server_->Restart(), IsOk());
  EXPECT_THAT(Connect()->Execute("SELECT x FROM kept"), IsOk());
}

TEST_F(PostgresFaultTest, StatementLimitAndIdleLimitEndAWrite) {
  std::unique_ptr<Connection> connection = Connect();
  WriteLimits limits;
  limits.statement = absl::Milliseconds(100);
  ASSERT_THAT(connection->BeginWrite(limits), IsOk());
  const absl::Status slow = connection->Execute("SELECT pg_sleep(20)").status();
  EXPECT_THAT(slow, StatusIs(kDeadline));
  EXPECT_FALSE(IsConnectionLoss(slow));
  connection->Rollback();

  limits.idle = absl::Milliseconds(50);
  ASSERT_THAT(connection->BeginWrite(limits), IsOk());
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (!connection->broken() && absl::Now() < end) std::this_thread::yield();
  const absl::Status idle = connection->Execute("SELECT 1").status();
  EXPECT_THAT(idle, StatusIs(kUnavailable));
  EXPECT_TRUE(IsConnectionLoss(idle));
}

TEST_F(PostgresFaultTest, ForEachReadsWhileTheServerIsStillSending) {
  std::unique_ptr<Connection> connection = Connect();
  std::unique_ptr<Connection> observer = Connect();
  const int64_t pid = *GetInt(connection->Execute("SELECT pg_backend_pid()")->rows[0], 0);
  int64_t rows = 0;
  std::vector<Row> state_at_first_row;
  // 100 MB, far more than the buffers between server and client hold.
  const absl::Status status = connection->ForEach(
      "SELECT repeat('x', 100000) FROM generate_series(1, 1000)", {}, [&](Row&) {
        if (rows++ > 0) return absl::OkStatus();
        absl::StatusOr<Result> state =
            observer->Execute("SELECT state FROM pg_stat_activity WHERE pid = $1", {pid});
        if (state.ok()) state_at_first_row = state->rows;
        return state.status();
      });
  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(rows, 1'000);
  EXPECT_EQ(state_at_first_row, std::vector<Row>({{"active"}}));
}

TEST_F(PostgresFaultTest, WhatIsPlannedForItsValuesIsNotPrepared) {
  std::unique_ptr<Connection> connection = Connect();
  const auto ignore = [](Row&) { return absl::OkStatus(); };
  ASSERT_THAT(connection->ForEach("SELECT $1, 'kept'", {"a"}, ignore), IsOk());
  ASSERT_THAT(connection->ForEach("SELECT $1, 'not'", {"a"}, ignore, Plan::kForValues), IsOk());
  EXPECT_EQ(connection
                ->Execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE "
                          "'SELECT $1%'")
                ->rows,
            std::vector<Row>({{"SELECT $1, 'kept'"}}));
}

TEST_F(PostgresFaultTest, OptionsOfTheUrlAreKept) {
  ASSERT_THAT(Connect()->ExecuteScript("CREATE SCHEMA IF NOT EXISTS mine"), IsOk());
  auto database = Database::Open(server_->url() + "?options=-csearch_path%3Dmine");
  ASSERT_THAT(database, IsOk());
  auto connection = (*database)->Connect(Access::kWrite);
  ASSERT_THAT(connection, IsOk());
  EXPECT_EQ((*connection)->Execute("SHOW search_path")->rows, std::vector<Row>({{"mine"}}));
  EXPECT_EQ((*connection)->Execute("SHOW application_name")->rows, std::vector<Row>({{"accord"}}));
}

TEST_F(PostgresFaultTest, ForgottenStatementsAreFreedOnTheServer) {
  Options options;
  options.cached_statements = 2;
  auto connection = (*Database::Open(server_->url(), options))->Connect(Access::kWrite);
  ASSERT_THAT(connection, IsOk());
  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT((*connection)->Execute(absl::StrCat("SELECT ", i)), IsOk());
  }
  const auto kept = (*connection)->Execute("SELECT count(*) FROM pg_prepared_statements");
  ASSERT_THAT(kept, IsOk());
  EXPECT_THAT(*GetInt(kept->rows[0], 0), Le(3));
}

}  // namespace
}  // namespace accord::sql
