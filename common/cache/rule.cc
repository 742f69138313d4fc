#include "common/cache/rule.h"

#include <algorithm>

namespace accord::cache {
namespace {

const LogPosition* Find(const std::vector<LogPosition>& positions, absl::string_view service) {
  const auto found =
      std::find_if(positions.begin(), positions.end(),
                   [service](const LogPosition& each) { return each.service == service; });
  return found == positions.end() ? nullptr : &*found;
}

bool SameServices(const std::vector<LogPosition>& a, const std::vector<LogPosition>& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&b](const LogPosition& each) {
           return Find(b, each.service) != nullptr;
         });
}

// Both of the same services.
bool SameLogs(const std::vector<LogPosition>& a, const std::vector<LogPosition>& b) {
  return std::all_of(a.begin(), a.end(), [&b](const LogPosition& each) {
    return Find(b, each.service)->log == each.log;
  });
}

// Both of the same logs: whether `a` is at or after `b` in each.
bool AtOrAfter(const std::vector<LogPosition>& a, const std::vector<LogPosition>& b) {
  return std::all_of(a.begin(), a.end(), [&b](const LogPosition& each) {
    return each.revision >= Find(b, each.service)->revision;
  });
}

}  // namespace

absl::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kUsable:
      return "usable";
    case Verdict::kOlder:
      return "older";
    case Verdict::kExpired:
      return "expired";
    case Verdict::kOtherLog:
      return "other_log";
    case Verdict::kUnknownService:
      return "unknown_service";
    case Verdict::kDamaged:
      return "damaged";
  }
  return "damaged";
}

Verdict Usable(const Version& version, const std::vector<LogPosition>& seen, absl::Time now) {
  if (version.computed_at.empty()) return Verdict::kDamaged;
  if (!SameServices(version.computed_at, seen)) return Verdict::kUnknownService;
  if (!SameLogs(version.computed_at, seen)) return Verdict::kOtherLog;
  if (!AtOrAfter(version.computed_at, seen)) return Verdict::kOlder;
  return now < version.valid_until ? Verdict::kUsable : Verdict::kExpired;
}

bool Replaces(const Version& fresh, const Version& held) {
  if (!SameServices(fresh.computed_at, held.computed_at)) return true;
  if (!SameLogs(fresh.computed_at, held.computed_at)) return true;
  if (!AtOrAfter(fresh.computed_at, held.computed_at)) return false;
  const bool moved = !AtOrAfter(held.computed_at, fresh.computed_at);
  return moved || fresh.valid_until > held.valid_until;
}

}  // namespace accord::cache
