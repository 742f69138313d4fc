// Views and versions for tests of the cache.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/cache/envelope.h"
#include "gtest/gtest.h"

namespace accord::cache {

inline const absl::Time kNoon = absl::FromUnixSeconds(1'790'000'000);

// Computed from agreements at `first` and training at `second`, valid for an hour.
inline Version At(int64_t first, int64_t second, absl::Time valid_until = kNoon + absl::Hours(1)) {
  return {{{"agreements", "log-a", first}, {"training", "log-t", second}}, valid_until};
}

inline std::vector<LogPosition> Seen(int64_t first, int64_t second) {
  return At(first, second).computed_at;
}

inline Envelope EnvelopeAt(const Version& version, absl::string_view key = "status/a1") {
  return {std::string(key), "agencies/a1", "offices/o1", version, kNoon};
}

inline ViewPtr MakeView(const Version& version, absl::string_view body = "body",
                        absl::string_view key = "status/a1") {
  auto view = StoredView::Encode(EnvelopeAt(version, key), body);
  EXPECT_TRUE(view.ok()) << view.status();
  return view.ok() ? *view : nullptr;
}

}  // namespace accord::cache
