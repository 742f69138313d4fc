// Views in process memory: a bounded, sharded least-recently-used cache.
#pragma once

#include <array>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "absl/time/time.h"
#include "common/cache/envelope.h"

namespace accord::cache {

// Thread-safe. It judges nothing but age since writing: use Usable on what it returns.
class MemoryCache {
 public:
  struct Options {
    // Of all entries with their keys and about their overhead. A sixteenth bounds a
    // single entry.
    size_t max_bytes = size_t{64} << 20;
    // Entries go this long after they were written; reading does not extend it.
    absl::Duration expire_after = absl::Minutes(10);
  };
  enum class PutResult { kStored, kNotNewer, kTooLarge };

  explicit MemoryCache(Options options) : options_(options) {}
  MemoryCache(const MemoryCache&) = delete;
  MemoryCache& operator=(const MemoryCache&) = delete;

  // Null when there is none.
  ViewPtr Get(const std::string& key, absl::Time now);
  // Replaces only what is older (see Replaces) or has expired here; drops the least
  // recently used entries that no longer fit. `view` is not null.
  PutResult Put(const std::string& key, ViewPtr view, absl::Time now);

  size_t bytes() const;
  size_t entries() const;

 private:
  static constexpr size_t kShards = 16;

  struct Entry {
    std::string key;
    ViewPtr view;
    absl::Time expires;
    size_t cost = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> entries;  // The most recently used first. Guarded by mutex, as all below.
    std::unordered_map<std::string, std::list<Entry>::iterator> index;
    size_t bytes = 0;

    void Remove(std::list<Entry>::iterator entry);
  };

  Shard& ShardOf(const std::string& key);

  const Options options_;
  std::array<Shard, kShards> shards_;
};

}  // namespace accord::cache
