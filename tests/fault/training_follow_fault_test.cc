// The training service and the one whose log it follows are killed, cut off from each other and
// restored, while agreements are suspended and reinstated: what happens to an agreement reaches
// each of its officers once, in order, and nothing is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/resources.pb.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "common/rpc/channel.h"
#include "common/rpc/revision.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_server.h"
#include "tests/fault/corps.h"
#include "tests/fault/stage.h"

namespace accord::fault {
namespace {

using accord::testing::Eventually;
using accord::testing::FailsWith;
using accord::testing::IsOk;
using agreements::v1::Agreement;
using log::v1::Change;
using log::v1::ChangeFeed;
using Authority = gateway::v1::OfficerAuthority;
using Officer = training::v1::Officer;

constexpr int kAgreements = 3;
constexpr int kOfficersEach = 2;

// All Changes of a log that the filter takes, in its order.
std::vector<Change> ChangesAt(const std::string& address, const std::string& filter) {
  const auto feed = ChangeFeed::NewStub(rpc::MakeChannel(address).value());
  std::vector<Change> changes;
  log::v1::ListChangesRequest request;
  request.set_page_size(1000);
  request.set_order_by("revision");
  request.set_filter(filter);
  do {
    const auto page = rpc::CallUnary(*feed, &ChangeFeed::Stub::ListChanges, request);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) break;
    changes.insert(changes.end(), page->changes().begin(), page->changes().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return changes;
}

log::v1::Log HeadAt(const std::string& address) {
  const auto feed = ChangeFeed::NewStub(rpc::MakeChannel(address).value());
  const auto head = rpc::CallUnary(*feed, &ChangeFeed::Stub::GetLog, {});
  EXPECT_THAT(head, IsOk());
  return head.value_or(log::v1::Log());
}

// Suspends and reinstates agreements in turn, each move a day after the one before, as long as
// it lives. Its gateway and the agreements service stay up meanwhile.
class Mover {
 public:
  Mover(const std::string& gateway, std::vector<std::string> agreements, int first_turn)
      : corps_(gateway),
        agreements_(std::move(agreements)),
        turn_(first_turn),
        thread_([this] { Run(); }) {}
  ~Mover() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  static constexpr auto kPause = std::chrono::milliseconds(10);

  void Run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      for (const std::string& agreement : agreements_) {
        const Date date = MakeDate(2025, 4, 1) + days(turn_);
        EXPECT_THAT(
            turn_ % 2 == 0 ? corps_.Suspend(agreement, date) : corps_.Reinstate(agreement, date),
            IsOk());
        changed_.wait_for(lock, kPause, [this] { return stopping_; });
      }
      ++turn_;
    }
  }

  const Corps corps_;
  const std::vector<std::string> agreements_;
  int turn_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // Guarded by mutex_.
  std::thread thread_;
};

class TrainingFollowFaultTest : public ::testing::Test {
 protected:
  void Begin(const StageOptions& options) {
    stage_ = std::make_unique<Stage>(options);
    ASSERT_THAT(stage_->Start(), IsOk());
    corps_ = std::make_unique<Corps>(gateway());
    for (int i = 0; i < kAgreements; ++i) {
      const auto agreement = corps_->Sign(absl::StrCat("Demo Springs No ", i));
      ASSERT_THAT(agreement, IsOk());
      agreements_.push_back(*agreement);
      for (int k = 0; k < kOfficersEach; ++k) {
        const auto officer = corps_->recorder().Nominate(*agreement);
        ASSERT_THAT(officer, IsOk());
        officers_[*officer] = *agreement;
      }
    }
    begun_ = HeadAt(stage_->agreements.address()).revision();
  }

  std::string gateway() const { return stage_->gateways.front()->address(); }
  double Followed(const Training& training) const {
    return training.Metrics().Sum("accord_training_agreements_revision");
  }
  // Until it has followed the log to where it stands now.
  void AwaitFollowed(const Training& training) const {
    const auto head = static_cast<double>(HeadAt(stage_->agreements.address()).revision());
    EXPECT_TRUE(Eventually([&] { return Followed(training) >= head; }));
  }
  std::string OfficerUnder(const std::string& agreement) const {
    for (const auto& [officer, its] : officers_) {
      if (its == agreement) return officer;
    }
    ADD_FAILURE() << "nobody under " << agreement;
    return "";
  }
  bool InForceAtLast(const std::string& officer) const {
    const auto found = corps_->Officer(officer);
    EXPECT_THAT(found, IsOk());
    if (!found.ok() || found->agreement_standing().empty()) return false;
    return found->agreement_standing().rbegin()->in_force();
  }

  // Of each officer, the revisions of the agreements log that were acted on, in order.
  std::map<std::string, std::vector<int64_t>> Effects() const {
    std::map<std::string, std::vector<int64_t>> effects;
    const std::string filter = absl::StrCat("action = \"FollowAgreements\" AND resource_type = \"",
                                            Officer::descriptor()->full_name(), "\"");
    for (const Change& change : ChangesAt(stage_->training->address(), filter)) {
      const auto cause = rpc::ParseRevision(change.cause());
      EXPECT_TRUE(cause.has_value()) << change.cause();
      if (cause) effects[change.resource()].push_back(cause->revision);
    }
    return effects;
  }
  // What should have been acted on: every Change of an officer's agreement since they came.
  std::map<std::string, std::vector<int64_t>> Causes() const {
    std::map<std::string, std::vector<int64_t>> by_agreement;
    const std::string filter =
        absl::StrCat("resource_type = \"", Agreement::descriptor()->full_name(), "\"");
    for (const Change& change : ChangesAt(stage_->agreements.address(), filter)) {
      if (change.revision() > begun_) by_agreement[change.resource()].push_back(change.revision());
    }
    std::map<std::string, std::vector<int64_t>> causes;
    for (const auto& [officer, agreement] : officers_) causes[officer] = by_agreement[agreement];
    return causes;
  }
  // Call it once nothing moves any more and all was followed.
  void ExpectEachEffectOnce(size_t moves_at_least) const {
    const auto causes = Causes();
    EXPECT_EQ(Effects(), causes);
    EXPECT_GE(causes.begin()->second.size(), moves_at_least);
    for (const auto& [officer, revisions] : causes) {
      // Suspended first, then in force again.
      EXPECT_EQ(InForceAtLast(officer), revisions.size() % 2 == 0) << officer;
    }
  }

  std::unique_ptr<Stage> stage_;
  std::unique_ptr<Corps> corps_;
  std::vector<std::string> agreements_;
  std::map<std::string, std::string> officers_;  // Their agreements.
  int64_t begun_ = 0;
};

TEST_F(TrainingFollowFaultTest, KilledWhileItFollows) {
  constexpr int kKills = 5;
  Begin({.training = true});
  {
    const Mover mover(gateway(), agreements_, 0);
    for (int kill = 0; kill < kKills; ++kill) {
      AwaitFollowed(*stage_->training);
      stage_->training->program.Kill();
      ASSERT_THAT(stage_->training->Start(), IsOk());
    }
    AwaitFollowed(*stage_->training);
  }
  AwaitFollowed(*stage_->training);
  ASSERT_TRUE(Eventually([this] { return corps_->Officer(officers_.begin()->first).ok(); }));
  ExpectEachEffectOnce(kKills);
}

// One replica is killed again and again; the other one goes on meanwhile.
TEST_F(TrainingFollowFaultTest, OneOfTwoReplicasIsKilled) {
  constexpr int kKills = 3;
  const auto url = testing::NewPostgresDatabase();
  ASSERT_THAT(url, IsOk());
  Begin({.training = true, .training_url = *url});
  Training second(stage_->agreements.port(), *url, testing::PolicyPath());
  ASSERT_THAT(second.Start(), IsOk());
  {
    const Mover mover(gateway(), agreements_, 0);
    for (int kill = 0; kill < kKills; ++kill) {
      AwaitFollowed(second);
      second.program.Kill();
      AwaitFollowed(*stage_->training);
      ASSERT_THAT(second.Start(), IsOk());
    }
    AwaitFollowed(second);
  }
  AwaitFollowed(second);
  AwaitFollowed(*stage_->training);
  ExpectEachEffectOnce(kKills);
}

// What an agreement's owner says while it cannot be heard holds as soon as it is heard.
TEST_F(TrainingFollowFaultTest, SuspendedDuringAnOutage) {
  Begin({.training = true});
  const auto officer = corps_->Authorize(agreements_[0]);
  ASSERT_THAT(officer, IsOk());
  ASSERT_EQ(corps_->VerdictOf(*officer), Authority::AUTHORIZED);
  AwaitFollowed(*stage_->training);

  // The line is dead, and later refuses.
  stage_->training->to_agreements.Hold();
  ASSERT_THAT(corps_->Suspend(agreements_[0], MakeDate(2025, 4, 1)), IsOk());
  EXPECT_TRUE(InForceAtLast(*officer)) << "the outage was not felt";
  stage_->training->to_agreements.Refuse();
  ASSERT_THAT(corps_->Suspend(agreements_[1], MakeDate(2025, 4, 1)), IsOk());
  EXPECT_THAT(corps_->recorder().Nominate(agreements_[1]),
              FailsWith(absl::StatusCode::kUnavailable, "AGREEMENTS_UNREACHABLE"));
  stage_->training->to_agreements.Heal();
  EXPECT_TRUE(Eventually([&] { return !InForceAtLast(*officer); }));
  const auto suspended = corps_->Officer(*officer);
  ASSERT_THAT(suspended, IsOk());
  EXPECT_EQ(FromProto(suspended->agreement_standing().rbegin()->date()), MakeDate(2025, 4, 1));
  EXPECT_TRUE(Eventually([&] { return corps_->VerdictOf(*officer) == Authority::NOT_AUTHORIZED; }));

  // The owner itself dies, with training away when it comes back.
  stage_->agreements.Kill();
  stage_->training->program.Kill();
  ASSERT_THAT(stage_->agreements.Start(), IsOk());
  ASSERT_TRUE(
      Eventually([this] { return corps_->Suspend(agreements_[2], MakeDate(2025, 4, 1)).ok(); }));
  ASSERT_THAT(corps_->Reinstate(agreements_[0], MakeDate(2025, 4, 2)), IsOk());
  ASSERT_THAT(stage_->training->Start(), IsOk());
  EXPECT_TRUE(Eventually([&] { return corps_->VerdictOf(*officer) == Authority::AUTHORIZED; }));
  AwaitFollowed(*stage_->training);
  officers_[*officer] = agreements_[0];
  ExpectEachEffectOnce(1);
}

// A restored database is another log: nothing is concluded from it until an operator says that
// it is meant, and then all of it.
TEST_F(TrainingFollowFaultTest, AnotherLogIsFollowedOnlyWhenToldTo) {
  Begin({.training = true});
  AwaitFollowed(*stage_->training);
  Backup backup(*stage_);
  const std::string& lost_agreement = agreements_[0];
  const std::string& kept_agreement = agreements_[1];
  const std::string lost = OfficerUnder(lost_agreement);
  const std::string kept = OfficerUnder(kept_agreement);
  ASSERT_THAT(corps_->Suspend(lost_agreement, MakeDate(2025, 4, 1)), IsOk());
  ASSERT_TRUE(Eventually([&] { return !InForceAtLast(lost); }));
  ASSERT_THAT(backup.Restore(*stage_), IsOk());
  const auto forked = [this] {
    return stage_->training->Metrics().Sum("accord_training_agreements_forked");
  };
  ASSERT_TRUE(Eventually([&] { return forked() == 1; }));
  const Corps owner(backup.address());
  ASSERT_THAT(owner.Suspend(kept_agreement, MakeDate(2025, 4, 1)), IsOk());
  EXPECT_THAT(corps_->recorder().Nominate(kept_agreement),
              FailsWith(absl::StatusCode::kUnavailable, "AGREEMENTS_FORKED"));
  EXPECT_FALSE(InForceAtLast(lost)) << "followed without being told to";

  for (const bool anew : {true, false}) {
    stage_->training->program.Kill();
    ASSERT_THAT(stage_->training->Start(anew ? std::vector<std::string>{"--follow-anew"}
                                             : std::vector<std::string>{}),
                IsOk());
    ASSERT_TRUE(Eventually([&] { return corps_->Officer(lost).ok(); }));
    EXPECT_TRUE(Eventually([&] { return InForceAtLast(lost); }));
    EXPECT_TRUE(Eventually([&] { return !InForceAtLast(kept); }));
  }
  EXPECT_EQ(forked(), 0);
  std::map<std::pair<std::string, std::string>, int> times;
  for (const Change& change :
       ChangesAt(stage_->training->address(), "action = \"FollowAgreements\"")) {
    EXPECT_EQ(++(times[{change.cause(), change.resource()}]), 1)
        << change.cause() << " " << change.resource();
  }
}

}  // namespace
}  // namespace accord::fault
