#include "services/agreements/reconcile/plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/agreements/errors.h"
#include "services/agreements/reconcile/absence.h"
#include "services/agreements/reconcile/desk.h"
#include "services/agreements/reconcile/row_plan.h"

namespace accord::agreements {
namespace {

using Import = v1::RosterImport;

// The list with everything known about it before any row is decided.
struct Preparation {
  Import header;
  std::vector<ListedRow> rows;
  const Import* newest = nullptr;
  // The newest has this content and date.
  bool already_imported = false;
  // Older than the newest.
  bool history = false;
};

absl::StatusOr<Preparation> Prepare(const ImportFacts& facts) {
  const ImportOptions& options = facts.options;
  const roster::RosterName name = roster::ParseRosterName(options.file_name);
  Preparation prepared;
  ACCORD_ASSIGN_OR_RETURN(const Import::Kind kind, KindOf(options, name));
  const std::optional<Date> capture =
      options.capture_date ? options.capture_date : name.capture_date;
  const SigningWindow window = WindowOf(facts.policy, capture, facts.today);
  prepared.rows = ReadRows(facts.list, facts.policy, window);
  ACCORD_ASSIGN_OR_RETURN(const ListDate date,
                          DateOf(options, name, capture, window, prepared.rows));

  Import& header = prepared.header;
  header.set_kind(kind);
  header.set_file_name(options.file_name);
  *header.mutable_as_of_date() = ToProto(date.date);
  header.set_as_of_basis(date.basis);
  if (capture) *header.mutable_capture_date() = ToProto(*capture);
  header.set_content_digest(facts.list.content_digest);
  header.set_bytes_digest(facts.list.bytes_digest);
  header.set_policy_version(facts.policy.id());
  header.set_fictitious(options.fictitious);
  header.set_state(Import::PLANNED);

  prepared.newest = facts.record.NewestImport(kind);
  if (!prepared.newest) return prepared;
  prepared.history = date.date < AsOf(*prepared.newest);
  prepared.already_imported = date.date == AsOf(*prepared.newest) &&
                              header.content_digest() == prepared.newest->content_digest();
  return prepared;
}

absl::Status CheckAdmissible(const ImportFacts& facts, const Preparation& prepared) {
  if (!prepared.newest) return absl::OkStatus();
  const Import& newest = *prepared.newest;
  if (prepared.history) {
    if (facts.options.history) return absl::OkStatus();
    return error::RosterOutOfOrder(AsOf(prepared.header), AsOf(newest));
  }
  const int rows = static_cast<int>(prepared.rows.size());
  const bool refusable =
      prepared.header.kind() == Import::PARTICIPATING && !facts.options.allow_shrink;
  if (refusable && IsShrunk(rows, newest, facts.policy)) {
    return error::RosterShrunk(rows, newest.rows(),
                               facts.policy.version().import_policy().minimum_share_of_previous());
  }
  return absl::OkStatus();
}

void Warn(const ImportFacts& facts, const Preparation& prepared, Import& header) {
  if (header.as_of_basis() == Import::NEWEST_SIGNATURE) {
    header.add_warnings(absl::StrCat("the date of the list was taken from its newest signature, ",
                                     FormatDate(AsOf(header)),
                                     ", which the file name does not allow for"));
  }
  if (prepared.history) {
    header.add_warnings("older than the newest list: recorded as history, compared with none");
  }
  if (header.hidden_rows() > 0) {
    header.add_warnings(
        absl::StrCat(header.hidden_rows(), " rows were published hidden by a filter; they count"));
  }
  const bool shrunk = !prepared.history && prepared.newest &&
                      IsShrunk(header.rows(), *prepared.newest, facts.policy);
  if (shrunk) {
    header.add_warnings(absl::StrCat("the list has ", header.rows(), " rows, the last one ",
                                     prepared.newest->rows()));
  }
}

void CompleteHeader(const ImportFacts& facts, Preparation& prepared) {
  Import& header = prepared.header;
  const Import* unfinished = facts.record.UnfinishedImport(header.kind(), header.content_digest());
  header.set_name(unfinished ? unfinished->name() : facts.issue("rosterImports"));
  header.set_sequence(unfinished ? unfinished->sequence()
                                 : facts.record.LastSequence(header.kind()) + 1);
  const bool compares = prepared.newest && !prepared.history;
  if (compares) header.set_previous(prepared.newest->name());
  CountList(facts.list, prepared.rows,
            compares ? facts.record.NewestRows(header.kind()) : std::vector<v1::RosterRow>(),
            facts.policy, header);
  Warn(facts, prepared, header);
}

// Adds one kind of resource to the groups of the rows that first touched it.
template <typename Map, typename Member>
void Distribute(const Map& resources, Member member, std::vector<PlanGroup>& by_row,
                std::vector<PlanGroup>& rowless) {
  std::vector<const typename Map::value_type*> ordered;
  for (const auto& entry : resources) ordered.push_back(&entry);
  std::sort(ordered.begin(), ordered.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* entry : ordered) {
    const int row = entry->second.row;
    PlanGroup& group = row == kNoRow ? rowless.emplace_back() : by_row[row];
    (group.*member).push_back(entry->second);
  }
}

std::vector<PlanGroup> GroupByRow(const Draft& draft, size_t rows) {
  std::vector<PlanGroup> groups(rows);
  for (size_t i = 0; i < rows; ++i) groups[i].row = static_cast<int>(i);
  std::vector<PlanGroup> rowless;
  Distribute(draft.agencies(), &PlanGroup::agencies, groups, rowless);
  Distribute(draft.agreements(), &PlanGroup::agreements, groups, rowless);
  Distribute(draft.discrepancies(), &PlanGroup::discrepancies, groups, rowless);
  std::move(rowless.begin(), rowless.end(), std::back_inserter(groups));
  return groups;
}

}  // namespace

void CountOutcomes(const std::vector<v1::RosterRow>& rows, v1::RosterImport& header) {
  std::map<v1::RowOutcome, int> counts;
  for (const v1::RosterRow& row : rows) ++counts[row.outcome()];
  header.clear_outcome_counts();
  for (const auto& [outcome, count] : counts) {
    v1::OutcomeCount* entry = header.add_outcome_counts();
    entry->set_outcome(outcome);
    entry->set_rows(count);
  }
}

absl::StatusOr<Plan> PlanImport(const ImportFacts& facts) {
  ACCORD_ASSIGN_OR_RETURN(Preparation prepared, Prepare(facts));
  if (prepared.already_imported) {
    Plan plan;
    plan.header = *prepared.newest;
    plan.header.set_state(Import::ALREADY_IMPORTED);
    return plan;
  }
  ACCORD_RETURN_IF_ERROR(CheckAdmissible(facts, prepared));
  CompleteHeader(facts, prepared);

  Import& header = prepared.header;
  const int pending_lists = facts.policy.version().import_policy().absences_before_proposal();
  const ListMatch match = MatchRows(prepared.rows, header.kind(), facts.record);
  const std::vector<HandOff> hand_offs =
      FindHandOffs(prepared.rows, match, header.kind(), pending_lists, facts.record);
  Draft draft(facts.record, facts.issue);
  Desk desk(draft, header);
  const RowPlanFacts row_facts{facts.policy, facts.today, header, prepared.rows, match, hand_offs};
  RowPlanner planner(row_facts, draft, desk);

  Plan plan;
  for (size_t i = 0; i < prepared.rows.size(); ++i) {
    plan.rows.push_back(planner.Plan(static_cast<int>(i), /*newest=*/!prepared.history));
  }
  draft.BeginRow(kNoRow);
  if (!prepared.history) PlanAbsences({header, match, facts.policy}, draft, desk);

  plan.groups = GroupByRow(draft, plan.rows.size());
  CountOutcomes(plan.rows, header);
  header.set_discrepancies_opened(desk.opened());
  header.set_discrepancies_closed(desk.closed());
  plan.header = std::move(header);
  return plan;
}

}  // namespace accord::agreements
