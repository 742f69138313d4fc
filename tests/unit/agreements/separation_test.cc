// Who did one thing with an agreement may not do the other.
#include <google/protobuf/text_format.h>

#include "common/base/error.h"
#include "tests/unit/agreements/handlers_fixture.h"

namespace accord::agreements {
namespace {

using absl::StatusCode;
using testing::FailsWith;
using testing::IsOk;

constexpr char kTable[] = R"pb(
  method_groups {
    name: "apply"
    methods: "accord.agreements.v1.Agreements/CreateAgreement"
    methods: "accord.agreements.v1.Agreements/WithdrawAgreement"
  }
  method_groups {
    name: "decide"
    methods: "accord.agreements.v1.Agreements/ApproveAgreement"
    methods: "accord.agreements.v1.Agreements/SignAgreement"
    methods: "accord.agreements.v1.Agreements/SupersedeAgreement"
  }
  separations {
    code: "apply_approve"
    first_groups: "apply"
    second_groups: "decide"
    words: "Who applies does not approve"
  }
)pb";

class SeparationTest : public HandlersTest {
 protected:
  void SetUp() override {
    HandlersTest::SetUp();
    policy::v1::AccessFile file;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(kTable, &file));
    rules_ = std::make_shared<const SeparationRules>(file);
    handlers_ =
        std::make_unique<Handlers>(*store_, *Policy::Load(kPolicyPath),
                                   service::Separation(kServiceName, [this] { return rules_; }));
    agency_ = *CreateAgency("Demo Springs");
  }

  // Applied for by the caller, and in review.
  v1::Agreement InReview(const std::string& model = "TFM") {
    const v1::Agreement agreement = Apply(agency_.name(), model);
    EXPECT_THAT(DoMove(Move::kStartReview, agreement.name(), MakeDate(2026, 1, 10)), IsOk());
    return agreement;
  }
  absl::StatusOr<v1::Agreement> Approve(const std::string& name, const std::string& etag = "") {
    return DoMove(Move::kApprove, name, MakeDate(2026, 1, 20), etag);
  }

  std::shared_ptr<const SeparationRules> rules_;
  v1::Agency agency_;
  rpc::Call director_ = rpc::Call::ForTest("unverified:director");
};

TEST_F(SeparationTest, WhoAppliedDoesNotApprove) {
  const v1::Agreement agreement = InReview();
  const auto denied = Approve(agreement.name());
  ASSERT_THAT(denied, FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
  EXPECT_EQ(denied.status().message(),
            absl::StrCat("Who applies does not approve (apply_approve): you did CreateAgreement "
                         "with ",
                         agreement.name(), "; another person must do ApproveAgreement"));
  EXPECT_EQ(GetErrorInfo(denied.status())->metadata().at("rule"), "apply_approve");
  // What is not separated, they may do.
  EXPECT_THAT(DoMove(Move::kDecline, agreement.name(), MakeDate(2026, 1, 20)), IsOk());
}

TEST_F(SeparationTest, TheRulesOfTheMomentHold) {
  const v1::Agreement agreement = InReview();
  EXPECT_THAT(Approve(agreement.name()),
              FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
  rules_ = std::make_shared<const SeparationRules>();
  EXPECT_THAT(Approve(agreement.name()), IsOk());
}

TEST_F(SeparationTest, AnotherPersonDoes) {
  const v1::Agreement agreement = InReview();
  calling_ = &director_;
  EXPECT_THAT(Approve(agreement.name()), IsOk());
  EXPECT_THAT(Sign(agreement.name(), MakeDate(2026, 2, 1), MakeDate(2026, 2, 1)), IsOk());
  // Whoever approved one may apply for another, and not approve that.
  const v1::Agreement other = InReview("JEM");
  EXPECT_THAT(Approve(other.name()),
              FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
}

TEST_F(SeparationTest, ItIsToldBeforeStateAndEtag) {
  const v1::Agreement agreement = Apply(agency_.name());
  EXPECT_THAT(Approve(agreement.name(), "r0"),
              FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
  calling_ = &director_;
  EXPECT_THAT(Approve(agreement.name(), "r0"), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(Approve(agreement.name()),
              FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
}

TEST_F(SeparationTest, BothSidesOfASuccessionAreAsked) {
  calling_ = &director_;
  const v1::Agreement old = Apply(agency_.name(), "WSO");
  calling_ = &call_;
  const v1::Agreement renewal = Apply(agency_.name());
  v1::SupersedeAgreementRequest request;
  request.set_name(old.name());
  request.set_successor(renewal.name());
  request.set_reason("model switch");
  *request.mutable_effective_date() = ToProto(MakeDate(2026, 2, 20));
  for (rpc::Call* applicant : {&call_, &director_}) {
    EXPECT_THAT(handlers_->SupersedeAgreement(*applicant, request),
                FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
  }
  rpc::Call third = rpc::Call::ForTest("unverified:third");
  EXPECT_THAT(handlers_->SupersedeAgreement(third, request),
              FailsWith(StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"));
}

TEST_F(SeparationTest, ADryRunIsDeniedToo) {
  const v1::Agreement agreement = InReview();
  v1::MoveAgreementRequest request;
  request.set_name(agreement.name());
  *request.mutable_effective_date() = ToProto(MakeDate(2026, 1, 20));
  request.set_reason("as decided");
  request.set_validate_only(true);
  EXPECT_THAT(handlers_->MoveAgreement(call_, Move::kApprove, request),
              FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
  EXPECT_THAT(handlers_->MoveAgreement(director_, Move::kApprove, request), IsOk());
}

TEST_F(SeparationTest, WithoutATableNothingIsSeparated) {
  const v1::Agreement agreement = InReview();
  handlers_ = std::make_unique<Handlers>(*store_, *Policy::Load(kPolicyPath));
  EXPECT_THAT(Approve(agreement.name()), IsOk());
}

}  // namespace
}  // namespace accord::agreements
