// Ed25519 keys and signatures, over OpenSSL.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace accord::proof {

// Checks signatures. Copies share the key; thread-safe.
class PublicKey {
 public:
  // PEM, "BEGIN PUBLIC KEY"; what follows the first key is not read.
  // INVALID_ARGUMENT when there is none, or it is of another kind.
  static absl::StatusOr<PublicKey> FromPem(absl::string_view pem);

  // The first 16 hexadecimal digits of the SHA-256 of its DER form.
  const std::string& id() const { return id_; }
  bool Verify(absl::string_view message, absl::string_view signature) const;

 private:
  friend class SigningKey;
  explicit PublicKey(std::shared_ptr<EVP_PKEY> key);

  std::shared_ptr<EVP_PKEY> key_;
  std::string id_;
};

// Makes signatures. Thread-safe.
class SigningKey {
 public:
  // PEM, "BEGIN PRIVATE KEY", not encrypted: nobody is there to be asked for a password.
  // INVALID_ARGUMENT as above.
  static absl::StatusOr<SigningKey> FromPem(absl::string_view pem);

  const PublicKey& public_key() const { return public_key_; }
  // 64 bytes. INTERNAL when OpenSSL fails.
  absl::StatusOr<std::string> Sign(absl::string_view message) const;

 private:
  explicit SigningKey(PublicKey key) : public_key_(std::move(key)) {}

  // Holds the private half too.
  PublicKey public_key_;
};

}  // namespace accord::proof
