#include "common/auth/http_get.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/testing/http_server.h"
#include "common/testing/matchers.h"

namespace accord::auth {
namespace {

using ::testing::HasSubstr;
using testing::HttpServer;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

TEST(HttpGetTest, GivesTheBody) {
  const HttpServer server([] { return HttpServer::Ok("the keys"); });
  const auto text = HttpGet(server.url());
  ASSERT_THAT(text, IsOk());
  EXPECT_EQ(*text, "the keys");
}

TEST(HttpGetTest, AnyOtherAnswerIsAFailure) {
  for (const char* answer :
       {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\nkeys", "no HTTP at all\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\ncut short"}) {
    const HttpServer server([answer] { return std::string(answer); });
    EXPECT_THAT(HttpGet(server.url()), StatusIs(kUnavailable)) << answer;
  }
}

TEST(HttpGetTest, ARedirectIsNotFollowed) {
  const HttpServer target([] { return HttpServer::Ok("of somebody else"); });
  const HttpServer server([&target] {
    return absl::StrCat("HTTP/1.1 302 Found\r\nLocation: ", target.url(),
                        "\r\nContent-Length: 0\r\n\r\n");
  });
  EXPECT_THAT(HttpGet(server.url()), StatusIs(kUnavailable));
  EXPECT_EQ(target.requests(), 0);
}

TEST(HttpGetTest, TooMuchIsRefusedWithAndWithoutALength) {
  const std::string body(101, 'x');
  for (const std::string& answer :
       {HttpServer::Ok(body), absl::StrCat("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", body)}) {
    const HttpServer server([&answer] { return answer; });
    const auto text = HttpGet(server.url(), {.most_bytes = 100});
    EXPECT_THAT(text, StatusIs(kUnavailable));
    EXPECT_THAT(std::string(text.status().message()), HasSubstr("more than 100 octets"));
    EXPECT_THAT(HttpGet(server.url(), {.most_bytes = 101}), IsOk());
  }
}

TEST(HttpGetTest, ASlowServerIsNotWaitedFor) {
  const HttpServer server([] { return std::string(); });
  EXPECT_THAT(HttpGet(server.url(), {.timeout = absl::Milliseconds(50)}), StatusIs(kUnavailable));
}

TEST(HttpGetTest, NobodyThereIsAFailure) {
  EXPECT_THAT(HttpGet("http://127.0.0.1:1/keys"), StatusIs(kUnavailable));
}

TEST(CheckUrlTest, PlainTextStaysOnThisMachine) {
  for (const char* good : {"https://id.example/keys", "http://127.0.0.1:80/keys",
                           "http://localhost/keys", "http://[::1]:9/keys", "HTTPS://id.example/"}) {
    EXPECT_TRUE(IsUrl(good)) << good;
    EXPECT_THAT(CheckUrl(good), IsOk()) << good;
  }
  for (const char* bad :
       {"http://id.example/keys", "http://10.0.0.1/keys", "http://127.0.0.1.example/keys",
        "file:///etc/passwd", "ftp://localhost/keys", "https://me:secret@id.example/keys",
        "http://localhost@id.example/keys", "https://"}) {
    EXPECT_THAT(CheckUrl(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
    EXPECT_THAT(HttpGet(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
  EXPECT_FALSE(IsUrl("/etc/accord/keys.json"));
}

}  // namespace
}  // namespace accord::auth
