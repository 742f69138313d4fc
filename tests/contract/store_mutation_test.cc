// What a mutation promises, alike on SQLite and PostgreSQL.
#include <google/protobuf/util/time_util.h>

#include <map>

#include "tests/contract/store_fixture.h"

namespace accord::store {
namespace {

using accord::testing::ProtoEquals;
using google::protobuf::util::TimeUtil;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kTaken = absl::StatusCode::kAlreadyExists;

class StoreMutationTest : public StoreTest {};

INSTANTIATE_TEST_SUITE_P(Databases, StoreMutationTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

int64_t Micros(const google::protobuf::Timestamp& time) {
  return TimeUtil::TimestampToMicroseconds(time);
}

// --- Resources and their Changes --------------------------------------------

TEST_P(StoreMutationTest, CreatedResourceIsStampedAndRead) {
  const Committed committed = Do(Creates(AgencyOf("a1", "Bay County")));
  EXPECT_EQ(committed.position, Head());
  EXPECT_EQ(committed.position.revision, 1);
  const Agency created = committed.First<Agency>();
  EXPECT_EQ(created.display_name(), "Bay County");
  EXPECT_EQ(created.etag(), "r1");
  EXPECT_EQ(Micros(created.create_time()), absl::ToUnixMicros(clock_.Now()));
  EXPECT_EQ(Micros(created.update_time()), absl::ToUnixMicros(clock_.Now()));
  const auto read = Get<Agency>("agencies/a1");
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(*read, ProtoEquals(created));
  EXPECT_THAT(Get<Agency>("agencies/a2"), FailsWith(kNotFound, "RESOURCE_NOT_FOUND"));
}

TEST_P(StoreMutationTest, UpdateKeepsTheTimeOfCreation) {
  const Agency created = Do(Creates(AgencyOf("a1"))).First<Agency>();
  clock_.Advance(absl::Hours(1));
  // Written from scratch: no create_time comes with it.
  const Committed committed = Do([](Transaction&) -> absl::StatusOr<WriteSet> {
    WriteSet writes;
    writes.Update(AgencyOf("a1", "Renamed"));
    return writes;
  });
  const Agency updated = committed.First<Agency>();
  EXPECT_EQ(updated.display_name(), "Renamed");
  EXPECT_EQ(Micros(updated.create_time()), Micros(created.create_time()));
  EXPECT_EQ(Micros(updated.update_time()), absl::ToUnixMicros(clock_.Now()));
  EXPECT_EQ(updated.etag(), "r2");
  EXPECT_THAT(*Get<Agency>("agencies/a1"), ProtoEquals(updated));
}

TEST_P(StoreMutationTest, DeletedResourceIsGoneAndItsChangeHasNoImage) {
  Do(Creates(AgencyOf("a1")));
  const Committed committed = Do(Deletes("a1"));
  EXPECT_THAT(Get<Agency>("agencies/a1"), FailsWith(kNotFound, "RESOURCE_NOT_FOUND"));
  ASSERT_THAT(committed.changes, SizeIs(1));
  EXPECT_EQ(committed.changes[0].kind(), Change::DELETE);
  EXPECT_FALSE(committed.changes[0].has_image());
  EXPECT_FALSE(committed.changes[0].image_redacted());
  EXPECT_EQ(committed.changes[0].resource_type(), "accord.agreements.v1.Agency");
}

TEST_P(StoreMutationTest, WritesToWhatIsAbsentAreRefused) {
  const auto write = [](bool update) {
    return [update](Transaction&) -> absl::StatusOr<WriteSet> {
      WriteSet writes;
      update ? writes.Update(AgencyOf("ghost")) : writes.Delete(AgencyOf("ghost"));
      return writes;
    };
  };
  EXPECT_THAT(Mutate(write(true)), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Mutate(write(false)), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(Head().revision, 0);
}

TEST_P(StoreMutationTest, ChangeSaysWhoWhatWhenAndWhy) {
  MutationContext context = By("CreateAgency");
  context.role = "programManager";
  context.client = "accordctl/0.1.0";
  context.reason = "signed in person";
  context.cause = "training@log1:9";
  context.request_id = "req-1";
  context.request_digest = "d1";
  ASSERT_THAT(store_->Mutate(context, Creates(AgencyOf("a1"), AgreementOf("g1", "a1"))), IsOk());
  const std::vector<Change> changes = AllChanges();
  ASSERT_THAT(changes, SizeIs(2));
  for (int i = 0; i < 2; ++i) {
    const Change& change = changes[i];
    EXPECT_EQ(change.name(), absl::StrCat("changes/", i + 1));
    EXPECT_EQ(change.revision(), i + 1);
    EXPECT_EQ(change.mutation_end(), 2);
    EXPECT_EQ(change.kind(), Change::CREATE);
    EXPECT_EQ(change.action(), "CreateAgency");
    EXPECT_EQ(change.actor(), "unverified:ann");
    EXPECT_EQ(change.role(), "programManager");
    EXPECT_EQ(change.client(), "accordctl/0.1.0");
    EXPECT_EQ(change.reason(), "signed in person");
    EXPECT_EQ(change.cause(), "training@log1:9");
    EXPECT_EQ(change.request_id(), "req-1");
    EXPECT_EQ(Micros(change.time()), absl::ToUnixMicros(clock_.Now()));
    EXPECT_THAT(change.hash(), SizeIs(32));
    EXPECT_THAT(change.image_digest(), SizeIs(32));
  }
  EXPECT_EQ(changes[1].resource(), "agreements/g1");
  EXPECT_EQ(changes[1].resource_type(), "accord.agreements.v1.Agreement");
  EXPECT_THAT(changes[1].subjects(), ElementsAre("agencies/a1", "agreements/g1"));
  Agreement image;
  ASSERT_TRUE(changes[1].image().UnpackTo(&image));
  EXPECT_EQ(image.etag(), "r2");
}

TEST_P(StoreMutationTest, EntryMayStateItsOwnActionAndReason) {
  Do([](Transaction&) -> absl::StatusOr<WriteSet> {
    WriteSet writes;
    WriteSet::Entry& entry = writes.Create(AgencyOf("a1"));
    entry.action = "rule:merge";
    entry.reason = "same sheriff";
    entry.more_subjects = {"officers/o1", "", "agencies/a1"};
    return writes;
  });
  const Change change = AllChanges().at(0);
  EXPECT_EQ(change.action(), "rule:merge");
  EXPECT_EQ(change.reason(), "same sheriff");
  EXPECT_THAT(change.subjects(), ElementsAre("agencies/a1", "officers/o1"));
}

TEST_P(StoreMutationTest, SubjectsComeFromBothImages) {
  Do(Creates(AgencyOf("a1"), AgencyOf("a2"), AgencyOf("a3")));
  const auto merge_into = [&](const std::string& other) {
    return Do(Updates("a1", [&](Agency& agency) { agency.set_merged_into(other); }));
  };
  EXPECT_THAT(merge_into("agencies/a2").changes[0].subjects(),
              ElementsAre("agencies/a1", "agencies/a2"));
  EXPECT_THAT(merge_into("agencies/a3").changes[0].subjects(),
              ElementsAre("agencies/a1", "agencies/a2", "agencies/a3"));
  // The caller's idea of what is deleted does not decide.
  const Committed deleted = Do([](Transaction&) -> absl::StatusOr<WriteSet> {
    WriteSet writes;
    writes.Delete(AgencyOf("a1"));
    return writes;
  });
  EXPECT_THAT(deleted.changes[0].subjects(), ElementsAre("agencies/a1", "agencies/a3"));
}

TEST_P(StoreMutationTest, EntriesOfOneMutationSeeTheEarlierOnes) {
  const Committed committed = Do([](Transaction&) -> absl::StatusOr<WriteSet> {
    WriteSet writes;
    Agency agency = AgencyOf("a1");
    writes.Create(agency);
    agency.set_merged_into("agencies/a2");
    writes.Update(agency);
    agency.set_merged_into("agencies/a3");
    writes.Update(agency);
    writes.Delete(agency);
    return writes;
  });
  ASSERT_THAT(committed.changes, SizeIs(4));
  EXPECT_THAT(committed.changes[2].subjects(),
              ElementsAre("agencies/a1", "agencies/a2", "agencies/a3"));
  EXPECT_THAT(Get<Agency>("agencies/a1"), StatusIs(kNotFound));
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

// More than fit into one statement, some of them twice, and in the order in which they were given.
TEST_P(StoreMutationTest, ManyEntriesOfOneMutationAreAllWritten) {
  constexpr int kMany = 150;
  const auto committed = Do([](Transaction&) -> absl::StatusOr<WriteSet> {
    WriteSet writes;
    for (int i = 0; i < kMany; ++i) writes.Create(AgencyOf(absl::StrCat("a", i), "first"));
    for (int i = 0; i < kMany; ++i) {
      writes.Update(AgencyOf(absl::StrCat("a", i), "second"));
      if (i % 50 == 0) writes.Update(AgencyOf(absl::StrCat("a", i), "third"));
    }
    for (int i = 0; i < kMany; i += 3) writes.Delete(AgencyOf(absl::StrCat("a", i)));
    for (int i = 0; i < kMany; i += 9) writes.Create(AgencyOf(absl::StrCat("a", i), "fourth"));
    return writes;
  });
  std::map<std::string, std::string> expected, found;
  for (int i = 0; i < kMany; ++i) {
    if (i % 3 == 0 && i % 9 != 0) continue;
    const char* last = i % 9 == 0 ? "fourth" : i % 50 == 0 ? "third" : "second";
    expected[absl::StrCat("agencies/a", i)] = last;
  }
  for (const Agency& agency : ListAll(ArgsOf())) found[agency.name()] = agency.display_name();
  EXPECT_EQ(found, expected);
  EXPECT_EQ(static_cast<int64_t>(committed.changes.size()), Head().revision);
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreMutationTest, EventIsAChangeWithoutAWrite) {
  Do(Creates(AgencyOf("a1", "as it is")));
  const Committed committed = Do([](Transaction&) -> absl::StatusOr<WriteSet> {
    WriteSet writes;
    const Agency detail = AgencyOf("a1", "as it was seen");
    writes.Event("agencies/a1", &detail);
    writes.Event("agencies/a1", nullptr);
    return writes;
  });
  EXPECT_EQ(committed.changes[0].kind(), Change::EVENT);
  EXPECT_EQ(committed.First<Agency>().display_name(), "as it was seen");
  EXPECT_EQ(Get<Agency>("agencies/a1")->display_name(), "as it is");
  EXPECT_EQ(Get<Agency>("agencies/a1")->etag(), "r1");
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreMutationTest, LineBreakInASubjectKeepsTheChainWhole) {
  Do([](Transaction&) -> absl::StatusOr<WriteSet> {
    WriteSet writes;
    writes.Create(AgencyOf("a1")).more_subjects = {"two\nlines"};
    return writes;
  });
  EXPECT_THAT(AllChanges().at(0).subjects(), ElementsAre("agencies/a1", "two lines"));
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreMutationTest, TimeNeverGoesBack) {
  Do(Creates(AgencyOf("a1")));
  const absl::Time first = clock_.Now();
  clock_.Advance(-absl::Hours(5));
  absl::Time seen;
  Do([&](Transaction& transaction) -> absl::StatusOr<WriteSet> {
    seen = transaction.now();
    WriteSet writes;
    writes.Create(AgencyOf("a2"));
    return writes;
  });
  EXPECT_EQ(absl::ToUnixMicros(seen), absl::ToUnixMicros(first));
  MutationContext context = By("Look");
  context.validate_only = true;
  ASSERT_THAT(store_->Mutate(context,
                             [&](Transaction& transaction) -> absl::StatusOr<WriteSet> {
                               seen = transaction.now();
                               return WriteSet();
                             }),
              IsOk());
  EXPECT_EQ(absl::ToUnixMicros(seen), absl::ToUnixMicros(first));
  clock_.Advance(absl::Hours(6));
  Do(Creates(AgencyOf("a3")));
  const std::vector<Change> changes = AllChanges();
  EXPECT_EQ(Micros(changes.at(0).time()), Micros(changes.at(1).time()));
  EXPECT_LT(Micros(changes.at(1).time()), Micros(changes.at(2).time()));
}

// --- request_id and validate_only --------------------------------------------

class StoreRequestTest : public StoreMutationTest {
 protected:
  absl::StatusOr<Committed> Call(Mutation mutation, absl::string_view digest = "d1",
                                 absl::string_view actor = "ann",
                                 absl::string_view action = "CreateAgency") {
    MutationContext context = By(action);
    context.actor = std::string(actor);
    context.request_id = "req-1";
    context.request_digest = std::string(digest);
    return store_->Mutate(context, std::move(mutation));
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, StoreRequestTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

TEST_P(StoreRequestTest, RepeatedRequestGetsTheSameAnswerFromTheLog) {
  const auto first = Call(Creates(AgencyOf("a1"), AgreementOf("g1", "a1")));
  ASSERT_THAT(first, IsOk());
  EXPECT_FALSE(first->replayed);
  Do(Updates("a1", [](Agency& agency) { agency.set_display_name("Later"); }));
  for (const bool reopened : {false, true}) {
    if (reopened) store_ = OpenStore();
    bool ran = false;
    const auto again = Call([&](Transaction&) -> absl::StatusOr<WriteSet> {
      ran = true;
      return WriteSet();
    });
    ASSERT_THAT(again, IsOk());
    EXPECT_FALSE(ran);
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->position, first->position);
    ASSERT_THAT(again->changes, SizeIs(2));
    EXPECT_THAT(again->changes[0], ProtoEquals(first->changes[0]));
    EXPECT_THAT(again->changes[1], ProtoEquals(first->changes[1]));
  }
  EXPECT_EQ(Head().revision, 3);
}

TEST_P(StoreRequestTest, OtherContentsUnderTheSameIdAreRefused) {
  ASSERT_THAT(Call(Creates(AgencyOf("a1"))), IsOk());
  EXPECT_THAT(Call(Creates(AgencyOf("a2")), "d2"), FailsWith(kInvalid, "REQUEST_ID_REUSED"));
  EXPECT_EQ(Head().revision, 1);
}

TEST_P(StoreRequestTest, IdBelongsToCallerAndMethod) {
  ASSERT_THAT(Call(Creates(AgencyOf("a1"))), IsOk());
  EXPECT_THAT(Call(Creates(AgencyOf("a2")), "d2", "ben"), IsOk());
  EXPECT_THAT(Call(Creates(AgencyOf("a3")), "d3", "ann", "ImportAgency"), IsOk());
  EXPECT_EQ(Head().revision, 3);
}

TEST_P(StoreRequestTest, RefusedAndValidatedCallsAreNotKept) {
  const auto refuse = [](Transaction& transaction) -> absl::StatusOr<WriteSet> {
    return transaction.Get<Agency>("agencies/none").status();
  };
  EXPECT_THAT(Call(refuse), StatusIs(kNotFound));
  MutationContext context = By("CreateAgency");
  context.actor = "ann";
  context.request_id = "req-1";
  context.request_digest = "d2";
  context.validate_only = true;
  ASSERT_THAT(store_->Mutate(context, Creates(AgencyOf("a1"))), IsOk());
  const auto real = Call(Creates(AgencyOf("a1")), "d3");
  ASSERT_THAT(real, IsOk());
  EXPECT_FALSE(real->replayed);
}

TEST_P(StoreRequestTest, KeysAreForgottenAfterADayAtTheEarliest) {
  ASSERT_THAT(Call(Creates(AgencyOf("a1"))), IsOk());
  clock_.Advance(absl::Hours(23));
  ASSERT_THAT(store_->ForgetRequests(absl::Hours(1)), IsOk());
  EXPECT_TRUE(Call(Creates(AgencyOf("a1")))->replayed);
  clock_.Advance(absl::Hours(2));
  ASSERT_THAT(store_->ForgetRequests(absl::Hours(1)), IsOk());
  EXPECT_FALSE(Call(Creates(AgencyOf("a2")))->replayed);
}

TEST_P(StoreMutationTest, ValidateOnlyAnswersAndWritesNothing) {
  Do(Creates(AgencyOf("a1")));
  const Position before = Head();
  MutationContext context = By("UpdateAgency");
  context.validate_only = true;
  const auto preview = store_->Mutate(
      context, Updates("a1", [](Agency& agency) { agency.set_display_name("Would be"); }));
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->First<Agency>().display_name(), "Would be");
  EXPECT_EQ(preview->position, before);
  EXPECT_EQ(Head(), before);
  EXPECT_EQ(Get<Agency>("agencies/a1")->display_name(), "Sheriff");
  EXPECT_THAT(store_->Mutate(context, Updates("none", [](Agency&) {})), StatusIs(kNotFound));
}

// --- Many writers and replicas ---------------------------------------------------

TEST_P(StoreMutationTest, NoUpdateIsLost) {
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  Do(Creates(AgencyOf("counter")));
  InParallel(kThreads, [&](int) {
    for (int i = 0; i < kEach; ++i) EXPECT_THAT(Mutate(Increments("counter")), IsOk());
  });
  EXPECT_EQ(Get<Agency>("agencies/counter")->county(), absl::StrCat(kThreads * kEach));
  EXPECT_EQ(Head().revision, 1 + kThreads * kEach);
}

TEST_P(StoreMutationTest, ReplicasInterleaveWithoutAGap) {
  constexpr int kEach = 40;
  Do(Creates(AgencyOf("counter")));
  const auto replica = OpenStore();
  InParallel(4, [&](int thread) {
    Store& store = thread % 2 == 0 ? *store_ : *replica;
    for (int i = 0; i < kEach; ++i)
      EXPECT_THAT(store.Mutate(By("Test"), Increments("counter")), IsOk());
  });
  EXPECT_EQ(Get<Agency>("agencies/counter")->county(), absl::StrCat(4 * kEach));
  const std::vector<Change> changes = AllChanges();
  ASSERT_THAT(changes, SizeIs(1 + 4 * kEach));
  for (size_t i = 0; i < changes.size(); ++i) EXPECT_EQ(changes[i].revision(), i + 1);
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreMutationTest, ReplicasSharePageKeyAndLog) {
  const auto replica = OpenStore();
  EXPECT_EQ(replica->page_key(), store_->page_key());
  EXPECT_EQ(replica->heads().Current().log_id, store_->heads().Current().log_id);
  EXPECT_EQ(store_->RevisionToken({"log1", 17, ""}), "agreements@log1:17");
}

// --- Marks, cursors, leases --------------------------------------------------------

TEST_P(StoreMutationTest, MarkIsRememberedAndTakenOnce) {
  bool marked = true;
  const auto mark_once = [&](Transaction& transaction) -> absl::StatusOr<WriteSet> {
    ACCORD_ASSIGN_OR_RETURN(marked, transaction.IsMarked("expiry/officers/o1/2026-03-02"));
    WriteSet writes;
    if (!marked) writes.Mark("expiry/officers/o1/2026-03-02");
    return writes;
  };
  Do(mark_once);
  EXPECT_FALSE(marked);
  store_ = OpenStore();
  Do(mark_once);
  EXPECT_TRUE(marked);
  EXPECT_THAT(Mutate([](Transaction&) -> absl::StatusOr<WriteSet> {
                WriteSet writes;
                writes.Create(AgencyOf("a1"));
                writes.Mark("expiry/officers/o1/2026-03-02");
                return writes;
              }),
              StatusIs(kTaken));
  EXPECT_EQ(Head().revision, 0);
}

TEST_P(StoreMutationTest, RacingReplicasTakeEachEffectOnce) {
  constexpr int kEffects = 40;
  Do(Creates(AgencyOf("counter")));
  const auto replica = OpenStore();
  InParallel(2, [&](int which) {
    Store& store = which == 0 ? *store_ : *replica;
    for (int64_t effect = 1; effect <= kEffects; ++effect) {
      const auto outcome =
          store.Mutate(By("React"), [&](Transaction& transaction) -> absl::StatusOr<WriteSet> {
            ACCORD_ASSIGN_OR_RETURN(const Position cursor, transaction.Cursor("training"));
            if (cursor.revision >= effect) return WriteSet();  // The other replica was first.
            EXPECT_EQ(cursor.revision, effect - 1);
            ACCORD_ASSIGN_OR_RETURN(WriteSet writes, Increments("counter")(transaction));
            writes.AdvanceCursor("training", {"log7", effect, absl::StrCat("hash", effect)});
            return writes;
          });
      EXPECT_THAT(outcome, IsOk());
    }
  });
  EXPECT_EQ(Get<Agency>("agencies/counter")->county(), absl::StrCat(kEffects));
  Do([&](Transaction& transaction) -> absl::StatusOr<WriteSet> {
    ACCORD_ASSIGN_OR_RETURN(const Position cursor, transaction.Cursor("training"));
    EXPECT_EQ(cursor, (Position{"log7", kEffects, absl::StrCat("hash", kEffects)}));
    ACCORD_ASSIGN_OR_RETURN(const Position other, transaction.Cursor("staffing"));
    EXPECT_EQ(other, Position());
    return WriteSet();
  });
}

TEST_P(StoreMutationTest, LeaseHasOneHolderUntilItRunsOut) {
  const auto holds = [&](absl::string_view holder) {
    bool held = false;
    Do([&](Transaction& transaction) -> absl::StatusOr<WriteSet> {
      ACCORD_ASSIGN_OR_RETURN(held, transaction.HoldsLease("sweep", holder));
      return WriteSet();
    });
    return held;
  };
  const auto replica = OpenStore();
  EXPECT_EQ(*store_->TryLease("sweep", "one", absl::Minutes(1)), true);
  EXPECT_EQ(*replica->TryLease("sweep", "two", absl::Minutes(1)), false);
  EXPECT_TRUE(holds("one"));
  EXPECT_FALSE(holds("two"));
  clock_.Advance(absl::Seconds(40));
  EXPECT_EQ(*store_->TryLease("sweep", "one", absl::Minutes(1)), true);
  clock_.Advance(absl::Seconds(59));
  EXPECT_EQ(*replica->TryLease("sweep", "two", absl::Minutes(1)), false);
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(holds("one"));
  EXPECT_EQ(*replica->TryLease("sweep", "two", absl::Minutes(1)), true);
  EXPECT_TRUE(holds("two"));
  EXPECT_EQ(Head().revision, 0);
}

// --- Bulk ----------------------------------------------------------------------------

TEST_P(StoreMutationTest, RowsAreAppendedUnderOneChange) {
  RosterImport header;
  header.set_name("rosterImports/i1");
  Do(Creates(header));
  const Committed committed = Do(Appends("rosterImports/i1", 5000));
  ASSERT_THAT(committed.changes, SizeIs(1));
  const Change& change = committed.changes[0];
  EXPECT_EQ(change.kind(), Change::BULK);
  EXPECT_EQ(change.resource(), "rosterImports/i1");
  EXPECT_EQ(change.subjects_size(), 5001);  // Each row's agency and the import.
  log::v1::BulkRows rows;
  ASSERT_TRUE(change.image().UnpackTo(&rows));
  EXPECT_EQ(rows.resource_type(), "accord.agreements.v1.RosterRow");
  EXPECT_EQ(rows.rows(), 5000);
  EXPECT_THAT(rows.rows_digest(), SizeIs(32));
  EXPECT_EQ(Get<RosterRow>("rosterImports/i1/rows/4711")->row_number(), 4711);
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
  // One of them is there already: the chunk is refused as a whole.
  EXPECT_THAT(Mutate(Appends("rosterImports/i1", 5001)), StatusIs(kTaken));
  EXPECT_THAT(Get<RosterRow>("rosterImports/i1/rows/5001"), StatusIs(kNotFound));
}

}  // namespace
}  // namespace accord::store
