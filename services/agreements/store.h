// What the agreements service asks of its store beyond the standard reads. The only
// place of this service with SQL.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/store/mutation.h"
#include "services/agreements/reconcile/record.h"

namespace accord::agreements {

// Follows `merged_into`; at most a few steps, for a merge points at what stands.
// Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<v1::Agency> ResolveAgency(store::Reader& reader, absl::string_view name);
absl::StatusOr<v1::Agreement> ResolveAgreement(store::Reader& reader, absl::string_view name);

// The agency, not merged, that answers to a folded key `FL|…`; empty when none.
absl::StatusOr<std::optional<v1::Agency>> AgencyByKey(store::Reader& reader,
                                                      const std::string& key);

// Of one agency, by model, then effective date. Merged ones only when `merged_too`.
absl::StatusOr<std::vector<v1::Agreement>> AgreementsOf(store::Reader& reader,
                                                        const std::string& agency,
                                                        bool merged_too = false);
// Those that are the agency's, decided or not.
absl::StatusOr<std::vector<v1::RosterDiscrepancy>> DiscrepanciesOf(store::Reader& reader,
                                                                   const std::string& agency);
// Open ones that the agency is on either side of.
absl::StatusOr<std::vector<v1::RosterDiscrepancy>> OpenDiscrepanciesOf(store::Reader& reader,
                                                                       const std::string& agency);

// Agreements whose recorded transitions change their state on or before `today`.
absl::StatusOr<std::vector<v1::Agreement>> DueBy(store::Reader& reader, Date today, int64_t limit);

// Everything a reconciliation needs, with the rows of the newest list of each kind.
absl::Status LoadRecord(store::Reader& reader, Record& record);

// What a decision or a merge needs: agencies, agreements and discrepancies of these
// states (USPS codes), and all imports, without their rows.
absl::Status LoadRecordOfStates(store::Reader& reader, const std::vector<std::string>& states,
                                Record& record);

// Rows of an import in the order of the sheet.
absl::StatusOr<std::vector<v1::RosterRow>> RowsOf(store::Reader& reader, const std::string& import);

// Revision of the newest Change of a resource type; 0 when there is none.
absl::StatusOr<int64_t> NewestChangeOfType(store::Reader& reader,
                                           const google::protobuf::Descriptor* type);

// A resource and the etag it had when something was planned on it.
struct ResourceBase {
  const google::protobuf::Descriptor* type;
  std::string name;
  std::string etag;
};
// True when every one of them still is as it was.
absl::StatusOr<bool> AreUnmoved(store::Reader& reader, const std::vector<ResourceBase>& bases);

// First and last revision of every mutation in which `action` wrote `resource`, oldest
// first.
struct MutationRange {
  int64_t first;
  int64_t last;
};
absl::StatusOr<std::vector<MutationRange>> MutationsOf(store::Reader& reader,
                                                       const std::string& resource,
                                                       const std::string& action);

// One resource that a mutation wrote.
struct WrittenResource {
  std::string name;
  std::string type_name;
  bool created;
  int64_t revision;
  // The newest Change of it anywhere in the log, and its action.
  int64_t newest_revision;
  std::string newest_action;
};
// What the mutations wrote, each resource once (its first Change), newest Change told.
absl::StatusOr<std::vector<WrittenResource>> WrittenBy(store::Reader& reader,
                                                       const std::vector<MutationRange>& ranges);

}  // namespace accord::agreements
