#include "services/gateway/day_views.h"

#include "common/base/log.h"
#include "services/gateway/followed_logs.h"

namespace accord::gateway {

bool DayViews::AreKept(Date date) const {
  return cache_ != nullptr && date == Today(clock_.Now(), policy_.time_zone());
}

std::optional<cache::Envelope> DayViews::EnvelopeOf(const std::string& agency,
                                                    const std::string& office,
                                                    const std::vector<Revision>& revisions,
                                                    Date date) const {
  if (!AreKept(date)) return std::nullopt;
  cache::Envelope envelope;
  for (const Revision& revision : revisions) {
    if (revision.log.empty()) return std::nullopt;
    envelope.version.computed_at.push_back(PositionOf(revision));
  }
  envelope.subject = agency;
  envelope.office = office;
  envelope.version.valid_until = StartOfDay(date + std::chrono::days(1), policy_.time_zone());
  envelope.compute_time = clock_.Now();
  return envelope;
}

void WarnUnlessKept(const absl::StatusOr<cache::ViewPtr>& kept) {
  if (!kept.ok()) {
    LogWarning("a view cannot be kept", {{"error", std::string(kept.status().message())}});
  }
}

}  // namespace accord::gateway
