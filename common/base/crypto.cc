#include "common/base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace accord {

std::string Sha256(absl::string_view data) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

namespace {

void FillRandom(unsigned char* bytes, size_t count) {
  if (RAND_bytes(bytes, static_cast<int>(count)) != 1) std::abort();
}

// One call of OpenSSL costs the same for 16 bytes as for many, and each call of a service
// wants a few. Each byte is given out once, and wiped.
class RandomPool {
 public:
  void Take(unsigned char* bytes, size_t count) {
    if (count > bytes_.size()) return FillRandom(bytes, count);
    if (left_ < count) {
      FillRandom(bytes_.data(), bytes_.size());
      left_ = bytes_.size();
    }
    left_ -= count;
    std::memcpy(bytes, bytes_.data() + left_, count);
    OPENSSL_cleanse(bytes_.data() + left_, count);
  }

 private:
  std::array<unsigned char, 1024> bytes_{};
  size_t left_ = 0;
};

}  // namespace

std::string RandomBytes(size_t count) {
  thread_local RandomPool pool;
  std::string bytes(count, '\0');
  pool.Take(reinterpret_cast<unsigned char*>(bytes.data()), count);
  return bytes;
}

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

std::string NewUuid() {
  std::string bytes = RandomBytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = Hex(bytes);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

std::string NewId() {
  constexpr absl::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr size_t kLength = 13;
  std::string id;
  while (id.size() < kLength) {
    for (const char c : RandomBytes(kLength)) {
      const auto byte = static_cast<unsigned char>(c);
      // 252 is the largest multiple of 36 in a byte: no letter is likelier.
      if (byte < 252 && id.size() < kLength) id.push_back(kAlphabet[byte % kAlphabet.size()]);
    }
  }
  return id;
}

}  // namespace accord
