// SIGKILL under a stream of acknowledged writes: none lost, none doubled, the chain
// verifies, and a follower has seen each Change once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/feed/follower.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_server.h"
#include "tests/integration/suite.h"

namespace accord {
namespace {

using agreements::v1::Agency;
using agreements::v1::Agreements;
using testing::IsOk;
using ::testing::SizeIs;

constexpr int kKills = 50;
constexpr int kWriters = 8;
// Writes that must be acknowledged between two kills.
constexpr int kWritesBetween = 20;

agreements::v1::CreateAgencyRequest NewAgency(const std::string& display_name) {
  agreements::v1::CreateAgencyRequest request;
  request.mutable_agency()->set_display_name(display_name);
  request.mutable_agency()->set_state("FL");
  request.mutable_agency()->set_kind(Agency::MUNICIPALITY);
  request.mutable_agency()->set_fictitious(true);
  request.set_request_id(NewUuid());
  return request;
}

// Writers that retry with the same request_id until they are acknowledged.
class Writers {
 public:
  explicit Writers(const std::string& address) : address_(address) {
    for (int writer = 0; writer < kWriters; ++writer) {
      threads_.emplace_back([this, writer] { Run(writer); });
    }
  }
  ~Writers() { Stop(); }

  void Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  bool WaitForMore(int count, absl::Duration within) {
    const int target = acknowledged_count_ + count;
    const absl::Time deadline = absl::Now() + within;
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, absl::ToChronoTime(deadline),
                               [&] { return acknowledged_count_ >= target; });
  }

  // Display name -> the agency's issued name.
  std::map<std::string, std::string> acknowledged() {
    std::lock_guard lock(mutex_);
    return acknowledged_;
  }

 private:
  void Run(int writer) {
    const auto channel = rpc::MakeChannel(address_);
    const auto stub = Agreements::NewStub(*channel);
    for (int i = 0; !stopping_; ++i) {
      const auto request = NewAgency(absl::StrCat("Demo Town ", writer, " No ", i));
      WriteUntilAcknowledged(*stub, request);
    }
  }

  void WriteUntilAcknowledged(Agreements::Stub& stub,
                              const agreements::v1::CreateAgencyRequest& request) {
    for (;;) {
      const absl::StatusOr<Agency> agency = rpc::CallUnary(stub, &Agreements::Stub::CreateAgency,
                                                           request, {.timeout = absl::Seconds(5)});
      if (agency.ok()) {
        std::lock_guard lock(mutex_);
        acknowledged_[request.agency().display_name()] = agency->name();
        ++acknowledged_count_;
        changed_.notify_all();
        return;
      }
      // What is refused for another reason than the crash fails the test at the end:
      // it never counts as acknowledged, and the writer does not go on.
      const bool again = absl::IsUnavailable(agency.status()) ||
                         absl::IsDeadlineExceeded(agency.status()) ||
                         absl::IsCancelled(agency.status());
      if (!again) {
        ADD_FAILURE() << agency.status();
        return;
      }
    }
  }

  const std::string address_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> acknowledged_;
  std::atomic<int> acknowledged_count_ = 0;
  std::vector<std::thread> threads_;
};

// What a follower was given, in order.
class Seen {
 public:
  absl::Status Take(const log::v1::WatchChangesResponse& response) {
    std::lock_guard lock(mutex_);
    for (const log::v1::Change& change : response.changes()) {
      if (change.revision() != last_ + 1) gaps_ += 1;
      last_ = change.revision();
      if (change.kind() == log::v1::Change::CREATE) ++creates_[change.resource()];
    }
    if (response.revision() > reached_) reached_ = response.revision();
    changed_.notify_all();
    return absl::OkStatus();
  }
  bool WaitFor(int64_t revision, absl::Duration within) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, absl::ToChronoTime(absl::Now() + within),
                               [&] { return reached_ >= revision; });
  }
  int gaps() {
    std::lock_guard lock(mutex_);
    return gaps_;
  }
  std::map<std::string, int> creates() {
    std::lock_guard lock(mutex_);
    return creates_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t last_ = 0;
  int64_t reached_ = 0;
  int gaps_ = 0;
  std::map<std::string, int> creates_;
};

std::map<std::string, std::set<std::string>> AllAgencies(Agreements::Stub& stub) {
  std::map<std::string, std::set<std::string>> agencies;
  agreements::v1::ListAgenciesRequest request;
  request.set_page_size(1000);
  do {
    const auto page = rpc::CallUnary(stub, &Agreements::Stub::ListAgencies, request);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return agencies;
    for (const Agency& agency : page->agencies()) {
      agencies[agency.display_name()].insert(agency.name());
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return agencies;
}

class CrashTest : public ::testing::TestWithParam<std::string> {
 protected:
  static std::string StoreUrl() {
    if (GetParam() == "Sqlite") return "";
    const auto url = testing::NewPostgresDatabase();
    EXPECT_THAT(url, IsOk());
    return url.value_or("");
  }
};

TEST_P(CrashTest, FiftyKillsLoseNothingAndDoubleNothing) {
  testing::Suite suite(StoreUrl());
  testing::Program& program = suite.agreements;
  ASSERT_THAT(program.Start(), IsOk());
  const auto channel = rpc::MakeChannel(program.address());
  ASSERT_THAT(channel, IsOk());

  Seen seen;
  const feed::Follower follower(
      *channel, {}, {.filter = "", .omit_images = true},
      [&](const log::v1::WatchChangesResponse& response) { return seen.Take(response); },
      [](const absl::Status& status) { ADD_FAILURE() << status; });

  Writers writers(program.address());
  for (int kill = 0; kill < kKills; ++kill) {
    ASSERT_TRUE(writers.WaitForMore(kWritesBetween, absl::Seconds(30))) << program.log();
    program.Kill();
    ASSERT_THAT(program.Start(), IsOk());
  }
  writers.Stop();

  const auto acknowledged = writers.acknowledged();
  ASSERT_GE(acknowledged.size(), size_t{kKills * kWritesBetween});
  const auto stub = Agreements::NewStub(*channel);
  const auto agencies = AllAgencies(*stub);
  for (const auto& [display_name, name] : acknowledged) {
    const auto found = agencies.find(display_name);
    ASSERT_TRUE(found != agencies.end()) << "lost: " << display_name;
    EXPECT_THAT(found->second, SizeIs(1)) << "doubled: " << display_name;
    EXPECT_EQ(*found->second.begin(), name);
  }
  EXPECT_EQ(agencies.size(), acknowledged.size()) << "written, but never acknowledged";

  const auto feed = log::v1::ChangeFeed::NewStub(*channel);
  const auto verified = rpc::CallUnary(*feed, &log::v1::ChangeFeed::Stub::VerifyChanges, {},
                                       {.timeout = absl::Seconds(60)});
  ASSERT_THAT(verified, IsOk());
  EXPECT_TRUE(verified->intact()) << verified->ShortDebugString();
  ASSERT_TRUE(seen.WaitFor(verified->revision(), absl::Seconds(20)));
  EXPECT_EQ(seen.gaps(), 0);
  const auto creates = seen.creates();
  EXPECT_EQ(creates.size(), agencies.size());
  for (const auto& [name, times] : creates) EXPECT_EQ(times, 1) << name;
}

INSTANTIATE_TEST_SUITE_P(Stores, CrashTest, ::testing::Values("Sqlite", "Postgres"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace accord
