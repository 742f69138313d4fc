// The log's proof: what was tampered with is found, and the first broken revision named.
#include "tests/contract/store_fixture.h"

namespace accord::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

class StoreVerifyTest : public StoreTest {
 protected:
  // Revisions 1 to 10.
  void WriteLog() {
    Do(Creates(AgencyOf("a1"), AgencyOf("a2"), AgencyOf("a3", "Third", "GA")));
    Run("CREATE TABLE kept_a1 AS SELECT * FROM t_agencies WHERE name = 'agencies/a1';"
        "CREATE TABLE kept_a2 AS SELECT * FROM t_agencies WHERE name = 'agencies/a2';");
    Do(Updates("a1", [](Agency& agency) { agency.set_merged_into("agencies/a3"); }));
    Do(Deletes("a2"));
    Do(Creates(AgreementOf("g1", "a1")));
    RosterImport header;
    header.set_name("rosterImports/i1");
    Do(Creates(header));
    Do(Appends("rosterImports/i1", 4));
    Do([](Transaction&) -> absl::StatusOr<WriteSet> {
      WriteSet writes;
      writes.Event("agencies/a1", nullptr);
      return writes;
    });
    Do(Updates("a3", [](Agency& agency) { agency.set_county("Bay"); }));
    ASSERT_EQ(Head().revision, 10);
    Run("CREATE TABLE kept_row AS SELECT * FROM t_rosterImports_rows "
        "WHERE name = 'rosterImports/i1/rows/4';"
        "UPDATE kept_row SET name = 'rosterImports/i1/rows/5';");
    for (const char* table : kTables) {
      Run(absl::StrCat("CREATE TABLE saved_", table, " AS SELECT * FROM ", table));
    }
  }

  void Restore() {
    for (const char* table : kTables) {
      Run(absl::StrCat("DELETE FROM ", table, "; INSERT INTO ", table, " SELECT * FROM saved_",
                       table));
    }
  }

  static constexpr const char* kTables[] = {"head", "changes", "change_subjects", "t_agencies",
                                            "t_rosterImports_rows"};
};

INSTANTIATE_TEST_SUITE_P(Databases, StoreVerifyTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

TEST_P(StoreVerifyTest, IntactLogVerifies) {
  EXPECT_TRUE(Verify().intact());
  WriteLog();
  const auto verified = Verify();
  EXPECT_TRUE(verified.intact()) << verified.problem();
  EXPECT_EQ(verified.log(), Head().log_id);
  EXPECT_EQ(verified.changes_verified(), 10);
  EXPECT_EQ(verified.resources_verified(), 8);  // 2 agencies, agreement, import, 4 rows.
  EXPECT_EQ(verified.revision(), 10);
  EXPECT_EQ(verified.hash(), Head().hash);
  EXPECT_EQ(verified.first_broken_revision(), 0);
  const auto part = VerifyChanges(*store_, 3, 6, Soon());
  ASSERT_THAT(part, IsOk());
  EXPECT_TRUE(part->intact());
  EXPECT_EQ(part->changes_verified(), 4);
  EXPECT_EQ(part->resources_verified(), 0);
  EXPECT_EQ(part->revision(), 6);
}

TEST_P(StoreVerifyTest, RangeThatIsNoneIsRefused) {
  WriteLog();
  EXPECT_THAT(VerifyChanges(*store_, 6, 3, Soon()), FailsWith(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(VerifyChanges(*store_, -1, 0, Soon()), FailsWith(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(VerifyChanges(*store_, 11, 0, Soon()), FailsWith(kInvalid, "INVALID_FIELDS"));
}

struct Tamper {
  const char* sql;
  int64_t first_broken;
};

constexpr Tamper kTampers[] = {
    {"UPDATE changes SET f_actor = 'mallory' WHERE f_revision = 4", 4},
    {"UPDATE changes SET f_reason = 'another' WHERE f_revision = 9", 9},
    {"UPDATE changes SET f_time = f_time - 1 WHERE f_revision = 2", 2},
    {"UPDATE changes SET f_subjects = f_resource WHERE f_revision = 6", 6},
    // The image alone; with its digest; the hash alone.
    {"UPDATE changes SET image = (SELECT image FROM saved_changes WHERE f_revision = 1) "
     "WHERE f_revision = 3",
     3},
    {"UPDATE changes SET image = (SELECT image FROM saved_changes WHERE f_revision = 1), "
     "image_digest = (SELECT image_digest FROM saved_changes WHERE f_revision = 1) "
     "WHERE f_revision = 3",
     3},
    {"UPDATE changes SET hash = (SELECT hash FROM saved_changes WHERE f_revision = 1) "
     "WHERE f_revision = 5",
     5},
    // Removed, cut off, put in another order.
    {"DELETE FROM changes WHERE f_revision = 4", 4},
    {"DELETE FROM changes WHERE f_revision = 1", 1},
    {"DELETE FROM changes WHERE f_revision = 10", 10},
    {"UPDATE changes SET f_revision = -3 WHERE f_revision = 3;"
     "UPDATE changes SET f_revision = 3 WHERE f_revision = 4;"
     "UPDATE changes SET f_revision = 4 WHERE f_revision = -3",
     3},
    // The index of subjects.
    {"DELETE FROM change_subjects WHERE revision = 6 AND subject = 'agencies/a1'", 6},
    {"UPDATE change_subjects SET subject = 'agencies/a9' WHERE revision = 6 AND "
     "subject = 'agencies/a1'",
     6},
    {"INSERT INTO change_subjects VALUES ('agencies/a9', 7)", 7},
    {"INSERT INTO change_subjects VALUES ('agencies/a9', 11)", 11},
    // The head.
    {"UPDATE head SET hash = (SELECT hash FROM changes WHERE f_revision = 9)", 10},
    {"UPDATE head SET revision = 8, hash = (SELECT hash FROM changes WHERE f_revision = 8)", 9},
    // What stands in the tables.
    {"UPDATE t_agencies SET message = (SELECT message FROM kept_a1) WHERE name = 'agencies/a1'", 4},
    {"UPDATE t_agencies SET f_state = 'TX' WHERE name = 'agencies/a3'", 10},
    {"UPDATE t_agencies SET name = 'agencies/a8' WHERE name = 'agencies/a1'", 4},
    {"DELETE FROM t_agencies WHERE name = 'agencies/a1'", 4},
    {"DELETE FROM t_agencies WHERE name = 'agencies/a1';"
     "INSERT INTO t_agencies SELECT * FROM kept_a1",
     4},
    {"INSERT INTO t_agencies SELECT * FROM kept_a2", 5},
    {"UPDATE t_agencies SET revision = 77 WHERE name = 'agencies/a1'", 4},
    {"UPDATE t_rosterImports_rows SET message = (SELECT message FROM kept_row) "
     "WHERE name = 'rosterImports/i1/rows/1'",
     8},
    {"UPDATE t_rosterImports_rows SET f_state = 'NY' WHERE name = 'rosterImports/i1/rows/1'", 8},
    {"DELETE FROM t_rosterImports_rows WHERE name = 'rosterImports/i1/rows/2'", 8},
    {"DELETE FROM t_rosterImports_rows", 8},
    {"INSERT INTO t_rosterImports_rows SELECT * FROM kept_row", 8},
    {"UPDATE t_rosterImports_rows SET revision = 7 WHERE name = 'rosterImports/i1/rows/1'", 7},
    // Two at once, the later one in the table that is read first.
    {"UPDATE t_agencies SET f_state = 'TX' WHERE name = 'agencies/a3';"
     "DELETE FROM t_rosterImports_rows",
     8},
};

TEST_P(StoreVerifyTest, TamperingIsFoundWhereItBegins) {
  WriteLog();
  for (const Tamper& tamper : kTampers) {
    Run(tamper.sql);
    const auto verified = Verify();
    EXPECT_FALSE(verified.intact()) << tamper.sql;
    EXPECT_EQ(verified.first_broken_revision(), tamper.first_broken) << tamper.sql << "\n"
                                                                     << verified.problem();
    Restore();
  }
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreVerifyTest, RedactedImagesKeepTheProof) {
  WriteLog();
  for (const int64_t revision : {1, 4, 8}) ASSERT_THAT(store_->RedactImage(revision), IsOk());
  const auto verified = Verify();
  EXPECT_TRUE(verified.intact()) << verified.problem();
  EXPECT_EQ(verified.images_redacted(), 3);
  EXPECT_EQ(verified.hash(), Head().hash);
}

TEST_P(StoreVerifyTest, LongLogIsVerifiedInParts) {
  for (int chunk = 0; chunk < 3; ++chunk) {
    Do([chunk](Transaction&) -> absl::StatusOr<WriteSet> {
      WriteSet writes;
      for (int i = 0; i < 700; ++i) writes.Create(AgencyOf(absl::StrCat("c", chunk, "-", i)));
      return writes;
    });
  }
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
  EXPECT_EQ(Verify().changes_verified(), 2100);
  Run("DELETE FROM change_subjects WHERE revision = 2001");
  EXPECT_EQ(Verify().first_broken_revision(), 2001);
}

// --- Log ids and forks ------------------------------------------------------------

class StoreForkTest : public StoreVerifyTest {
 protected:
  absl::Status Check(const Position& follower) {
    const auto snapshot = store_->Read(Soon());
    EXPECT_THAT(snapshot, IsOk());
    return CheckFollower(***snapshot, follower);
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, StoreForkTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

TEST_P(StoreForkTest, FollowerOfThisLogMayGoOn) {
  WriteLog();
  const Change fifth = AllChanges().at(4);
  const std::string log = Head().log_id;
  EXPECT_THAT(Check({}), IsOk());
  EXPECT_THAT(Check(Head()), IsOk());
  EXPECT_THAT(Check({log, 5, fifth.hash()}), IsOk());
  EXPECT_THAT(Check({log, 5, ""}), IsOk());
  EXPECT_THAT(Check({"", 5, ""}), IsOk());
  EXPECT_THAT(Check({"", 10, ""}), IsOk());
}

TEST_P(StoreForkTest, FollowerOfAnotherPastIsStopped) {
  WriteLog();
  const std::string log = Head().log_id;
  EXPECT_THAT(Check({log, 5, Head().hash}), FailsWith(kPrecondition, "LOG_FORKED"));
  EXPECT_THAT(Check({"", 5, Head().hash}), FailsWith(kPrecondition, "LOG_FORKED"));
  EXPECT_THAT(Check({log, 11, ""}), FailsWith(kPrecondition, "LOG_FORKED"));
  EXPECT_THAT(Check({"", 11, ""}), FailsWith(absl::StatusCode::kOutOfRange, "REVISION_AHEAD"));
  const absl::Status stranger = Check({"anotherlog", 5, ""});
  EXPECT_THAT(stranger, FailsWith(kPrecondition, "LOG_FORKED"));
  EXPECT_THAT(stranger.message(), Not(HasSubstr("both have")));
}

TEST_P(StoreForkTest, RestoredDatabaseStartsANewLog) {
  WriteLog();
  const Position old = Head();
  StoreOptions options;
  options.new_log = true;
  store_.reset();
  store_ = OpenStore(options);
  const Position restored = Head();
  EXPECT_NE(restored.log_id, old.log_id);
  EXPECT_EQ(restored.revision, old.revision);
  EXPECT_EQ(restored.hash, old.hash);
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
  const auto last_common = [&](int64_t revision) -> std::string {
    const absl::Status status = Check({old.log_id, revision, ""});
    EXPECT_THAT(status, FailsWith(kPrecondition, "LOG_FORKED"));
    const auto info = GetErrorInfo(status);
    if (!info) return "no error";
    const auto found = info->metadata().find("last_common_revision");
    return found == info->metadata().end() ? "" : found->second;
  };
  EXPECT_EQ(last_common(4), "4");
  EXPECT_EQ(last_common(10), "10");
  EXPECT_EQ(last_common(25), "10");
  // The log grows on under its new id, and keeps it.
  Do(Creates(AgencyOf("a9")));
  store_ = OpenStore();
  EXPECT_EQ(Head().log_id, restored.log_id);
  EXPECT_EQ(last_common(25), "10");
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreForkTest, ReadTailNeverCutsAMutation) {
  WriteLog();
  const auto snapshot = store_->Read(Soon());
  const auto revisions = [&](int64_t after, int64_t limit) {
    std::vector<int64_t> found;
    const auto tail = ReadTail(***snapshot, after, limit);
    EXPECT_THAT(tail, IsOk());
    for (const Change& change : *tail) found.push_back(change.revision());
    return found;
  };
  EXPECT_EQ(revisions(0, 1), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(revisions(3, 2), (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(revisions(8, 100), (std::vector<int64_t>{9, 10}));
  EXPECT_EQ(revisions(10, 100), (std::vector<int64_t>{}));
}

}  // namespace
}  // namespace accord::store
