#include "common/proof/ed25519.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"

namespace accord::proof {
namespace {

constexpr size_t kSignatureBytes = 64;
constexpr size_t kKeyIdDigits = 16;

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* Octets(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// OpenSSL would ask the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

using ReadPem = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

absl::StatusOr<std::shared_ptr<EVP_PKEY>> ReadKey(absl::string_view pem, ReadPem read,
                                                  absl::string_view what) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  std::shared_ptr<EVP_PKEY> key(read(bio.get(), nullptr, NoPassword, nullptr), EVP_PKEY_free);
  // What OpenSSL says of it may quote the key.
  ERR_clear_error();
  if (key == nullptr) return absl::InvalidArgumentError(absl::StrCat("holds no PEM ", what));
  if (EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) {
    return absl::InvalidArgumentError(absl::StrCat("holds a ", what, " that is not Ed25519"));
  }
  return key;
}

std::string DerOf(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  std::string bytes;
  if (size > 0) bytes.assign(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

PublicKey::PublicKey(std::shared_ptr<EVP_PKEY> key)
    : key_(std::move(key)), id_(Hex(Sha256(DerOf(key_.get()))).substr(0, kKeyIdDigits)) {}

absl::StatusOr<PublicKey> PublicKey::FromPem(absl::string_view pem) {
  auto key = ReadKey(pem, PEM_read_bio_PUBKEY, "public key");
  if (!key.ok()) return key.status();
  return PublicKey(*std::move(key));
}

bool PublicKey::Verify(absl::string_view message, absl::string_view signature) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool good =
      signature.size() == kSignatureBytes &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), Octets(signature), signature.size(), Octets(message),
                       message.size()) == 1;
  ERR_clear_error();
  return good;
}

absl::StatusOr<SigningKey> SigningKey::FromPem(absl::string_view pem) {
  auto key = ReadKey(pem, PEM_read_bio_PrivateKey, "private key");
  if (!key.ok()) return key.status();
  return SigningKey(PublicKey(*std::move(key)));
}

absl::StatusOr<std::string> SigningKey::Sign(absl::string_view message) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, public_key_.key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Octets(message), message.size()) != 1 ||
      size != kSignatureBytes) {
    ERR_clear_error();
    return absl::InternalError("cannot sign with Ed25519");
  }
  return signature;
}

}  // namespace accord::proof
