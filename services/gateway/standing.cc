#include "services/gateway/standing.h"

#include <utility>

#include "services/gateway/wire_time.h"

namespace accord::gateway {
namespace {

Revision RevisionOf(absl::string_view service, const std::vector<std::string>& revisions) {
  for (const std::string& text : revisions) {
    auto revision = ParseRevision(text);
    if (revision && revision->service == service) return *std::move(revision);
  }
  return {std::string(service), "", 0};
}

}  // namespace

bool IsRefusal(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsInvalidArgument(status) ||
         absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status);
}

Projection::Standing JustHeard(absl::string_view service,
                               const std::vector<std::string>& revisions) {
  Projection::Standing standing{RevisionOf(service, revisions), {}};
  standing.source.set_service(std::string(service));
  if (!standing.revision.log.empty()) {
    standing.source.set_revision(FormatRevision(standing.revision));
  }
  standing.source.set_reachable(true);
  standing.source.mutable_age();  // Zero: it has just answered.
  return standing;
}

Projection::Standing NotHeard(absl::string_view service, absl::Duration silence) {
  Projection::Standing standing{{std::string(service), "", 0}, {}};
  standing.source.set_service(std::string(service));
  standing.source.set_reachable(false);
  *standing.source.mutable_age() = ToDuration(silence);
  return standing;
}

}  // namespace accord::gateway
