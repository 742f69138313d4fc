// The handlers on a real store with a clock that stands still. No gRPC.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/agreements/errors.h"
#include "services/agreements/handlers.h"
#include "services/agreements/types.h"

namespace accord::agreements {

inline constexpr char kPolicyPath[] = ACCORD_SOURCE_DIR "/deploy/policy/287g.textproto";

class HandlersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto policy = Policy::Load(kPolicyPath);
    ASSERT_THAT(policy, testing::IsOk());
    zone_ = (*policy)->time_zone();
    clock_.Set(StartOfDay(MakeDate(2026, 3, 2), zone_) + absl::Hours(12));
    auto store = store::Store::Open("agreements", kDomain, Types(), clock_,
                                    {.url = absl::StrCat("sqlite:", dir_.path(), "/a.db")});
    ASSERT_THAT(store, testing::IsOk());
    store_ = *std::move(store);
    handlers_ = std::make_unique<Handlers>(*store_, *policy);
  }

  absl::StatusOr<v1::Agency> CreateAgency(const std::string& name,
                                          const std::string& request_id = "",
                                          const std::string& state = "FL") {
    v1::CreateAgencyRequest request;
    request.mutable_agency()->set_display_name(name);
    request.mutable_agency()->set_state(state);
    request.mutable_agency()->set_kind(v1::Agency::MUNICIPALITY);
    request.set_request_id(request_id);
    return handlers_->CreateAgency(*calling_, request);
  }

  v1::Agreement Apply(const std::string& agency, const std::string& model = "TFM") {
    v1::CreateAgreementRequest request;
    request.mutable_agreement()->set_agency(agency);
    request.mutable_agreement()->set_model(model);
    *request.mutable_application_date() = ToProto(MakeDate(2026, 1, 5));
    const auto agreement = handlers_->CreateAgreement(*calling_, request);
    EXPECT_THAT(agreement, testing::IsOk());
    return agreement.value_or(v1::Agreement{});
  }

  absl::StatusOr<v1::Agreement> DoMove(Move move, const std::string& name, Date date,
                                       const std::string& etag = "") {
    v1::MoveAgreementRequest request;
    request.set_name(name);
    *request.mutable_effective_date() = ToProto(date);
    request.set_reason("as decided");
    request.set_etag(etag);
    return handlers_->MoveAgreement(*calling_, move, request);
  }

  absl::StatusOr<v1::Agreement> Sign(const std::string& name, Date agency, Date federal) {
    v1::SignAgreementRequest request;
    request.set_name(name);
    *request.mutable_agency_signed_date() = ToProto(agency);
    *request.mutable_federal_signed_date() = ToProto(federal);
    return handlers_->SignAgreement(*calling_, request);
  }

  v1::Agreement ActiveAgreement(const std::string& agency, const std::string& model = "TFM") {
    const v1::Agreement agreement = Apply(agency, model);
    EXPECT_THAT(DoMove(Move::kStartReview, agreement.name(), MakeDate(2026, 1, 10)),
                testing::IsOk());
    EXPECT_THAT(DoMove(Move::kApprove, agreement.name(), MakeDate(2026, 1, 20)), testing::IsOk());
    const auto active = Sign(agreement.name(), MakeDate(2026, 2, 1), MakeDate(2026, 2, 3));
    EXPECT_THAT(active, testing::IsOk());
    return active.value_or(v1::Agreement{});
  }

  absl::StatusOr<v1::Agreement> Get(const std::string& name,
                                    std::optional<Date> as_of = std::nullopt) {
    v1::GetAgreementRequest request;
    request.set_name(name);
    if (as_of) *request.mutable_as_of() = ToProto(*as_of);
    return handlers_->GetAgreement(*calling_, request);
  }

  int64_t Revision() { return store_->heads().Current().revision; }

  testing::TempDir dir_;
  absl::TimeZone zone_;
  FakeClock clock_{absl::UnixEpoch()};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Handlers> handlers_;
  rpc::Call call_ = rpc::Call::ForTest("unverified:tester");
  // Whose calls the helpers make.
  rpc::Call* calling_ = &call_;
};

}  // namespace accord::agreements
