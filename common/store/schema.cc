#include "common/store/schema.h"

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "common/store/chain.h"

namespace accord::store {
namespace {

constexpr int kFillBatch = 1000;

constexpr absl::string_view kLogTables = R"sql(
  CREATE TABLE head (
    id BIGINT PRIMARY KEY, log_id TEXT NOT NULL, revision BIGINT NOT NULL, hash BYTEA NOT NULL,
    time_us BIGINT NOT NULL, page_key BYTEA NOT NULL);
  CREATE TABLE log_lineage (
    log_id TEXT PRIMARY KEY, successor TEXT NOT NULL, revision BIGINT NOT NULL,
    hash BYTEA NOT NULL, time_us BIGINT NOT NULL);
  CREATE TABLE changes (
    f_revision BIGINT PRIMARY KEY, f_mutation_end BIGINT NOT NULL, f_resource TEXT NOT NULL,
    f_resource_type TEXT NOT NULL, f_subjects TEXT NOT NULL, f_kind BIGINT NOT NULL,
    f_action TEXT NOT NULL, f_actor TEXT NOT NULL, f_role TEXT NOT NULL, f_client TEXT NOT NULL,
    f_request_id TEXT NOT NULL, f_cause TEXT NOT NULL, f_time BIGINT NOT NULL,
    f_reason TEXT NOT NULL, image_digest BYTEA NOT NULL, hash BYTEA NOT NULL, image BYTEA);
  CREATE INDEX changes_by_resource ON changes (f_resource, f_revision);
  CREATE INDEX changes_by_type ON changes (f_resource_type, f_revision);
  CREATE TABLE change_subjects (
    subject TEXT NOT NULL, revision BIGINT NOT NULL, PRIMARY KEY (subject, revision));
  CREATE INDEX change_subjects_by_revision ON change_subjects (revision);
  CREATE TABLE requests (
    caller TEXT NOT NULL, method TEXT NOT NULL, request_id TEXT NOT NULL, digest TEXT NOT NULL,
    first_revision BIGINT NOT NULL, last_revision BIGINT NOT NULL, time_us BIGINT NOT NULL,
    PRIMARY KEY (caller, method, request_id));
  CREATE INDEX requests_by_time ON requests (time_us);
  CREATE TABLE marks (mark TEXT PRIMARY KEY, revision BIGINT NOT NULL);
  CREATE TABLE cursors (
    source TEXT PRIMARY KEY, log_id TEXT NOT NULL, revision BIGINT NOT NULL, hash BYTEA NOT NULL);
  CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until_us BIGINT NOT NULL);
)sql";

// Append-only; `number` is 1, 2, 3, … without a gap.
constexpr absl::string_view kCheckpointTable = R"sql(
  CREATE TABLE checkpoints (
    number BIGINT PRIMARY KEY, log_id TEXT NOT NULL, revision BIGINT NOT NULL, hash BYTEA NOT NULL,
    time_us BIGINT NOT NULL, key_id TEXT NOT NULL, signature BYTEA NOT NULL);
)sql";

// The tables of counts that there are, with what they count by. A binary that does not know of
// them would write rows and not count them.
constexpr absl::string_view kCountsTable = R"sql(
  CREATE TABLE schema_counts (table_name TEXT PRIMARY KEY, columns TEXT NOT NULL);
)sql";

constexpr absl::string_view kRegistry = R"sql(
  CREATE TABLE IF NOT EXISTS schema_migrations (
    version BIGINT PRIMARY KEY, digest TEXT NOT NULL, compatible_from BIGINT NOT NULL,
    time_us BIGINT NOT NULL);
  CREATE TABLE IF NOT EXISTS schema_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, PRIMARY KEY (table_name, column_name));
  CREATE TABLE IF NOT EXISTS schema_indexes (index_name TEXT PRIMARY KEY);
)sql";

struct Applied {
  std::string digest;
  int64_t compatible_from;
};

absl::StatusOr<std::map<int64_t, Applied>> ReadApplied(sql::Connection& connection) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      connection.Execute("SELECT version, digest, compatible_from FROM schema_migrations"));
  std::map<int64_t, Applied> applied;
  for (const sql::Row& row : result.rows) {
    ACCORD_ASSIGN_OR_RETURN(const int64_t version, sql::GetInt(row, 0));
    ACCORD_ASSIGN_OR_RETURN(std::string digest, sql::GetText(row, 1));
    ACCORD_ASSIGN_OR_RETURN(const int64_t compatible_from, sql::GetInt(row, 2));
    applied[version] = {std::move(digest), compatible_from};
  }
  return applied;
}

absl::Status CheckApplied(const std::map<int64_t, Applied>& applied,
                          const std::vector<Migration>& migrations) {
  const int newest = migrations.back().version;
  for (const auto& [version, found] : applied) {
    if (version > newest) {
      if (found.compatible_from <= newest) continue;
      return absl::FailedPreconditionError(
          absl::StrCat("the schema is at version ", version, ", which needs a binary of at least ",
                       found.compatible_from, "; this one knows ", newest));
    }
    if (found.digest != Hex(Sha256(migrations[version - 1].sql))) {
      return absl::FailedPreconditionError(
          absl::StrCat("migration ", version, " was edited after it was applied"));
    }
  }
  return absl::OkStatus();
}

absl::Status Migrate(sql::Connection& connection, const std::vector<Migration>& migrations,
                     int64_t now_us) {
  ACCORD_ASSIGN_OR_RETURN(const auto applied, ReadApplied(connection));
  ACCORD_RETURN_IF_ERROR(CheckApplied(applied, migrations));
  for (const Migration& migration : migrations) {
    if (applied.contains(migration.version)) continue;
    ACCORD_RETURN_IF_ERROR(connection.ExecuteScript(migration.sql));
    ACCORD_RETURN_IF_ERROR(connection
                               .Execute("INSERT INTO schema_migrations VALUES ($1, $2, $3, $4)",
                                        {int64_t{migration.version}, Hex(Sha256(migration.sql)),
                                         int64_t{migration.compatible_from}, now_us})
                               .status());
  }
  return absl::OkStatus();
}

absl::Status CreateHead(sql::Connection& connection, int64_t now_us) {
  return connection
      .Execute("INSERT INTO head VALUES (1, $1, 0, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
               {NewId(), sql::Bytes{GenesisHash()}, now_us, sql::Bytes{RandomBytes(32)}})
      .status();
}

absl::StatusOr<std::set<std::string>> ReadColumns(sql::Connection& connection,
                                                  const std::string& table) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      connection.Execute("SELECT column_name FROM schema_columns WHERE table_name = $1", {table}));
  std::set<std::string> columns;
  for (const sql::Row& row : result.rows) {
    ACCORD_ASSIGN_OR_RETURN(std::string column, sql::GetText(row, 0));
    columns.insert(std::move(column));
  }
  return columns;
}

// One batch of rows after `after`; returns the last name filled, "" at the end.
absl::StatusOr<std::string> FillBatch(sql::Connection& connection, const ResourceType& type,
                                      const std::vector<const Field*>& added,
                                      const std::string& after) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result batch,
      connection.Execute(absl::StrCat("SELECT name, message FROM ", type.table(),
                                      " WHERE name > $1 ORDER BY name LIMIT ", kFillBatch),
                         {after}));
  std::vector<std::vector<sql::Value>> rows;
  std::string last;
  for (const sql::Row& row : batch.rows) {
    ACCORD_ASSIGN_OR_RETURN(last, sql::GetText(row, 0));
    ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(row, 1));
    const auto message = type.NewMessage();
    if (!message->ParseFromString(bytes)) {
      return absl::DataLossError(absl::StrCat(last, " does not parse"));
    }
    std::vector<sql::Value> values = {last};
    for (const Field* field : added) values.push_back(ExtractField(*message, *field));
    rows.push_back(std::move(values));
  }
  if (rows.empty()) return std::string();
  const std::string sets =
      absl::StrJoin(added, ", ", [n = 2](std::string* out, const Field* field) mutable {
        absl::StrAppend(out, field->column, " = $", n++);
      });
  ACCORD_RETURN_IF_ERROR(connection.ExecuteMany(
      absl::StrCat("UPDATE ", type.table(), " SET ", sets, " WHERE name = $1"), rows));
  return last;
}

// The names of the declared indexes, each with its columns.
std::map<std::string, std::string> DeclaredIndexes(const ResourceType& type) {
  std::map<std::string, std::string> declared;
  for (const std::string& paths : type.spec().indexed) {
    std::vector<std::string> columns;
    for (absl::string_view path : absl::StrSplit(paths, ',')) {
      columns.push_back(type.fields().Find(path)->column);
    }
    // Names are cut to 63 characters by PostgreSQL: of many columns only a digest fits.
    const std::string what =
        columns.size() == 1
            ? columns.front()
            : absl::StrCat("over_", Hex(Sha256(absl::StrJoin(columns, ","))).substr(0, 12));
    declared[absl::StrCat(type.table(), "_", what)] = absl::StrJoin(columns, ", ");
  }
  return declared;
}

// Those that this or another release made.
absl::StatusOr<std::set<std::string>> KnownIndexes(sql::Connection& connection,
                                                   const std::string& table) {
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          connection.Execute("SELECT index_name FROM schema_indexes"));
  std::set<std::string> known;
  for (const sql::Row& row : result.rows) {
    ACCORD_ASSIGN_OR_RETURN(std::string name, sql::GetText(row, 0));
    const bool is_of_table = absl::StartsWith(name, absl::StrCat(table, "_f_")) ||
                             absl::StartsWith(name, absl::StrCat(table, "_over_"));
    if (is_of_table) known.insert(std::move(name));
  }
  return known;
}

// Touches only what differs: even CREATE INDEX IF NOT EXISTS first waits for all writers of the
// table, and two tables of a replica that starts under writes are a deadlock. What is no longer
// declared would cost every write and help nobody.
absl::Status PrepareIndexes(sql::Connection& connection, const ResourceType& type) {
  const std::map<std::string, std::string> declared = DeclaredIndexes(type);
  ACCORD_ASSIGN_OR_RETURN(const std::set<std::string> known,
                          KnownIndexes(connection, type.table()));
  for (const std::string& name : known) {
    if (declared.contains(name)) continue;
    ACCORD_RETURN_IF_ERROR(connection.ExecuteScript(absl::StrCat("DROP INDEX IF EXISTS ", name)));
    ACCORD_RETURN_IF_ERROR(
        connection.Execute("DELETE FROM schema_indexes WHERE index_name = $1", {name}).status());
  }
  for (const auto& [name, columns] : declared) {
    if (known.contains(name)) continue;
    ACCORD_RETURN_IF_ERROR(connection.ExecuteScript(absl::StrCat(
        "CREATE INDEX IF NOT EXISTS ", name, " ON ", type.table(), " (", columns, ", name)")));
    ACCORD_RETURN_IF_ERROR(
        connection.Execute("INSERT INTO schema_indexes VALUES ($1)", {name}).status());
  }
  return absl::OkStatus();
}

absl::Status PrepareTable(sql::Connection& connection, const ResourceType& type) {
  const std::string& table = type.table();
  ACCORD_RETURN_IF_ERROR(connection.ExecuteScript(
      absl::StrCat("CREATE TABLE IF NOT EXISTS ", table,
                   " (name TEXT PRIMARY KEY, revision BIGINT NOT NULL, message BYTEA NOT NULL)")));
  ACCORD_ASSIGN_OR_RETURN(const std::set<std::string> known, ReadColumns(connection, table));
  std::vector<const Field*> added;
  for (const Field& field : type.fields().all()) {
    if (field.path == "name" || known.contains(field.column)) continue;
    added.push_back(&field);
    ACCORD_RETURN_IF_ERROR(connection.ExecuteScript(absl::StrCat(
        "ALTER TABLE ", table, " ADD COLUMN ", field.column, " ", Fields::ColumnType(field.kind))));
    ACCORD_RETURN_IF_ERROR(
        connection.Execute("INSERT INTO schema_columns VALUES ($1, $2)", {table, field.column})
            .status());
  }
  if (!added.empty()) {
    std::string last;
    do {
      ACCORD_ASSIGN_OR_RETURN(last, FillBatch(connection, type, added, last));
    } while (!last.empty());
  }
  return PrepareIndexes(connection, type);
}

using CountsByTable = std::map<std::string, std::string>;  // To their columns.

absl::StatusOr<CountsByTable> ReadCounts(sql::Connection& connection) {
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          connection.Execute("SELECT table_name, columns FROM schema_counts"));
  CountsByTable counts;
  for (const sql::Row& row : result.rows) {
    ACCORD_ASSIGN_OR_RETURN(std::string table, sql::GetText(row, 0));
    ACCORD_ASSIGN_OR_RETURN(counts[std::move(table)], sql::GetText(row, 1));
  }
  return counts;
}

CountsByTable DeclaredCounts(const ResourceTypes& types) {
  CountsByTable declared;
  for (const auto& type : types.all()) {
    for (const Counts& counts : type->counts()) declared[counts.table()] = counts.ColumnList();
  }
  return declared;
}

// Nothing is written between the filling of counts and the commit. Whoever writes has this row
// before any other, so it is taken before a table is changed.
absl::Status HoldWriters(sql::Connection& connection) {
  return connection.Execute("UPDATE head SET time_us = time_us WHERE id = 1").status();
}

bool IsAmong(const CountsByTable& all, const std::string& table, const std::string& columns) {
  const auto found = all.find(table);
  return found != all.end() && found->second == columns;
}

// What is no longer declared, or otherwise, is dropped: nobody keeps it right.
absl::Status DropCounts(sql::Connection& connection, const CountsByTable& known,
                        const CountsByTable& declared) {
  for (const auto& [table, columns] : known) {
    if (IsAmong(declared, table, columns)) continue;
    ACCORD_RETURN_IF_ERROR(connection.ExecuteScript(absl::StrCat("DROP TABLE ", table)));
    ACCORD_RETURN_IF_ERROR(
        connection.Execute("DELETE FROM schema_counts WHERE table_name = $1", {table}).status());
  }
  return absl::OkStatus();
}

// Makes and fills those of the type that were not there before, or were dropped.
absl::Status MakeCounts(sql::Connection& connection, const ResourceType& type,
                        const CountsByTable& known) {
  for (const Counts& counts : type.counts()) {
    if (IsAmong(known, counts.table(), counts.ColumnList())) continue;
    ACCORD_RETURN_IF_ERROR(counts.Create(connection));
    ACCORD_RETURN_IF_ERROR(counts.Rebuild(connection));
    ACCORD_RETURN_IF_ERROR(connection
                               .Execute("INSERT INTO schema_counts VALUES ($1, $2)",
                                        {counts.table(), counts.ColumnList()})
                               .status());
  }
  return absl::OkStatus();
}

absl::Status PrepareInTransaction(sql::Connection& connection,
                                  const std::vector<Migration>& migrations,
                                  const ResourceTypes& types, int64_t now_us) {
  ACCORD_RETURN_IF_ERROR(connection.LockSchema());
  ACCORD_RETURN_IF_ERROR(connection.ExecuteScript(kRegistry));
  ACCORD_RETURN_IF_ERROR(Migrate(connection, migrations, now_us));
  ACCORD_RETURN_IF_ERROR(CreateHead(connection, now_us));
  ACCORD_ASSIGN_OR_RETURN(const CountsByTable known, ReadCounts(connection));
  const CountsByTable declared = DeclaredCounts(types);
  if (known != declared) ACCORD_RETURN_IF_ERROR(HoldWriters(connection));
  ACCORD_RETURN_IF_ERROR(DropCounts(connection, known, declared));
  for (const auto& type : types.all()) {
    ACCORD_RETURN_IF_ERROR(PrepareTable(connection, *type));
    ACCORD_RETURN_IF_ERROR(MakeCounts(connection, *type, known));
  }
  return connection.Commit();
}

}  // namespace

const std::vector<Migration>& LogMigrations() {
  static const auto& migrations = *new std::vector<Migration>{
      {.version = 1, .sql = std::string(kLogTables), .compatible_from = 1},
      {.version = 2, .sql = std::string(kCheckpointTable), .compatible_from = 1},
      {.version = 3, .sql = std::string(kCountsTable), .compatible_from = 3},
  };
  return migrations;
}

absl::Status PrepareSchema(sql::Connection& connection, const std::vector<Migration>& migrations,
                           const ResourceTypes& types, const Clock& clock) {
  ACCORD_RETURN_IF_ERROR(connection.BeginWrite(sql::WriteLimits::Schema()));
  const absl::Status status =
      PrepareInTransaction(connection, migrations, types, absl::ToUnixMicros(clock.Now()));
  if (!status.ok()) connection.Rollback();
  return status;
}

}  // namespace accord::store
