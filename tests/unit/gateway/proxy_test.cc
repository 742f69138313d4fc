#include "services/gateway/proxy.h"

#include <grpcpp/generic/generic_stub.h>

#include "tests/unit/gateway/gateway_harness.h"

namespace accord::gateway {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kGetAgency[] = "/accord.agreements.v1.Agreements/GetAgency";

// One bidirectional call of raw messages, made step by step.
class RawCall final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method)
      : stub_(channel) {
    stub_.PrepareBidiStreamingCall(&context, method, grpc::StubOptions(), this);
    AddHold();
    StartRead(&response_);
    StartCall();
  }
  // No message, and none to come.
  void HalfClose() {
    StartWritesDone();
    RemoveHold();
  }
  void Cancel() {
    context.TryCancel();
    RemoveHold();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    ++messages;
    StartRead(&response_);
  }
  void OnDone(const grpc::Status& status) override { done_.set_value(rpc::FromGrpcStatus(status)); }
  absl::Status Wait() { return done_.get_future().get(); }

  grpc::ClientContext context;
  std::atomic<int> messages = 0;

 private:
  grpc::GenericStub stub_;
  grpc::ByteBuffer response_;
  std::promise<absl::Status> done_;
};

class ProxyTest : public GatewayTest {
 protected:
  void StartProxy() {
    fake.record.Put(MakeAgency("agencies/1", "Alpha"));
    Start(/*with_feed=*/false);
    passed = av1::Agreements::NewStub(channel);
    log = log::v1::ChangeFeed::NewStub(channel);
  }
  absl::StatusOr<av1::Agency> Get(const std::string& name, const rpc::CallOptions& options = {}) {
    av1::GetAgencyRequest request;
    request.set_name(name);
    return rpc::CallUnary(*passed, &av1::Agreements::Stub::GetAgency, request, options, &revisions);
  }
  static rpc::CallOptions ToService(const std::string& name) {
    return {.metadata = {{"accord-service", name}}};
  }

  std::unique_ptr<av1::Agreements::Stub> passed;
  std::unique_ptr<log::v1::ChangeFeed::Stub> log;
};

TEST_F(ProxyTest, PassesACallAndItsMetadataThrough) {
  std::string actor, client, traceparent, request_id;
  absl::Time deadline;
  fake.agreements.before = [&](rpc::Call& call) {
    actor = call.caller().actor;
    client = call.caller().client;
    traceparent = call.traceparent();
    request_id = call.request_id();
    deadline = call.deadline();
    return absl::OkStatus();
  };
  StartProxy();
  const std::string trace = rpc::NewTraceparent();
  const absl::Time begun = absl::Now();
  const auto agency = Get("agencies/1", {.timeout = absl::Seconds(30),
                                         .metadata = {{rpc::kActorKey, "kim"},
                                                      {rpc::kClientKey, "accordctl/1"},
                                                      {rpc::kRequestIdKey, "r-1"},
                                                      {rpc::kTraceparentKey, trace}}});
  ASSERT_THAT(agency, IsOk());
  EXPECT_EQ(agency->display_name(), "Alpha");
  EXPECT_THAT(revisions, ElementsAre("agreements@L1:1"));
  EXPECT_EQ(actor, "unverified:kim");
  EXPECT_EQ(client, "accordctl/1");
  EXPECT_EQ(traceparent, trace);
  EXPECT_EQ(request_id, "r-1");
  EXPECT_GT(deadline, begun + absl::Seconds(20)) << "the service's default is 10 s";
  EXPECT_LT(deadline, begun + absl::Seconds(40)) << "on the wire it is rounded";
}

TEST_F(ProxyTest, InitialMetadataComesBack) {
  StartProxy();
  grpc::ClientContext context;
  context.AddMetadata(rpc::kRequestIdKey, "r-2");
  av1::GetAgencyRequest request;
  request.set_name("agencies/1");
  av1::Agency agency;
  ASSERT_TRUE(passed->GetAgency(&context, request, &agency).ok());
  const auto& initial = context.GetServerInitialMetadata();
  ASSERT_EQ(initial.count(rpc::kRequestIdKey), 1u);
  EXPECT_EQ(initial.find(rpc::kRequestIdKey)->second, "r-2");
}

TEST_F(ProxyTest, AnErrorComesBackWithItsDetailsAndRevision) {
  StartProxy();
  const auto agency = Get("agencies/none");
  EXPECT_THAT(agency, FailsWith(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_EQ(GetErrorInfo(agency.status())->metadata().at("name"), "agencies/none");
  EXPECT_THAT(revisions, ElementsAre("agreements@L1:1"));
}

TEST_F(ProxyTest, AServiceThatIsDownIsNamedAtOnce) {
  StartProxy();
  fake.Stop();
  const absl::Time begun = absl::Now();
  const auto agency = Get("agencies/1", {.timeout = absl::Seconds(60)});
  EXPECT_THAT(agency, FailsWith(absl::StatusCode::kUnavailable, "SERVICE_UNREACHABLE"));
  EXPECT_EQ(GetErrorInfo(agency.status())->metadata().at("service"), "agreements");
  EXPECT_LT(absl::Now() - begun, absl::Seconds(20));
}

TEST_F(ProxyTest, ADeadlineEndsTheServicesWork) {
  std::atomic<bool> cancelled = false;
  fake.agreements.before = [&](rpc::Call& call) {
    cancelled = Eventually([&] { return call.Cancelled(); });
    return absl::OkStatus();
  };
  StartProxy();
  EXPECT_THAT(Get("agencies/1", {.timeout = absl::Milliseconds(200)}),
              testing::StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(Eventually([&] { return cancelled.load(); }));
}

TEST_F(ProxyTest, AClientThatLeavesEndsTheServicesWork) {
  std::atomic<bool> begun = false, cancelled = false;
  fake.agreements.before = [&](rpc::Call& call) {
    begun = true;
    cancelled = Eventually([&] { return call.Cancelled(); });
    return absl::OkStatus();
  };
  StartProxy();
  grpc::ClientContext context;
  av1::GetAgencyRequest request;
  av1::Agency agency;
  std::promise<grpc::Status> done;
  passed->async()->GetAgency(&context, &request, &agency,
                             [&](grpc::Status status) { done.set_value(status); });
  ASSERT_TRUE(Eventually([&] { return begun.load(); }));
  context.TryCancel();
  EXPECT_EQ(done.get_future().get().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Eventually([&] { return cancelled.load(); }));
}

// An empty ByteBuffer that is passed on by mistake ends the process.
TEST_F(ProxyTest, AClientThatSendsNothingDoesNoHarm) {
  StartProxy();
  for (int i = 0; i < 20; ++i) {
    RawCall silent(channel, kGetAgency);
    silent.HalfClose();
    EXPECT_FALSE(silent.Wait().ok());
    RawCall gone(channel, kGetAgency);
    gone.Cancel();
    EXPECT_THAT(gone.Wait(), testing::StatusIs(absl::StatusCode::kCancelled));
  }
  EXPECT_THAT(Get("agencies/1"), IsOk());
}

TEST_F(ProxyTest, PassesAStreamThroughUntilItsClientLeaves) {
  StartProxy();
  grpc::ClientContext context;
  context.AddMetadata("accord-service", "agreements");
  log::v1::WatchChangesResponse response;
  const auto reader = log->WatchChanges(&context, {});
  int64_t heard = 0;
  const auto hear = [&](int64_t revision) {
    while (heard < revision && reader->Read(&response)) {
      for (const auto& change : response.changes()) {
        EXPECT_EQ(change.revision(), heard + 1) << "in order, without a gap";
        heard = change.revision();
      }
    }
    EXPECT_EQ(heard, revision);
  };
  hear(1);
  for (int i = 2; i <= 30; ++i) fake.record.Put(MakeAgency(absl::StrCat("agencies/", i)));
  hear(30);
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Eventually([this] { return fake.feed.watching() == 0; }));
}

TEST_F(ProxyTest, TheEndOfAStreamComesBack) {
  StartProxy();
  grpc::ClientContext context;
  context.AddMetadata("accord-service", "agreements");
  log::v1::WatchChangesRequest request;
  request.set_log("another");
  log::v1::WatchChangesResponse response;
  const auto reader = log->WatchChanges(&context, request);
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(rpc::FromGrpcStatus(reader->Finish()),
              FailsWith(absl::StatusCode::kFailedPrecondition, "LOG_FORKED"));
}

TEST_F(ProxyTest, ALateReaderOfALargeStreamLosesNothing) {
  StartProxy();
  av1::Agency large = MakeAgency("agencies/large");
  large.set_county(std::string(1 << 20, 'x'));
  grpc::ClientContext context;
  context.AddMetadata("accord-service", "agreements");
  log::v1::WatchChangesResponse response;
  const auto reader = log->WatchChanges(&context, {});
  ASSERT_TRUE(reader->Read(&response));
  ASSERT_TRUE(Eventually([this] { return fake.feed.watching() == 1; }));
  for (int i = 0; i < 20; ++i) fake.record.Put(large);
  int64_t heard = 0;
  while (heard < 21 && reader->Read(&response)) heard = response.revision();
  EXPECT_EQ(heard, 21);
  context.TryCancel();
  reader->Finish();
}

TEST_F(ProxyTest, TheLogOfAServiceIsNamedInMetadata) {
  StartProxy();
  const auto get = [this](const rpc::CallOptions& options) {
    return rpc::CallUnary(*log, &log::v1::ChangeFeed::Stub::GetLog, {}, options);
  };
  const auto head = get(ToService("agreements"));
  ASSERT_THAT(head, IsOk());
  EXPECT_EQ(head->id(), "L1");
  const auto missing = get({});
  EXPECT_THAT(missing, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  google::rpc::BadRequest bad;
  bad.ParseFromString(
      std::string(*missing.status().GetPayload("type.googleapis.com/google.rpc.BadRequest")));
  EXPECT_EQ(bad.field_violations(0).field(), "accord-service");
  EXPECT_THAT(get(ToService("weather")), FailsWith(absl::StatusCode::kNotFound, "SERVICE_UNKNOWN"));
}

TEST_F(ProxyTest, AnyOtherMethodIsUnimplemented) {
  StartProxy();
  for (const char* method : {"/accord.training.v1.Training/GetOfficer", "/x/y", "/nonsense"}) {
    RawCall call(channel, method);
    call.HalfClose();
    EXPECT_THAT(call.Wait(), FailsWith(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN"))
        << method;
  }
}

TEST_F(ProxyTest, DrainingEndsStreamsAndTellsThemToComeAgain) {
  StartProxy();
  grpc::ClientContext context;
  context.AddMetadata("accord-service", "agreements");
  log::v1::WatchChangesResponse response;
  const auto reader = log->WatchChanges(&context, {});
  ASSERT_TRUE(reader->Read(&response));
  proxy->EndStreams();
  while (reader->Read(&response)) {
  }
  EXPECT_THAT(rpc::FromGrpcStatus(reader->Finish()),
              FailsWith(absl::StatusCode::kUnavailable, "SHUTTING_DOWN"));
  grpc::ClientContext late;
  late.AddMetadata("accord-service", "agreements");
  EXPECT_THAT(rpc::FromGrpcStatus(log->WatchChanges(&late, {})->Finish()),
              FailsWith(absl::StatusCode::kUnavailable, "SHUTTING_DOWN"));
  EXPECT_THAT(Get("agencies/1"), IsOk()) << "calls go on";
}

TEST_F(ProxyTest, CountsByMethodAndCodeAndNotByWhatCallersMakeUp) {
  StartProxy();
  Get("agencies/1").IgnoreError();
  RawCall unknown(channel, "/made/up");
  unknown.HalfClose();
  (void)unknown.Wait();
  ASSERT_TRUE(Eventually([this] { return Metric("accord_gateway_passed_total") == 2; }));
  std::set<std::string> methods;
  for (const auto& family : runtime.metrics()->Collect()) {
    if (family.name != "accord_gateway_passed_total") continue;
    for (const auto& metric : family.metric) {
      for (const auto& label : metric.label) {
        if (label.name == "method") methods.insert(label.value);
      }
    }
  }
  EXPECT_THAT(methods, ElementsAre("accord.agreements.v1.Agreements/GetAgency", "other"));
}

}  // namespace
}  // namespace accord::gateway
