#include "common/auth/token_gate.h"

#include <fstream>
#include <mutex>

#include "common/auth/gate_flags.h"
#include "common/auth/key_file.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "tests/unit/auth/token_maker.h"

namespace accord::auth {
namespace {

using testing::FailsWith;
using testing::IsOk;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

constexpr char kTable[] = R"pb(
  method_groups { name: "read" methods: "a.v1.S/Get" }
  method_groups { name: "write" methods: "a.v1.S/Update" }
  roles {
    code: "chief"
    display_name: "Chief"
    sources: "X"
    grants { scope: WHOLE_PROGRAM method_groups: "read" method_groups: "write" }
  }
  roles {
    code: "field"
    display_name: "Field"
    sources: "X"
    log_reads_recorded: true
    grants { scope: FIELD_OFFICE method_groups: "read" }
  }
  roles {
    code: "service"
    display_name: "Service"
    sources: "X"
    grants { scope: WHOLE_PROGRAM method_groups: "read" }
  }
)pb";

constexpr char kBindings[] = R"pb(
  bindings { issuer: "https://id.example" subject: "u-17" role: "chief" }
  bindings {
    issuer: "https://id.example"
    subject: "u-17"
    role: "field"
    field_offices: "fieldOffices/miami"
  }
  bindings {
    issuer: "https://id.example"
    subject: "u-18"
    role: "field"
    field_offices: "fieldOffices/miami"
  }
  bindings { issuer: "spiffe" subject: "spiffe://accord/service/gateway" role: "service" }
)pb";

const TestKey& Key() {
  static const auto& key = *new TestKey(R_KEY_TYPE_EDDSA, 256, "k1");
  return key;
}

std::string TokenOf(const std::string& subject, const TestKey& key = Key()) {
  return TestToken(kNow)
      .Set("sub", subject)
      .Set("azp", "app")
      .Signed(R_JWA_ALG_EDDSA, key.signing());
}

std::shared_ptr<TokenVerifier> Verifier() {
  return std::make_shared<TokenVerifier>(
      TokenRules{.issuer = "https://id.example", .audience = "accord"},
      KeySet::Parse(SetOf({Key().PublicJson()})).value());
}

class TokenGateTest : public ::testing::Test {
 protected:
  absl::StatusOr<rpc::Admission> Admit(const rpc::Credentials& credentials,
                                       const std::string& method = "a.v1.S/Get") {
    return gate.Admit(credentials, method, kNow);
  }

  const std::shared_ptr<const AccessPolicy> access = AccessPolicy::Parse(kTable, "table").value();
  const std::shared_ptr<const RoleBindings> bindings =
      RoleBindings::Parse(kBindings, "bindings", *access).value();
  TokenGate gate{access, bindings, Verifier()};
};

TEST_F(TokenGateTest, ATokenSaysWhoAndTheTableHowFar) {
  const auto chief = Admit({.bearer = TokenOf("u-17")}, "a.v1.S/Update");
  ASSERT_THAT(chief, IsOk());
  EXPECT_EQ(chief->caller.actor, "https://id.example#u-17");
  EXPECT_EQ(chief->caller.role, "chief");
  EXPECT_EQ(chief->caller.client, "app");
  EXPECT_TRUE(chief->reach.whole);

  const auto field = Admit({.bearer = TokenOf("u-18")});
  ASSERT_THAT(field, IsOk());
  EXPECT_EQ(field->caller.role, "field");
  EXPECT_EQ(field->reach, (Reach{.field_offices = {"fieldOffices/miami"}}));
}

TEST_F(TokenGateTest, AllRolesThatGrantTheMethodAreNamed) {
  EXPECT_EQ(Admit({.bearer = TokenOf("u-17")})->caller.role, "chief,field");
}

TEST_F(TokenGateTest, TheTableSaysWhoseReadsOfTheLogAreRecorded) {
  EXPECT_TRUE(Admit({.bearer = TokenOf("u-18")})->log_reads_recorded);
  // One such role is enough, where it grants the method.
  EXPECT_TRUE(Admit({.bearer = TokenOf("u-17")})->log_reads_recorded);
  EXPECT_FALSE(Admit({.bearer = TokenOf("u-17")}, "a.v1.S/Update")->log_reads_recorded);
  EXPECT_FALSE(Admit({.peer_uris = {"spiffe://accord/service/gateway"}})->log_reads_recorded);
}

TEST_F(TokenGateTest, WhatNoRoleGrantsIsDenied) {
  const auto code = absl::StatusCode::kPermissionDenied;
  EXPECT_THAT(Admit({.bearer = TokenOf("u-18")}, "a.v1.S/Update"),
              FailsWith(code, "METHOD_NOT_GRANTED"));
  EXPECT_THAT(Admit({.bearer = TokenOf("u-99")}), FailsWith(code, "METHOD_NOT_GRANTED"));
  EXPECT_THAT(Admit({.bearer = TokenOf("u-17")}, "a.v1.S/Unheard"),
              FailsWith(code, "METHOD_NOT_GRANTED"));
}

TEST_F(TokenGateTest, AServiceShowsItsCertificate) {
  const auto service =
      Admit({.peer_uris = {"https://elsewhere", "spiffe://accord/service/gateway"}});
  ASSERT_THAT(service, IsOk());
  EXPECT_EQ(service->caller.actor, "spiffe://accord/service/gateway");
  EXPECT_EQ(service->caller.role, "service");
  EXPECT_THAT(Admit({.peer_uris = {"spiffe://accord/service/other"}}),
              FailsWith(absl::StatusCode::kPermissionDenied, "METHOD_NOT_GRANTED"));
}

TEST_F(TokenGateTest, ABadTokenIsNotMadeGoodByACertificate) {
  EXPECT_THAT(Admit({.bearer = "x", .peer_uris = {"spiffe://accord/service/gateway"}}),
              FailsWith(absl::StatusCode::kUnauthenticated, "TOKEN_MALFORMED"));
}

TEST_F(TokenGateTest, AServiceActsForWhoseTokenItBrings) {
  const auto admitted =
      Admit({.bearer = TokenOf("u-18"), .peer_uris = {"spiffe://accord/service/gateway"}});
  ASSERT_THAT(admitted, IsOk());
  EXPECT_EQ(admitted->caller.actor, "https://id.example#u-18");
  EXPECT_FALSE(admitted->reach.whole);
}

TEST_F(TokenGateTest, WithoutProofNobodyComesIn) {
  EXPECT_THAT(Admit({}), FailsWith(absl::StatusCode::kUnauthenticated, "NO_PROOF"));
  EXPECT_THAT(Admit({.peer_uris = {"https://elsewhere"}}),
              FailsWith(absl::StatusCode::kUnauthenticated, "NO_PROOF"));
  TokenGate services_only(access, bindings, nullptr);
  EXPECT_THAT(services_only.Admit({.bearer = TokenOf("u-17")}, "a.v1.S/Get", kNow),
              FailsWith(absl::StatusCode::kUnauthenticated, "NO_PROOF"));
}

class GateFlagsTest : public ::testing::Test {
 protected:
  GateFlagsTest() {
    Write("access", kTable);
    Write("bindings", kBindings);
    Write("keys", SetOf({Key().PublicJson()}));
    flags.access = dir.File("access");
    flags.bindings = dir.File("bindings");
    flags.token_issuer = "https://id.example";
    flags.token_keys = dir.File("keys");
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(dir.File(name)) << text;
  }

  const testing::TempDir dir;
  GateFlags flags;
};

TEST_F(GateFlagsTest, WithoutATableNobodyIsAsked) {
  const auto parts = MakeGate({});
  ASSERT_THAT(parts, IsOk());
  EXPECT_EQ(parts->gate, nullptr);
}

TEST_F(GateFlagsTest, MakesTheGate) {
  const auto parts = MakeGate(flags);
  ASSERT_THAT(parts, IsOk());
  EXPECT_THAT(parts->gate->Admit({.bearer = TokenOf("u-18")}, "a.v1.S/Get", kNow), IsOk());
}

TEST_F(GateFlagsTest, RefusesWhatDoesNotGoTogether) {
  const auto refused = [this](auto change) {
    GateFlags changed = flags;
    change(changed);
    return MakeGate(changed).status().code() == absl::StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](GateFlags& each) { each.access = ""; }));
  EXPECT_TRUE(refused([](GateFlags& each) { each.bindings = ""; }));
  EXPECT_TRUE(refused([](GateFlags& each) { each.token_issuer = ""; }));
  EXPECT_TRUE(refused([](GateFlags& each) { each.token_keys = ""; }));
}

TEST_F(GateFlagsTest, NamesAFileThatIsMissing) {
  flags.token_keys = dir.File("nothing");
  EXPECT_THAT(MakeGate(flags), FailsWith(absl::StatusCode::kNotFound, "KEYS_MISSING"));
}

TEST_F(GateFlagsTest, KeepsUpWithTheFileOfKeys) {
  const TestKey next(R_KEY_TYPE_EDDSA, 256, "k2");
  KeyFile::Keys newest = KeyFile::Read(flags.token_keys).value();
  std::mutex mutex;
  const auto has = [&](const char* id) {
    std::lock_guard lock(mutex);
    return newest->Find(id) != nullptr;
  };
  const KeyFile file(
      flags.token_keys,
      [&](KeyFile::Keys keys) {
        std::lock_guard lock(mutex);
        newest = std::move(keys);
      },
      absl::Milliseconds(5));
  Write("keys", SetOf({Key().PublicJson(), next.PublicJson()}));
  EXPECT_TRUE(testing::Eventually([&] { return has("k2"); }));
  Write("keys", "not a key set");
  Write("keys", SetOf({next.PublicJson()}));
  EXPECT_TRUE(testing::Eventually([&] { return !has("k1"); }));
  EXPECT_TRUE(has("k2"));
}

}  // namespace
}  // namespace accord::auth
