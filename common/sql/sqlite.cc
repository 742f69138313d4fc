#include "common/sql/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/sql/statement_cache.h"

namespace accord::sql {
namespace {

// The virtual machine steps between two looks at the deadline.
constexpr int kStepsPerDeadlineCheck = 10'000;
constexpr std::chrono::milliseconds kLongestBusyNap{10};

// synchronous=FULL makes a commit survive a power cut in WAL mode; secure_delete overwrites
// what is deleted, so that what was erased is not found in the file.
constexpr const char* kSessionSettings = R"sql(
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA secure_delete = ON;
)sql";

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using DatabasePtr = std::unique_ptr<sqlite3, CloseDatabase>;
using StatementPtr = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

bool SqliteEndsSession(int extended) {
  const int primary = extended & 0xff;
  return primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ||
         primary == SQLITE_CANTOPEN;
}

absl::StatusCode SqliteCode(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return absl::StatusCode::kAlreadyExists;
    default:
      break;
  }
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT:
      return absl::StatusCode::kFailedPrecondition;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::StatusCode::kAborted;
    case SQLITE_INTERRUPT:
      return absl::StatusCode::kDeadlineExceeded;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

// The one place where a SQLite result becomes a status.
absl::Status SqliteStatus(int extended, absl::string_view message, absl::string_view context) {
  const std::string text = absl::StrCat("sqlite ", extended, ": ", message, " in: ", context);
  if (SqliteEndsSession(extended)) return ConnectionLoss(SqliteCode(extended), text);
  return absl::Status(SqliteCode(extended), text);
}

int BindValue(sqlite3_stmt* statement, int index, const Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return sqlite3_bind_double(statement, index, *real);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  }
  if (const auto* bytes = std::get_if<Bytes>(&value)) {
    return sqlite3_bind_blob64(statement, index, bytes->data.data(), bytes->data.size(),
                               SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, index);
}

Value ColumnValue(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(data, sqlite3_column_bytes(statement, column));
    }
    case SQLITE_BLOB: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const int size = sqlite3_column_bytes(statement, column);
      return Bytes{size == 0 ? std::string() : std::string(data, size)};
    }
    default:
      return std::monostate();
  }
}

Row ReadRow(sqlite3_stmt* statement) {
  const int columns = sqlite3_column_count(statement);
  Row row;
  row.reserve(columns);
  for (int i = 0; i < columns; ++i) row.push_back(ColumnValue(statement, i));
  return row;
}

// Leaves a cached statement ready for its next use: a half-read one would hold
// its snapshot open, and bindings point into the caller's parameters.
class StatementUse {
 public:
  explicit StatementUse(sqlite3_stmt* statement) : statement_(statement) {}
  StatementUse(const StatementUse&) = delete;
  StatementUse& operator=(const StatementUse&) = delete;
  ~StatementUse() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(DatabasePtr db, Access access, const Options& options)
      : db_(std::move(db)),
        access_(access),
        options_(options),
        call_timeout_(options.call_timeout),
        busy_timeout_(options.busy_timeout),
        statements_(options.cached_statements) {
    sqlite3_busy_handler(db_.get(), &SqliteConnection::OnBusy, this);
    sqlite3_progress_handler(db_.get(), kStepsPerDeadlineCheck, &SqliteConnection::OnProgress,
                             this);
  }

  absl::Status Configure() {
    ACCORD_RETURN_IF_ERROR(UseWriteAheadLog());
    ACCORD_RETURN_IF_ERROR(RunText(kSessionSettings));
    return access_ == Access::kRead ? RunText("PRAGMA query_only = ON") : absl::OkStatus();
  }

  // There is one plan for all values in any case.
  absl::StatusOr<Result> Execute(absl::string_view sql, std::vector<Value> params,
                                 absl::Time deadline, Plan) override {
    SetDeadline(deadline);
    return Remember(RunToResult(sql, params));
  }

  absl::Status ExecuteMany(absl::string_view sql,
                           const std::vector<std::vector<Value>>& rows) override {
    SetDeadline(absl::InfiniteFuture());
    return Atomically([&]() -> absl::Status {
      for (const std::vector<Value>& row : rows) {
        SetDeadline(absl::InfiniteFuture());
        ACCORD_RETURN_IF_ERROR(Run(sql, row, [](Row&) { return absl::OkStatus(); }));
      }
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::vector<Result>> ExecuteAll(std::vector<Statement> statements) override {
    SetDeadline(absl::InfiniteFuture());
    std::vector<Result> results;
    ACCORD_RETURN_IF_ERROR(Atomically([&]() -> absl::Status {
      for (const Statement& statement : statements) {
        SetDeadline(absl::InfiniteFuture());
        ACCORD_ASSIGN_OR_RETURN(Result result, RunToResult(statement.sql, statement.params));
        results.push_back(std::move(result));
      }
      return absl::OkStatus();
    }));
    return results;
  }

  absl::Status ExecuteScript(absl::string_view sql) override {
    SetDeadline(absl::InfiniteFuture());
    return Atomically([&] { return RunText(std::string(sql)); });
  }

  absl::Status ForEach(absl::string_view sql, std::vector<Value> params, const RowFunction& fn,
                       Plan) override {
    SetDeadline(absl::InfiniteFuture());
    return Remember(Run(sql, params, [&](Row& row) -> absl::Status {
      absl::Status status = fn(row);
      SetDeadline(absl::InfiniteFuture());
      return status;
    }));
  }

  absl::Status BeginRead() override {
    SetDeadline(absl::InfiniteFuture());
    ACCORD_RETURN_IF_ERROR(Begin("BEGIN DEFERRED"));
    // BEGIN alone takes no snapshot; the first read does.
    absl::StatusOr<Result> first = RunToResult("SELECT 1 FROM sqlite_schema LIMIT 1", {});
    if (!first.ok()) Rollback();
    return first.status();
  }

  absl::Status BeginWrite(const WriteLimits& limits) override {
    if (access_ == Access::kRead) return absl::InternalError("BeginWrite on a read connection");
    call_timeout_ = std::max(options_.call_timeout, limits.statement);
    busy_timeout_ = limits.lock;
    SetDeadline(absl::InfiniteFuture());
    absl::Status begun = Begin("BEGIN IMMEDIATE");
    if (!begun.ok() && !InTransaction()) EndTransaction();
    return begun;
  }

  absl::Status Commit() override {
    SetDeadline(absl::InfiniteFuture());
    if (failed_) {
      Rollback();
      return absl::AbortedError("the transaction had failed and was rolled back");
    }
    if (!InTransaction()) return absl::InternalError("Commit outside a transaction");
    absl::Status committed = RunText("COMMIT");
    if (!committed.ok()) Rollback();
    EndTransaction();
    return committed;
  }

  void Rollback() override {
    // Some errors (disk full, interrupt) have rolled back already.
    if (InTransaction()) {
      SetDeadline(absl::InfiniteFuture());
      if (!RunText("ROLLBACK").ok()) broken_ = true;
    }
    EndTransaction();
  }

  // BEGIN IMMEDIATE already excludes every other writer.
  absl::Status LockSchema() override {
    return InTransaction() ? absl::OkStatus() : absl::InternalError("not in a transaction");
  }

  bool broken() const override { return broken_; }
  Dialect dialect() const override { return Dialect::kSqlite; }

 private:
  bool InTransaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

  void SetDeadline(absl::Time deadline) {
    deadline_ = deadline == absl::InfiniteFuture() ? absl::Now() + call_timeout_ : deadline;
  }

  void EndTransaction() {
    failed_ = false;
    call_timeout_ = options_.call_timeout;
    busy_timeout_ = options_.busy_timeout;
  }

  absl::Status Begin(const char* sql) {
    if (InTransaction()) return absl::InternalError("a transaction is already open");
    return RunText(sql);
  }

  // After an error PostgreSQL accepts nothing in the transaction but its end; so do we.
  absl::Status Remember(absl::Status status) {
    if (!status.ok() && InTransaction()) failed_ = true;
    return status;
  }
  absl::StatusOr<Result> Remember(absl::StatusOr<Result> result) {
    Remember(result.status()).IgnoreError();
    return result;
  }

  // Runs `work` in the open transaction, or in one of its own.
  absl::Status Atomically(const std::function<absl::Status()>& work) {
    if (failed_) return FailedTransaction();
    if (InTransaction()) return Remember(work());
    ACCORD_RETURN_IF_ERROR(Begin(access_ == Access::kRead ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE"));
    absl::Status done = work();
    if (done.ok()) return Commit();
    Rollback();
    return done;
  }

  absl::Status FailedTransaction() const {
    return absl::InternalError("the transaction has failed: only Rollback is possible");
  }

  absl::Status Failure(absl::string_view context) {
    const int code = sqlite3_extended_errcode(db_.get());
    if (SqliteEndsSession(code)) broken_ = true;
    return SqliteStatus(code, sqlite3_errmsg(db_.get()), context);
  }

  absl::Status RunText(const std::string& sql) {
    if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) {
      return absl::OkStatus();
    }
    return Failure(sql);
  }

  absl::StatusOr<sqlite3_stmt*> Prepare(absl::string_view sql) {
    const std::string key(sql);
    if (StatementPtr* found = statements_.Find(key)) return found->get();
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(db_.get(), key.c_str(), static_cast<int>(key.size() + 1),
                                        SQLITE_PREPARE_PERSISTENT, &raw, &rest);
    StatementPtr statement(raw);
    if (code != SQLITE_OK) return Failure(sql);
    if (raw == nullptr || !absl::StripAsciiWhitespace(rest).empty()) {
      return absl::InternalError(absl::StrCat("not exactly one statement: ", sql));
    }
    statements_.Put(key, std::move(statement));
    return raw;
  }

  absl::Status Bind(sqlite3_stmt* statement, const std::vector<Value>& params) {
    const size_t wanted = sqlite3_bind_parameter_count(statement);
    if (wanted != params.size()) {
      return absl::InvalidArgumentError(absl::StrCat("the statement takes ", wanted,
                                                     " parameters, not ", params.size(), ": ",
                                                     sqlite3_sql(statement)));
    }
    for (size_t i = 0; i < params.size(); ++i) {
      // SQLite numbers $2 as 1 when it stands first, so the name decides.
      const std::string name = absl::StrCat("$", i + 1);
      const int index = sqlite3_bind_parameter_index(statement, name.c_str());
      if (index == 0) return absl::InvalidArgumentError(absl::StrCat(name, " is not in the SQL"));
      if (BindValue(statement, index, params[i]) != SQLITE_OK) return Failure(name);
    }
    return absl::OkStatus();
  }

  absl::Status Run(absl::string_view sql, const std::vector<Value>& params, const RowFunction& fn) {
    if (failed_) return FailedTransaction();
    ACCORD_RETURN_IF_ERROR(CheckParams(params));
    ACCORD_ASSIGN_OR_RETURN(sqlite3_stmt * statement, Prepare(sql));
    StatementUse use(statement);
    ACCORD_RETURN_IF_ERROR(Bind(statement, params));
    int code = sqlite3_step(statement);
    while (code == SQLITE_ROW) {
      Row row = ReadRow(statement);
      ACCORD_RETURN_IF_ERROR(fn(row));
      code = sqlite3_step(statement);
    }
    return code == SQLITE_DONE ? absl::OkStatus() : Failure(sql);
  }

  absl::StatusOr<Result> RunToResult(absl::string_view sql, const std::vector<Value>& params) {
    Result result;
    const int64_t before = sqlite3_total_changes64(db_.get());
    ACCORD_RETURN_IF_ERROR(Run(sql, params, [&](Row& row) {
      result.rows.push_back(std::move(row));
      return absl::OkStatus();
    }));
    // changes() keeps its old value when a statement changes nothing.
    const bool changed = sqlite3_total_changes64(db_.get()) != before;
    result.affected = changed ? sqlite3_changes64(db_.get()) : 0;
    return result;
  }

  // Of connections that are a new file's first at one time each may hold what another waits for:
  // SQLite then refuses one without asking OnBusy.
  absl::Status UseWriteAheadLog() {
    const absl::Time until = absl::Now() + options_.busy_timeout;
    for (;;) {
      absl::Status status = RunText("PRAGMA journal_mode = WAL");
      if (!absl::IsAborted(status) || absl::Now() >= until) return status;
      std::this_thread::sleep_for(kLongestBusyNap);
    }
  }

  // Called while another connection holds the lock; 0 gives up (SQLITE_BUSY).
  static int OnBusy(void* self, int calls) {
    auto* connection = static_cast<SqliteConnection*>(self);
    const absl::Time now = absl::Now();
    if (calls == 0) connection->busy_until_ = now + connection->busy_timeout_;
    if (now >= std::min(connection->busy_until_, connection->deadline_)) return 0;
    std::this_thread::sleep_for(std::min(std::chrono::milliseconds(1 + calls), kLongestBusyNap));
    return 1;
  }

  // Non-zero interrupts the statement (SQLITE_INTERRUPT).
  static int OnProgress(void* self) {
    return absl::Now() >= static_cast<SqliteConnection*>(self)->deadline_ ? 1 : 0;
  }

  DatabasePtr db_;
  const Access access_;
  const Options options_;
  absl::Duration call_timeout_;
  absl::Duration busy_timeout_;
  absl::Time deadline_ = absl::InfiniteFuture();
  absl::Time busy_until_ = absl::InfinitePast();
  bool failed_ = false;
  bool broken_ = false;
  StatementCache<StatementPtr> statements_;  // Dies before db_.
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(absl::string_view path, const Options& options) : path_(path), options_(options) {}

  absl::StatusOr<std::unique_ptr<Connection>> Connect(Access access, absl::Time) override {
    sqlite3* raw = nullptr;
    // Each connection is used by one thread at a time, so SQLite need not lock it.
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path_.c_str(), &raw, flags, nullptr);
    DatabasePtr db(raw);
    if (code != SQLITE_OK) return SqliteStatus(code, sqlite3_errstr(code), path_);
    auto connection = std::make_unique<SqliteConnection>(std::move(db), access, options_);
    ACCORD_RETURN_IF_ERROR(connection->Configure());
    return connection;
  }

  Dialect dialect() const override { return Dialect::kSqlite; }

 private:
  const std::string path_;
  const Options options_;
};

absl::Status MakeParentFolder(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  std::error_code error;
  if (folder.empty() || std::filesystem::exists(folder, error)) return absl::OkStatus();
  std::filesystem::create_directories(folder, error);
  if (!error) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot create ", folder.string(), ": ", error.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(absl::string_view path,
                                                     const Options& options) {
  if (path.empty()) return absl::InvalidArgumentError("sqlite: needs a path");
  ACCORD_RETURN_IF_ERROR(MakeParentFolder(std::string(path)));
  auto database = std::make_unique<SqliteDatabase>(path, options);
  // Turns the file into WAL mode once, and shows at start whether it can be used.
  ACCORD_RETURN_IF_ERROR(database->Connect(Access::kWrite, absl::InfiniteFuture()).status());
  return database;
}

}  // namespace accord::sql
