#include "services/training/store_summary.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/store/within_reach.h"
#include "services/training/lapse.h"
#include "services/training/officer_events.h"
#include "services/training/store.h"
#include "services/training/types.h"

namespace accord::training {
namespace {

using C = v1::Certification;
using O = v1::Officer;

// Conditions that are joined by AND; parameters are bound as they come.
class Conditions {
 public:
  explicit Conditions(const OfficerScope& scope) : params_(scope.params) {
    if (!scope.where.empty()) all_.push_back(absl::StrCat("(", scope.where, ")"));
  }

  // "$3", bound to the value.
  std::string Bind(sql::Value value) { return sql::Bind(std::move(value), params_); }
  void Add(std::string condition) { all_.push_back(std::move(condition)); }

  std::string where() const { return all_.empty() ? "1 = 1" : absl::StrJoin(all_, " AND "); }
  std::vector<sql::Value> params() const { return params_; }

 private:
  std::vector<std::string> all_;
  std::vector<sql::Value> params_;
};

// Numbers of an enum are no parameters: one statement for all.
std::string StateFor(bool (*holds)(O::State)) {
  std::vector<int> states;
  for (int state = O::State_MIN; state <= O::State_MAX; ++state) {
    if (O::State_IsValid(state) && holds(static_cast<O::State>(state))) states.push_back(state);
  }
  return absl::StrCat("f_state IN (", absl::StrJoin(states, ", "), ")");
}

// Of the scope, who is in the program.
Conditions InProgram(const KeptAsk& ask) {
  Conditions conditions(ask.scope);
  conditions.Add(InProgramSql());
  return conditions;
}

// Kept under the policy's version. Most are: SQLite, without statistics, would look for them by its
// index, and does not by "NOT <>".
std::string HasVersion(const KeptAsk& ask, Conditions& conditions) {
  return absl::StrCat("NOT f_policy_version <> ", conditions.Bind(ask.policy_version));
}

// What is kept of an officer holds on the day.
std::string IsKept(const KeptAsk& ask, Conditions& conditions) {
  return absl::StrCat("((f_next_change_date = '' OR f_next_change_date > ",
                      conditions.Bind(FormatDate(ask.as_of)), ") AND ", HasVersion(ask, conditions),
                      ")");
}

// Of those with the policy's version, whom it does not hold of.
std::string HasChanged(const KeptAsk& ask, Conditions& conditions) {
  return absl::StrCat(
      "(f_next_change_date > '' AND f_next_change_date <= ", conditions.Bind(FormatDate(ask.as_of)),
      " AND ", HasVersion(ask, conditions), ")");
}

// A way to some officers: in the order of a field that has an index, then by name.
struct Way {
  std::string field;
  Conditions to;
};

// To those of whom what is kept does not hold. One condition for all of them would be right, too,
// but PostgreSQL, before it knows the values, would go through everybody to find few.
std::vector<Way> WaysToNotKept(const KeptAsk& ask) {
  const Conditions in_scope = InProgram(ask);
  if (ask.scope.narrow) {
    Conditions not_kept = in_scope;
    not_kept.Add(absl::StrCat("NOT ", IsKept(ask, not_kept)));
    return {{"agency", not_kept}};
  }
  Conditions older = in_scope;
  older.Add(absl::StrCat("f_policy_version < ", older.Bind(ask.policy_version)));
  Conditions newer = in_scope;
  newer.Add(absl::StrCat("f_policy_version > ", newer.Bind(ask.policy_version)));
  Conditions changed = in_scope;
  changed.Add(HasChanged(ask, changed));
  return {{"policy_version", older}, {"policy_version", newer}, {"next_change_date", changed}};
}

absl::Status Follow(store::Reader& reader, const Way& way, int64_t batch,
                    const OfficersFunction& fn) {
  const store::Field& field = *reader.types().Of<O>().fields().Find(way.field);
  for (std::optional<O> last;;) {
    Conditions rest = way.to;
    if (last) {
      const std::string at = rest.Bind(store::ExtractField(*last, field));
      rest.Add(
          absl::StrCat("(", field.column, ", name) > (", at, ", ", rest.Bind(last->name()), ")"));
    }
    ACCORD_ASSIGN_OR_RETURN(std::vector<O> officers,
                            reader.Select<O>({.where = rest.where(),
                                              .params = rest.params(),
                                              .order_by = absl::StrCat(field.column, ", name"),
                                              .limit = batch}));
    if (officers.empty()) return absl::OkStatus();
    last = officers.back();
    ACCORD_RETURN_IF_ERROR(fn(std::move(officers)));
  }
}

// "f_certification IN (2, 3)"
std::string IsOneOf(absl::string_view column, const std::vector<int>& states) {
  return absl::StrCat(column, " IN (", absl::StrJoin(states, ", "), ")");
}

std::string IsCertified(C::State state) { return IsOneOf("f_certification", {state}); }
// Besides the training.
constexpr absl::string_view kHasAuthority = "f_authority_ended = 0";

// On duty, under an agreement and an authorization that run: who must be compliant.
std::string WithAuthority() { return absl::StrCat(OnDutySql(), " AND ", kHasAuthority); }

// A number of a count: the officers of whom the condition holds.
struct Sum {
  int64_t OfficerCount::*number;
  std::string condition;
};

// In the order of their columns.
const std::vector<Sum>& Sums() {
  static const auto& sums = *new std::vector<Sum>{
      {&OfficerCount::officers, "1 = 1"},
      {&OfficerCount::current, absl::StrCat(IsCertified(C::CURRENT), " AND ", kHasAuthority)},
      {&OfficerCount::authority_ended,
       absl::StrCat(IsCertified(C::CURRENT), " AND NOT ", kHasAuthority)},
      {&OfficerCount::lapsed, IsCertified(C::LAPSED)},
      {&OfficerCount::not_certified, IsCertified(C::NOT_CERTIFIED)},
      {&OfficerCount::no_rule, IsCertified(C::NO_RULE)},
      {&OfficerCount::on_duty, WithAuthority()},
      {&OfficerCount::annual_bound,
       absl::StrCat(WithAuthority(), " AND NOT ", IsOneOf("f_annual_training", {C::NO_RULE}))},
      {&OfficerCount::annual_not_known_current,
       absl::StrCat(WithAuthority(), " AND NOT ",
                    IsOneOf("f_annual_training", {C::NO_RULE, C::CURRENT}))},
      {&OfficerCount::annual_known_not_current,
       absl::StrCat(WithAuthority(), " AND ",
                    IsOneOf("f_annual_training", {C::LAPSED, C::NOT_CERTIFIED}))}};
  return sums;
}

// `n` is what a row weighs: an INTEGER, whose sum is BIGINT on both databases. Sums of BIGINT are
// NUMERIC on PostgreSQL: with nine of them it sorts all rows instead of hashing the groups.
std::string SumSql(absl::string_view n, absl::string_view condition) {
  return absl::StrCat("sum(CASE WHEN ", condition, " THEN ", n, " ELSE 0 END)");
}

// The columns of a group, which ReadGroup reads; `agreement` is a term.
std::string GroupColumns(absl::string_view agreement) {
  return absl::StrCat("f_fictitious, f_model, f_agency, f_field_office, ", agreement);
}
constexpr absl::string_view kGroupBy = " GROUP BY 1, 2, 3, 4, 5";
constexpr size_t kGroupColumns = 5;

// What a count of rows and one of groups differ in.
struct CountTerms {
  absl::string_view agreement = "''";
  absl::string_view n;
  absl::string_view lapsing = "0";
  absl::string_view first_end = "''";
};

// The columns that ReadCount reads.
std::string CountColumns(const CountTerms& terms) {
  std::string columns = GroupColumns(terms.agreement);
  for (const Sum& sum : Sums()) absl::StrAppend(&columns, ", ", SumSql(terms.n, sum.condition));
  absl::StrAppend(&columns, ", ", terms.lapsing, ", ", terms.first_end);
  return columns;
}

absl::StatusOr<OfficerCount> ReadGroup(const sql::Row& row) {
  OfficerCount count;
  ACCORD_ASSIGN_OR_RETURN(const int64_t fictitious, sql::GetInt(row, 0));
  ACCORD_ASSIGN_OR_RETURN(count.model, sql::GetText(row, 1));
  ACCORD_ASSIGN_OR_RETURN(count.agency, sql::GetText(row, 2));
  ACCORD_ASSIGN_OR_RETURN(count.field_office, sql::GetText(row, 3));
  ACCORD_ASSIGN_OR_RETURN(count.agreement, sql::GetText(row, 4));
  count.fictitious = fictitious != 0;
  return count;
}

absl::StatusOr<OfficerCount> ReadCount(const sql::Row& row) {
  ACCORD_ASSIGN_OR_RETURN(OfficerCount count, ReadGroup(row));
  size_t column = kGroupColumns;
  for (const Sum& sum : Sums()) {
    ACCORD_ASSIGN_OR_RETURN(count.*sum.number, sql::GetInt(row, column++));
  }
  ACCORD_ASSIGN_OR_RETURN(count.lapsing, sql::GetInt(row, column++));
  ACCORD_ASSIGN_OR_RETURN(const std::string first_end, sql::GetText(row, column));
  count.current_through = ParseDate(first_end);
  return count;
}

absl::StatusOr<OfficerCount> ReadLapsing(const sql::Row& row) {
  ACCORD_ASSIGN_OR_RETURN(OfficerCount count, ReadGroup(row));
  ACCORD_ASSIGN_OR_RETURN(count.lapsing, sql::GetInt(row, kGroupColumns));
  return count;
}

using ReadFunction = absl::StatusOr<OfficerCount> (*)(const sql::Row& row);

absl::Status AppendCounts(store::Reader& reader, const std::string& sql, ReadFunction read,
                          const KeptAsk& ask, const Conditions& conditions,
                          std::vector<OfficerCount>& counts) {
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          reader.connection().Execute(sql, conditions.params(), ask.deadline));
  for (const sql::Row& row : result.rows) {
    ACCORD_ASSIGN_OR_RETURN(counts.emplace_back(), read(row));
  }
  return absl::OkStatus();
}

// All in one pass over the officers of the scope. Who has an end is CURRENT.
absl::Status AppendOfRows(store::Reader& reader, const KeptAsk& ask,
                          std::vector<OfficerCount>& counts) {
  Conditions conditions = InProgram(ask);
  conditions.Add(IsKept(ask, conditions));
  const std::string lapsing = SumSql(
      "1", absl::StrCat("f_current_through <> '' AND f_current_through <= ",
                        conditions.Bind(FormatDate(ask.lapsing_through)), " AND ", kHasAuthority));
  const std::string first_end = absl::StrCat("coalesce(min(CASE WHEN ", kHasAuthority,
                                             " THEN NULLIF(f_current_through, '') END), '')");
  const std::string columns = CountColumns({.agreement = ask.by_agreement ? "f_agreement" : "''",
                                            .n = "1",
                                            .lapsing = lapsing,
                                            .first_end = first_end});
  return AppendCounts(
      reader,
      absl::StrCat("SELECT ", columns, " FROM t_officers WHERE ", conditions.where(), kGroupBy),
      ReadCount, ask, conditions, counts);
}

// What is counted of the policy's version, less those who have changed since: these are few. Of a
// group that is all of them, nothing is left.
absl::Status AppendOfGroups(store::Reader& reader, const KeptAsk& ask,
                            std::vector<OfficerCount>& counts) {
  const std::string table = reader.types().Of<O>().CountsNamed(kCountedByKept).table();
  constexpr absl::string_view kColumns =
      "f_fictitious, f_model, f_agency, f_field_office, f_state, f_certification, "
      "f_annual_training, f_authority_ended";
  Conditions conditions = InProgram(ask);
  conditions.Add(HasVersion(ask, conditions));
  const std::string counted = conditions.where();
  conditions.Add(HasChanged(ask, conditions));
  const std::string changed = conditions.where();
  return AppendCounts(reader,
                      absl::StrCat("SELECT ", CountColumns({.n = "n"}), " FROM (SELECT ", kColumns,
                                   ", CAST(n AS INTEGER) AS n FROM ", table, " WHERE ", counted,
                                   " UNION ALL SELECT ", kColumns, ", -1 FROM t_officers WHERE ",
                                   changed, ") kept", kGroupBy, " HAVING sum(n) <> 0"),
                      ReadCount, ask, conditions, counts);
}

// Those that lapse, by the index that begins with the day.
absl::Status AppendLapsing(store::Reader& reader, const KeptAsk& ask,
                           std::vector<OfficerCount>& counts) {
  Conditions conditions = InProgram(ask);
  conditions.Add(IsKept(ask, conditions));
  conditions.Add(absl::StrCat("f_current_through > '' AND f_current_through <= ",
                              conditions.Bind(FormatDate(ask.lapsing_through)), " AND ",
                              kHasAuthority));
  return AppendCounts(
      reader,
      absl::StrCat("SELECT ", GroupColumns("''"), ", count(*) FROM t_officers WHERE ",
                   conditions.where(), kGroupBy),
      ReadLapsing, ask, conditions, counts);
}

// By the officers, whose cases are found by an index. Left to a join, PostgreSQL, which expects
// few cases to be due, begins with those of the whole program.
absl::Status ForEachCaseOfFew(store::Reader& reader, const OfficerScope& scope, Date as_of,
                              bool open_only, const CaseFunction& fn) {
  constexpr int64_t kBatch = 500;
  return ForEachInScope(reader, scope, kBatch, [&](std::vector<O> officers) -> absl::Status {
    absl::flat_hash_map<std::string, const O*> by_name;
    std::vector<std::string> names;
    for (const O& officer : officers) {
      by_name[officer.name()] = &officer;
      names.push_back(officer.name());
    }
    ACCORD_ASSIGN_OR_RETURN(const auto cases, CasesOf(reader, names));
    for (const v1::RevocationCase& revocation : cases) {
      const auto due = FromProto(revocation.decision_due_date());
      if (!due || *due >= as_of || (open_only && !IsOpen(revocation))) continue;
      const O& officer = *by_name[revocation.officer()];
      fn(revocation, officer.model(), officer.agreement());
    }
    return absl::OkStatus();
  });
}

}  // namespace

OfficerScope Fictitious(bool fictitious) {
  return {.where = "f_fictitious = $1", .params = {int64_t{fictitious}}, .counted = true};
}

OfficerScope OfAgency(const std::string& agency) {
  return {.where = "f_agency = $1", .params = {agency}, .narrow = true};
}

OfficerScope OfOffice(const std::string& field_office, OfficerScope scope) {
  scope.params.push_back(field_office);
  absl::StrAppend(&scope.where, scope.where.empty() ? "" : " AND ", "f_field_office = $",
                  scope.params.size());
  return scope;
}

OfficerScope Within(const Reach& reach, const store::Reader& reader, OfficerScope scope) {
  if (reach.whole) return scope;
  const store::ResourceType& officers = reader.types().Of<O>();
  absl::StrAppend(&scope.where, scope.where.empty() ? "" : " AND ",
                  store::CoversSql(reach, reader.types(), officers, &scope.params));
  scope.counted =
      scope.counted && store::IsCountedBy(reach, officers, officers.CountsNamed(kCountedByKept));
  return scope;
}

std::string InProgramSql() { return StateFor(IsInProgram); }
std::string OnDutySql() { return StateFor(IsOnDuty); }

absl::StatusOr<std::vector<OfficerCount>> CountKept(store::Reader& reader, const KeptAsk& ask) {
  std::vector<OfficerCount> counts;
  if (ask.scope.counted && !ask.by_agreement) {
    ACCORD_RETURN_IF_ERROR(AppendOfGroups(reader, ask, counts));
    ACCORD_RETURN_IF_ERROR(AppendLapsing(reader, ask, counts));
  } else {
    ACCORD_RETURN_IF_ERROR(AppendOfRows(reader, ask, counts));
  }
  return counts;
}

absl::Status ForEachNotKept(store::Reader& reader, const KeptAsk& ask, int64_t batch,
                            const OfficersFunction& fn) {
  for (const Way& way : WaysToNotKept(ask)) {
    ACCORD_RETURN_IF_ERROR(Follow(reader, way, batch, fn));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> CountInScope(store::Reader& reader, const OfficerScope& scope,
                                     absl::Time deadline) {
  const store::ResourceType& type = reader.types().Of<O>();
  const std::string what = scope.counted ? absl::StrCat("CAST(coalesce(sum(n), 0) AS BIGINT) FROM ",
                                                        type.CountsNamed(kCountedByKept).table())
                                         : absl::StrCat("count(*) FROM ", type.table());
  const Conditions conditions(scope);
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute(absl::StrCat("SELECT ", what, " WHERE ", conditions.where()),
                                  conditions.params(), deadline));
  return sql::GetInt(result.rows[0], 0);
}

absl::Status ForEachInScope(store::Reader& reader, const OfficerScope& scope, int64_t batch,
                            const OfficersFunction& fn) {
  for (std::string after;;) {
    Conditions conditions(scope);
    conditions.Add(absl::StrCat("name > ", conditions.Bind(after)));
    ACCORD_ASSIGN_OR_RETURN(
        std::vector<O> officers,
        reader.Select<O>(
            {.where = conditions.where(), .params = conditions.params(), .limit = batch}));
    if (officers.empty()) return absl::OkStatus();
    after = officers.back().name();
    ACCORD_RETURN_IF_ERROR(fn(std::move(officers)));
  }
}

absl::Status ForEachCaseDueBefore(store::Reader& reader, const OfficerScope& scope, Date as_of,
                                  bool open_only, const CaseFunction& fn) {
  if (scope.narrow) return ForEachCaseOfFew(reader, scope, as_of, open_only, fn);
  Conditions conditions(scope);
  const std::string open = open_only ? absl::StrCat(" AND f_state IN (", v1::RevocationCase::OPEN,
                                                    ", ", v1::RevocationCase::NOTICE_GIVEN, ")")
                                     : "";
  const std::string due = conditions.Bind(FormatDate(as_of));
  return reader.connection().ForEach(
      absl::StrCat("SELECT c.message, o.f_model, o.f_agreement FROM (SELECT f_officer, message "
                   "FROM t_revocationCases WHERE f_decision_due_date > '' AND "
                   "f_decision_due_date < ",
                   due, open, ") c JOIN (SELECT name, f_model, f_agreement FROM t_officers WHERE ",
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
