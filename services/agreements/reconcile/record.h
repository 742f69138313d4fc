// The facts a reconciliation needs, loaded once and indexed: agencies, agreements,
// discrepancies and imports. Lookups take constant time, so that a list of a thousand
// rows is quick against a record of 250,000 agreements.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/calendar/date.h"

namespace accord::agreements {

// The presence of an agreement on lists of `kind`.
const v1::Listing& ListingOf(const v1::Agreement& agreement, v1::RosterImport::Kind kind);
v1::Listing& MutableListingOf(v1::Agreement& agreement, v1::RosterImport::Kind kind);

// The date of the list; Date::min() when it has none.
Date AsOf(const v1::RosterImport& import);

// Of two agreements of one agency and model, the one that a list row means: not merged,
// then not ended, then the one that began later.
bool IsMoreCurrent(const v1::Agreement& a, const v1::Agreement& b);
// The one of that model that IsMoreCurrent than the others; null when there is none.
const v1::Agreement* MostCurrent(const std::vector<const v1::Agreement*>& agreements,
                                 absl::string_view model);

// Pointers that it returns stay valid until that resource is erased.
// Not thread-safe while it is filled; reading is.
class Record {
 public:
  Record() = default;
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  // Adds the resource, or replaces the one of that name.
  void Put(v1::Agency agency);
  void Put(v1::Agreement agreement);
  void Put(v1::RosterDiscrepancy discrepancy);
  void Put(v1::RosterImport import);
  // The rows of the newest applied list of `kind`.
  void SetNewestRows(v1::RosterImport::Kind kind, std::vector<v1::RosterRow> rows);
  // Forgets an agency or agreement; nothing happens when there is none.
  void Erase(absl::string_view name);

  // Null when there is none. The first returns a merged agency itself.
  const v1::Agency* FindAgency(absl::string_view name) const;
  // Follows `merged_into`; null also when the merges form a circle.
  const v1::Agency* ResolveAgency(absl::string_view name) const;
  // The agency that answers to `state|folded name`, merges resolved.
  const v1::Agency* AgencyByKey(absl::string_view key) const;
  // Agencies, not merged ones, with a key of this state and canonical name.
  std::vector<const v1::Agency*> AgenciesWithCanonicalName(absl::string_view state,
                                                           absl::string_view canonical) const;

  const v1::Agreement* FindAgreement(absl::string_view name) const;
  // Agreements of the agency that are not merged.
  std::vector<const v1::Agreement*> AgreementsOf(absl::string_view agency) const;
  // All agreements of the agency, merged ones too.
  std::vector<const v1::Agreement*> AllAgreementsOf(absl::string_view agency) const;
  // The one that IsMoreCurrent than the others; null when there is none.
  const v1::Agreement* CurrentAgreement(absl::string_view agency, absl::string_view model) const;
  // Agreements, not merged ones, whose document is `uri`.
  std::vector<const v1::Agreement*> AgreementsWithDocument(absl::string_view uri) const;

  const v1::RosterDiscrepancy* FindDiscrepancy(absl::string_view name) const;
  // The last recorded one that asks `subject` (SubjectOf); null when never asked.
  const v1::RosterDiscrepancy* FindSubject(absl::string_view subject) const;
  // Open ones about the agreement, as either side, in order of recording.
  std::vector<const v1::RosterDiscrepancy*> OpenOn(absl::string_view agreement) const;
  // Ones that hold back rows of this agency key, or undid a decision about them:
  // OPEN or UNDONE, with a held row. In order of recording.
  std::vector<const v1::RosterDiscrepancy*> HoldingAgencyKey(absl::string_view agency_key) const;

  const v1::RosterImport* FindImport(absl::string_view name) const;
  // The applied import of the kind with the latest as-of date, then sequence; or null.
  const v1::RosterImport* NewestImport(v1::RosterImport::Kind kind) const;
  // The earliest as-of date of an applied list of the kind; Date::max() when none.
  Date OldestListDate(v1::RosterImport::Kind kind) const;
  // 0 when there is none of the kind.
  int LastSequence(v1::RosterImport::Kind kind) const;
  // The import of that content whose chunks are still being written, or null.
  const v1::RosterImport* UnfinishedImport(v1::RosterImport::Kind kind,
                                           absl::string_view content_digest) const;
  const std::vector<v1::RosterRow>& NewestRows(v1::RosterImport::Kind kind) const;

  const absl::node_hash_map<std::string, v1::Agreement>& agreements() const { return agreements_; }
  const absl::node_hash_map<std::string, v1::Agency>& agencies() const { return agencies_; }
  const absl::node_hash_map<std::string, v1::RosterDiscrepancy>& discrepancies() const {
    return discrepancies_;
  }

 private:
  using Names = std::vector<std::string>;
  using Index = absl::flat_hash_map<std::string, Names>;

  void IndexAgency(const v1::Agency& agency);
  void UnindexAgency(const v1::Agency& agency);

  absl::node_hash_map<std::string, v1::Agency> agencies_;
  absl::node_hash_map<std::string, v1::Agreement> agreements_;
  absl::node_hash_map<std::string, v1::RosterDiscrepancy> discrepancies_;
  absl::node_hash_map<std::string, v1::RosterImport> imports_;
  absl::flat_hash_map<int, std::vector<v1::RosterRow>> newest_rows_;

  Index agencies_by_key_;
  Index agencies_by_canonical_;
  Index agreements_by_agency_;
  Index agreements_by_document_;
  Index discrepancies_by_agreement_;
  Index discrepancies_by_held_agency_;
  absl::flat_hash_map<std::string, std::string> discrepancy_by_subject_;
};

// "FL|melbourne police department": the key of AgenciesWithCanonicalName.
std::string CanonicalKey(absl::string_view state, absl::string_view canonical);

}  // namespace accord::agreements
