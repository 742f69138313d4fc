#include "common/store/page_token.h"

#include <limits>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace accord::store {
namespace {

using ::testing::HasSubstr;

constexpr char kDomain[] = "test.accord";
const std::string kKey(kPageTokenKeyBytes, 'k');
constexpr char kBinding[] = "alice\nList\nstate = ACTIVE\nname\n";

std::vector<sql::Value> SomePosition() {
  return {std::string("agencies/a\0b", 12),     int64_t{-7},  std::monostate(), 2.5,
          sql::Bytes{std::string("\xff\0", 2)}, std::string()};
}

std::string Sealed() { return SealPageToken(kKey, kBinding, SomePosition()).value(); }

void ExpectRefused(absl::string_view key, absl::string_view binding, absl::string_view token) {
  const auto opened = OpenPageToken(key, binding, token, kDomain);
  ASSERT_EQ(opened.status().code(), absl::StatusCode::kInvalidArgument) << token;
  EXPECT_EQ(opened.status().message(),
            "page_token: use it with the same caller, filter and order, "
            "or start again without it");
  EXPECT_EQ(GetReason(opened.status()), "INVALID_FIELDS");
}

TEST(PageTokenTest, OpensWhatWasSealed) {
  EXPECT_EQ(OpenPageToken(kKey, kBinding, Sealed(), kDomain).value(), SomePosition());
  const std::vector<std::vector<sql::Value>> positions = {
      {}, {std::numeric_limits<int64_t>::min()}, {std::numeric_limits<int64_t>::max()}, {-0.0}};
  for (const auto& position : positions) {
    const std::string token = SealPageToken(kKey, "", position).value();
    EXPECT_EQ(OpenPageToken(kKey, "", token, kDomain).value(), position);
  }
}

TEST(PageTokenTest, IsUrlSafeAndSaysNothing) {
  const std::string token = Sealed();
  EXPECT_THAT(token, testing::MatchesRegex("[A-Za-z0-9_-]+"));
  std::string octets;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token, &octets));
  EXPECT_THAT(octets, testing::Not(HasSubstr("agencies")));
}

TEST(PageTokenTest, IsNeverTheSameTwice) {
  std::set<std::string> nonces;
  for (int i = 0; i < 100; ++i) nonces.insert(Sealed().substr(0, 16));
  EXPECT_EQ(nonces.size(), 100u);
}

TEST(PageTokenTest, EveryChangedCharacterIsRefused) {
  const std::string token = Sealed();
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'B', 'z', '9', '-', '_', '=', '+', ' ', '\0', '\xff'}) {
      std::string changed = token;
      changed[i] = other;
      if (changed != token) ExpectRefused(kKey, kBinding, changed);
    }
  }
}

TEST(PageTokenTest, EveryFlippedBitIsRefused) {
  std::string octets;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(Sealed(), &octets));
  for (size_t bit = 0; bit < octets.size() * 8; ++bit) {
    std::string changed = octets;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    ExpectRefused(kKey, kBinding, absl::WebSafeBase64Escape(changed));
  }
}

TEST(PageTokenTest, EveryOtherLengthIsRefused) {
  const std::string token = Sealed();
  for (size_t size = 0; size < token.size(); ++size) {
    ExpectRefused(kKey, kBinding, token.substr(0, size));
    ExpectRefused(kKey, kBinding, token.substr(token.size() - size));
  }
  for (const char* tail : {"A", "AA", "AAAA", "=", "==", "\n", " "}) {
    ExpectRefused(kKey, kBinding, token + tail);
    ExpectRefused(kKey, kBinding, tail + token);
  }
}

TEST(PageTokenTest, OtherBindingIsRefused) {
  ExpectRefused(kKey, "bob\nList\nstate = ACTIVE\nname\n", Sealed());
  ExpectRefused(kKey, "alice\nList\nstate = PENDING\nname\n", Sealed());
  ExpectRefused(kKey, absl::StrCat(kBinding, "x"), Sealed());
  ExpectRefused(kKey, "", Sealed());
}

TEST(PageTokenTest, OtherKeyIsRefused) {
  std::string key = kKey;
  key.back() = 'l';
  ExpectRefused(key, kBinding, Sealed());
}

TEST(PageTokenTest, KeyOfAnotherLengthIsOurMistake) {
  for (const size_t size : {0, 16, 31, 33}) {
    const std::string key(size, 'k');
    EXPECT_EQ(SealPageToken(key, kBinding, {}).status().code(), absl::StatusCode::kInternal);
    EXPECT_EQ(OpenPageToken(key, kBinding, Sealed(), kDomain).status().code(),
              absl::StatusCode::kInternal);
  }
}

TEST(PageTokenTest, LengthIsBounded) {
  // 28 octets of nonce and tag, 9 before the text: three octets are four characters.
  const size_t longest = kMaxPageTokenChars / 4 * 3 - 28 - 9;
  const auto token = SealPageToken(kKey, "", {std::string(longest, 'x')});
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->size(), kMaxPageTokenChars);
  EXPECT_TRUE(OpenPageToken(kKey, "", *token, kDomain).ok());
  EXPECT_EQ(SealPageToken(kKey, "", {std::string(longest + 1, 'x')}).status().code(),
            absl::StatusCode::kInternal);
  ExpectRefused(kKey, "", std::string(10'000'000, 'A'));
}

}  // namespace
}  // namespace accord::store
