// The flags of the cache of views.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/cache/view_cache.h"
#include "common/policy/policy.h"

namespace CLI {
class App;
}  // namespace CLI

namespace accord::gateway {

struct CacheFlags {
  bool view_cache = true;
  size_t memory_bytes = size_t{64} << 20;
  // Empty: process memory only.
  std::string redis{};
  std::string redis_user{};
  std::string redis_password_file{};
  std::string redis_prefix = "accord:view:";
  cache::RedisTls redis_tls{};
};

void AddCacheFlags(CLI::App& app, CacheFlags& flags);

// "HOST:PORT", "[IPV6]:PORT" or "unix:PATH". Errors: INVALID_ARGUMENT.
absl::StatusOr<cache::RedisAddress> ParseRedisAddress(const std::string& text);

// Null with --view-cache=false. Gateways share what they keep in Redis only if they are
// of one build and read one policy. `clock` and `registry` outlive it.
// Errors: INVALID_ARGUMENT.
absl::StatusOr<std::unique_ptr<cache::ViewCache>> MakeViewCache(const CacheFlags& flags,
                                                                const Policy& policy,
                                                                const Clock& clock,
                                                                prometheus::Registry& registry);

}  // namespace accord::gateway
