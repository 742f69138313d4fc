#include "common/auth/token_verifier.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/testing/matchers.h"
#include "tests/unit/auth/token_maker.h"

namespace accord::auth {
namespace {

using testing::FailsWith;
using testing::IsOk;

constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

// Making RSA keys takes a while: once for all tests.
struct Provider {
  TestKey rsa{R_KEY_TYPE_RSA, 2048, "rsa-1"};
  TestKey ec{R_KEY_TYPE_EC, 256, "ec-1"};
  TestKey ed{R_KEY_TYPE_EDDSA, 256, "ed-1"};
  TestKey stranger{R_KEY_TYPE_EC, 256, "ec-1"};
};
const Provider& Keys() {
  static const auto& provider = *new Provider;
  return provider;
}

std::shared_ptr<const KeySet> Published(const std::vector<std::string>& keys) {
  return KeySet::Parse(SetOf(keys)).value();
}

class TokenVerifierTest : public ::testing::Test {
 protected:
  std::string SignedByEc() { return token.Signed(R_JWA_ALG_ES256, Keys().ec.signing()); }
  absl::StatusOr<Identity> Verify(const std::string& text) { return verifier.Verify(text, kNow); }

  TestToken token{kNow};
  TokenVerifier verifier{
      {.issuer = "https://id.example", .audience = "accord"},
      Published({Keys().rsa.PublicJson(), Keys().ec.PublicJson(), Keys().ed.PublicJson()})};
};

TEST_F(TokenVerifierTest, TellsWhoItIs) {
  token.Set("azp", "field-app");
  const auto identity = Verify(SignedByEc());
  ASSERT_THAT(identity, IsOk());
  EXPECT_EQ(*identity,
            (Identity{"https://id.example", "u-17", "field-app", kNow + absl::Hours(1)}));
}

TEST_F(TokenVerifierTest, AcceptsEachAlgorithmWithItsKey) {
  EXPECT_THAT(Verify(token.Signed(R_JWA_ALG_RS256, Keys().rsa.signing())), IsOk());
  EXPECT_THAT(Verify(token.Signed(R_JWA_ALG_ES256, Keys().ec.signing())), IsOk());
  EXPECT_THAT(Verify(token.Signed(R_JWA_ALG_EDDSA, Keys().ed.signing())), IsOk());
}

TEST_F(TokenVerifierTest, TheClientMayBeItsClientId) {
  token.Set("client_id", "import-job");
  EXPECT_EQ(Verify(SignedByEc())->client, "import-job");
}

TEST_F(TokenVerifierTest, AmongSeveralAudiencesOursSuffices) {
  token.SetJson("aud", R"(["other","accord"])");
  EXPECT_THAT(Verify(SignedByEc()), IsOk());
}

TEST_F(TokenVerifierTest, RefusesWhatIsNotSigned) {
  const std::string good = SignedByEc();
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"none","typ":"JWT","kid":"ec-1"})",
                             R"({"alg":"None","kid":"ec-1"})", R"({"kid":"ec-1"})"}) {
    const std::string unsecured = absl::StrCat(absl::WebSafeBase64Escape(header), ".", parts[1]);
    // Without a signature, and with one that is good for something else.
    EXPECT_EQ(Verify(absl::StrCat(unsecured, ".")).status().code(), kUnauthenticated) << header;
    EXPECT_EQ(Verify(absl::StrCat(unsecured, ".", parts[2])).status().code(), kUnauthenticated)
        << header;
  }
}

TEST_F(TokenVerifierTest, RefusesAPublicKeyUsedAsASecret) {
  // What a verifier that trusts `alg` would check with HMAC: every form a public key has.
  for (const std::string& secret : {Keys().rsa.PublicJson(), std::string("rsa-1")}) {
    jwk_t* key = nullptr;
    r_jwk_init(&key);
    ASSERT_EQ(r_jwk_import_from_symmetric_key(
                  key, reinterpret_cast<const unsigned char*>(secret.data()), secret.size()),
              RHN_OK);
    r_jwk_set_property_str(key, "kid", "rsa-1");
    EXPECT_THAT(Verify(token.Signed(R_JWA_ALG_HS256, key)),
                FailsWith(kUnauthenticated, "TOKEN_ALGORITHM"));
    r_jwk_free(key);
  }
}

TEST_F(TokenVerifierTest, RefusesOtherAlgorithmsOfAGoodKey) {
  for (const jwa_alg algorithm : {R_JWA_ALG_RS384, R_JWA_ALG_RS512, R_JWA_ALG_PS256}) {
    EXPECT_THAT(Verify(token.Signed(algorithm, Keys().rsa.signing())),
                FailsWith(kUnauthenticated, "TOKEN_ALGORITHM"));
  }
}

TEST_F(TokenVerifierTest, RefusesTheAlgorithmOfAnotherKind) {
  // Signed well with RS256, but it names the EC key.
  token.Header("kid", "\"ec-1\"");
  const std::string text = token.Signed(R_JWA_ALG_RS256, Keys().rsa.signing());
  EXPECT_EQ(Verify(text).status().code(), kUnauthenticated);
}

TEST_F(TokenVerifierTest, RefusesAnotherKeyOfTheSameName) {
  EXPECT_THAT(Verify(token.Signed(R_JWA_ALG_ES256, Keys().stranger.signing())),
              FailsWith(kUnauthenticated, "TOKEN_SIGNATURE"));
}

TEST_F(TokenVerifierTest, RefusesAKeyThatTheTokenBrings) {
  token.Header("jwk", Keys().stranger.PublicJson());
  EXPECT_THAT(Verify(token.Signed(R_JWA_ALG_ES256, Keys().stranger.signing())),
              FailsWith(kUnauthenticated, "TOKEN_SIGNATURE"));
}

TEST_F(TokenVerifierTest, RefusesAnUnknownKey) {
  const TestKey unknown(R_KEY_TYPE_EC, 256, "ec-2");
  EXPECT_THAT(Verify(token.Signed(R_JWA_ALG_ES256, unknown.signing())),
              FailsWith(kUnauthenticated, "TOKEN_KEY_UNKNOWN"));
}

TEST_F(TokenVerifierTest, RefusesExtensionsThatMustBeUnderstood) {
  token.Header("crit", R"(["b64"])");
  EXPECT_THAT(Verify(SignedByEc()), FailsWith(kUnauthenticated, "TOKEN_MALFORMED"));
}

TEST_F(TokenVerifierTest, RefusesEveryChangedCharacter) {
  const std::string good = SignedByEc();
  for (size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (changed == good) continue;
    // The last character of a part has bits that mean nothing.
    const bool last = i + 1 == good.size() || good[i + 1] == '.';
    if (last) continue;
    EXPECT_EQ(Verify(changed).status().code(), kUnauthenticated) << i;
  }
}

TEST_F(TokenVerifierTest, RefusesWhatIsNoToken) {
  for (const std::string& text : {std::string(), std::string("x"), std::string("a.b.c"),
                                  std::string("..."), std::string(kMaxTokenBytes + 1, 'a')}) {
    EXPECT_THAT(Verify(text), FailsWith(kUnauthenticated, "TOKEN_MALFORMED"));
  }
}

TEST_F(TokenVerifierTest, RefusesAnotherIssuerOrAudience) {
  EXPECT_THAT(Verify(TestToken(kNow)
                         .Set("iss", "https://id.example.evil")
                         .Signed(R_JWA_ALG_ES256, Keys().ec.signing())),
              FailsWith(kUnauthenticated, "TOKEN_ISSUER"));
  for (const char* audience : {"\"accord2\"", R"(["other"])", "[]", "7", R"({"accord":1})"}) {
    EXPECT_THAT(
        Verify(
            TestToken(kNow).SetJson("aud", audience).Signed(R_JWA_ALG_ES256, Keys().ec.signing())),
        FailsWith(kUnauthenticated, "TOKEN_AUDIENCE"))
        << audience;
  }
}

TEST_F(TokenVerifierTest, RefusesWhatIsMissing) {
  const auto without = [](const char* claim) {
    return TestToken(kNow).Drop(claim).Signed(R_JWA_ALG_ES256, Keys().ec.signing());
  };
  EXPECT_THAT(Verify(without("iss")), FailsWith(kUnauthenticated, "TOKEN_ISSUER"));
  EXPECT_THAT(Verify(without("aud")), FailsWith(kUnauthenticated, "TOKEN_AUDIENCE"));
  EXPECT_THAT(Verify(without("sub")), FailsWith(kUnauthenticated, "TOKEN_INCOMPLETE"));
  EXPECT_THAT(Verify(without("exp")), FailsWith(kUnauthenticated, "TOKEN_INCOMPLETE"));
  EXPECT_THAT(
      Verify(TestToken(kNow).Set("exp", "tomorrow").Signed(R_JWA_ALG_ES256, Keys().ec.signing())),
      FailsWith(kUnauthenticated, "TOKEN_INCOMPLETE"));
}

TEST_F(TokenVerifierTest, HoldsFromItsFirstToItsLastMoment) {
  token.Set("nbf", absl::ToUnixSeconds(kNow));
  const std::string text = SignedByEc();
  const absl::Duration leeway = absl::Seconds(30);
  const absl::Duration second = absl::Seconds(1);
  const auto at = [&](absl::Time time) { return verifier.Verify(text, time); };
  EXPECT_THAT(at(kNow - leeway - second), FailsWith(kUnauthenticated, "TOKEN_NOT_YET_VALID"));
  EXPECT_THAT(at(kNow - leeway), IsOk());
  const absl::Time end = kNow + absl::Hours(1) + leeway;
  EXPECT_THAT(at(end - second), IsOk());
  // Also where it was remembered.
  EXPECT_THAT(at(end), FailsWith(kUnauthenticated, "TOKEN_EXPIRED"));
  EXPECT_THAT(at(end), FailsWith(kUnauthenticated, "TOKEN_EXPIRED"));
}

TEST_F(TokenVerifierTest, AKeyThatIsGoneTakesItsTokensAlong) {
  const std::string text = SignedByEc();
  EXPECT_THAT(Verify(text), IsOk());
  verifier.SetKeys(Published({Keys().rsa.PublicJson()}));
  EXPECT_THAT(Verify(text), FailsWith(kUnauthenticated, "TOKEN_KEY_UNKNOWN"));
  verifier.SetKeys(Published({Keys().rsa.PublicJson(), Keys().ec.PublicJson()}));
  EXPECT_THAT(Verify(text), IsOk());
}

TEST_F(TokenVerifierTest, WithoutKeysNothingIsGood) {
  const std::string text = SignedByEc();
  EXPECT_THAT(Verify(text), IsOk());
  verifier.SetKeys(nullptr);
  EXPECT_THAT(Verify(text), FailsWith(absl::StatusCode::kUnavailable, "TOKEN_KEYS_MISSING"));
}

TEST_F(TokenVerifierTest, TellsOfUnknownKeysOnly) {
  int told = 0;
  verifier.OnUnknownKey([&told] { ++told; });
  EXPECT_THAT(Verify(SignedByEc()), IsOk());
  EXPECT_FALSE(Verify("x").ok());
  EXPECT_FALSE(Verify(token.Signed(R_JWA_ALG_ES256, Keys().stranger.signing())).ok());
  EXPECT_EQ(told, 0);
  const TestKey unknown(R_KEY_TYPE_EC, 256, "ec-2");
  EXPECT_FALSE(Verify(token.Signed(R_JWA_ALG_ES256, unknown.signing())).ok());
  EXPECT_EQ(told, 1);
}

TEST_F(TokenVerifierTest, RemembersABoundedNumber) {
  TokenVerifier small({.issuer = "https://id.example", .audience = "accord"},
                      Published({Keys().ed.PublicJson()}), 2);
  for (int i = 0; i < 5; ++i) {
    token.Set("sub", absl::StrCat("u-", i));
    const auto identity = small.Verify(token.Signed(R_JWA_ALG_EDDSA, Keys().ed.signing()), kNow);
    ASSERT_THAT(identity, IsOk());
    EXPECT_EQ(identity->subject, absl::StrCat("u-", i));
  }
}

TEST(KeySetTest, FindsItsKeys) {
  const auto keys = KeySet::Parse(SetOf({Keys().ec.PublicJson(), Keys().ed.PublicJson()}));
  ASSERT_THAT(keys, IsOk());
  EXPECT_EQ((*keys)->size(), 2);
  ASSERT_NE((*keys)->Find("ed-1"), nullptr);
  EXPECT_EQ((*keys)->Find("ed-1")->kind, KeySet::Kind::kEd25519);
  EXPECT_EQ((*keys)->Find("rsa-1"), nullptr);
}

TEST(KeySetTest, RefusesWhatIsNoKeySet) {
  for (const char* json : {"", "{}", "[]", "{\"keys\":[]}", "{\"keys\":7}", "no json"}) {
    EXPECT_THAT(KeySet::Parse(json),
                FailsWith(absl::StatusCode::kInvalidArgument, "KEYS_UNREADABLE"))
        << json;
  }
}

TEST(KeySetTest, NamesEveryKeyThatIsNotGood) {
  const TestKey small(R_KEY_TYPE_RSA, 1024, "small");
  const TestKey other_curve(R_KEY_TYPE_EC, 384, "p384");
  const auto keys = KeySet::Parse(SetOf({small.PublicJson(), other_curve.PublicJson(),
                                         Keys().ec.PrivateJson(), Keys().ec.PublicJson()}));
  EXPECT_THAT(keys, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  for (const char* fault : {"keys[0]: must have 2048 bits", "keys[1]: must be on P-256",
                            "keys[2]: must be a public", "keys[3].kid: is that of another key"}) {
    EXPECT_THAT(std::string(keys.status().message()), ::testing::HasSubstr(fault));
  }
}

TEST(KeySetTest, PassesOverKeysForEncryption) {
  std::string encryption = Keys().rsa.PublicJson();
  encryption.insert(1, "\"use\":\"enc\",");
  EXPECT_EQ((*KeySet::Parse(SetOf({encryption, Keys().ec.PublicJson()})))->size(), 1);
}

}  // namespace
}  // namespace accord::auth
