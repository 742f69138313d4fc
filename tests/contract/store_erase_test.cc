// Erasure of personal fields: what was erased is nowhere in the database, and every proof of
// what happened still holds.
#include <algorithm>
#include <filesystem>

#include "absl/strings/strip.h"
#include "common/base/personal.h"
#include "common/store/erase.h"
#include "common/testing/matchers.h"
#include "tests/contract/people.h"
#include "tests/contract/signed_store_fixture.h"

namespace accord::store {
namespace {

using accord::testing::ProtoEquals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

// Names that stand nowhere else; the long one fills pages of its own.
constexpr char kGiven[] = "Zebedee-given";
constexpr char kFamily[] = "Quillfeather-family";
constexpr char kFormer[] = "Ravenscroft-former";
constexpr char kContact[] = "Wilhelmina-contact";
constexpr char kChecked[] = "Thistlewood-checked";
const std::string& LongName() {
  static const std::string& name = *new std::string([] {
    std::string made;
    while (made.size() < 20'000) made += "Oxenbridge-long ";
    return made;
  }());
  return name;
}
const std::vector<std::string>& Names() {
  static const auto& names = *new std::vector<std::string>{kGiven,   kFamily,  kFormer,
                                                           kContact, kChecked, "Oxenbridge-long"};
  return names;
}

Person PersonOf(absl::string_view id, absl::string_view given = kGiven,
                absl::string_view family = kFamily) {
  Person person;
  person.set_name(absl::StrCat("people/", id));
  person.set_given_name(std::string(given));
  person.set_family_name(std::string(family));
  person.set_rank("captain");
  return person;
}

Mutation Changes(std::string id, std::function<void(Person&)> change) {
  return [name = absl::StrCat("people/", id),
          change = std::move(change)](Transaction& transaction) -> absl::StatusOr<WriteSet> {
    ACCORD_ASSIGN_OR_RETURN(Person person, transaction.Get<Person>(name));
    change(person);
    WriteSet writes;
    writes.Update(person);
    return writes;
  };
}

class EraseTest : public SignedStoreTest {
 protected:
  void SetUp() override {
    SignedStoreTest::SetUp();
    store_ = OpenPeople();
  }
  std::unique_ptr<Store> OpenPeople() {
    auto store = TryOpen({}, People());
    EXPECT_THAT(store, IsOk());
    return store.ok() ? *std::move(store) : nullptr;
  }

  // Revisions 1 to 7, of which 1, 2, 4, 5 and 6 say who people/1 is.
  void WritePast() {
    Do(Creates(PersonOf("1")));
    Do(Changes("1", [](Person& person) {
      person.add_former_names(kFormer);
      person.add_former_names(LongName());
    }));
    Do(Creates(PersonOf("2", "Basil", "Basilson")));
    Do([](Transaction&) -> absl::StatusOr<WriteSet> {
      NameCheck check;
      check.set_checked_name(kChecked);
      WriteSet writes;
      writes.Event("people/1", &check);
      return writes;
    });
    Do(Changes("1", [](Person& person) {
      person.mutable_contact()->set_full_name(kContact);
      person.mutable_contact()->set_relation("cousin");
    }));
    Do(Changes("1", [](Person& person) { person.set_rank("major"); }));
    Do([](Transaction&) -> absl::StatusOr<WriteSet> {
      WriteSet writes;
      writes.Event("people/1", nullptr);
      return writes;
    });
    ASSERT_EQ(Head().revision, 7);
  }

  static MutationContext Why() {
    MutationContext context = By("ErasePersonalFields");
    context.actor = "id#admin";
    context.role = "admin";
    context.reason = "retention period has ended";
    return context;
  }
  absl::StatusOr<Erased> TryErase(absl::string_view name, bool validate_only = false) {
    MutationContext context = Why();
    context.validate_only = validate_only;
    return ErasePersonalFields(*store_, name, context);
  }
  Erased Erase(absl::string_view name, bool validate_only = false) {
    const auto erased = TryErase(name, validate_only);
    EXPECT_THAT(erased, IsOk());
    return erased.ok() ? *erased : Erased();
  }

  // Revisions whose image is gone.
  std::vector<int64_t> Redacted() {
    std::vector<int64_t> revisions;
    for (const Change& change : AllChanges()) {
      if (change.image_redacted()) revisions.push_back(change.revision());
    }
    return revisions;
  }

  // Every value of every row of every table.
  std::string AllValues() {
    const auto connection = Connect();
    const bool sqlite = GetParam() == sql::Dialect::kSqlite;
    const auto tables = connection->Execute(
        sqlite ? "SELECT name FROM sqlite_schema WHERE type = 'table'"
               : "SELECT CAST(table_name AS TEXT) FROM information_schema.tables "
                 "WHERE table_schema = current_schema()");
    EXPECT_THAT(tables, IsOk());
    EXPECT_GE(tables->rows.size(), 10u);
    std::string all;
    for (const sql::Row& table : tables->rows) {
      EXPECT_THAT(connection->ForEach(absl::StrCat("SELECT * FROM ", *sql::GetText(table, 0)), {},
                                      [&](sql::Row& row) {
                                        for (const sql::Value& value : row) Append(value, all);
                                        return absl::OkStatus();
                                      }),
                  IsOk());
    }
    return all;
  }
  static void Append(const sql::Value& value, std::string& all) {
    if (const auto* text = std::get_if<std::string>(&value)) all += *text;
    if (const auto* bytes = std::get_if<sql::Bytes>(&value)) all += bytes->data;
    all += '\n';
  }
  // The bytes of the database's files; empty for PostgreSQL.
  std::string FileBytes() const {
    std::string all;
    absl::string_view path = url_;
    if (!absl::ConsumePrefix(&path, "sqlite:")) return all;
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::ifstream file(absl::StrCat(path, suffix), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return all;
  }
  static std::vector<std::string> NamesIn(const std::string& bytes) {
    std::vector<std::string> found;
    for (const std::string& name : Names()) {
      if (absl::StrContains(bytes, name)) found.push_back(name);
    }
    return found;
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, EraseTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

TEST_P(EraseTest, WhatWasErasedIsNowhere) {
  WritePast();
  EXPECT_EQ(NamesIn(AllValues()), Names());
  if (GetParam() == sql::Dialect::kSqlite) {
    EXPECT_EQ(NamesIn(FileBytes()), Names());
  }
  const Erased erased = Erase("people/1");
  EXPECT_THAT(erased.fields,
              ElementsAre("given_name", "family_name", "former_names", "contact.full_name"));
  EXPECT_EQ(erased.images, 5);
  EXPECT_EQ(erased.position, Head());
  EXPECT_THAT(NamesIn(AllValues()), IsEmpty());
  EXPECT_THAT(NamesIn(FileBytes()), IsEmpty());
  // Others keep theirs.
  EXPECT_EQ(Get<Person>("people/2")->given_name(), "Basil");
  EXPECT_THAT(Redacted(), ElementsAre(1, 2, 4, 5, 6));
}

TEST_P(EraseTest, OneChangeSaysWhoAndWhyAndTheRestStays) {
  WritePast();
  Erase("people/1");
  ASSERT_EQ(Head().revision, 8);
  const Change change = AllChanges().back();
  EXPECT_EQ(change.kind(), Change::UPDATE);
  EXPECT_EQ(change.action(), "ErasePersonalFields");
  EXPECT_EQ(change.resource(), "people/1");
  EXPECT_EQ(change.actor(), "id#admin");
  EXPECT_EQ(change.role(), "admin");
  EXPECT_EQ(change.reason(), "retention period has ended");
  const auto person = Get<Person>("people/1");
  ASSERT_THAT(person, IsOk());
  EXPECT_THAT(PersonalPathsSet(*person), IsEmpty());
  EXPECT_EQ(person->rank(), "major");
  EXPECT_EQ(person->contact().relation(), "cousin");
  EXPECT_EQ(person->etag(), EtagOf(8));
}

TEST_P(EraseTest, EveryProofStillHolds) {
  const auto notary = StartNotary();
  WritePast();
  const Checkpoint before = Sign(*notary);
  Erase("people/1");
  const Checkpoint after = Sign(*notary);
  EXPECT_EQ(after.revision(), 8);
  const LogProof proof = Prove({before, after}, {Public()});
  EXPECT_TRUE(proof.holds()) << proof.DebugString();
  EXPECT_EQ(proof.changes_verified(), 8);
  EXPECT_EQ(proof.images_redacted(), 5);
  EXPECT_EQ(proof.checkpoints_verified(), 2);
  const auto verified = Verify();
  EXPECT_TRUE(verified.intact()) << verified.problem();
  EXPECT_EQ(verified.resources_verified(), 2);
  EXPECT_EQ(verified.images_redacted(), 5);
  EXPECT_THAT(NamesIn(Export().SerializeAsString()), IsEmpty());
}

TEST_P(EraseTest, ThePastSaysThatItWasErased) {
  WritePast();
  Erase("people/1");
  const auto snapshot = store_->Read(Soon());
  ASSERT_THAT(snapshot, IsOk());
  EXPECT_THAT((**snapshot)->GetAt<Person>("people/1", 6),
              FailsWith(kPrecondition, "IMAGE_REDACTED"));
  EXPECT_EQ((**snapshot)->GetAt<Person>("people/1", 8)->rank(), "major");
  EXPECT_EQ((**snapshot)->GetAt<Person>("people/2", 7)->given_name(), "Basil");
  ListArgs args;
  args.as_known_at = 7;
  args.deadline = Soon();
  const auto page = List<Person>(*store_, args);
  ASSERT_THAT(page, IsOk());
  ASSERT_THAT(page->items, SizeIs(1));
  EXPECT_EQ(page->items[0].name(), "people/2");
}

TEST_P(EraseTest, RepeatedRequestLearnsThatItsAnswerWasErased) {
  MutationContext context = By("CreatePerson");
  context.request_id = "req-1";
  context.request_digest = "d1";
  ASSERT_THAT(store_->Mutate(context, Creates(PersonOf("1"))), IsOk());
  ASSERT_TRUE(store_->Mutate(context, Creates(PersonOf("1")))->replayed);
  Erase("people/1");
  const int64_t head = Head().revision;
  // The digest is gone as well: names could be guessed from it.
  for (const char* digest : {"d1", "d2"}) {
    context.request_digest = digest;
    EXPECT_THAT(store_->Mutate(context, Creates(PersonOf("1"))),
                FailsWith(kPrecondition, "IMAGE_REDACTED"));
    EXPECT_THAT(store_->FindReplay(context), FailsWith(kPrecondition, "IMAGE_REDACTED"));
  }
  EXPECT_EQ(Int("SELECT count(*) FROM requests WHERE digest <> ''"), 0);
  EXPECT_EQ(Head().revision, head);
}

TEST_P(EraseTest, GoesOnWhereItWasInterrupted) {
  Do(Creates(PersonOf("1")));
  for (int i = 0; i < 249; ++i) {
    Do(Changes("1", [i](Person& person) { person.set_rank(absl::StrCat("rank", i)); }));
  }
  // As an erasure leaves it that ends within its second batch.
  Do(Changes("1", [](Person& person) { ClearPersonal(person); }));
  for (int64_t revision = 1; revision <= 130; ++revision) {
    ASSERT_THAT(store_->RedactImage(revision), IsOk());
  }
  const int64_t head = Head().revision;
  const Erased rest = Erase("people/1");
  EXPECT_THAT(rest.fields, IsEmpty());
  EXPECT_EQ(rest.images, 120);
  EXPECT_EQ(Erase("people/1").images, 0);
  EXPECT_EQ(Head().revision, head);
  EXPECT_THAT(Redacted(), SizeIs(250));
  EXPECT_THAT(NamesIn(AllValues()), IsEmpty());
  EXPECT_TRUE(Verify().intact());
}

TEST_P(EraseTest, DeletedResourceIsErasedFromThePast) {
  WritePast();
  Do([](Transaction& transaction) -> absl::StatusOr<WriteSet> {
    ACCORD_ASSIGN_OR_RETURN(const Person person, transaction.Get<Person>("people/1"));
    WriteSet writes;
    writes.Delete(person);
    return writes;
  });
  const Erased erased = Erase("people/1");
  EXPECT_THAT(erased.fields, IsEmpty());
  EXPECT_EQ(erased.images, 5);
  EXPECT_EQ(Head().revision, 8);
  EXPECT_THAT(NamesIn(AllValues()), IsEmpty());
  EXPECT_THAT(NamesIn(FileBytes()), IsEmpty());
  EXPECT_TRUE(Verify().intact());
}

TEST_P(EraseTest, WhatIsWrittenAfterwardsStays) {
  WritePast();
  Erase("people/1");
  Do(Changes("1", [](Person& person) { person.set_given_name("New"); }));
  EXPECT_EQ(Get<Person>("people/1")->given_name(), "New");
  EXPECT_THAT(Redacted(), SizeIs(5));
  const Erased again = Erase("people/1");
  EXPECT_THAT(again.fields, ElementsAre("given_name"));
  EXPECT_EQ(again.images, 1);
}

TEST_P(EraseTest, WritersMeanwhileBringNothingBack) {
  Do(Creates(PersonOf("1"), PersonOf("2", "Basil", "Basilson")));
  const auto other = OpenPeople();
  InParallel(3, [&](int thread) {
    if (thread == 0) {
      Erase("people/1");
      return;
    }
    for (int i = 0; i < 30; ++i) {
      const std::string rank = absl::StrCat("rank", thread, "-", i);
      Store& store = thread == 1 || GetParam() == sql::Dialect::kSqlite ? *store_ : *other;
      EXPECT_THAT(
          store.Mutate(By("Promote"), Changes("1", [&](Person& person) { person.set_rank(rank); })),
          IsOk());
    }
  });
  EXPECT_THAT(PersonalPathsSet(*Get<Person>("people/1")), IsEmpty());
  EXPECT_THAT(NamesIn(AllValues()), IsEmpty());
  EXPECT_EQ(Head().revision, 63);
  const auto verified = Verify();
  EXPECT_TRUE(verified.intact()) << verified.problem();
}

TEST_P(EraseTest, ValidateOnlyCountsAndWritesNothing) {
  WritePast();
  const std::string before = AllValues();
  const Erased would = Erase("people/1", /*validate_only=*/true);
  EXPECT_THAT(would.fields, SizeIs(4));
  EXPECT_EQ(would.images, 5);
  EXPECT_EQ(AllValues(), before);
  EXPECT_EQ(Head().revision, 7);
  EXPECT_EQ(Erase("people/1").images, would.images);
}

TEST_P(EraseTest, RefusalsAreNamed) {
  Team team;
  team.set_name("teams/1");
  Do(Creates(team));
  EXPECT_THAT(TryErase("teams/1"), FailsWith(kPrecondition, "NOTHING_PERSONAL"));
  for (const char* name : {"people/none", "people/", "planets/1", ""}) {
    EXPECT_THAT(TryErase(name), FailsWith(kNotFound, "RESOURCE_NOT_FOUND")) << name;
    EXPECT_THAT(TryErase(name, /*validate_only=*/true), FailsWith(kNotFound, "RESOURCE_NOT_FOUND"));
  }
  EXPECT_EQ(GetErrorInfo(TryErase("people/none").status())->domain(), kLogDomain);
  EXPECT_EQ(Head().revision, 1);
}

// SQLite's journal cannot be emptied under somebody who still reads the old content.
class EraseJournalTest : public EraseTest {};

INSTANTIATE_TEST_SUITE_P(Databases, EraseJournalTest, ::testing::Values(sql::Dialect::kSqlite),
                         DialectName);

TEST_P(EraseJournalTest, AReaderInTheWayIsSaidAndAskingAgainGoesOn) {
  WritePast();
  {
    const auto reader = store_->Read(Soon());
    ASSERT_THAT(reader, IsOk());
    EXPECT_EQ((**reader)->Get<Person>("people/1")->given_name(), kGiven);
    EXPECT_THAT(TryErase("people/1"),
                FailsWith(absl::StatusCode::kUnavailable, "ERASURE_INCOMPLETE"));
    EXPECT_THAT(NamesIn(FileBytes()), SizeIs(Names().size()));
  }
  const Erased again = Erase("people/1");
  EXPECT_THAT(again.fields, IsEmpty());
  EXPECT_EQ(again.images, 0);
  EXPECT_THAT(NamesIn(FileBytes()), IsEmpty());
}

}  // namespace
}  // namespace accord::store
