// Certificates and token keys are replaced while clients read, write and connect: no call
// fails, and what was replaced is no longer good at the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/crypto.h"
#include "common/policy/text_file.h"
#include "common/rpc/tls_credentials.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "tests/integration/identities.h"

namespace accord::testing {
namespace {

namespace av1 = agreements::v1;
namespace gv1 = gateway::v1;
using auth::TestKey;
using auth::TestToken;

constexpr absl::Duration kNoticed = absl::Seconds(60);

absl::StatusOr<av1::Agency> Create(const std::shared_ptr<grpc::Channel>& channel,
                                   const rpc::CallOptions& options) {
  av1::CreateAgencyRequest request;
  request.mutable_agency()->set_display_name("Demo Port");
  request.mutable_agency()->set_state("FL");
  request.mutable_agency()->set_kind(av1::Agency::COUNTY);
  request.mutable_agency()->set_fictitious(true);
  return rpc::CallUnary(*av1::Agreements::NewStub(channel), &av1::Agreements::Stub::CreateAgency,
                        request, options);
}

absl::Status ReadStatus(const std::shared_ptr<grpc::Channel>& channel, const std::string& agency,
                        const rpc::CallOptions& options) {
  gv1::GetAgencyStatusRequest request;
  request.set_agency(agency);
  return rpc::CallUnary(*gv1::Gateway::NewStub(channel), &gv1::Gateway::Stub::GetAgencyStatus,
                        request, options)
      .status();
}

absl::Status ReadAgency(const std::shared_ptr<grpc::Channel>& channel, const std::string& agency,
                        const rpc::CallOptions& options) {
  av1::GetAgencyRequest request;
  request.set_name(agency);
  return rpc::CallUnary(*av1::Agreements::NewStub(channel), &av1::Agreements::Stub::GetAgency,
                        request, options)
      .status();
}

absl::Status Write(const std::shared_ptr<grpc::Channel>& channel, const std::string& agency,
                   int number, const rpc::CallOptions& options) {
  av1::UpdateAgencyRequest request;
  request.mutable_agency()->set_name(agency);
  request.mutable_agency()->set_county(absl::StrCat("Example ", number));
  request.mutable_update_mask()->add_paths("county");
  request.set_request_id(NewUuid());
  return rpc::CallUnary(*av1::Agreements::NewStub(channel), &av1::Agreements::Stub::UpdateAgency,
                        request, options)
      .status();
}

// Clients that read and write through the gateway from their making until they are stopped,
// and connect anew after every few calls. None of them tries anything twice.
class Load {
 public:
  Load(const GatedSuite& suite, std::string agency, std::string token)
      : suite_(suite), agency_(std::move(agency)), token_(std::move(token)) {
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this, i] { Run(i); });
  }
  ~Load() { Stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // What the calls from now on bring.
  void UseToken(const std::string& token) {
    std::lock_guard lock(mutex_);
    token_ = token;
  }
  // Whether so many more calls were made in time.
  bool AwaitCalls(int more) {
    std::unique_lock lock(mutex_);
    const int64_t wanted = calls_ + more;
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return calls_ >= wanted; });
  }
  void Stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  // Once stopped.
  int64_t calls() const { return calls_; }
  int64_t writes() const { return writes_; }
  int64_t connections() const { return connections_; }
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  static constexpr int kThreads = 4;
  static constexpr int kCallsOfAConnection = 10;
  static constexpr std::chrono::milliseconds kPause{5};

  void Run(int thread) {
    std::shared_ptr<grpc::Channel> channel;
    for (int i = 0; Pause(); ++i) {
      const bool anew = i % kCallsOfAConnection == 0;
      if (anew) channel = suite_.Connect();
      const int kind = (i + thread) % 3;
      const rpc::CallOptions options = GatedSuite::WithToken(token());
      Count(kind == 0   ? Write(channel, agency_, i, options)
            : kind == 1 ? ReadAgency(channel, agency_, options)
                        : ReadStatus(channel, agency_, options),
            kind == 0, anew);
    }
  }
  std::string token() {
    std::lock_guard lock(mutex_);
    return token_;
  }
  // The clients must not keep the machine busy. False when it is time to stop.
  bool Pause() {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, kPause, [this] { return stopping_; });
  }
  void Count(const absl::Status& status, bool write, bool anew) {
    std::lock_guard lock(mutex_);
    ++calls_;
    if (write) ++writes_;
    if (anew) ++connections_;
    if (!status.ok())
      failures_.push_back(absl::StrCat(absl::FormatTime(absl::Now()), " ", status.ToString()));
    changed_.notify_all();
  }

  const GatedSuite& suite_;
  const std::string agency_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string token_;  // Guarded by mutex_, as all below.
  bool stopping_ = false;
  int64_t calls_ = 0;
  int64_t writes_ = 0;
  int64_t connections_ = 0;
  std::vector<std::string> failures_;
  std::vector<std::thread> threads_;
};

// Where one caller may call as often as a test wants.
policy::v1::AccessFile WithoutLimits() {
  policy::v1::AccessFile file = ReadAccess();
  file.clear_caller_limits();
  return file;
}

class RotationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(suite.Start(), IsOk());
    const auto created = Create(suite.Connect(), suite.As("chief"));
    ASSERT_THAT(created, IsOk());
    agency = created->name();
  }

  // A connection of its own, with these files.
  std::shared_ptr<grpc::Channel> Connect(const Program& program, const rpc::TlsFiles& files) const {
    rpc::ChannelOptions options;
    options.tls = files;
    return rpc::MakeChannel(program.address(), options).value();
  }
  static void ExpectNoneFailed(Load& load) {
    load.Stop();
    std::cout << load.calls() << " calls, " << load.writes() << " of them writes, on "
              << load.connections() << " connections\n";
    EXPECT_THAT(load.failures(), ::testing::IsEmpty());
    EXPECT_GT(load.writes(), 0);
  }

  GatedSuite suite{{.access = WithoutLimits(), .bindings = {Bound("chief", "unit_chief")}}};
  std::string agency;
};

// Certificates of two authorities, and what is used on the way from one to the other.
class CertificateRotationTest : public RotationTest {
 protected:
  void SetUp() override {
    RotationTest::SetUp();
    if (HasFatalFailure()) return;
    for (const char* name : {"agreements", "gateway"}) next.Sign(name);
    const auto text = [](const std::string& path) { return ReadPolicyFile(path).value(); };
    const std::string both = text(suite.authority().File("ca.pem")) + text(next.File("ca.pem"));
    for (const char* folder : {"trusting", "switched"}) {
      const bool switched = std::string(folder) == "switched";
      std::filesystem::copy(switched ? suite.File("next") : suite.File("first"),
                            suite.File(folder));
      WriteFile(suite.File(absl::StrCat(folder, "/ca.pem")), both);
    }
  }

  // What a client of agreements shows and trusts.
  rpc::TlsFiles Files(const Authority& shown, const Authority& trusted) const {
    return {.cert = shown.File("gateway.pem"),
            .key = shown.File("gateway.key"),
            .ca = trusted.File("ca.pem")};
  }
  absl::Status AtService(const rpc::TlsFiles& files) const {
    return ReadAgency(Connect(suite.agreements, files), agency, {});
  }
  absl::Status AtGateway(const Authority& trusted) const {
    return ReadAgency(Connect(suite.gateway, {.ca = trusted.File("ca.pem")}), agency,
                      suite.As("chief"));
  }

  const Authority next{suite.File("next")};
};

TEST_F(CertificateRotationTest, NoCallFails) {
  const Authority& first = suite.authority();
  ASSERT_THAT(AtService(Files(first, first)), IsOk());
  ASSERT_THAT(AtService(Files(next, first)), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_THAT(AtGateway(next), StatusIs(absl::StatusCode::kUnavailable));
  Load load(suite, agency, suite.TokenOf("chief"));
  ASSERT_TRUE(load.AwaitCalls(100));

  // Everybody trusts both authorities, before anybody shows what the new one signed.
  suite.UseCertificates(suite.File("trusting"));
  const absl::Time replaced = absl::Now();
  ASSERT_TRUE(Eventually([&] { return AtService(Files(next, first)).ok(); }, kNoticed));
  // What the gateway trusts the service by shows nowhere, but it has been read by then.
  const auto everybody_has_read = [&] {
    return absl::Now() - replaced > absl::Seconds(rpc::kTlsReloadSeconds + 1);
  };
  ASSERT_TRUE(Eventually(everybody_has_read, kNoticed));

  suite.UseCertificates(suite.File("switched"));
  ASSERT_TRUE(Eventually([&] { return AtGateway(next).ok(); }, kNoticed));
  ASSERT_TRUE(Eventually([&] { return AtService(Files(first, next)).ok(); }, kNoticed));

  suite.UseCertificates(suite.File("next"));
  ASSERT_TRUE(Eventually([&] { return !AtService(Files(first, next)).ok(); }, kNoticed));
  ASSERT_TRUE(load.AwaitCalls(100));
  ExpectNoneFailed(load);

  EXPECT_THAT(AtGateway(next), IsOk());
  EXPECT_THAT(AtService(Files(next, next)), IsOk());
  EXPECT_THAT(AtGateway(first), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(AtService(Files(next, first)), StatusIs(absl::StatusCode::kUnavailable));
  // A service that knows the new authority only: the gateway must connect to it anew.
  ASSERT_EQ(suite.agreements.Terminate(), 0);
  ASSERT_THAT(suite.agreements.Start(), IsOk());
  EXPECT_TRUE(Eventually([&] { return AtGateway(next).ok(); }, kNoticed));
}

TEST_F(RotationTest, TokenKeysAreReplacedAndNoCallFails) {
  const TestKey next(R_KEY_TYPE_EDDSA, 256, "k2");
  TestToken made(absl::Now());
  const std::string new_token =
      made.Set("iss", kIssuer).Set("sub", "chief").Signed(R_JWA_ALG_EDDSA, next.signing());
  const std::string old_token = suite.TokenOf("chief");
  // At the gateway itself, through it, and at the service.
  const auto outcomes = [&](const std::string& token) {
    const rpc::CallOptions options = GatedSuite::WithToken(token);
    return std::vector<absl::Status>{ReadStatus(suite.Connect(), agency, options),
                                     ReadAgency(suite.Connect(), agency, options),
                                     ReadAgency(suite.ConnectDirectly(), agency, options)};
  };
  const auto all_are = [&](const std::string& token, const auto& matcher) {
    const auto all = ::testing::Each(matcher);
    return Eventually([&] { return ::testing::Value(outcomes(token), all); }, kNoticed);
  };
  const auto unknown = FailsWith(absl::StatusCode::kUnauthenticated, "TOKEN_KEY_UNKNOWN");
  ASSERT_TRUE(all_are(new_token, unknown));
  Load load(suite, agency, old_token);
  ASSERT_TRUE(load.AwaitCalls(100));

  suite.PublishKeys({suite.key().PublicJson(), next.PublicJson()});
  ASSERT_TRUE(all_are(new_token, IsOk()));
  EXPECT_THAT(outcomes(old_token), ::testing::Each(IsOk()));
  load.UseToken(new_token);
  ASSERT_TRUE(load.AwaitCalls(100));

  suite.PublishKeys({next.PublicJson()});
  ASSERT_TRUE(all_are(old_token, unknown));
  ASSERT_TRUE(load.AwaitCalls(100));
  ExpectNoneFailed(load);
  EXPECT_THAT(outcomes(new_token), ::testing::Each(IsOk()));
}

}  // namespace
}  // namespace accord::testing
