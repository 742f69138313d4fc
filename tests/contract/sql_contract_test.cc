// What SQLite and PostgreSQL promise alike.
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <utility>
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
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;

constexpr absl::StatusCode kAborted = absl::StatusCode::kAborted;
constexpr absl::StatusCode kDeadline = absl::StatusCode::kDeadlineExceeded;
constexpr absl::StatusCode kInternal = absl::StatusCode::kInternal;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr absl::StatusCode kTaken = absl::StatusCode::kAlreadyExists;

constexpr const char* kInsert = "INSERT INTO items (id, title) VALUES ($1, $2)";
constexpr const char* kCount = "SELECT count(*) FROM items";
constexpr const char* kSlow =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) "
    "SELECT count(*) FROM n";

WriteLimits ShortLimits() {
  WriteLimits limits;
  limits.lock = absl::Milliseconds(200);
  return limits;
}

class SqlContractTest : public ::testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    absl::StatusOr<std::string> url = NewUrl();
    ASSERT_THAT(url, IsOk());
    Open(*url, {});
    writer_ = Connect(Access::kWrite);
    ASSERT_THAT(writer_->ExecuteScript(R"sql(
        CREATE TABLE items (id BIGINT PRIMARY KEY, title TEXT NOT NULL, CHECK (id <> 13));
        CREATE TABLE parts (item BIGINT NOT NULL REFERENCES items (id));
        CREATE TABLE kinds (i BIGINT, r DOUBLE PRECISION, t TEXT, b BYTEA);
        CREATE TABLE head (revision BIGINT NOT NULL);
        INSERT INTO head VALUES (0);)sql"),
                IsOk());
  }

  void Open(const std::string& url, const Options& options) {
    writer_.reset();
    url_ = url;
    absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(url, options);
    ASSERT_THAT(database, IsOk());
    database_ = *std::move(database);
  }

  std::unique_ptr<Connection> Connect(Access access) {
    absl::StatusOr<std::unique_ptr<Connection>> connection = database_->Connect(access);
    EXPECT_THAT(connection, IsOk());
    return connection.ok() ? *std::move(connection) : nullptr;
  }

  static int64_t Int(Connection& connection, const char* sql) {
    absl::StatusOr<Result> result = connection.Execute(sql);
    EXPECT_THAT(result, IsOk());
    if (!result.ok() || result->rows.size() != 1) return -1;
    return GetInt(result->rows[0], 0).value_or(-1);
  }

  // Begins a write and takes the row that every writer takes.
  static absl::Status LockHead(Connection& connection, const WriteLimits& limits) {
    absl::Status begun = connection.BeginWrite(limits);
    if (!begun.ok()) return begun;
    return connection.Execute("UPDATE head SET revision = revision + 1").status();
  }

  std::string url_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> writer_;

 private:
  absl::StatusOr<std::string> NewUrl() {
    if (GetParam() == Dialect::kPostgres) return accord::testing::NewPostgresDatabase();
    return "sqlite:" + dir_.File("new/folder/test.db");
  }

  accord::testing::TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(Databases, SqlContractTest,
                         ::testing::Values(Dialect::kSqlite, Dialect::kPostgres),
                         [](const auto& info) {
                           return info.param == Dialect::kSqlite ? "Sqlite" : "Postgres";
                         });

// --- Values -----------------------------------------------------------------

TEST_P(SqlContractTest, ValuesComeBackAsTheyWere) {
  const std::vector<Row> rows = {
      {std::monostate(), std::monostate(), std::monostate(), std::monostate()},
      {std::numeric_limits<int64_t>::min(), -0.1, "", Bytes{""}},
      {std::numeric_limits<int64_t>::max(), std::numeric_limits<double>::max(),
       "Zoë's \"quoted\"; -- 東京 $1 ?", Bytes{std::string("\0\xff\n\0", 4)}},
      {int64_t{-1}, std::numeric_limits<double>::infinity(), "\n\t\\", Bytes{"text"}},
  };
  for (const Row& row : rows) {
    absl::StatusOr<Result> stored =
        writer_->Execute("INSERT INTO kinds VALUES ($1, $2, $3, $4) RETURNING i, r, t, b", row);
    ASSERT_THAT(stored, IsOk());
    EXPECT_EQ(stored->rows, std::vector<Row>({row}));
    EXPECT_EQ(stored->affected, 1);
  }
}

TEST_P(SqlContractTest, PlaceholdersGoByNumberAndMayRepeat) {
  absl::StatusOr<Result> result =
      writer_->Execute("SELECT CAST($2 AS BIGINT), CAST($1 AS BIGINT), CAST($2 AS BIGINT)",
                       {int64_t{1}, int64_t{2}});
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->rows, std::vector<Row>({{int64_t{2}, int64_t{1}, int64_t{2}}}));
}

TEST_P(SqlContractTest, RefusesWhatOneDatabaseCannotHold) {
  EXPECT_THAT(writer_->Execute(kInsert, {int64_t{1}, std::string("a\0b", 3)}), StatusIs(kInvalid));
  EXPECT_THAT(writer_->Execute("INSERT INTO kinds (r) VALUES ($1)",
                               {std::numeric_limits<double>::quiet_NaN()}),
              StatusIs(kInvalid));
  EXPECT_THAT(writer_->ExecuteMany(kInsert, {{int64_t{1}, std::string("a\0b", 3)}}),
              StatusIs(kInvalid));
  EXPECT_THAT(writer_->ExecuteAll({{kInsert, {int64_t{1}, std::string("\0", 1)}}}),
              StatusIs(kInvalid));
  EXPECT_EQ(Int(*writer_, kCount), 0);
}

TEST_P(SqlContractTest, MissingParameterIsRefused) {
  EXPECT_THAT(writer_->Execute(kInsert, {int64_t{1}}), StatusIs(kInvalid));
  EXPECT_EQ(Int(*writer_, kCount), 0);
}

TEST_P(SqlContractTest, GettersCheckTypeAndBounds) {
  const Row row = {int64_t{7}, "text", Bytes{"bytes"}, 1.5, std::monostate()};
  EXPECT_EQ(*GetInt(row, 0), 7);
  EXPECT_EQ(*GetText(row, 1), "text");
  EXPECT_EQ(*GetBytes(row, 2), "bytes");
  EXPECT_EQ(*GetDouble(row, 3), 1.5);
  EXPECT_TRUE(IsNull(row, 4));
  EXPECT_FALSE(IsNull(row, 0));
  EXPECT_THAT(GetInt(row, 1), StatusIs(kInternal));
  EXPECT_THAT(GetText(row, 2), StatusIs(kInternal));
  EXPECT_THAT(GetBytes(row, 1), StatusIs(kInternal));
  EXPECT_THAT(GetInt(row, 4), StatusIs(kInternal));
  EXPECT_THAT(GetInt(row, 5), StatusIs(kInternal));
}

TEST_P(SqlContractTest, CountsAffectedRowsOnlyOfWrites) {
  ASSERT_THAT(writer_->ExecuteMany(kInsert, {{int64_t{1}, "a"}, {int64_t{2}, "b"}}), IsOk());
  EXPECT_EQ(writer_->Execute("UPDATE items SET title = 'c'")->affected, 2);
  EXPECT_EQ(writer_->Execute("SELECT id FROM items")->affected, 0);
  EXPECT_EQ(writer_->Execute("DELETE FROM items WHERE id = 9")->affected, 0);
}

// --- Prepared statements ----------------------------------------------------

TEST_P(SqlContractTest, CacheSurvivesEvictionAndOtherTypes) {
  Options options;
  options.cached_statements = 2;
  Open(url_, options);
  writer_ = Connect(Access::kWrite);
  for (int64_t i = 0; i < 20; ++i) {
    const std::string sql = absl::StrCat("SELECT CAST($1 AS BIGINT) + ", i % 5);
    absl::StatusOr<Result> result = writer_->Execute(sql, {i});
    ASSERT_THAT(result, IsOk());
    EXPECT_EQ(*GetInt(result->rows[0], 0), i + i % 5);
  }
  const char* insert = "INSERT INTO kinds (t) VALUES ($1)";
  EXPECT_THAT(writer_->Execute(insert, {"text"}), IsOk());
  EXPECT_THAT(writer_->Execute(insert, {std::monostate()}), IsOk());
  EXPECT_THAT(writer_->Execute(insert, {"text"}), IsOk());
  EXPECT_EQ(Int(*writer_, "SELECT count(t) FROM kinds"), 2);
}

TEST_P(SqlContractTest, FailedPreparationIsForgotten) {
  EXPECT_THAT(writer_->Execute("SELECT x FROM later"), StatusIs(kInternal));
  ASSERT_THAT(writer_->ExecuteScript("CREATE TABLE later (x BIGINT)"), IsOk());
  EXPECT_THAT(writer_->Execute("SELECT x FROM later"), IsOk());
}

TEST_P(SqlContractTest, SchemaChangeByAnotherSessionNeedsAtMostOneRetry) {
  std::unique_ptr<Connection> other = Connect(Access::kWrite);
  ASSERT_THAT(other->Execute("SELECT * FROM items"), IsOk());
  ASSERT_THAT(writer_->ExecuteScript("ALTER TABLE items ADD COLUMN extra BIGINT"), IsOk());
  absl::StatusOr<Result> result = other->Execute("SELECT * FROM items");
  if (!result.ok()) {
    EXPECT_THAT(result, StatusIs(kAborted));
    result = other->Execute("SELECT * FROM items");
  }
  EXPECT_THAT(result, IsOk());
}

// --- Many at once -----------------------------------------------------------

TEST_P(SqlContractTest, ExecuteManyStoresTenThousandRows) {
  std::vector<std::vector<Value>> rows;
  for (int64_t i = 1; i <= 10'000; ++i) rows.push_back({i + 100, absl::StrCat("title ", i)});
  ASSERT_THAT(writer_->ExecuteMany(kInsert, rows), IsOk());
  EXPECT_EQ(Int(*writer_, kCount), 10'000);
  EXPECT_EQ(Int(*writer_, "SELECT id FROM items WHERE title = 'title 9999'"), 10'099);
}

TEST_P(SqlContractTest, ExecuteManyIsAllOrNothing) {
  EXPECT_THAT(
      writer_->ExecuteMany(kInsert, {{int64_t{1}, "a"}, {int64_t{2}, "b"}, {int64_t{1}, "again"}}),
      StatusIs(kTaken));
  EXPECT_EQ(Int(*writer_, kCount), 0);
  EXPECT_THAT(writer_->ExecuteMany(kInsert, {}), IsOk());
}

TEST_P(SqlContractTest, ExecuteManyTakesNullInAnyRow) {
  ASSERT_THAT(writer_->ExecuteMany("INSERT INTO kinds (i) VALUES ($1)",
                                   {{std::monostate()}, {int64_t{5}}, {std::monostate()}}),
              IsOk());
  EXPECT_EQ(Int(*writer_, "SELECT count(*) FROM kinds WHERE i IS NULL"), 2);
  EXPECT_EQ(Int(*writer_, "SELECT count(*) FROM kinds WHERE i = 5"), 1);
}

TEST_P(SqlContractTest, ExecuteAllReturnsEachResult) {
  absl::StatusOr<std::vector<Result>> results = writer_->ExecuteAll({
      {kInsert, {int64_t{1}, "a"}},
      {kInsert, {int64_t{2}, "b"}},
      {"SELECT title FROM items ORDER BY id", {}},
      {"DELETE FROM items", {}},
  });
  ASSERT_THAT(results, IsOk());
  ASSERT_THAT(*results, SizeIs(4));
  EXPECT_EQ((*results)[1].affected, 1);
  EXPECT_EQ((*results)[2].rows, std::vector<Row>({{"a"}, {"b"}}));
  EXPECT_EQ((*results)[3].affected, 2);
}

TEST_P(SqlContractTest, ExecuteAllStopsAtTheFirstErrorAndUndoesAll) {
  EXPECT_THAT(
      writer_->ExecuteAll(
          {{kInsert, {int64_t{1}, "a"}}, {kInsert, {int64_t{1}, "b"}}, {"SELECT nonsense", {}}}),
      StatusIs(kTaken));
  EXPECT_EQ(Int(*writer_, kCount), 0);
  EXPECT_THAT(writer_->Execute(kInsert, {int64_t{1}, "a"}), IsOk());
}

TEST_P(SqlContractTest, ScriptIsAllOrNothing) {
  EXPECT_FALSE(writer_->ExecuteScript("CREATE TABLE one (x BIGINT); SELECT nonsense;").ok());
  EXPECT_THAT(writer_->Execute("SELECT x FROM one"), StatusIs(kInternal));
  EXPECT_THAT(writer_->ExecuteScript("CREATE TABLE one (x BIGINT)"), IsOk());
}

TEST_P(SqlContractTest, ForEachGivesTheSameRowsPlannedForTheValues) {
  ASSERT_THAT(writer_->ExecuteMany(kInsert, {{int64_t{1}, "a"}, {int64_t{2}, "b"}}), IsOk());
  for (const Plan plan : {Plan::kForValues, Plan::kKept, Plan::kForValues}) {
    std::vector<Row> rows;
    ASSERT_THAT(writer_->ForEach(
                    "SELECT id, title FROM items WHERE id > $1 AND title = $2", {int64_t{1}, "b"},
                    [&](Row& row) {
                      rows.push_back(row);
                      return absl::OkStatus();
                    },
                    plan),
                IsOk());
    EXPECT_EQ(rows, std::vector<Row>({{int64_t{2}, "b"}}));
  }
  const auto ignore = [](Row&) { return absl::OkStatus(); };
  EXPECT_THAT(writer_->ForEach("SELECT nothing FROM items", {}, ignore, Plan::kForValues),
              StatusIs(kInternal));
  EXPECT_EQ(Int(*writer_, kCount), 2);
}

TEST_P(SqlContractTest, ForEachStreamsAllRowsInOrder) {
  std::vector<std::vector<Value>> rows;
  for (int64_t i = 0; i < 5'000; ++i) rows.push_back({i + 100, std::string(1'000, 'x')});
  ASSERT_THAT(writer_->ExecuteMany(kInsert, rows), IsOk());
  int64_t expected = 100;
  ASSERT_THAT(
      writer_->ForEach("SELECT id, title FROM items WHERE id >= $1 ORDER BY id", {int64_t{100}},
                       [&](Row& row) -> absl::Status {
                         EXPECT_EQ(GetInt(row, 0).value_or(-1), expected++);
                         EXPECT_THAT(GetText(row, 1).value_or(""), SizeIs(1'000));
                         return absl::OkStatus();
                       }),
      IsOk());
  EXPECT_EQ(expected, 5'100);
}

TEST_P(SqlContractTest, ForEachReturnsTheErrorOfItsFunction) {
  ASSERT_THAT(writer_->ExecuteMany(kInsert, {{int64_t{1}, "a"}, {int64_t{2}, "b"}}), IsOk());
  int calls = 0;
  EXPECT_THAT(writer_->ForEach("SELECT id FROM items", {},
                               [&](Row&) {
                                 ++calls;
                                 return absl::DataLossError("enough");
                               }),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(Int(*writer_, kCount), 2);
}

// --- Errors -----------------------------------------------------------------

TEST_P(SqlContractTest, ErrorsAreClassified) {
  ASSERT_THAT(writer_->Execute(kInsert, {int64_t{1}, "a"}), IsOk());
  EXPECT_THAT(writer_->Execute(kInsert, {int64_t{1}, "b"}), StatusIs(kTaken));
  EXPECT_THAT(writer_->Execute(kInsert, {int64_t{13}, "check"}), StatusIs(kPrecondition));
  EXPECT_THAT(writer_->Execute(kInsert, {int64_t{2}, std::monostate()}), StatusIs(kPrecondition));
  EXPECT_THAT(writer_->Execute("INSERT INTO parts VALUES ($1)", {int64_t{99}}),
              StatusIs(kPrecondition));
  EXPECT_THAT(writer_->Execute("SELEKT"), StatusIs(kInternal));
  EXPECT_THAT(writer_->Execute("SELECT 1; SELECT 2"), StatusIs(kInternal));
  EXPECT_THAT(writer_->Execute(""), StatusIs(kInternal));
  EXPECT_FALSE(writer_->broken());
  EXPECT_EQ(Int(*writer_, kCount), 1);
}

TEST_P(SqlContractTest, SlowStatementEndsAtItsDeadline) {
  const absl::Time start = absl::Now();
  EXPECT_THAT(writer_->Execute(kSlow, {}, start + absl::Milliseconds(200)), StatusIs(kDeadline));
  EXPECT_THAT(absl::Now() - start, Ge(absl::Milliseconds(200)));
  EXPECT_THAT(absl::Now() - start, Le(absl::Seconds(2)));
}

TEST_P(SqlContractTest, BadUrlsAreRefused) {
  for (const char* url : {"", "mysql://x", "sqlite:", "postgresql://[", "test.db"}) {
    EXPECT_THAT(Database::Open(url), StatusIs(kInvalid)) << url;
  }
}

// --- Transactions -----------------------------------------------------------

TEST_P(SqlContractTest, CommitKeepsAndRollbackUndoes) {
  ASSERT_THAT(writer_->BeginWrite(), IsOk());
  ASSERT_THAT(writer_->Execute(kInsert, {int64_t{1}, "kept"}), IsOk());
  ASSERT_THAT(writer_->Commit(), IsOk());
  ASSERT_THAT(writer_->BeginWrite(), IsOk());
  ASSERT_THAT(writer_->Execute(kInsert, {int64_t{2}, "undone"}), IsOk());
  writer_->Rollback();
  writer_->Rollback();
  EXPECT_FALSE(writer_->broken());
  EXPECT_EQ(Int(*Connect(Access::kRead), "SELECT id FROM items"), 1);
  EXPECT_EQ(Int(*writer_, kCount), 1);
}

TEST_P(SqlContractTest, TransactionsDoNotNestOrEndTwice) {
  EXPECT_THAT(writer_->Commit(), StatusIs(kInternal));
  EXPECT_THAT(writer_->LockSchema(), StatusIs(kInternal));
  ASSERT_THAT(writer_->BeginWrite(), IsOk());
  EXPECT_THAT(writer_->BeginWrite(), StatusIs(kInternal));
  EXPECT_THAT(writer_->BeginRead(), StatusIs(kInternal));
  EXPECT_THAT(writer_->Commit(), IsOk());
}

TEST_P(SqlContractTest, FailedTransactionTakesNothingMoreAndCannotCommit) {
  ASSERT_THAT(writer_->BeginWrite(), IsOk());
  ASSERT_THAT(writer_->Execute(kInsert, {int64_t{1}, "a"}), IsOk());
  ASSERT_THAT(writer_->Execute(kInsert, {int64_t{1}, "b"}), StatusIs(kTaken));
  EXPECT_THAT(writer_->Execute(kCount), StatusIs(kInternal));
  EXPECT_THAT(writer_->Commit(), StatusIs(kAborted));
  EXPECT_EQ(Int(*writer_, kCount), 0);
  EXPECT_THAT(writer_->Execute(kInsert, {int64_t{1}, "a"}), IsOk());
}

TEST_P(SqlContractTest, BulkInsideATransactionEndsWithIt) {
  ASSERT_THAT(writer_->BeginWrite(), IsOk());
  ASSERT_THAT(writer_->ExecuteMany(kInsert, {{int64_t{1}, "a"}, {int64_t{2}, "b"}}), IsOk());
  ASSERT_THAT(writer_->ExecuteAll({{kInsert, {int64_t{3}, "c"}}}), IsOk());
  ASSERT_THAT(writer_->ExecuteScript("CREATE TABLE gone (x BIGINT)"), IsOk());
  EXPECT_EQ(Int(*writer_, kCount), 3);
  writer_->Rollback();
  EXPECT_EQ(Int(*writer_, kCount), 0);
  EXPECT_THAT(writer_->Execute("SELECT x FROM gone"), StatusIs(kInternal));
}

TEST_P(SqlContractTest, ReadTransactionSeesTheMomentItBegan) {
  std::unique_ptr<Connection> reader = Connect(Access::kRead);
  ASSERT_THAT(reader->BeginRead(), IsOk());
  ASSERT_THAT(writer_->Execute(kInsert, {int64_t{1}, "later"}), IsOk());
  EXPECT_EQ(Int(*reader, kCount), 0);
  EXPECT_EQ(Int(*writer_, kCount), 1);
  ASSERT_THAT(reader->Commit(), IsOk());
  EXPECT_EQ(Int(*reader, kCount), 1);
}

TEST_P(SqlContractTest, ReadConnectionCannotWrite) {
  std::unique_ptr<Connection> reader = Connect(Access::kRead);
  EXPECT_THAT(reader->BeginWrite(), StatusIs(kInternal));
  EXPECT_THAT(reader->Execute(kInsert, {int64_t{1}, "a"}), StatusIs(kInternal));
  EXPECT_EQ(Int(*reader, kCount), 0);
}

TEST_P(SqlContractTest, SecondWriterGivesUpInTimeAndSucceedsLater) {
  std::unique_ptr<Connection> second = Connect(Access::kWrite);
  ASSERT_THAT(LockHead(*writer_, {}), IsOk());
  const absl::Time start = absl::Now();
  EXPECT_THAT(LockHead(*second, ShortLimits()), StatusIs(kAborted));
  EXPECT_THAT(absl::Now() - start, Ge(absl::Milliseconds(200)));
  EXPECT_THAT(absl::Now() - start, Le(absl::Seconds(2)));
  second->Rollback();
  ASSERT_THAT(writer_->Commit(), IsOk());
  EXPECT_THAT(LockHead(*second, ShortLimits()), IsOk());
  EXPECT_THAT(second->Commit(), IsOk());
  EXPECT_EQ(Int(*writer_, "SELECT revision FROM head"), 2);
}

TEST_P(SqlContractTest, DefaultLockLimitIsReportedAsAborted) {
  std::unique_ptr<Connection> second = Connect(Access::kWrite);
  WriteLimits patient;
  patient.idle = absl::Minutes(1);
  ASSERT_THAT(LockHead(*writer_, patient), IsOk());
  EXPECT_THAT(LockHead(*second, {}), StatusIs(kAborted));
}

TEST_P(SqlContractTest, SchemaIsLockedByOne) {
  std::unique_ptr<Connection> second = Connect(Access::kWrite);
  ASSERT_THAT(writer_->BeginWrite(WriteLimits::Schema()), IsOk());
  ASSERT_THAT(writer_->LockSchema(), IsOk());
  absl::Status locked = second->BeginWrite(ShortLimits());
  if (locked.ok()) locked = second->LockSchema();
  EXPECT_THAT(locked, StatusIs(kAborted));
}

TEST_P(SqlContractTest, WritersInParallelLoseNothing) {
  const auto write = [this] {
    std::unique_ptr<Connection> connection = Connect(Access::kWrite);
    for (int i = 0; i < 50; ++i) {
      while (!LockHead(*connection, {}).ok() || !connection->Commit().ok()) connection->Rollback();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(write);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Int(*writer_, "SELECT revision FROM head"), 200);
}

// --- Pool -------------------------------------------------------------------

TEST_P(SqlContractTest, PoolLendsAtMostItsSizeAndRollsBack) {
  Pool pool(database_.get(), 1);
  const absl::Time far = absl::Now() + absl::Seconds(30);
  {
    absl::StatusOr<Pool::Lease> lease = pool.Take(far);
    ASSERT_THAT(lease, IsOk());
    ASSERT_THAT((*lease)->BeginRead(), IsOk());
    EXPECT_THAT(pool.Take(absl::Now() + absl::Milliseconds(50)),
                StatusIs(absl::StatusCode::kResourceExhausted));
  }
  ASSERT_THAT(writer_->Execute(kInsert, {int64_t{1}, "after"}), IsOk());
  absl::StatusOr<Pool::Lease> again = pool.Take(far);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(Int(**again, kCount), 1);
}

TEST_P(SqlContractTest, PoolServesManyThreads) {
  ASSERT_THAT(writer_->Execute(kInsert, {int64_t{1}, "a"}), IsOk());
  Pool pool(database_.get(), 2);
  const auto read = [&] {
    for (int i = 0; i < 50; ++i) {
      absl::StatusOr<Pool::Lease> lease = pool.Take(absl::Now() + absl::Seconds(30));
      ASSERT_THAT(lease, IsOk());
      EXPECT_EQ(Int(**lease, kCount), 1);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) threads.emplace_back(read);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace accord::sql
