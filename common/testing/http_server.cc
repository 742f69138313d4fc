#include "common/testing/http_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/loopback.h"

namespace accord::testing {
namespace {

// False when the peer has gone.
bool ReadSome(int fd, std::string& text) {
  char buffer[4096];
  const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
  if (got > 0) text.append(buffer, static_cast<size_t>(got));
  return got > 0;
}

void SendAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<size_t>(sent));
  }
}

}  // namespace

HttpServer::HttpServer(Answer answer) : answer_(std::move(answer)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

HttpServer::~HttpServer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (client_ >= 0) shutdown(client_, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

std::string HttpServer::Ok(absl::string_view body) {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(),
                      "\r\nConnection: close\r\n\r\n", body);
}

void HttpServer::Set(Answer answer) {
  std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

int HttpServer::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

std::string HttpServer::url() const { return absl::StrCat("http://127.0.0.1:", port_, "/keys"); }

void HttpServer::Serve() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    {
      std::lock_guard lock(mutex_);
      client_ = client;
      if (stopping_) {
        if (client >= 0) close(client);
        return;
      }
    }
    if (client < 0) continue;
    Talk(client);
    std::lock_guard lock(mutex_);
    client_ = -1;
    close(client);
  }
}

void HttpServer::Talk(int client) {
  std::string request;
  while (!absl::StrContains(request, "\r\n\r\n")) {
    if (!ReadSome(client, request)) return;
  }
  Answer answer;
  {
    std::lock_guard lock(mutex_);
    ++requests_;
    answer = answer_;
  }
  const std::string text = answer();
  if (!text.empty()) return SendAll(client, text);
  while (ReadSome(client, request)) {
  }
}

}  // namespace accord::testing
