// What officers, waivers, cases and their sweep ask of the store beyond the standard reads.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/store/mutation.h"

namespace accord::training {

// Of any of these officers, by officer, then name. At most a few thousand officers at a time.
absl::StatusOr<std::vector<v1::Completion>> CompletionsOf(store::Reader& reader,
                                                          const std::vector<std::string>& officers);
absl::StatusOr<std::vector<v1::Waiver>> WaiversOf(store::Reader& reader,
                                                  const std::vector<std::string>& officers);
absl::StatusOr<std::vector<v1::RevocationCase>> CasesOf(store::Reader& reader,
                                                        const std::vector<std::string>& officers);

// Ended ones too; by offering.
absl::StatusOr<std::vector<v1::Enrollment>> EnrollmentsOf(store::Reader& reader,
                                                          const std::vector<std::string>& officers);
absl::StatusOr<std::vector<v1::Notice>> NoticesOf(store::Reader& reader,
                                                  const std::vector<std::string>& officers);

// Those of the agreements that any officer is, or ever was, under.
absl::StatusOr<std::set<std::string>> EverServedUnder(store::Reader& reader,
                                                      const std::vector<std::string>& agreements);
// Officers that ever were under the agreement, as they are now, by name.
absl::StatusOr<std::vector<v1::Officer>> OfficersOnceUnder(store::Reader& reader,
                                                           const std::string& agreement);

// Officers whose certification changes on or before `today`, by that day.
absl::StatusOr<std::vector<v1::Officer>> OfficersDueBy(store::Reader& reader, Date today,
                                                       int64_t limit);
absl::StatusOr<std::vector<v1::Officer>> OfficersNamed(store::Reader& reader,
                                                       const std::vector<std::string>& names);
absl::StatusOr<std::vector<v1::Offering>> OfferingsNamed(store::Reader& reader,
                                                         const std::vector<std::string>& names);
// Officers after a name ("" is the first), by name.
absl::StatusOr<std::vector<v1::Officer>> OfficersAfter(store::Reader& reader,
                                                       const std::string& name, int64_t limit);
absl::StatusOr<int64_t> CountOfficersAfter(store::Reader& reader, const std::string& name);
// Of those, the CERTIFIED and AUTHORIZED ones about whom a day may have something to say: rules
// bind them and they are not current, or not after `last_end`, or they were authorized on or
// before `last_authorization`.
absl::StatusOr<std::vector<v1::Officer>> OfficersToWatch(store::Reader& reader, Date last_end,
                                                         Date last_authorization,
                                                         const std::string& name, int64_t limit);

// Of one officer and year.
absl::StatusOr<std::vector<v1::AnnualVerification>> VerificationsOf(store::Reader& reader, int year,
                                                                    const std::string& officer);
// Those of the officers whose recertification was verified in `year`.
absl::StatusOr<std::set<std::string>> VerifiedIn(store::Reader& reader, int year,
                                                 const std::vector<std::string>& officers);
absl::StatusOr<std::vector<v1::Monitor>> MonitorsOf(store::Reader& reader,
                                                    const std::vector<std::string>& agencies);

// Those of one policy file against another, by their digests.
absl::StatusOr<std::vector<v1::PolicyPreview>> PreviewsOf(store::Reader& reader,
                                                          const std::string& digest,
                                                          const std::string& previous);

}  // namespace accord::training
