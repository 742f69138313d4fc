#include "common/proof/ed25519.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "tests/unit/proof/keys.h"

namespace accord::proof {
namespace {

using accord::testing::IsOk;
using accord::testing::StatusIs;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

std::string Pem(absl::string_view label, absl::string_view der_hex) {
  return absl::StrCat("-----BEGIN ", label, "-----\n",
                      absl::Base64Escape(absl::HexStringToBytes(der_hex)), "\n-----END ", label,
                      "-----\n");
}

// RFC 8032, 7.1, test 1: the empty message.
TEST(Ed25519Test, SignsAsTheStandardSays) {
  const auto key =
      SigningKey::FromPem(Pem("PRIVATE KEY",
                              "302e020100300506032b657004220420"
                              "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  ASSERT_THAT(key, IsOk());
  const auto signature = key->Sign("");
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(absl::BytesToHexString(*signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39"
            "701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  const auto other_half =
      PublicKey::FromPem(Pem("PUBLIC KEY",
                             "302a300506032b6570032100"
                             "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  ASSERT_THAT(other_half, IsOk());
  EXPECT_TRUE(other_half->Verify("", *signature));
  EXPECT_FALSE(other_half->Verify("x", *signature));
  EXPECT_EQ(other_half->id(), key->public_key().id());
  // sha256sum of the 44 bytes above.
  EXPECT_EQ(other_half->id(), "06e3fd8fda29bb60");
}

TEST(Ed25519Test, EveryBitOfASignatureCounts) {
  const auto key = SigningKey::FromPem(NewKey().private_pem);
  ASSERT_THAT(key, IsOk());
  const std::string good = *key->Sign("what was said");
  ASSERT_TRUE(key->public_key().Verify("what was said", good));
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(key->public_key().Verify("what was said", bad)) << bit;
  }
  EXPECT_FALSE(key->public_key().Verify("what was said", good.substr(0, 63)));
  EXPECT_FALSE(key->public_key().Verify("what was said", good + "x"));
  EXPECT_FALSE(key->public_key().Verify("what was said", ""));
}

TEST(Ed25519Test, OtherKeysAreRefused) {
  const KeyPem key = NewKey();
  EXPECT_THAT(SigningKey::FromPem(""), StatusIs(kInvalid));
  EXPECT_THAT(SigningKey::FromPem("no key"), StatusIs(kInvalid));
  EXPECT_THAT(SigningKey::FromPem(key.public_pem), StatusIs(kInvalid));
  EXPECT_THAT(SigningKey::FromPem(NewKey("ED448").private_pem), StatusIs(kInvalid));
  EXPECT_THAT(PublicKey::FromPem(key.private_pem), StatusIs(kInvalid));
  EXPECT_THAT(PublicKey::FromPem(NewKey("X25519").public_pem), StatusIs(kInvalid));
  const auto public_key = PublicKey::FromPem(key.public_pem);
  ASSERT_THAT(public_key, IsOk());
  EXPECT_NE(public_key->id(), PublicKey::FromPem(NewKey().public_pem)->id());
}

}  // namespace
}  // namespace accord::proof
