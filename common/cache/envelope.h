// What is kept with a cached view, so that it can be judged without parsing the view.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace accord::cache {

// A place in a service's log.
struct LogPosition {
  std::string service;
  std::string log;
  int64_t revision = 0;

  bool operator==(const LogPosition&) const = default;
};

// How new a view is: what it was computed from, and until when that holds.
struct Version {
  // One for each service that was asked, in no particular order.
  std::vector<LogPosition> computed_at;
  // First instant at which a verdict in the view may have changed by itself (exclusive).
  // Kept in whole microseconds; absl::InfiniteFuture() when no date changes it.
  absl::Time valid_until;

  bool operator==(const Version&) const = default;
};

struct Envelope {
  // The key it is stored under: an entry that turns up under another key is damaged.
  std::string key;
  // The agency that the view is about, for example "agencies/a1".
  std::string subject;
  // The field office that may see it; empty when none is recorded.
  std::string office;
  Version version;
  // When it was computed, to say how old it is; the rule does not use it. Microseconds.
  absl::Time compute_time;

  bool operator==(const Envelope&) const = default;
};

// Bounds of an envelope; what exceeds them is not encoded and not decoded.
inline constexpr size_t kMaxEnvelopeText = 512;  // Bytes of each text.
inline constexpr size_t kMaxServices = 16;
inline constexpr size_t kMaxBody = size_t{16} << 20;  // Bytes.

// A view with its envelope, as it is kept in memory and in Redis. Immutable.
class StoredView {
 public:
  // Errors: INVALID_ARGUMENT when a bound is exceeded, there is no service or one twice,
  // a service or log is not of [A-Za-z0-9._-]+, or a revision is negative.
  static absl::StatusOr<std::shared_ptr<const StoredView>> Encode(const Envelope& envelope,
                                                                  absl::string_view body);
  // Null unless `bytes` is exactly what Encode made: truncated, extended and altered bytes
  // are told by a digest over all of them. Takes any bytes.
  static std::shared_ptr<const StoredView> Decode(std::string bytes);

  const Envelope& envelope() const { return envelope_; }
  // The view as it was given, valid as long as this.
  absl::string_view body() const { return absl::string_view(bytes_).substr(body_offset_); }
  // Envelope and body, as stored.
  const std::string& bytes() const { return bytes_; }

 private:
  StoredView(std::string bytes, Envelope envelope, size_t body_offset);

  const std::string bytes_;
  const Envelope envelope_;
  const size_t body_offset_;
};

using ViewPtr = std::shared_ptr<const StoredView>;

}  // namespace accord::cache
