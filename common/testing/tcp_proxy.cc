#include "common/testing/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/testing/loopback.h"

namespace accord::testing {
namespace {

constexpr size_t kPiece = size_t{64} << 10;

// Empty at the end of the connection.
std::string Read(int from) {
  std::string data(kPiece, '\0');
  const ssize_t got = recv(from, data.data(), data.size(), 0);
  data.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return data;
}

bool Write(int to, absl::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = send(to, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// A line adds no waiting of its own.
void SendAtOnce(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace

// Its descriptors are closed by its own thread alone; others shut them down, which wakes it.
struct TcpProxy::Connection {
  int number = 0;
  int client = -1;
  int server = -1;    // Guarded by mutex_ of the proxy, as all below.
  bool cut = false;   // Is to end.
  bool done = false;  // Its thread is about to end.
  std::thread thread;
};

TcpProxy::TcpProxy(int server_port, Tap tap)
    : server_port_(server_port), tap_(std::make_shared<const Tap>(std::move(tap))) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

TcpProxy::~TcpProxy() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    CutAllLocked();
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (const auto& connection : connections_) connection->thread.join();
  close(listener_);
}

std::string TcpProxy::address() const { return absl::StrCat("127.0.0.1:", port_); }

void TcpProxy::Heal() {
  std::lock_guard lock(mutex_);
  holding_ = false;
  refusing_ = false;
  delay_ = absl::ZeroDuration();
  tap_ = std::make_shared<const Tap>();
  changed_.notify_all();
}

void TcpProxy::Hold() {
  std::lock_guard lock(mutex_);
  holding_ = true;
}

void TcpProxy::Delay(absl::Duration each) {
  std::lock_guard lock(mutex_);
  delay_ = each;
}

void TcpProxy::SetTap(Tap tap) {
  std::lock_guard lock(mutex_);
  tap_ = std::make_shared<const Tap>(std::move(tap));
}

void TcpProxy::Cut() {
  std::lock_guard lock(mutex_);
  CutAllLocked();
}

void TcpProxy::Refuse() {
  std::lock_guard lock(mutex_);
  refusing_ = true;
  CutAllLocked();
}

void TcpProxy::MoveTo(int server_port) {
  std::lock_guard lock(mutex_);
  server_port_ = server_port;
  CutAllLocked();
}

void TcpProxy::CutLocked(Connection& connection) {
  if (connection.done) return;
  connection.cut = true;
  shutdown(connection.client, SHUT_RDWR);
  if (connection.server >= 0) shutdown(connection.server, SHUT_RDWR);
}

void TcpProxy::CutAllLocked() {
  for (const auto& connection : connections_) CutLocked(*connection);
  changed_.notify_all();
}

void TcpProxy::Accept() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) Take(client);
    std::lock_guard lock(mutex_);
    if (stopping_) return;
  }
}

void TcpProxy::Take(int client) {
  std::lock_guard lock(mutex_);
  if (refusing_ || stopping_) {
    close(client);
    return;
  }
  connections_.remove_if([](const std::unique_ptr<Connection>& old) {
    if (old->done) old->thread.join();
    return old->done;
  });
  Connection& connection = *connections_.emplace_back(std::make_unique<Connection>());
  connection.number = accepted_++;
  connection.client = client;
  connection.thread = std::thread([this, &connection] { Carry(connection); });
}

void TcpProxy::Carry(Connection& connection) {
  if (Open(connection)) {
    std::thread back([this, &connection] { CarryFrom(connection, From::kServer); });
    CarryFrom(connection, From::kClient);
    back.join();
  }
  std::lock_guard lock(mutex_);
  connection.done = true;
  close(connection.client);
  if (connection.server >= 0) close(connection.server);
}

bool TcpProxy::Open(Connection& connection) {
  int port = 0;
  {
    std::lock_guard lock(mutex_);
    port = server_port_;
  }
  const auto server = ConnectTo(port);
  if (!server.ok()) return false;
  SendAtOnce(connection.client);
  SendAtOnce(*server);
  std::lock_guard lock(mutex_);
  connection.server = *server;
  return !connection.cut;
}

void TcpProxy::CarryFrom(Connection& connection, From from) {
  while (Move(connection, from)) {
  }
  std::lock_guard lock(mutex_);
  CutLocked(connection);
  changed_.notify_all();
}

bool TcpProxy::Move(Connection& connection, From from) {
  const bool from_client = from == From::kClient;
  std::string data = Read(from_client ? connection.client : connection.server);
  if (data.empty() || !WaitForLine(connection)) return false;
  switch (Judge(connection, from, data)) {
    case Fate::kPass:
      return Write(from_client ? connection.server : connection.client, data);
    case Fate::kDrop:
      return true;
    case Fate::kCut:
      return false;
  }
  return false;
}

bool TcpProxy::WaitForLine(Connection& connection) {
  std::unique_lock lock(mutex_);
  const absl::Time arrives = absl::Now() + delay_;
  changed_.wait_until(lock, absl::ToChronoTime(arrives),
                      [&] { return connection.cut || delay_ == absl::ZeroDuration(); });
  changed_.wait(lock, [&] { return connection.cut || !holding_; });
  return !connection.cut;
}

TcpProxy::Fate TcpProxy::Judge(const Connection& connection, From from, std::string& data) {
  std::shared_ptr<const Tap> tap;
  {
    std::lock_guard lock(mutex_);
    tap = tap_;
  }
  return *tap ? (*tap)(connection.number, from, data) : Fate::kPass;
}

}  // namespace accord::testing
