#include "common/store/mutation.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace accord::store {

using log::v1::Change;

std::string EtagOf(int64_t revision) { return absl::StrCat("r", revision); }

absl::StatusOr<bool> Transaction::IsMarked(absl::string_view key) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      connection_.Execute("SELECT 1 FROM marks WHERE mark = $1", {std::string(key)}));
  return !result.rows.empty();
}

absl::StatusOr<Position> Transaction::Cursor(absl::string_view source) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      connection_.Execute("SELECT log_id, revision, hash FROM cursors WHERE source = $1",
                          {std::string(source)}));
  Position position;
  if (result.rows.empty()) return position;
  ACCORD_ASSIGN_OR_RETURN(position.log_id, sql::GetText(result.rows[0], 0));
  ACCORD_ASSIGN_OR_RETURN(position.revision, sql::GetInt(result.rows[0], 1));
  ACCORD_ASSIGN_OR_RETURN(position.hash, sql::GetBytes(result.rows[0], 2));
  return position;
}

absl::StatusOr<bool> Transaction::HoldsLease(absl::string_view name, absl::string_view holder) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      connection_.Execute("SELECT 1 FROM leases WHERE name = $1 AND holder = $2 AND until_us > $3",
                          {std::string(name), std::string(holder), absl::ToUnixMicros(now_)}));
  return !result.rows.empty();
}

WriteSet::Entry& WriteSet::Create(const google::protobuf::Message& message) {
  Entry& entry = entries_.emplace_back();
  entry.kind = Change::CREATE;
  entry.resource = NameOf(message);
  entry.message.reset(message.New());
  entry.message->CopyFrom(message);
  return entry;
}

WriteSet::Entry& WriteSet::Update(const google::protobuf::Message& message) {
  Entry& entry = Create(message);
  entry.kind = Change::UPDATE;
  return entry;
}

WriteSet::Entry& WriteSet::Delete(const google::protobuf::Message& before) {
  Entry& entry = Create(before);
  entry.kind = Change::DELETE;
  return entry;
}

WriteSet::Entry& WriteSet::Event(absl::string_view resource,
                                 const google::protobuf::Message* detail) {
  Entry& entry = entries_.emplace_back();
  entry.kind = Change::EVENT;
  entry.resource = std::string(resource);
  if (detail != nullptr) {
    entry.message.reset(detail->New());
    entry.message->CopyFrom(*detail);
  }
  return entry;
}

WriteSet::Entry& WriteSet::AppendRows(
    absl::string_view resource, std::vector<std::unique_ptr<google::protobuf::Message>> rows) {
  Entry& entry = entries_.emplace_back();
  entry.kind = Change::BULK;
  entry.resource = std::string(resource);
  entry.rows = std::move(rows);
  return entry;
}

void WriteSet::AdvanceCursor(absl::string_view source, const Position& to) {
  cursors_.push_back({std::string(source), to});
}

void WriteSet::TakeLease(absl::string_view name, absl::string_view holder, absl::Time until) {
  leases_.push_back({std::string(name), std::string(holder), until});
}

}  // namespace accord::store
