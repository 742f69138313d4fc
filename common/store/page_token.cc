#include "common/store/page_token.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status.h"

namespace accord::store {
namespace {

using sql::Value;

// A token is the base64 of nonce, ciphertext and tag. A nonce that came twice (likely only after
// some 2^32 tokens under one key) would let a caller forge a position in a list
// that it may read anyway.
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
// Authenticated with the binding, so that nothing else sealed with this key is a page token.
constexpr absl::string_view kPurpose = "accord page token 1\n";

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherContext NewContext() { return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free}; }

const unsigned char* Octets(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

absl::Status CheckKey(absl::string_view key) {
  if (key.size() == kPageTokenKeyBytes) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("the page token key has ", key.size(), " bytes, not ", kPageTokenKeyBytes));
}

absl::Status CryptographyFailed() { return absl::InternalError("page token: OpenSSL failed"); }

// Positions are encoded as one letter for the type of each value and then the value:
// numbers in 8 bytes, big end first; text and octets after their length.
enum ValueType : char { kNull = 'n', kInt = 'i', kReal = 'r', kText = 't', kBytes = 'b' };

void AppendNumber(uint64_t number, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8) out->push_back(static_cast<char>(number >> shift));
}

void AppendText(ValueType type, absl::string_view text, std::string* out) {
  out->push_back(type);
  AppendNumber(text.size(), out);
  absl::StrAppend(out, text);
}

void AppendValue(const Value& value, std::string* out) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    out->push_back(kInt);
    AppendNumber(static_cast<uint64_t>(*number), out);
  } else if (const auto* real = std::get_if<double>(&value)) {
    out->push_back(kReal);
    AppendNumber(std::bit_cast<uint64_t>(*real), out);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    AppendText(kText, *text, out);
  } else if (const auto* bytes = std::get_if<sql::Bytes>(&value)) {
    AppendText(kBytes, bytes->data, out);
  } else {
    out->push_back(kNull);
  }
}

std::string Encode(const std::vector<Value>& position) {
  std::string encoded;
  for (const Value& value : position) AppendValue(value, &encoded);
  return encoded;
}

std::optional<uint64_t> TakeNumber(absl::string_view* in) {
  if (in->size() < 8) return std::nullopt;
  uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>((*in)[i]);
  in->remove_prefix(8);
  return number;
}

std::optional<std::string> TakeText(absl::string_view* in) {
  const std::optional<uint64_t> size = TakeNumber(in);
  if (!size || *size > in->size()) return std::nullopt;
  std::string text(in->substr(0, *size));
  in->remove_prefix(*size);
  return text;
}

// `in` is not empty.
std::optional<Value> TakeValue(absl::string_view* in) {
  const char type = in->front();
  in->remove_prefix(1);
  if (type == kNull) return Value();
  if (type == kInt || type == kReal) {
    const std::optional<uint64_t> number = TakeNumber(in);
    if (!number) return std::nullopt;
    if (type == kInt) return static_cast<int64_t>(*number);
    return std::bit_cast<double>(*number);
  }
  if (type != kText && type != kBytes) return std::nullopt;
  std::optional<std::string> text = TakeText(in);
  if (!text) return std::nullopt;
  if (type == kText) return *std::move(text);
  return sql::Bytes{*std::move(text)};
}

std::optional<std::vector<Value>> Decode(absl::string_view encoded) {
  std::vector<Value> position;
  while (!encoded.empty()) {
    std::optional<Value> value = TakeValue(&encoded);
    if (!value) return std::nullopt;
    position.push_back(*std::move(value));
  }
  return position;
}

// Nonce, ciphertext and tag.
absl::StatusOr<std::string> Encrypt(absl::string_view key, absl::string_view authenticated,
                                    absl::string_view plain) {
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  unsigned char* nonce = Octets(sealed);
  unsigned char* body = nonce + kNonceBytes;
  const CipherContext context = NewContext();
  int size = 0;
  const bool done =
      context != nullptr && RAND_bytes(nonce, kNonceBytes) == 1 &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Octets(key), nonce) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, Octets(authenticated),
                        static_cast<int>(authenticated.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), body, &size, Octets(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), body + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, body + plain.size()) == 1;
  if (!done) return CryptographyFailed();
  return sealed;
}

// Empty when it was not sealed with this key and what is authenticated; INTERNAL when
// that cannot be found out.
absl::StatusOr<std::optional<std::string>> Decrypt(absl::string_view key,
                                                   absl::string_view authenticated,
                                                   absl::string_view sealed) {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const absl::string_view body =
      sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plain(body.size(), '\0');
  const CipherContext context = NewContext();
  int size = 0;
  const bool ready =
      context != nullptr &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Octets(key), Octets(sealed)) ==
          1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, Octets(authenticated),
                        static_cast<int>(authenticated.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Octets(plain), &size, Octets(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1;
  if (!ready) return CryptographyFailed();
  if (EVP_DecryptFinal_ex(context.get(), Octets(plain) + size, &size) != 1) return std::nullopt;
  return plain;
}

// Only the one spelling that Seal produces, so that no two tokens are the same place.
std::optional<std::string> FromBase64(absl::string_view token) {
  std::string octets;
  if (token.size() > kMaxPageTokenChars) return std::nullopt;
  if (!absl::WebSafeBase64Unescape(token, &octets)) return std::nullopt;
  if (absl::WebSafeBase64Escape(octets) != token) return std::nullopt;
  return octets;
}

absl::StatusOr<std::optional<std::vector<Value>>> Open(absl::string_view key,
                                                       absl::string_view authenticated,
                                                       absl::string_view token) {
  const std::optional<std::string> sealed = FromBase64(token);
  if (!sealed) return std::nullopt;
  ACCORD_ASSIGN_OR_RETURN(const std::optional<std::string> plain,
                          Decrypt(key, authenticated, *sealed));
  if (!plain) return std::nullopt;
  return Decode(*plain);
}

}  // namespace

absl::StatusOr<std::string> SealPageToken(absl::string_view key, absl::string_view binding,
                                          const std::vector<Value>& position) {
  ACCORD_RETURN_IF_ERROR(CheckKey(key));
  ACCORD_ASSIGN_OR_RETURN(const std::string sealed,
                          Encrypt(key, absl::StrCat(kPurpose, binding), Encode(position)));
  std::string token = absl::WebSafeBase64Escape(sealed);
  if (token.size() > kMaxPageTokenChars) {
    return absl::InternalError(absl::StrCat("a page token of ", token.size(), " characters"));
  }
  return token;
}

absl::StatusOr<std::vector<Value>> OpenPageToken(absl::string_view key, absl::string_view binding,
                                                 absl::string_view token,
                                                 absl::string_view domain) {
  ACCORD_RETURN_IF_ERROR(CheckKey(key));
  ACCORD_ASSIGN_OR_RETURN(std::optional<std::vector<Value>> position,
                          Open(key, absl::StrCat(kPurpose, binding), token));
  if (position) return *std::move(position);
  FieldViolations violations;
  violations.Add("page_token",
                 "use it with the same caller, filter and order, or start again without it");
  return violations.ToStatus(domain);
}

}  // namespace accord::store
