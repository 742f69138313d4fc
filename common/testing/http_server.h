// An HTTP server of this machine that answers as a test says.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"

namespace accord::testing {

// One request after the other, each on a connection of its own. Thread-safe.
class HttpServer {
 public:
  // The whole answer, head and body; empty leaves the client waiting.
  using Answer = std::function<std::string()>;

  explicit HttpServer(Answer answer);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  static std::string Ok(absl::string_view body);

  void Set(Answer answer);
  // Requests that have come so far.
  int requests() const;
  // "http://127.0.0.1:PORT/keys".
  std::string url() const;

 private:
  void Serve();
  void Talk(int client);

  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  Answer answer_;  // Guarded by mutex_, as all below.
  int requests_ = 0;
  int client_ = -1;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace accord::testing
