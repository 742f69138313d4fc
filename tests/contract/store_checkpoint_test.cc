// Signed checkpoints of a real log: who signs when, what is kept, and that whatever is done
// to the log behind the store's back is found and named by somebody who kept one.
#include <fstream>
#include <utility>

#include "common/feed/checkpoint_service.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/server.h"
#include "tests/contract/signed_store_fixture.h"

namespace accord::store {
namespace {

using log::v1::Finding;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

class StoreCheckpointTest : public SignedStoreTest {};

INSTANTIATE_TEST_SUITE_P(Databases, StoreCheckpointTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

// --- Signing and keeping ---

TEST_P(StoreCheckpointTest, CheckpointIsOfTheNewestPositionAndIsKept) {
  const auto notary = StartNotary();
  Do(Creates(AgencyOf("a1"), AgencyOf("a2")));
  const Checkpoint checkpoint = Sign(*notary);
  EXPECT_EQ(checkpoint.name(), "checkpoints/1");
  EXPECT_EQ(checkpoint.service(), "agreements");
  EXPECT_EQ(checkpoint.key_id(), Public().id());
  EXPECT_TRUE(IsAt(checkpoint, Head()));
  EXPECT_EQ(checkpoint.time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  ASSERT_THAT(Listed(), SizeIs(1));
  EXPECT_THAT(Listed()[0], accord::testing::ProtoEquals(checkpoint));
  const LogProof proof = Prove({checkpoint}, {Public()});
  EXPECT_TRUE(proof.holds()) << proof.DebugString();
}

TEST_P(StoreCheckpointTest, EmptyLogCanBeSigned) {
  const auto notary = StartNotary();
  const Checkpoint checkpoint = Sign(*notary);
  EXPECT_EQ(checkpoint.revision(), 0);
  EXPECT_TRUE(Prove({checkpoint}, {Public()}).holds());
}

TEST_P(StoreCheckpointTest, PositionIsSignedOnceByEachKey) {
  const auto notary = StartNotary();
  Do(Creates(AgencyOf("a1")));
  const Checkpoint first = Sign(*notary);
  EXPECT_THAT(Sign(*notary), accord::testing::ProtoEquals(first));
  const KeyPem next = NewKey();
  UseKey(next);
  const Checkpoint second = Sign(*notary);
  EXPECT_EQ(second.revision(), first.revision());
  EXPECT_NE(second.key_id(), first.key_id());
  EXPECT_THAT(Listed(), SizeIs(2));
  EXPECT_FALSE(Prove(Listed(), {Public()}).holds());
  EXPECT_TRUE(Prove(Listed(), {Public(), *PublicKey::FromPem(next.public_pem)}).holds());
}

TEST_P(StoreCheckpointTest, TimeNeverGoesBack) {
  const auto notary = StartNotary();
  Do(Creates(AgencyOf("a1")));
  clock_.Advance(absl::Hours(1));
  Sign(*notary);
  clock_.Advance(-absl::Hours(2));
  Do(Creates(AgencyOf("a2")));
  Sign(*notary);
  EXPECT_EQ(Listed()[1].time().seconds(), Listed()[0].time().seconds());
  EXPECT_TRUE(Prove(Listed(), {Public()}).holds());
}

TEST_P(StoreCheckpointTest, UnusableKeyIsNamed) {
  const auto notary = StartNotary();
  for (const std::string& wrong : {std::string(), key_.public_pem, NewKey("ED448").private_pem}) {
    std::ofstream(key_file_) << wrong;
    EXPECT_THAT(notary->Sign(), FailsWith(kPrecondition, "CHECKPOINT_KEY_UNUSABLE"));
  }
  StoreOptions options;
  options.url = url_;
  EXPECT_THAT(Notary::Start(*store_, options, {.key_file = keys_.File("none.pem")}),
              FailsWith(kPrecondition, "CHECKPOINT_KEY_UNUSABLE"));
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_P(StoreCheckpointTest, ListsByPageInBothOrders) {
  const auto notary = StartNotary();
  for (int i = 1; i <= 5; ++i) {
    Do(Creates(AgencyOf(absl::StrCat("a", i))));
    Sign(*notary);
  }
  EXPECT_THAT(Revisions(), ElementsAre(1, 2, 3, 4, 5));
  std::vector<Checkpoint> newest_first = Listed("", 2);
  ASSERT_THAT(newest_first, SizeIs(5));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(newest_first[i].revision(), 5 - i);
  EXPECT_THAT(Listed("revision", 2), SizeIs(5));
  ListCheckpointsRequest request;
  request.set_order_by("time");
  EXPECT_THAT(ListCheckpoints(*store_, request, "ann", Soon()),
              FailsWith(kInvalid, "INVALID_FIELDS"));
  request.clear_order_by();
  request.set_page_size(2);
  request.set_page_token(ListCheckpoints(*store_, request, "ann", Soon())->next_page_token());
  ASSERT_NE(request.page_token(), "");
  EXPECT_THAT(ListCheckpoints(*store_, request, "bob", Soon()),
              FailsWith(kInvalid, "INVALID_FIELDS"));
}

TEST_P(StoreCheckpointTest, SignersAndWritersDoNotDisturbEachOther) {
  const auto one = StartNotary();
  const auto other_store = OpenStore();
  StoreOptions options;
  options.url = url_;
  auto two = *Notary::Start(*other_store, options, {.key_file = key_file_, .period = kOnDemand});
  InParallel(4, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      Do(Creates(AgencyOf(absl::StrCat("a", thread, "-", i))));
      Sign(thread % 2 == 0 ? *one : *two);
    }
  });
  Sign(*one);
  const std::vector<Checkpoint> all = Listed();
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].name(), absl::StrCat("checkpoints/", i + 1));
  }
  const LogProof proof = Prove(all, {Public()});
  EXPECT_TRUE(proof.holds()) << proof.DebugString();
  EXPECT_EQ(proof.proven().revision(), 40);
}

// --- The timer ---

TEST_P(StoreCheckpointTest, TimerSignsAtStartAndWhenTheLogHasMoved) {
  Do(Creates(AgencyOf("a1")));
  const auto notary = StartNotary(absl::Minutes(10));
  WaitForCheckpoints(1);
  clock_.Advance(absl::Minutes(10));
  Do(Creates(AgencyOf("a2")));
  clock_.Advance(absl::Minutes(10));
  WaitForCheckpoints(2);
  EXPECT_EQ(Listed().back().revision(), 2);
  // On demand in between; then nothing is left to sign, until the log moves.
  Do(Creates(AgencyOf("a3")));
  Sign(*notary);
  clock_.Advance(absl::Minutes(10));
  Do(Creates(AgencyOf("a4")));
  clock_.Advance(absl::Minutes(10));
  WaitForCheckpoints(4);
  EXPECT_THAT(Revisions(), ElementsAre(1, 2, 3, 4));
}

TEST_P(StoreCheckpointTest, TimerWaitsForTheLeaseOfAnotherReplica) {
  Do(Creates(AgencyOf("a1")));
  ASSERT_EQ(*store_->TryLease("checkpoint", "elsewhere", absl::Minutes(5)), true);
  const absl::Time until = clock_.Now() + absl::Minutes(5);
  const auto notary = StartNotary(absl::Minutes(1));
  // Time passes slowly enough for the timer to look.
  for (int i = 0; i < 29; ++i) {
    clock_.Advance(absl::Seconds(10));
    EXPECT_EQ(Int("SELECT count(*) FROM checkpoints"), 0);
  }
  while (clock_.Now() < until + absl::Minutes(2)) clock_.Advance(absl::Seconds(10));
  WaitForCheckpoints(1);
  EXPECT_GE(Listed()[0].time().seconds(), absl::ToUnixSeconds(until));
}

TEST_P(StoreCheckpointTest, LeaseIsGivenBackAtTheEnd) {
  Do(Creates(AgencyOf("a1")));
  {
    const auto notary = StartNotary(absl::Minutes(10));
    WaitForCheckpoints(1);
  }
  Do(Creates(AgencyOf("a2")));
  const auto again = StartNotary(absl::Minutes(10));
  WaitForCheckpoints(2);
  EXPECT_THAT(Revisions(), ElementsAre(1, 2));
}

// --- Export ---

TEST_P(StoreCheckpointTest, ExportHoldsEveryChangeWithTheBytesThatWereDigested) {
  const auto notary = StartNotary();
  Do(Creates(AgencyOf("a1"), AgencyOf("a2"), AgencyOf("a3")));
  Do(Deletes("a2"));
  Do(Appends("rosterImports/i1", 4));
  const Checkpoint checkpoint = Sign(*notary);
  ASSERT_THAT(store_->RedactImage(2), IsOk());
  const auto stored = Export(2);
  EXPECT_EQ(stored.log().service(), "agreements");
  EXPECT_EQ(stored.log().id(), Head().log_id);
  EXPECT_EQ(stored.log().revision(), 5);
  EXPECT_EQ(stored.log().hash(), Head().hash);
  ASSERT_THAT(stored.changes(), SizeIs(5));
  EXPECT_EQ(stored.changes(1).image(), "");
  log::v1::Image image;
  ASSERT_TRUE(image.ParseFromString(stored.changes(2).image()));
  EXPECT_NE(image.salt(), "");
  Agency third;
  ASSERT_TRUE(image.resource().UnpackTo(&third));
  EXPECT_EQ(third.name(), "agencies/a3");
  const LogProof proof = Prove({checkpoint}, {Public()});
  EXPECT_TRUE(proof.holds()) << proof.DebugString();
  EXPECT_EQ(proof.images_verified(), 4);
  EXPECT_EQ(proof.images_redacted(), 1);
  ExportChangesRequest request;
  request.set_after_revision(-1);
  EXPECT_THAT(ExportChanges(*store_, request, Soon()), FailsWith(kInvalid, "INVALID_FIELDS"));
}

// --- Tampering ---

struct Tampering {
  const char* sql;
  std::vector<std::pair<Finding::Kind, int64_t>> findings;
  // The checkpoint that still holds: 0 for none.
  int64_t proven;
};

class TamperTest : public StoreCheckpointTest {
 protected:
  static constexpr const char* kTables[] = {"head", "changes"};

  // Revisions 1 to 10, signed at 3 and at 10.
  void WriteLog() {
    const auto notary = StartNotary();
    Do(Creates(AgencyOf("a1"), AgencyOf("a2"), AgencyOf("a3", "Third", "GA")));
    Sign(*notary);
    Do(Deletes("a2"));
    Do(Creates(AgreementOf("g1", "a1")));
    Do(Appends("rosterImports/i1", 4));
    for (int i = 0; i < 4; ++i) Do(Increments("a1"));
    Sign(*notary);
    ASSERT_EQ(Head().revision, 10);
    checkpoints_ = Listed();
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
  static std::vector<std::pair<Finding::Kind, int64_t>> FindingsOf(const LogProof& proof) {
    std::vector<std::pair<Finding::Kind, int64_t>> found;
    for (const Finding& finding : proof.findings()) {
      found.emplace_back(finding.kind(), finding.revision());
    }
    return found;
  }

  std::vector<Checkpoint> checkpoints_;  // What an auditor took away.
};

INSTANTIATE_TEST_SUITE_P(Databases, TamperTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

TEST_P(TamperTest, IsFoundAndNamed) {
  const std::vector<Tampering> ways = {
      {"UPDATE changes SET f_actor = 'mallory' WHERE f_revision = 5", {{Finding::ALTERED, 5}}, 3},
      {"UPDATE changes SET f_time = f_time - 1 WHERE f_revision = 2", {{Finding::ALTERED, 2}}, 0},
      {"UPDATE changes SET f_subjects = '' WHERE f_revision = 5", {{Finding::ALTERED, 5}}, 3},
      {"UPDATE changes SET image = (SELECT image FROM saved_changes WHERE f_revision = 1) "
       "WHERE f_revision = 5",
       {{Finding::ALTERED, 5}},
       3},
      {"DELETE FROM changes WHERE f_revision = 5", {{Finding::REMOVED, 5}}, 3},
      {"DELETE FROM changes WHERE f_revision BETWEEN 1 AND 4", {{Finding::REMOVED, 1}}, 0},
      {"UPDATE changes SET f_revision = -5 WHERE f_revision = 5;"
       "UPDATE changes SET f_revision = 5 WHERE f_revision = 6;"
       "UPDATE changes SET f_revision = 6 WHERE f_revision = -5",
       {{Finding::REORDERED, 5}},
       3},
      // The tail, with and without the head.
      {"DELETE FROM changes WHERE f_revision > 8", {{Finding::TRUNCATED, 9}}, 3},
      {"DELETE FROM changes WHERE f_revision > 8;"
       "UPDATE head SET revision = 8, hash = (SELECT hash FROM changes WHERE f_revision = 8)",
       {{Finding::TRUNCATED, 9}},
       3},
      {"DELETE FROM changes;"
       "UPDATE head SET revision = 0, hash = (SELECT hash FROM saved_changes WHERE f_revision = 1)",
       {{Finding::ALTERED, 0}, {Finding::TRUNCATED, 1}},
       0},
      {"UPDATE head SET log_id = 'another'", {{Finding::FORKED, 3}}, 0},
  };
  WriteLog();
  EXPECT_TRUE(Prove(checkpoints_, {Public()}).holds());
  for (const Tampering& way : ways) {
    Run(way.sql);
    const LogProof proof = Prove(checkpoints_, {Public()});
    EXPECT_EQ(FindingsOf(proof), way.findings) << way.sql << "\n" << proof.DebugString();
    EXPECT_FALSE(proof.holds()) << way.sql;
    EXPECT_EQ(proof.proven().revision(), way.proven) << way.sql;
    Restore();
  }
  EXPECT_TRUE(Prove(checkpoints_, {Public()}).holds());
}

// The service itself writes the new tail, so every hash follows: only the checkpoint tells.
TEST_P(TamperTest, TailWrittenAnewIsFound) {
  WriteLog();
  Run("DELETE FROM change_subjects WHERE revision > 7; DELETE FROM changes WHERE f_revision > 7;"
      "UPDATE head SET revision = 7, hash = (SELECT hash FROM changes WHERE f_revision = 7)");
  for (int i = 0; i < 5; ++i) Do(Creates(AgencyOf(absl::StrCat("new", i))));
  ASSERT_EQ(Head().revision, 12);
  const LogProof proof = Prove(checkpoints_, {Public()});
  EXPECT_THAT(FindingsOf(proof), ElementsAre(std::make_pair(Finding::FORKED, int64_t{10})));
  EXPECT_EQ(proof.proven().revision(), 3);
  // Without the checkpoints nothing would have been seen.
  checkpoints_.pop_back();
  EXPECT_TRUE(Prove(checkpoints_, {Public()}).holds());
}

TEST_P(TamperTest, CheckpointsInTheDatabaseAreNoBetterThanTheirSignature) {
  WriteLog();
  Run("UPDATE checkpoints SET revision = 9, hash = (SELECT hash FROM changes WHERE f_revision = 9) "
      "WHERE number = 2");
  const LogProof proof = Prove(Listed(), {Public()});
  EXPECT_THAT(FindingsOf(proof), ElementsAre(std::make_pair(Finding::SIGNATURE, int64_t{9})));
}

TEST_P(TamperTest, BrokenLogIsNotSigned) {
  WriteLog();
  const auto notary = StartNotary();
  for (const char* sql :
       {"UPDATE changes SET hash = (SELECT hash FROM saved_changes WHERE f_revision = 1) "
        "WHERE f_revision = 10",
        "UPDATE head SET revision = 8, hash = (SELECT hash FROM changes WHERE f_revision = 8)",
        "DELETE FROM changes WHERE f_revision > 8;"
        "UPDATE head SET revision = 8, hash = (SELECT hash FROM changes WHERE f_revision = 8)"}) {
    Run(sql);
    EXPECT_THAT(notary->Sign(), FailsWith(absl::StatusCode::kDataLoss, "LOG_BROKEN")) << sql;
    Restore();
  }
  EXPECT_THAT(Listed(), SizeIs(2));
}

TEST_P(TamperTest, RestoredLogIsSignedUnderItsNewId) {
  WriteLog();
  StoreOptions options;
  options.new_log = true;
  store_ = OpenStore(options);
  const std::string old_log = checkpoints_[0].log();
  Sign(*StartNotary());
  ASSERT_THAT(Listed(), SizeIs(3));
  EXPECT_EQ(Listed()[2].log(), Head().log_id);
  EXPECT_THAT(FindingsOf(Prove(Listed(), {Public()})),
              ElementsAre(std::make_pair(Finding::FORKED, int64_t{3})));
  const auto stored = Export();
  proof::LogVerifier verifier(
      stored.log(), {.checkpoints = Listed(), .keys = {Public()}, .former_logs = {old_log}});
  for (const auto& change : stored.changes()) verifier.Add(change);
  EXPECT_TRUE(verifier.Finish().holds());
}

// --- Over the wire ---

TEST_P(StoreCheckpointTest, ServiceWithoutAKeyListsAndExportsButDoesNotSign) {
  Do(Creates(AgencyOf("a1")));
  Sign(*StartNotary());
  rpc::Runtime runtime;
  feed::CheckpointService service(*store_, runtime, nullptr);
  rpc::ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.insecure = true;
  options.balancer_wait = absl::ZeroDuration();
  const auto server = rpc::Server::Start(
      options,
      {.runtime = runtime, .services = {{log::v1::Checkpoints::service_full_name(), &service}}});
  ASSERT_THAT(server, IsOk());
  rpc::ChannelOptions channel;
  channel.use_tls = false;
  const auto stub = log::v1::Checkpoints::NewStub(
      *rpc::MakeChannel(absl::StrCat("127.0.0.1:", (*server)->port()), channel));
  const auto deadline = absl::ToChronoTime(Soon());
  const auto call = [&](auto method, const auto& request, auto* response) {
    grpc::ClientContext context;
    context.set_deadline(deadline);
    return rpc::FromGrpcStatus((stub.get()->*method)(&context, request, response));
  };
  using Stub = log::v1::Checkpoints::Stub;
  Checkpoint checkpoint;
  EXPECT_THAT(call(&Stub::CreateCheckpoint, log::v1::CreateCheckpointRequest(), &checkpoint),
              FailsWith(kPrecondition, "CHECKPOINTS_OFF"));
  log::v1::ListCheckpointsResponse listed;
  EXPECT_THAT(call(&Stub::ListCheckpoints, ListCheckpointsRequest(), &listed), IsOk());
  EXPECT_THAT(listed.checkpoints(), SizeIs(1));
  log::v1::ExportChangesResponse exported;
  EXPECT_THAT(call(&Stub::ExportChanges, ExportChangesRequest(), &exported), IsOk());
  EXPECT_THAT(exported.changes(), SizeIs(1));
}

}  // namespace
}  // namespace accord::store
