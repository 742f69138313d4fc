#include "common/store/apply.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/crypto.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/store/chain.h"
#include "common/store/change_rows.h"
#include "common/store/counts.h"
#include "common/store/resource_writes.h"
#include "common/store/row_batch.h"

namespace accord::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::TimeUtil;
using log::v1::Change;

void SetTime(Message& message, const char* field_name, absl::Time time) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(field_name);
  if (field == nullptr) return;
  message.GetReflection()
      ->MutableMessage(&message, field)
      ->CopyFrom(TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time)));
}

void SetEtag(Message& message, const std::string& etag) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("etag");
  if (field != nullptr) message.GetReflection()->SetString(&message, field, etag);
}

void Stamp(Message& message, Change::Kind kind, absl::Time now, const std::string& etag) {
  if (kind != Change::CREATE && kind != Change::UPDATE) return;
  if (kind == Change::CREATE) SetTime(message, "create_time", now);
  SetTime(message, "update_time", now);
  SetEtag(message, etag);
}

void CopyCreateTime(const Message& from, Message& to) {
  const FieldDescriptor* field = to.GetDescriptor()->FindFieldByName("create_time");
  if (field == nullptr || !from.GetReflection()->HasField(from, field)) return;
  to.GetReflection()
      ->MutableMessage(&to, field)
      ->CopyFrom(from.GetReflection()->GetMessage(from, field));
}

// Asks for each name once: of many rows that is most of the work.
void SortByName(std::vector<std::unique_ptr<Message>>& rows) {
  std::vector<std::pair<std::string, std::unique_ptr<Message>>> named;
  named.reserve(rows.size());
  for (auto& row : rows) {
    std::string name = NameOf(*row);
    named.emplace_back(std::move(name), std::move(row));
  }
  std::sort(named.begin(), named.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = std::move(named[i].second);
}

absl::Status RequestIdReused(absl::string_view domain, const std::string& request_id) {
  return MakeError(absl::StatusCode::kInvalidArgument, domain, "REQUEST_ID_REUSED",
                   absl::StrCat("request_id ", request_id,
                                " belongs to a request with other contents; use a new one"),
                   {{"request_id", request_id}});
}

absl::Status AnswerErased(absl::string_view domain, const std::string& request_id,
                          const Change& change) {
  return MakeError(absl::StatusCode::kFailedPrecondition, domain, "IMAGE_REDACTED",
                   absl::StrCat("request_id ", request_id, " was done as ", change.name(),
                                "; what it wrote has been erased since. Read ", change.resource(),
                                " for what is left"),
                   {{"request_id", request_id},
                    {"name", change.resource()},
                    {"revision", absl::StrCat(change.revision())}});
}

// The statements of one mutation, sent together.
class Writer {
 public:
  Writer(Transaction& transaction, const MutationContext& context, Position& head)
      : transaction_(transaction),
        context_(context),
        head_(head),
        dialect_(transaction.connection().dialect()),
        resources_(dialect_) {}

  absl::StatusOr<Committed> Write(WriteSet writes) {
    ACCORD_RETURN_IF_ERROR(ReadBefore(writes));
    const int64_t first = head_.revision + 1;
    const int64_t last = head_.revision + static_cast<int64_t>(writes.entries().size());
    for (WriteSet::Entry& entry : writes.entries()) {
      ACCORD_RETURN_IF_ERROR(WriteEntry(entry, last));
    }
    statements_ = resources_.Take();
    changes_.MoveTo(statements_, dialect_);
    subjects_.MoveTo(statements_, dialect_);
    counts_.AppendTo(statements_);
    WriteBookkeeping(writes);
    if (!context_.request_id.empty() && last >= first) WriteRequest(first, last);
    ACCORD_RETURN_IF_ERROR(Send());
    committed_.position = head_;
    return std::move(committed_);
  }

 private:
  // The before-images of what is updated or deleted, in one round trip. What is absent may
  // still be created by an earlier entry.
  absl::Status ReadBefore(WriteSet& writes) {
    std::vector<sql::Statement> reads;
    std::vector<const WriteSet::Entry*> readers;
    for (const WriteSet::Entry& entry : writes.entries()) {
      if (!NeedsBefore(entry)) continue;
      const ResourceType& type = TypeOf(*entry.message);
      // Not many names at once: a plan made while the table was small may read all of it.
      reads.push_back({absl::StrCat("SELECT message FROM ", type.table(), " WHERE name = $1"),
                       {entry.resource}});
      readers.push_back(&entry);
    }
    if (reads.empty()) return absl::OkStatus();
    ACCORD_ASSIGN_OR_RETURN(const std::vector<sql::Result> results,
                            transaction_.connection().ExecuteAll(std::move(reads)));
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i].rows.empty()) continue;
      auto before = TypeOf(*readers[i]->message).NewMessage();
      ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(results[i].rows[0], 0));
      if (!before->ParseFromString(bytes)) {
        return absl::DataLossError(absl::StrCat(readers[i]->resource, " does not parse"));
      }
      before_[readers[i]->resource] = std::move(before);
    }
    return absl::OkStatus();
  }

  static bool NeedsBefore(const WriteSet::Entry& entry) {
    return entry.kind == Change::UPDATE || entry.kind == Change::DELETE;
  }

  // Null when there is none.
  const Message* BeforeOf(const WriteSet::Entry& entry) const {
    const auto found = before_.find(entry.resource);
    return found == before_.end() ? nullptr : found->second.get();
  }

  // What a later entry of this mutation finds; takes the message of an entry that is written.
  void Remember(WriteSet::Entry& entry) {
    if (entry.kind == Change::DELETE) before_.erase(entry.resource);
    if (entry.kind != Change::CREATE && entry.kind != Change::UPDATE) return;
    before_[entry.resource] = std::move(entry.message);
  }

  absl::Status WriteEntry(WriteSet::Entry& entry, int64_t mutation_end) {
    const Message* before = BeforeOf(entry);
    if (NeedsBefore(entry) && before == nullptr) {
      return absl::InternalError(absl::StrCat("a write to absent ", entry.resource));
    }
    Change change = NewChange(entry, mutation_end);
    const std::string etag = EtagOf(change.revision());
    std::string bytes;
    if (entry.kind == Change::BULK) {
      ACCORD_RETURN_IF_ERROR(WriteRows(entry, change));
    }
    if (entry.message != nullptr) {
      if (entry.kind == Change::UPDATE) CopyCreateTime(*before, *entry.message);
      Stamp(*entry.message, entry.kind, transaction_.now(), etag);
      change.set_resource_type(entry.message->GetDescriptor()->full_name());
      bytes = entry.message->SerializeAsString();
      WriteResource(entry, change.revision(), bytes);
      CountResource(entry, before);
    }
    std::string image = EncodeImage(
        entry.kind == Change::DELETE || entry.message == nullptr ? "" : change.resource_type(),
        bytes);
    change.set_image_digest(Sha256(image));
    AddSubjects(entry, before, change);
    change.set_hash(ChainHash(head_.hash, change));
    head_.revision = change.revision();
    head_.hash = change.hash();
    WriteChange(change, std::move(image));
    if (entry.message != nullptr && entry.kind != Change::DELETE) {
      change.mutable_image()->set_type_url(
          absl::StrCat("type.googleapis.com/", change.resource_type()));
      change.mutable_image()->set_value(std::move(bytes));
    }
    committed_.changes.push_back(std::move(change));
    Remember(entry);
    return absl::OkStatus();
  }

  Change NewChange(const WriteSet::Entry& entry, int64_t mutation_end) const {
    Change change;
    change.set_revision(head_.revision + 1);
    change.set_name(ChangeName(change.revision()));
    change.set_mutation_end(mutation_end);
    change.set_resource(entry.resource);
    change.set_kind(entry.kind);
    change.set_action(entry.action.empty() ? context_.action : entry.action);
    change.set_reason(entry.reason.empty() ? context_.reason : entry.reason);
    change.set_actor(context_.actor);
    change.set_role(context_.role);
    change.set_client(context_.client);
    change.set_request_id(context_.request_id);
    change.set_cause(context_.cause);
    *change.mutable_time() =
        TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(transaction_.now()));
    return change;
  }

  void WriteResource(const WriteSet::Entry& entry, int64_t revision, const std::string& bytes) {
    if (entry.kind == Change::EVENT || entry.kind == Change::BULK) return;
    const ResourceType& type = TypeOf(*entry.message);
    if (entry.kind == Change::DELETE) return resources_.Delete(type, entry.resource);
    if (entry.kind == Change::CREATE) {
      resources_.Insert(type, *entry.message, revision, bytes);
    } else {
      resources_.Update(type, *entry.message, revision, bytes);
    }
  }

  void CountResource(const WriteSet::Entry& entry, const Message* before) {
    const bool is_there = entry.kind == Change::CREATE || entry.kind == Change::UPDATE;
    if (before != nullptr && NeedsBefore(entry)) counts_.Add(TypeOf(*before).counts(), *before, -1);
    if (is_there) counts_.Add(TypeOf(*entry.message).counts(), *entry.message, 1);
  }

  // Sets the entry's image to the digest of the rows.
  absl::Status WriteRows(WriteSet::Entry& entry, const Change& change) {
    if (entry.rows.empty()) return absl::InternalError("bulk without rows");
    const ResourceType& type = TypeOf(*entry.rows.front());
    SortByName(entry.rows);
    std::string framed;
    for (const auto& row : entry.rows) {
      std::string bytes = row->SerializeAsString();
      absl::StrAppend(&framed, bytes.size(), ":", bytes);
      resources_.Insert(type, *row, change.revision(), std::move(bytes));
      counts_.Add(type.counts(), *row, 1);
    }
    auto digest = std::make_unique<log::v1::BulkRows>();
    digest->set_resource_type(type.type_name());
    digest->set_rows(static_cast<int64_t>(entry.rows.size()));
    digest->set_rows_digest(Sha256(framed));
    for (const auto& row : entry.rows) {
      const std::string name = NameOf(*row);
      for (std::string& subject : type.SubjectsOf(*row)) {
        if (subject != name) entry.more_subjects.push_back(std::move(subject));
      }
    }
    entry.message = std::move(digest);
    return absl::OkStatus();
  }

  void AddSubjects(const WriteSet::Entry& entry, const Message* before, Change& change) const {
    std::set<std::string> subjects(entry.more_subjects.begin(), entry.more_subjects.end());
    subjects.insert(entry.resource);
    if (before != nullptr) {
      for (std::string& subject : TypeOf(*before).SubjectsOf(*before)) subjects.insert(subject);
    }
    const ResourceType* type =
        entry.message == nullptr
            ? nullptr
            : transaction_.types().Find(entry.message->GetDescriptor()->full_name());
    if (type != nullptr) {
      for (std::string& subject : type->SubjectsOf(*entry.message)) subjects.insert(subject);
    }
    for (const std::string& subject : subjects) {
      // The log stores them one a line.
      if (!subject.empty()) change.add_subjects(absl::StrReplaceAll(subject, {{"\n", " "}}));
    }
  }

  void WriteChange(const Change& change, std::string image) {
    changes_.Add(ChangeRow(change, std::move(image)));
    for (const std::string& subject : change.subjects()) {
      subjects_.Add({subject, change.revision()});
    }
  }

  void WriteBookkeeping(const WriteSet& writes) {
    for (const std::string& mark : writes.marks()) {
      statements_.push_back({"INSERT INTO marks VALUES ($1, $2)", {mark, head_.revision}});
    }
    for (const auto& cursor : writes.cursors()) {
      statements_.push_back(
          {"INSERT INTO cursors VALUES ($1, $2, $3, $4) ON CONFLICT (source) DO UPDATE SET "
           "log_id = excluded.log_id, revision = excluded.revision, hash = excluded.hash",
           {cursor.source, cursor.to.log_id, cursor.to.revision, sql::Bytes{cursor.to.hash}}});
    }
    for (const auto& lease : writes.leases()) {
      statements_.push_back(
          {"INSERT INTO leases VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET "
           "holder = excluded.holder, until_us = excluded.until_us",
           {lease.name, lease.holder, absl::ToUnixMicros(lease.until)}});
    }
  }

  void WriteRequest(int64_t first, int64_t last) {
    statements_.push_back(
        {"INSERT INTO requests VALUES ($1, $2, $3, $4, $5, $6, $7)",
         {context_.actor, context_.action, context_.request_id, context_.request_digest, first,
          last, absl::ToUnixMicros(transaction_.now())}});
  }

  absl::Status Send() {
    if (statements_.empty()) return absl::OkStatus();
    return transaction_.connection().ExecuteAll(std::move(statements_)).status();
  }

  const ResourceType& TypeOf(const Message& message) const {
    return transaction_.types().Of(message.GetDescriptor());
  }

  Transaction& transaction_;
  const MutationContext& context_;
  Position& head_;
  const sql::Dialect dialect_;
  std::map<std::string, std::unique_ptr<Message>> before_;  // By resource.
  ResourceWrites resources_;
  RowBatch changes_{InsertChanges()};
  RowBatch subjects_{{.insert = "INSERT INTO change_subjects"}};
  CountChanges counts_;
  std::vector<sql::Statement> statements_;
  Committed committed_;
};

}  // namespace

absl::StatusOr<std::optional<Committed>> FindReplay(Reader& reader,
                                                    const MutationContext& context) {
  if (context.request_id.empty()) return std::nullopt;
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute("SELECT digest, first_revision, last_revision FROM requests "
                                  "WHERE caller = $1 AND method = $2 AND request_id = $3",
                                  {context.actor, context.action, context.request_id}));
  if (result.rows.empty()) return std::nullopt;
  ACCORD_ASSIGN_OR_RETURN(const std::string digest, sql::GetText(result.rows[0], 0));
  ACCORD_ASSIGN_OR_RETURN(const int64_t first, sql::GetInt(result.rows[0], 1));
  ACCORD_ASSIGN_OR_RETURN(const int64_t last, sql::GetInt(result.rows[0], 2));
  Committed committed;
  committed.replayed = true;
  ACCORD_ASSIGN_OR_RETURN(committed.changes, ReadChanges(reader.connection(), first, last));
  // The digest goes with the images, so this comes first.
  for (const Change& change : committed.changes) {
    if (change.image_redacted()) {
      return AnswerErased(reader.domain(), context.request_id, change);
    }
  }
  if (digest != context.request_digest) {
    return RequestIdReused(reader.domain(), context.request_id);
  }
  committed.position = {reader.position().log_id, last,
                        committed.changes.empty() ? "" : committed.changes.back().hash()};
  return committed;
}

absl::StatusOr<Committed> Apply(Transaction& transaction, const MutationContext& context,
                                WriteSet writes, Position& head) {
  return Writer(transaction, context, head).Write(std::move(writes));
}

Committed Preview(const Transaction& transaction, const MutationContext& context, WriteSet writes) {
  Committed committed;
  committed.position = transaction.position();
  for (WriteSet::Entry& entry : writes.entries()) {
    if (entry.message == nullptr) continue;
    Stamp(*entry.message, entry.kind, transaction.now(), "");
    Change& change = committed.changes.emplace_back();
    change.set_kind(entry.kind);
    change.set_resource(entry.resource);
    change.set_action(entry.action.empty() ? context.action : entry.action);
    if (entry.kind != Change::DELETE) change.mutable_image()->PackFrom(*entry.message);
  }
  return committed;
}

}  // namespace accord::store
