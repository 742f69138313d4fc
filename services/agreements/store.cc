#include "services/agreements/store.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "accord/log/v1/log.pb.h"
#include "common/base/status.h"

namespace accord::agreements {
namespace {

using store::Query;
using store::Reader;

// A merge points at what stands, and merging that again makes a chain of two; longer
// ones are possible but not without end.
constexpr int kMaxMergeSteps = 32;

template <typename T>
absl::StatusOr<T> Resolve(Reader& reader, absl::string_view name) {
  std::string next(name);
  for (int step = 0; step < kMaxMergeSteps; ++step) {
    ACCORD_ASSIGN_OR_RETURN(T resource, reader.Get<T>(next));
    if (resource.merged_into().empty()) return resource;
    next = resource.merged_into();
  }
  return absl::InternalError(absl::StrCat("the merges of ", std::string(name), " do not end"));
}

template <typename T>
absl::Status LoadAll(Reader& reader, Record& record, const Query& query = {}) {
  return reader.ForEach(
      reader.types().Of<T>(), query, [&](absl::string_view bytes) -> absl::Status {
        T resource;
        if (!resource.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
          return absl::DataLossError("a stored message does not parse");
        }
        record.Put(std::move(resource));
        return absl::OkStatus();
      });
}

}  // namespace

absl::StatusOr<v1::Agency> ResolveAgency(Reader& reader, absl::string_view name) {
  return Resolve<v1::Agency>(reader, name);
}

absl::StatusOr<v1::Agreement> ResolveAgreement(Reader& reader, absl::string_view name) {
  return Resolve<v1::Agreement>(reader, name);
}

absl::StatusOr<std::optional<v1::Agency>> AgencyByKey(Reader& reader, const std::string& key) {
  ACCORD_ASSIGN_OR_RETURN(
      std::vector<v1::Agency> found,
      reader.Select<v1::Agency>(
          {.where = "f_state = $1 AND f_merged_into = '' AND replace(f_keys, $2, '') <> f_keys",
           .params = {key.substr(0, key.find('|')), absl::StrCat("\n", key, "\n")},
           .order_by = "name",
           .limit = 1}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

absl::StatusOr<std::vector<v1::Agreement>> AgreementsOf(Reader& reader, const std::string& agency,
                                                        bool merged_too) {
  return reader.Select<v1::Agreement>(
      {.where = merged_too ? "f_agency = $1" : "f_agency = $1 AND f_merged_into = ''",
       .params = {agency},
       .order_by = "f_model, f_effective_date, name"});
}

absl::StatusOr<std::vector<v1::RosterDiscrepancy>> DiscrepanciesOf(Reader& reader,
                                                                   const std::string& agency) {
  return reader.Select<v1::RosterDiscrepancy>({.where = "f_agency = $1", .params = {agency}});
}

absl::StatusOr<std::vector<v1::RosterDiscrepancy>> OpenDiscrepanciesOf(Reader& reader,
                                                                       const std::string& agency) {
  return reader.Select<v1::RosterDiscrepancy>(
      {.where = "f_state = $1 AND (f_agency = $2 OR f_other_agency = $2)",
       .params = {int64_t{v1::RosterDiscrepancy::OPEN}, agency},
       .order_by = "f_create_time, name"});
}

absl::StatusOr<std::vector<v1::Agreement>> DueBy(Reader& reader, Date today, int64_t limit) {
  return reader.Select<v1::Agreement>(
      {.where = "f_next_change_date <> '' AND f_next_change_date <= $1",
       .params = {FormatDate(today)},
       .order_by = "f_next_change_date, name",
       .limit = limit});
}

absl::Status LoadRecord(Reader& reader, Record& record) {
  ACCORD_RETURN_IF_ERROR(LoadAll<v1::Agency>(reader, record));
  ACCORD_RETURN_IF_ERROR(LoadAll<v1::Agreement>(reader, record));
  ACCORD_RETURN_IF_ERROR(LoadAll<v1::RosterDiscrepancy>(reader, record));
  ACCORD_RETURN_IF_ERROR(LoadAll<v1::RosterImport>(reader, record));
  for (const auto kind : {v1::RosterImport::PARTICIPATING, v1::RosterImport::PENDING}) {
    const v1::RosterImport* newest = record.NewestImport(kind);
    if (newest == nullptr) continue;
    ACCORD_ASSIGN_OR_RETURN(std::vector<v1::RosterRow> rows, RowsOf(reader, newest->name()));
    record.SetNewestRows(kind, std::move(rows));
  }
  return absl::OkStatus();
}

absl::Status LoadRecordOfStates(Reader& reader, const std::vector<std::string>& states,
                                Record& record) {
  for (const std::string& state : std::set<std::string>(states.begin(), states.end())) {
    ACCORD_RETURN_IF_ERROR(
        LoadAll<v1::Agency>(reader, record, {.where = "f_state = $1", .params = {state}}));
    const Query of_state = {.where = "f_agency_state = $1", .params = {state}};
    ACCORD_RETURN_IF_ERROR(LoadAll<v1::Agreement>(reader, record, of_state));
    ACCORD_RETURN_IF_ERROR(LoadAll<v1::RosterDiscrepancy>(reader, record, of_state));
  }
  return LoadAll<v1::RosterImport>(reader, record);
}

absl::StatusOr<std::vector<v1::RosterRow>> RowsOf(Reader& reader, const std::string& import) {
  return reader.Select<v1::RosterRow>(
      {.where = "name > $1 AND name < $2",
       .params = {absl::StrCat(import, "/rows/"), absl::StrCat(import, "/rows0")},
       .order_by = "f_row_number"});
}

absl::StatusOr<int64_t> NewestChangeOfType(Reader& reader,
                                           const google::protobuf::Descriptor* type) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute("SELECT max(f_revision) FROM changes WHERE f_resource_type = $1",
                                  {type->full_name()}));
  if (sql::IsNull(result.rows.at(0), 0)) return 0;
  return sql::GetInt(result.rows[0], 0);
}

absl::StatusOr<bool> AreUnmoved(Reader& reader, const std::vector<ResourceBase>& bases) {
  if (bases.empty()) return true;
  std::vector<sql::Statement> reads;
  for (const ResourceBase& base : bases) {
    reads.push_back({absl::StrCat("SELECT revision FROM ", reader.types().Of(base.type).table(),
                                  " WHERE name = $1"),
                     {base.name}});
  }
  ACCORD_ASSIGN_OR_RETURN(const std::vector<sql::Result> results,
                          reader.connection().ExecuteAll(std::move(reads)));
  for (size_t i = 0; i < bases.size(); ++i) {
    if (results[i].rows.empty()) return false;
    ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(results[i].rows[0], 0));
    if (store::EtagOf(revision) != bases[i].etag) return false;
  }
  return true;
}

absl::StatusOr<std::vector<MutationRange>> MutationsOf(Reader& reader, const std::string& resource,
                                                       const std::string& action) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute(
          "SELECT f_revision, f_mutation_end FROM changes "
          "WHERE f_resource = $1 AND f_action = $2 AND f_kind <> $3 ORDER BY f_revision",
          {resource, action, int64_t{log::v1::Change::BULK}}));
  std::vector<MutationRange> ranges;
  for (const sql::Row& row : result.rows) {
    MutationRange range{};
    ACCORD_ASSIGN_OR_RETURN(range.first, sql::GetInt(row, 0));
    ACCORD_ASSIGN_OR_RETURN(range.last, sql::GetInt(row, 1));
    ranges.push_back(range);
  }
  return ranges;
}

absl::StatusOr<std::vector<WrittenResource>> WrittenBy(Reader& reader,
                                                       const std::vector<MutationRange>& ranges) {
  std::map<std::string, WrittenResource> written;
  for (const MutationRange& range : ranges) {
    ACCORD_ASSIGN_OR_RETURN(
        const sql::Result result,
        reader.connection().Execute(
            "SELECT c.f_resource, c.f_resource_type, c.f_kind, c.f_revision,"
            " n.f_revision, n.f_action FROM changes c JOIN changes n ON n.f_revision ="
            "  (SELECT max(f_revision) FROM changes WHERE f_resource = c.f_resource)"
            " WHERE c.f_revision BETWEEN $1 AND $2 AND c.f_kind IN (1, 2) ORDER BY c.f_revision",
            {range.first, range.last}));
    for (const sql::Row& row : result.rows) {
      WrittenResource resource;
      ACCORD_ASSIGN_OR_RETURN(resource.name, sql::GetText(row, 0));
      ACCORD_ASSIGN_OR_RETURN(resource.type_name, sql::GetText(row, 1));
      ACCORD_ASSIGN_OR_RETURN(const int64_t kind, sql::GetInt(row, 2));
      resource.created = kind == log::v1::Change::CREATE;
      ACCORD_ASSIGN_OR_RETURN(resource.revision, sql::GetInt(row, 3));
      ACCORD_ASSIGN_OR_RETURN(resource.newest_revision, sql::GetInt(row, 4));
      ACCORD_ASSIGN_OR_RETURN(resource.newest_action, sql::GetText(row, 5));
      written.try_emplace(resource.name, std::move(resource));
    }
  }
  std::vector<WrittenResource> all;
  for (auto& [name, resource] : written) all.push_back(std::move(resource));
  return all;
}

}  // namespace accord::agreements
