#include "common/store/change_rows.h"

#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"

namespace accord::store {
namespace {

using google::protobuf::util::TimeUtil;
using log::v1::Change;

constexpr absl::string_view kColumns =
    "f_revision, f_mutation_end, f_resource, f_resource_type, f_subjects, f_kind, f_action, "
    "f_actor, f_role, f_client, f_request_id, f_cause, f_time, f_reason, image_digest, hash";

void SetSubjects(absl::string_view stored, Change& change) {
  for (const absl::string_view subject : absl::StrSplit(stored, '\n', absl::SkipEmpty())) {
    change.add_subjects(std::string(subject));
  }
}

absl::Status SetImage(const sql::Row& row, size_t column, Change& change) {
  if (sql::IsNull(row, column)) {
    change.set_image_redacted(true);
    return absl::OkStatus();
  }
  ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(row, column));
  log::v1::Image image;
  if (!image.ParseFromString(bytes)) return absl::DataLossError("a stored image does not parse");
  if (image.has_resource() && change.kind() != Change::DELETE) {
    change.mutable_image()->Swap(image.mutable_resource());
  }
  return absl::OkStatus();
}

}  // namespace

const Fields& ChangeFields() {
  static const auto& fields =
      *new Fields(Change::descriptor(),
                  {"revision", "mutation_end", "resource", "resource_type", "subjects", "kind",
                   "action", "actor", "role", "client", "request_id", "cause", "time", "reason"});
  return fields;
}

std::string ChangeColumns(bool with_image) {
  return absl::StrCat(kColumns, with_image ? ", image" : "");
}

absl::StatusOr<Change> ParseChange(const sql::Row& row, bool with_image) {
  Change change;
  ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(row, 0));
  change.set_name(ChangeName(revision));
  change.set_revision(revision);
  ACCORD_ASSIGN_OR_RETURN(const int64_t mutation_end, sql::GetInt(row, 1));
  change.set_mutation_end(mutation_end);
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_resource(), sql::GetText(row, 2));
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_resource_type(), sql::GetText(row, 3));
  ACCORD_ASSIGN_OR_RETURN(const std::string subjects, sql::GetText(row, 4));
  SetSubjects(subjects, change);
  ACCORD_ASSIGN_OR_RETURN(const int64_t kind, sql::GetInt(row, 5));
  change.set_kind(static_cast<Change::Kind>(kind));
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_action(), sql::GetText(row, 6));
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_actor(), sql::GetText(row, 7));
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_role(), sql::GetText(row, 8));
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_client(), sql::GetText(row, 9));
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_request_id(), sql::GetText(row, 10));
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_cause(), sql::GetText(row, 11));
  ACCORD_ASSIGN_OR_RETURN(const int64_t time_us, sql::GetInt(row, 12));
  *change.mutable_time() = TimeUtil::MicrosecondsToTimestamp(time_us);
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_reason(), sql::GetText(row, 13));
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_image_digest(), sql::GetBytes(row, 14));
  ACCORD_ASSIGN_OR_RETURN(*change.mutable_hash(), sql::GetBytes(row, 15));
  if (with_image) ACCORD_RETURN_IF_ERROR(SetImage(row, 16, change));
  return change;
}

RowSql InsertChanges() {
  return {.insert = absl::StrCat("INSERT INTO changes (", ChangeColumns(true), ")")};
}

std::vector<sql::Value> ChangeRow(const Change& change, std::string image) {
  return {change.revision(),
          change.mutation_end(),
          change.resource(),
          change.resource_type(),
          ExtractField(change, *ChangeFields().Find("subjects")),
          static_cast<int64_t>(change.kind()),
          change.action(),
          change.actor(),
          change.role(),
          change.client(),
          change.request_id(),
          change.cause(),
          static_cast<int64_t>(TimeUtil::TimestampToMicroseconds(change.time())),
          change.reason(),
          sql::Bytes{change.image_digest()},
          sql::Bytes{change.hash()},
          sql::Bytes{std::move(image)}};
}

absl::StatusOr<std::vector<Change>> ReadChanges(sql::Connection& connection, int64_t first,
                                                int64_t last) {
  static const std::string& sql = *new std::string(
      absl::StrCat("SELECT ", ChangeColumns(true),
                   " FROM changes WHERE f_revision BETWEEN $1 AND $2 ORDER BY f_revision"));
  std::vector<Change> changes;
  ACCORD_RETURN_IF_ERROR(connection.ForEach(sql, {first, last}, [&](sql::Row& row) -> absl::Status {
    ACCORD_ASSIGN_OR_RETURN(Change change, ParseChange(row, true));
    changes.push_back(std::move(change));
    return absl::OkStatus();
  }));
  return changes;
}

std::string ChangeName(int64_t revision) { return absl::StrCat("changes/", revision); }

absl::StatusOr<Position> ReadHead(sql::Connection& connection, absl::Time deadline) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      connection.Execute("SELECT log_id, revision, hash FROM head WHERE id = 1", {}, deadline));
  if (result.rows.empty()) return absl::DataLossError("the log has no head");
  Position head;
  ACCORD_ASSIGN_OR_RETURN(head.log_id, sql::GetText(result.rows[0], 0));
  ACCORD_ASSIGN_OR_RETURN(head.revision, sql::GetInt(result.rows[0], 1));
  ACCORD_ASSIGN_OR_RETURN(head.hash, sql::GetBytes(result.rows[0], 2));
  return head;
}

}  // namespace accord::store
