// How rows of published lists and resources of the record find each other.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "accord/agreements/v1/resources.pb.h"

namespace accord::agreements {

// "FL|collier county sheriff's office": postal code and folded name. Two spellings
// that differ in case, spaces or the kind of apostrophe have one key.
std::string AgencyKey(absl::string_view state_code, absl::string_view agency_name);

// "FL|collier county sheriff's office|WSO".
std::string AgreementKey(absl::string_view agency_key, absl::string_view model);

// The parts of an agreement key; the whole text, or "", where a part is missing.
absl::string_view AgencyKeyOf(absl::string_view agreement_key);
absl::string_view StateOf(absl::string_view key);
absl::string_view AgencyNameOf(absl::string_view key);
absl::string_view ModelOf(absl::string_view agreement_key);

// What a discrepancy asks, such that a question with an equal subject is the same
// question: the pair of agencies (either way round) for POSSIBLE_RENAME and
// POSSIBLE_DUPLICATE alike, both keys for a switch or reassignment, the key and the
// published value for a date or a link, the key and the last listing for an absence.
std::string SubjectOf(const v1::RosterDiscrepancy& discrepancy);

}  // namespace accord::agreements
