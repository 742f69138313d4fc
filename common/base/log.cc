#include "common/base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace accord {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";  // U+FFFD

std::atomic<LogLevel> g_level{LogLevel::kInfo};

// The test sink; never destroyed, because threads may log while the process ends.
struct TestSink {
  std::mutex mutex;
  std::function<void(absl::string_view)> write;
};
TestSink& GetTestSink() {
  static auto* sink = new TestSink;
  return *sink;
}

spdlog::logger& Stderr() {
  static auto* logger = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto* made = new spdlog::logger("accord", std::move(sink));
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);  // The level is checked before a line is built.
    return made;
  }();
  return *logger;
}

unsigned char ByteAt(absl::string_view text, size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Length of the valid UTF-8 sequence of 2 to 4 bytes at `i`, or 0. Overlong
// forms, surrogates and values above U+10FFFF are not valid.
size_t MultiByteLength(absl::string_view text, size_t i) {
  const unsigned char lead = ByteAt(text, i);
  const unsigned char second = ByteAt(text, i + 1);
  if (!IsContinuation(second)) return 0;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (!IsContinuation(ByteAt(text, i + 2))) return 0;
  if (lead == 0xE0) return second >= 0xA0 ? 3 : 0;
  if (lead == 0xED) return second <= 0x9F ? 3 : 0;
  if (lead > 0xE0 && lead <= 0xEF) return 3;
  if (!IsContinuation(ByteAt(text, i + 3))) return 0;
  if (lead == 0xF0) return second >= 0x90 ? 4 : 0;
  if (lead == 0xF4) return second <= 0x8F ? 4 : 0;
  return lead > 0xF0 && lead < 0xF4 ? 4 : 0;
}

void AppendAscii(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (c < 0x20 || c == 0x7F) {
    absl::StrAppendFormat(&out, "\\u%04x", c);
  } else {
    out += static_cast<char>(c);
  }
}

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      break;
  }
  return "off";
}

std::string MakeLine(LogLevel level, absl::string_view message, const LogFields& fields) {
  std::string line = absl::StrCat(
      "{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone()),
      "\",\"level\":\"", LevelName(level), "\",\"message\":", JsonQuote(message));
  for (const LogField& field : fields) {
    absl::StrAppend(&line, ",", JsonQuote(field.key), ":", field.json_value);
  }
  line += '}';
  return line;
}

void WriteLine(const std::string& line) {
  TestSink& test = GetTestSink();
  {
    std::lock_guard lock(test.mutex);
    if (test.write) return test.write(line);
  }
  Stderr().log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

LogField::LogField(absl::string_view key, double value)
    : key(key), json_value(std::isfinite(value) ? absl::StrCat(value) : "null") {}

std::string JsonQuote(absl::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = ByteAt(text, i);
    if (c < 0x80) {
      AppendAscii(out, c);
      ++i;
      continue;
    }
    const size_t length = MultiByteLength(text, i);
    const absl::string_view valid = text.substr(i, length);
    out.append(length > 0 ? valid.data() : kReplacement, length > 0 ? length : 3);
    i += length > 0 ? length : 1;
  }
  out += '"';
  return out;
}

void Log(LogLevel level, absl::string_view message, const LogFields& fields) {
  if (level < GetLogLevel() || level == LogLevel::kOff) return;
  WriteLine(MakeLine(level, message, fields));
}

void LogDebug(absl::string_view message, const LogFields& fields) {
  Log(LogLevel::kDebug, message, fields);
}
void LogInfo(absl::string_view message, const LogFields& fields) {
  Log(LogLevel::kInfo, message, fields);
}
void LogWarning(absl::string_view message, const LogFields& fields) {
  Log(LogLevel::kWarning, message, fields);
}
void LogError(absl::string_view message, const LogFields& fields) {
  Log(LogLevel::kError, message, fields);
}

void SetLogLevel(LogLevel level) { g_level.store(level); }
LogLevel GetLogLevel() { return g_level.load(); }

bool ParseLogLevel(absl::string_view text, LogLevel* level) {
  for (const LogLevel candidate :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError, LogLevel::kOff}) {
    if (text != LevelName(candidate)) continue;
    *level = candidate;
    return true;
  }
  return false;
}

void SetLogSinkForTest(std::function<void(absl::string_view line)> sink) {
  TestSink& test = GetTestSink();
  std::lock_guard lock(test.mutex);
  test.write = std::move(sink);
}

}  // namespace accord
