#include "common/auth/key_set.h"

#include <rhonabwy.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/auth_errors.h"
#include "common/base/error.h"

namespace accord::auth {
namespace {

constexpr unsigned kLeastRsaBits = 2048;
constexpr unsigned kEcBits = 256;

struct FreeKeys {
  void operator()(jwks_t* keys) const { r_jwks_free(keys); }
};
using Keys = std::unique_ptr<jwks_t, FreeKeys>;

std::shared_ptr<jwk_t> Own(jwk_t* key) {
  return {key, [](jwk_t* held) { r_jwk_free(held); }};
}

std::string Property(const std::shared_ptr<jwk_t>& key, const char* name) {
  const char* value = r_jwk_get_property_str(key.get(), name);
  return value == nullptr ? std::string() : std::string(value);
}

// What is wrong with the key; empty when it is good. Sets its kind.
std::string Judge(const std::shared_ptr<jwk_t>& key, KeySet::Kind& kind) {
  unsigned bits = 0;
  const int type = r_jwk_key_type(key.get(), &bits, R_FLAG_IGNORE_REMOTE);
  if (type & (R_KEY_TYPE_PRIVATE | R_KEY_TYPE_SYMMETRIC)) return "must be a public key";
  if (type & R_KEY_TYPE_RSA) {
    kind = KeySet::Kind::kRsa;
    return bits >= kLeastRsaBits ? "" : absl::StrCat("must have ", kLeastRsaBits, " bits or more");
  }
  if (type & R_KEY_TYPE_EC) {
    kind = KeySet::Kind::kEc;
    return bits == kEcBits && Property(key, "crv") == "P-256" ? "" : "must be on P-256";
  }
  if (type & R_KEY_TYPE_EDDSA) {
    kind = KeySet::Kind::kEd25519;
    return Property(key, "crv") == "Ed25519" ? "" : "must be on Ed25519";
  }
  return "must be an RSA, EC or Ed25519 key";
}

}  // namespace

absl::StatusOr<std::shared_ptr<const KeySet>> KeySet::Parse(absl::string_view json) {
  static std::once_flag once;
  std::call_once(once, [] { r_global_init(); });
  jwks_t* raw = nullptr;
  if (r_jwks_init(&raw) != RHN_OK) return error::KeysUnreadable();
  const Keys parsed(raw);
  const int outcome = r_jwks_import_from_json_str(raw, std::string(json).c_str());
  if (outcome != RHN_OK || r_jwks_size(raw) == 0) return error::KeysUnreadable();

  FieldViolations violations;
  std::vector<Key> keys;
  for (size_t i = 0; i < r_jwks_size(raw); ++i) {
    Key key;
    key.jwk = Own(r_jwks_get_at(raw, i));
    const std::string use = Property(key.jwk, "use");
    if (!use.empty() && use != "sig") continue;
    key.id = Property(key.jwk, "kid");
    key.algorithm = Property(key.jwk, "alg");
    const std::string field = absl::StrCat("keys[", i, "]");
    const bool taken = std::any_of(keys.begin(), keys.end(),
                                   [&key](const Key& other) { return other.id == key.id; });
    if (key.id.empty()) violations.Add(absl::StrCat(field, ".kid"), "is required");
    if (taken) violations.Add(absl::StrCat(field, ".kid"), "is that of another key");
    const std::string fault = Judge(key.jwk, key.kind);
    if (!fault.empty()) violations.Add(field, fault);
    keys.push_back(std::move(key));
  }
  const absl::Status valid = violations.ToStatus(kDomain);
  if (!valid.ok()) return valid;
  if (keys.empty()) return error::KeysUnreadable();
  return std::shared_ptr<const KeySet>(new KeySet(std::move(keys)));
}

const KeySet::Key* KeySet::Find(absl::string_view id) const {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [id](const Key& key) { return key.id == id; });
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace accord::auth
