// What a listed row does to the agency and the agreement it means. The rules are the
// same whether the row comes with a list or was held until a person decided.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"

namespace accord::agreements {

// A row that is to be recorded.
struct RowFacts {
  v1::RosterImport::Kind kind = v1::RosterImport::KIND_UNSPECIFIED;
  // `rosterImports/{id}/rows/{row}`.
  std::string source;
  // Of the list.
  Date as_of;
  std::string state_code;
  std::string model;
  std::string agency_key;
  // As published.
  std::string agency_name;
  std::string agency_type;
  // "" when the row has none.
  std::string county;
  // Plausible, or empty.
  std::optional<Date> signed_date;
  std::string document_uri;
  std::string addendum_uri;
  bool fictitious = false;
};

v1::Provenance MakeProvenance(absl::string_view field, absl::string_view source, v1::Basis basis,
                              Date source_date);

// An agency as the row publishes it, placed with a field office.
v1::Agency NewAgency(const RowFacts& facts, const std::string& name, const PolicyView& policy);

// The field office by state and county, or a note why there is none. A pinned one stays.
void PlaceAgency(v1::Agency& agency, const PolicyView& policy);

// An agreement of `agency` as the row publishes it: PENDING since the list's date, or
// ACTIVE since the published signature (basis RECORD); without one, since the list's
// date (basis ASSUMED). The template stays empty: no list names it.
v1::Agreement NewAgreement(const RowFacts& facts, const std::string& name, const v1::Agency& agency,
                           Date today);

// What UpdateAgreement did.
struct AgreementUpdate {
  bool activated = false;
  bool date_recorded = false;
  bool documents_changed = false;
  // The row's date contradicts a recorded one, which stays until a person decides.
  bool date_conflicts = false;
  bool Changed() const { return activated || date_recorded || documents_changed; }
};

// Records what the row says about a known agreement: its listing; the signature date and
// the links where none was recorded, or another link; and ACTIVE when a participating
// list has an agreement that was not yet in force. An ended agreement only gets the
// listing: no list brings it back.
AgreementUpdate UpdateAgreement(v1::Agreement& agreement, const RowFacts& facts, Date today);

void MarkListed(v1::Listing& listing, Date as_of);
// An older list: may only move the first date back, and set both where there are none.
void MarkListedInHistory(v1::Listing& listing, Date as_of);

// Sets the published signature date and moves the day of signing with it: PENDING
// transitions that a list observed later move to that day, so that order holds.
// Errors: DATE_OUT_OF_ORDER when another recorded transition is in the way; then
// nothing has changed.
absl::Status DateSigning(v1::Agreement& agreement, Date signed_date, absl::string_view source,
                         Date today);

// Appends ACTIVE. A PENDING observed later than `date` moves to it; any other later
// transition stays, and ACTIVE follows on its day (basis ASSUMED).
void Activate(v1::Agreement& agreement, Date date, v1::Basis basis, absl::string_view source,
              Date today);

}  // namespace accord::agreements
