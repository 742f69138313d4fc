#include "common/auth/key_source.h"

#include <fstream>

#include "common/testing/eventually.h"
#include "common/testing/http_server.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "tests/unit/auth/token_maker.h"

namespace accord::auth {
namespace {

using testing::Eventually;
using testing::FailsWith;
using testing::HttpServer;
using testing::IsOk;
using testing::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

struct Keys {
  TestKey first{R_KEY_TYPE_EDDSA, 256, "k1"};
  TestKey next{R_KEY_TYPE_EDDSA, 256, "k2"};
};
const Keys& Both() {
  static const auto& keys = *new Keys;
  return keys;
}

std::string Only(const TestKey& key) { return SetOf({key.PublicJson()}); }

class KeySourceTest : public ::testing::Test {
 protected:
  // With no look that a test does not ask for.
  absl::StatusOr<std::unique_ptr<KeySource>> Start(const std::string& location,
                                                   absl::Duration period = absl::Hours(1),
                                                   absl::Duration retry = absl::Hours(1)) {
    return KeySource::Start({.location = location,
                             .url_period = period,
                             .url_times = {.retry = retry, .between_hurries = absl::Hours(1)}},
                            verifier);
  }
  absl::Status Verify(const TestKey& key) {
    return verifier->Verify(TestToken(kNow).Signed(R_JWA_ALG_EDDSA, key.signing()), kNow).status();
  }

  const std::shared_ptr<TokenVerifier> verifier = std::make_shared<TokenVerifier>(
      TokenRules{.issuer = "https://id.example", .audience = "accord"}, nullptr);
  HttpServer server{[] { return HttpServer::Ok(Only(Both().first)); }};
};

TEST_F(KeySourceTest, FetchesTheKeysBeforeItStarts) {
  const auto source = Start(server.url());
  ASSERT_THAT(source, IsOk());
  EXPECT_THAT(Verify(Both().first), IsOk());
}

TEST_F(KeySourceTest, UntilThereAreKeysNoTokenIsGood) {
  for (const char* answer : {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ngarbage"}) {
    server.Set([answer] { return std::string(answer); });
    const auto source = Start(server.url(), absl::Hours(1), absl::Milliseconds(2));
    ASSERT_THAT(source, IsOk());
    EXPECT_THAT(Verify(Both().first),
                FailsWith(absl::StatusCode::kUnavailable, "TOKEN_KEYS_MISSING"));
    server.Set([] { return HttpServer::Ok(Only(Both().first)); });
    EXPECT_TRUE(Eventually([this] { return Verify(Both().first).ok(); }));
    verifier->SetKeys(nullptr);
  }
}

TEST_F(KeySourceTest, KeepsUpWithTheUrlAndKeepsWhatItHasWhenItIsBad) {
  const auto source = Start(server.url(), absl::Milliseconds(5));
  ASSERT_THAT(source, IsOk());
  server.Set([] { return HttpServer::Ok("garbage"); });
  const int then = server.requests();
  EXPECT_TRUE(Eventually([&] { return server.requests() > then + 2; }));
  EXPECT_THAT(Verify(Both().first), IsOk());
  server.Set([] { return HttpServer::Ok(Only(Both().next)); });
  EXPECT_TRUE(Eventually([this] { return Verify(Both().next).ok(); }));
  EXPECT_THAT(Verify(Both().first),
              FailsWith(absl::StatusCode::kUnauthenticated, "TOKEN_KEY_UNKNOWN"));
}

TEST_F(KeySourceTest, AnUnknownKeyIsFetchedAtOnce) {
  const auto source = Start(server.url());
  server.Set([] {
    return HttpServer::Ok(SetOf({Both().first.PublicJson(), Both().next.PublicJson()}));
  });
  // The call that names it does not wait.
  EXPECT_THAT(Verify(Both().next),
              FailsWith(absl::StatusCode::kUnauthenticated, "TOKEN_KEY_UNKNOWN"));
  EXPECT_TRUE(Eventually([this] { return Verify(Both().next).ok(); }));
  EXPECT_EQ(server.requests(), 2);
}

TEST_F(KeySourceTest, AfterItsEndAnUnknownKeyIsJustRefused) {
  ASSERT_THAT(Start(server.url()), IsOk());
  EXPECT_THAT(Verify(Both().next),
              FailsWith(absl::StatusCode::kUnauthenticated, "TOKEN_KEY_UNKNOWN"));
}

TEST_F(KeySourceTest, RefusesUrlsInPlainTextToOthers) {
  EXPECT_THAT(Start("http://id.example/keys"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(KeySourceTest, KeepsUpWithAFile) {
  const testing::TempDir dir;
  const std::string path = dir.File("keys");
  EXPECT_THAT(Start(path), FailsWith(absl::StatusCode::kNotFound, "KEYS_MISSING"));
  std::ofstream(path) << "garbage";
  EXPECT_THAT(Start(path), FailsWith(absl::StatusCode::kInvalidArgument, "KEYS_UNREADABLE"));
  std::ofstream(path) << Only(Both().first);
  const auto source = Start(path);
  ASSERT_THAT(source, IsOk());
  EXPECT_THAT(Verify(Both().first), IsOk());
  std::ofstream(path) << Only(Both().next);
  EXPECT_TRUE(Eventually([this] { return Verify(Both().next).ok(); }));
}

}  // namespace
}  // namespace accord::auth
