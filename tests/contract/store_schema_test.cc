// Migrations, and tables that follow their declarations.
#include "common/store/schema.h"
#include "tests/contract/store_fixture.h"

namespace accord::store {
namespace {

using ::testing::Each;
using ::testing::SizeIs;

constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

class StoreSchemaTest : public StoreTest {
 protected:
  absl::Status Prepare(const std::vector<Migration>& migrations) {
    return PrepareSchema(*Connect(), migrations, agreements::Types(), clock_);
  }
  static std::vector<Migration> With(std::vector<Migration> more) {
    std::vector<Migration> all = LogMigrations();
    for (Migration& migration : more) all.push_back(std::move(migration));
    return all;
  }
  // What `more` are numbered from.
  static int Next() { return LogMigrations().back().version + 1; }
  static ResourceTypeSpec SpecOf(std::vector<std::string> fields) {
    ResourceTypeSpec spec;
    spec.collection = "agencies";
    spec.fields = std::move(fields);
    return spec;
  }
  static absl::StatusOr<Page<Agency>> ListOf(Store& store, absl::string_view filter) {
    ListArgs args;
    args.page_size = 1000;
    args.filter = std::string(filter);
    return List<Agency>(store, args);
  }
  // Whose names are like `pattern`.
  int64_t CountIndexes(const std::string& pattern) {
    return GetParam() == sql::Dialect::kSqlite
               ? Int(absl::StrCat("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND "
                                  "name LIKE '",
                                  pattern, "'"))
               : Int(absl::StrCat("SELECT count(*) FROM pg_indexes WHERE schemaname = "
                                  "current_schema() AND indexname LIKE lower('",
                                  pattern, "')"));
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, StoreSchemaTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

constexpr const char* kSecond = "CREATE TABLE second (id BIGINT PRIMARY KEY)";

TEST_P(StoreSchemaTest, MigrationIsAppliedOnce) {
  ASSERT_THAT(Prepare(With({{Next(), kSecond, Next()}})), IsOk());
  ASSERT_THAT(Prepare(With({{Next(), kSecond, Next()}})), IsOk());
  EXPECT_EQ(Int("SELECT count(*) FROM second"), 0);
  EXPECT_EQ(Int("SELECT count(*) FROM schema_migrations"), Next());
}

TEST_P(StoreSchemaTest, EditedMigrationIsRefused) {
  ASSERT_THAT(Prepare(With({{Next(), kSecond, Next()}})), IsOk());
  EXPECT_THAT(Prepare(With({{Next(), "CREATE TABLE other (id BIGINT)", Next()}})),
              StatusIs(kPrecondition));
}

TEST_P(StoreSchemaTest, NewerSchemaIsAcceptedOnlyWhenMarkedCompatible) {
  ASSERT_THAT(Prepare(With({{Next(), kSecond, 1}})), IsOk());
  EXPECT_THAT(Prepare(LogMigrations()), IsOk());
  EXPECT_THAT(TryOpen({}), IsOk());
  ASSERT_THAT(Prepare(With({{Next(), kSecond, 1},
                            {Next() + 1, "CREATE TABLE third (id BIGINT)", Next() + 1}})),
              IsOk());
  EXPECT_THAT(Prepare(With({{Next(), kSecond, 1}})), StatusIs(kPrecondition));
  EXPECT_THAT(TryOpen({}), StatusIs(kPrecondition));
}

TEST_P(StoreSchemaTest, FailedMigrationLeavesNothing) {
  const char* broken = "CREATE TABLE half (id BIGINT); INSERT INTO no_such_table VALUES (1)";
  EXPECT_FALSE(Prepare(With({{Next(), broken, Next()}})).ok());
  EXPECT_EQ(Int("SELECT count(*) FROM schema_migrations"), Next() - 1);
  EXPECT_THAT(Prepare(With({{Next(), "CREATE TABLE half (id BIGINT)", Next()}})), IsOk());
}

TEST_P(StoreSchemaTest, NewlyDeclaredColumnIsFilledFromTheMessages) {
  constexpr int kAgencies = 2500;  // More than two batches.
  ResourceTypes before;
  before.Add<Agency>(SpecOf({"state"}));
  url_ = *NewUrl();
  {
    const auto store = *TryOpen({}, before);
    ASSERT_THAT(store->Mutate(By("Fill"),
                              [](Transaction&) -> absl::StatusOr<WriteSet> {
                                WriteSet writes;
                                for (int i = 0; i < kAgencies; ++i) {
                                  Agency agency = AgencyOf(absl::StrCat("a", i));
                                  agency.set_county(absl::StrCat("county ", i));
                                  agency.set_fictitious(i % 10 == 0);
                                  agency.add_aliases(absl::StrCat("alias ", i));
                                  writes.Create(agency);
                                }
                                return writes;
                              }),
                IsOk());
  }
  ResourceTypes after;
  ResourceTypeSpec spec = SpecOf({"state", "county", "fictitious", "aliases", "create_time"});
  spec.indexed = {"county", "state,county"};
  after.Add<Agency>(spec);
  for (int opened = 0; opened < 2; ++opened) {
    const auto store = TryOpen({}, after);
    ASSERT_THAT(store, IsOk());
    const auto page = ListOf(**store, "fictitious = true AND create_time > 2026-03-02T00:00:00Z");
    ASSERT_THAT(page, IsOk());
    EXPECT_THAT(page->items, SizeIs(kAgencies / 10));
    const auto one = ListOf(**store, "county = \"county 2499\" AND aliases:\"alias 2499\"");
    ASSERT_THAT(one, IsOk());
    EXPECT_THAT(one->items, SizeIs(1));
    const auto verified = VerifyChanges(**store, 0, 0, Soon());
    EXPECT_TRUE(verified->intact()) << verified->problem();
  }
  EXPECT_EQ(CountIndexes("t_agencies_f_county"), 1);
  EXPECT_EQ(CountIndexes("t_agencies_over_%"), 1);
}

TEST_P(StoreSchemaTest, AnIndexThatIsNoLongerDeclaredIsDropped) {
  url_ = *NewUrl();
  for (const std::vector<std::string>& indexed :
       {std::vector<std::string>{"county", "state,county"},
        {"state", "state,county"},
        {"county"}}) {
    ResourceTypes types;
    ResourceTypeSpec spec = SpecOf({"state", "county"});
    spec.indexed = indexed;
    types.Add<Agency>(spec);
    ASSERT_THAT(TryOpen({}, types), IsOk());
    int columns = 0;
    for (const char* column : {"county", "state"}) {
      const int there = std::count(indexed.begin(), indexed.end(), column);
      EXPECT_EQ(CountIndexes(absl::StrCat("t_agencies_f_", column)), there) << column;
      columns += there;
    }
    EXPECT_EQ(CountIndexes("t_agencies_over_%"), static_cast<int>(indexed.size()) - columns);
  }
}

TEST_P(StoreSchemaTest, ReplicasMayStartTogether) {
  url_ = *NewUrl();
  std::vector<absl::Status> outcomes(4);
  InParallel(4, [&](int i) { outcomes[i] = TryOpen({}).status(); });
  EXPECT_THAT(outcomes, Each(IsOk()));
  EXPECT_EQ(Int("SELECT count(*) FROM head"), 1);
  EXPECT_EQ(Int("SELECT count(*) FROM schema_migrations"), Next() - 1);
}

// PostgreSQL alone has several writers at once.
class StoreStartTest : public StoreSchemaTest {};

TEST_P(StoreStartTest, StartsWhileAnotherWrites) {
  const auto writer = Connect();
  ASSERT_THAT(writer->BeginWrite(sql::WriteLimits::Schema()), IsOk());
  ASSERT_THAT(writer->Execute("UPDATE t_agencies SET revision = revision"), IsOk());
  std::promise<absl::Status> opened;
  std::thread opener([&] { opened.set_value(TryOpen({}).status()); });
  std::future<absl::Status> outcome = opened.get_future();
  EXPECT_EQ(outcome.wait_for(std::chrono::seconds(30)), std::future_status::ready)
      << "it waits for the writer";
  writer->Rollback();
  EXPECT_THAT(outcome.get(), IsOk());
  opener.join();
}

INSTANTIATE_TEST_SUITE_P(Databases, StoreStartTest, ::testing::Values(sql::Dialect::kPostgres),
                         DialectName);

}  // namespace
}  // namespace accord::store
