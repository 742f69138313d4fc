// The record as a plan is about to leave it: reads see earlier steps of the plan, and
// every changed resource is kept once, with the row that first touched it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "services/agreements/reconcile/record.h"

namespace accord::agreements {

// Issues a fresh resource name of a collection: "agencies" -> "agencies/7f3…".
using NameIssuer = std::function<std::string(absl::string_view collection)>;

template <typename Resource>
struct Planned {
  Resource resource;
  bool is_new = false;
  // Index of the row that first touched it; kNoRow for what no row did.
  int row = -1;
};
inline constexpr int kNoRow = -1;

class Draft {
 public:
  // Both outlive the draft.
  Draft(const Record& record, const NameIssuer& issue) : record_(record), issue_(issue) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  // What is touched from now on belongs to this row, or to none.
  void BeginRow(int row) { row_ = row; }

  const Record& record() const { return record_; }

  // As in Record, with the plan's own changes.
  const v1::Agency* FindAgency(absl::string_view name) const;
  const v1::Agency* AgencyByKey(absl::string_view key) const;
  std::vector<const v1::Agency*> AgenciesWithCanonicalName(absl::string_view state,
                                                           absl::string_view canonical) const;
  const v1::Agreement* FindAgreement(absl::string_view name) const;
  std::vector<const v1::Agreement*> AgreementsOf(absl::string_view agency) const;
  const v1::Agreement* CurrentAgreement(absl::string_view agency, absl::string_view model) const;
  std::vector<const v1::Agreement*> AgreementsWithDocument(absl::string_view uri) const;
  const v1::RosterDiscrepancy* FindSubject(absl::string_view subject) const;
  std::vector<const v1::RosterDiscrepancy*> OpenOn(absl::string_view agreement) const;

  // The resource to change, which must exist. References stay valid.
  v1::Agency& EditAgency(absl::string_view name);
  v1::Agreement& EditAgreement(absl::string_view name);
  v1::RosterDiscrepancy& EditDiscrepancy(absl::string_view name);

  std::string IssueName(absl::string_view collection) const { return issue_(collection); }
  // Adds a resource whose name was issued, with its keys, agency and document set.
  const v1::Agency& Add(v1::Agency agency);
  const v1::Agreement& Add(v1::Agreement agreement);
  const v1::RosterDiscrepancy& Add(v1::RosterDiscrepancy discrepancy);
  // Makes a document of a changed agreement findable.
  void NoteDocument(const v1::Agreement& agreement);

  const absl::node_hash_map<std::string, Planned<v1::Agency>>& agencies() const {
    return agencies_;
  }
  const absl::node_hash_map<std::string, Planned<v1::Agreement>>& agreements() const {
    return agreements_;
  }
  const absl::node_hash_map<std::string, Planned<v1::RosterDiscrepancy>>& discrepancies() const {
    return discrepancies_;
  }

 private:
  using Index = absl::flat_hash_map<std::string, std::vector<std::string>>;

  const Record& record_;
  const NameIssuer& issue_;
  int row_ = kNoRow;

  absl::node_hash_map<std::string, Planned<v1::Agency>> agencies_;
  absl::node_hash_map<std::string, Planned<v1::Agreement>> agreements_;
  absl::node_hash_map<std::string, Planned<v1::RosterDiscrepancy>> discrepancies_;
  // Additions of the plan only.
  absl::flat_hash_map<std::string, std::string> agency_by_key_;
  Index agencies_by_canonical_;
  Index agreements_by_agency_;
  Index agreements_by_document_;
  Index discrepancies_by_agreement_;
  absl::flat_hash_map<std::string, std::string> discrepancy_by_subject_;
};

}  // namespace accord::agreements
