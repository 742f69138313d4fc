// What the views that are kept of a day have in common, whatever they show.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/cache/view_cache.h"
#include "common/policy/policy.h"
#include "services/gateway/seen.h"

namespace accord::gateway {

// Thread-safe.
class DayViews {
 public:
  // All of it outlives this. Without `cache` nothing is kept.
  DayViews(const cache::ViewCache* cache, const Clock& clock, const Policy& policy)
      : cache_(cache), clock_(clock), policy_(policy) {}

  // Only views of today are.
  bool AreKept(Date date) const;

  // Of a view about the agency, just computed at `revisions`, which ends with the day. None when
  // it may not be kept: another day, or the log of one of them is not known.
  std::optional<cache::Envelope> EnvelopeOf(const std::string& agency, const std::string& office,
                                            const std::vector<Revision>& revisions,
                                            Date date) const;

 private:
  const cache::ViewCache* const cache_;
  const Clock& clock_;
  const Policy& policy_;
};

// A view that cannot be kept is computed again: a warning, and no failure.
void WarnUnlessKept(const absl::StatusOr<cache::ViewPtr>& kept);

}  // namespace accord::gateway
