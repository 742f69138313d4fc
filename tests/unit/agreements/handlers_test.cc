#include "common/store/log_reader.h"
#include "tests/unit/agreements/handlers_fixture.h"

namespace accord::agreements {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::SizeIs;

TEST_F(HandlersTest, AnAgencyIsNamedPlacedAndFoundByItsKey) {
  const auto agency = CreateAgency("  Demo   Springs Police Department ");
  ASSERT_THAT(agency, IsOk());
  EXPECT_EQ(agency->display_name(), "Demo Springs Police Department");
  EXPECT_EQ(agency->field_office(), "fieldOffices/miami");
  EXPECT_THAT(agency->keys(), ElementsAre("FL|demo springs police department"));
  EXPECT_THAT(CreateAgency("DEMO SPRINGS police department"),
              FailsWith(StatusCode::kAlreadyExists, "AGENCY_EXISTS"));
}

TEST_F(HandlersTest, EveryBadFieldIsNamedAtOnce) {
  v1::CreateAgencyRequest request;
  request.mutable_agency()->set_state("Florida");
  request.mutable_agency()->set_ori("FL 12");
  request.mutable_agency()->set_field_office("miami");
  request.set_request_id("not a uuid!");
  const auto agency = handlers_->CreateAgency(call_, request);
  ASSERT_THAT(agency, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  for (const char* field : {"agency.display_name", "agency.state", "agency.ori", "agency.kind",
                            "agency.field_office", "request_id"}) {
    EXPECT_THAT(std::string(agency.status().message()), HasSubstr(field));
  }
  EXPECT_EQ(Revision(), 0);
}

TEST_F(HandlersTest, ARetryWithTheSameRequestIdIsTheFirstAnswer) {
  const auto first = CreateAgency("Demo Springs", "4be0643f-1d98-573b-97cd-ca98a65347dd");
  const auto again = CreateAgency("Demo Springs", "4be0643f-1d98-573b-97cd-ca98a65347dd");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->name(), again->name());
  EXPECT_EQ(Revision(), 1);
  EXPECT_THAT(CreateAgency("Demo Falls", "4be0643f-1d98-573b-97cd-ca98a65347dd"),
              FailsWith(StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_F(HandlersTest, UpdateNeedsTheCurrentEtagAndKeepsTheOldName) {
  const auto agency = CreateAgency("Demo Springs");
  ASSERT_THAT(agency, IsOk());
  v1::UpdateAgencyRequest request;
  request.mutable_agency()->set_name(agency->name());
  request.mutable_agency()->set_display_name("Demo Springs Police");
  request.mutable_agency()->set_etag(agency->etag());
  request.mutable_update_mask()->add_paths("display_name");
  const auto updated = handlers_->UpdateAgency(call_, request);
  ASSERT_THAT(updated, IsOk());
  EXPECT_THAT(updated->aliases(), ElementsAre("Demo Springs"));
  EXPECT_THAT(updated->keys(), ElementsAre("FL|demo springs police", "FL|demo springs"));
  EXPECT_THAT(handlers_->UpdateAgency(call_, request),
              FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  request.mutable_update_mask()->add_paths("merged_into");
  EXPECT_THAT(handlers_->UpdateAgency(call_, request),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(HandlersTest, APinnedOfficeFollowsToTheAgreementsAndStays) {
  const auto agency = CreateAgency("Demo Springs");
  const v1::Agreement agreement = Apply(agency->name());
  EXPECT_EQ(agreement.field_office(), "fieldOffices/miami");
  v1::UpdateAgencyRequest request;
  request.mutable_agency()->set_name(agency->name());
  request.mutable_agency()->set_field_office("fieldOffices/atlanta");
  request.mutable_update_mask()->add_paths("field_office");
  ASSERT_THAT(handlers_->UpdateAgency(call_, request), IsOk());
  EXPECT_EQ(Get(agreement.name())->field_office(), "fieldOffices/atlanta");
}

TEST_F(HandlersTest, TheLifeCycleKeepsWhoWhenAndWhy) {
  const auto agency = CreateAgency("Demo Springs");
  const v1::Agreement active = ActiveAgreement(agency->name());
  EXPECT_EQ(active.state(), v1::Agreement::ACTIVE);
  EXPECT_EQ(FromProto(active.effective_date()), MakeDate(2026, 2, 3));
  ASSERT_EQ(active.transitions_size(), 4);
  EXPECT_EQ(active.transitions(1).actor(), "unverified:tester");
  EXPECT_EQ(active.transitions(1).reason(), "as decided");
  EXPECT_TRUE(active.transitions(1).has_record_time());
  EXPECT_THAT(Sign(active.name(), MakeDate(2026, 2, 4), MakeDate(2026, 2, 4)),
              FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
  EXPECT_THAT(DoMove(Move::kSuspend, active.name(), MakeDate(2026, 3, 1), "r1"),
              FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
}

TEST_F(HandlersTest, WhatIsRecordedOfAMadeUpAgencyIsMadeUp) {
  v1::CreateAgencyRequest request;
  request.mutable_agency()->set_display_name("Demo Springs");
  request.mutable_agency()->set_state("FL");
  request.mutable_agency()->set_kind(v1::Agency::MUNICIPALITY);
  for (const bool fictitious : {false, true}) {
    request.mutable_agency()->set_fictitious(fictitious);
    const auto agency = handlers_->CreateAgency(call_, request);
    ASSERT_THAT(agency, IsOk());
    const v1::Agreement agreement = ActiveAgreement(agency->name());
    for (const v1::Transition& transition : agreement.transitions()) {
      EXPECT_EQ(transition.basis(), fictitious ? v1::SYNTHETIC : v1::RECORD);
    }
    request.mutable_agency()->set_display_name("Demo Wells");
  }
}

TEST_F(HandlersTest, AsOfReadsTheStateOfThatDay) {
  const auto agency = CreateAgency("Demo Springs");
  const v1::Agreement active = ActiveAgreement(agency->name());
  EXPECT_EQ(Get(active.name(), MakeDate(2026, 1, 12))->state(), v1::Agreement::IN_REVIEW);
  EXPECT_EQ(Get(active.name(), MakeDate(2026, 2, 2))->state(), v1::Agreement::APPROVED);
  v1::ListAgreementsRequest list;
  list.set_filter("state = APPROVED");
  EXPECT_THAT(handlers_->ListAgreements(call_, list)->agreements(), SizeIs(0));
  *list.mutable_as_of() = ToProto(MakeDate(2026, 2, 2));
  EXPECT_THAT(handlers_->ListAgreements(call_, list)->agreements(), SizeIs(1));
}

TEST_F(HandlersTest, AsKnownAtReadsTheLog) {
  const auto agency = CreateAgency("Demo Springs");
  const v1::Agreement applied = Apply(agency->name());
  const int64_t revision = Revision();
  ASSERT_THAT(DoMove(Move::kWithdraw, applied.name(), MakeDate(2026, 2, 1)), IsOk());
  v1::GetAgreementRequest request;
  request.set_name(applied.name());
  request.set_as_known_at(revision);
  EXPECT_EQ(handlers_->GetAgreement(call_, request)->state(), v1::Agreement::APPLIED);
}

TEST_F(HandlersTest, ADateThatPassesIsOneEvent) {
  const auto agency = CreateAgency("Demo Springs");
  const v1::Agreement active = ActiveAgreement(agency->name());
  // 90 days' notice.
  const Date ends = MakeDate(2026, 5, 31);
  ASSERT_THAT(DoMove(Move::kTerminate, active.name(), ends), IsOk());
  ASSERT_THAT(handlers_->SweepDay(ends - days(1)), IsOk());
  const int64_t before = Revision();
  clock_.Set(StartOfDay(ends, zone_) + absl::Seconds(1));
  ASSERT_THAT(handlers_->SweepDay(ends), IsOk());
  EXPECT_EQ(Revision(), before + 1);
  ASSERT_THAT(handlers_->SweepDay(ends), IsOk());
  EXPECT_EQ(Revision(), before + 1);
  v1::ListAgreementsRequest list;
  list.set_filter("state = TERMINATED");
  EXPECT_THAT(handlers_->ListAgreements(call_, list)->agreements(), SizeIs(1));
}

TEST_F(HandlersTest, ASuccessorIsLinkedBothWaysAndOfTheSameAgency) {
  const auto agency = CreateAgency("Demo Springs");
  const auto other = CreateAgency("Demo Falls");
  const v1::Agreement old = ActiveAgreement(agency->name(), "WSO");
  const v1::Agreement renewal = ActiveAgreement(agency->name(), "TFM");
  const v1::Agreement foreign = ActiveAgreement(other->name());
  v1::SupersedeAgreementRequest request;
  request.set_name(old.name());
  request.set_successor(foreign.name());
  request.set_reason("model switch");
  *request.mutable_effective_date() = ToProto(MakeDate(2026, 2, 20));
  EXPECT_THAT(handlers_->SupersedeAgreement(call_, request),
              FailsWith(StatusCode::kFailedPrecondition, "SUCCESSOR_OF_OTHER_AGENCY"));
  request.set_successor(renewal.name());
  const auto superseded = handlers_->SupersedeAgreement(call_, request);
  ASSERT_THAT(superseded, IsOk());
  EXPECT_EQ(superseded->state(), v1::Agreement::SUPERSEDED);
  EXPECT_EQ(Get(renewal.name())->predecessor(), old.name());
}

TEST_F(HandlersTest, AMergedAgencyResolvesAndStandsAloneAgain) {
  const auto from = CreateAgency("Demo Spring");
  const auto into = CreateAgency("Demo Springs");
  const v1::Agreement agreement = Apply(from->name());
  v1::MergeAgenciesRequest merge;
  merge.set_name(from->name());
  merge.set_into(into->name());
  merge.set_reason("a typo");
  ASSERT_THAT(handlers_->MergeAgencies(call_, merge), IsOk());
  v1::GetAgencyRequest get;
  get.set_name(from->name());
  EXPECT_EQ(handlers_->GetAgency(call_, get)->name(), into->name());
  EXPECT_EQ(Get(agreement.name())->agency(), into->name());
  EXPECT_THAT(handlers_->MergeAgencies(call_, merge),
              FailsWith(StatusCode::kFailedPrecondition, "ALREADY_MERGED"));

  v1::UnmergeAgencyRequest unmerge;
  unmerge.set_name(from->name());
  unmerge.set_reason("two agencies after all");
  ASSERT_THAT(handlers_->UnmergeAgency(call_, unmerge), IsOk());
  EXPECT_EQ(handlers_->GetAgency(call_, get)->name(), from->name());
  EXPECT_EQ(Get(agreement.name())->agency(), from->name());
}

TEST_F(HandlersTest, ADryRunOfAWriteAnswersAndWritesNothing) {
  v1::CreateAgencyRequest request;
  request.mutable_agency()->set_display_name("Demo Springs");
  request.mutable_agency()->set_state("FL");
  request.mutable_agency()->set_kind(v1::Agency::COUNTY);
  request.set_validate_only(true);
  const auto agency = handlers_->CreateAgency(call_, request);
  ASSERT_THAT(agency, IsOk());
  EXPECT_EQ(agency->field_office(), "fieldOffices/miami");
  EXPECT_EQ(Revision(), 0);
}

TEST_F(HandlersTest, StartingWithAPolicyIsRecordedOnce) {
  ASSERT_THAT(handlers_->RecordPolicy(), IsOk());
  ASSERT_THAT(handlers_->RecordPolicy(), IsOk());
  log::v1::ListChangesRequest request;
  request.set_filter("action = StartWithPolicy");
  const auto changes = store::ListChanges(*store_, request, "tester", absl::InfiniteFuture());
  ASSERT_THAT(changes, IsOk());
  EXPECT_THAT(changes->changes(), SizeIs(1));
}

}  // namespace
}  // namespace accord::agreements
