#include "services/gateway/cache_flags.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/rpc/build_info.h"

namespace accord::gateway {
namespace {

constexpr char kUnixPrefix[] = "unix:";
constexpr int kMostPort = 65535;

}  // namespace

void AddCacheFlags(CLI::App& app, CacheFlags& flags) {
  app.add_option("--view-cache", flags.view_cache, "keep computed statuses; false asks every time")
      ->capture_default_str();
  app.add_option("--view-memory-bytes", flags.memory_bytes,
                 "memory for kept statuses; 0 keeps them in Redis only")
      ->capture_default_str();
  app.add_option("--redis", flags.redis,
                 "host:port or unix:PATH of a Redis that all gateways share; empty uses none")
      ->capture_default_str();
  app.add_option("--redis-user", flags.redis_user, "user to sign in to Redis as")
      ->capture_default_str();
  app.add_option("--redis-password-file", flags.redis_password_file,
                 "file of the Redis password; empty does not sign in")
      ->capture_default_str();
  app.add_option("--redis-prefix", flags.redis_prefix, "what stands before every key in Redis")
      ->capture_default_str();
  app.add_flag("--redis-tls", flags.redis_tls.enabled, "speak TLS with Redis")
      ->capture_default_str();
  app.add_option("--redis-ca", flags.redis_tls.ca,
                 "PEM file of the authorities that the Redis certificate must come from; empty "
                 "trusts the system's")
      ->capture_default_str();
  app.add_option("--redis-cert", flags.redis_tls.cert, "PEM file of the certificate shown to Redis")
      ->capture_default_str();
  app.add_option("--redis-key", flags.redis_tls.key, "PEM file of its private key")
      ->capture_default_str();
}

absl::StatusOr<cache::RedisAddress> ParseRedisAddress(const std::string& text) {
  cache::RedisAddress address;
  if (absl::StartsWith(text, kUnixPrefix)) {
    address.unix_path = std::string(absl::StripPrefix(text, kUnixPrefix));
    if (!address.unix_path.empty()) return address;
  }
  const size_t colon = text.rfind(':');
  const bool has_port = colon != std::string::npos && colon > 0 &&
                        absl::SimpleAtoi(text.substr(colon + 1), &address.port);
  if (!has_port || address.port < 1 || address.port > kMostPort) {
    return absl::InvalidArgumentError(
        absl::StrCat("--redis ", text, " must be host:port or unix:PATH"));
  }
  address.host = text.substr(0, colon);
  const bool bracketed = absl::StartsWith(address.host, "[") && absl::EndsWith(address.host, "]");
  if (bracketed) address.host = address.host.substr(1, address.host.size() - 2);
  return address;
}

absl::StatusOr<std::unique_ptr<cache::ViewCache>> MakeViewCache(const CacheFlags& flags,
                                                                const Policy& policy,
                                                                const Clock& clock,
                                                                prometheus::Registry& registry) {
  if (!flags.view_cache) return nullptr;
  cache::ViewCacheOptions options;
  options.memory.max_bytes = flags.memory_bytes;
  // Who waits holds no thread. An owner that is slow for longer is shown as away.
  options.wait_for_filler = absl::Seconds(1);
  // The same facts may read otherwise to another build or under another policy.
  options.redis_prefix =
      absl::StrCat(flags.redis_prefix, rpc::BuildCommit(), ":", policy.digest().substr(0, 16), ":");
  std::unique_ptr<cache::RedisClient> redis;
  if (!flags.redis.empty()) {
    cache::RedisOptions redis_options;
    ACCORD_ASSIGN_OR_RETURN(redis_options.address, ParseRedisAddress(flags.redis));
    redis_options.address.tls = flags.redis_tls;
    redis_options.user = flags.redis_user;
    redis_options.password_file = flags.redis_password_file;
    redis = std::make_unique<cache::RedisClient>(std::move(redis_options), registry);
  }
  return std::make_unique<cache::ViewCache>(std::move(options), std::move(redis), clock, registry);
}

}  // namespace accord::gateway
