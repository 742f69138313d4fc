// A record in memory that takes in plans and decisions, as the service does in a store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/policy/policy.h"
#include "services/agreements/reconcile/decide.h"
#include "services/agreements/reconcile/plan.h"
#include "services/agreements/reconcile/record.h"

namespace accord::agreements {

class InMemoryRecord {
 public:
  // The policy that is shipped, as of 2025-07-02.
  InMemoryRecord();

  // Plans, and applies the plan unless that fails or nothing is to be written.
  absl::StatusOr<Plan> Import(const roster::PublishedList& list, const ImportOptions& options);
  // Reads a file of deploy/rosters first.
  absl::StatusOr<Plan> ImportFile(const std::string& path, bool history = false);

  void Apply(const Plan& plan);

  // Decide, and apply what the decision writes.
  absl::Status Accept(const Decision& decision);
  absl::Status Reject(const Decision& decision);
  // Takes back the last decision that was applied.
  absl::Status Undo(const Decision& decision);

  Record& record() { return record_; }
  const Record& record() const { return record_; }
  const PolicyView& policy() const { return *view_; }
  const NameIssuer& issue() const { return issue_; }
  Date today() const { return today_; }
  void set_today(Date today) { today_ = today; }

  // In order of recording.
  std::vector<const v1::RosterDiscrepancy*> Discrepancies() const;
  std::vector<const v1::RosterDiscrepancy*> Open(v1::RosterDiscrepancy::Kind kind) const;

 private:
  DecisionFacts Facts() const { return {record_, *view_, today_, issue_}; }
  void Apply(const Writes& writes);

  std::vector<BeforeImage> before_;
  std::shared_ptr<const Policy> policy_;
  const PolicyView* view_ = nullptr;
  Record record_;
  int issued_ = 0;
  NameIssuer issue_;
  Date today_;
};

// A list as a test writes it.
struct RowText {
  std::string state = "FLORIDA";
  std::string agency;
  std::string model = "Task Force Model";
  // "4/14/2025"; read as the sheet reader reads it.
  std::string signed_text = "";
  std::string county = "#N/A";
  std::string document = "";
  std::string type = "Municipality";
};
// The row of a plan that lists the agency; the first if there are several.
const v1::RosterRow& RowOf(const Plan& plan, absl::string_view agency);
int CountOutcome(const Plan& plan, v1::RowOutcome outcome);

roster::PublishedList MakeList(const std::vector<RowText>& rows);

ImportOptions Participating(absl::string_view as_of);
ImportOptions Pending(absl::string_view as_of);

// The rosters that are shipped, in order of capture, participating first within a day.
std::vector<std::string> RosterFiles();

}  // namespace accord::agreements
