// The change feed over a real server: from any revision, without a gap or a repeat,
// while writers run and across restarts of either side.
#include "common/feed/feed_service.h"
#include "common/feed/follower.h"
#include "common/rpc/channel.h"
#include "common/rpc/gate.h"
#include "common/rpc/server.h"
#include "common/testing/eventually.h"
#include "tests/contract/store_fixture.h"

namespace accord::feed {
namespace {

using accord::testing::FailsWith;
using accord::testing::IsOk;
using accord::testing::StatusIs;
using log::v1::Change;
using log::v1::WatchChangesRequest;
using log::v1::WatchChangesResponse;
using store::AgencyOf;
using store::AgreementOf;
using store::Creates;
using store::Increments;
using store::kPatience;
using store::Mutation;
using store::Position;
using store::Transaction;
using store::WriteSet;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Lets everybody in, as far as it says.
class ReachGate final : public rpc::Gate {
 public:
  explicit ReachGate(Reach reach) : reach_(std::move(reach)) {}
  absl::StatusOr<rpc::Admission> Admit(const rpc::Credentials&, absl::string_view,
                                       absl::Time) override {
    return rpc::Admission{{.actor = "id#u-1"}, reach_};
  }

 private:
  const Reach reach_;
};

rpc::RuntimeOptions Gated(rpc::Gate* gate) {
  rpc::RuntimeOptions options;
  options.gate = gate;
  return options;
}

// The store's feed, served.
class FeedServer {
 public:
  FeedServer(store::Store& store, FeedOptions options, int port = 0, rpc::Gate* gate = nullptr)
      : runtime_(Gated(gate)), feed_(store, runtime_, options) {
    rpc::ServerOptions server;
    server.listen = absl::StrCat("127.0.0.1:", port);
    server.insecure = true;
    server.balancer_wait = absl::ZeroDuration();
    auto started = rpc::Server::Start(
        server, {.runtime = runtime_,
                 .services = {{log::v1::ChangeFeed::service_full_name(), &feed_}},
                 .on_drain = [this] { feed_.EndStreams(); }});
    EXPECT_THAT(started, IsOk());
    if (started.ok()) server_ = *std::move(started);
  }

  int port() const { return server_->port(); }
  FeedService& feed() { return feed_; }

 private:
  rpc::Runtime runtime_;
  FeedService feed_;
  std::unique_ptr<rpc::Server> server_;  // Goes first.
};

// What a follower was given; checks the order as it comes.
class Received {
 public:
  explicit Received(int64_t after = 0, bool all = true) : last_(after), all_(all) {}

  absl::Status Take(const WatchChangesResponse& response) {
    std::lock_guard lock(mutex_);
    times_.push_back(absl::Now());
    if (refusals_ > 0 && !response.changes().empty()) {
      --refusals_;
      return absl::UnavailableError("not now");
    }
    for (const Change& change : response.changes()) {
      if (all_) {
        EXPECT_EQ(change.revision(), last_ + 1);
      }
      EXPECT_GT(change.revision(), last_);
      last_ = change.revision();
      changes_.push_back(change);
    }
    if (!response.changes().empty()) {
      const Change& last = *response.changes().rbegin();
      EXPECT_EQ(last.revision(), last.mutation_end()) << "a mutation was cut";
    }
    EXPECT_GE(response.head_revision(), response.revision());
    position_ = {response.log(), response.revision(), response.hash()};
    changed_.notify_all();
    return absl::OkStatus();
  }
  Follower::OnBatch OnBatch() {
    return [this](const WatchChangesResponse& response) { return Take(response); };
  }

  // True when the follower stands at `revision` in time.
  bool Reaches(int64_t revision, absl::Duration within = kPatience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, absl::ToChronoNanoseconds(within),
                             [&] { return position_.revision >= revision; });
  }
  // The times of at least `count` messages.
  std::vector<absl::Time> Times(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(kPatience),
                      [&] { return times_.size() >= count; });
    return times_;
  }
  void RefuseNext(int count) {
    std::lock_guard lock(mutex_);
    refusals_ = count;
  }
  std::vector<Change> changes() {
    std::lock_guard lock(mutex_);
    return changes_;
  }
  Position position() {
    std::lock_guard lock(mutex_);
    return position_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t last_;
  const bool all_;
  int refusals_ = 0;
  std::vector<Change> changes_;
  std::vector<absl::Time> times_;
  Position position_;
};

class FeedTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    Serve();
  }
  void TearDown() override { server_.reset(); }

  void Serve(FeedOptions options = {}, int port = 0) {
    server_.reset();
    server_ = std::make_unique<FeedServer>(*store_, options, port);
    if (port == 0) channel_ = NewChannel();
  }
  void RestartServer(FeedOptions options = {}) { Serve(options, server_->port()); }

  std::shared_ptr<grpc::Channel> NewChannel() {
    return *rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port()));
  }

  std::unique_ptr<Follower> Follow(Received& received, Position start = {},
                                   FollowerOptions options = {}) {
    return std::make_unique<Follower>(
        channel_, std::move(start), std::move(options), received.OnBatch(),
        [](const absl::Status& status) { ADD_FAILURE() << "forked: " << status; });
  }

  static FollowerOptions FilterOf(absl::string_view filter, bool omit_images) {
    FollowerOptions options;
    options.filter = std::string(filter);
    options.omit_images = omit_images;
    return options;
  }

  // Mutations of one to three Changes by four writers.
  void Write(int each, absl::string_view prefix = "w") {
    store::InParallel(4, [&](int writer) {
      for (int i = 0; i < each; ++i) {
        const std::string id = absl::StrCat(prefix, writer, "-", i);
        EXPECT_THAT(Mutate([&](Transaction&) -> absl::StatusOr<WriteSet> {
                      WriteSet writes;
                      writes.Create(AgencyOf(id));
                      for (int more = 0; more < i % 3; ++more) {
                        writes.Create(AgreementOf(absl::StrCat(id, "-", more), id));
                      }
                      return writes;
                    }),
                    IsOk());
      }
    });
  }

  // Opens a stream and reads until it ends.
  absl::Status StatusOfWatch(const WatchChangesRequest& request) {
    auto stub = log::v1::ChangeFeed::NewStub(channel_);
    grpc::ClientContext context;
    auto reader = stub->WatchChanges(&context, request);
    WatchChangesResponse response;
    while (reader->Read(&response)) {
    }
    return rpc::FromGrpcStatus(reader->Finish());
  }

  std::unique_ptr<FeedServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

INSTANTIATE_TEST_SUITE_P(Databases, FeedTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         store::DialectName);

TEST_P(FeedTest, GivesEveryRevisionOnceWhileWritersRun) {
  Received received;
  const auto follower = Follow(received);
  Write(50);
  ASSERT_TRUE(received.Reaches(Head().revision));
  EXPECT_THAT(received.changes(), SizeIs(Head().revision));
  EXPECT_EQ(received.position(), Head());
  // It moves on once the receiver has returned.
  EXPECT_TRUE(testing::Eventually([&] { return follower->position() == Head(); }));
  const std::vector<Change> log = AllChanges();
  const std::vector<Change> changes = received.changes();
  for (size_t i = 0; i < log.size(); ++i) {
    EXPECT_THAT(changes.at(i), accord::testing::ProtoEquals(log[i]));
  }
}

TEST_P(FeedTest, StartsInTheMiddle) {
  Write(10, "before");
  const Position middle = Head();
  Received received(middle.revision);
  const auto follower = Follow(received, middle);
  Write(10, "after");
  ASSERT_TRUE(received.Reaches(Head().revision));
  EXPECT_THAT(received.changes(), SizeIs(Head().revision - middle.revision));
}

TEST_P(FeedTest, FilterKeepsMutationsWhole) {
  for (const char* id : {"a1", "a2", "a3"}) {
    if (std::string(id) == "a2") {
      Do(Creates(AgencyOf(id), AgreementOf("g2", id)));
    } else {
      Do(Creates(AgencyOf(id)));
    }
  }
  Received received(0, /*all=*/false);
  const auto follower =
      Follow(received, {}, FilterOf("resource = \"agreements/g2\"", /*omit_images=*/true));
  ASSERT_TRUE(received.Reaches(4));
  const std::vector<Change> changes = received.changes();
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].resource(), "agencies/a2");
  EXPECT_EQ(changes[1].resource(), "agreements/g2");
  EXPECT_FALSE(changes[0].has_image());
  EXPECT_EQ(received.position(), Head());
}

TEST_P(FeedTest, HeartbeatsComeEveryHalfSecond) {
  Do(Creates(AgencyOf("a1")));
  Received received(1);
  const auto follower = Follow(received, Head());
  constexpr size_t kBeats = 5;
  // A busy machine may be late once; a feed that is late by design always is.
  bool punctual = false;
  for (size_t window = 1; window <= 4 && !punctual; ++window) {
    const std::vector<absl::Time> times = received.Times(window * kBeats + 1);
    punctual = true;
    for (size_t i = (window - 1) * kBeats; i < window * kBeats; ++i) {
      if (times.at(i + 1) - times.at(i) > absl::Milliseconds(500)) punctual = false;
    }
  }
  EXPECT_TRUE(punctual);
  EXPECT_THAT(received.changes(), IsEmpty());
  EXPECT_EQ(received.position(), Head());
}

TEST_P(FeedTest, HeartbeatCarriesTheHashOfItsRevision) {
  EXPECT_TRUE(store_->heads().Current().revision == 0);
  Do(Creates(AgencyOf("a1"), AgencyOf("a2")));
  Received received(1);
  // Knows the revision, not the hash.
  const auto follower = Follow(received, {"", 2, ""});
  ASSERT_TRUE(received.Reaches(2));
  EXPECT_EQ(received.position(), Head());
}

TEST_P(FeedTest, LongBacklogIsNotPacedByHeartbeats) {
  Write(100);
  const int64_t end = Head().revision;
  ASSERT_GT(end, 700);
  FeedOptions options;
  options.batch = 3;
  RestartServer(options);
  // 260 messages, then as many batches that the filter leaves out: many seconds, at a look
  // each.
  const absl::Duration bound = absl::Seconds(6);
  Received all;
  const auto follower = Follow(all);
  EXPECT_TRUE(all.Reaches(end, bound));
  Received none(0, /*all=*/false);
  const auto filtered = Follow(none, {}, FilterOf("resource = nothing", false));
  EXPECT_TRUE(none.Reaches(end, bound));
  EXPECT_THAT(none.changes(), IsEmpty());
}

TEST_P(FeedTest, BatchThatIsNotTakenComesAgain) {
  FeedOptions options;
  options.batch = 3;
  RestartServer(options);
  Write(10);
  Received received;
  received.RefuseNext(3);
  const auto follower = Follow(received);
  ASSERT_TRUE(received.Reaches(Head().revision));
  EXPECT_THAT(received.changes(), SizeIs(Head().revision));
}

TEST_P(FeedTest, ForkIsToldAndStopsTheFollower) {
  Write(3);
  Position other = Head();
  other.log_id = "anotherlog";
  Received received;
  std::promise<absl::Status> forked;
  Follower follower(channel_, other, {}, received.OnBatch(),
                    [&](const absl::Status& status) { forked.set_value(status); });
  auto told = forked.get_future();
  ASSERT_EQ(told.wait_for(absl::ToChronoNanoseconds(kPatience)), std::future_status::ready);
  EXPECT_THAT(told.get(), FailsWith(absl::StatusCode::kFailedPrecondition, "LOG_FORKED"));
  EXPECT_TRUE(follower.forked());
  EXPECT_EQ(follower.position(), other);
  EXPECT_THAT(received.changes(), IsEmpty());
}

TEST_P(FeedTest, BadRequestsAreRefused) {
  Write(1);
  WatchChangesRequest request;
  request.set_after_revision(-1);
  request.set_filter("nonsense = 1");
  const absl::Status bad = StatusOfWatch(request);
  EXPECT_THAT(bad, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  request.Clear();
  request.set_after_revision(1000);
  EXPECT_THAT(StatusOfWatch(request), FailsWith(absl::StatusCode::kOutOfRange, "REVISION_AHEAD"));
  request.set_after_revision(1);
  request.set_hash("another");
  EXPECT_THAT(StatusOfWatch(request),
              FailsWith(absl::StatusCode::kFailedPrecondition, "LOG_FORKED"));
}

TEST_P(FeedTest, ServerMayRestart) {
  Received received;
  const auto follower = Follow(received);
  for (int round = 0; round < 3; ++round) {
    std::thread writers([&] { Write(15, absl::StrCat("r", round)); });
    EXPECT_TRUE(received.Reaches(received.position().revision + 1));
    RestartServer();
    writers.join();
  }
  ASSERT_TRUE(received.Reaches(Head().revision));
  EXPECT_THAT(received.changes(), SizeIs(Head().revision));
}

TEST_P(FeedTest, FollowerMayRestart) {
  std::atomic<bool> done = false;
  std::thread writers([&] {
    Write(60);
    done = true;
  });
  Received received;
  // Each follower starts where what the one before it delivered ends.
  do {
    const auto follower = Follow(received, received.position());
    received.Reaches(received.position().revision + 1);
  } while (!done);
  writers.join();
  const auto last = Follow(received, received.position());
  ASSERT_TRUE(received.Reaches(Head().revision));
  EXPECT_THAT(received.changes(), SizeIs(Head().revision));
}

TEST_P(FeedTest, EndedStreamsSayUnavailable) {
  auto stub = log::v1::ChangeFeed::NewStub(channel_);
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<WatchChangesResponse>>> readers;
  for (int i = 0; i < 5; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    readers.push_back(stub->WatchChanges(contexts.back().get(), {}));
    WatchChangesResponse first;
    ASSERT_TRUE(readers.back()->Read(&first));
  }
  server_->feed().EndStreams();
  for (auto& reader : readers) {
    WatchChangesResponse rest;
    while (reader->Read(&rest)) {
    }
    EXPECT_THAT(rpc::FromGrpcStatus(reader->Finish()),
                FailsWith(absl::StatusCode::kUnavailable, "SHUTTING_DOWN"));
  }
  EXPECT_THAT(StatusOfWatch({}), FailsWith(absl::StatusCode::kUnavailable, "SHUTTING_DOWN"));
}

TEST_P(FeedTest, FiftyWatchersAreFed) {
  constexpr int kWatchers = 50;
  std::vector<std::unique_ptr<Received>> received;
  std::vector<std::unique_ptr<Follower>> followers;
  for (int i = 0; i < kWatchers; ++i) {
    received.push_back(std::make_unique<Received>());
    followers.push_back(Follow(*received.back()));
  }
  Write(25);
  for (auto& each : received) {
    EXPECT_TRUE(each->Reaches(Head().revision));
    EXPECT_THAT(each->changes(), SizeIs(Head().revision));
  }
  store::InParallel(kWatchers, [&](int i) { followers[i].reset(); });
}

TEST_P(FeedTest, ErasedImageIsNotServedFromMemory) {
  Write(2);
  const auto first_of_all = [&] {
    Received received;
    const auto follower = Follow(received);
    EXPECT_TRUE(received.Reaches(Head().revision));
    const std::vector<Change> changes = received.changes();
    return changes.empty() ? Change() : changes.front();
  };
  // What was read stays in memory for a heartbeat, if nothing is erased.
  Serve({.heartbeat = absl::Hours(1)});
  EXPECT_TRUE(first_of_all().has_image());
  ASSERT_THAT(store_->RedactImage(1), IsOk());
  EXPECT_TRUE(first_of_all().image_redacted());
}

TEST_P(FeedTest, ImageErasedByAnotherReplicaIsForgottenWithinAHeartbeat) {
  Write(2);
  {
    Received received;
    const auto follower = Follow(received);
    ASSERT_TRUE(received.Reaches(Head().revision));
    EXPECT_TRUE(received.changes().at(0).has_image());
  }
  ASSERT_THAT(OpenStore()->RedactImage(1), IsOk());
  const absl::Time end = absl::Now() + kPatience;
  bool erased = false;
  while (!erased && absl::Now() < end) {
    Received received;
    const auto follower = Follow(received);
    ASSERT_TRUE(received.Reaches(Head().revision));
    erased = received.changes().at(0).image_redacted();
  }
  EXPECT_TRUE(erased);
}

TEST_P(FeedTest, UnaryMethodsAnswerFromTheLog) {
  Write(2);
  auto stub = log::v1::ChangeFeed::NewStub(channel_);
  using Stub = log::v1::ChangeFeed::Stub;
  const auto log = rpc::CallUnary(*stub, &Stub::GetLog, {});
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ(log->service(), "agreements");
  EXPECT_EQ((Position{log->id(), log->revision(), log->hash()}), Head());
  log::v1::GetChangeRequest get;
  get.set_name("changes/2");
  EXPECT_EQ(rpc::CallUnary(*stub, &Stub::GetChange, get)->revision(), 2);
  EXPECT_EQ(rpc::CallUnary(*stub, &Stub::ListChanges, {})->changes_size(), Head().revision);
  EXPECT_TRUE(rpc::CallUnary(*stub, &Stub::VerifyChanges, {})->intact());
}

TEST_P(FeedTest, WhoMaySeeAPartReadsWhatHappenedToOneResource) {
  Write(2);
  ReachGate gate({.agencies = {"agencies/w0-0"}});
  server_ = std::make_unique<FeedServer>(*store_, FeedOptions(), 0, &gate);
  channel_ = NewChannel();
  auto stub = log::v1::ChangeFeed::NewStub(channel_);
  using Stub = log::v1::ChangeFeed::Stub;
  constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
  constexpr auto kNotFound = absl::StatusCode::kNotFound;
  // The log as a whole is not for them.
  EXPECT_THAT(rpc::CallUnary(*stub, &Stub::GetLog, {}), FailsWith(kDenied, "REACH_TOO_SMALL"));
  EXPECT_THAT(rpc::CallUnary(*stub, &Stub::VerifyChanges, {}),
              FailsWith(kDenied, "REACH_TOO_SMALL"));
  EXPECT_THAT(StatusOfWatch({}), FailsWith(kDenied, "REACH_TOO_SMALL"));
  EXPECT_THAT(rpc::CallUnary(*stub, &Stub::ListChanges, {}), FailsWith(kDenied, "REACH_TOO_SMALL"));

  log::v1::ListChangesRequest list;
  list.set_subject("agencies/w0-0");
  const auto changes = rpc::CallUnary(*stub, &Stub::ListChanges, list);
  ASSERT_THAT(changes, IsOk());
  ASSERT_THAT(changes->changes(), SizeIs(1));
  log::v1::GetChangeRequest get;
  get.set_name(changes->changes(0).name());
  EXPECT_THAT(rpc::CallUnary(*stub, &Stub::GetChange, get), IsOk());
  list.set_subject("agencies/w1-0");
  EXPECT_THAT(rpc::CallUnary(*stub, &Stub::ListChanges, list),
              FailsWith(kNotFound, "RESOURCE_NOT_FOUND"));
  for (const Change& change : AllChanges()) {
    if (change.resource() != "agencies/w1-0") continue;
    get.set_name(change.name());
    EXPECT_THAT(rpc::CallUnary(*stub, &Stub::GetChange, get),
                FailsWith(kNotFound, "CHANGE_NOT_FOUND"));
  }
  server_.reset();  // Before its gate.
}

// One process alone writes a SQLite file.
class FeedReplicaTest : public FeedTest {};

INSTANTIATE_TEST_SUITE_P(Databases, FeedReplicaTest, ::testing::Values(sql::Dialect::kPostgres),
                         store::DialectName);

TEST_P(FeedReplicaTest, OtherReplicasCommitsAreFed) {
  Received received;
  const auto follower = Follow(received);
  const auto replica = OpenStore();
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(replica->Mutate(By("Test"), Creates(AgencyOf(absl::StrCat("a", i)))), IsOk());
  }
  EXPECT_TRUE(received.Reaches(20));
}

}  // namespace
}  // namespace accord::feed
