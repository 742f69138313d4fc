#include "tests/bench/bulk_load.h"

#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/status.h"
#include "common/sql/sql.h"
#include "common/store/resource_writes.h"

namespace accord::bench {
namespace {

constexpr size_t kEnough = 256 * 1024;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

// In COPY's text format, where these four characters mean something.
void AppendText(const std::string& text, std::string& out) {
  if (text.find_first_of("\\\t\n\r") == std::string::npos) {
    out += text;
    return;
  }
  out += absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\t", "\\t"}, {"\n", "\\n"}, {"\r", "\\r"}});
}

void AppendBytes(const std::string& bytes, std::string& out) {
  absl::StrAppend(&out, "\\\\x", absl::BytesToHexString(bytes));
}

// No field of a resource is a real, octets or NULL.
void AppendValue(const sql::Value& value, std::string& out) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    absl::StrAppend(&out, *number);
  } else {
    AppendText(std::get<std::string>(value), out);
  }
}

}  // namespace

BulkLoad::BulkLoad(ConnectionPtr connection, const store::ResourceType& type)
    : connection_(std::move(connection)), type_(type) {}

absl::StatusOr<std::unique_ptr<BulkLoad>> BulkLoad::Begin(const std::string& url,
                                                          const store::ResourceType& type) {
  ConnectionPtr connection(PQconnectdb(url.c_str()));
  auto load = std::unique_ptr<BulkLoad>(new BulkLoad(std::move(connection), type));
  if (PQstatus(load->connection_.get()) != CONNECTION_OK) return load->Failed("connecting");
  ACCORD_RETURN_IF_ERROR(load->DropIndexes());
  // In the transaction that empties it, rows can be written as seen by all: nothing has to
  // visit them again.
  ACCORD_RETURN_IF_ERROR(load->Run(absl::StrCat("BEGIN; TRUNCATE ", type.table())));
  const std::string copy =
      absl::StrCat("COPY ", type.table(), " (", store::RowColumns(type), ") FROM STDIN (FREEZE)");
  const ResultPtr result(PQexec(load->connection_.get(), copy.c_str()));
  if (PQresultStatus(result.get()) != PGRES_COPY_IN) return load->Failed(copy);
  return load;
}

absl::Status BulkLoad::Add(const google::protobuf::Message& message) {
  AppendText(store::NameOf(message), buffer_);
  buffer_ += "\t0\t";
  AppendBytes(message.SerializeAsString(), buffer_);
  for (const store::Field& field : type_.fields().all()) {
    if (field.path == "name") continue;
    buffer_ += '\t';
    AppendValue(store::ExtractField(message, field), buffer_);
  }
  buffer_ += '\n';
  ++rows_;
  return buffer_.size() < kEnough ? absl::OkStatus() : Flush();
}

absl::Status BulkLoad::End() {
  ACCORD_RETURN_IF_ERROR(Flush());
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) return Failed("ending COPY");
  while (const ResultPtr result{PQgetResult(connection_.get())}) {
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return Failed("COPY");
  }
  ACCORD_RETURN_IF_ERROR(Run("COMMIT"));
  ACCORD_RETURN_IF_ERROR(Run("SET maintenance_work_mem = '512MB'"));
  for (const std::string& make : make_indexes_) ACCORD_RETURN_IF_ERROR(Run(make));
  return Run(absl::StrCat("VACUUM ANALYZE ", type_.table()));
}

absl::Status BulkLoad::Run(const std::string& sql) {
  const ResultPtr result(PQexec(connection_.get(), sql.c_str()));
  return PQresultStatus(result.get()) == PGRES_COMMAND_OK ? absl::OkStatus() : Failed(sql);
}

absl::Status BulkLoad::DropIndexes() {
  // Names of tables are kept in lower case.
  const std::string of_table = absl::StrCat(
      "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = lower('", type_.table(), "')");
  const ResultPtr indexes(PQexec(connection_.get(), of_table.c_str()));
  if (PQresultStatus(indexes.get()) != PGRES_TUPLES_OK) return Failed(of_table);
  for (int row = 0; row < PQntuples(indexes.get()); ++row) {
    const std::string name = PQgetvalue(indexes.get(), row, 0);
    make_indexes_.emplace_back(PQgetvalue(indexes.get(), row, 1));
    if (absl::EndsWith(name, "_pkey")) {
      ACCORD_RETURN_IF_ERROR(
          Run(absl::StrCat("ALTER TABLE ", type_.table(), " DROP CONSTRAINT ", name)));
      make_indexes_.push_back(absl::StrCat("ALTER TABLE ", type_.table(), " ADD CONSTRAINT ", name,
                                           " PRIMARY KEY USING INDEX ", name));
    } else {
      ACCORD_RETURN_IF_ERROR(Run(absl::StrCat("DROP INDEX ", name)));
    }
  }
  return absl::OkStatus();
}

absl::Status BulkLoad::Flush() {
  const int sent =
      PQputCopyData(connection_.get(), buffer_.data(), static_cast<int>(buffer_.size()));
  buffer_.clear();
  return sent == 1 ? absl::OkStatus() : Failed("COPY");
}

absl::Status BulkLoad::Failed(absl::string_view what) const {
  return absl::UnavailableError(absl::StrCat(what, ": ", PQerrorMessage(connection_.get())));
}

}  // namespace accord::bench
