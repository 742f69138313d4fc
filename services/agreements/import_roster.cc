#include "services/agreements/import_roster.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "services/agreements/errors.h"
#include "services/agreements/store.h"
#include "services/agreements/write_out.h"

namespace accord::agreements {
namespace {

constexpr int kMaxPlans = 5;

absl::Status PlanMoved() {
  return MakeError(absl::StatusCode::kAborted, kDomain, "PLAN_MOVED",
                   "the record was changed while the list was reconciled with it; import again");
}

struct PlannedImport {
  Plan plan;
  store::Position base;
  // Rows that an earlier, unfinished try has already written.
  int rows_applied = 0;
  bool resumed = false;
};

// Against a record that holds some of this list already, those rows would now plan as
// unchanged; what became of them is what was written.
absl::Status KeepAppliedRows(store::Reader& reader, const Record& record, PlannedImport& planned) {
  v1::RosterImport& header = planned.plan.header;
  const v1::RosterImport* unfinished = record.FindImport(header.name());
  if (unfinished == nullptr) return absl::OkStatus();
  planned.resumed = true;
  planned.rows_applied = unfinished->rows_applied();
  ACCORD_ASSIGN_OR_RETURN(const std::vector<v1::RosterRow> applied, RowsOf(reader, header.name()));
  std::copy(applied.begin(), applied.end(), planned.plan.rows.begin());
  CountOutcomes(planned.plan.rows, header);
  header.set_discrepancies_opened(header.discrepancies_opened() +
                                  unfinished->discrepancies_opened());
  return absl::OkStatus();
}

absl::StatusOr<PlannedImport> MakePlan(const ImportCall& call) {
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, call.store.Read(call.context.deadline));
  Record record;
  ACCORD_RETURN_IF_ERROR(LoadRecord(**snapshot, record));
  const NameIssuer issue = NewName;
  PlannedImport planned;
  planned.base = (*snapshot)->position();
  ACCORD_ASSIGN_OR_RETURN(
      planned.plan, PlanImport({call.list, call.options, record, call.policy, call.today, issue}));
  if (planned.plan.header.state() == v1::RosterImport::PLANNED) {
    ACCORD_RETURN_IF_ERROR(KeepAppliedRows(**snapshot, record, planned));
  }
  return planned;
}

template <typename Resource>
void CollectBases(const std::vector<Planned<Resource>>& planned, std::vector<ResourceBase>& bases) {
  for (const Planned<Resource>& each : planned) {
    if (!each.is_new) {
      bases.push_back({Resource::descriptor(), each.resource.name(), each.resource.etag()});
    }
  }
}

// One mutation of an import: rows [begin, end), and with the last of them what no row
// touched.
struct Chunk {
  int begin;
  int end;
  bool last;

  bool Has(const PlanGroup& group) const {
    return group.row == kNoRow ? last : begin <= group.row && group.row < end;
  }
};

// A plan holds only while nobody has added an agency (it could have a planned key) and
// what the chunk changes is as it was planned.
absl::Status CheckUnmoved(store::Transaction& transaction, const Plan& plan, const Chunk& chunk,
                          int64_t base) {
  ACCORD_ASSIGN_OR_RETURN(const int64_t agencies,
                          NewestChangeOfType(transaction, v1::Agency::descriptor()));
  if (agencies > base) return PlanMoved();
  std::vector<ResourceBase> bases;
  for (const PlanGroup& group : plan.groups) {
    if (!chunk.Has(group)) continue;
    CollectBases(group.agencies, bases);
    CollectBases(group.agreements, bases);
    CollectBases(group.discrepancies, bases);
  }
  ACCORD_ASSIGN_OR_RETURN(const bool unmoved, AreUnmoved(transaction, bases));
  return unmoved ? absl::OkStatus() : PlanMoved();
}

store::WriteSet WritesOfChunk(const PlannedImport& planned, const Chunk& chunk) {
  const Plan& plan = planned.plan;
  v1::RosterImport header = plan.header;
  header.set_rows_applied(chunk.end);
  header.set_state(chunk.last ? v1::RosterImport::APPLIED : v1::RosterImport::APPLYING);
  store::WriteSet writes;
  WriteOut(Planned<v1::RosterImport>{header, chunk.begin == 0 && !planned.resumed, kNoRow}, writes);
  for (const PlanGroup& group : plan.groups) {
    if (!chunk.Has(group)) continue;
    for (const auto& agency : group.agencies) WriteOut(agency, writes);
    for (const auto& agreement : group.agreements) WriteOut(agreement, writes);
    for (const auto& discrepancy : group.discrepancies) WriteOut(discrepancy, writes);
  }
  std::vector<std::unique_ptr<google::protobuf::Message>> rows;
  for (int i = chunk.begin; i < chunk.end; ++i) {
    rows.push_back(std::make_unique<v1::RosterRow>(plan.rows[i]));
  }
  if (!rows.empty()) writes.AppendRows(header.name(), std::move(rows));
  return writes;
}

absl::StatusOr<Imported> WritePlan(const ImportCall& call, const PlannedImport& planned) {
  const int rows = static_cast<int>(planned.plan.rows.size());
  const int size = call.policy.version().import_policy().chunk_rows();
  int64_t base = planned.base.revision;
  for (int begin = planned.rows_applied;; begin += size) {
    const Chunk chunk = {begin, std::min(begin + size, rows), begin + size >= rows};
    store::MutationContext context = call.context;
    // The answer to the caller's request is that of the last chunk.
    if (!chunk.last) context.request_id.clear();
    ACCORD_ASSIGN_OR_RETURN(
        const store::Committed committed,
        call.store.Mutate(
            context, [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
              ACCORD_RETURN_IF_ERROR(CheckUnmoved(transaction, planned.plan, chunk, base));
              return WritesOfChunk(planned, chunk);
            }));
    if (chunk.last) return Imported{committed.First<v1::RosterImport>(), committed.position};
    base = committed.position.revision;
  }
}

}  // namespace

absl::StatusOr<Imported> ImportList(const ImportCall& call) {
  for (int attempt = 1;; ++attempt) {
    ACCORD_ASSIGN_OR_RETURN(const PlannedImport planned, MakePlan(call));
    const bool nothing = planned.plan.header.state() == v1::RosterImport::ALREADY_IMPORTED;
    if (nothing || call.context.validate_only) {
      return Imported{planned.plan.header, planned.base};
    }
    absl::StatusOr<Imported> imported = WritePlan(call, planned);
    if (imported.ok() || GetReason(imported.status()) != "PLAN_MOVED" || attempt == kMaxPlans) {
      return imported;
    }
  }
}

}  // namespace accord::agreements
