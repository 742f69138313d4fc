// Who audits leaves a trace: reads of the log by callers whose reads are recorded, over a real
// server.
#include "common/feed/checkpoint_service.h"
#include "common/feed/feed_service.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "tests/contract/store_fixture.h"

namespace accord::feed {
namespace {

using accord::testing::FailsWith;
using accord::testing::IsOk;
using log::v1::Change;
using log::v1::LogRead;
using store::AgencyOf;
using store::Creates;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using FeedStub = log::v1::ChangeFeed::Stub;
using CheckpointStub = log::v1::Checkpoints::Stub;

// Knows callers by their token; those of "auditor…" are recorded.
class NamingGate final : public rpc::Gate {
 public:
  absl::StatusOr<rpc::Admission> Admit(const rpc::Credentials& credentials, absl::string_view,
                                       absl::Time) override {
    rpc::Admission admission;
    admission.caller = {.actor = absl::StrCat("id#", credentials.bearer), .role = "reader"};
    admission.reach = Reach::Whole();
    admission.log_reads_recorded = absl::StartsWith(credentials.bearer, "auditor");
    return admission;
  }
};

class LogReadsTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    runtime_ = std::make_unique<rpc::Runtime>(rpc::RuntimeOptions{.gate = &gate_});
    feed_ = std::make_unique<FeedService>(*store_, *runtime_);
    checkpoints_ = std::make_unique<CheckpointService>(*store_, *runtime_, nullptr);
    rpc::ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.balancer_wait = absl::ZeroDuration();
    auto started = rpc::Server::Start(
        options, {.runtime = *runtime_,
                  .services = {{log::v1::ChangeFeed::service_full_name(), feed_.get()},
                               {log::v1::Checkpoints::service_full_name(), checkpoints_.get()}},
                  .on_drain = [this] { feed_->EndStreams(); }});
    ASSERT_THAT(started, IsOk());
    server_ = *std::move(started);
    channel_ = *rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port()));
    Do(Creates(AgencyOf("a1"), AgencyOf("a2"), AgencyOf("a3")));
  }
  void TearDown() override {
    channel_.reset();
    server_.reset();
    checkpoints_.reset();
    feed_.reset();
  }

  static rpc::CallOptions As(const std::string& who) {
    return {.timeout = store::kPatience,
            .metadata = {{"authorization", absl::StrCat("Bearer ", who)}}};
  }
  template <typename Request, typename Method>
  auto Call(Method method, const Request& request, const std::string& who = "auditor") {
    return rpc::CallUnary(*log::v1::ChangeFeed::NewStub(channel_), method, request, As(who));
  }
  template <typename Request, typename Method>
  auto CallCheckpoints(Method method, const Request& request, const std::string& who = "auditor") {
    return rpc::CallUnary(*log::v1::Checkpoints::NewStub(channel_), method, request, As(who));
  }

  // Reads until the log's end or an error.
  absl::Status Watch(const std::string& who, int64_t after = 0) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", who));
    context.set_deadline(absl::ToChronoTime(Soon()));
    log::v1::WatchChangesRequest request;
    request.set_after_revision(after);
    request.set_filter("kind = CREATE");
    const auto stub = log::v1::ChangeFeed::NewStub(channel_);
    const auto reader = stub->WatchChanges(&context, request);
    log::v1::WatchChangesResponse response;
    while (reader->Read(&response)) {
      if (response.revision() == response.head_revision()) {
        context.TryCancel();
        return absl::OkStatus();
      }
    }
    return rpc::FromGrpcStatus(reader->Finish());
  }

  // What is recorded, oldest first.
  std::vector<Change> Records() {
    std::vector<Change> records;
    for (Change& change : AllChanges()) {
      if (change.resource() == "log") records.push_back(std::move(change));
    }
    return records;
  }
  std::vector<std::string> RecordedActions() {
    std::vector<std::string> actions;
    for (const Change& change : Records()) actions.push_back(change.action());
    return actions;
  }
  static LogRead ReadOf(const Change& change) {
    LogRead read;
    EXPECT_TRUE(change.image().UnpackTo(&read));
    return read;
  }

  NamingGate gate_;
  std::unique_ptr<rpc::Runtime> runtime_;
  std::unique_ptr<FeedService> feed_;
  std::unique_ptr<CheckpointService> checkpoints_;
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

INSTANTIATE_TEST_SUITE_P(Databases, LogReadsTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         store::DialectName);

TEST_P(LogReadsTest, EachMethodIsRecordedWithWhatWasAsked) {
  log::v1::ListChangesRequest list;
  list.set_filter("kind = CREATE");
  list.set_subject("agencies/a1");
  EXPECT_THAT(Call(&FeedStub::ListChanges, list), IsOk());
  log::v1::GetChangeRequest get;
  get.set_name("changes/2");
  EXPECT_THAT(Call(&FeedStub::GetChange, get), IsOk());
  log::v1::VerifyChangesRequest verify;
  verify.set_from_revision(2);
  verify.set_to_revision(3);
  EXPECT_THAT(Call(&FeedStub::VerifyChanges, verify), IsOk());
  EXPECT_THAT(Watch("auditor", 1), IsOk());
  EXPECT_THAT(CallCheckpoints(&CheckpointStub::ListCheckpoints, log::v1::ListCheckpointsRequest()),
              IsOk());
  log::v1::ExportChangesRequest exported;
  exported.set_after_revision(1);
  EXPECT_THAT(CallCheckpoints(&CheckpointStub::ExportChanges, exported), IsOk());

  const std::vector<Change> records = Records();
  ASSERT_THAT(RecordedActions(), ElementsAre("ListChanges", "GetChange", "VerifyChanges",
                                             "WatchChanges", "ListCheckpoints", "ExportChanges"));
  for (const Change& record : records) {
    EXPECT_EQ(record.kind(), Change::EVENT);
    EXPECT_EQ(record.actor(), "id#auditor");
    EXPECT_EQ(record.role(), "reader");
  }
  EXPECT_EQ(ReadOf(records[0]).method(), "accord.log.v1.ChangeFeed/ListChanges");
  EXPECT_EQ(ReadOf(records[0]).filter(), "kind = CREATE");
  EXPECT_EQ(ReadOf(records[0]).subject(), "agencies/a1");
  EXPECT_EQ(ReadOf(records[1]).subject(), "changes/2");
  EXPECT_EQ(ReadOf(records[2]).from_revision(), 2);
  EXPECT_EQ(ReadOf(records[2]).to_revision(), 3);
  EXPECT_EQ(ReadOf(records[3]).from_revision(), 2);
  EXPECT_EQ(ReadOf(records[3]).filter(), "kind = CREATE");
  EXPECT_EQ(ReadOf(records[4]).method(), "accord.log.v1.Checkpoints/ListCheckpoints");
  EXPECT_EQ(ReadOf(records[5]).from_revision(), 2);
  EXPECT_TRUE(Verify().intact());
}

TEST_P(LogReadsTest, AnExportOfManyPagesLeavesOneRecordAndEnds) {
  log::v1::ExportChangesRequest request;
  request.set_page_size(1);
  std::vector<int64_t> revisions;
  for (int page = 0; page < 10; ++page) {
    const auto answer = CallCheckpoints(&CheckpointStub::ExportChanges, request);
    ASSERT_THAT(answer, IsOk());
    if (answer->changes().empty()) break;
    request.set_after_revision(answer->changes(0).change().revision());
    revisions.push_back(request.after_revision());
  }
  // The record is part of what it is about.
  EXPECT_THAT(revisions, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(RecordedActions(), ElementsAre("ExportChanges"));
}

TEST_P(LogReadsTest, OneRecordForEachCallerMethodAndHour) {
  const log::v1::ListChangesRequest list;
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Call(&FeedStub::ListChanges, list), IsOk());
  EXPECT_THAT(Records(), SizeIs(1));
  EXPECT_THAT(Call(&FeedStub::ListChanges, list, "auditor-two"), IsOk());
  EXPECT_THAT(Records(), SizeIs(2));
  clock_.Advance(absl::Minutes(59));
  EXPECT_THAT(Call(&FeedStub::ListChanges, list), IsOk());
  EXPECT_THAT(Records(), SizeIs(2));
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(Call(&FeedStub::ListChanges, list), IsOk());
  EXPECT_THAT(Records(), SizeIs(3));
}

TEST_P(LogReadsTest, OthersAreNotRecorded) {
  EXPECT_THAT(Call(&FeedStub::ListChanges, log::v1::ListChangesRequest(), "chief"), IsOk());
  EXPECT_THAT(Call(&FeedStub::VerifyChanges, log::v1::VerifyChangesRequest(), "chief"), IsOk());
  EXPECT_THAT(Watch("gateway"), IsOk());
  EXPECT_THAT(
      CallCheckpoints(&CheckpointStub::ExportChanges, log::v1::ExportChangesRequest(), "chief"),
      IsOk());
  // Says where the log ends, and nothing of what is in it.
  EXPECT_THAT(Call(&FeedStub::GetLog, log::v1::GetLogRequest()), IsOk());
  EXPECT_THAT(Records(), IsEmpty());
}

TEST_P(LogReadsTest, ReadsThatCannotBeRecordedAreRefused) {
  Run("DROP TABLE marks");
  const auto code = absl::StatusCode::kUnavailable;
  EXPECT_THAT(Call(&FeedStub::ListChanges, log::v1::ListChangesRequest()),
              FailsWith(code, "READ_NOT_RECORDED"));
  log::v1::GetChangeRequest get;
  get.set_name("changes/2");
  EXPECT_THAT(Call(&FeedStub::GetChange, get), FailsWith(code, "READ_NOT_RECORDED"));
  EXPECT_THAT(Call(&FeedStub::VerifyChanges, log::v1::VerifyChangesRequest()),
              FailsWith(code, "READ_NOT_RECORDED"));
  EXPECT_THAT(Watch("auditor"), FailsWith(code, "READ_NOT_RECORDED"));
  EXPECT_THAT(CallCheckpoints(&CheckpointStub::ExportChanges, log::v1::ExportChangesRequest()),
              FailsWith(code, "READ_NOT_RECORDED"));
  EXPECT_THAT(CallCheckpoints(&CheckpointStub::ListCheckpoints, log::v1::ListCheckpointsRequest()),
              FailsWith(code, "READ_NOT_RECORDED"));
  // Nobody else is kept from reading.
  EXPECT_THAT(Call(&FeedStub::ListChanges, log::v1::ListChangesRequest(), "chief"), IsOk());
  EXPECT_THAT(Watch("gateway"), IsOk());
}

TEST_P(LogReadsTest, LongTextsAreCutToWholeCharacters) {
  log::v1::ListChangesRequest list;
  list.set_subject(absl::StrCat("a", std::string(1, 'x')));
  for (int i = 0; i < 4000; ++i) list.mutable_subject()->append("é");
  EXPECT_THAT(Call(&FeedStub::ListChanges, list), IsOk());
  ASSERT_THAT(Records(), SizeIs(1));
  EXPECT_EQ(ReadOf(Records()[0]).subject(), list.subject().substr(0, 4096));
  list.mutable_subject()->insert(0, "b");
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(Call(&FeedStub::ListChanges, list), IsOk());
  ASSERT_THAT(Records(), SizeIs(2));
  EXPECT_EQ(ReadOf(Records()[1]).subject(), list.subject().substr(0, 4095));
}

}  // namespace
}  // namespace accord::feed
