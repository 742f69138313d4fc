// Times of Abseil as messages.
#pragma once

#include <google/protobuf/util/time_util.h>

#include "absl/time/time.h"

namespace accord::gateway {

inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

// At most about 292 years: what is longer, infinite too, is that.
inline google::protobuf::Duration ToDuration(absl::Duration duration) {
  return google::protobuf::util::TimeUtil::NanosecondsToDuration(
      absl::ToInt64Nanoseconds(duration));
}

}  // namespace accord::gateway
