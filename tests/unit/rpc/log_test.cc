#include "common/base/log.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cmath>

namespace accord {
namespace {

using ::testing::MatchesRegex;

class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    SetLogSinkForTest([this](absl::string_view line) { lines.emplace_back(line); });
  }
  ~LogTest() override {
    SetLogSinkForTest(nullptr);
    SetLogLevel(LogLevel::kInfo);
  }

  // The only line, read by a JSON parser that is not ours.
  google::protobuf::Struct Parsed() {
    google::protobuf::Struct json;
    EXPECT_EQ(lines.size(), 1u);
    const auto status = google::protobuf::util::JsonStringToMessage(lines.at(0), &json);
    EXPECT_TRUE(status.ok()) << status.ToString() << lines.at(0);
    return json;
  }

  std::vector<std::string> lines;
};

TEST_F(LogTest, EveryByteComesBackAndStaysOnOneLine) {
  std::string all;
  for (int c = 1; c < 128; ++c) all += static_cast<char>(c);
  LogInfo(all, {{all, all}});
  EXPECT_EQ(lines.at(0).find('\n'), std::string::npos);
  const auto json = Parsed();
  EXPECT_EQ(json.fields().at("message").string_value(), all);
  EXPECT_EQ(json.fields().at(all).string_value(), all);
}

TEST_F(LogTest, AMessageCannotForgeAField) {
  LogInfo("x\",\"level\":\"error", {{"k", "\"}\n{\"message\":\"forged"}});
  const auto json = Parsed();
  EXPECT_EQ(json.fields().at("level").string_value(), "info");
  EXPECT_EQ(json.fields_size(), 4);
}

TEST_F(LogTest, BytesThatAreNotUtf8BecomeReplacements) {
  EXPECT_EQ(JsonQuote("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(JsonQuote("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
            "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  EXPECT_EQ(JsonQuote("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"") << "cut at the end";
  EXPECT_EQ(JsonQuote("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"") << "overlong";
  EXPECT_EQ(JsonQuote("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"") << "surrogate";
}

TEST_F(LogTest, ValuesKeepTheirType) {
  LogInfo("m", {{"n", 7}, {"b", true}, {"d", 1.5}, {"nan", std::nan("")}});
  EXPECT_THAT(
      lines.at(0),
      MatchesRegex("..time.:.[0-9]+-[0-9]+-[0-9]+T[0-9:]+\\.[0-9][0-9][0-9]Z.,.level.:.info."
                   ",.message.:.m.,.n.:7,.b.:true,.d.:1\\.5,.nan.:null."));
}

TEST_F(LogTest, TheLevelActsAtOnce) {
  LogDebug("no");
  SetLogLevel(LogLevel::kDebug);
  LogDebug("yes");
  SetLogLevel(LogLevel::kOff);
  LogError("no");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], ::testing::HasSubstr("yes"));
}

TEST_F(LogTest, OnlyKnownLevelsAreRead) {
  LogLevel level = LogLevel::kInfo;
  EXPECT_TRUE(ParseLogLevel("warning", &level));
  EXPECT_EQ(level, LogLevel::kWarning);
  EXPECT_FALSE(ParseLogLevel("loud", &level));
  EXPECT_EQ(level, LogLevel::kWarning);
}

}  // namespace
}  // namespace accord
