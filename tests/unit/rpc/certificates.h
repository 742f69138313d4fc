// Certificates made for one test.
#pragma once

#include <string>

namespace accord::rpc {

struct PemPair {
  std::string cert;
  std::string key;
};

// A self-signed authority called `name`.
PemPair MakeAuthority(const std::string& name);

// A certificate for "localhost" and 127.0.0.1, signed by `authority`.
PemPair MakeLocalhostCertificate(const PemPair& authority);

}  // namespace accord::rpc
