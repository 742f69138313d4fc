#include "common/cache/memory_cache.h"

#include <functional>
#include <utility>

#include "common/cache/rule.h"

namespace accord::cache {
namespace {

// List node, index node and control blocks, about.
constexpr size_t kOverhead = 512;

size_t CostOf(const std::string& key, const StoredView& view) {
  return 2 * key.size() + view.bytes().size() + kOverhead;
}

}  // namespace

void MemoryCache::Shard::Remove(std::list<Entry>::iterator entry) {
  bytes -= entry->cost;
  index.erase(entry->key);
  entries.erase(entry);
}

MemoryCache::Shard& MemoryCache::ShardOf(const std::string& key) {
  return shards_[std::hash<std::string>()(key) % kShards];
}

ViewPtr MemoryCache::Get(const std::string& key, absl::Time now) {
  Shard& shard = ShardOf(key);
  std::lock_guard lock(shard.mutex);
  const auto found = shard.index.find(key);
  if (found == shard.index.end()) return nullptr;
  if (now >= found->second->expires) {
    shard.Remove(found->second);
    return nullptr;
  }
  shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
  return found->second->view;
}

MemoryCache::PutResult MemoryCache::Put(const std::string& key, ViewPtr view, absl::Time now) {
  const size_t cost = CostOf(key, *view);
  const size_t shard_bytes = options_.max_bytes / kShards;
  if (cost > shard_bytes) return PutResult::kTooLarge;
  Shard& shard = ShardOf(key);
  std::lock_guard lock(shard.mutex);
  const auto found = shard.index.find(key);
  if (found != shard.index.end()) {
    const Entry& held = *found->second;
    const bool expired = now >= held.expires;
    if (!expired && !Replaces(view->envelope().version, held.view->envelope().version)) {
      return PutResult::kNotNewer;
    }
    shard.Remove(found->second);
  }
  while (shard.bytes + cost > shard_bytes) shard.Remove(std::prev(shard.entries.end()));
  shard.entries.push_front({key, std::move(view), now + options_.expire_after, cost});
  shard.index[key] = shard.entries.begin();
  shard.bytes += cost;
  return PutResult::kStored;
}

size_t MemoryCache::bytes() const {
  size_t sum = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    sum += shard.bytes;
  }
  return sum;
}

size_t MemoryCache::entries() const {
  size_t sum = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    sum += shard.index.size();
  }
  return sum;
}

}  // namespace accord::cache
