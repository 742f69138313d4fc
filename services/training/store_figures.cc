#include "services/training/store_figures.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/status.h"
#include "common/store/within_reach.h"
#include "services/training/seats.h"
#include "services/training/store_summary.h"
#include "services/training/types.h"

namespace accord::training {
namespace {

using store::Reader;
using LongWait = v1::TrainingCapacity::LongWait;

// " AND f_agency IN ($3)", with its values after those that are there; empty for everything.
template <typename T>
std::string AndWithin(Reader& reader, const FigureScope& scope, std::vector<sql::Value>& params) {
  if (scope.reach.whole) return "";
  return absl::StrCat(
      " AND ", store::CoversSql(scope.reach, reader.types(), reader.types().Of<T>(), &params));
}

// What a sum over officers goes through: the counts of their groups, or, for a reach that these
// do not tell apart, the officers whom it covers.
struct Officers {
  std::string table;
  // How many officers the rows of a group are.
  std::string sum;
  // "2026-03": the month of the last day on which the next class is not needed yet.
  std::string class_month;
};
Officers OfficersCountedBy(Reader& reader, const FigureScope& scope, absl::string_view name) {
  const store::ResourceType& type = reader.types().Of<v1::Officer>();
  const store::Counts& counts = type.CountsNamed(name);
  if (store::IsCountedBy(scope.reach, type, counts)) {
    return {counts.table(), "CAST(sum(n) AS BIGINT)", "f_next_class_date_month"};
  }
  return {type.table(), "count(*)", "substr(f_next_class_date, 1, 7)"};
}

// Of every sum over officers. Its parameters come first.
std::string InScope(Reader& reader, const FigureScope& scope, std::vector<sql::Value>& params) {
  params = {int64_t{scope.fictitious}, scope.model};
  return absl::StrCat(" WHERE f_fictitious = $1 AND ($2 = '' OR f_model = $2)",
                      AndWithin<v1::Officer>(reader, scope, params));
}

// Nothing met and nothing ended: the basic course is still to come.
std::string UntrainedSql() {
  return absl::StrCat("f_state IN (", v1::Officer::NOMINATED, ", ", v1::Officer::SCREENED, ", ",
                      v1::Officer::IN_TRAINING, ") AND f_certification NOT IN (",
                      v1::Certification::CURRENT, ", ", v1::Certification::LAPSED, ")");
}

std::string MonthText(Date date) { return FormatDate(date).substr(0, 7); }

// "2026-03" of a date column.
std::chrono::year_month ParseMonth(const std::string& text) {
  return MonthOf(ParseDate(absl::StrCat(text, "-01")).value_or(Date()));
}

absl::StatusOr<std::vector<OfficerGroup>> GroupsOf(Reader& reader, const FigureScope& scope,
                                                   const std::string& condition) {
  const Officers officers = OfficersCountedBy(reader, scope, kCountedByKept);
  std::vector<sql::Value> params;
  const std::string in_scope = InScope(reader, scope, params);
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute(
          absl::StrCat("SELECT f_model, f_template, f_field_office, ", officers.sum, " FROM ",
                       officers.table, in_scope, " AND ", condition,
                       " GROUP BY f_model, f_template, f_field_office ORDER BY 1, 2, 3"),
          std::move(params), scope.deadline));
  std::vector<OfficerGroup> groups;
  for (const sql::Row& row : result.rows) {
    OfficerGroup& group = groups.emplace_back();
    ACCORD_ASSIGN_OR_RETURN(group.model, sql::GetText(row, 0));
    ACCORD_ASSIGN_OR_RETURN(group.template_code, sql::GetText(row, 1));
    ACCORD_ASSIGN_OR_RETURN(group.field_office, sql::GetText(row, 2));
    ACCORD_ASSIGN_OR_RETURN(group.officers, sql::GetInt(row, 3));
  }
  return groups;
}

absl::Status CountOffered(Reader& reader, const FigureScope& scope, Date first, Date end,
                          CapacityFacts& facts) {
  ACCORD_ASSIGN_OR_RETURN(
      const std::vector<v1::Offering> offerings,
      reader.Select<v1::Offering>(
          {.where = "f_first_date >= $1 AND f_first_date < $2 AND f_fictitious = $3"
                    " AND f_state <> $4",
           .params = {FormatDate(first), FormatDate(end), int64_t{scope.fictitious},
                      int64_t{v1::Offering::CANCELLED}}}));
  for (const v1::Offering& offering : offerings) {
    const auto begins = FromProto(offering.first_date());
    if (begins) facts.offered[{offering.course(), MonthOf(*begins)}] += Capacity(offering);
  }
  return absl::OkStatus();
}

absl::Status CountEnding(Reader& reader, const FigureScope& scope, Date first, Date end,
                         CapacityFacts& facts) {
  const Officers officers = OfficersCountedBy(reader, scope, kCountedByClass);
  std::vector<sql::Value> params;
  const std::string in_scope = InScope(reader, scope, params);
  const std::string from = sql::Bind(MonthText(first), params);
  const std::string before = sql::Bind(MonthText(end), params);
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute(
          absl::StrCat("SELECT f_next_class, ", officers.class_month, ", ", officers.sum, " FROM ",
                       officers.table, in_scope, " AND ", InProgramSql(), " AND ",
                       officers.class_month, " >= ", from, " AND ", officers.class_month, " < ",
                       before, " GROUP BY 1, 2"),
          std::move(params), scope.deadline));
  for (const sql::Row& row : result.rows) {
    ACCORD_ASSIGN_OR_RETURN(const std::string course, sql::GetText(row, 0));
    ACCORD_ASSIGN_OR_RETURN(const std::string month, sql::GetText(row, 1));
    ACCORD_ASSIGN_OR_RETURN(facts.ending[std::make_pair(course, ParseMonth(month))],
                            sql::GetInt(row, 2));
  }
  return absl::OkStatus();
}

// Who should have been in class before the first of these months.
absl::Status CountOverdue(Reader& reader, const FigureScope& scope, Date first,
                          CapacityFacts& facts) {
  const Officers officers = OfficersCountedBy(reader, scope, kCountedByClass);
  std::vector<sql::Value> params;
  const std::string in_scope = InScope(reader, scope, params);
  const std::string before = sql::Bind(MonthText(first), params);
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute(
          absl::StrCat("SELECT f_next_class, ", officers.sum, " FROM ", officers.table, in_scope,
                       " AND ", InProgramSql(), " AND f_next_class <> '' AND ",
                       officers.class_month, " < ", before, " GROUP BY 1"),
          std::move(params), scope.deadline));
  for (const sql::Row& row : result.rows) {
    ACCORD_ASSIGN_OR_RETURN(const std::string course, sql::GetText(row, 0));
    ACCORD_ASSIGN_OR_RETURN(facts.overdue[course], sql::GetInt(row, 1));
  }
  return absl::OkStatus();
}

// Takings of a course: a first attempt with the later attempts up to the next first one. Most
// officers pass at once: only the attempts of those who had another, or were disqualified, are put
// in order, which takes longest. {counting} is what counts of the completions `c`; {limit of x} is
// how many failed exams disqualify from the course x.
constexpr char kResultsSql[] = R"sql(
  WITH ordered AS MATERIALIZED (
    SELECT DISTINCT c.f_officer AS officer, c.f_course AS course
    FROM t_completions c
    WHERE {counting} AND (c.f_attempt > 1 OR c.f_result = $5)
  )
  SELECT course, offering, CAST(sum(takings) AS BIGINT), CAST(sum(failed) AS BIGINT),
         CAST(sum(another) AS BIGINT), CAST(sum(disqualified) AS BIGINT)
  FROM (
    SELECT c.f_course AS course, c.f_offering AS offering, count(*) AS takings,
           sum(CASE WHEN c.f_result <> $4 THEN 1 ELSE 0 END) AS failed, 0 AS another,
           sum(CASE WHEN c.f_result <> $4 AND 1 >= {limit of c.f_course} THEN 1 ELSE 0 END)
               AS disqualified
    FROM t_completions c
         LEFT JOIN ordered o ON o.officer = c.f_officer AND o.course = c.f_course
    WHERE {counting} AND c.f_attempt <= 1 AND o.officer IS NULL
    GROUP BY c.f_course, c.f_offering
    UNION ALL
    SELECT course, offering, 1, failed, failed * another, disqualified
    FROM (
      SELECT course,
             max(CASE WHEN attempt <= 1 THEN offering ELSE '' END) AS offering,
             max(CASE WHEN attempt <= 1 AND result <> $4 THEN 1 ELSE 0 END) AS failed,
             max(CASE WHEN attempt > 1 THEN 1 ELSE 0 END) AS another,
             CASE WHEN max(CASE WHEN result = $5 THEN 1 ELSE 0 END) = 1
                       OR sum(CASE WHEN result <> $4 THEN 1 ELSE 0 END) >= {limit of course}
                  THEN 1 ELSE 0 END AS disqualified
      FROM (
        SELECT c.f_course AS course, c.f_officer AS officer, c.f_offering AS offering,
               c.f_attempt AS attempt, c.f_result AS result,
               sum(CASE WHEN c.f_attempt <= 1 THEN 1 ELSE 0 END) OVER (
                   PARTITION BY c.f_officer, c.f_course ORDER BY c.f_date, c.f_attempt, c.name
                   ROWS UNBOUNDED PRECEDING) AS taking
        FROM t_completions c
             JOIN ordered o ON o.officer = c.f_officer AND o.course = c.f_course
        WHERE {counting}
      ) attempts
      WHERE taking > 0
      GROUP BY course, officer, taking
    ) takings
  ) sums
  GROUP BY course, offering
  ORDER BY course, offering
)sql";
// Neither voided nor voiding. {within} is what the caller may see.
constexpr char kCounting[] = R"sql(
  c.f_fictitious = $1 AND c.f_date >= $2 AND c.f_date <= $3 AND c.f_voids = ''{within}
  AND NOT EXISTS (SELECT 1 FROM t_completions v WHERE v.f_voids > '' AND v.f_voids = c.name)
)sql";

// How many failed exams disqualify from the course in a column; null where no rule says.
std::string LimitSql(absl::string_view column, const FailureLimits& limits,
                     std::vector<sql::Value>& params) {
  if (limits.empty()) return "CAST(NULL AS BIGINT)";
  std::string sql = absl::StrCat("CASE ", column);
  for (const auto& [course, limit] : limits) {
    absl::StrAppend(&sql, " WHEN ", sql::Bind(course, params), " THEN ", limit);
  }
  return absl::StrCat(sql, " END");
}

// "name IN ($4, $5)", of one at least.
std::string OneOf(absl::string_view column, const std::vector<std::string>& texts,
                  std::vector<sql::Value>& params) {
  std::vector<std::string> places;
  for (const std::string& text : texts) places.push_back(sql::Bind(text, params));
  return absl::StrCat(column, " IN (", absl::StrJoin(places, ", "), ")");
}

// Everything for none.
std::string OfCourses(absl::string_view column, const std::vector<std::string>& courses,
                      std::vector<sql::Value>& params) {
  return courses.empty() ? "1 = 1" : OneOf(column, courses, params);
}

std::vector<std::string> CodesOf(const std::vector<const policy::v1::Course*>& courses) {
  std::vector<std::string> codes;
  for (const policy::v1::Course* course : courses) codes.push_back(course->code());
  return codes;
}

// Whoever needs the basic course has waited for it since the nomination, whenever they came to be
// on a list.
absl::Status WaitSinceNomination(Reader& reader, const std::vector<std::string>& basics,
                                 std::vector<LongWait>& waits) {
  std::vector<std::string> names;
  for (const LongWait& wait : waits) {
    if (absl::c_linear_search(basics, wait.course())) names.push_back(wait.officer());
  }
  if (names.empty()) return absl::OkStatus();
  store::Query query;
  query.where = absl::StrCat(OneOf("name", names, query.params), " AND ", UntrainedSql());
  ACCORD_ASSIGN_OR_RETURN(const auto officers, reader.Select<v1::Officer>(query));
  absl::flat_hash_map<std::string, Date> nominated;
  for (const v1::Officer& officer : officers) {
    const auto date = FromProto(officer.nomination_date());
    if (date) nominated[officer.name()] = *date;
  }
  for (LongWait& wait : waits) {
    const auto found = nominated.find(wait.officer());
    if (found == nominated.end() || !absl::c_linear_search(basics, wait.course())) continue;
    const auto asked = FromProto(wait.since_date());
    if (!asked || found->second < *asked) *wait.mutable_since_date() = ToProto(found->second);
  }
  return absl::OkStatus();
}

absl::Status AddWaitsOnLists(Reader& reader, const FigureScope& scope, const WaitAsk& ask,
                             LongWaits& waits) {
  store::Query query = {.where = "f_state = $1 AND f_fictitious = $3",
                        .params = {int64_t{v1::Enrollment::WAITING}, FormatDate(ask.before),
                                   int64_t{scope.fictitious}},
                        .order_by = "f_request_date, name"};
  const std::vector<std::string> basics = CodesOf(ask.basics);
  absl::StrAppend(&query.where, " AND (f_request_date < $2");
  if (!basics.empty()) {
    absl::StrAppend(&query.where, " OR (", OfCourses("f_course", basics, query.params),
                    " AND EXISTS (SELECT 1 FROM t_officers o WHERE o.name = "
                    "t_enrollments.f_officer AND ",
                    UntrainedSql(),
                    " AND o.f_nomination_date <> '' AND o.f_nomination_date < $2))");
  }
  absl::StrAppend(&query.where, ")");
  absl::StrAppend(&query.where, AndWithin<v1::Enrollment>(reader, scope, query.params), " AND ",
                  OfCourses("f_course", ask.courses, query.params));
  // Who is on several lists waits once: since the first request.
  absl::StrAppend(&query.where,
                  " AND NOT EXISTS (SELECT 1 FROM t_enrollments e WHERE e.f_officer = "
                  "t_enrollments.f_officer AND e.f_state = $1 AND ",
                  OfCourses("e.f_course", ask.courses, query.params),
                  " AND (e.f_request_date, e.name) < (t_enrollments.f_request_date, "
                  "t_enrollments.name))");
  ACCORD_ASSIGN_OR_RETURN(const int64_t count,
                          reader.Count(reader.types().Of<v1::Enrollment>(), query));
  waits.count += count;
  query.limit = ask.limit;
  ACCORD_ASSIGN_OR_RETURN(const auto longest, reader.Select<v1::Enrollment>(query));
  for (const v1::Enrollment& enrollment : longest) {
    LongWait& wait = waits.first.emplace_back();
    wait.set_enrollment(enrollment.name());
    wait.set_officer(enrollment.officer());
    wait.set_course(enrollment.course());
    *wait.mutable_since_date() = enrollment.request_date();
  }
  return WaitSinceNomination(reader, basics, waits.first);
}

// "(f_model = $3 AND f_template IN ($4)) OR (f_model = $5)": whom one of the courses binds.
std::string BoundByAny(const std::vector<const policy::v1::Course*>& courses,
                       std::vector<sql::Value>& params) {
  std::vector<std::string> any;
  for (const policy::v1::Course* course : courses) {
    const std::string model = absl::StrCat("f_model = ", sql::Bind(course->model(), params));
    const std::vector<std::string> templates(course->templates().begin(),
                                             course->templates().end());
    any.push_back(
        templates.empty()
            ? absl::StrCat("(", model, ")")
            : absl::StrCat("(", model, " AND ", OfCourses("f_template", templates, params), ")"));
  }
  return absl::StrJoin(any, " OR ");
}

// The code of the one that the officer must take.
std::string FirstBinding(const std::vector<const policy::v1::Course*>& courses,
                         const v1::Officer& officer) {
  for (const policy::v1::Course* course : courses) {
    if (IsFor(*course, officer.model(), officer.template_())) return course->code();
  }
  return "";
}

// Goes through the officers in these states alone, who are few.
absl::Status AddWaitsForBasic(Reader& reader, const FigureScope& scope, const WaitAsk& ask,
                              LongWaits& waits) {
  const std::vector<std::string> codes = CodesOf(ask.basics);
  store::Query query = {.order_by = "f_nomination_date, name"};
  query.where =
      absl::StrCat("f_fictitious = ", sql::Bind(int64_t{scope.fictitious}, query.params),
                   AndWithin<v1::Officer>(reader, scope, query.params), " AND ", UntrainedSql(),
                   " AND f_nomination_date <> '' AND f_nomination_date < ",
                   sql::Bind(FormatDate(ask.before), query.params), " AND (",
                   BoundByAny(ask.basics, query.params), ")");
  // On a list they are counted with it; in a class, or after it, they do not wait for a seat.
  absl::StrAppend(&query.where,
                  " AND NOT EXISTS (SELECT 1 FROM t_enrollments e WHERE e.f_officer = "
                  "t_officers.name AND (e.f_state = ",
                  v1::Enrollment::WAITING, " OR (e.f_state IN (", v1::Enrollment::ENROLLED, ", ",
                  v1::Enrollment::ATTENDED, ") AND ", OfCourses("e.f_course", codes, query.params),
                  ")))");
  ACCORD_ASSIGN_OR_RETURN(const int64_t count,
                          reader.Count(reader.types().Of<v1::Officer>(), query));
  waits.count += count;
  query.limit = ask.limit;
  ACCORD_ASSIGN_OR_RETURN(const auto longest, reader.Select<v1::Officer>(query));
  for (const v1::Officer& officer : longest) {
    LongWait& wait = waits.first.emplace_back();
    wait.set_officer(officer.name());
    wait.set_course(FirstBinding(ask.basics, officer));
    *wait.mutable_since_date() = officer.nomination_date();
  }
  return absl::OkStatus();
}

bool WaitsLonger(const LongWait& a, const LongWait& b) {
  const auto key = [](const LongWait& wait) {
    return std::make_pair(FromProto(wait.since_date()).value_or(Date::max()),
                          absl::string_view(wait.officer()));
  };
  return key(a) < key(b);
}

}  // namespace

absl::StatusOr<CapacityFacts> CountCapacity(Reader& reader, const FigureScope& scope, Date from) {
  const Date first(MonthOf(from) / 1);
  const Date end((MonthOf(from) + std::chrono::months(kCapacityMonths)) / 1);
  CapacityFacts facts;
  ACCORD_RETURN_IF_ERROR(CountOffered(reader, scope, first, end, facts));
  ACCORD_RETURN_IF_ERROR(CountEnding(reader, scope, first, end, facts));
  ACCORD_RETURN_IF_ERROR(CountOverdue(reader, scope, first, facts));
  ACCORD_ASSIGN_OR_RETURN(facts.untrained, GroupsOf(reader, scope, UntrainedSql()));
  ACCORD_ASSIGN_OR_RETURN(facts.trained, GroupsOf(reader, scope, OnDutySql()));
  return facts;
}

absl::StatusOr<LongWaits> LongWaitsBefore(Reader& reader, const FigureScope& scope,
                                          const WaitAsk& ask) {
  LongWaits waits;
  ACCORD_RETURN_IF_ERROR(AddWaitsOnLists(reader, scope, ask, waits));
  if (!ask.basics.empty()) {
    ACCORD_RETURN_IF_ERROR(AddWaitsForBasic(reader, scope, ask, waits));
  }
  std::sort(waits.first.begin(), waits.first.end(), WaitsLonger);
  if (static_cast<int64_t>(waits.first.size()) > ask.limit) waits.first.resize(ask.limit);
  return waits;
}

absl::StatusOr<std::vector<ResultCount>> CountResults(Reader& reader, const FigureScope& scope,
                                                      const FailureLimits& limits, Date from,
                                                      Date to) {
  std::vector<sql::Value> params = {int64_t{scope.fictitious}, FormatDate(from), FormatDate(to),
                                    int64_t{v1::Completion::PASSED},
                                    int64_t{v1::Completion::DISQUALIFIED}};
  const std::string within = AndWithin<v1::Completion>(reader, scope, params);
  const std::string counting = absl::StrReplaceAll(kCounting, {{"{within}", within}});
  const std::string results = absl::StrReplaceAll(
      kResultsSql, {{"{counting}", counting},
                    {"{limit of c.f_course}", LimitSql("c.f_course", limits, params)},
                    {"{limit of course}", LimitSql("course", limits, params)}});
  // The days decide how much there is to go through, and so the plan: that for all days sorts on
  // disk what it takes for few.
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          reader.connection().Execute(results, std::move(params), scope.deadline,
                                                      sql::Plan::kForValues));
  std::vector<ResultCount> counts;
  for (const sql::Row& row : result.rows) {
    ResultCount& count = counts.emplace_back();
    ACCORD_ASSIGN_OR_RETURN(count.course, sql::GetText(row, 0));
    ACCORD_ASSIGN_OR_RETURN(count.offering, sql::GetText(row, 1));
    ACCORD_ASSIGN_OR_RETURN(count.officers, sql::GetInt(row, 2));
    ACCORD_ASSIGN_OR_RETURN(count.failed_first, sql::GetInt(row, 3));
    ACCORD_ASSIGN_OR_RETURN(count.took_another, sql::GetInt(row, 4));
    ACCORD_ASSIGN_OR_RETURN(count.disqualified, sql::GetInt(row, 5));
  }
  return counts;
}

}  // namespace accord::training
