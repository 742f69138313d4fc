// What the handlers answer to callers who may not see the whole program.
#include <functional>
#include <vector>

#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "tests/unit/agreements/handlers_fixture.h"

namespace accord::agreements {
namespace {

using absl::StatusCode;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using ::testing::SizeIs;

using Discrepancy = v1::RosterDiscrepancy;

constexpr char kMiami[] = "fieldOffices/miami";
constexpr char kAtlanta[] = "fieldOffices/atlanta";

class ReachTest : public HandlersTest {
 protected:
  struct Side {
    v1::Agency agency;
    v1::Agreement agreement;
    Discrepancy discrepancy;
  };

  void SetUp() override {
    HandlersTest::SetUp();
    ours_ = MakeSide("Demo Springs", "1", "FL");
    theirs_ = MakeSide("Demo Mesa", "2", "GA");
    ASSERT_EQ(ours_.agency.field_office(), kMiami);
    ASSERT_EQ(theirs_.agency.field_office(), kAtlanta);
  }

  Side MakeSide(const std::string& name, const std::string& id, const std::string& state) {
    Side side;
    side.agency = CreateAgency(name, "", state).value_or(v1::Agency{});
    side.agreement = ActiveAgreement(side.agency.name());
    side.discrepancy = Ask(id, side, Discrepancy::NO_LONGER_LISTED);
    return side;
  }

  // Puts an open question on record.
  Discrepancy Ask(const std::string& id, const Side& about, Discrepancy::Kind kind,
                  const std::string& other_agency = "") {
    Discrepancy asked;
    asked.set_name("rosterDiscrepancies/" + id);
    asked.set_kind(kind);
    asked.set_state(Discrepancy::OPEN);
    asked.set_agreement(about.agreement.name());
    asked.set_agency(about.agency.name());
    asked.set_agency_state(about.agency.state());
    asked.set_field_office(about.agency.field_office());
    asked.set_other_agency(other_agency);
    store::MutationContext context;
    context.action = "ImportRoster";
    const auto committed = store_->Mutate(context, [&](store::Transaction&) {
      store::WriteSet writes;
      writes.Create(asked);
      return absl::StatusOr<store::WriteSet>(std::move(writes));
    });
    EXPECT_THAT(committed, IsOk());
    return committed.ok() ? committed->First<Discrepancy>() : Discrepancy();
  }

  absl::StatusOr<Discrepancy> Decide(absl::StatusOr<Discrepancy> (Handlers::*verb)(
                                         rpc::Call&, const v1::DecideRosterDiscrepancyRequest&),
                                     const std::string& name, const std::string& etag = "") {
    v1::DecideRosterDiscrepancyRequest request;
    request.set_name(name);
    request.set_reason("asked by telephone");
    request.set_etag(etag);
    return (handlers_.get()->*verb)(*calling_, request);
  }

  absl::StatusOr<v1::Agency> Merge(const std::string& name, const std::string& into) {
    v1::MergeAgenciesRequest request;
    request.set_name(name);
    request.set_into(into);
    request.set_reason("a typo");
    request.set_etag("r0");
    return handlers_->MergeAgencies(*calling_, request);
  }

  absl::StatusOr<v1::Agency> MoveOffice(const std::string& name, const std::string& office) {
    v1::UpdateAgencyRequest request;
    request.mutable_agency()->set_name(name);
    request.mutable_agency()->set_field_office(office);
    request.mutable_update_mask()->add_paths("field_office");
    return handlers_->UpdateAgency(*calling_, request);
  }

  absl::StatusOr<v1::Agreement> Supersede(const std::string& name, const std::string& successor) {
    v1::SupersedeAgreementRequest request;
    request.set_name(name);
    request.set_successor(successor);
    request.set_reason("model switch");
    request.set_etag("r0");
    *request.mutable_effective_date() = ToProto(MakeDate(2026, 2, 20));
    return handlers_->SupersedeAgreement(*calling_, request);
  }

  // A method as it is asked about one resource, with an etag that is not the current one.
  using Asked = std::function<absl::Status(const std::string& name)>;
  struct Method {
    std::string label;
    Asked ask;
  };
  std::vector<Method> AgencyMethods();
  std::vector<Method> AgreementMethods();
  std::vector<Method> DiscrepancyMethods();

  // What is hidden is answered as what is absent; what is ours is not.
  void ExpectHidden(const std::vector<Method>& methods, const std::string& ours,
                    const std::string& theirs) {
    const std::string absent = theirs.substr(0, theirs.find('/')) + "/absent";
    for (const Method& method : methods) {
      const absl::Status hidden = method.ask(theirs);
      EXPECT_THAT(hidden, FailsWith(StatusCode::kNotFound, "RESOURCE_NOT_FOUND")) << method.label;
      EXPECT_EQ(absl::StrReplaceAll(hidden.message(), {{theirs, absent}}),
                method.ask(absent).message())
          << method.label;
      EXPECT_FALSE(absl::IsNotFound(method.ask(ours))) << method.label;
    }
  }

  Side ours_;
  Side theirs_;
  rpc::Call miami_ = rpc::Call::ForTest("unverified:miami", {.reach = {.field_offices = {kMiami}}});
};

std::vector<ReachTest::Method> ReachTest::AgencyMethods() {
  const auto get = [this](const std::string& name, bool unresolved, int64_t as_known_at) {
    v1::GetAgencyRequest request;
    request.set_name(name);
    request.set_unresolved(unresolved);
    request.set_as_known_at(as_known_at);
    return handlers_->GetAgency(*calling_, request).status();
  };
  return {
      {"GetAgency", [=](const std::string& name) { return get(name, false, 0); }},
      {"GetAgency unresolved", [=](const std::string& name) { return get(name, true, 0); }},
      {"GetAgency as known",
       [=, this](const std::string& name) { return get(name, false, Revision()); }},
      {"GetAgencyRecord",
       [this](const std::string& name) {
         v1::GetAgencyRecordRequest request;
         request.set_name(name);
         return handlers_->GetAgencyRecord(*calling_, request).status();
       }},
      {"UpdateAgency",
       [this](const std::string& name) {
         v1::UpdateAgencyRequest request;
         request.mutable_agency()->set_name(name);
         request.mutable_agency()->set_etag("r0");
         request.mutable_agency()->set_county("Bay");
         request.mutable_update_mask()->add_paths("county");
         return handlers_->UpdateAgency(*calling_, request).status();
       }},
      {"MergeAgencies",
       [this](const std::string& name) { return Merge(name, ours_.agency.name()).status(); }},
      {"MergeAgencies into",
       [this](const std::string& name) { return Merge(ours_.agency.name(), name).status(); }},
      {"UnmergeAgency",
       [this](const std::string& name) {
         v1::UnmergeAgencyRequest request;
         request.set_name(name);
         request.set_reason("two after all");
         request.set_etag("r0");
         return handlers_->UnmergeAgency(*calling_, request).status();
       }},
      {"CreateAgreement",
       [this](const std::string& name) {
         v1::CreateAgreementRequest request;
         request.mutable_agreement()->set_agency(name);
         request.mutable_agreement()->set_model("JEM");
         *request.mutable_application_date() = ToProto(MakeDate(2026, 1, 5));
         request.set_validate_only(true);
         return handlers_->CreateAgreement(*calling_, request).status();
       }},
  };
}

std::vector<ReachTest::Method> ReachTest::AgreementMethods() {
  const auto get = [this](const std::string& name, bool unresolved, int64_t as_known_at) {
    v1::GetAgreementRequest request;
    request.set_name(name);
    request.set_unresolved(unresolved);
    request.set_as_known_at(as_known_at);
    return handlers_->GetAgreement(*calling_, request).status();
  };
  std::vector<Method> methods = {
      {"GetAgreement", [=](const std::string& name) { return get(name, false, 0); }},
      {"GetAgreement unresolved", [=](const std::string& name) { return get(name, true, 0); }},
      {"GetAgreement as known",
       [=, this](const std::string& name) { return get(name, false, Revision()); }},
      {"UpdateAgreement",
       [this](const std::string& name) {
         v1::UpdateAgreementRequest request;
         request.mutable_agreement()->set_name(name);
         request.mutable_agreement()->set_etag("r0");
         request.mutable_update_mask()->add_paths("document_uri");
         return handlers_->UpdateAgreement(*calling_, request).status();
       }},
      {"SignAgreement",
       [this](const std::string& name) {
         return Sign(name, MakeDate(2026, 2, 1), MakeDate(2026, 2, 1)).status();
       }},
      {"SupersedeAgreement",
       [this](const std::string& name) {
         return Supersede(name, ours_.agreement.name()).status();
       }},
      {"SupersedeAgreement by",
       [this](const std::string& name) {
         return Supersede(ours_.agreement.name(), name).status();
       }},
  };
  for (const Move move :
       {Move::kStartReview, Move::kSendToBoard, Move::kApprove, Move::kDecline, Move::kWithdraw,
        Move::kSuspend, Move::kReinstate, Move::kTerminate, Move::kRescind}) {
    methods.push_back({std::string(MethodOf(move)), [this, move](const std::string& name) {
                         return DoMove(move, name, MakeDate(2026, 3, 1), "r0").status();
                       }});
  }
  return methods;
}

std::vector<ReachTest::Method> ReachTest::DiscrepancyMethods() {
  return {
      {"GetRosterDiscrepancy",
       [this](const std::string& name) {
         v1::GetRosterDiscrepancyRequest request;
         request.set_name(name);
         return handlers_->GetRosterDiscrepancy(*calling_, request).status();
       }},
      {"AcceptRosterDiscrepancy",
       [this](const std::string& name) {
         return Decide(&Handlers::AcceptRosterDiscrepancy, name, "r0").status();
       }},
      {"RejectRosterDiscrepancy",
       [this](const std::string& name) {
         return Decide(&Handlers::RejectRosterDiscrepancy, name, "r0").status();
       }},
      {"UndoRosterDiscrepancy",
       [this](const std::string& name) {
         return Decide(&Handlers::UndoRosterDiscrepancy, name, "r0").status();
       }},
  };
}

// --- One resource ------------------------------------------------------------

TEST_F(ReachTest, WhatIsHiddenDoesNotExist) {
  calling_ = &miami_;
  const int64_t before = Revision();
  ExpectHidden(AgencyMethods(), ours_.agency.name(), theirs_.agency.name());
  ExpectHidden(AgreementMethods(), ours_.agreement.name(), theirs_.agreement.name());
  ExpectHidden(DiscrepancyMethods(), ours_.discrepancy.name(), theirs_.discrepancy.name());
  EXPECT_EQ(Revision(), before);
}

TEST_F(ReachTest, WhatWasErasedTellsNothingOfWhatIsHidden) {
  const auto as_known = [this](const v1::Agency& agency) {
    const std::string revision = agency.etag().substr(1);
    EXPECT_THAT(store_->RedactImage(std::stoll(revision)), IsOk());
    v1::GetAgencyRequest request;
    request.set_name(agency.name());
    request.set_as_known_at(std::stoll(revision));
    return handlers_->GetAgency(miami_, request);
  };
  EXPECT_THAT(as_known(ours_.agency), FailsWith(StatusCode::kFailedPrecondition, "IMAGE_REDACTED"));
  EXPECT_THAT(as_known(theirs_.agency), FailsWith(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
}

TEST_F(ReachTest, AnAgencyIsCoveredWithAllThatIsItsOwn) {
  rpc::Call coordinator =
      rpc::Call::ForTest("unverified:coordinator", {.reach = {.agencies = {ours_.agency.name()}}});
  calling_ = &coordinator;
  ExpectHidden(AgencyMethods(), ours_.agency.name(), theirs_.agency.name());
  ExpectHidden(AgreementMethods(), ours_.agreement.name(), theirs_.agreement.name());
  ExpectHidden(DiscrepancyMethods(), ours_.discrepancy.name(), theirs_.discrepancy.name());
}

TEST_F(ReachTest, ARecordLeavesOutQuestionsOfAnotherAgency) {
  Ask("3", theirs_, Discrepancy::POSSIBLE_DUPLICATE, ours_.agency.name());
  v1::GetAgencyRecordRequest request;
  request.set_name(ours_.agency.name());
  EXPECT_THAT(handlers_->GetAgencyRecord(call_, request)->open_discrepancies(), SizeIs(2));
  const auto record = handlers_->GetAgencyRecord(miami_, request);
  ASSERT_THAT(record, IsOk());
  ASSERT_THAT(record->open_discrepancies(), SizeIs(1));
  EXPECT_EQ(record->open_discrepancies(0).name(), ours_.discrepancy.name());
  EXPECT_THAT(record->agreements(), SizeIs(1));
}

// --- Lists -------------------------------------------------------------------

TEST_F(ReachTest, ListsShowTheirOwn) {
  const auto agencies = handlers_->ListAgencies(miami_, {});
  ASSERT_THAT(agencies, IsOk());
  ASSERT_THAT(agencies->agencies(), SizeIs(1));
  EXPECT_EQ(agencies->agencies(0).name(), ours_.agency.name());
  v1::ListAgreementsRequest as_of;
  *as_of.mutable_as_of() = ToProto(MakeDate(2026, 2, 20));
  for (const v1::ListAgreementsRequest& request : {v1::ListAgreementsRequest(), as_of}) {
    const auto agreements = handlers_->ListAgreements(miami_, request);
    ASSERT_THAT(agreements, IsOk());
    ASSERT_THAT(agreements->agreements(), SizeIs(1));
    EXPECT_EQ(agreements->agreements(0).name(), ours_.agreement.name());
    EXPECT_THAT(handlers_->ListAgreements(call_, request)->agreements(), SizeIs(2));
  }
  const auto discrepancies = handlers_->ListRosterDiscrepancies(miami_, {});
  ASSERT_THAT(discrepancies, IsOk());
  ASSERT_THAT(discrepancies->roster_discrepancies(), SizeIs(1));
  EXPECT_EQ(discrepancies->roster_discrepancies(0).name(), ours_.discrepancy.name());
}

TEST_F(ReachTest, ResolvingByFilterDecidesTheirOwn) {
  v1::ResolveRosterDiscrepanciesRequest request;
  request.set_filter("state = OPEN OR state != OPEN");
  request.set_reason("asked by telephone");
  const auto resolved = handlers_->ResolveRosterDiscrepancies(miami_, request);
  ASSERT_THAT(resolved, IsOk());
  ASSERT_THAT(resolved->results(), SizeIs(1));
  EXPECT_EQ(resolved->results(0).name(), ours_.discrepancy.name());
  EXPECT_EQ(resolved->results(0).state(), Discrepancy::REJECTED);
  v1::GetRosterDiscrepancyRequest get;
  get.set_name(theirs_.discrepancy.name());
  EXPECT_EQ(handlers_->GetRosterDiscrepancy(call_, get)->state(), Discrepancy::OPEN);
}

// --- Writes ------------------------------------------------------------------

TEST_F(ReachTest, WithinItWritesAreAsForAnybody) {
  calling_ = &miami_;
  const auto agency = CreateAgency("Demo Falls");
  ASSERT_THAT(agency, IsOk());
  const v1::Agreement active = ActiveAgreement(agency->name());
  EXPECT_EQ(active.state(), v1::Agreement::ACTIVE);
  EXPECT_THAT(Decide(&Handlers::RejectRosterDiscrepancy, ours_.discrepancy.name()), IsOk());
}

TEST_F(ReachTest, AnAgencyIsCreatedWithinItOnly) {
  calling_ = &miami_;
  EXPECT_THAT(CreateAgency("Demo Ridge", "", "GA"),
              FailsWith(StatusCode::kPermissionDenied, "REACH_TOO_SMALL"));
  // Nor is it told that there is one of that name.
  EXPECT_THAT(CreateAgency("Demo Mesa", "", "GA"),
              FailsWith(StatusCode::kPermissionDenied, "REACH_TOO_SMALL"));
  v1::CreateAgencyRequest request;
  request.mutable_agency()->set_display_name("Demo Ridge");
  request.mutable_agency()->set_state("GA");
  request.mutable_agency()->set_kind(v1::Agency::COUNTY);
  request.set_validate_only(true);
  EXPECT_THAT(handlers_->CreateAgency(miami_, request),
              FailsWith(StatusCode::kPermissionDenied, "REACH_TOO_SMALL"));
}

TEST_F(ReachTest, ANameThatIsTakenElsewhereTellsNotByWhom) {
  ASSERT_THAT(MoveOffice(ours_.agency.name(), kAtlanta), IsOk());
  const auto told = CreateAgency("Demo Springs");
  ASSERT_THAT(told, FailsWith(StatusCode::kAlreadyExists, "AGENCY_EXISTS"));
  EXPECT_THAT(told.status().ToString(), HasSubstr(ours_.agency.name()));
  const auto hidden = handlers_->CreateAgency(miami_, [] {
    v1::CreateAgencyRequest request;
    request.mutable_agency()->set_display_name("Demo Springs");
    request.mutable_agency()->set_state("FL");
    request.mutable_agency()->set_kind(v1::Agency::COUNTY);
    return request;
  }());
  ASSERT_THAT(hidden, FailsWith(StatusCode::kAlreadyExists, "AGENCY_EXISTS"));
  const auto info = GetErrorInfo(hidden.status());
  ASSERT_TRUE(info.has_value());
  EXPECT_THAT(absl::StrCat(hidden.status().message(), info->DebugString()),
              Not(HasSubstr(ours_.agency.name())));
}

TEST_F(ReachTest, WhatIsAboutAnAgencyMovesWithItsOffice) {
  calling_ = &miami_;
  EXPECT_THAT(MoveOffice(ours_.agency.name(), kAtlanta),
              FailsWith(StatusCode::kPermissionDenied, "REACH_TOO_SMALL"));
  calling_ = &call_;
  ASSERT_THAT(MoveOffice(ours_.agency.name(), kAtlanta), IsOk());
  EXPECT_THAT(handlers_->ListAgencies(miami_, {})->agencies(), IsEmpty());
  EXPECT_THAT(handlers_->ListAgreements(miami_, {})->agreements(), IsEmpty());
  EXPECT_THAT(handlers_->ListRosterDiscrepancies(miami_, {})->roster_discrepancies(), IsEmpty());
}

TEST_F(ReachTest, ADecisionDoesNotWriteWhatIsHidden) {
  // An agency of the same state, in another office: accepting would merge the two.
  const auto other = CreateAgency("Demo Spring");
  ASSERT_THAT(MoveOffice(other->name(), kAtlanta), IsOk());
  const Discrepancy asked = Ask("4", ours_, Discrepancy::POSSIBLE_DUPLICATE, other->name());
  calling_ = &miami_;
  EXPECT_THAT(Decide(&Handlers::AcceptRosterDiscrepancy, asked.name()),
              FailsWith(StatusCode::kPermissionDenied, "REACH_TOO_SMALL"));
  calling_ = &call_;
  EXPECT_THAT(Decide(&Handlers::AcceptRosterDiscrepancy, asked.name()), IsOk());
}

TEST_F(ReachTest, AMergeWithWhatIsNowHiddenStays) {
  const auto from = CreateAgency("Demo Spring");
  v1::MergeAgenciesRequest merge;
  merge.set_name(from->name());
  merge.set_into(ours_.agency.name());
  merge.set_reason("a typo");
  ASSERT_THAT(handlers_->MergeAgencies(miami_, merge), IsOk());
  ASSERT_THAT(MoveOffice(ours_.agency.name(), kAtlanta), IsOk());
  v1::UnmergeAgencyRequest request;
  request.set_name(from->name());
  request.set_reason("two after all");
  EXPECT_THAT(handlers_->UnmergeAgency(miami_, request),
              FailsWith(StatusCode::kPermissionDenied, "REACH_TOO_SMALL"));
  EXPECT_THAT(handlers_->UnmergeAgency(call_, request), IsOk());
}

TEST_F(ReachTest, ARequestIdIsItsCallersOwn) {
  constexpr char kId[] = "4be0643f-1d98-573b-97cd-ca98a65347dd";
  const auto first = CreateAgency("Demo Falls", kId);
  ASSERT_THAT(first, IsOk());
  // Another caller's replay is a new request, and asked as one.
  calling_ = &miami_;
  EXPECT_THAT(CreateAgency("Demo Falls", kId),
              FailsWith(StatusCode::kAlreadyExists, "AGENCY_EXISTS"));
}

}  // namespace
}  // namespace accord::agreements
