// Lists, paging, the record as it was known before, and reads of the log.
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_format.h"
#include "common/testing/eventually.h"
#include "tests/contract/store_fixture.h"

namespace accord::store {
namespace {

using accord::testing::ProtoEquals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

class StoreReadTest : public StoreTest {
 protected:
  // Agencies a00…, of three states, with names that repeat.
  void CreateMany(int count) {
    Do([count](Transaction&) -> absl::StatusOr<WriteSet> {
      WriteSet writes;
      for (int i = 0; i < count; ++i) {
        const char* states[] = {"FL", "GA", "TX"};
        Agency agency =
            AgencyOf(absl::StrFormat("a%02d", i), absl::StrCat("Sheriff ", i % 7), states[i % 3]);
        agency.set_kind(i % 2 == 0 ? Agency::COUNTY : Agency::MUNICIPALITY);
        agency.set_fictitious(i % 5 == 0);
        writes.Create(agency);
      }
      return writes;
    });
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, StoreReadTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

// --- Lists -------------------------------------------------------------------

TEST_P(StoreReadTest, FiltersOnDeclaredFields) {
  CreateMany(30);
  EXPECT_THAT(Names(ArgsOf("state = TX AND kind = COUNTY AND display_name:\"RIFF 1\"")),
              ElementsAre("agencies/a08"));
  EXPECT_THAT(Names(ArgsOf("fictitious = true AND NOT state = FL AND NOT state = GA")),
              ElementsAre("agencies/a05", "agencies/a20"));
  EXPECT_THAT(Names(ArgsOf("state = ZZ")), IsEmpty());
  // A value that tries to be SQL is a value.
  EXPECT_THAT(Names(ArgsOf("display_name = \"x' OR '1'='1\"")), IsEmpty());
}

TEST_P(StoreReadTest, OrdersByDeclaredFieldsThenByName) {
  CreateMany(8);
  EXPECT_THAT(Names(ArgsOf("", "state desc, display_name desc")),
              ElementsAre("agencies/a05", "agencies/a02", "agencies/a04", "agencies/a01",
                          "agencies/a07", "agencies/a06", "agencies/a03", "agencies/a00"));
}

TEST_P(StoreReadTest, EveryBadArgumentIsNamed) {
  ListArgs args = ArgsOf("nonsense = 1", "nonsense", -1);
  args.as_known_at = -1;
  const auto page = List<Agency>(*store_, args);
  EXPECT_THAT(page, FailsWith(kInvalid, "INVALID_FIELDS"));
  for (const char* field : {"filter", "order_by", "page_size", "as_known_at"}) {
    EXPECT_THAT(page.status().ToString(), ::testing::HasSubstr(field));
  }
}

TEST_P(StoreReadTest, PagesGiveEachRowOnceWhileRowsAreInserted) {
  CreateMany(60);
  // Bounded: half of the rows land behind the reader's page, and a reader that is slower than
  // the writer would never see the end.
  constexpr int kInserted = 150;
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < kInserted; ++i) {
      EXPECT_THAT(Mutate(Creates(AgencyOf(absl::StrFormat("a%02dx%d", i * 37 % 60, i)))), IsOk());
    }
    done = true;
  });
  bool last_round = false;
  do {
    last_round = done;
    const std::vector<std::string> names = Names(ArgsOf("", "display_name, state desc", 7));
    const std::set<std::string> unique(names.begin(), names.end());
    EXPECT_EQ(unique.size(), names.size());
    for (int i = 0; i < 60; ++i) {
      EXPECT_TRUE(unique.contains(absl::StrFormat("agencies/a%02d", i))) << i;
    }
    if (last_round) {
      EXPECT_EQ(unique.size(), 60u + kInserted);
    }
  } while (!last_round);
  writer.join();
}

TEST_P(StoreReadTest, WhatIsMergedShowsOnlyWhenAskedFor) {
  CreateMany(3);
  Do(Updates("a01", [](Agency& agency) { agency.set_merged_into("agencies/a00"); }));
  EXPECT_THAT(Names(ArgsOf()), ElementsAre("agencies/a00", "agencies/a02"));
  EXPECT_THAT(Names(ArgsOf("merged_into:*")), ElementsAre("agencies/a01"));
  ListArgs before = ArgsOf();
  before.as_known_at = 3;
  EXPECT_THAT(Names(before), SizeIs(3));
}

TEST_P(StoreReadTest, ChildrenOfOneParent) {
  for (const char* import : {"rosterImports/i1", "rosterImports/i10", "rosterImports/i2"}) {
    Do(Appends(import, 3));
  }
  ListArgs args = ArgsOf("", "", 2);
  args.parent = "rosterImports/i1";
  EXPECT_THAT(
      NamesOf(ListAll<RosterRow>(args)),
      ElementsAre("rosterImports/i1/rows/1", "rosterImports/i1/rows/2", "rosterImports/i1/rows/3"));
  // Rows are in no image of the log, but have the revision that added them.
  args.as_known_at = 1;
  EXPECT_THAT(ListAll<RosterRow>(args), SizeIs(3));
  args.parent = "rosterImports/i2";
  EXPECT_THAT(ListAll<RosterRow>(args), IsEmpty());
  const auto snapshot = store_->Read(Soon());
  EXPECT_THAT((**snapshot)->GetAt<RosterRow>("rosterImports/i2/rows/1", 3), IsOk());
  EXPECT_THAT((**snapshot)->GetAt<RosterRow>("rosterImports/i2/rows/1", 2),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(StoreReadTest, PageTokenIsGoodForItsQuestionOnly) {
  CreateMany(10);
  ListArgs args = ArgsOf("", "state", 3);
  const auto first = List<Agency>(*store_, args);
  ASSERT_THAT(first, IsOk());
  args.page_token = first->next_page_token;
  EXPECT_THAT(List<Agency>(*store_, args), IsOk());
  const std::vector<void (*)(ListArgs&)> others = {
      [](ListArgs& other) { other.caller = "ben"; },
      [](ListArgs& other) { other.method = "ListOthers"; },
      [](ListArgs& other) { other.filter = "state = FL"; },
      [](ListArgs& other) { other.order_by = "state desc"; },
      [](ListArgs& other) { other.as_known_at = 5; },
      [](ListArgs& other) { other.view = "as_of=2026-01-01"; },
      [](ListArgs& other) { other.parent = "agencies/a01"; },
      [](ListArgs& other) { other.page_token += "x"; },
  };
  for (const auto change : others) {
    ListArgs other = args;
    change(other);
    EXPECT_THAT(List<Agency>(*store_, other), FailsWith(kInvalid, "INVALID_FIELDS"));
  }
}

TEST_P(StoreReadTest, ViewsInMemoryEqualTheTable) {
  CreateMany(60);
  Do(Updates("a07", [](Agency& agency) { agency.set_merged_into("agencies/a08"); }));
  for (const char* filter : {"", "state = FL", "kind = COUNTY OR fictitious = true",
                             "merged_into:*", "display_name:\"3\" AND state != TX"}) {
    for (const char* order : {"", "display_name desc", "state, kind desc", "name desc"}) {
      ListArgs table = ArgsOf(filter, order, 7);
      ListArgs memory = table;
      memory.transform = [](google::protobuf::Message&) {};
      ListArgs known = table;
      known.as_known_at = Head().revision;
      const std::vector<std::string> expected = Names(table);
      EXPECT_EQ(Names(memory), expected) << filter << " / " << order;
      EXPECT_EQ(Names(known), expected) << filter << " / " << order;
    }
  }
}

TEST_P(StoreReadTest, TransformComesBeforeFilterOrderAndPaging) {
  CreateMany(9);
  ListArgs args = ArgsOf("county = seen", "display_name desc", 2);
  args.transform = [](google::protobuf::Message& message) {
    auto& agency = static_cast<Agency&>(message);
    if (agency.state() == "GA") agency.set_county("seen");
    agency.set_display_name(absl::StrCat("view of ", agency.name()));
  };
  EXPECT_THAT(Names(args), ElementsAre("agencies/a07", "agencies/a04", "agencies/a01"));
}

// --- As known at -----------------------------------------------------------------

// One random step. Creates, changes, deletes and merely notes.
Mutation RandomStep(std::mt19937& random) {
  const int steps = 1 + static_cast<int>(random() % 3);
  const uint32_t seed = random();
  return [steps, seed](Transaction& transaction) -> absl::StatusOr<WriteSet> {
    std::mt19937 dice(seed);
    WriteSet writes;
    std::set<std::string> touched;
    for (int i = 0; i < steps; ++i) {
      const std::string id = absl::StrCat("a", dice() % 8);
      if (!touched.insert(id).second) continue;
      Agency agency = AgencyOf(id, absl::StrCat("name ", dice() % 100), dice() % 2 ? "FL" : "GA");
      const auto found = transaction.Get<Agency>(agency.name());
      const uint32_t what = dice() % 4;
      if (!found.ok()) {
        writes.Create(agency);
      } else if (what == 0) {
        writes.Delete(*found);
      } else if (what == 1) {
        writes.Event(agency.name(), &agency);
      } else {
        writes.Update(agency);
      }
    }
    return writes;
  };
}

TEST_P(StoreReadTest, EveryRevisionReadsAsItWas) {
  std::mt19937 random(287);
  using State = std::map<std::string, Agency>;
  std::vector<State> known = {{}};
  for (int step = 0; step < 60; ++step) {
    clock_.Advance(absl::Seconds(1));
    for (const Change& change : Do(RandomStep(random)).changes) {
      State state = known.back();
      if (change.kind() == Change::DELETE) state.erase(change.resource());
      if (change.kind() == Change::CREATE || change.kind() == Change::UPDATE) {
        ASSERT_TRUE(change.image().UnpackTo(&state[change.resource()]));
      }
      known.push_back(std::move(state));
    }
  }
  ASSERT_GT(known.size(), 60u);
  const auto snapshot = store_->Read(Soon());
  for (size_t revision = 1; revision < known.size(); ++revision) {
    ListArgs args = ArgsOf();
    args.as_known_at = static_cast<int64_t>(revision);
    const std::vector<Agency> listed = ListAll(args);
    ASSERT_EQ(listed.size(), known[revision].size()) << revision;
    for (const Agency& agency : listed) {
      EXPECT_THAT(agency, ProtoEquals(known[revision].at(agency.name()))) << revision;
    }
    for (int i = 0; i < 8; ++i) {
      const std::string name = absl::StrCat("agencies/a", i);
      const auto got = (**snapshot)->GetAt<Agency>(name, static_cast<int64_t>(revision));
      EXPECT_EQ(got.ok(), known[revision].contains(name)) << name << " at " << revision;
      if (got.ok()) {
        EXPECT_THAT(*got, ProtoEquals(known[revision].at(name)));
      }
    }
  }
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreReadTest, RevisionAheadOfTheLogIsRefused) {
  CreateMany(3);
  ListArgs args = ArgsOf();
  args.as_known_at = 4;
  EXPECT_THAT(List<Agency>(*store_, args), FailsWith(kInvalid, "INVALID_FIELDS"));
  const auto snapshot = store_->Read(Soon());
  EXPECT_THAT((**snapshot)->GetAt<Agency>("agencies/a00", 4),
              FailsWith(absl::StatusCode::kOutOfRange, "REVISION_AHEAD"));
}

TEST_P(StoreReadTest, RedactedImageIsNotAnswered) {
  CreateMany(1);
  Do(Updates("a00", [](Agency& agency) { agency.set_display_name("Corrected"); }));
  ASSERT_THAT(store_->RedactImage(1), IsOk());
  const auto snapshot = store_->Read(Soon());
  EXPECT_THAT((**snapshot)->GetAt<Agency>("agencies/a00", 1),
              FailsWith(absl::StatusCode::kFailedPrecondition, "IMAGE_REDACTED"));
  EXPECT_EQ((**snapshot)->GetAt<Agency>("agencies/a00", 2)->display_name(), "Corrected");
  EXPECT_THAT(store_->RedactImage(3), FailsWith(absl::StatusCode::kNotFound, "CHANGE_NOT_FOUND"));
  const auto change = GetChange(*store_, "changes/1", Soon());
  ASSERT_THAT(change, IsOk());
  EXPECT_TRUE(change->image_redacted());
  EXPECT_FALSE(change->has_image());
}

// --- The log -------------------------------------------------------------------------

TEST_P(StoreReadTest, ChangesAreReadByName) {
  CreateMany(2);
  EXPECT_EQ(GetChange(*store_, "changes/2", Soon())->resource(), "agencies/a01");
  for (const char* name : {"changes/3", "changes/x", "changes/", "agencies/a00", ""}) {
    EXPECT_THAT(GetChange(*store_, name, Soon()),
                FailsWith(absl::StatusCode::kNotFound, "CHANGE_NOT_FOUND"));
  }
}

TEST_P(StoreReadTest, ChangesAreListedNewestFirstInPages) {
  CreateMany(25);
  Do(Creates(AgreementOf("g1", "a03")));
  Do(Updates("a03", [](Agency& agency) { agency.set_county("Bay"); }));
  log::v1::ListChangesRequest request;
  request.set_page_size(10);
  const auto all = [&]() {
    std::vector<int64_t> revisions;
    request.clear_page_token();
    do {
      const auto page = ListChanges(*store_, request, "ann", Soon());
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return revisions;
      for (const Change& change : page->changes()) {
        revisions.push_back(change.revision());
        EXPECT_EQ(change.has_image(), !request.omit_images());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return revisions;
  };
  std::vector<int64_t> expected(27);
  for (int i = 0; i < 27; ++i) expected[i] = 27 - i;
  EXPECT_EQ(all(), expected);
  request.set_order_by("revision");
  request.set_omit_images(true);
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(all(), expected);
  request.set_subject("agencies/a03");
  EXPECT_THAT(all(), ElementsAre(4, 26, 27));
  request.set_filter("kind = UPDATE");
  EXPECT_THAT(all(), ElementsAre(27));
  request.clear_subject();
  request.set_filter(
      "subjects:\"agencies/a03\" AND resource_type = \"accord.agreements.v1.Agreement\"");
  EXPECT_THAT(all(), ElementsAre(26));
  request.set_order_by("time");
  EXPECT_THAT(ListChanges(*store_, request, "ann", Soon()), FailsWith(kInvalid, "INVALID_FIELDS"));
}

TEST_P(StoreReadTest, SnapshotDoesNotMove) {
  CreateMany(1);
  const auto snapshot = store_->Read(Soon());
  ASSERT_THAT(snapshot, IsOk());
  Do(Updates("a00", [](Agency& agency) { agency.set_display_name("Later"); }));
  EXPECT_EQ((**snapshot)->position().revision, 1);
  EXPECT_EQ((**snapshot)->Get<Agency>("agencies/a00")->display_name(), "Sheriff 0");
  EXPECT_EQ(*(**snapshot)->Count(store_->types().Of<Agency>(), {}), 1);
}

TEST_P(StoreReadTest, ReadersAreBounded) {
  StoreOptions options;
  options.readers = 1;
  options.head_poll = absl::Hours(1);
  const auto store = OpenStore(options);
  const auto held = store->Read(Soon());
  ASSERT_THAT(held, IsOk());
  EXPECT_THAT(store->Read(absl::Now() + absl::Milliseconds(20)),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

// One process alone writes a SQLite file.
class StoreReplicaTest : public StoreReadTest {};

INSTANTIATE_TEST_SUITE_P(Databases, StoreReplicaTest, ::testing::Values(sql::Dialect::kPostgres),
                         DialectName);

TEST_P(StoreReplicaTest, HeadsFollowOtherReplicas) {
  const auto replica = OpenStore();
  CreateMany(5);
  EXPECT_EQ(replica->heads().WaitPast(4, replica->heads().Wakes(), Soon()), Head());
  // The head is shown a moment before it counts as confirmed.
  EXPECT_TRUE(
      accord::testing::Eventually([&] { return replica->HeadConfirmedWithin(absl::Seconds(10)); }));
}

}  // namespace
}  // namespace accord::store
