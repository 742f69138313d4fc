// What is counted by groups is what counting the rows gives, after every kind of write.
#include <map>
#include <optional>
#include <random>

#include "common/calendar/date.h"
#include "common/store/erase.h"
#include "common/testing/eventually.h"
#include "tests/contract/people.h"
#include "tests/contract/store_fixture.h"

namespace accord::store {
namespace {

using accord::testing::Eventually;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Date kFirstDay = MakeDate(2026, 1, 1);

ResourceTypes* NewTypes(std::vector<CountedSpec> people) {
  auto* types = new ResourceTypes;
  types->Add<Person>({.collection = "people",
                      .fields = {"rank", "join_date", "update_time"},
                      .counted = std::move(people)});
  types->Add<Team>({.collection = "teams",
                    .fields = {"title"},
                    .counted = {{"by_title", "title"}},
                    .bulk = true});
  return types;
}

const ResourceTypes& Counted() {
  static const ResourceTypes& types =
      *NewTypes({{"by_rank", "rank"}, {"by_month", "rank,join_date:month"}});
  return types;
}

const ResourceTypes& Uncounted() {
  static const ResourceTypes& types = *NewTypes({});
  return types;
}

Person PersonOf(int id, const std::string& rank, std::optional<Date> joined = std::nullopt) {
  Person person;
  person.set_name(absl::StrCat("people/", id));
  person.set_given_name("Zebedee");
  person.set_rank(rank);
  if (joined) *person.mutable_join_date() = ToProto(*joined);
  return person;
}

// "captain 2026-03" to how many.
using Groups = std::map<std::string, int64_t>;

class StoreCountsTest : public StoreTest {
 protected:
  void SetUp() override {
    absl::StatusOr<std::string> url = NewUrl();
    ASSERT_THAT(url, IsOk());
    url_ = *std::move(url);
    store_ = OpenWith(Counted());
    ASSERT_NE(store_, nullptr);
  }

  std::unique_ptr<Store> OpenWith(const ResourceTypes& types) {
    absl::StatusOr<std::unique_ptr<Store>> store = TryOpen({}, types);
    EXPECT_THAT(store, IsOk());
    return store.ok() ? *std::move(store) : nullptr;
  }

  Groups Rows(const std::string& sql) {
    Groups groups;
    const auto result = Connect()->Execute(sql);
    EXPECT_THAT(result, IsOk());
    if (!result.ok()) return groups;
    for (const sql::Row& row : result->rows) {
      groups[sql::GetText(row, 0).value()] += sql::GetInt(row, 1).value();
    }
    EXPECT_EQ(groups.size(), result->rows.size()) << "a group has two rows";
    return groups;
  }
  Groups ByRank() { return Rows("SELECT f_rank, n FROM n_people_by_rank"); }
  Groups ByMonth() {
    return Rows("SELECT f_rank || ' ' || f_join_date_month, n FROM n_people_by_month");
  }
  Groups ByTitle() { return Rows("SELECT f_title, n FROM n_teams_by_title"); }

  void AddPeople(int count, const std::string& rank) {
    Do([&](Transaction&) -> absl::StatusOr<WriteSet> {
      WriteSet writes;
      for (int i = 0; i < count; ++i) writes.Create(PersonOf(i, rank, kFirstDay + days(20 * i)));
      return writes;
    });
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, StoreCountsTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

// Writes of one mutation, and the people that there are after it.
class RandomWrites {
 public:
  explicit RandomWrites(unsigned seed) : random_(seed) {}

  // Several writes, some to the same person one after another.
  Mutation Next() {
    std::vector<std::pair<Change::Kind, Person>> writes;
    for (int i = 1 + Below(6); i > 0; --i) writes.push_back(Write());
    return [writes](Transaction&) -> absl::StatusOr<WriteSet> {
      WriteSet set;
      for (const auto& [kind, person] : writes) {
        if (kind == Change::CREATE) set.Create(person);
        if (kind == Change::UPDATE) set.Update(person);
        if (kind == Change::DELETE) set.Delete(person);
      }
      return set;
    };
  }
  Groups ByRank() const {
    Groups groups;
    for (const auto& [id, person] : people_) ++groups[person.rank()];
    return groups;
  }
  Groups ByMonth() const {
    Groups groups;
    for (const auto& [id, person] : people_) {
      const auto joined = FromProto(person.join_date());
      ++groups[absl::StrCat(person.rank(), " ", joined ? FormatDate(*joined).substr(0, 7) : "")];
    }
    return groups;
  }

 private:
  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  std::pair<Change::Kind, Person> Write() {
    const int id = Below(8);
    const auto known = people_.find(id);
    if (known != people_.end() && Below(3) == 0) {
      const Person before = known->second;
      people_.erase(known);
      return {Change::DELETE, before};
    }
    const Change::Kind kind = known == people_.end() ? Change::CREATE : Change::UPDATE;
    std::optional<Date> joined;
    if (Below(3) > 0) joined = kFirstDay + days(Below(100));
    const std::string ranks[] = {"", "captain", "major"};
    people_[id] = PersonOf(id, ranks[Below(3)], joined);
    return {kind, people_[id]};
  }

  std::mt19937 random_;
  std::map<int, Person> people_;
};

TEST_P(StoreCountsTest, CountsFollowEveryWrite) {
  RandomWrites writes(20260302);
  for (int i = 0; i < 150; ++i) {
    Do(writes.Next());
    ASSERT_EQ(ByRank(), writes.ByRank()) << "after mutation " << i;
    ASSERT_EQ(ByMonth(), writes.ByMonth()) << "after mutation " << i;
  }
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreCountsTest, BulkRowsAreCounted) {
  for (int chunk = 0; chunk < 2; ++chunk) {
    Do([chunk](Transaction&) -> absl::StatusOr<WriteSet> {
      std::vector<std::unique_ptr<google::protobuf::Message>> rows;
      for (int i = 0; i < 10; ++i) {
        auto team = std::make_unique<Team>();
        team->set_name(absl::StrCat("teams/", 10 * chunk + i));
        team->set_title(i < 3 ? "north" : absl::StrCat("south ", chunk));
        rows.push_back(std::move(team));
      }
      WriteSet writes;
      writes.AppendRows("people/1", std::move(rows));
      return writes;
    });
  }
  EXPECT_EQ(ByTitle(), (Groups{{"north", 6}, {"south 0", 7}, {"south 1", 7}}));
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreCountsTest, RefusedWritesAreNotCounted) {
  AddPeople(3, "captain");
  EXPECT_FALSE(Mutate([](Transaction&) -> absl::StatusOr<WriteSet> {
                 WriteSet writes;
                 writes.Create(PersonOf(7, "major"));
                 writes.Create(PersonOf(1, "major"));  // Is there already.
                 return writes;
               }).ok());
  MutationContext context = By("Test");
  context.validate_only = true;
  EXPECT_THAT(store_->Mutate(context, Creates(PersonOf(8, "major"))), IsOk());
  EXPECT_EQ(ByRank(), (Groups{{"captain", 3}}));
}

TEST_P(StoreCountsTest, AnErasedPersonStillCounts) {
  AddPeople(2, "captain");
  ASSERT_THAT(ErasePersonalFields(*store_, "people/1", By("Erase")), IsOk());
  EXPECT_EQ(Get<Person>("people/1")->given_name(), "");
  EXPECT_EQ(ByRank(), (Groups{{"captain", 2}}));
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST(CountChangesTest, GroupsThatStayTheSameCostNothing) {
  const std::vector<Counts>& counts = Counted().Of<Person>().counts();
  CountChanges changes;
  Person after = PersonOf(1, "captain", kFirstDay + days(3));
  after.set_given_name("Another");
  changes.Add(counts, PersonOf(1, "captain", kFirstDay), -1);
  changes.Add(counts, after, 1);
  std::vector<sql::Statement> statements;
  changes.AppendTo(statements);
  EXPECT_THAT(statements, IsEmpty());
}

TEST_P(StoreCountsTest, RecordsThatExistAreCountedOnce) {
  url_ = *NewUrl();
  store_ = OpenWith(Uncounted());
  AddPeople(3, "captain");
  store_ = OpenWith(Counted());
  const Groups counted = {{"captain 2026-01", 2}, {"captain 2026-02", 1}};
  EXPECT_EQ(ByMonth(), counted);
  // A start goes by what is kept, and does not count again.
  Run("UPDATE n_people_by_month SET n = n + 5 WHERE f_join_date_month = '2026-02'");
  store_ = OpenWith(Counted());
  EXPECT_EQ(ByMonth(), (Groups{{"captain 2026-01", 2}, {"captain 2026-02", 6}}));
  // Unless an operator asks for it.
  Run("UPDATE schema_counts SET columns = ''");
  store_ = OpenWith(Counted());
  EXPECT_EQ(ByMonth(), counted);
}

TEST_P(StoreCountsTest, AnotherDeclarationIsCountedAnew) {
  AddPeople(3, "captain");
  const std::unique_ptr<ResourceTypes> others(NewTypes({{"by_month", "join_date:month"}}));
  store_ = OpenWith(*others);
  EXPECT_EQ(Rows("SELECT f_join_date_month, n FROM n_people_by_month"),
            (Groups{{"2026-01", 2}, {"2026-02", 1}}));
  EXPECT_FALSE(Connect()->Execute("SELECT * FROM n_people_by_rank").ok())
      << "nobody keeps it right, and it is still there";
  Do(Creates(PersonOf(9, "major", kFirstDay)));
  // Back to what was declared first: what was written meanwhile counts.
  store_ = OpenWith(Counted());
  EXPECT_EQ(ByRank(), (Groups{{"captain", 3}, {"major", 1}}));
  EXPECT_TRUE(Verify().intact()) << Verify().problem();
}

TEST_P(StoreCountsTest, VerificationCountsAgain) {
  AddPeople(3, "captain");
  const char* const tampers[] = {
      "UPDATE n_people_by_rank SET n = n + 1",
      "DELETE FROM n_people_by_rank",
      "INSERT INTO n_people_by_rank VALUES ('major', 1)",
      "INSERT INTO n_people_by_rank VALUES ('major', 0)",
      "UPDATE n_people_by_rank SET f_rank = 'major'",
  };
  for (const char* tamper : tampers) {
    ASSERT_TRUE(Verify().intact());
    Run("CREATE TABLE saved AS SELECT * FROM n_people_by_rank");
    Run(tamper);
    const auto verified = Verify();
    EXPECT_FALSE(verified.intact()) << tamper;
    EXPECT_THAT(verified.problem(), HasSubstr("n_people_by_rank"));
    EXPECT_EQ(verified.first_broken_revision(), 3);
    Run("DELETE FROM n_people_by_rank; INSERT INTO n_people_by_rank SELECT * FROM saved;"
        "DROP TABLE saved");
  }
}

TEST_P(StoreCountsTest, ReplicasThatStartTogetherCountOnce) {
  url_ = *NewUrl();
  store_ = OpenWith(Uncounted());
  AddPeople(50, "captain");
  store_.reset();
  std::vector<absl::Status> outcomes(4);
  InParallel(4, [&](int i) { outcomes[i] = TryOpen({}, Counted()).status(); });
  EXPECT_THAT(outcomes, ::testing::Each(IsOk()));
  EXPECT_EQ(ByRank(), (Groups{{"captain", 50}}));
}

// PostgreSQL alone has several writers at once.
class StoreCountsReplicasTest : public StoreCountsTest {};
INSTANTIATE_TEST_SUITE_P(Databases, StoreCountsReplicasTest,
                         ::testing::Values(sql::Dialect::kPostgres), DialectName);

TEST_P(StoreCountsReplicasTest, EveryReplicasWritesAreCounted) {
  constexpr int kReplicas = 3;
  constexpr int kWrites = 40;
  std::vector<std::unique_ptr<Store>> replicas;
  for (int i = 0; i < kReplicas; ++i) replicas.push_back(OpenWith(Counted()));
  std::atomic<int> written = 0;
  InParallel(kReplicas, [&](int replica) {
    for (int i = 0; i < kWrites; ++i) {
      const Person person = PersonOf(replica * kWrites + i, i % 2 == 0 ? "captain" : "major");
      if (replicas[replica]->Mutate(By("Test"), Creates(person)).ok()) ++written;
    }
  });
  EXPECT_EQ(written, kReplicas * kWrites);
  EXPECT_EQ(ByRank(), (Groups{{"captain", 60}, {"major", 60}}));
}

// Another replica, of a program that counts nothing yet, could write between the counting of the
// rows and the moment from which counts are kept.
TEST_P(StoreCountsReplicasTest, NobodyWritesWhileCountsAreMade) {
  url_ = *NewUrl();
  store_ = OpenWith(Uncounted());
  AddPeople(1, "captain");
  const auto reader = Connect();
  ASSERT_THAT(reader->BeginWrite(sql::WriteLimits::Schema()), IsOk());
  ASSERT_THAT(reader->Execute("LOCK TABLE t_people IN ACCESS EXCLUSIVE MODE"), IsOk());
  std::promise<absl::Status> opened;
  std::thread opener([&] { opened.set_value(TryOpen({}, Counted()).status()); });
  // It has come to the rows.
  EXPECT_TRUE(Eventually([&] {
    return Int("SELECT count(*) FROM pg_locks WHERE NOT granted AND "
               "relation = 't_people'::regclass") > 0;
  }));
  const auto writer = Connect();
  EXPECT_THAT(writer->BeginWrite({.lock = absl::Milliseconds(100)}), IsOk());
  EXPECT_THAT(writer->Execute("UPDATE head SET time_us = time_us WHERE id = 1"),
              StatusIs(absl::StatusCode::kAborted));
  writer->Rollback();
  reader->Rollback();
  opener.join();
  EXPECT_THAT(opened.get_future().get(), IsOk());
  EXPECT_EQ(ByRank(), (Groups{{"captain", 1}}));
}

}  // namespace
}  // namespace accord::store
