// Ed25519 keys for tests, made when they are asked for.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>

namespace accord::proof {

struct KeyPem {
  std::string private_pem;
  std::string public_pem;
};

// `algorithm` as OpenSSL names it.
inline KeyPem NewKey(const char* algorithm = "ED25519") {
  using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm), EVP_PKEY_free);
  const auto text = [](const Bio& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, size);
  };
  const Bio private_out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PKCS8PrivateKey(private_out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                nullptr);
  const Bio public_out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PUBKEY(public_out.get(), key.get());
  return {text(private_out), text(public_out)};
}

}  // namespace accord::proof
