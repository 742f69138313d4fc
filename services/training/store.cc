#include "services/training/store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace accord::training {
namespace {

using store::Reader;

// "column IN ($1, $2, …)" with the values bound after those that are there; never true without
// values.
std::string In(absl::string_view column, const std::vector<std::string>& values,
               std::vector<sql::Value>& params) {
  if (values.empty()) return "1 = 0";
  std::string sql = absl::StrCat(column, " IN (");
  for (size_t i = 0; i < values.size(); ++i) {
    params.push_back(values[i]);
    absl::StrAppend(&sql, i == 0 ? "$" : ", $", params.size());
  }
  return absl::StrCat(sql, ")");
}

template <typename T>
absl::StatusOr<std::vector<T>> Of(Reader& reader, absl::string_view column,
                                  const std::vector<std::string>& values,
                                  absl::string_view order_by) {
  store::Query query;
  query.where = In(column, values, query.params);
  query.order_by = std::string(order_by);
  return reader.Select<T>(query);
}

absl::StatusOr<std::set<std::string>> TextSet(Reader& reader, const std::string& sql,
                                              std::vector<sql::Value> params) {
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          reader.connection().Execute(sql, std::move(params)));
  std::set<std::string> found;
  for (const sql::Row& row : result.rows) {
    ACCORD_ASSIGN_OR_RETURN(std::string text, sql::GetText(row, 0));
    found.insert(std::move(text));
  }
  return found;
}

}  // namespace

absl::StatusOr<std::vector<v1::Completion>> CompletionsOf(
    Reader& reader, const std::vector<std::string>& officers) {
  return Of<v1::Completion>(reader, "f_officer", officers, "f_officer, name");
}

absl::StatusOr<std::vector<v1::Waiver>> WaiversOf(Reader& reader,
                                                  const std::vector<std::string>& officers) {
  return Of<v1::Waiver>(reader, "f_officer", officers, "f_officer, name");
}

absl::StatusOr<std::vector<v1::RevocationCase>> CasesOf(Reader& reader,
                                                        const std::vector<std::string>& officers) {
  return Of<v1::RevocationCase>(reader, "f_officer", officers, "f_officer, name");
}

absl::StatusOr<std::vector<v1::Enrollment>> EnrollmentsOf(
    Reader& reader, const std::vector<std::string>& officers) {
  return Of<v1::Enrollment>(reader, "f_officer", officers, "f_offering, name");
}

absl::StatusOr<std::vector<v1::Notice>> NoticesOf(Reader& reader,
                                                  const std::vector<std::string>& officers) {
  return Of<v1::Notice>(reader, "f_officer", officers, "f_officer, name");
}

// An officer's Changes have the agreements of both images among their subjects.
absl::StatusOr<std::set<std::string>> EverServedUnder(Reader& reader,
                                                      const std::vector<std::string>& agreements) {
  std::vector<sql::Value> params = {v1::Officer::descriptor()->full_name()};
  const std::string of_agreements = In("s.subject", agreements, params);
  return TextSet(reader,
                 absl::StrCat("SELECT DISTINCT s.subject FROM change_subjects s "
                              "JOIN changes c ON c.f_revision = s.revision "
                              "WHERE c.f_resource_type = $1 AND ",
                              of_agreements),
                 std::move(params));
}

absl::StatusOr<std::vector<v1::Officer>> OfficersOnceUnder(Reader& reader,
                                                           const std::string& agreement) {
  return reader.Select<v1::Officer>(
      {.where = "name IN (SELECT c.f_resource FROM change_subjects s "
                "JOIN changes c ON c.f_revision = s.revision "
                "WHERE s.subject = $1 AND c.f_resource_type = $2)",
       .params = {agreement, v1::Officer::descriptor()->full_name()}});
}

absl::StatusOr<std::vector<v1::Officer>> OfficersDueBy(Reader& reader, Date today, int64_t limit) {
  return reader.Select<v1::Officer>(
      {.where = "f_next_change_date <> '' AND f_next_change_date <= $1",
       .params = {FormatDate(today)},
       .order_by = "f_next_change_date, name",
       .limit = limit});
}

absl::StatusOr<std::vector<v1::Officer>> OfficersNamed(Reader& reader,
                                                       const std::vector<std::string>& names) {
  return Of<v1::Officer>(reader, "name", names, "name");
}

absl::StatusOr<std::vector<v1::Offering>> OfferingsNamed(Reader& reader,
                                                         const std::vector<std::string>& names) {
  return Of<v1::Offering>(reader, "name", names, "name");
}

absl::StatusOr<std::vector<v1::Officer>> OfficersAfter(Reader& reader, const std::string& name,
                                                       int64_t limit) {
  return reader.Select<v1::Officer>({.where = "name > $1", .params = {name}, .limit = limit});
}

absl::StatusOr<int64_t> CountOfficersAfter(Reader& reader, const std::string& name) {
  return reader.Count(reader.types().Of<v1::Officer>(), {.where = "name > $1", .params = {name}});
}

absl::StatusOr<std::vector<v1::Officer>> OfficersToWatch(Reader& reader, Date last_end,
                                                         Date last_authorization,
                                                         const std::string& name, int64_t limit) {
  return reader.Select<v1::Officer>(
      {.where = "name > $1 AND f_state IN ($2, $3) AND (f_certification NOT IN ($4, $5) "
                "OR (f_current_through <> '' AND f_current_through <= $6) "
                "OR (f_authorization_date <> '' AND f_authorization_date <= $7))",
       .params = {name, int64_t{v1::Officer::CERTIFIED}, int64_t{v1::Officer::AUTHORIZED},
                  int64_t{v1::Certification::CURRENT}, int64_t{v1::Certification::NO_RULE},
                  FormatDate(last_end), FormatDate(last_authorization)},
       .limit = limit});
}

absl::StatusOr<std::vector<v1::AnnualVerification>> VerificationsOf(Reader& reader, int year,
                                                                    const std::string& officer) {
  return reader.Select<v1::AnnualVerification>(
      {.where = "f_officer = $1 AND f_year = $2", .params = {officer, int64_t{year}}});
}

absl::StatusOr<std::set<std::string>> VerifiedIn(Reader& reader, int year,
                                                 const std::vector<std::string>& officers) {
  std::vector<sql::Value> params = {int64_t{year}};
  const std::string of_officers = In("f_officer", officers, params);
  return TextSet(
      reader,
      absl::StrCat("SELECT DISTINCT f_officer FROM t_annualVerifications WHERE f_year = $1 AND ",
                   of_officers),
      std::move(params));
}

absl::StatusOr<std::vector<v1::Monitor>> MonitorsOf(Reader& reader,
                                                    const std::vector<std::string>& agencies) {
  return Of<v1::Monitor>(reader, "f_agency", agencies, "name");
}

absl::StatusOr<std::vector<v1::PolicyPreview>> PreviewsOf(store::Reader& reader,
                                                          const std::string& digest,
                                                          const std::string& previous) {
  return reader.Select<v1::PolicyPreview>(
      {.where = "f_policy_digest = $1 AND f_previous_digest = $2", .params = {digest, previous}});
}

}  // namespace accord::training
