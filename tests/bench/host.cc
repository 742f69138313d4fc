#include "tests/bench/host.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace accord::bench {
namespace {

std::string ReadProc(const std::string& path) {
  std::ifstream file(absl::StrCat("/proc/", path), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The value of a line "name : value", of the first such line.
std::string LineOf(const std::string& text, absl::string_view name) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, name)) continue;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    return std::string(absl::StripAsciiWhitespace(parts.second));
  }
  return "";
}

}  // namespace

absl::Duration CpuTime(pid_t pid) {
  if (pid == 0) return absl::ZeroDuration();
  const std::string stat = ReadProc(absl::StrCat(pid, "/stat"));
  // The name before the last parenthesis may hold spaces; the field after it is the third.
  const std::vector<std::string> fields =
      absl::StrSplit(stat.substr(stat.rfind(')') + 1), ' ', absl::SkipEmpty());
  int64_t user = 0;
  int64_t kernel = 0;
  const bool read = fields.size() > 12 && absl::SimpleAtoi(fields[11], &user) &&
                    absl::SimpleAtoi(fields[12], &kernel);
  if (!read) return absl::ZeroDuration();
  return absl::Seconds(user + kernel) / sysconf(_SC_CLK_TCK);
}

absl::StatusOr<double> ResidentMib(pid_t pid) {
  const std::string kib = LineOf(ReadProc(absl::StrCat(pid, "/status")), "VmRSS");
  double value = 0;
  if (!absl::SimpleAtod(absl::StripSuffix(kib, " kB"), &value)) {
    return absl::NotFoundError(absl::StrCat("no process ", pid));
  }
  return value / 1024;
}

std::map<std::string, std::string> MachineLabels() {
  utsname kernel{};
  uname(&kernel);
  return {{"cores", absl::StrCat(std::thread::hardware_concurrency())},
          {"cpu", LineOf(ReadProc("cpuinfo"), "model name")},
          {"memory", LineOf(ReadProc("meminfo"), "MemTotal")},
          {"kernel", kernel.release},
          {"date", absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone())}};
}

}  // namespace accord::bench
