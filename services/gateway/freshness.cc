#include "services/gateway/freshness.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace accord::gateway {

void StateRevision(const Revision& revision, rpc::Call& call) {
  if (!revision.log.empty()) call.SetRevision(FormatRevision(revision));
}

void StateRevisions(const std::vector<Revision>& revisions, rpc::Call& call) {
  for (const Revision& revision : revisions) StateRevision(revision, call);
}

std::vector<Revision> WantedRevisions(const rpc::Call& call, FieldViolations& violations) {
  std::vector<Revision> wanted;
  for (const absl::string_view text : call.MetadataValues(rpc::kRevisionKey)) {
    if (auto revision = ParseRevision(text)) {
      wanted.push_back(*std::move(revision));
    } else {
      violations.Add(rpc::kRevisionKey, "metadata must be of the form service@log:revision");
    }
  }
  return wanted;
}

bool Covers(const Revision& have, const std::vector<Revision>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&have](const Revision& want) {
    if (want.service != have.service) return true;
    return want.log == have.log && want.revision <= have.revision;
  });
}

bool CoverAll(const std::vector<Revision>& have, const std::vector<Revision>& wanted) {
  return std::all_of(have.begin(), have.end(),
                     [&wanted](const Revision& each) { return Covers(each, wanted); });
}

absl::Time WaitUntil(const rpc::Call& call, absl::Duration most) {
  const absl::Time now = absl::Now();
  return now + std::min(most, (call.deadline() - now) * 0.8);
}

}  // namespace accord::gateway
