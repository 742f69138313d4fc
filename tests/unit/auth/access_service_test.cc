#include "common/auth/access_service.h"

#include <gmock/gmock.h>

#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "common/testing/matchers.h"
#include "tests/unit/auth/token_maker.h"

namespace accord::auth {
namespace {

namespace av1 = access::v1;
using ::testing::AllOf;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::ProtoEquals;

constexpr char kTable[] = R"pb(
  method_groups { name: "read" methods: "a.v1.S/Get" methods: "a.v1.S/List" methods: "b.v1.T/List" }
  method_groups { name: "apply" methods: "a.v1.S/CreateAgreement" }
  method_groups {
    name: "decide"
    methods: "a.v1.S/SignAgreement"
    methods: "a.v1.S/ApproveAgreement"
  }
  method_groups { name: "nobodys" methods: "a.v1.S/Delete" }
  method_groups {
    name: "oneself"
    methods: "accord.access.v1.Access/WhoAmI"
    methods: "accord.access.v1.Access/CheckAccess"
  }
  open_groups: "oneself"
  roles {
    code: "director"
    display_name: "D"
    sources: "X"
    grants { scope: WHOLE_PROGRAM method_groups: "read" method_groups: "decide" }
  }
  roles {
    code: "coordinator"
    display_name: "C"
    sources: "X"
    grants { scope: AGENCY method_groups: "read" method_groups: "apply" }
    grants { scope: SELF method_groups: "read" }
  }
  separations {
    code: "apply_decide"
    first_groups: "apply"
    second_groups: "decide"
    words: "Who applies does not decide."
    sources: "X"
  }
)pb";

constexpr char kBindings[] = R"pb(
  bindings { issuer: "https://id.example" subject: "u-17" role: "director" }
  bindings {
    issuer: "https://id.example"
    subject: "u-18"
    role: "coordinator"
    agencies: "agencies/1"
  }
  # Of no agency yet.
  bindings { issuer: "https://id.example" subject: "u-19" role: "coordinator" }
)pb";

class AccessServiceTest : public ::testing::Test {
 protected:
  void Serve(TokenGate* asked) {
    rpc::RuntimeOptions options;
    options.gate = asked;
    runtime = std::make_unique<rpc::Runtime>(options);
    service = std::make_unique<AccessService>(*runtime, asked);
    server = rpc::Server::Start({.insecure = true, .balancer_wait = absl::ZeroDuration()},
                                {.runtime = *runtime,
                                 .services = {{av1::Access::service_full_name(), service.get()}}})
                 .value();
    stub =
        av1::Access::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", server->port())).value());
  }
  ~AccessServiceTest() override { stub.reset(); }

  rpc::CallOptions As(const std::string& subject) const {
    if (subject.empty()) return {};
    const std::string token = TestToken(now)
                                  .Set("sub", subject)
                                  .Set("azp", "field-app")
                                  .Signed(R_JWA_ALG_EDDSA, key.signing());
    return {.metadata = {{"authorization", absl::StrCat("Bearer ", token)}}};
  }
  absl::StatusOr<av1::WhoAmIResponse> WhoAmI(const std::string& subject) const {
    return rpc::CallUnary(*stub, &av1::Access::Stub::WhoAmI, {}, As(subject));
  }
  absl::StatusOr<av1::CheckAccessResponse> Check(const std::string& subject,
                                                 const std::string& method,
                                                 const std::vector<std::string>& roles = {}) const {
    av1::CheckAccessRequest request;
    request.set_method(method);
    for (const std::string& role : roles) request.add_roles(role);
    return rpc::CallUnary(*stub, &av1::Access::Stub::CheckAccess, request, As(subject));
  }

  const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  const TestKey key{R_KEY_TYPE_EDDSA, 256, "k1"};
  const std::shared_ptr<const AccessPolicy> table = AccessPolicy::Parse(kTable, "table").value();
  TokenGate gate{{table, RoleBindings::Parse(kBindings, "bindings", *table).value()},
                 std::make_shared<TokenVerifier>(
                     TokenRules{.issuer = "https://id.example", .audience = "accord"},
                     KeySet::Parse(SetOf({key.PublicJson()})).value())};
  std::unique_ptr<rpc::Runtime> runtime;
  std::unique_ptr<AccessService> service;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<av1::Access::Stub> stub;
};

TEST_F(AccessServiceTest, TellsWhoOneIs) {
  Serve(&gate);
  av1::WhoAmIResponse expected;
  expected.set_actor("https://id.example#u-18");
  expected.set_client("field-app");
  expected.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(now + absl::Hours(1)));
  auto& role = *expected.add_roles();
  role.set_issuer("https://id.example");
  role.set_subject("u-18");
  role.set_role("coordinator");
  role.add_agencies("agencies/1");
  const auto known = WhoAmI("u-18");
  ASSERT_THAT(known, IsOk());
  EXPECT_THAT(*known, ProtoEquals(expected));

  const auto without_role = WhoAmI("u-99");
  ASSERT_THAT(without_role, IsOk());
  EXPECT_EQ(without_role->actor(), "https://id.example#u-99");
  EXPECT_TRUE(without_role->roles().empty());
}

TEST_F(AccessServiceTest, WhoIsNotKnownIsToldNothing) {
  Serve(&gate);
  const auto code = absl::StatusCode::kUnauthenticated;
  EXPECT_THAT(WhoAmI(""), FailsWith(code, "NO_PROOF"));
  EXPECT_THAT(Check("", "SignAgreement"), FailsWith(code, "NO_PROOF"));
  EXPECT_THAT(Check("", "NoSuchMethod"), FailsWith(code, "NO_PROOF"));
}

TEST_F(AccessServiceTest, WithoutAGateItSaysSo) {
  Serve(nullptr);
  const auto code = absl::StatusCode::kFailedPrecondition;
  EXPECT_THAT(WhoAmI(""), FailsWith(code, "GATE_OFF"));
  EXPECT_THAT(Check("", "SignAgreement"), FailsWith(code, "GATE_OFF"));
}

TEST_F(AccessServiceTest, TellsWhatTheCallerMayDo) {
  Serve(&gate);
  const auto director = Check("u-17", "SignAgreement");
  ASSERT_THAT(director, IsOk());
  EXPECT_THAT(*director, ProtoEquals(R"pb(
    method: "a.v1.S/SignAgreement"
    allowed: true
    granting { role: "director" scopes: WHOLE_PROGRAM }
    roles_allowed: "director"
    separations: "apply_decide"
  )pb"));
  const auto coordinator = Check("u-18", "a.v1.S/SignAgreement");
  ASSERT_THAT(coordinator, IsOk());
  EXPECT_THAT(*coordinator, ProtoEquals(R"pb(
    method: "a.v1.S/SignAgreement"
    roles_allowed: "director"
    separations: "apply_decide"
  )pb"));
  EXPECT_TRUE(Check("u-18", "CreateAgreement")->allowed());
  EXPECT_FALSE(Check("u-99", "Get")->allowed());
  EXPECT_TRUE(Check("u-99", "WhoAmI")->allowed());
}

TEST_F(AccessServiceTest, ACallersBindingsCountAndNotOnlyTheRole) {
  Serve(&gate);
  const auto own = Check("u-19", "CreateAgreement");
  ASSERT_THAT(own, IsOk());
  EXPECT_FALSE(own->allowed());
  EXPECT_EQ(own->granting_size(), 1);
  EXPECT_TRUE(Check("u-19", "CreateAgreement", {"coordinator"})->allowed());
}

TEST_F(AccessServiceTest, TellsWhatRolesMayDoWhoeverAsks) {
  Serve(&gate);
  const auto both = Check("u-99", "Get", {"director", "coordinator", "director"});
  ASSERT_THAT(both, IsOk());
  EXPECT_THAT(*both, ProtoEquals(R"pb(
    method: "a.v1.S/Get"
    allowed: true
    granting { role: "coordinator" scopes: AGENCY scopes: SELF }
    granting { role: "director" scopes: WHOLE_PROGRAM }
    roles_allowed: "director"
    roles_allowed: "coordinator"
  )pb"));
  EXPECT_FALSE(Check("u-17", "SignAgreement", {"coordinator"})->allowed());
  EXPECT_TRUE(Check("u-17", "WhoAmI", {"coordinator"})->allowed());
  const auto nobodys = Check("u-17", "Delete");
  ASSERT_THAT(nobodys, IsOk());
  EXPECT_FALSE(nobodys->allowed());
  EXPECT_TRUE(nobodys->roles_allowed().empty());
}

TEST_F(AccessServiceTest, NamesEveryNameThatIsNotThereAndTheClosest) {
  Serve(&gate);
  const auto code = absl::StatusCode::kInvalidArgument;
  const auto wrong = Check("u-17", "SingAgreement", {"director", "cordinator"});
  EXPECT_THAT(wrong, FailsWith(code, "INVALID_FIELDS"));
  EXPECT_EQ(GetErrorInfo(wrong.status())->domain(), "access.accord");
  EXPECT_THAT(std::string(wrong.status().message()),
              AllOf(HasSubstr("method: no such method; closest are a.v1.S/SignAgreement, "),
                    HasSubstr("roles[1]: no such role; closest are coordinator, ")));
  EXPECT_THAT(std::string(Check("u-17", "List").status().message()),
              HasSubstr("method: may be a.v1.S/List or b.v1.T/List"));
  EXPECT_THAT(std::string(Check("u-17", "").status().message()), HasSubstr("method: is required"));
}

}  // namespace
}  // namespace accord::auth
