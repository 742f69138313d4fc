// What a caller without the whole reach sees: in lists of every view, and in the log.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "common/store/within_reach.h"
#include "tests/contract/store_fixture.h"

namespace accord::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr char kMiami[] = "fieldOffices/miami";
constexpr char kDallas[] = "fieldOffices/dallas";

class StoreReachTest : public StoreTest {
 protected:
  // Agencies a00…, by turns of Miami, of Dallas and of no office, each with an agreement.
  void CreateMany(int count) {
    Do([count](Transaction&) -> absl::StatusOr<WriteSet> {
      WriteSet writes;
      for (int i = 0; i < count; ++i) {
        const std::string id = absl::StrFormat("a%02d", i);
        Agency agency = AgencyOf(id, absl::StrCat("Sheriff ", i % 7), i % 2 == 0 ? "FL" : "TX");
        agency.set_field_office(OfficeOf(i));
        writes.Create(agency);
        Agreement agreement = AgreementOf(id, id);
        agreement.set_field_office(OfficeOf(i));
        writes.Create(agreement);
      }
      return writes;
    });
  }
  static std::string OfficeOf(int i) {
    const char* offices[] = {kMiami, kDallas, ""};
    return offices[i % 3];
  }

  // Those of Miami, and one of Dallas.
  static Reach Some() {
    return {.field_offices = {kMiami, "fieldOffices/none"}, .agencies = {"agencies/a01"}};
  }
  static bool IsSome(const Agency& agency) {
    return agency.field_office() == kMiami || agency.name() == "agencies/a01";
  }

  // What everybody else is shown, without what is hidden.
  std::vector<std::string> SomeOf(const ListArgs& args) {
    std::vector<std::string> names;
    for (const Agency& agency : ListAll(args)) {
      if (IsSome(agency)) names.push_back(agency.name());
    }
    return names;
  }

  log::v1::ListChangesRequest Ask(absl::string_view subject, absl::string_view filter = "",
                                  int page_size = 0) {
    log::v1::ListChangesRequest request;
    request.set_subject(std::string(subject));
    request.set_filter(std::string(filter));
    request.set_page_size(page_size);
    return request;
  }
  absl::StatusOr<log::v1::ListChangesResponse> Changes(const log::v1::ListChangesRequest& request,
                                                       const Reach& reach = Some()) {
    return ListChanges(*store_, request, "ann", Soon(), reach);
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, StoreReachTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

// --- Lists -------------------------------------------------------------------

TEST_P(StoreReachTest, EveryViewShowsPagesAndFiltersWhatIsCovered) {
  CreateMany(60);
  for (const char* filter :
       {"", "state = FL", "NOT state = FL", "state != ZZ", "NOT name = \"agencies/a02\"",
        "name = \"agencies/a02\" OR field_office = \"fieldOffices/dallas\"", "-field_office:*",
        "field_office != \"fieldOffices/miami\" OR state = TX",
        "name > \"agencies/a30\" AND NOT (state = TX AND display_name:\"3\")"}) {
    for (const char* order : {"", "display_name desc", "field_office, state desc"}) {
      ListArgs args = ArgsOf(filter, order, 4);
      const std::vector<std::string> expected = SomeOf(args);
      args.reach = Some();
      EXPECT_EQ(Names(args), expected) << filter << " / " << order;
      ListArgs memory = args;
      memory.transform = [](google::protobuf::Message&) {};
      EXPECT_EQ(Names(memory), expected) << filter << " / " << order;
      ListArgs known = args;
      known.as_known_at = Head().revision;
      EXPECT_EQ(Names(known), expected) << filter << " / " << order;
    }
  }
}

TEST_P(StoreReachTest, APageIsFullAndTheLastOneSaysSo) {
  CreateMany(9);
  ListArgs args = ArgsOf("", "", 2);
  args.reach = Some();
  // a00, a01, a03, a06: two whole pages, however many hidden rows lie between.
  const auto first = List<Agency>(*store_, args);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(NamesOf(first->items), ElementsAre("agencies/a00", "agencies/a01"));
  args.page_token = first->next_page_token;
  const auto second = List<Agency>(*store_, args);
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(NamesOf(second->items), ElementsAre("agencies/a03", "agencies/a06"));
  EXPECT_EQ(second->next_page_token, "");
}

TEST_P(StoreReachTest, APageTokenIsGoodForItsReachOnly) {
  CreateMany(30);
  const std::vector<Reach> others = {
      Reach::Whole(),
      {},
      {.field_offices = {kMiami}},
      {.field_offices = {kMiami, "fieldOffices/none", kDallas}, .agencies = {"agencies/a01"}},
      {.field_offices = {kMiami, "fieldOffices/none"}},
      {.field_offices = {kMiami, "fieldOffices/none"}, .agencies = {"agencies/a01"}, .self = true}};
  ListArgs args = ArgsOf("", "", 3);
  args.reach = Some();
  args.page_token = List<Agency>(*store_, args)->next_page_token;
  EXPECT_THAT(List<Agency>(*store_, args), IsOk());
  for (const Reach& reach : others) {
    ListArgs other = args;
    other.reach = reach;
    EXPECT_THAT(List<Agency>(*store_, other), FailsWith(kInvalid, "INVALID_FIELDS"));
  }
}

TEST_P(StoreReachTest, WhatBelongsToAnAgencyIsCoveredWithIt) {
  CreateMany(9);
  ListArgs args = ArgsOf();
  args.reach = Some();
  EXPECT_THAT(NamesOf(ListAll<Agreement>(args)),
              ElementsAre("agreements/a00", "agreements/a01", "agreements/a03", "agreements/a06"));
}

TEST_P(StoreReachTest, NoReachAndNobodysOfficeCoverNothing) {
  CreateMany(9);
  RosterImport import;
  import.set_name("rosterImports/i1");
  Do(Creates(import));
  for (const Reach& reach : {Reach{}, Reach{.self = true}, Reach{.field_offices = {""}},
                             Reach{.agencies = {""}}, Reach{.agencies = {"rosterImports/i1"}}}) {
    ListArgs args = ArgsOf();
    args.reach = reach;
    EXPECT_THAT(Names(args), IsEmpty());
    args.transform = [](google::protobuf::Message&) {};
    EXPECT_THAT(Names(args), IsEmpty());
  }
  // A type without an agency or an office is for the whole program.
  ListArgs args = ArgsOf();
  EXPECT_THAT(ListAll<RosterImport>(args), SizeIs(1));
  args.reach = {.field_offices = {kMiami}, .agencies = {"rosterImports/i1"}};
  EXPECT_THAT(ListAll<RosterImport>(args), IsEmpty());
  args.as_known_at = Head().revision;
  EXPECT_THAT(ListAll<RosterImport>(args), IsEmpty());
}

TEST_P(StoreReachTest, AViewDoesNotWidenIt) {
  CreateMany(9);
  ListArgs args = ArgsOf("field_office = \"fieldOffices/miami\"");
  args.reach = {.field_offices = {kMiami}};
  args.transform = [](google::protobuf::Message& message) {
    static_cast<Agency&>(message).set_field_office(kMiami);
  };
  EXPECT_THAT(Names(args), ElementsAre("agencies/a00", "agencies/a03", "agencies/a06"));
}

TEST_P(StoreReachTest, TheRecordOfThenIsForThoseItBelongedToThen) {
  CreateMany(3);
  const int64_t before = Head().revision;
  Do(Updates("a00", [](Agency& agency) { agency.set_field_office(kDallas); }));
  ListArgs args = ArgsOf();
  args.reach = {.field_offices = {kMiami}};
  EXPECT_THAT(Names(args), IsEmpty());
  args.as_known_at = before;
  EXPECT_THAT(Names(args), ElementsAre("agencies/a00"));
}

TEST_P(StoreReachTest, CoveredIsWhatExistsWithinIt) {
  CreateMany(3);
  const auto snapshot = store_->Read(Soon());
  ASSERT_THAT(snapshot, IsOk());
  const auto covered = [&](const char* name) { return *IsCovered(Some(), ***snapshot, name); };
  EXPECT_TRUE(covered("agencies/a00"));
  EXPECT_TRUE(covered("agreements/a01"));
  for (const char* name : {"agencies/a02", "agencies/zz", "agencies", "agencies/", "",
                           "agencies/a00/more", "policies/1", "rosterImports/i1/rows/1"}) {
    EXPECT_FALSE(covered(name)) << name;
  }
}

// --- The log -----------------------------------------------------------------

TEST_P(StoreReachTest, TheWholeLogIsNotListed) {
  CreateMany(3);
  EXPECT_THAT(Changes(Ask("")), FailsWith(kDenied, "REACH_TOO_SMALL"));
  // Who may not ask is told so before what is wrong with the question.
  EXPECT_THAT(Changes(Ask("", "nonsense = 1")), FailsWith(kDenied, "REACH_TOO_SMALL"));
  EXPECT_THAT(Changes(Ask(""), Reach::Whole())->changes(), SizeIs(6));
}

TEST_P(StoreReachTest, ChangesOfOneResourceNameNobodyElse) {
  CreateMany(3);
  // About both: the merge of a00 into a hidden agency, and an agreement of a00.
  Do(Updates("a00", [](Agency& agency) { agency.set_merged_into("agencies/a02"); }));
  const auto all = Changes(Ask("agencies/a00"), Reach::Whole());
  ASSERT_THAT(all, IsOk());
  EXPECT_THAT(all->changes(), SizeIs(3));
  EXPECT_THAT(all->changes(0).subjects(), ElementsAre("agencies/a00", "agencies/a02"));
  const auto own = Changes(Ask("agencies/a00"));
  ASSERT_THAT(own, IsOk());
  ASSERT_THAT(own->changes(), SizeIs(2));
  for (const Change& change : own->changes()) {
    EXPECT_EQ(change.resource(), "agencies/a00");
    EXPECT_THAT(change.subjects(), ElementsAre("agencies/a00"));
    EXPECT_TRUE(change.has_image());
  }
  // Nor can their names be guessed.
  for (const char* filter : {"subjects:\"agencies/a02\"", "NOT subjects:\"agencies/a02\"",
                             "kind = UPDATE AND (kind = CREATE OR subjects:*)"}) {
    EXPECT_THAT(Changes(Ask("agencies/a00", filter)), FailsWith(kInvalid, "INVALID_FIELDS"));
    EXPECT_THAT(Changes(Ask("agencies/a00", filter), Reach::Whole()), IsOk());
  }
  // Filters are asked of these alone.
  EXPECT_THAT(
      Changes(Ask("agencies/a00", "kind = UPDATE OR resource != \"agencies/a00\""))->changes(),
      SizeIs(1));
}

TEST_P(StoreReachTest, HiddenAndAbsentAnswerAlike) {
  CreateMany(3);
  Do(Deletes("a01"));
  // Hidden, absent, deleted, of no type, of a type that is for the whole program.
  for (const char* name :
       {"agencies/a02", "agencies/zz", "agencies/a01", "policies/1", "rosterImports/i1"}) {
    const auto changes = Changes(Ask(name));
    EXPECT_THAT(changes, FailsWith(kNotFound, "RESOURCE_NOT_FOUND")) << name;
    EXPECT_EQ(changes.status().message(),
              absl::StrCat(name, " does not exist; list the collection to find its name"));
  }
}

TEST_P(StoreReachTest, PagesOfChangesAreBoundToTheReach) {
  CreateMany(1);
  for (int i = 0; i < 4; ++i) Do(Increments("a00"));
  log::v1::ListChangesRequest request = Ask("agencies/a00", "", 2);
  std::vector<int64_t> revisions;
  do {
    const auto page = Changes(request);
    ASSERT_THAT(page, IsOk());
    for (const Change& change : page->changes()) revisions.push_back(change.revision());
    request.set_page_token(page->next_page_token());
    if (request.page_token().empty()) break;
    EXPECT_THAT(Changes(request, Reach::Whole()), FailsWith(kInvalid, "INVALID_FIELDS"));
  } while (true);
  EXPECT_THAT(revisions, ElementsAre(6, 5, 4, 3, 1));
}

TEST_P(StoreReachTest, OneChangeIsThereIfItsResourceIsCoveredNow) {
  CreateMany(3);
  const auto get = [this](int64_t revision, const Reach& reach = Some()) {
    return GetChange(*store_, absl::StrCat("changes/", revision), Soon(), reach);
  };
  // An agency and its agreement, by turns.
  EXPECT_THAT(get(1), IsOk());
  const auto agreement = get(2);
  ASSERT_THAT(agreement, IsOk());
  EXPECT_THAT(agreement->subjects(), ElementsAre("agreements/a00"));
  EXPECT_THAT(get(2, Reach::Whole())->subjects(), SizeIs(2));
  const auto hidden = get(5);
  EXPECT_THAT(hidden, FailsWith(kNotFound, "CHANGE_NOT_FOUND"));
  EXPECT_THAT(get(99), FailsWith(kNotFound, "CHANGE_NOT_FOUND"));
  EXPECT_EQ(hidden.status().message(), "changes/5 does not exist; names are changes/{revision}");
  Do(Updates("a00", [](Agency& agency) { agency.set_field_office(kDallas); }));
  EXPECT_THAT(get(1), FailsWith(kNotFound, "CHANGE_NOT_FOUND"));
}

TEST_P(StoreReachTest, WhatAnActorDidWithAResource) {
  CreateMany(2);
  MutationContext ben = By("Correct");
  ben.actor = "unverified:ben";
  ASSERT_THAT(store_->Mutate(ben, Increments("a00")), IsOk());
  ASSERT_THAT(store_->Mutate(By("Later"), Increments("a00")), IsOk());
  const auto snapshot = store_->Read(Soon());
  const auto newest = [&](const char* actor, const char* resource,
                          const std::vector<std::string>& actions) {
    return *NewestActionBy(***snapshot, actor, resource, actions);
  };
  EXPECT_EQ(newest("unverified:ann", "agencies/a00", {"Test", "Correct"}), "Test");
  EXPECT_EQ(newest("unverified:ann", "agencies/a00", {"Test", "Later"}), "Later");
  EXPECT_EQ(newest("unverified:ben", "agencies/a00", {"Test", "Correct"}), "Correct");
  EXPECT_EQ(newest("unverified:ben", "agencies/a01", {"Test", "Correct"}), "");
  EXPECT_EQ(newest("unverified:ann", "agencies/a00", {"Correct"}), "");
  EXPECT_EQ(newest("unverified:ann", "agencies/a00", {}), "");
  EXPECT_EQ(newest("ann", "agencies/a00", {"Test"}), "");
}

TEST_P(StoreReachTest, RowsAreAboutWhatTheyName) {
  CreateMany(1);
  ASSERT_THAT(store_->Mutate(By("Apply"), Creates(AgreementOf("b", "a00"))), IsOk());
  ASSERT_THAT(store_->Mutate(By("Import"), Appends("rosterImports/r1", 2)), IsOk());
  const auto snapshot = store_->Read(Soon());
  const auto newest = [&](const char* actor, const char* resource) {
    return *NewestActionBy(***snapshot, actor, resource, {"Apply", "Import"});
  };
  EXPECT_EQ(newest("unverified:ann", "agencies/a2"), "Import");
  EXPECT_EQ(newest("unverified:ann", "rosterImports/r1"), "Import");
  EXPECT_EQ(newest("unverified:ann", "agencies/a3"), "");
  EXPECT_EQ(newest("unverified:ben", "agencies/a2"), "");
  // Of an agreement, though its Change names the agency.
  EXPECT_EQ(newest("unverified:ann", "agreements/b"), "Apply");
  EXPECT_EQ(newest("unverified:ann", "agencies/a00"), "");
}

}  // namespace
}  // namespace accord::store
