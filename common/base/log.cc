#include "common/base/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/utf8.h"

namespace accord {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";  // U+FFFD

std::atomic<LogLevel> g_level{LogLevel::kInfo};

// The test sink; never destroyed, because threads may log while the process ends.
struct TestSink {
  std::atomic<bool> set = false;
  std::mutex mutex;
  std::function<void(absl::string_view)> write;
};
TestSink& GetTestSink() {
  static auto* sink = new TestSink;
  return *sink;
}

// A write costs more than a line, so lines are written together: when there are many, when
// one is an error, and every second. Warnings wait, too: an overloaded server warns of every
// call that it refuses.
class BufferedStderr final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    buffer_.append(line.payload.data(), line.payload.size());
    buffer_ += '\n';
    if (buffer_.size() >= kMost) flush_();
  }
  void flush_() override {
    absl::string_view rest = buffer_;
    while (!rest.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;  // Nobody could be told.
      rest.remove_prefix(static_cast<size_t>(written));
    }
    buffer_.clear();
  }

  static constexpr size_t kMost = size_t{32} << 10;
  std::string buffer_;
};

// Never destroyed: threads may log while the process ends.
spdlog::logger& Stderr() {
  static const auto& logger = *new std::shared_ptr<spdlog::logger>([] {
    auto made = std::make_shared<spdlog::logger>("accord", std::make_shared<BufferedStderr>());
    made->set_level(spdlog::level::trace);  // The level is checked before a line is built.
    made->flush_on(spdlog::level::err);
    spdlog::register_logger(made);
    spdlog::flush_every(std::chrono::seconds(1));
    std::atexit([] { Stderr().flush(); });
    return made;
  }());
  return *logger;
}

void AppendEscaped(std::string& out, unsigned char c) {
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
      absl::StrAppendFormat(&out, "\\u%04x", c);
  }
}

bool IsPlain(unsigned char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

void AppendQuoted(std::string& out, absl::string_view text) {
  out += '"';
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && IsPlain(static_cast<unsigned char>(text[end]))) ++end;
    out.append(text.data() + i, end - i);
    i = end;
    if (i == text.size()) break;
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      AppendEscaped(out, c);
      ++i;
      continue;
    }
    const size_t length = DecodeUtf8Front(text.substr(i)).length;
    const absl::string_view valid = text.substr(i, length);
    out.append(length > 0 ? valid.data() : kReplacement, length > 0 ? length : 3);
    i += length > 0 ? length : 1;
  }
  out += '"';
}

// To the millisecond. What is the same all second long is made once a second.
void AppendTime(std::string& out, absl::Time time) {
  thread_local int64_t second = std::numeric_limits<int64_t>::min();
  thread_local std::string text;
  const int64_t milliseconds = absl::ToUnixMillis(time);
  if (milliseconds / 1000 != second) {
    second = milliseconds / 1000;
    text = absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, absl::UTCTimeZone());
  }
  absl::StrAppend(&out, text, ".", absl::Dec(milliseconds % 1000, absl::kZeroPad3), "Z");
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
  std::string line;
  line.reserve(512);
  line += "{\"time\":\"";
  AppendTime(line, absl::Now());
  absl::StrAppend(&line, "\",\"level\":\"", LevelName(level), "\",\"message\":");
  AppendQuoted(line, message);
  for (const LogField& field : fields) {
    line += ',';
    AppendQuoted(line, field.key);
    line += ':';
    line += field.json_value;
  }
  line += '}';
  return line;
}

void WriteLine(LogLevel level, const std::string& line) {
  TestSink& test = GetTestSink();
  if (test.set.load()) {
    std::lock_guard lock(test.mutex);
    if (test.write) return test.write(line);
  }
  const bool grave = level >= LogLevel::kError;
  Stderr().log(grave ? spdlog::level::err : spdlog::level::info,
               spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

LogField::LogField(absl::string_view key, double value)
    : key(key), json_value(std::isfinite(value) ? absl::StrCat(value) : "null") {}

std::string JsonQuote(absl::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  AppendQuoted(out, text);
  return out;
}

void Log(LogLevel level, absl::string_view message, const LogFields& fields) {
  if (level < GetLogLevel() || level == LogLevel::kOff) return;
  WriteLine(level, MakeLine(level, message, fields));
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
  test.set = test.write != nullptr;
}

}  // namespace accord
