#include "common/cache/memory_cache.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/cache/rule.h"
#include "tests/unit/cache/views.h"

namespace accord::cache {
namespace {

using PutResult = MemoryCache::PutResult;

TEST(MemoryCacheTest, ReplacesOnlyWhatIsOlder) {
  MemoryCache cache({});
  EXPECT_EQ(cache.Get("k", kNoon), nullptr);
  EXPECT_EQ(cache.Put("k", MakeView(At(2, 2), "two"), kNoon), PutResult::kStored);
  EXPECT_EQ(cache.Put("k", MakeView(At(1, 2), "one"), kNoon), PutResult::kNotNewer);
  EXPECT_EQ(cache.Put("k", MakeView(At(2, 2), "same"), kNoon), PutResult::kNotNewer);
  EXPECT_EQ(cache.Get("k", kNoon)->body(), "two");
  EXPECT_EQ(cache.Put("k", MakeView(At(3, 2), "three"), kNoon), PutResult::kStored);
  EXPECT_EQ(cache.Get("k", kNoon)->body(), "three");
  EXPECT_EQ(cache.entries(), 1);
}

TEST(MemoryCacheTest, ExpiresAfterWriteHoweverOftenItIsRead) {
  MemoryCache cache({size_t{1} << 20, absl::Minutes(10)});
  cache.Put("k", MakeView(At(2, 2)), kNoon);
  for (int minute = 0; minute < 10; ++minute) {
    EXPECT_NE(cache.Get("k", kNoon + absl::Minutes(minute)), nullptr);
  }
  EXPECT_EQ(cache.Get("k", kNoon + absl::Minutes(10)), nullptr);
  EXPECT_EQ(cache.entries(), 0);
  EXPECT_EQ(cache.bytes(), 0);
}

TEST(MemoryCacheTest, WhatHasExpiredIsReplacedByAnything) {
  MemoryCache cache({size_t{1} << 20, absl::Minutes(10)});
  cache.Put("k", MakeView(At(2, 2), "two"), kNoon);
  const absl::Time later = kNoon + absl::Minutes(11);
  EXPECT_EQ(cache.Put("k", MakeView(At(1, 1), "one"), later), PutResult::kStored);
  EXPECT_EQ(cache.Get("k", later)->body(), "one");
}

TEST(MemoryCacheTest, StaysWithinItsBytes) {
  constexpr size_t kMax = size_t{1} << 20;
  MemoryCache cache({kMax, absl::Minutes(10)});
  const std::string body(5'000, 'x');
  for (int i = 0; i < 2'000; ++i) {
    const std::string key = absl::StrCat("k", i);
    ASSERT_EQ(cache.Put(key, MakeView(At(1, 1), body, key), kNoon), PutResult::kStored);
    ASSERT_NE(cache.Get(key, kNoon), nullptr);
    ASSERT_LE(cache.bytes(), kMax);
  }
  EXPECT_GT(cache.entries(), 100);
  EXPECT_LT(cache.entries(), 200);
  EXPECT_EQ(cache.Put("big", MakeView(At(1, 1), std::string(kMax / 16, 'x')), kNoon),
            PutResult::kTooLarge);
}

TEST(MemoryCacheTest, DropsTheLeastRecentlyUsed) {
  MemoryCache cache({size_t{1} << 20, absl::Minutes(10)});
  const std::string body(5'000, 'x');
  cache.Put("kept", MakeView(At(1, 1), body), kNoon);
  cache.Put("left", MakeView(At(1, 1), body), kNoon);
  for (int i = 0; i < 2'000; ++i) {
    cache.Put(absl::StrCat("k", i), MakeView(At(1, 1), body), kNoon);
    ASSERT_NE(cache.Get("kept", kNoon), nullptr) << i;
  }
  EXPECT_EQ(cache.Get("left", kNoon), nullptr);
}

TEST(MemoryCacheTest, RacingWritersLeaveTheNewest) {
  MemoryCache cache({size_t{1} << 22, absl::Minutes(10)});
  constexpr int kRevisions = 400;
  constexpr int kKeys = 4;
  std::atomic<int> backwards{0};
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 8; ++seed) {
    threads.emplace_back([&cache, &backwards, seed] {
      std::vector<int> revisions(kRevisions);
      for (int i = 0; i < kRevisions; ++i) revisions[i] = i + 1;
      std::shuffle(revisions.begin(), revisions.end(), std::mt19937(seed));
      for (const int revision : revisions) {
        const std::string key = absl::StrCat("k", revision % kKeys);
        cache.Put(key, MakeView(At(revision, revision), "body", key), kNoon);
        const ViewPtr held = cache.Get(key, kNoon);
        const Version written = At(revision, revision);
        if (held == nullptr || Replaces(written, held->envelope().version)) ++backwards;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(backwards, 0);
  for (int i = 0; i < kKeys; ++i) {
    const int newest = i == 0 ? kRevisions : kRevisions - kKeys + i;
    EXPECT_EQ(cache.Get(absl::StrCat("k", i), kNoon)->envelope().version, At(newest, newest));
  }
}

}  // namespace
}  // namespace accord::cache
