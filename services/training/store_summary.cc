#include "services/training/store_summary.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/store/within_reach.h"

namespace accord::training {
namespace {

using O = v1::Officer;

constexpr O::State kInProgram[] = {O::NOMINATED, O::SCREENED, O::IN_TRAINING, O::CERTIFIED,
                                   O::AUTHORIZED};
constexpr O::State kOnDuty[] = {O::CERTIFIED, O::AUTHORIZED};

// Conditions that are joined by AND; parameters are bound as they come.
class Conditions {
 public:
  explicit Conditions(const OfficerScope& scope) : params_(scope.params) {
    if (!scope.where.empty()) all_.push_back(absl::StrCat("(", scope.where, ")"));
  }

  // "$3", bound to the value.
  std::string Bind(sql::Value value) {
    params_.push_back(std::move(value));
    return absl::StrCat("$", params_.size());
  }
  void Add(std::string condition) { all_.push_back(std::move(condition)); }

  std::string where() const { return all_.empty() ? "1 = 1" : absl::StrJoin(all_, " AND "); }
  std::vector<sql::Value> params() const { return params_; }

 private:
  std::vector<std::string> all_;
  std::vector<sql::Value> params_;
};

// Numbers of an enum are no parameters: one statement for all.
template <typename States>
std::string IsOneOf(absl::string_view column, const States& states) {
  return absl::StrCat(column, " IN (",
                      absl::StrJoin(states, ", ",
                                    [](std::string* out, O::State state) {
                                      absl::StrAppend(out, static_cast<int>(state));
                                    }),
                      ")");
}

// What is kept of an officer holds on the day. Most have the policy's version: SQLite, without
// statistics, would look for them by its index, and does not by "NOT <>".
std::string IsKept(const KeptAsk& ask, Conditions& conditions) {
  return absl::StrCat("((f_next_change_date = '' OR f_next_change_date > ",
                      conditions.Bind(FormatDate(ask.as_of)), ") AND NOT f_policy_version <> ",
                      conditions.Bind(ask.policy_version), ")");
}

// The same denied, where each of the three has an index.
std::string IsNotKept(const KeptAsk& ask, Conditions& conditions) {
  const std::string as_of = conditions.Bind(FormatDate(ask.as_of));
  const std::string version = conditions.Bind(ask.policy_version);
  return absl::StrCat("((f_next_change_date > '' AND f_next_change_date <= ", as_of,
                      ") OR f_policy_version < ", version, " OR f_policy_version > ", version, ")");
}

absl::StatusOr<OfficerCount> ReadCount(const sql::Row& row) {
  OfficerCount count;
  ACCORD_ASSIGN_OR_RETURN(const int64_t fictitious, sql::GetInt(row, 0));
  ACCORD_ASSIGN_OR_RETURN(count.model, sql::GetText(row, 1));
  ACCORD_ASSIGN_OR_RETURN(count.agency, sql::GetText(row, 2));
  ACCORD_ASSIGN_OR_RETURN(count.template_code, sql::GetText(row, 3));
  ACCORD_ASSIGN_OR_RETURN(count.field_office, sql::GetText(row, 4));
  ACCORD_ASSIGN_OR_RETURN(const int64_t state, sql::GetInt(row, 5));
  ACCORD_ASSIGN_OR_RETURN(const int64_t certification, sql::GetInt(row, 6));
  ACCORD_ASSIGN_OR_RETURN(count.agreement, sql::GetText(row, 7));
  ACCORD_ASSIGN_OR_RETURN(count.officers, sql::GetInt(row, 8));
  ACCORD_ASSIGN_OR_RETURN(count.lapsing, sql::GetInt(row, 9));
  ACCORD_ASSIGN_OR_RETURN(const std::string first_end, sql::GetText(row, 10));
  count.fictitious = fictitious != 0;
  count.on_duty = IsOnDuty(static_cast<O::State>(state));
  count.certification = static_cast<v1::Certification::State>(certification);
  count.current_through = ParseDate(first_end);
  return count;
}

}  // namespace

OfficerScope Fictitious(bool fictitious) {
  return {.where = "f_fictitious = $1", .params = {int64_t{fictitious}}};
}

OfficerScope OfAgency(const std::string& agency) {
  return {.where = "f_agency = $1", .params = {agency}, .narrow = true};
}

OfficerScope Within(const Reach& reach, const store::Reader& reader, OfficerScope scope) {
  if (reach.whole) return scope;
  absl::StrAppend(&scope.where, scope.where.empty() ? "" : " AND ",
                  store::CoversSql(reach, reader.types().Of<O>(), &scope.params));
  return scope;
}

bool IsInProgram(O::State state) {
  return std::find(std::begin(kInProgram), std::end(kInProgram), state) != std::end(kInProgram);
}

bool IsOnDuty(O::State state) {
  return std::find(std::begin(kOnDuty), std::end(kOnDuty), state) != std::end(kOnDuty);
}

absl::StatusOr<std::vector<OfficerCount>> CountKept(store::Reader& reader, const KeptAsk& ask) {
  Conditions conditions(ask.scope);
  conditions.Add(IsOneOf("f_state", kInProgram));
  conditions.Add(IsKept(ask, conditions));
  const std::string lapsing = absl::StrCat(
      "CAST(sum(CASE WHEN f_current_through <> '' AND f_current_through <= ",
      conditions.Bind(FormatDate(ask.lapsing_through)), " THEN 1 ELSE 0 END) AS BIGINT)");
  // In the order of the index over what is counted, so that nothing is sorted.
  const std::string group = absl::StrCat(
      "f_fictitious, f_model, f_agency, f_template, f_field_office, f_state, "
      "f_certification",
      ask.by_agreement ? ", f_agreement" : "");
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute(
          absl::StrCat("SELECT ", group, ask.by_agreement ? "" : ", CAST('' AS TEXT)",
                       ", count(*), ", lapsing,
                       ", coalesce(min(NULLIF(f_current_through, '')), '') "
                       "FROM t_officers WHERE ",
                       conditions.where(), " GROUP BY ", group),
          conditions.params(), ask.deadline));
  std::vector<OfficerCount> counts;
  for (const sql::Row& row : result.rows) {
    ACCORD_ASSIGN_OR_RETURN(OfficerCount count, ReadCount(row));
    counts.push_back(std::move(count));
  }
  return counts;
}

absl::StatusOr<std::vector<O>> NotKeptAfter(store::Reader& reader, const KeptAsk& ask,
                                            const std::string& name, int64_t limit) {
  Conditions conditions(ask.scope);
  conditions.Add(IsOneOf("f_state", kInProgram));
  conditions.Add(ask.scope.narrow ? absl::StrCat("NOT ", IsKept(ask, conditions))
                                  : IsNotKept(ask, conditions));
  conditions.Add(absl::StrCat("name > ", conditions.Bind(name)));
  return reader.Select<O>(
      {.where = conditions.where(), .params = conditions.params(), .limit = limit});
}

absl::StatusOr<std::vector<O>> OfficersInScopeAfter(store::Reader& reader,
                                                    const OfficerScope& scope,
                                                    const std::string& name, int64_t limit) {
  Conditions conditions(scope);
  conditions.Add(absl::StrCat("name > ", conditions.Bind(name)));
  return reader.Select<O>(
      {.where = conditions.where(), .params = conditions.params(), .limit = limit});
}

absl::Status ForEachCaseDueBefore(store::Reader& reader, const OfficerScope& scope, Date as_of,
                                  const CaseFunction& fn) {
  Conditions conditions(scope);
  const std::string due = conditions.Bind(FormatDate(as_of));
  return reader.connection().ForEach(
      absl::StrCat("SELECT c.message, o.f_model, o.f_agreement FROM (SELECT f_officer, message "
                   "FROM t_revocationCases WHERE f_decision_due_date > '' AND "
                   "f_decision_due_date < ",
                   due, ") c JOIN (SELECT name, f_model, f_agreement FROM t_officers WHERE ",
                   conditions.where(), ") o ON o.name = c.f_officer"),
      conditions.params(), [&fn](sql::Row& row) -> absl::Status {
        ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(row, 0));
        v1::RevocationCase revocation;
        if (!revocation.ParseFromString(bytes)) {
          return absl::DataLossError("a stored case does not parse");
        }
        ACCORD_ASSIGN_OR_RETURN(const std::string model, sql::GetText(row, 1));
        ACCORD_ASSIGN_OR_RETURN(const std::string agreement, sql::GetText(row, 2));
        fn(revocation, model, agreement);
        return absl::OkStatus();
      });
}

}  // namespace accord::training
