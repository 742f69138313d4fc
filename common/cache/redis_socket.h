// One non-blocking connection: TCP or Unix socket, with or without TLS.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace accord::cache {

struct RedisTls {
  bool enabled = false;
  // PEM files, read at each connection. Without `ca` the system's authorities are trusted.
  std::string ca{};
  // The client's certificate and key, when the server asks for one. Both or neither.
  std::string cert{};
  std::string key{};
  // The name or address the server's certificate must bear; empty: the host.
  std::string server_name{};
};

struct RedisAddress {
  // Used instead of host and port when set.
  std::string unix_path{};
  std::string host = "127.0.0.1";
  int port = 6379;
  RedisTls tls{};
};

// Not thread-safe. The thread that uses it must block SIGPIPE (OpenSSL writes without
// MSG_NOSIGNAL).
class RedisSocket {
 public:
  enum class Progress { kDone, kWantRead, kWantWrite, kFailed };

  // Begins to connect; a host of several addresses is tried at the one `attempt` picks in
  // turn. Looking up a host that is no address may block. Errors: UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<RedisSocket>> Open(const RedisAddress& address,
                                                           unsigned attempt);
  ~RedisSocket();
  RedisSocket(const RedisSocket&) = delete;
  RedisSocket& operator=(const RedisSocket&) = delete;

  // Goes on with connecting and the TLS handshake. kWantRead and kWantWrite say what to
  // wait for before the next call; after kFailed, drop the socket.
  Progress Establish();
  // Reads or writes some bytes and says how many; kFailed also at the end of the stream.
  Progress Read(char* data, size_t size, size_t* count);
  Progress Write(const char* data, size_t size, size_t* count);

  int fd() const { return fd_; }

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  explicit RedisSocket(int fd) : fd_(fd) {}
  absl::Status StartTls(const RedisAddress& address);
  Progress TlsProgress(int result);

  const int fd_;
  bool connected_ = false;
  std::unique_ptr<SSL, FreeSsl> ssl_;  // Null without TLS.
};

}  // namespace accord::cache
