// An identity provider for tests: keys, and whatever tokens one asks of it.
#pragma once

#include <jansson.h>
#include <rhonabwy.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/auth/key_set.h"
#include "gtest/gtest.h"

namespace accord::auth {

// A key pair. Its public half may be published.
class TestKey {
 public:
  // `type`: R_KEY_TYPE_RSA, _EC or _EDDSA.
  TestKey(int type, unsigned bits, const std::string& id) {
    r_jwk_init(&private_);
    r_jwk_init(&public_);
    EXPECT_EQ(r_jwk_generate_key_pair(private_, public_, type, bits, id.c_str()), RHN_OK);
  }
  ~TestKey() {
    r_jwk_free(private_);
    r_jwk_free(public_);
  }
  TestKey(const TestKey&) = delete;
  TestKey& operator=(const TestKey&) = delete;

  jwk_t* signing() const { return private_; }
  std::string PublicJson() const { return Json(public_); }
  std::string PrivateJson() const { return Json(private_); }

 private:
  static std::string Json(jwk_t* key) {
    char* text = r_jwk_export_to_json_str(key, 0);
    std::string json = text;
    free(text);
    return json;
  }

  jwk_t* private_ = nullptr;
  jwk_t* public_ = nullptr;
};

inline std::string SetOf(const std::vector<std::string>& keys) {
  std::string set = "{\"keys\":[";
  for (size_t i = 0; i < keys.size(); ++i) set += (i > 0 ? "," : "") + keys[i];
  return set + "]}";
}

// A token that is good until something is changed.
class TestToken {
 public:
  explicit TestToken(absl::Time now) {
    r_jwt_init(&jwt_);
    Set("iss", "https://id.example");
    Set("aud", "accord");
    Set("sub", "u-17");
    Set("exp", absl::ToUnixSeconds(now + absl::Hours(1)));
  }
  ~TestToken() { r_jwt_free(jwt_); }
  TestToken(const TestToken&) = delete;
  TestToken& operator=(const TestToken&) = delete;

  TestToken& Set(const char* claim, const std::string& value) {
    r_jwt_set_claim_str_value(jwt_, claim, value.c_str());
    return *this;
  }
  TestToken& Set(const char* claim, int64_t value) {
    r_jwt_set_claim_int_value(jwt_, claim, value);
    return *this;
  }
  // Any JSON value.
  TestToken& SetJson(const char* claim, const std::string& json) {
    json_t* value = json_loads(json.c_str(), JSON_DECODE_ANY, nullptr);
    r_jwt_set_claim_json_t_value(jwt_, claim, value);
    json_decref(value);
    return *this;
  }
  TestToken& Drop(const char* claim) {
    r_jwt_set_claim_str_value(jwt_, claim, nullptr);
    return *this;
  }
  TestToken& Header(const char* name, const std::string& json) {
    json_t* value = json_loads(json.c_str(), JSON_DECODE_ANY, nullptr);
    r_jwt_set_header_json_t_value(jwt_, name, value);
    json_decref(value);
    return *this;
  }

  std::string Signed(jwa_alg algorithm, jwk_t* key) {
    r_jwt_set_sign_alg(jwt_, algorithm);
    char* text = r_jwt_serialize_signed(jwt_, key, R_FLAG_IGNORE_REMOTE);
    const std::string token = text == nullptr ? "" : text;
    free(text);
    EXPECT_FALSE(token.empty());
    return token;
  }

 private:
  jwt_t* jwt_ = nullptr;
};

}  // namespace accord::auth
