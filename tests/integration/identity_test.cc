// Real programs that ask who calls: a gateway that knows people by their tokens, and an
// agreements service that takes connections from services only, over mutual TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "accord/access/v1/access.grpc.pb.h"
#include "common/testing/eventually.h"
#include "common/testing/http_server.h"
#include "common/testing/matchers.h"
#include "tests/integration/suite.h"
#include "tests/unit/auth/token_maker.h"

namespace accord::testing {
namespace {

namespace av1 = agreements::v1;
namespace xv1 = access::v1;
namespace gv1 = gateway::v1;
using auth::TestKey;
using auth::TestToken;

constexpr char kIssuer[] = "https://id.example";
constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

constexpr char kBindings[] = R"pb(
  bindings { issuer: "https://id.example" subject: "chief" role: "unit_chief" }
  bindings { issuer: "https://id.example" subject: "director" role: "ice_director" }
  bindings { issuer: "https://id.example" subject: "auditor" role: "auditor" }
  bindings {
    issuer: "https://id.example"
    subject: "miami"
    role: "field_pm"
    field_offices: "fieldOffices/miami"
  }
  bindings { issuer: "spiffe" subject: "spiffe://accord/service/gateway" role: "service" }
)pb";

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// An authority and what it signs, made with openssl.
class Certificates {
 public:
  Certificates() {
    Run({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
         "2", "-subj", "/CN=test authority", "-keyout", File("ca.key"), "-out", File("ca.pem")});
  }
  // For 127.0.0.1, and for the service's name.
  void Sign(const std::string& name) const {
    Run({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
         absl::StrCat("/CN=", name), "-keyout", File(name + ".key"), "-out", File(name + ".csr")});
    Write(File(name + ".ext"), absl::StrCat("subjectAltName=IP:127.0.0.1,DNS:localhost,",
                                            "URI:spiffe://accord/service/", name, "\n"));
    Run({"x509", "-req", "-in", File(name + ".csr"), "-CA", File("ca.pem"), "-CAkey",
         File("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", File(name + ".ext"), "-out",
         File(name + ".pem")});
  }
  std::string File(const std::string& name) const { return dir_.File(name); }

 private:
  static void Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "/usr/bin/openssl");
    const auto output = RunCommand(arguments);
    ASSERT_TRUE(output.ok()) << output.status();
    ASSERT_EQ(output->exit_code, 0) << output->err;
  }

  const TempDir dir_;
};

class IdentityTest : public ::testing::Test {
 protected:
  static std::string AccessPath() {
    return absl::StrCat(ACCORD_SOURCE_DIR, "/deploy/policy/access.textproto");
  }

  void SetUp() override {
    for (const char* name : {"agreements", "gateway", "stranger"}) certificates.Sign(name);
    Write(File("keys.json"), auth::SetOf({key.PublicJson()}));
    Bind("");
    const std::vector<std::string> gate = GateFlags(File("keys.json"));
    std::vector<std::string> agreements_flags = {
        "--store",         absl::StrCat("sqlite:", File("agreements.db")),
        "--policy",        PolicyPath(),
        "--tls-cert",      File("agreements.pem"),
        "--tls-key",       File("agreements.key"),
        "--tls-client-ca", File("ca.pem")};
    agreements_flags.insert(agreements_flags.end(), gate.begin(), gate.end());
    agreements = std::make_unique<Program>("accord-agreements", agreements_flags);
    ASSERT_THAT(agreements->Start(), IsOk());
    gateway = std::make_unique<Program>("accord-gateway", GatewayFlags(gate));
    ASSERT_THAT(gateway->Start(), IsOk());
    channel = rpc::MakeChannel(gateway->address()).value();
  }

  // Who has which role, besides those above; from the next start.
  void Bind(const std::string& more) const {
    Write(File("bindings"), absl::StrCat(kBindings, more));
  }

  std::string File(const std::string& name) const { return certificates.File(name); }
  std::vector<std::string> GateFlags(const std::string& keys) const {
    return {"--access",       AccessPath(), "--bindings",   File("bindings"),
            "--token-issuer", kIssuer,      "--token-keys", keys};
  }
  std::vector<std::string> GatewayFlags(const std::vector<std::string>& gate) const {
    std::vector<std::string> flags = {
        "--agreements",      agreements->address(), "--agreements-ca",  File("ca.pem"),
        "--agreements-cert", File("gateway.pem"),   "--agreements-key", File("gateway.key"),
        "--policy",          PolicyPath()};
    flags.insert(flags.end(), gate.begin(), gate.end());
    return flags;
  }
  static absl::StatusOr<xv1::WhoAmIResponse> WhoAmI(const std::shared_ptr<grpc::Channel>& channel,
                                                    const rpc::CallOptions& options) {
    return rpc::CallUnary(*xv1::Access::NewStub(channel), &xv1::Access::Stub::WhoAmI, {}, options);
  }
  rpc::CallOptions As(const std::string& subject) const {
    TestToken token(absl::Now());
    token.Set("iss", kIssuer).Set("sub", subject);
    return WithToken(token.Signed(R_JWA_ALG_EDDSA, key.signing()));
  }
  static rpc::CallOptions WithToken(const std::string& token) {
    return {.metadata = {{"authorization", absl::StrCat("Bearer ", token)}}};
  }
  absl::StatusOr<av1::Agency> Create(const std::string& display_name, const std::string& county,
                                     const rpc::CallOptions& options,
                                     const std::string& state = "FL") const {
    av1::CreateAgencyRequest request;
    request.mutable_agency()->set_display_name(display_name);
    request.mutable_agency()->set_state(state);
    request.mutable_agency()->set_kind(av1::Agency::COUNTY);
    request.mutable_agency()->set_county(county);
    request.mutable_agency()->set_fictitious(true);
    return rpc::CallUnary(*av1::Agreements::NewStub(channel), &av1::Agreements::Stub::CreateAgency,
                          request, options);
  }
  absl::StatusOr<gv1::AgencyStatus> Status(const std::string& agency,
                                           const rpc::CallOptions& options) const {
    gv1::GetAgencyStatusRequest request;
    request.set_agency(agency);
    return rpc::CallUnary(*gv1::Gateway::NewStub(channel), &gv1::Gateway::Stub::GetAgencyStatus,
                          request, options);
  }
  absl::StatusOr<log::v1::ListChangesResponse> Changes(rpc::CallOptions options,
                                                       const std::string& subject = "") const {
    options.metadata.emplace("accord-service", "agreements");
    log::v1::ListChangesRequest request;
    request.set_subject(subject);
    return rpc::CallUnary(*log::v1::ChangeFeed::NewStub(channel),
                          &log::v1::ChangeFeed::Stub::ListChanges, request, options);
  }
  absl::StatusOr<av1::Agreement> Apply(const std::string& agency,
                                       const rpc::CallOptions& options) const {
    av1::CreateAgreementRequest request;
    request.mutable_agreement()->set_agency(agency);
    request.mutable_agreement()->set_model("TFM");
    request.mutable_application_date()->set_year(2026);
    request.mutable_application_date()->set_month(1);
    request.mutable_application_date()->set_day(5);
    return rpc::CallUnary(*av1::Agreements::NewStub(channel),
                          &av1::Agreements::Stub::CreateAgreement, request, options);
  }
  template <typename Method>
  absl::StatusOr<av1::Agreement> Move(Method method, const std::string& name,
                                      const rpc::CallOptions& options) const {
    av1::MoveAgreementRequest request;
    request.set_name(name);
    request.set_reason("as decided");
    request.mutable_effective_date()->set_year(2026);
    request.mutable_effective_date()->set_month(1);
    request.mutable_effective_date()->set_day(20);
    return rpc::CallUnary(*av1::Agreements::NewStub(channel), method, request, options);
  }

  const TestKey key{R_KEY_TYPE_EDDSA, 256, "k1"};
  const Certificates certificates;
  std::unique_ptr<Program> agreements;
  std::unique_ptr<Program> gateway;
  std::shared_ptr<grpc::Channel> channel;
};

TEST_F(IdentityTest, WhoCallsIsProvenAndRecorded) {
  // A gateway that serves has read the record: its certificate was accepted.
  rpc::CallOptions chief = As("chief");
  chief.metadata.emplace("accord-actor", "somebody else");
  chief.metadata.emplace("accord-role", "admin");
  const auto agency = Create("Demo Port", "Dade", chief);
  ASSERT_THAT(agency, IsOk());
  const auto changes = Changes(As("auditor"));
  ASSERT_THAT(changes, IsOk());
  // The newest is the auditor's own read.
  ASSERT_GE(changes->changes_size(), 2);
  const log::v1::Change& last = changes->changes(1);
  EXPECT_EQ(last.resource(), agency->name());
  EXPECT_EQ(last.actor(), absl::StrCat(kIssuer, "#chief"));
  EXPECT_EQ(last.role(), "unit_chief");
}

TEST_F(IdentityTest, AnAuditorsReadsOfTheLogAreRecorded) {
  ASSERT_THAT(Changes(As("chief")), IsOk());
  for (int i = 0; i < 2; ++i) ASSERT_THAT(Changes(As("auditor")), IsOk());
  const auto changes = Changes(As("chief"));
  ASSERT_THAT(changes, IsOk());
  int records = 0;
  for (const log::v1::Change& change : changes->changes()) {
    if (change.resource() != "log") continue;
    ++records;
    EXPECT_EQ(change.actor(), absl::StrCat(kIssuer, "#auditor"));
    EXPECT_EQ(change.role(), "auditor");
    EXPECT_EQ(change.action(), "ListChanges");
  }
  // One each hour; a new one may have begun.
  EXPECT_GE(records, 1);
  EXPECT_LE(records, 2);
}

TEST_F(IdentityTest, WithoutProofNothingIsAnswered) {
  const rpc::CallOptions nobody;
  EXPECT_THAT(Create("Demo Port", "Dade", nobody), FailsWith(kUnauthenticated, "NO_PROOF"));
  EXPECT_THAT(Status("agencies/1", nobody), FailsWith(kUnauthenticated, "NO_PROOF"));
  // The gateway's own certificate does not speak for whoever connects to it.
  EXPECT_THAT(Changes(nobody), FailsWith(kUnauthenticated, "NO_PROOF"));
  const TestKey stranger(R_KEY_TYPE_EDDSA, 256, "k1");
  TestToken forged(absl::Now());
  forged.Set("iss", kIssuer).Set("sub", "chief");
  const rpc::CallOptions options = WithToken(forged.Signed(R_JWA_ALG_EDDSA, stranger.signing()));
  EXPECT_THAT(Create("Demo Port", "Dade", options), FailsWith(kUnauthenticated, "TOKEN_SIGNATURE"));
  TestToken old(absl::Now() - absl::Hours(3));
  old.Set("iss", kIssuer).Set("sub", "chief");
  EXPECT_THAT(Status("agencies/1", WithToken(old.Signed(R_JWA_ALG_EDDSA, key.signing()))),
              FailsWith(kUnauthenticated, "TOKEN_EXPIRED"));
}

TEST_F(IdentityTest, RolesMayDoWhatTheTableSays) {
  EXPECT_THAT(Create("Demo Port", "Dade", As("auditor")), FailsWith(kDenied, "METHOD_NOT_GRANTED"));
  EXPECT_THAT(Create("Demo Port", "Dade", As("nobody")), FailsWith(kDenied, "METHOD_NOT_GRANTED"));
  // Authorization comes before validation.
  EXPECT_THAT(Create("", "", As("auditor")), FailsWith(kDenied, "METHOD_NOT_GRANTED"));
  EXPECT_THAT(Create("", "", As("chief")),
              FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  // The log as a whole is for the whole program.
  EXPECT_THAT(Changes(As("miami")), FailsWith(kDenied, "REACH_TOO_SMALL"));
}

TEST_F(IdentityTest, AnOfficeSeesItsOwnAndTheRestDoesNotExist) {
  const auto miami = Create("Demo Port", "Miami-Dade", As("chief"));
  ASSERT_THAT(miami, IsOk());
  ASSERT_EQ(miami->field_office(), "fieldOffices/miami");
  const auto other = Create("Demo Mesa", "Dallas", As("chief"), "TX");
  ASSERT_THAT(other, IsOk());
  ASSERT_NE(other->field_office(), miami->field_office());

  // Asked for, and kept; then from what is kept.
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Status(miami->name(), As("miami")), IsOk());
    EXPECT_THAT(Status(other->name(), As("chief")), IsOk());
    const auto hidden = Status(other->name(), As("miami"));
    const auto absent = Status("agencies/nothere", As("miami"));
    EXPECT_THAT(hidden, FailsWith(absl::StatusCode::kNotFound, "AGENCY_NOT_FOUND"));
    EXPECT_THAT(absent, FailsWith(absl::StatusCode::kNotFound, "AGENCY_NOT_FOUND"));
  }
}

TEST_F(IdentityTest, AnOfficeListsReviewsAndFollowsItsOwn) {
  const auto miami = Create("Demo Port", "Miami-Dade", As("chief"));
  const auto other = Create("Demo Mesa", "Dallas", As("chief"), "TX");
  ASSERT_THAT(miami, IsOk());
  ASSERT_THAT(other, IsOk());
  const auto list = [this](const std::string& subject) {
    return rpc::CallUnary(*av1::Agreements::NewStub(channel), &av1::Agreements::Stub::ListAgencies,
                          {}, As(subject));
  };
  EXPECT_EQ(list("chief")->agencies_size(), 2);
  const auto own = list("miami");
  ASSERT_THAT(own, IsOk());
  ASSERT_EQ(own->agencies_size(), 1);
  EXPECT_EQ(own->agencies(0).name(), miami->name());
  EXPECT_THAT(Changes(As("miami"), miami->name()), IsOk());
  EXPECT_THAT(Changes(As("miami"), other->name()),
              FailsWith(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
}

TEST_F(IdentityTest, WhoAppliedDoesNotDecideWhateverTheirRoles) {
  const auto agency = Create("Demo Port", "Miami-Dade", As("chief"));
  ASSERT_THAT(agency, IsOk());
  Bind(absl::Substitute(
      R"pb(
        bindings { issuer: "https://id.example" subject: "both" role: "ice_director" }
        bindings {
          issuer: "https://id.example"
          subject: "both"
          role: "agency_coordinator"
          agencies: "$0"
        }
      )pb",
      agency->name()));
  for (Program* program : {gateway.get(), agreements.get()}) ASSERT_EQ(program->Terminate(), 0);
  ASSERT_THAT(agreements->Start(), IsOk());
  ASSERT_THAT(gateway->Start(), IsOk());
  channel = rpc::MakeChannel(gateway->address()).value();

  const auto agreement = Apply(agency->name(), As("both"));
  ASSERT_THAT(agreement, IsOk());
  ASSERT_THAT(Move(&av1::Agreements::Stub::StartReview, agreement->name(), As("miami")), IsOk());
  EXPECT_THAT(Move(&av1::Agreements::Stub::ApproveAgreement, agreement->name(), As("both")),
              FailsWith(kDenied, "SEPARATION_OF_DUTIES"));
  EXPECT_THAT(Move(&av1::Agreements::Stub::ApproveAgreement, agreement->name(), As("director")),
              IsOk());
}

TEST_F(IdentityTest, TheServiceTakesOnlyServicesItKnows) {
  const auto calls_as = [this](const std::string& name) {
    rpc::ChannelOptions options;
    options.tls = {File(name + ".pem"), File(name + ".key"), File("ca.pem")};
    const auto direct = rpc::MakeChannel(agreements->address(), options).value();
    return rpc::CallUnary(*log::v1::ChangeFeed::NewStub(direct), &log::v1::ChangeFeed::Stub::GetLog,
                          {});
  };
  EXPECT_THAT(calls_as("gateway"), IsOk());
  EXPECT_THAT(calls_as("stranger"), FailsWith(kDenied, "METHOD_NOT_GRANTED"));
  // Without a certificate, and in plain text, there is no connection.
  rpc::ChannelOptions no_certificate;
  no_certificate.tls.ca = File("ca.pem");
  for (const rpc::ChannelOptions& options : {no_certificate, rpc::ChannelOptions()}) {
    const auto direct = rpc::MakeChannel(agreements->address(), options).value();
    EXPECT_THAT(
        rpc::CallUnary(*log::v1::ChangeFeed::NewStub(direct), &log::v1::ChangeFeed::Stub::GetLog,
                       {}, {.timeout = absl::Seconds(5)}),
        StatusIs(absl::StatusCode::kUnavailable));
  }
}

TEST_F(IdentityTest, WhoIsProvenLearnsWhoTheyAreAndWhatTheyMayDo) {
  const auto chief = WhoAmI(channel, As("chief"));
  ASSERT_THAT(chief, IsOk());
  EXPECT_EQ(chief->actor(), absl::StrCat(kIssuer, "#chief"));
  ASSERT_EQ(chief->roles_size(), 1);
  EXPECT_EQ(chief->roles(0).role(), "unit_chief");
  EXPECT_THAT(WhoAmI(channel, As("nobody")), IsOk());
  EXPECT_THAT(WhoAmI(channel, {}), FailsWith(kUnauthenticated, "NO_PROOF"));

  xv1::CheckAccessRequest request;
  request.set_method("CreateAgency");
  const auto check = [&](const std::string& subject) {
    return rpc::CallUnary(*xv1::Access::NewStub(channel), &xv1::Access::Stub::CheckAccess, request,
                          As(subject));
  };
  EXPECT_TRUE(check("chief")->allowed());
  EXPECT_FALSE(check("auditor")->allowed());
  request.add_roles("national_pm");
  EXPECT_TRUE(check("auditor")->allowed());

  // Each service says it for itself.
  rpc::ChannelOptions options;
  options.tls = {File("gateway.pem"), File("gateway.key"), File("ca.pem")};
  const auto service = WhoAmI(rpc::MakeChannel(agreements->address(), options).value(), {});
  ASSERT_THAT(service, IsOk());
  EXPECT_EQ(service->actor(), "spiffe://accord/service/gateway");
  EXPECT_FALSE(service->has_expire_time());
}

TEST_F(IdentityTest, BindingsHoldSoonAfterTheyWereReplaced) {
  EXPECT_THAT(Create("Demo Port", "Dade", As("late")), FailsWith(kDenied, "METHOD_NOT_GRANTED"));
  Write(File("bindings.new"), absl::StrCat(kBindings, R"pb(
          bindings { issuer: "https://id.example" subject: "late" role: "unit_chief" }
        )pb"));
  ASSERT_EQ(std::rename(File("bindings.new").c_str(), File("bindings").c_str()), 0);
  EXPECT_TRUE(Eventually([this] { return Create("Demo Port", "Dade", As("late")).ok(); }));
}

TEST_F(IdentityTest, AProviderThatIsDownKeepsNobodyFromStarting) {
  HttpServer provider(
      [] { return std::string("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"); });
  Program other("accord-gateway", GatewayFlags(GateFlags(provider.url())));
  ASSERT_THAT(other.Start(), IsOk());
  const auto to_other = rpc::MakeChannel(other.address()).value();
  EXPECT_THAT(WhoAmI(to_other, As("chief")),
              FailsWith(absl::StatusCode::kUnavailable, "TOKEN_KEYS_MISSING"));
  provider.Set([this] { return HttpServer::Ok(auth::SetOf({key.PublicJson()})); });
  EXPECT_TRUE(Eventually([&] { return WhoAmI(to_other, As("chief")).ok(); }));
  other.Kill();
}

TEST_F(IdentityTest, AProgramIsSecureUnlessToldOtherwise) {
  const auto refused = [](std::vector<std::string> command, const char* flag) {
    command[0] = ProgramPath(command[0]);
    const auto output = RunCommand(command, absl::Seconds(30));
    return output.ok() && output->exit_code == 1 && absl::StrContains(output->err, flag);
  };
  const std::string store = absl::StrCat("sqlite:", File("other.db"));
  std::vector<std::string> command = {
      "accord-agreements", "--listen",   "127.0.0.1:0", "--store",           store,
      "--policy",          PolicyPath(), "--tls-cert",  File("gateway.pem"), "--tls-key",
      File("gateway.key")};
  EXPECT_TRUE(refused(command, "--access is needed"));
  command.resize(7);
  const std::vector<std::string> gate = GateFlags(File("keys.json"));
  command.insert(command.end(), gate.begin(), gate.end());
  EXPECT_TRUE(refused(command, "--tls-cert"));
  command.push_back("--insecure");
  command[2] = "0.0.0.0:0";
  EXPECT_TRUE(refused(command, "loopback only"));
  EXPECT_TRUE(refused({"accord-gateway", "--listen", "127.0.0.1:0", "--policy", PolicyPath()},
                      "--agreements-ca is needed"));
}

TEST_F(IdentityTest, TokensAndNamesStayOutOfTheLogs) {
  const rpc::CallOptions chief = As("chief");
  ASSERT_THAT(Create("Demo Port", "Dade", chief), IsOk());
  const std::string token = chief.metadata.begin()->second.substr(7);
  for (const Program* program : {gateway.get(), agreements.get()}) {
    EXPECT_FALSE(absl::StrContains(program->log(), token.substr(token.rfind('.'))));
  }
}

}  // namespace
}  // namespace accord::testing
