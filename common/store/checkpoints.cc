#include "common/store/checkpoints.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/store/change_rows.h"
#include "common/store/log_reader.h"
#include "common/store/page_token.h"
#include "common/store/paging.h"

namespace accord::store {
namespace {

using google::protobuf::util::TimeUtil;
using log::v1::Checkpoint;

constexpr absl::string_view kCheckpointColumns =
    "number, log_id, revision, hash, time_us, key_id, signature";
// A page of the export ends once it holds this much of images; messages are bounded.
constexpr size_t kExportBytes = 4 << 20;

struct NumberedCheckpoint {
  int64_t number = 0;
  Checkpoint checkpoint;
};

absl::StatusOr<NumberedCheckpoint> ParseCheckpoint(const sql::Row& row, absl::string_view service) {
  NumberedCheckpoint parsed;
  Checkpoint& checkpoint = parsed.checkpoint;
  ACCORD_ASSIGN_OR_RETURN(parsed.number, sql::GetInt(row, 0));
  checkpoint.set_name(absl::StrCat("checkpoints/", parsed.number));
  checkpoint.set_service(std::string(service));
  ACCORD_ASSIGN_OR_RETURN(*checkpoint.mutable_log(), sql::GetText(row, 1));
  ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(row, 2));
  checkpoint.set_revision(revision);
  ACCORD_ASSIGN_OR_RETURN(*checkpoint.mutable_hash(), sql::GetBytes(row, 3));
  ACCORD_ASSIGN_OR_RETURN(const int64_t time_us, sql::GetInt(row, 4));
  *checkpoint.mutable_time() = TimeUtil::MicrosecondsToTimestamp(time_us);
  ACCORD_ASSIGN_OR_RETURN(*checkpoint.mutable_key_id(), sql::GetText(row, 5));
  ACCORD_ASSIGN_OR_RETURN(*checkpoint.mutable_signature(), sql::GetBytes(row, 6));
  return parsed;
}

absl::StatusOr<std::optional<NumberedCheckpoint>> ReadNewest(sql::Connection& connection,
                                                             absl::string_view service) {
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          connection.Execute(absl::StrCat("SELECT ", kCheckpointColumns,
                                                          " FROM checkpoints ORDER BY number DESC "
                                                          "LIMIT 1")));
  if (result.rows.empty()) return std::nullopt;
  return ParseCheckpoint(result.rows[0], service);
}

// Where the log ends, and when.
struct Head {
  Position position;
  int64_t time_us = 0;
};

// Keeps the others from writing until the transaction ends.
absl::StatusOr<Head> TakeHead(sql::Connection& connection) {
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          connection.Execute("UPDATE head SET time_us = time_us WHERE id = 1 "
                                             "RETURNING log_id, revision, hash, time_us"));
  if (result.rows.empty()) return absl::DataLossError("the log has no head");
  Head head;
  ACCORD_ASSIGN_OR_RETURN(head.position.log_id, sql::GetText(result.rows[0], 0));
  ACCORD_ASSIGN_OR_RETURN(head.position.revision, sql::GetInt(result.rows[0], 1));
  ACCORD_ASSIGN_OR_RETURN(head.position.hash, sql::GetBytes(result.rows[0], 2));
  ACCORD_ASSIGN_OR_RETURN(head.time_us, sql::GetInt(result.rows[0], 3));
  return head;
}

absl::Status LogBroken(int64_t revision, absl::string_view problem) {
  return MakeError(absl::StatusCode::kDataLoss, kLogDomain, "LOG_BROKEN",
                   absl::StrCat("revision ", revision, ": ", problem,
                                "; nothing is signed until it is found out why"),
                   {{"revision", absl::StrCat(revision)}});
}

// What is signed must be true: that the head is the newest Change, and that the log still
// passes through what was signed before. A restored log may be shorter; it has a new id.
absl::Status CheckBeforeSigning(Reader& log, const std::optional<NumberedCheckpoint>& newest) {
  const Position& head = log.position();
  ACCORD_ASSIGN_OR_RETURN(const std::string stored, HashAt(log, head.revision));
  if (stored != head.hash) return LogBroken(head.revision, "the head is not the newest Change");
  if (!newest || newest->checkpoint.log() != head.log_id) return absl::OkStatus();
  const Checkpoint& checkpoint = newest->checkpoint;
  ACCORD_ASSIGN_OR_RETURN(const std::string before, HashAt(log, checkpoint.revision()));
  const bool reached = head.revision >= checkpoint.revision();
  if (reached && before == checkpoint.hash()) return absl::OkStatus();
  return LogBroken(checkpoint.revision(),
                   absl::StrCat("the log does not pass through ", checkpoint.name()));
}

absl::Status Insert(sql::Connection& connection, int64_t number, const Checkpoint& checkpoint) {
  return connection
      .Execute(absl::StrCat("INSERT INTO checkpoints (", kCheckpointColumns,
                            ") VALUES ($1, $2, $3, $4, $5, $6, $7)"),
               {number, checkpoint.log(), checkpoint.revision(), sql::Bytes{checkpoint.hash()},
                static_cast<int64_t>(TimeUtil::TimestampToMicroseconds(checkpoint.time())),
                checkpoint.key_id(), sql::Bytes{checkpoint.signature()}})
      .status();
}

}  // namespace

bool IsAt(const Checkpoint& checkpoint, const Position& position) {
  return checkpoint.log() == position.log_id && checkpoint.revision() == position.revision &&
         checkpoint.hash() == position.hash;
}

absl::StatusOr<std::unique_ptr<CheckpointWriter>> CheckpointWriter::Open(
    Store& store, absl::string_view url, const sql::Options& options) {
  ACCORD_ASSIGN_OR_RETURN(auto database, sql::Database::Open(url, options));
  return std::unique_ptr<CheckpointWriter>(new CheckpointWriter(store, std::move(database)));
}

absl::StatusOr<Checkpoint> CheckpointWriter::Append(const CheckpointSigner& signer) {
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database_->Connect(sql::Access::kWrite));
  ACCORD_RETURN_IF_ERROR(connection->BeginWrite());
  absl::StatusOr<Checkpoint> checkpoint = AppendInTransaction(*connection, signer);
  if (!checkpoint.ok()) {
    connection->Rollback();
    return checkpoint.status();
  }
  ACCORD_RETURN_IF_ERROR(connection->Commit());
  return checkpoint;
}

absl::StatusOr<Checkpoint> CheckpointWriter::AppendInTransaction(sql::Connection& connection,
                                                                 const CheckpointSigner& signer) {
  ACCORD_ASSIGN_OR_RETURN(const Head head, TakeHead(connection));
  ACCORD_ASSIGN_OR_RETURN(const auto newest, ReadNewest(connection, store_.service()));
  Reader log(store_.types(), store_.domain(), connection, head.position);
  ACCORD_RETURN_IF_ERROR(CheckBeforeSigning(log, newest));
  if (newest && IsAt(newest->checkpoint, head.position) &&
      newest->checkpoint.key_id() == signer.key_id) {
    return newest->checkpoint;
  }
  const int64_t number = newest ? newest->number + 1 : 1;
  int64_t time_us = std::max(absl::ToUnixMicros(store_.clock().Now()), head.time_us);
  if (newest) {
    time_us =
        std::max<int64_t>(time_us, TimeUtil::TimestampToMicroseconds(newest->checkpoint.time()));
  }
  Checkpoint checkpoint;
  checkpoint.set_name(absl::StrCat("checkpoints/", number));
  checkpoint.set_service(store_.service());
  checkpoint.set_log(head.position.log_id);
  checkpoint.set_revision(head.position.revision);
  checkpoint.set_hash(head.position.hash);
  *checkpoint.mutable_time() = TimeUtil::MicrosecondsToTimestamp(time_us);
  ACCORD_RETURN_IF_ERROR(signer.sign(checkpoint));
  ACCORD_RETURN_IF_ERROR(Insert(connection, number, checkpoint));
  return checkpoint;
}

absl::StatusOr<std::optional<Checkpoint>> NewestCheckpoint(Store& store, absl::Time deadline) {
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(deadline));
  ACCORD_ASSIGN_OR_RETURN(const auto newest,
                          ReadNewest((*snapshot)->connection(), store.service()));
  if (!newest) return std::nullopt;
  return newest->checkpoint;
}

absl::StatusOr<log::v1::ListCheckpointsResponse> ListCheckpoints(
    Store& store, const log::v1::ListCheckpointsRequest& request, absl::string_view caller,
    absl::Time deadline) {
  FieldViolations violations;
  const int page_size = ClampPageSize(request.page_size(), violations);
  const bool oldest_first = request.order_by() == "revision";
  if (!oldest_first && !request.order_by().empty() && request.order_by() != "revision desc") {
    violations.Add("order_by", "is `revision` or `revision desc`");
  }
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kLogDomain));

  const std::string binding = absl::StrCat(caller, absl::string_view("\0", 1), "ListCheckpoints",
                                           absl::string_view("\0", 1), oldest_first);
  std::vector<sql::Value> params;
  std::string where;
  if (!request.page_token().empty()) {
    ACCORD_ASSIGN_OR_RETURN(
        params, OpenPageToken(store.page_key(), binding, request.page_token(), kLogDomain));
    where = oldest_first ? " WHERE number > $1" : " WHERE number < $1";
  }
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(deadline));
  log::v1::ListCheckpointsResponse response;
  int64_t last = 0;
  bool more = false;
  ACCORD_RETURN_IF_ERROR((*snapshot)->connection().ForEach(
      absl::StrCat("SELECT ", kCheckpointColumns, " FROM checkpoints", where, " ORDER BY number",
                   oldest_first ? "" : " DESC", " LIMIT ", page_size + 1),
      params, [&](sql::Row& row) -> absl::Status {
        ACCORD_ASSIGN_OR_RETURN(NumberedCheckpoint parsed, ParseCheckpoint(row, store.service()));
        more = response.checkpoints_size() == page_size;
        if (more) return absl::OkStatus();
        last = parsed.number;
        *response.add_checkpoints() = std::move(parsed.checkpoint);
        return absl::OkStatus();
      }));
  if (more) {
    ACCORD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                            SealPageToken(store.page_key(), binding, {last}));
  }
  return response;
}

absl::StatusOr<log::v1::ExportChangesResponse> ExportChanges(
    Store& store, const log::v1::ExportChangesRequest& request, absl::Time deadline) {
  FieldViolations violations;
  const int page_size = ClampPageSize(request.page_size(), violations);
  if (request.after_revision() < 0) violations.Add("after_revision", "must not be negative");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kLogDomain));

  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(deadline));
  log::v1::ExportChangesResponse response;
  const Position& head = (*snapshot)->position();
  response.mutable_log()->set_service(store.service());
  response.mutable_log()->set_id(head.log_id);
  response.mutable_log()->set_revision(head.revision);
  response.mutable_log()->set_hash(head.hash);
  size_t bytes = 0;
  ACCORD_RETURN_IF_ERROR((*snapshot)->connection().ForEach(
      absl::StrCat("SELECT ", ChangeColumns(/*with_image=*/true),
                   " FROM changes WHERE f_revision > $1 ORDER BY f_revision LIMIT ", page_size),
      {request.after_revision()}, [&](sql::Row& row) -> absl::Status {
        if (bytes >= kExportBytes) return absl::OkStatus();
        log::v1::StoredChange& stored = *response.add_changes();
        ACCORD_ASSIGN_OR_RETURN(*stored.mutable_change(), ParseChange(row, /*with_image=*/false));
        if (!sql::IsNull(row, row.size() - 1)) {
          ACCORD_ASSIGN_OR_RETURN(*stored.mutable_image(), sql::GetBytes(row, row.size() - 1));
        }
        bytes += stored.image().size();
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace accord::store
