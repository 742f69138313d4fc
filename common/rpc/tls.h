// The files of a TLS identity, as flags name them.
#pragma once

#include <string>

namespace accord::rpc {

// PEM files, read again while the program runs, so certificates can be renewed
// in place.
struct TlsFiles {
  // Certificate chain and private key. Both or neither.
  std::string cert{};
  std::string key{};
  // Authorities the peer's certificate must come from. A server without it asks
  // for no client certificate; a client without it trusts the system's.
  std::string ca{};

  bool empty() const { return cert.empty() && key.empty() && ca.empty(); }
};

}  // namespace accord::rpc
