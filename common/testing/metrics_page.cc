#include "common/testing/metrics_page.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/testing/loopback.h"

namespace accord::testing {
namespace {

// Everything until the peer closes; each wait for more is bounded.
std::string Exchange(int fd, absl::string_view request, absl::Duration within) {
  const timeval timeout = absl::ToTimeval(within);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  std::string answer;
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) return answer;
  char buffer[4096];
  for (ssize_t got = 0; (got = recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
    answer.append(buffer, static_cast<size_t>(got));
  }
  return answer;
}

bool HasLabels(absl::string_view series, const std::vector<std::string>& labels) {
  return std::all_of(labels.begin(), labels.end(), [series](const std::string& label) {
    return absl::StrContains(series, absl::StrCat("{", label)) ||
           absl::StrContains(series, absl::StrCat(",", label));
  });
}

}  // namespace

absl::StatusOr<std::string> HttpGet(int port, absl::string_view path, absl::Duration within) {
  ACCORD_ASSIGN_OR_RETURN(const int fd, ConnectTo(port));
  const std::string answer = Exchange(
      fd, absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
      within);
  close(fd);
  const size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos || !absl::StrContains(answer.substr(0, 16), " 200 ")) {
    return absl::UnavailableError(absl::StrCat("no page ", path, ": ", answer.substr(0, 200)));
  }
  return answer.substr(head + 4);
}

absl::StatusOr<MetricsPage> MetricsPage::Read(int port) {
  ACCORD_ASSIGN_OR_RETURN(const std::string text, HttpGet(port, "/metrics"));
  return MetricsPage(text);
}

MetricsPage::MetricsPage(absl::string_view text) : lines_(absl::StrSplit(text, '\n')) {}

double MetricsPage::Sum(absl::string_view name, const std::vector<std::string>& labels) const {
  double sum = 0;
  for (const std::string& line : lines_) {
    const size_t end = line.find_first_of("{ ");
    if (end == std::string::npos || line.substr(0, end) != name) continue;
    const size_t space = line.rfind(' ');
    double value = 0;
    if (!HasLabels(absl::string_view(line).substr(end, space - end), labels)) continue;
    if (absl::SimpleAtod(absl::string_view(line).substr(space + 1), &value)) sum += value;
  }
  return sum;
}

}  // namespace accord::testing
