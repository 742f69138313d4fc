// The training service, or its database, is away while clients write and read through gateways:
// no officer is lost or doubled, statuses and figures are answered in time and labelled, nobody
// is said to be authorized without its word, and all is well again soon.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <functional>
#include <ostream>

#include "absl/strings/match.h"
#include "common/base/crypto.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_server.h"
#include "tests/fault/corps.h"
#include "tests/fault/load.h"
#include "tests/fault/stage.h"

namespace accord::fault {
namespace {

namespace gv1 = gateway::v1;
using accord::testing::Eventually;
using accord::testing::IsOk;
using accord::testing::PostgresServer;
using Authority = gv1::OfficerAuthority;
using Stub = training::v1::Training::Stub;

constexpr absl::Duration kTimeout = absl::Seconds(5);

struct Fault {
  std::string name;
  std::function<void(Stage&, PostgresServer*)> begin{};
  std::function<void(Stage&, PostgresServer*)> end{};
  bool postgres = false;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

const Fault kFaults[] = {
    {"Killed", [](Stage& stage, PostgresServer*) { stage.training->program.Kill(); },
     [](Stage& stage, PostgresServer*) { ASSERT_THAT(stage.training->Start(), IsOk()); }},
    {"Paused", [](Stage& stage, PostgresServer*) { stage.training->program.Signal(SIGSTOP); },
     [](Stage& stage, PostgresServer*) { stage.training->program.Signal(SIGCONT); }},
    {"DatabaseCrashed", [](Stage&, PostgresServer* server) { server->Kill(); },
     [](Stage&, PostgresServer* server) { ASSERT_THAT(server->Start(), IsOk()); },
     /*postgres=*/true},
};

class TrainingFaultTest : public ::testing::TestWithParam<Fault> {
 protected:
  void SetUp() override {
    StageOptions options{.gateways = 2, .training = true};
    if (GetParam().postgres) {
      auto server = PostgresServer::Create();
      ASSERT_THAT(server, IsOk());
      server_ = *std::move(server);
      const auto url = server_->CreateDatabase("training");
      ASSERT_THAT(url, IsOk());
      options.training_url = *url;
    }
    stage_ = std::make_unique<Stage>(options);
    ASSERT_THAT(stage_->Start(), IsOk());
    corps_ = std::make_unique<Corps>(address());
    const auto agreement = corps_->Sign("Demo Springs Police Department");
    ASSERT_THAT(agreement, IsOk());
    agreement_ = *agreement;
    const auto officer = corps_->Authorize(agreement_);
    ASSERT_THAT(officer, IsOk());
    officer_ = *officer;
  }

  std::string address() const { return stage_->gateways.front()->address(); }

  // Nominates with a request id of its own each time, or with the one given.
  absl::StatusOr<training::v1::Officer> Nominate(const std::string& request_id) const {
    training::v1::NominateOfficerRequest request;
    request.mutable_officer()->set_agreement(agreement_);
    request.mutable_officer()->set_given_name("Sample");
    request.mutable_officer()->set_family_name("Person");
    *request.mutable_nomination_date() = ToProto(MakeDate(2025, 1, 6));
    request.set_request_id(request_id);
    const auto channel = rpc::MakeChannel(address());
    return rpc::CallUnary(*training::v1::Training::NewStub(*channel), &Stub::NominateOfficer,
                          request, {.timeout = kTimeout});
  }

  gv1::ProgramMetrics Figures() const {
    gv1::GetProgramMetricsRequest request;
    request.set_fictitious(true);
    const auto channel = rpc::MakeChannel(address());
    const auto metrics =
        rpc::CallUnary(*gv1::Gateway::NewStub(*channel), &gv1::Gateway::Stub::GetProgramMetrics,
                       request, {.timeout = kTimeout});
    EXPECT_THAT(metrics, IsOk());
    return metrics.value_or(gv1::ProgramMetrics());
  }
  template <typename Answer>
  static gv1::Source TrainingSource(const Answer& answer) {
    for (const gv1::Source& source : answer.sources()) {
      if (source.service() == kTraining) return source;
    }
    ADD_FAILURE() << "no source";
    return {};
  }

  // What is answered while training is away.
  void ExpectLabelledAndNotProven() const {
    gv1::ProgramMetrics figures;
    ASSERT_TRUE(Eventually([&] {
      figures = Figures();
      return !TrainingSource(figures).reachable();
    }));
    EXPECT_GT(figures.training().all().officers(), 0) << "the last known is gone";
    EXPECT_GT(TrainingSource(figures).age().nanos() + TrainingSource(figures).age().seconds(), 0);
    EXPECT_EQ(figures.in_force().agreements(), 1) << "what training has no part in";

    Authority authority;
    ASSERT_TRUE(Eventually([&] {
      const auto answer = corps_->AuthorityOf(officer_, kTimeout);
      EXPECT_THAT(answer, IsOk());
      authority = answer.value_or(Authority());
      return authority.verdict() != Authority::AUTHORIZED;
    }));
    EXPECT_EQ(authority.verdict(), Authority::NOT_PROVEN);
    ASSERT_GT(authority.conditions_size(), 0);
    EXPECT_EQ(authority.conditions(0).state(), training::v1::AuthorityCondition::NOT_PROVEN);
    EXPECT_FALSE(TrainingSource(authority).reachable());
    const auto channel = rpc::MakeChannel(address());
    EXPECT_THAT(rpc::CheckHealth(*channel, ""), IsOk()) << "an answer is still an answer";
  }

  // Views, figures and the follower of the log are where the log is.
  void ExpectCaughtUp(const History& history) const {
    EXPECT_TRUE(
        Eventually([this] { return corps_->VerdictOf(officer_) == Authority::AUTHORIZED; }));
    // With the one who was authorized and the one who was nominated twice.
    const auto officers = static_cast<int>(history.log.size()) + 2;
    EXPECT_TRUE(Eventually([&] {
      const gv1::ProgramMetrics figures = Figures();
      return TrainingSource(figures).reachable() && figures.training().all().officers() == officers;
    }));
    for (const auto& gateway : stage_->gateways) {
      EXPECT_TRUE(Eventually([&gateway] {
        const double age =
            gateway->Metrics().Sum("accord_gateway_feed_age_seconds", {R"(service="training")"});
        return age > 0 && age < 2;
      }));
    }
  }

  std::unique_ptr<PostgresServer> server_;
  std::unique_ptr<Stage> stage_;
  std::unique_ptr<Corps> corps_;
  std::string agreement_;
  std::string officer_;
};

TEST_P(TrainingFaultTest, NobodyIsLostOrDoubledAndAnswersGoOn) {
  const std::string request_id = NewUuid();
  const auto first = Nominate(request_id);
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(corps_->VerdictOf(officer_), Authority::AUTHORIZED);
  Load load(stage_->gateway_addresses(), {.counted = kTraining});
  ASSERT_TRUE(load.AwaitCalls(100, 30));
  ASSERT_TRUE(TrainingSource(Figures()).reachable());

  GetParam().begin(*stage_, server_.get());
  const absl::Time broken = absl::Now();
  ExpectLabelledAndNotProven();
  // Longer than an unlabelled view may be old.
  load.GoOnFor(broken + absl::Seconds(3.5) - absl::Now());
  GetParam().end(*stage_, server_.get());

  Rules rules;
  rules.write_errors = {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded};
  rules.well_from = absl::Now() + absl::Seconds(4);
  load.GoOnFor(absl::Seconds(4));
  EXPECT_TRUE(load.AwaitCalls(50, 10));
  const History history = load.Finish(stage_->training->address());
  ExpectRulesKept(history, rules);
  EXPECT_TRUE(std::any_of(history.reads.begin(), history.reads.end(), [&](const Read& read) {
    return read.call.begun > broken && !read.reachable;
  })) << "the fault was not felt";

  const auto again = Nominate(request_id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->name(), first->name());
  ExpectCaughtUp(history);
}

INSTANTIATE_TEST_SUITE_P(Faults, TrainingFaultTest, ::testing::ValuesIn(kFaults),
                         [](const auto& info) { return info.param.name; });

// The silence of a log is not taken for its having nothing to say.
TEST(TrainingLivenessTest, NobodyIsAuthorizedFromMemoryOnceTrainingIsSilent) {
  // By the policy; and a busy machine.
  constexpr absl::Duration kSilence = absl::Seconds(2);
  constexpr absl::Duration kSlack = absl::Seconds(1);
  Stage stage({.gateways = 2, .training = true});
  ASSERT_THAT(stage.Start(), IsOk());
  const Corps near(stage.gateways[0]->address());
  const Corps far(stage.gateways[1]->address());
  const auto agreement = far.Sign("Demo Springs Police Department");
  ASSERT_THAT(agreement, IsOk());
  const auto officer = far.Authorize(*agreement);
  ASSERT_THAT(officer, IsOk());
  ASSERT_EQ(near.VerdictOf(*officer), Authority::AUTHORIZED);

  stage.gateways[0]->to_training->Hold();
  ASSERT_THAT(far.Withdraw(*officer), IsOk());
  const absl::Time withdrawn = absl::Now();
  EXPECT_TRUE(Eventually([&] {
    const absl::Time asked = absl::Now();
    const Authority::Verdict verdict = near.VerdictOf(*officer);
    if (asked < withdrawn + kSilence + kSlack) return false;
    EXPECT_EQ(verdict, Authority::NOT_PROVEN) << "shown from memory";
    return true;
  }));
  stage.gateways[0]->to_training->Heal();
  EXPECT_TRUE(Eventually([&] { return near.VerdictOf(*officer) == Authority::NOT_AUTHORIZED; }));
}

}  // namespace
}  // namespace accord::fault
