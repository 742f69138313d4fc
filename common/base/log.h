// Structured logging: one JSON object a line on stderr.
//
//   LogInfo("store opened", {{"path", path}, {"rows", rows}});
//   {"time":"2026-01-02T03:04:05.678Z","level":"info","message":"store opened","path":"…","rows":3}
//
// Lines are written within a second, errors at once; what is not written when the process
// is killed is lost. Never log the contents of a request. Thread-safe; a line is
// never torn.
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace accord {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// `text` as a JSON string, quotes included. Bytes that are not valid UTF-8
// become U+FFFD, so that a line always parses.
std::string JsonQuote(absl::string_view text);

// A key, which outlives it, and a value that is already rendered as JSON.
struct LogField {
  LogField(absl::string_view key, absl::string_view value)
      : key(key), json_value(JsonQuote(value)) {}
  LogField(absl::string_view key, const char* value) : LogField(key, absl::string_view(value)) {}
  LogField(absl::string_view key, const std::string& value)
      : LogField(key, absl::string_view(value)) {}
  LogField(absl::string_view key, bool value) : key(key), json_value(value ? "true" : "false") {}
  LogField(absl::string_view key, std::integral auto value)
      : key(key), json_value(absl::StrCat(value)) {}
  // Not-a-number and infinity, which JSON lacks, become null.
  LogField(absl::string_view key, double value);

  absl::string_view key;
  std::string json_value;
};

using LogFields = std::vector<LogField>;

void Log(LogLevel level, absl::string_view message, const LogFields& fields = {});
void LogDebug(absl::string_view message, const LogFields& fields = {});
void LogInfo(absl::string_view message, const LogFields& fields = {});
void LogWarning(absl::string_view message, const LogFields& fields = {});
void LogError(absl::string_view message, const LogFields& fields = {});

// Takes effect at once for every thread. Initially kInfo.
void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();
// Reads "debug", "info", "warning", "error" or "off"; false for anything else.
bool ParseLogLevel(absl::string_view text, LogLevel* level);

// Sends every line (without its newline) to `sink` instead of stderr; null
// restores stderr. `sink` is called under a lock and must not log. For tests.
void SetLogSinkForTest(std::function<void(absl::string_view line)> sink);

}  // namespace accord
