#include "common/rpc/tls_credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace accord::rpc {
namespace {

namespace experimental = grpc::experimental;

absl::Status CheckReadable(const std::string& path) {
  if (path.empty() || std::ifstream(path).good()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("cannot read the TLS file ", path));
}

absl::Status Check(const TlsFiles& files) {
  if (files.cert.empty() != files.key.empty()) {
    return absl::InvalidArgumentError("a TLS certificate needs its key, and the reverse");
  }
  ACCORD_RETURN_IF_ERROR(CheckReadable(files.cert));
  ACCORD_RETURN_IF_ERROR(CheckReadable(files.key));
  return CheckReadable(files.ca);
}

std::shared_ptr<experimental::CertificateProviderInterface> Watch(const TlsFiles& files) {
  return std::make_shared<experimental::FileWatcherCertificateProvider>(
      files.key, files.cert, files.ca, kTlsReloadSeconds);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> TlsServerCredentials(
    const TlsFiles& files) {
  ACCORD_RETURN_IF_ERROR(Check(files));
  if (files.cert.empty()) {
    return absl::InvalidArgumentError("a TLS server needs a certificate and its key");
  }
  experimental::TlsServerCredentialsOptions options(Watch(files));
  options.watch_identity_key_cert_pairs();
  if (!files.ca.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return experimental::TlsServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> TlsChannelCredentials(
    const TlsFiles& files) {
  ACCORD_RETURN_IF_ERROR(Check(files));
  experimental::TlsChannelCredentialsOptions options;
  if (!files.empty()) options.set_certificate_provider(Watch(files));
  if (!files.ca.empty()) options.watch_root_certs();
  if (!files.cert.empty()) options.watch_identity_key_cert_pairs();
  return experimental::TlsCredentials(options);
}

}  // namespace accord::rpc
