#include "common/auth/token_gate.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cstdio>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/auth/gate_flags.h"
#include "common/base/log.h"
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
  method_groups { name: "oneself" methods: "a.v1.S/WhoAmI" }
  open_groups: "oneself"
  caller_limits {
    code: "some_writes"
    method_groups: "write"
    calls: 2
    period { seconds: 60 }
  }
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
  TokenGate gate{{access, bindings}, Verifier()};
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
  TokenGate services_only({access, bindings}, nullptr);
  EXPECT_THAT(services_only.Admit({.bearer = TokenOf("u-17")}, "a.v1.S/Get", kNow),
              FailsWith(absl::StatusCode::kUnauthenticated, "NO_PROOF"));
}

TEST_F(TokenGateTest, WhatIsOpenIsForEverybodyWhoIsProven) {
  for (const rpc::Credentials& known :
       {rpc::Credentials{.bearer = TokenOf("u-99")},
        rpc::Credentials{.peer_uris = {"spiffe://accord/service/other"}}}) {
    const auto admitted = Admit(known, "a.v1.S/WhoAmI");
    ASSERT_THAT(admitted, IsOk());
    EXPECT_EQ(admitted->caller.role, "");
    EXPECT_EQ(admitted->reach, (Reach{.self = true}));
  }
  EXPECT_THAT(Admit({}, "a.v1.S/WhoAmI"),
              FailsWith(absl::StatusCode::kUnauthenticated, "NO_PROOF"));
}

TEST_F(TokenGateTest, WhatIsLetInCountsUnderTheLimits) {
  const auto update = [this](const std::string& subject, absl::Duration later) {
    return gate.Admit({.bearer = TokenOf(subject)}, "a.v1.S/Update", kNow + later).status();
  };
  const auto code = absl::StatusCode::kResourceExhausted;
  EXPECT_THAT(update("u-17", absl::Seconds(0)), IsOk());
  // What is denied does not count, and is denied as before.
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(update("u-18", absl::Seconds(1)),
                FailsWith(absl::StatusCode::kPermissionDenied, "METHOD_NOT_GRANTED"));
  }
  EXPECT_THAT(update("u-17", absl::Seconds(1)), IsOk());
  EXPECT_THAT(update("u-17", absl::Seconds(59)), FailsWith(code, "CALLER_QUOTA"));
  EXPECT_THAT(Admit({.bearer = TokenOf("u-17")}), IsOk()) << "another method";
  // Other rules do not give it back.
  gate.SetRules({access, bindings});
  EXPECT_THAT(update("u-17", absl::Seconds(59)), FailsWith(code, "CALLER_QUOTA"));
  EXPECT_THAT(update("u-17", absl::Seconds(60)), IsOk());
}

TEST_F(TokenGateTest, TellsWhoItIs) {
  const auto caller = gate.WhoIs({.bearer = TokenOf("u-17")}, kNow);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->actor, "https://id.example#u-17");
  EXPECT_EQ(caller->identity.expires, kNow + absl::Hours(1));
  ASSERT_EQ(caller->roles.size(), 2u);
  EXPECT_EQ(caller->roles[1].role(), "field");
  EXPECT_THAT(gate.WhoIs({}, kNow), FailsWith(absl::StatusCode::kUnauthenticated, "NO_PROOF"));
}

TEST_F(TokenGateTest, OtherRulesHoldAtOnce) {
  gate.SetRules({access, RoleBindings::Parse("", "none", *access).value()});
  EXPECT_THAT(Admit({.bearer = TokenOf("u-17")}),
              FailsWith(absl::StatusCode::kPermissionDenied, "METHOD_NOT_GRANTED"));
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
  // At once, as `mv` does.
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(dir.File("new")) << text;
    ASSERT_EQ(std::rename(dir.File("new").c_str(), dir.File(name).c_str()), 0);
  }

  const testing::TempDir dir;
  GateFlags flags;
};

TEST_F(GateFlagsTest, WithoutATableNobodyIsAskedIfThatIsWanted) {
  const auto parts = MakeGate({}, /*insecure=*/true);
  ASSERT_THAT(parts, IsOk());
  EXPECT_EQ(parts->gate, nullptr);
  const auto refused = MakeGate({}, /*insecure=*/false);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("--access"));
}

TEST_F(GateFlagsTest, MakesTheGate) {
  for (const bool insecure : {false, true}) {
    const auto parts = MakeGate(flags, insecure);
    ASSERT_THAT(parts, IsOk());
    EXPECT_THAT(parts->gate->Admit({.bearer = TokenOf("u-18")}, "a.v1.S/Get", kNow), IsOk());
  }
}

TEST_F(GateFlagsTest, RefusesWhatDoesNotGoTogether) {
  const auto refused = [this](auto change) {
    GateFlags changed = flags;
    change(changed);
    return MakeGate(changed, /*insecure=*/false).status().code() ==
           absl::StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](GateFlags& each) { each.access = ""; }));
  EXPECT_TRUE(refused([](GateFlags& each) { each.bindings = ""; }));
  EXPECT_TRUE(refused([](GateFlags& each) { each.token_issuer = ""; }));
  EXPECT_TRUE(refused([](GateFlags& each) { each.token_keys = ""; }));
  EXPECT_TRUE(refused([](GateFlags& each) { each.token_keys = "http://id.example/keys"; }));
  EXPECT_TRUE(refused([](GateFlags& each) { each.token_keys_period = absl::ZeroDuration(); }));
}

TEST_F(GateFlagsTest, NamesAFileThatIsMissing) {
  const auto not_found = absl::StatusCode::kNotFound;
  GateFlags changed = flags;
  changed.token_keys = dir.File("nothing");
  EXPECT_THAT(MakeGate(changed, false), FailsWith(not_found, "KEYS_MISSING"));
  changed = flags;
  changed.bindings = dir.File("nothing");
  EXPECT_THAT(MakeGate(changed, false), FailsWith(not_found, "POLICY_FILE_MISSING"));
  changed = flags;
  changed.access = dir.File("nothing");
  EXPECT_THAT(MakeGate(changed, false), FailsWith(not_found, "POLICY_FILE_MISSING"));
}

TEST_F(GateFlagsTest, KeepsUpWithItsFiles) {
  const auto parts = MakeGate(flags, /*insecure=*/false);
  ASSERT_THAT(parts, IsOk());
  const TestKey next(R_KEY_TYPE_EDDSA, 256, "k2");
  const auto admits = [&](const std::string& token, const std::string& method) {
    return parts->gate->Admit({.bearer = token}, method, kNow).ok();
  };
  Write("keys", SetOf({next.PublicJson()}));
  EXPECT_TRUE(testing::Eventually([&] { return admits(TokenOf("u-18", next), "a.v1.S/Get"); }));
  EXPECT_FALSE(admits(TokenOf("u-18"), "a.v1.S/Get"));

  // What is not good is told, and what was there before holds.
  std::atomic<bool> told = false;
  SetLogSinkForTest([&told](absl::string_view line) {
    if (absl::StrContains(line, "access:1:")) told = true;
  });
  Write("access", "nonsense {");
  EXPECT_TRUE(testing::Eventually([&] { return told.load(); }));
  SetLogSinkForTest(nullptr);
  EXPECT_TRUE(admits(TokenOf("u-18", next), "a.v1.S/Get"));

  Write("bindings", absl::StrCat(kBindings, R"pb(
          bindings { issuer: "https://id.example" subject: "u-19" role: "chief" }
        )pb"));
  Write("access", kTable);
  EXPECT_TRUE(testing::Eventually([&] { return admits(TokenOf("u-19", next), "a.v1.S/Get"); }));

  std::string without_read(kTable);
  without_read.replace(without_read.find("a.v1.S/Get"), 10, "a.v1.S/Put");
  Write("access", without_read);
  EXPECT_TRUE(testing::Eventually([&] { return !admits(TokenOf("u-19", next), "a.v1.S/Get"); }));
  EXPECT_TRUE(admits(TokenOf("u-19", next), "a.v1.S/Put"));
}

}  // namespace
}  // namespace accord::auth
