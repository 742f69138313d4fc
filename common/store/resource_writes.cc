#include "common/store/resource_writes.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace accord::store {
namespace {

using google::protobuf::Message;

std::string InsertSql(const ResourceType& type) {
  return absl::StrCat("INSERT INTO ", type.table(), " (", RowColumns(type), ")");
}

std::string UpdateSql(const ResourceType& type) {
  std::string sets = "revision = $2, message = $3";
  int n = 4;
  for (const Field& field : type.fields().all()) {
    if (field.path != "name") absl::StrAppend(&sets, ", ", field.column, " = $", n++);
  }
  return absl::StrCat("UPDATE ", type.table(), " SET ", sets, " WHERE name = $1");
}

RowSql InsertRows(const ResourceType& type) { return {.insert = InsertSql(type)}; }

// Rows that are there. To join a table with a list of rows leaves it to the database whether it
// looks for each or reads the whole table; a conflict is always looked for in the index.
RowSql UpdateRows(const ResourceType& type) {
  std::string sets = "revision = excluded.revision, message = excluded.message";
  for (const Field& field : type.fields().all()) {
    if (field.path == "name") continue;
    absl::StrAppend(&sets, ", ", field.column, " = excluded.", field.column);
  }
  return {.insert = InsertSql(type),
          .tail = absl::StrCat(" ON CONFLICT (name) DO UPDATE SET ", sets),
          .alone = UpdateSql(type)};
}

std::vector<sql::Value> RowValues(const ResourceType& type, const Message& message,
                                  int64_t revision, std::string bytes) {
  std::vector<sql::Value> values = {NameOf(message), revision, sql::Bytes{std::move(bytes)}};
  values.reserve(type.fields().all().size() + 2);
  for (const Field& field : type.fields().all()) {
    if (field.path != "name") values.push_back(ExtractField(message, field));
  }
  return values;
}

}  // namespace

std::string RowColumns(const ResourceType& type) {
  std::string columns = "name, revision, message";
  for (const Field& field : type.fields().all()) {
    if (field.path != "name") absl::StrAppend(&columns, ", ", field.column);
  }
  return columns;
}

ResourceWrites::Run& ResourceWrites::RunOf(const ResourceType& type, bool is_new) {
  if (run_ && run_->type == &type && run_->is_new == is_new) return *run_;
  EndRun();
  return run_.emplace(Run{&type, is_new, RowBatch(is_new ? InsertRows(type) : UpdateRows(type))});
}

void ResourceWrites::EndRun() {
  if (run_) run_->rows.MoveTo(statements_, dialect_);
  run_.reset();
}

void ResourceWrites::Insert(const ResourceType& type, const Message& message, int64_t revision,
                            std::string bytes) {
  RunOf(type, true).rows.Add(RowValues(type, message, revision, std::move(bytes)));
}

void ResourceWrites::Update(const ResourceType& type, const Message& message, int64_t revision,
                            std::string bytes) {
  Run* run = &RunOf(type, false);
  if (!run->updated.insert(NameOf(message)).second) {
    EndRun();
    run = &RunOf(type, false);
    run->updated.insert(NameOf(message));
  }
  run->rows.Add(RowValues(type, message, revision, std::move(bytes)));
}

void ResourceWrites::Delete(const ResourceType& type, const std::string& name) {
  EndRun();
  statements_.push_back({absl::StrCat("DELETE FROM ", type.table(), " WHERE name = $1"), {name}});
}

std::vector<sql::Statement> ResourceWrites::Take() {
  EndRun();
  return std::exchange(statements_, {});
}

}  // namespace accord::store
