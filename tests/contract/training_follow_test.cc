// Training beside a served agreements service: what it asks it, and that a change of an
// agreement reaches its officers.
#include <prometheus/registry.h>

#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "common/feed/feed_service.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "common/testing/eventually.h"
#include "services/agreements/errors.h"
#include "services/agreements/handlers.h"
#include "services/agreements/service.h"
#include "services/agreements/types.h"
#include "services/training/agreement_follower.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using accord::testing::Eventually;
using accord::testing::FailsWith;
using accord::testing::IsOk;

constexpr char kPolicyFile[] = ACCORD_SOURCE_DIR "/deploy/policy/287g.textproto";

// The agreements service of a test, served on a port that stays.
class ServedAgreements {
 public:
  ServedAgreements(const std::string& path, const Clock& clock)
      : policy_(Policy::Load(kPolicyFile).value()),
        store_(store::Store::Open("agreements", agreements::kDomain, agreements::Types(), clock,
                                  {.url = absl::StrCat("sqlite:", path)})
                   .value()),
        handlers_(*store_, policy_),
        service_(agreements::MakeService(runtime_, handlers_)),
        feed_(*store_, runtime_) {
    rpc::ServerOptions options;
    options.insecure = true;
    options.balancer_wait = absl::ZeroDuration();
    server_ = rpc::Server::Start(
                  options,
                  {.runtime = runtime_,
                   .services = {{agreements::v1::Agreements::service_full_name(), service_.get()},
                                {log::v1::ChangeFeed::service_full_name(), &feed_}},
                   .on_drain = [this] { feed_.EndStreams(); }})
                  .value();
  }

  agreements::Handlers& handlers() { return handlers_; }
  std::string address() const { return absl::StrCat("127.0.0.1:", server_->port()); }

 private:
  const std::shared_ptr<const Policy> policy_;
  const std::unique_ptr<store::Store> store_;
  rpc::Runtime runtime_;
  agreements::Handlers handlers_;
  const std::unique_ptr<grpc::Service> service_;
  feed::FeedService feed_;
  std::unique_ptr<rpc::Server> server_;  // Goes first.
};

class TrainingFollowTest : public TrainingTest {
 protected:
  void SetUp() override {
    TrainingTest::SetUp();
    served_ = std::make_unique<ServedAgreements>(dir_.File("a.db"), clock_);
    channel_ = rpc::MakeChannel(served_->address()).value();
    source_ = AskAgreements(channel_);
    handlers_ = std::make_unique<Handlers>(*store_, policy_, *source_);
    agreement_ = ActiveAgreement();
    call_for_a_minute_ = std::make_unique<rpc::Call>(rpc::Call::Parts{
        .caller = {.actor = "unverified:clerk"}, .deadline = absl::Now() + absl::Minutes(1)});
  }

  // Of a made-up agency, in force since 3 February 2025.
  agreements::v1::Agreement ActiveAgreement() {
    agreements::v1::CreateAgencyRequest agency;
    agency.mutable_agency()->set_display_name("Demo Springs Police Department");
    agency.mutable_agency()->set_state("FL");
    agency.mutable_agency()->set_kind(agreements::v1::Agency::MUNICIPALITY);
    agency.mutable_agency()->set_fictitious(true);
    agency_ = served_->handlers().CreateAgency(call_, agency).value();
    agreements::v1::CreateAgreementRequest applied;
    applied.mutable_agreement()->set_agency(agency_.name());
    applied.mutable_agreement()->set_model("TFM");
    *applied.mutable_application_date() = ToProto(MakeDate(2025, 1, 6));
    const std::string name = served_->handlers().CreateAgreement(call_, applied).value().name();
    Move(agreements::Move::kStartReview, name, MakeDate(2025, 1, 10));
    Move(agreements::Move::kApprove, name, MakeDate(2025, 1, 20));
    agreements::v1::SignAgreementRequest sign;
    sign.set_name(name);
    *sign.mutable_agency_signed_date() = ToProto(MakeDate(2025, 2, 1));
    *sign.mutable_federal_signed_date() = ToProto(MakeDate(2025, 2, 3));
    return served_->handlers().SignAgreement(call_, sign).value();
  }

  void Move(agreements::Move move, const std::string& name, Date date) {
    agreements::v1::MoveAgreementRequest request;
    request.set_name(name);
    *request.mutable_effective_date() = ToProto(date);
    request.set_reason("as decided");
    ASSERT_THAT(served_->handlers().MoveAgreement(call_, move, request), IsOk());
  }

  std::unique_ptr<feed::Follower> Follow(AgreementEffects& effects) {
    return FollowAgreements(channel_, effects, registry_).value();
  }

  std::unique_ptr<ServedAgreements> served_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<AgreementSource> source_;
  prometheus::Registry registry_;
  agreements::v1::Agency agency_;
  agreements::v1::Agreement agreement_;
  std::unique_ptr<rpc::Call> call_for_a_minute_;
};

TEST_F(TrainingFollowTest, TheOwnerIsAskedAndSaysWhereItsLogStood) {
  const auto known = source_->Get(*call_for_a_minute_, agreement_.name());
  ASSERT_THAT(known, IsOk());
  EXPECT_EQ(known->agreement.name(), agreement_.name());
  EXPECT_FALSE(known->read_at.log_id.empty());
  EXPECT_EQ(known->read_at.revision, 5);
  EXPECT_EQ(source_->GetAgency(*call_for_a_minute_, agency_.name())->field_office(),
            "fieldOffices/miami");
  EXPECT_THAT(source_->Get(*call_for_a_minute_, "agreements/none"),
              FailsWith(StatusCode::kNotFound, "AGREEMENT_NOT_FOUND"));
  EXPECT_THAT(source_->GetAgency(*call_for_a_minute_, "agencies/none"),
              FailsWith(StatusCode::kNotFound, "AGENCY_NOT_FOUND"));
  channel_.reset();
  served_.reset();
  EXPECT_THAT(source_->Get(*call_for_a_minute_, agreement_.name()),
              FailsWith(StatusCode::kUnavailable, "AGREEMENTS_UNREACHABLE"));
}

TEST_F(TrainingFollowTest, ASuspensionReachesTheOfficerAlsoAfterARestartOfTheFollower) {
  AgreementEffects effects(*store_, policy_);
  auto follower = Follow(effects);
  const auto officer = Nominate(agreement_.name());
  ASSERT_THAT(officer, IsOk());
  ASSERT_GT(officer->agreement_standing_size(), 0);
  EXPECT_TRUE(officer->agreement_standing().rbegin()->in_force());
  Move(agreements::Move::kSuspend, agreement_.name(), MakeDate(2026, 4, 1));
  const auto is_in_force_at_last = [&] {
    return GetOfficer(officer->name()).agreement_standing().rbegin()->in_force();
  };
  EXPECT_TRUE(Eventually([&] { return !is_in_force_at_last(); }));
  EXPECT_EQ(FromProto(GetOfficer(officer->name()).agreement_standing().rbegin()->date()),
            MakeDate(2026, 4, 1));
  // While nobody follows.
  follower.reset();
  Move(agreements::Move::kReinstate, agreement_.name(), MakeDate(2026, 5, 1));
  EXPECT_FALSE(is_in_force_at_last());
  AgreementEffects after(*store_, policy_);
  prometheus::Registry registry;
  const auto again = FollowAgreements(channel_, after, registry).value();
  EXPECT_TRUE(Eventually(is_in_force_at_last));
}

}  // namespace
}  // namespace accord::training
