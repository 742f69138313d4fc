#include "common/cache/redis_reply.h"

#include <cstring>
#include <random>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace accord::cache {
namespace {

using Result = ReplyReader::Result;
using Type = RedisReply::Type;

constexpr size_t kMax = 1'000;

Result ReadOne(absl::string_view bytes, RedisReply* reply) {
  ReplyReader reader(kMax);
  reader.Feed(bytes.data(), bytes.size());
  return reader.Next(reply);
}

TEST(ReplyReaderTest, ReadsEachType) {
  RedisReply reply;
  EXPECT_EQ(ReadOne("$3\r\na\nb\r\n", &reply), Result::kReply);
  EXPECT_EQ(reply.type, Type::kString);
  EXPECT_EQ(reply.text, "a\nb");
  EXPECT_EQ(ReadOne("+OK\r\n", &reply), Result::kReply);
  EXPECT_EQ(reply.type, Type::kStatus);
  EXPECT_EQ(ReadOne("-OOM no\r\n", &reply), Result::kReply);
  EXPECT_EQ(reply.type, Type::kError);
  EXPECT_EQ(reply.text, "OOM no");
  EXPECT_EQ(ReadOne(":12\r\n", &reply), Result::kReply);
  EXPECT_EQ(reply.integer, 12);
  EXPECT_EQ(ReadOne("$-1\r\n", &reply), Result::kReply);
  EXPECT_EQ(reply.type, Type::kNil);
}

TEST(ReplyReaderTest, WaitsForTheRest) {
  ReplyReader reader(kMax);
  RedisReply reply;
  const std::string bytes = "$3\r\nabc\r\n:1\r\n";
  for (size_t i = 0; i + 1 < 9; ++i) {
    reader.Feed(&bytes[i], 1);
    EXPECT_EQ(reader.Next(&reply), Result::kIncomplete) << i;
  }
  reader.Feed(&bytes[8], bytes.size() - 8);
  EXPECT_EQ(reader.Next(&reply), Result::kReply);
  EXPECT_EQ(reader.Next(&reply), Result::kReply);
  EXPECT_EQ(reply.integer, 1);
}

TEST(ReplyReaderTest, RefusesArraysAndOtherProtocols) {
  RedisReply reply;
  for (const char* bytes : {"*2\r\n:1\r\n:2\r\n", "*1000000000\r\n", "HTTP/1.1 400\r\n", "\0\0"}) {
    EXPECT_EQ(ReadOne(absl::string_view(bytes, strlen(bytes) + 1), &reply), Result::kProtocolError)
        << bytes;
  }
}

TEST(ReplyReaderTest, RefusesWhatIsTooLong) {
  ReplyReader reader(kMax);
  RedisReply reply;
  reader.Feed("$900000000\r\n", 12);
  EXPECT_EQ(reader.Next(&reply), Result::kIncomplete);
  const std::string part(kMax, 'x');
  Result result = Result::kIncomplete;
  for (int i = 0; i < 3 && result == Result::kIncomplete; ++i) {
    reader.Feed(part.data(), part.size());
    result = reader.Next(&reply);
  }
  EXPECT_EQ(result, Result::kProtocolError);
}

TEST(ReplyReaderTest, TakesAnyBytes) {
  std::mt19937 random(1);
  static constexpr char kBytes[] = "$+-:*0123456789\r\nab";
  int replies = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (size_t size = random() % 60; bytes.size() < size;) {
      bytes.push_back(kBytes[random() % (sizeof(kBytes) - 1)]);
    }
    ReplyReader reader(kMax);
    reader.Feed(bytes.data(), bytes.size());
    RedisReply reply;
    while (reader.Next(&reply) == Result::kReply) ++replies;
  }
  EXPECT_GT(replies, 0);
}

}  // namespace
}  // namespace accord::cache
