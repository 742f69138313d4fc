// Stands between a client and PostgreSQL and cuts the line at a COMMIT.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace accord::testing {

// Forwards connections to 127.0.0.1:`server_port`. Ends all of them with itself.
class CommitCutter {
 public:
  enum class Cut { kNone, kBeforeServerSees, kAfterServerDid };

  explicit CommitCutter(int server_port) : server_port_(server_port) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
      abort();
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~CommitCutter() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : lines_) thread.join();
    close(listener_);
  }

  int port() const { return port_; }
  // The next COMMIT loses its line, once.
  void CutNext(Cut cut) { armed_ = cut; }
  int cuts() const { return cuts_; }

 private:
  // As it stands on the wire: the text of a statement, and the tag of its answer.
  static constexpr absl::string_view kCommit{"COMMIT\0", 7};
  static constexpr int kLookMs = 50;

  static sockaddr_in Loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    return address;
  }

  void Accept() {
    while (!stopping_) {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      lines_.emplace_back([this, client] { Carry(client); });
    }
  }

  void Carry(int client) {
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(server_port_);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      while (!stopping_ && CarrySome(client, server)) {
      }
    }
    close(client);
    close(server);
  }

  // False when the line has ended or was cut.
  bool CarrySome(int client, int server) {
    pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(ends, 2, kLookMs) < 0) return false;
    if (ends[1].revents != 0 && !Move(server, client)) return false;
    if (ends[0].revents == 0) return true;
    const std::string sent = Read(client);
    if (sent.empty()) return false;
    const Cut cut = absl::StrContains(sent, kCommit) ? armed_.exchange(Cut::kNone) : Cut::kNone;
    if (cut != Cut::kNone) ++cuts_;
    if (cut == Cut::kBeforeServerSees) return false;
    if (!Write(server, sent)) return false;
    if (cut == Cut::kNone) return true;
    std::string answer;
    while (!absl::StrContains(answer, kCommit)) {
      const std::string more = Read(server);
      if (more.empty()) break;
      answer += more;
    }
    return false;
  }

  static bool Move(int from, int to) {
    const std::string data = Read(from);
    return !data.empty() && Write(to, data);
  }
  static std::string Read(int from) {
    std::string data(1 << 16, '\0');
    const ssize_t got = recv(from, data.data(), data.size(), 0);
    data.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return data;
  }
  static bool Write(int to, absl::string_view data) {
    while (!data.empty()) {
      const ssize_t sent = send(to, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  const int server_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<Cut> armed_ = Cut::kNone;
  std::atomic<int> cuts_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> lines_;  // The acceptor's until it is joined.
};

}  // namespace accord::testing
