#include "services/gateway/seen.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"

namespace accord::gateway {
namespace {

constexpr char kAgencyPrefix[] = "agencies/";
// A chain of merges is short; a ring of them would be a defect of the record.
constexpr int kMostMergesSeen = 16;

}  // namespace

void Seen::Restart(const Revision& start, Merges merges, absl::Time heard) {
  std::lock_guard lock(mutex_);
  start_ = start;
  position_ = start.revision;
  heard_ = heard;
  newest_.clear();
  merges_ = std::move(merges);
}

void Seen::Apply(const log::v1::WatchChangesResponse& batch, const Merges& merges,
                 absl::Time heard) {
  std::lock_guard lock(mutex_);
  for (const log::v1::Change& change : batch.changes()) {
    for (const std::string& subject : change.subjects()) {
      if (!absl::StartsWith(subject, kAgencyPrefix)) continue;
      int64_t& newest = newest_[subject];
      newest = std::max(newest, change.revision());
    }
  }
  for (const auto& [agency, into] : merges) {
    if (into.empty()) {
      merges_.erase(agency);
    } else {
      merges_[agency] = into;
    }
  }
  position_ = std::max(position_, batch.revision());
  heard_ = heard;
}

void Seen::SetForked() {
  std::lock_guard lock(mutex_);
  start_ = {};
}

absl::Duration Seen::Silence(absl::Time now) const {
  std::shared_lock lock(mutex_);
  if (start_.log.empty()) return absl::InfiniteDuration();
  return std::max(now - heard_, absl::ZeroDuration());
}

bool Seen::StandsAt(const Revision& revision) const {
  std::shared_lock lock(mutex_);
  return !start_.log.empty() && revision.log == start_.log && revision.revision == position_;
}

std::optional<Seen::Answer> Seen::Of(absl::string_view agency, absl::Time now) const {
  std::shared_lock lock(mutex_);
  if (start_.log.empty()) return std::nullopt;
  for (int merges = 0; merges < kMostMergesSeen; ++merges) {
    const auto into = merges_.find(agency);
    if (into == merges_.end()) break;
    agency = into->second;
  }
  Answer answer{std::string(agency), start_, position_, now - heard_};
  const auto named = newest_.find(agency);
  if (named != newest_.end()) {
    answer.newest.revision = std::max(answer.newest.revision, named->second);
  }
  return answer;
}

}  // namespace accord::gateway
