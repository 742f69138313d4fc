// Attacks on who calls, against the real programs, through the gateway and at the service
// itself: each is refused, and says why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/crypto.h"
#include "common/testing/matchers.h"
#include "tests/integration/identities.h"
#include "tests/integration/scene.h"

namespace accord::testing {
namespace {

namespace av1 = agreements::v1;
namespace gv1 = gateway::v1;
namespace lv1 = log::v1;
using auth::TestKey;
using auth::TestToken;
using policy::v1::Binding;

constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kNotFound = absl::StatusCode::kNotFound;

std::vector<Binding> People() {
  return {Bound("chief", "unit_chief"), Bound("pm", "national_pm"), Bound("auditor", "auditor")};
}

class AttacksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    suite.PublishKeys({suite.key().PublicJson(), rsa.PublicJson()});
    ASSERT_THAT(suite.Start(), IsOk());
    through = suite.Connect();
    direct = suite.ConnectDirectly();
  }

  // A read of the record, of what the gateway computes, and of the log.
  static absl::Status Read(const std::shared_ptr<grpc::Channel>& channel,
                           const rpc::CallOptions& options) {
    return rpc::CallUnary(*av1::Agreements::NewStub(channel), &av1::Agreements::Stub::ListAgencies,
                          {}, options)
        .status();
  }
  static absl::Status ReadMetrics(const std::shared_ptr<grpc::Channel>& channel,
                                  const rpc::CallOptions& options) {
    return rpc::CallUnary(*gv1::Gateway::NewStub(channel), &gv1::Gateway::Stub::GetProgramMetrics,
                          {}, options)
        .status();
  }
  static absl::Status ReadLog(const std::shared_ptr<grpc::Channel>& channel,
                              rpc::CallOptions options) {
    options.metadata.emplace("accord-service", "agreements");
    return rpc::CallUnary(*lv1::ChangeFeed::NewStub(channel), &lv1::ChangeFeed::Stub::ListChanges,
                          {}, options)
        .status();
  }

  // Wherever one can come in.
  void ExpectRefused(const std::string& token, const std::string& reason) {
    const rpc::CallOptions options = GatedSuite::WithToken(token);
    EXPECT_THAT(Read(through, options), FailsWith(kUnauthenticated, reason));
    EXPECT_THAT(ReadMetrics(through, options), FailsWith(kUnauthenticated, reason));
    EXPECT_THAT(ReadLog(through, options), FailsWith(kUnauthenticated, reason));
    // Not even a service's certificate makes a bad token good.
    EXPECT_THAT(Read(direct, options), FailsWith(kUnauthenticated, reason));
    EXPECT_THAT(ReadLog(direct, options), FailsWith(kUnauthenticated, reason));
  }
  void ExpectWell() {
    EXPECT_THAT(Read(through, suite.As("chief")), IsOk());
    EXPECT_THAT(ReadMetrics(through, suite.As("chief")), IsOk());
    EXPECT_THAT(Read(direct, suite.As("chief")), IsOk());
  }

  static TestToken& For(const std::string& subject, TestToken& token) {
    return token.Set("iss", kIssuer).Set("sub", subject);
  }
  // The chief's own, but for what `change` does to it.
  std::string Changed(const std::function<void(TestToken&)>& change) const {
    TestToken token(absl::Now());
    change(For("chief", token));
    return token.Signed(R_JWA_ALG_EDDSA, suite.key().signing());
  }
  absl::StatusOr<av1::Agency> Create(const std::string& subject, const std::string& display_name,
                                     const std::string& request_id) const {
    av1::CreateAgencyRequest request;
    request.mutable_agency()->set_display_name(display_name);
    request.mutable_agency()->set_state("FL");
    request.mutable_agency()->set_kind(av1::Agency::COUNTY);
    request.mutable_agency()->set_county("Example");
    request.mutable_agency()->set_fictitious(true);
    request.set_request_id(request_id);
    return rpc::CallUnary(*av1::Agreements::NewStub(through), &av1::Agreements::Stub::CreateAgency,
                          request, suite.As(subject));
  }

  GatedSuite suite{{.bindings = People()}};
  const TestKey rsa{R_KEY_TYPE_RSA, 2048, "rsa"};
  // Somebody else's, under the name of a good one.
  const TestKey forger{R_KEY_TYPE_EDDSA, 256, "k1"};
  std::shared_ptr<grpc::Channel> through;
  std::shared_ptr<grpc::Channel> direct;
};

// What the others are measured against: the same token, unspoilt, is let in everywhere.
TEST_F(AttacksTest, AGoodTokenIsLetIn) {
  const rpc::CallOptions good = GatedSuite::WithToken(Changed([](TestToken&) {}));
  for (const auto& channel : {through, direct}) {
    EXPECT_THAT(Read(channel, good), IsOk());
    EXPECT_THAT(ReadLog(channel, good), IsOk());
  }
  EXPECT_THAT(ReadMetrics(through, good), IsOk());
  TestToken token(absl::Now());
  EXPECT_THAT(Read(through, GatedSuite::WithToken(
                                For("chief", token).Signed(R_JWA_ALG_RS256, rsa.signing()))),
              IsOk());
}

TEST_F(AttacksTest, WithoutAToken) {
  EXPECT_THAT(Read(through, {}), FailsWith(kUnauthenticated, "NO_PROOF"));
  EXPECT_THAT(ReadMetrics(through, {}), FailsWith(kUnauthenticated, "NO_PROOF"));
  EXPECT_THAT(ReadLog(through, {}), FailsWith(kUnauthenticated, "NO_PROOF"));
  for (const char* other : {"Basic Y2hpZWY6c2VjcmV0", "Bearer", ""}) {
    const rpc::CallOptions options{.metadata = {{rpc::kAuthorizationKey, other}}};
    EXPECT_THAT(Read(through, options), FailsWith(kUnauthenticated, "NO_PROOF")) << other;
  }
}

TEST_F(AttacksTest, ATokenOutOfItsTimeOrForOthers) {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  ExpectRefused(Changed([&](TestToken& token) { token.Set("exp", now - 3600); }), "TOKEN_EXPIRED");
  ExpectRefused(Changed([&](TestToken& token) { token.Set("nbf", now + 3600); }),
                "TOKEN_NOT_YET_VALID");
  ExpectRefused(Changed([](TestToken& token) { token.Set("aud", "another"); }), "TOKEN_AUDIENCE");
  ExpectRefused(Changed([](TestToken& token) { token.Set("iss", "https://id.example.evil"); }),
                "TOKEN_ISSUER");
}

TEST_F(AttacksTest, ATokenWithoutASignature) {
  const std::string good = Changed([](TestToken&) {});
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  const std::string header = absl::WebSafeBase64Escape(R"({"alg":"none","kid":"k1"})");
  ExpectRefused(absl::StrCat(header, ".", parts[1], "."), "TOKEN_ALGORITHM");
  // And with the good one's, which was made for another header.
  const rpc::CallOptions borrowed =
      GatedSuite::WithToken(absl::StrCat(header, ".", parts[1], ".", parts[2]));
  EXPECT_THAT(Read(through, borrowed), StatusIs(kUnauthenticated));
  EXPECT_THAT(Read(direct, borrowed), StatusIs(kUnauthenticated));
}

TEST_F(AttacksTest, APublicKeyAsASecret) {
  for (const std::string& secret : {rsa.PublicJson(), suite.key().PublicJson()}) {
    jwk_t* key = nullptr;
    r_jwk_init(&key);
    ASSERT_EQ(r_jwk_import_from_symmetric_key(
                  key, reinterpret_cast<const unsigned char*>(secret.data()), secret.size()),
              RHN_OK);
    r_jwk_set_property_str(key, "kid", "rsa");
    TestToken token(absl::Now());
    ExpectRefused(For("chief", token).Signed(R_JWA_ALG_HS256, key), "TOKEN_ALGORITHM");
    r_jwk_free(key);
  }
}

TEST_F(AttacksTest, AKeyThatNobodyPublished) {
  const TestKey unknown(R_KEY_TYPE_EDDSA, 256, "k2");
  TestToken token(absl::Now());
  ExpectRefused(For("chief", token).Signed(R_JWA_ALG_EDDSA, unknown.signing()),
                "TOKEN_KEY_UNKNOWN");
  TestToken forged(absl::Now());
  ExpectRefused(For("chief", forged).Signed(R_JWA_ALG_EDDSA, forger.signing()), "TOKEN_SIGNATURE");
}

TEST_F(AttacksTest, AKeyThatTheTokenBringsAlong) {
  TestToken embedded(absl::Now());
  embedded.Header("jwk", forger.PublicJson());
  ExpectRefused(For("chief", embedded).Signed(R_JWA_ALG_EDDSA, forger.signing()),
                "TOKEN_SIGNATURE");
  TestToken linked(absl::Now());
  linked.Header("jku", R"("https://id.example.evil/keys.json")");
  ExpectRefused(For("chief", linked).Signed(R_JWA_ALG_EDDSA, forger.signing()), "TOKEN_SIGNATURE");
}

TEST_F(AttacksTest, ATokenDoesNotSayWhatOneMayDo) {
  // Neither a role nor a scope that it claims is looked at: bindings say them.
  TestToken token(absl::Now());
  token.SetJson("roles", R"(["unit_chief","admin"])").Set("scope", "accord:everything");
  const rpc::CallOptions options =
      GatedSuite::WithToken(For("stranger", token).Signed(R_JWA_ALG_EDDSA, suite.key().signing()));
  for (const auto& channel : {through, direct}) {
    EXPECT_THAT(Read(channel, options), FailsWith(kDenied, "METHOD_NOT_GRANTED"));
    EXPECT_THAT(ReadLog(channel, options), FailsWith(kDenied, "METHOD_NOT_GRANTED"));
  }
}

TEST_F(AttacksTest, MetadataThatClaimsToBeSomebody) {
  rpc::CallOptions options = suite.As("auditor");
  options.metadata.emplace("accord-actor", "https://id.example#chief");
  options.metadata.emplace("accord-role", "unit_chief");
  av1::CreateAgencyRequest request;
  const auto create = [&request](const auto& channel, const rpc::CallOptions& as) {
    return rpc::CallUnary(*av1::Agreements::NewStub(channel), &av1::Agreements::Stub::CreateAgency,
                          request, as);
  };
  EXPECT_THAT(create(through, options), FailsWith(kDenied, "METHOD_NOT_GRANTED"));
  EXPECT_THAT(create(direct, options), FailsWith(kDenied, "METHOD_NOT_GRANTED"));
  options.metadata.erase(rpc::kAuthorizationKey);
  EXPECT_THAT(create(through, options), FailsWith(kUnauthenticated, "NO_PROOF"));
  // The gateway's certificate speaks for the gateway, which may not write.
  EXPECT_THAT(create(direct, options), FailsWith(kDenied, "METHOD_NOT_GRANTED"));
}

TEST_F(AttacksTest, TheCertificateOfAnotherService) {
  EXPECT_THAT(Read(suite.ConnectDirectly("stranger"), {}),
              FailsWith(kDenied, "METHOD_NOT_GRANTED"));
  EXPECT_THAT(Read(suite.ConnectDirectly("gateway"), {}), IsOk());
}

TEST_F(AttacksTest, ACertificateThatVouchesForItself) {
  // It names the gateway, as anybody can.
  const Authority own(suite.File("own"));
  own.SelfSign("gateway");
  rpc::ChannelOptions options;
  options.tls = TlsFilesIn(suite.File("own"), "gateway");
  options.tls.ca = suite.authority().File("ca.pem");
  const auto forged = rpc::MakeChannel(suite.agreements.address(), options).value();
  EXPECT_THAT(Read(forged, {.timeout = absl::Seconds(5)}),
              StatusIs(absl::StatusCode::kUnavailable));
  // Nor does the one of an authority that is not ours, or none at all.
  own.Sign("gateway");
  const auto other = rpc::MakeChannel(suite.agreements.address(), options).value();
  EXPECT_THAT(Read(other, {.timeout = absl::Seconds(5)}), StatusIs(absl::StatusCode::kUnavailable));
  options.tls.cert = options.tls.key = "";
  const auto none = rpc::MakeChannel(suite.agreements.address(), options).value();
  EXPECT_THAT(Read(none, suite.As("chief")), StatusIs(absl::StatusCode::kUnavailable));
  ExpectWell();
}

TEST_F(AttacksTest, PlainTextToATlsPort) {
  for (const Program* program : {&suite.gateway, &suite.agreements}) {
    const auto plain = rpc::MakeChannel(program->address()).value();
    rpc::CallOptions options = suite.As("chief");
    options.timeout = absl::Seconds(5);
    EXPECT_THAT(Read(plain, options), StatusIs(absl::StatusCode::kUnavailable));
  }
  ExpectWell();
}

TEST_F(AttacksTest, MetadataThatIsTooLarge) {
  rpc::CallOptions options = suite.As("chief");
  options.metadata.emplace("accord-client", std::string(64 << 10, 'x'));
  // On connections of its own, which may be closed for it; those of others go on.
  for (const auto& channel : {suite.Connect(), suite.ConnectDirectly()}) {
    EXPECT_THAT(Read(channel, options), StatusIs(absl::StatusCode::kResourceExhausted));
  }
  // A token that is large, but not too large to arrive.
  ExpectRefused(std::string(7 << 10, 'a'), "TOKEN_MALFORMED");
  ExpectWell();
}

TEST_F(AttacksTest, ThePageTokenOfAnotherCaller) {
  ASSERT_THAT(Create("chief", "Demo Port", NewUuid()), IsOk());
  ASSERT_THAT(Create("chief", "Sample Harbor", NewUuid()), IsOk());
  const auto check = [](const auto& list) {
    const auto page = list("chief", "");
    ASSERT_THAT(page, IsOk());
    ASSERT_FALSE(page->next_page_token().empty());
    EXPECT_THAT(list("chief", page->next_page_token()), IsOk());
    EXPECT_THAT(list("pm", page->next_page_token()), FailsWith(kInvalid, "INVALID_FIELDS"));
  };
  for (const auto& channel : {through, direct}) {
    check([&](const std::string& subject, const std::string& token) {
      av1::ListAgenciesRequest request;
      request.set_page_size(1);
      request.set_page_token(token);
      return rpc::CallUnary(*av1::Agreements::NewStub(channel),
                            &av1::Agreements::Stub::ListAgencies, request, suite.As(subject));
    });
    check([&](const std::string& subject, const std::string& token) {
      lv1::ListChangesRequest request;
      request.set_page_size(1);
      request.set_page_token(token);
      rpc::CallOptions options = suite.As(subject);
      options.metadata.emplace("accord-service", "agreements");
      return rpc::CallUnary(*lv1::ChangeFeed::NewStub(channel), &lv1::ChangeFeed::Stub::ListChanges,
                            request, options);
    });
  }
  check([&](const std::string& subject, const std::string& token) {
    gv1::ListAgencyStatusesRequest request;
    request.set_page_size(1);
    request.set_page_token(token);
    return rpc::CallUnary(*gv1::Gateway::NewStub(through), &gv1::Gateway::Stub::ListAgencyStatuses,
                          request, suite.As(subject));
  });
}

TEST_F(AttacksTest, TheRequestIdOfAnotherCaller) {
  const std::string request_id = NewUuid();
  const auto first = Create("chief", "Demo Port", request_id);
  ASSERT_THAT(first, IsOk());
  // The chief's own repetition is the same act, that of somebody else is not.
  const auto again = Create("chief", "Demo Port", request_id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->name(), first->name());
  EXPECT_THAT(Create("pm", "Demo Port", request_id), StatusIs(absl::StatusCode::kAlreadyExists));
  const auto other = Create("pm", "Sample Harbor", request_id);
  ASSERT_THAT(other, IsOk());
  EXPECT_NE(other->name(), first->name());
  EXPECT_EQ(other->display_name(), "Sample Harbor");
}

// Filters of somebody who may see one office, against a record that holds two.
class ProbesTest : public AttacksTest {
 protected:
  void SetUp() override {
    AttacksTest::SetUp();
    if (HasFatalFailure()) return;
    const auto made = MakeScenes(through, suite.As("chief"));
    ASSERT_THAT(made, IsOk());
    scenes = *made;
    Binding miami = Bound("miami", "field_pm");
    miami.add_field_offices(scenes.near.field_office);
    std::vector<Binding> people = People();
    people.push_back(miami);
    ASSERT_THAT(suite.Rebind(people), IsOk());
    through = suite.Connect();
    direct = suite.ConnectDirectly();
  }

  template <typename Request, typename Stub, typename Method>
  auto List(Stub& stub, const Method& method, const std::string& filter) const {
    Request request;
    request.set_filter(filter);
    return rpc::CallUnary(stub, method, request, suite.As("miami"));
  }

  Scenes scenes;
};

TEST_F(ProbesTest, NoFilterShowsAHiddenRow) {
  const std::string far = absl::StrCat("\"", scenes.far.agency, "\"");
  const std::vector<std::string> probes = {"state != \"FL\"",
                                           "NOT state = \"FL\"",
                                           "state = \"GA\"",
                                           "state = \"GA\" OR state = \"FL\"",
                                           "NOT (state = \"nowhere\")",
                                           "field_office != \"fieldOffices/miami\"",
                                           "display_name != \"\" OR state = \"GA\""};
  for (const std::string& probe : probes) {
    SCOPED_TRACE(probe);
    for (const auto& channel : {through, direct}) {
      const auto agencies = List<av1::ListAgenciesRequest>(
          *av1::Agreements::NewStub(channel), &av1::Agreements::Stub::ListAgencies, probe);
      ASSERT_THAT(agencies, IsOk());
      for (const auto& row : agencies->agencies()) EXPECT_EQ(row.state(), "FL");
    }
    const auto statuses = List<gv1::ListAgencyStatusesRequest>(
        *gv1::Gateway::NewStub(through), &gv1::Gateway::Stub::ListAgencyStatuses, probe);
    ASSERT_THAT(statuses, IsOk());
    for (const auto& row : statuses->statuses()) EXPECT_EQ(row.state(), "FL");
    EXPECT_EQ(statuses->total_size(), statuses->statuses_size());
  }
  for (const std::string& probe :
       {absl::StrCat("agency = ", far), absl::StrCat("agency = ", far, " OR state = \"ACTIVE\""),
        std::string("agency_state != \"FL\""), absl::StrCat("NOT agency != ", far)}) {
    SCOPED_TRACE(probe);
    for (const auto& channel : {through, direct}) {
      const auto agreements = List<av1::ListAgreementsRequest>(
          *av1::Agreements::NewStub(channel), &av1::Agreements::Stub::ListAgreements, probe);
      ASSERT_THAT(agreements, IsOk());
      for (const auto& row : agreements->agreements()) EXPECT_EQ(row.agency_state(), "FL");
    }
  }
}

TEST_F(ProbesTest, NoFilterNamesWhatCannotBeFilteredBy) {
  for (const char* subject : {"miami", "chief"}) {
    for (const char* filter : {"etag = \"1\"", "provenance.source = \"x\"", "password = \"x\"",
                               "f_field_office = \"x\"", "1 = 1 OR display_name = \"x\""}) {
      SCOPED_TRACE(absl::StrCat(subject, ": ", filter));
      av1::ListAgenciesRequest request;
      request.set_filter(filter);
      for (const auto& channel : {through, direct}) {
        EXPECT_THAT(
            rpc::CallUnary(*av1::Agreements::NewStub(channel), &av1::Agreements::Stub::ListAgencies,
                           request, suite.As(subject)),
            FailsWith(kInvalid, "INVALID_FIELDS"));
      }
    }
  }
}

TEST_F(ProbesTest, ATokenOfAnotherOfficeFindsNothing) {
  gv1::GetAgencyStatusRequest status;
  status.set_agency(scenes.far.agency);
  EXPECT_THAT(rpc::CallUnary(*gv1::Gateway::NewStub(through), &gv1::Gateway::Stub::GetAgencyStatus,
                             status, suite.As("miami")),
              FailsWith(kNotFound, "AGENCY_NOT_FOUND"));
  av1::GetAgencyRequest request;
  request.set_name(scenes.far.agency);
  for (const auto& channel : {through, direct}) {
    EXPECT_THAT(rpc::CallUnary(*av1::Agreements::NewStub(channel),
                               &av1::Agreements::Stub::GetAgency, request, suite.As("miami")),
                StatusIs(kNotFound));
    EXPECT_THAT(rpc::CallUnary(*av1::Agreements::NewStub(channel),
                               &av1::Agreements::Stub::GetAgency, request, suite.As("chief")),
                IsOk());
  }
}

}  // namespace
}  // namespace accord::testing
