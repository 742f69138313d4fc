// What becomes of each row of a list.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/policy/policy_view.h"
#include "services/agreements/reconcile/desk.h"
#include "services/agreements/reconcile/draft.h"
#include "services/agreements/reconcile/link_check.h"
#include "services/agreements/reconcile/list_match.h"
#include "services/agreements/reconcile/listed_row.h"
#include "services/agreements/reconcile/listing.h"

namespace accord::agreements {

// What the rows of one list are planned with. All of it outlives the planner.
struct RowPlanFacts {
  const PolicyView& policy;
  Date today;
  // Name, kind, date and fictitious are set.
  const v1::RosterImport& import;
  absl::Span<const ListedRow> rows;
  const ListMatch& match;
  const std::vector<HandOff>& hand_offs;
};

class RowPlanner {
 public:
  RowPlanner(const RowPlanFacts& facts, Draft& draft, Desk& desk);

  // Decides row `index`, changes the draft, and returns the row with its outcome.
  // `newest`: the list is not older than the newest of its kind.
  v1::RosterRow Plan(int index, bool newest);

 private:
  RowFacts FactsOf(int index) const;
  void PlanNewest(int index, v1::RosterRow& out);
  void PlanHistory(int index, v1::RosterRow& out);
  void PlanKnown(int index, const v1::Agreement& known, v1::RosterRow& out);
  void PlanNew(int index, v1::RosterRow& out);
  // False when a person has already said that the row is no such agreement.
  bool PlanHeld(const v1::RosterDiscrepancy& question, v1::RosterRow& out);
  // The discrepancy of an earlier list that holds this row back, or null.
  const v1::RosterDiscrepancy* HolderOf(const ListedRow& row) const;
  v1::RosterDiscrepancy QuestionOf(const HandOff& hand_off, const v1::RosterRow& row,
                                   const std::string& key) const;

  // Drops from `facts` a link that must not be recorded, and asks about a wrong one.
  LinkVerdict JudgeLink(const ListedRow& row, const v1::Agreement* known, RowFacts& facts) const;
  void AskAboutLink(const LinkVerdict& verdict, const v1::Agreement& agreement,
                    const v1::Agency& agency, v1::RosterRow& out);
  void AskAboutDate(const ListedRow& row, const v1::Agreement& agreement, const v1::Agency& agency,
                    v1::RosterRow& out);
  void AskAboutDuplicates(const v1::Agreement& agreement, const v1::Agency& agency,
                          v1::RosterRow& out);
  void AskAboutConflict(const ListedRow& row, const v1::Agreement& agreement,
                        const v1::Agency& agency, v1::RosterRow& out);
  void CloseAnswered(const ListedRow& row, const AgreementUpdate& update,
                     const v1::Agreement& agreement);
  bool UpdateCounty(const ListedRow& row, const std::string& agency_name, absl::string_view source);

  const RowPlanFacts& facts_;
  Draft& draft_;
  Desk& desk_;
  absl::flat_hash_map<std::string, std::vector<LinkedAgreement>> links_of_list_;
  // COUNTY cell of each key on the previous list of the kind.
  absl::flat_hash_map<std::string, std::string> previous_county_;
};

}  // namespace accord::agreements
