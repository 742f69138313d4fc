// A replica of the training service dies, or stands still, in the middle of the day's sweep, and
// another one takes the sweep over: every officer's notice is given, and once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/calendar/date.h"
#include "common/rpc/channel.h"
#include "common/sql/sql.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_server.h"
#include "tests/fault/put_officers.h"
#include "tests/fault/stage.h"
#include "tests/integration/officers.h"

namespace accord::fault {
namespace {

namespace tv1 = training::v1;
using accord::testing::Eventually;
using accord::testing::IsOk;
using accord::testing::PostgresServer;
using accord::testing::TcpProxy;
using log::v1::ChangeFeed;
using Stub = tv1::Training::Stub;

// Several batches of the sweep.
constexpr int kOfficers = 1600;

// Task force officers whose authorization, of two years, ends within the month: each is due one
// notice.
std::vector<tv1::Officer> EndingSoon() {
  const Date today = Today(absl::Now(), absl::UTCTimeZone());
  const Date authorized = AddMonths(today, -24) + days(20);
  std::vector<tv1::Officer> officers(kOfficers);
  for (int i = 0; i < kOfficers; ++i) {
    officers[i].set_name(absl::StrCat("officers/p", 10'000 + i));
    officers[i].set_model("TFM");
    officers[i].set_template_("TFM-2025-02-12");
    officers[i].set_state(tv1::Officer::AUTHORIZED);
    officers[i].set_fictitious(true);
    *officers[i].mutable_authorization_date() = ToProto(authorized);
    tv1::OfficerEvent& event = *officers[i].add_events();
    event.set_kind(tv1::OfficerEvent::AUTHORIZED);
    *event.mutable_date() = ToProto(authorized);
  }
  return officers;
}

class TrainingSweepFaultTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto server = PostgresServer::Create();
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    const auto url = server_->CreateDatabase("training");
    ASSERT_THAT(url, IsOk());
    url_ = *url;
    ASSERT_THAT(PutOfficers(url_, EndingSoon()), IsOk());
    database_ = *sql::Database::Open(url_);
    auto connection = database_->Connect(sql::Access::kWrite);
    ASSERT_THAT(connection, IsOk());
    connection_ = *std::move(connection);
  }

  int64_t Int(const std::string& sql) {
    const auto result = connection_->Execute(sql);
    EXPECT_THAT(result, IsOk());
    return result.ok() ? sql::GetInt(result->rows.at(0), 0).value_or(-1) : -1;
  }
  int64_t Given() { return Int("SELECT count(*) FROM t_notices"); }

  // Starts a replica that is stopped, without having committed it, at the second batch of
  // notices.
  void StopInTheMiddle(Training& replica, TcpProxy& line) {
    static constexpr absl::string_view kCommit{"COMMIT\0", 7};
    std::atomic<bool> giving = false;
    std::atomic<int> commits = 0;  // Since it began to give notices.
    std::atomic<bool> stopped = false;
    line.SetTap([&](int, TcpProxy::From from, std::string& data) {
      if (from == TcpProxy::From::kServer) return TcpProxy::Fate::kPass;
      if (absl::StrContains(data, "INSERT INTO t_notices")) giving = true;
      if (!giving || !absl::StrContains(data, kCommit)) return TcpProxy::Fate::kPass;
      if (++commits == 1) return TcpProxy::Fate::kPass;
      replica.program.Signal(SIGSTOP);
      stopped = true;
      return TcpProxy::Fate::kDrop;
    });
    ASSERT_THAT(replica.Start(), IsOk());
    ASSERT_TRUE(Eventually([&] { return stopped.load(); }));
    line.Heal();
  }

  // PostgreSQL ends a transaction that nobody goes on with; then the lease runs out, which
  // takes minutes.
  void LetTimePass() {
    ASSERT_TRUE(Eventually([this] {
      return Int("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                 "state LIKE 'idle in transaction%'") == 0;
    }));
    const auto ended =
        connection_->Execute("UPDATE leases SET until_us = 0 WHERE name = 'day-sweep'");
    ASSERT_THAT(ended, IsOk());
    EXPECT_EQ(ended->affected, 1) << "nobody was sweeping";
  }

  static std::map<std::string, int> NoticesAt(const std::string& address) {
    const auto stub = tv1::Training::NewStub(rpc::MakeChannel(address).value());
    std::map<std::string, int> notices;
    tv1::ListNoticesRequest request;
    request.set_page_size(1000);
    do {
      const auto page = rpc::CallUnary(*stub, &Stub::ListNotices, request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      for (const tv1::Notice& notice : page->notices()) ++notices[notice.officer()];
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return notices;
  }

  static void ExpectOnce(const std::string& address) {
    const auto notices = NoticesAt(address);
    EXPECT_EQ(notices.size(), size_t{kOfficers});
    for (const auto& [officer, times] : notices) EXPECT_EQ(times, 1) << officer;
    const auto feed = ChangeFeed::NewStub(rpc::MakeChannel(address).value());
    const auto verified =
        rpc::CallUnary(*feed, &ChangeFeed::Stub::VerifyChanges, {}, {.timeout = absl::Seconds(60)});
    ASSERT_THAT(verified, IsOk());
    EXPECT_TRUE(verified->intact()) << verified->ShortDebugString();
  }

  // Writes behind whatever the replica was about to write.
  static void WriteAt(const std::string& address) {
    const auto stub = tv1::Training::NewStub(rpc::MakeChannel(address).value());
    const auto request = testing::Parse<tv1::RecordCompletionRequest>(
        "completion { officer: 'officers/p10000' course: 'tfm-basic' result: PASSED "
        "date { year: 2025 month: 2 day: 28 } }");
    EXPECT_TRUE(
        Eventually([&] { return rpc::CallUnary(*stub, &Stub::RecordCompletion, request).ok(); }));
  }

  std::unique_ptr<PostgresServer> server_;
  std::string url_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<sql::Connection> connection_;
};

TEST_P(TrainingSweepFaultTest, AnotherReplicaGivesTheRestOfTheNotices) {
  const bool killed = GetParam() == "Killed";
  TcpProxy line(server_->port());
  const int nobody = testing::FreePort();
  Training first(nobody,
                 absl::StrReplaceAll(url_, {{absl::StrCat(":", server_->port(), "/"),
                                             absl::StrCat(":", line.port(), "/")}}),
                 testing::PolicyPath());
  Training second(nobody, url_, testing::PolicyPath());
  StopInTheMiddle(first, line);
  if (killed) first.program.Kill();
  const int64_t given = Given();
  EXPECT_GT(given, 0);
  EXPECT_LT(given, kOfficers);

  LetTimePass();
  ASSERT_THAT(second.Start(), IsOk());
  EXPECT_TRUE(Eventually([this] { return Given() >= kOfficers; }));
  if (!killed) {
    // The first one goes on where it stood, and finds it done.
    first.program.Signal(SIGCONT);
    WriteAt(first.address());
  }
  ExpectOnce(second.address());
}

INSTANTIATE_TEST_SUITE_P(Ends, TrainingSweepFaultTest, ::testing::Values("Killed", "Paused"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace accord::fault
