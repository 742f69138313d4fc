// A bounded map from SQL text to a prepared statement.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace accord::sql {

// Forgets the least recently used entry when full. Not thread-safe.
template <typename Prepared>
class StatementCache {
 public:
  explicit StatementCache(size_t capacity) : capacity_(capacity < 1 ? 1 : capacity) {}

  // The statement, now the most recently used, or nullptr. Valid until the next Put or Erase.
  Prepared* Find(const std::string& key) {
    auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  // Adds a statement whose key is absent; returns the one that had to go.
  std::optional<Prepared> Put(const std::string& key, Prepared prepared) {
    std::optional<Prepared> evicted;
    if (entries_.size() >= capacity_) {
      evicted = std::move(entries_.back().second);
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, std::move(prepared));
    index_[key] = entries_.begin();
    return evicted;
  }

  void Erase(const std::string& key) {
    auto found = index_.find(key);
    if (found == index_.end()) return;
    entries_.erase(found->second);
    index_.erase(found);
  }

  void Clear() {
    index_.clear();
    entries_.clear();
  }

 private:
  using Entries = std::list<std::pair<std::string, Prepared>>;

  const size_t capacity_;
  Entries entries_;  // Most recently used first.
  std::unordered_map<std::string, typename Entries::iterator> index_;
};

}  // namespace accord::sql
