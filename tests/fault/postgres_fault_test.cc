// PostgreSQL crashes, stands still or has its log held up, under writes through gateways.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_server.h"
#include "tests/fault/load.h"
#include "tests/fault/stage.h"

namespace accord::fault {
namespace {

using accord::testing::IsOk;
using accord::testing::PostgresServer;
using accord::testing::Program;
using accord::testing::TcpProxy;

class PostgresFaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = PostgresServer::Create();
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    auto url = server_->CreateDatabase("agreements");
    ASSERT_THAT(url, IsOk());
    url_ = *std::move(url);
  }

  // Goes on for five seconds after the fault; then all has to be well. Writes that fail
  // meanwhile are tried again.
  static History GoOnAndCheck(Load& load, const std::string& agreements) {
    Rules rules;
    rules.write_errors = {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded};
    rules.well_from = absl::Now() + absl::Seconds(5);
    load.GoOnFor(absl::Seconds(5));
    EXPECT_TRUE(load.AwaitCalls(100, 20));
    History history = load.Finish(agreements);
    ExpectRulesKept(history, rules);
    return history;
  }

  void RunThrough(const std::function<void(Load&)>& fault) {
    Stage stage({.store_url = url_});
    ASSERT_THAT(stage.Start(), IsOk());
    Load load(stage.gateway_addresses());
    ASSERT_TRUE(load.AwaitCalls(100, 50));
    fault(load);
    const History history = GoOnAndCheck(load, stage.agreements.address());
    EXPECT_TRUE(std::any_of(history.reads.begin(), history.reads.end(), [](const Read& read) {
      return !read.reachable;
    })) << "the fault was not felt";
  }

  std::unique_ptr<PostgresServer> server_;
  std::string url_;
};

TEST_F(PostgresFaultTest, CrashedAndStartedAgain) {
  RunThrough([this](Load& load) {
    server_->Kill();
    load.GoOnFor(absl::Seconds(2));
    ASSERT_THAT(server_->Start(), IsOk());
  });
}

TEST_F(PostgresFaultTest, PausedForSeconds) {
  RunThrough([this](Load& load) {
    server_->Pause();
    load.GoOnFor(absl::Seconds(4));
    server_->Resume();
  });
}

// A replica of the service that stands still between taking the log's head and COMMIT.
TEST_F(PostgresFaultTest, PausedHolderOfTheHeadDelaysTheOtherReplicaBySeconds) {
  static constexpr absl::string_view kCommit{"COMMIT\0", 7};
  TcpProxy line(server_->port());
  Program steady("accord-agreements", {"--store", url_, "--policy", testing::PolicyPath()});
  Program holder("accord-agreements",
                 {"--store",
                  absl::StrReplaceAll(
                      url_, {{absl::StrCat(":", server_->port()), absl::StrCat(":", line.port())}}),
                  "--policy", testing::PolicyPath()});
  ASSERT_THAT(steady.Start(), IsOk());
  ASSERT_THAT(holder.Start(), IsOk());
  Gateway to_steady({.agreements = steady.port()});
  Gateway to_holder({.agreements = holder.port()});
  ASSERT_THAT(to_steady.Start(), IsOk());
  ASSERT_THAT(to_holder.Start(), IsOk());
  // The first writer writes to the one, the second to the other.
  Load load({to_steady.address(), to_holder.address()});
  ASSERT_TRUE(load.AwaitCalls(100, 50));

  std::atomic<bool> paused = false;
  line.SetTap([&](int, TcpProxy::From from, std::string& data) {
    if (from == TcpProxy::From::kServer || !absl::StrContains(data, kCommit)) {
      return TcpProxy::Fate::kPass;
    }
    holder.Signal(SIGSTOP);
    paused = true;
    return TcpProxy::Fate::kDrop;
  });
  ASSERT_TRUE(testing::Eventually([&paused] { return paused.load(); }));
  line.Heal();
  // Only the steady one writes now: as soon as PostgreSQL has ended the other's transaction.
  EXPECT_TRUE(load.AwaitCalls(0, 20, absl::Seconds(8)));
  load.GoOnFor(absl::Seconds(2));
  holder.Signal(SIGCONT);
  GoOnAndCheck(load, steady.address());
}

}  // namespace
}  // namespace accord::fault
