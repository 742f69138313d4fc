#include "services/training/store_monitors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status.h"
#include "services/training/store_summary.h"
#include "services/training/types.h"

namespace accord::training {
namespace {

using Gap = v1::MonitorGap;

// {officers} are groups of officers or officers, {count} how many; an agency has one monitor.
constexpr char kGaps[] = R"sql(
  SELECT o.agency, o.field_office, o.officers, COALESCE(m.name, ''), COALESCE(m.f_manager, ''),
         COALESCE(m.f_training_officer, ''), COALESCE(m.f_manager_acknowledge_time, 0),
         COALESCE(m.f_training_officer_acknowledge_time, 0)
  FROM (
    SELECT f_agency AS agency, max(f_field_office) AS field_office, {count} AS officers
    FROM {officers}
    WHERE {scope} AND {in_program} AND f_agency > {after}
    GROUP BY f_agency
  ) o
  LEFT JOIN t_monitors m ON m.f_agency = o.agency
  WHERE m.name IS NULL OR m.f_manager_acknowledge_time = 0
        OR m.f_training_officer_acknowledge_time = 0
  ORDER BY o.agency
  LIMIT {limit}
)sql";

OfficerScope ScopeOf(const store::Reader& reader, const MonitorGapAsk& ask) {
  OfficerScope scope = Fictitious(ask.fictitious);
  if (!ask.field_office.empty()) scope = OfOffice(ask.field_office, std::move(scope));
  Reach of_agencies = ask.reach;
  of_agencies.self = false;
  of_agencies.officers.clear();
  return Within(of_agencies, reader, std::move(scope));
}

void AddMissing(int64_t manager_time, int64_t training_officer_time, Gap& gap) {
  if (gap.monitor().empty()) {
    gap.add_missing(Gap::MONITOR);
    return;
  }
  if (manager_time == 0) gap.add_missing(Gap::MANAGER_ACKNOWLEDGEMENT);
  if (training_officer_time == 0) gap.add_missing(Gap::TRAINING_OFFICER_ACKNOWLEDGEMENT);
}

absl::StatusOr<Gap> ReadGap(const sql::Row& row) {
  Gap gap;
  ACCORD_ASSIGN_OR_RETURN(*gap.mutable_agency(), sql::GetText(row, 0));
  ACCORD_ASSIGN_OR_RETURN(*gap.mutable_field_office(), sql::GetText(row, 1));
  ACCORD_ASSIGN_OR_RETURN(const int64_t officers, sql::GetInt(row, 2));
  ACCORD_ASSIGN_OR_RETURN(*gap.mutable_monitor(), sql::GetText(row, 3));
  ACCORD_ASSIGN_OR_RETURN(*gap.mutable_manager(), sql::GetText(row, 4));
  ACCORD_ASSIGN_OR_RETURN(*gap.mutable_training_officer(), sql::GetText(row, 5));
  ACCORD_ASSIGN_OR_RETURN(const int64_t manager_time, sql::GetInt(row, 6));
  ACCORD_ASSIGN_OR_RETURN(const int64_t training_officer_time, sql::GetInt(row, 7));
  gap.set_officers(static_cast<int>(officers));
  AddMissing(manager_time, training_officer_time, gap);
  return gap;
}

}  // namespace

absl::StatusOr<std::vector<Gap>> MonitorGaps(store::Reader& reader, const MonitorGapAsk& ask) {
  const store::ResourceType& type = reader.types().Of<v1::Officer>();
  const OfficerScope scope = ScopeOf(reader, ask);
  std::vector<sql::Value> params = scope.params;
  const std::string after = sql::Bind(ask.after, params);
  const std::string limit = sql::Bind(ask.limit, params);
  const std::string sql = absl::StrReplaceAll(
      kGaps,
      {{"{count}", scope.counted ? "CAST(sum(n) AS BIGINT)" : "count(*)"},
       {"{officers}", scope.counted ? type.CountsNamed(kCountedByKept).table() : type.table()},
       {"{scope}", scope.where},
       {"{in_program}", InProgramSql()},
       {"{after}", after},
       {"{limit}", limit}});
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          reader.connection().Execute(sql, std::move(params), ask.deadline));
  std::vector<Gap> gaps;
  for (const sql::Row& row : result.rows) {
    ACCORD_ASSIGN_OR_RETURN(Gap gap, ReadGap(row));
    gap.set_fictitious(ask.fictitious);
    gaps.push_back(std::move(gap));
  }
  return gaps;
}

}  // namespace accord::training
