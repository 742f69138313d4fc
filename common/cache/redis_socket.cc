#include "common/cache/redis_socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace accord::cache {
namespace {

using Progress = RedisSocket::Progress;

absl::Status Unavailable(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat("redis: ", what));
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

absl::StatusOr<SocketAddress> UnixAddress(const std::string& path) {
  SocketAddress result;
  auto* address = reinterpret_cast<sockaddr_un*>(&result.storage);
  if (path.size() >= sizeof(address->sun_path)) return Unavailable("the socket's path is too long");
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path.c_str(), path.size() + 1);
  result.size = sizeof(sockaddr_un);
  return result;
}

absl::StatusOr<SocketAddress> TcpAddress(const std::string& host, int port, unsigned attempt) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* first = nullptr;
  const std::string service = absl::StrCat(port);
  if (const int error = getaddrinfo(host.c_str(), service.c_str(), &hints, &first); error != 0) {
    return Unavailable(gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(first, &freeaddrinfo);
  unsigned count = 0;
  for (const addrinfo* each = first; each != nullptr; each = each->ai_next) ++count;
  const addrinfo* chosen = first;
  for (unsigned i = 0; i < attempt % count; ++i) chosen = chosen->ai_next;
  SocketAddress result;
  memcpy(&result.storage, chosen->ai_addr, chosen->ai_addrlen);
  result.size = chosen->ai_addrlen;
  return result;
}

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

absl::Status LoadFiles(SSL_CTX* context, const RedisTls& tls) {
  const bool trusted = tls.ca.empty()
                           ? SSL_CTX_set_default_verify_paths(context) == 1
                           : SSL_CTX_load_verify_locations(context, tls.ca.c_str(), nullptr) == 1;
  if (!trusted) return Unavailable("cannot read the authorities");
  if (tls.cert.empty() && tls.key.empty()) return absl::OkStatus();
  if (SSL_CTX_use_certificate_chain_file(context, tls.cert.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, tls.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Unavailable("cannot read the client's certificate and key");
  }
  return absl::OkStatus();
}

// The server's certificate must be of this name or address.
bool Expect(SSL* ssl, const std::string& name) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1) return true;
  return SSL_set1_host(ssl, name.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
}

Progress PlainProgress(bool reading) {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    return reading ? Progress::kWantRead : Progress::kWantWrite;
  }
  return Progress::kFailed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisSocket>> RedisSocket::Open(const RedisAddress& address,
                                                               unsigned attempt) {
  ACCORD_ASSIGN_OR_RETURN(const SocketAddress target,
                          address.unix_path.empty()
                              ? TcpAddress(address.host, address.port, attempt)
                              : UnixAddress(address.unix_path));
  const int fd = socket(target.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Unavailable(strerror(errno));
  std::unique_ptr<RedisSocket> result(new RedisSocket(fd));
  const int on = 1;
  if (address.unix_path.empty()) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const auto* to = reinterpret_cast<const sockaddr*>(&target.storage);
  if (connect(fd, to, target.size) != 0 && errno != EINPROGRESS) {
    return Unavailable(strerror(errno));
  }
  if (address.tls.enabled) ACCORD_RETURN_IF_ERROR(result->StartTls(address));
  return result;
}

RedisSocket::~RedisSocket() {
  ssl_.reset();
  close(fd_);
}

absl::Status RedisSocket::StartTls(const RedisAddress& address) {
  const std::unique_ptr<SSL_CTX, FreeContext> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return Unavailable("no TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  absl::Status status = LoadFiles(context.get(), address.tls);
  ERR_clear_error();
  ACCORD_RETURN_IF_ERROR(status);
  ssl_.reset(SSL_new(context.get()));
  const std::string& name =
      address.tls.server_name.empty() ? address.host : address.tls.server_name;
  if (ssl_ == nullptr || !Expect(ssl_.get(), name) || SSL_set_fd(ssl_.get(), fd_) != 1) {
    return Unavailable("cannot set up TLS");
  }
  return absl::OkStatus();
}

Progress RedisSocket::Establish() {
  if (!connected_) {
    pollfd ready{fd_, POLLOUT, 0};
    if (poll(&ready, 1, 0) == 0) return Progress::kWantWrite;
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
      return Progress::kFailed;
    }
    connected_ = true;
  }
  if (ssl_ == nullptr) return Progress::kDone;
  ERR_clear_error();
  return TlsProgress(SSL_connect(ssl_.get()));
}

Progress RedisSocket::TlsProgress(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Progress::kDone;
    case SSL_ERROR_WANT_READ:
      return Progress::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Progress::kWantWrite;
    default:
      return Progress::kFailed;
  }
}

Progress RedisSocket::Read(char* data, size_t size, size_t* count) {
  *count = 0;
  if (ssl_ != nullptr) {
    ERR_clear_error();
    return TlsProgress(SSL_read_ex(ssl_.get(), data, size, count));
  }
  const ssize_t got = recv(fd_, data, size, 0);
  if (got < 0) return PlainProgress(/*reading=*/true);
  *count = static_cast<size_t>(got);
  return got == 0 ? Progress::kFailed : Progress::kDone;
}

Progress RedisSocket::Write(const char* data, size_t size, size_t* count) {
  *count = 0;
  if (ssl_ != nullptr) {
    ERR_clear_error();
    return TlsProgress(SSL_write_ex(ssl_.get(), data, size, count));
  }
  const ssize_t sent = send(fd_, data, size, MSG_NOSIGNAL);
  if (sent < 0) return PlainProgress(/*reading=*/false);
  *count = static_cast<size_t>(sent);
  return Progress::kDone;
}

}  // namespace accord::cache
