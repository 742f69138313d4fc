#include "common/store/reader.h"

#include "absl/strings/str_cat.h"
#include "accord/log/v1/log.pb.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/store/not_found.h"

namespace accord::store {

absl::Status ResourceNotFound(absl::string_view domain, absl::string_view name) {
  return MakeError(absl::StatusCode::kNotFound, domain, "RESOURCE_NOT_FOUND",
                   absl::StrCat(name, " does not exist; list the collection to find its name"),
                   {{"name", std::string(name)}});
}

namespace {

absl::Status Redacted(absl::string_view domain, absl::string_view name, int64_t revision) {
  return MakeError(absl::StatusCode::kFailedPrecondition, domain, "IMAGE_REDACTED",
                   absl::StrCat("what ", name, " held at revision ", revision, " was erased"),
                   {{"name", std::string(name)}, {"revision", absl::StrCat(revision)}});
}

absl::Status Ahead(absl::string_view domain, int64_t revision, int64_t head) {
  return MakeError(absl::StatusCode::kOutOfRange, domain, "REVISION_AHEAD",
                   absl::StrCat("the log ends at revision ", head),
                   {{"revision", absl::StrCat(revision)}, {"head_revision", absl::StrCat(head)}});
}

absl::Status Parse(absl::string_view bytes, google::protobuf::Message& message) {
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      absl::StrCat("a stored ", message.GetDescriptor()->full_name(), " does not parse"));
}

absl::StatusOr<log::v1::Image> ParseImage(absl::string_view bytes) {
  log::v1::Image image;
  ACCORD_RETURN_IF_ERROR(Parse(bytes, image));
  return image;
}

}  // namespace

absl::Status Reader::GetInto(absl::string_view name, google::protobuf::Message& message) {
  const ResourceType& type = types_.Of(message.GetDescriptor());
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      connection_.Execute(absl::StrCat("SELECT message FROM ", type.table(), " WHERE name = $1"),
                          {std::string(name)}));
  if (result.rows.empty()) return ResourceNotFound(domain_, name);
  ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(result.rows[0], 0));
  return Parse(bytes, message);
}

absl::Status Reader::GetAtInto(absl::string_view name, int64_t revision,
                               google::protobuf::Message& message) {
  if (revision > position_.revision) return Ahead(domain_, revision, position_.revision);
  const ResourceType& type = types_.Of(message.GetDescriptor());
  if (type.spec().bulk) {
    // Append-only rows are in no image; each has the revision that added it.
    ACCORD_ASSIGN_OR_RETURN(const sql::Result row,
                            connection_.Execute(absl::StrCat("SELECT message FROM ", type.table(),
                                                             " WHERE name = $1 AND revision <= $2"),
                                                {std::string(name), revision}));
    if (row.rows.empty()) return ResourceNotFound(domain_, name);
    ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(row.rows[0], 0));
    return Parse(bytes, message);
  }
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      connection_.Execute("SELECT f_kind, image, f_revision FROM changes "
                          "WHERE f_resource = $1 AND f_resource_type = $2 AND f_revision <= $3 "
                          "AND f_kind <> 4 ORDER BY f_revision DESC LIMIT 1",
                          {std::string(name), type.type_name(), revision}));
  if (result.rows.empty()) return ResourceNotFound(domain_, name);
  ACCORD_ASSIGN_OR_RETURN(const int64_t kind, sql::GetInt(result.rows[0], 0));
  if (kind == log::v1::Change::DELETE) return ResourceNotFound(domain_, name);
  if (sql::IsNull(result.rows[0], 1)) return Redacted(domain_, name, revision);
  ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(result.rows[0], 1));
  ACCORD_ASSIGN_OR_RETURN(const log::v1::Image image, ParseImage(bytes));
  return Parse(image.resource().value(), message);
}

absl::Status Reader::ForEach(const ResourceType& type, const Query& query,
                             const std::function<absl::Status(absl::string_view)>& fn) {
  std::string sql = absl::StrCat("SELECT message FROM ", type.table());
  if (!query.where.empty()) absl::StrAppend(&sql, " WHERE ", query.where);
  absl::StrAppend(&sql, " ORDER BY ", query.order_by);
  if (query.limit > 0) absl::StrAppend(&sql, " LIMIT ", query.limit);
  return connection_.ForEach(
      sql, query.params,
      [&](sql::Row& row) -> absl::Status {
        ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(row, 0));
        return fn(bytes);
      },
      query.plan);
}

absl::Status Reader::ForEachAt(const ResourceType& type, int64_t revision,
                               const std::function<absl::Status(absl::string_view)>& fn) {
  if (type.spec().bulk) {
    return ForEach(type, {.where = "revision <= $1", .params = {revision}}, fn);
  }
  // An event carries a detail, not the resource's state.
  return connection_.ForEach(
      "SELECT c.f_kind, c.image FROM changes c JOIN ("
      "  SELECT f_resource AS resource, max(f_revision) AS revision FROM changes"
      "  WHERE f_resource_type = $1 AND f_revision <= $2 AND f_kind <> 4 GROUP BY f_resource"
      ") newest ON newest.revision = c.f_revision ORDER BY c.f_resource",
      {type.type_name(), revision}, [&](sql::Row& row) -> absl::Status {
        ACCORD_ASSIGN_OR_RETURN(const int64_t kind, sql::GetInt(row, 0));
        const bool is_state = kind == log::v1::Change::CREATE || kind == log::v1::Change::UPDATE;
        if (!is_state || sql::IsNull(row, 1)) return absl::OkStatus();
        ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(row, 1));
        ACCORD_ASSIGN_OR_RETURN(const log::v1::Image image, ParseImage(bytes));
        return fn(image.resource().value());
      });
}

absl::StatusOr<int64_t> Reader::Count(const ResourceType& type, const Query& query) {
  std::string sql = absl::StrCat("SELECT count(*) FROM ", type.table());
  if (!query.where.empty()) absl::StrAppend(&sql, " WHERE ", query.where);
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result, connection_.Execute(sql, query.params));
  return sql::GetInt(result.rows.at(0), 0);
}

}  // namespace accord::store
