// The public keys that tokens may be signed with: a JSON Web Key Set (RFC 7517).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct json_t;

namespace accord::auth {

// Immutable; safe to share between threads.
class KeySet {
 public:
  // Each key must have a `kid` of its own and be public: RSA of 2048 bits or more, EC on
  // P-256, or Ed25519. A key of another `use` than "sig" is passed over.
  // Errors: INVALID_ARGUMENT, KEYS_UNREADABLE, or INVALID_FIELDS with every violated key.
  static absl::StatusOr<std::shared_ptr<const KeySet>> Parse(absl::string_view json);

  enum class Kind { kRsa, kEc, kEd25519 };
  struct Key {
    std::string id;
    Kind kind;
    // "RS256", …; empty when the set does not say.
    std::string algorithm{};
    std::shared_ptr<json_t> jwk{};
  };
  // Null when there is none of that id.
  const Key* Find(absl::string_view id) const;
  size_t size() const { return keys_.size(); }

 private:
  explicit KeySet(std::vector<Key> keys) : keys_(std::move(keys)) {}

  const std::vector<Key> keys_;
};

}  // namespace accord::auth
