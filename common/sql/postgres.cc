#include "common/sql/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/sql/postgres_values.h"
#include "common/sql/statement_cache.h"

namespace accord::sql {
namespace {

// The advisory lock that all sessions changing the schema take.
constexpr absl::string_view kLockSchema = "SELECT pg_advisory_xact_lock(4702111234474983745)";

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ConnectionPtr = std::unique_ptr<PGconn, FinishConnection>;
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;
using Settings = std::map<std::string, std::string>;

absl::StatusCode CodeOf(absl::string_view sqlstate) {
  if (sqlstate == "23505" || sqlstate == "23P01") return absl::StatusCode::kAlreadyExists;
  if (absl::StartsWith(sqlstate, "23")) return absl::StatusCode::kFailedPrecondition;
  // Serialization and deadlock (40), lock timeout (55P03).
  if (absl::StartsWith(sqlstate, "40") || sqlstate == "55P03") return absl::StatusCode::kAborted;
  // A plan made before a schema change, or a statement that a proxy has dropped.
  if (sqlstate == "0A000" || sqlstate == "26000") return absl::StatusCode::kAborted;
  if (sqlstate == "57014") return absl::StatusCode::kDeadlineExceeded;
  if (sqlstate == "XX001" || sqlstate == "XX002") return absl::StatusCode::kDataLoss;
  // Too few parameters; text that is not UTF-8.
  if (sqlstate == "08P01" || sqlstate == "22021") return absl::StatusCode::kInvalidArgument;
  // Connection (08), resources (53), operator (57P), system (58), idle in transaction (25P03).
  for (absl::string_view prefix : {"08", "53", "57P", "58", "25P03"}) {
    if (absl::StartsWith(sqlstate, prefix)) return absl::StatusCode::kUnavailable;
  }
  return absl::StatusCode::kInternal;
}

absl::string_view ErrorField(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

// A FATAL or PANIC error ends the session; one without a code is libpq's own.
bool EndsSession(const PGresult* result) {
  const absl::string_view severity = ErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC" || ErrorField(result, PG_DIAG_SQLSTATE).empty();
}

// The one place where a PostgreSQL error becomes a status.
absl::Status ToStatus(const PGresult* result) {
  const absl::string_view sqlstate = ErrorField(result, PG_DIAG_SQLSTATE);
  const std::string text = absl::StrCat("postgres ", sqlstate, ": ", PQresultErrorMessage(result));
  if (!EndsSession(result)) return absl::Status(CodeOf(sqlstate), text);
  return ConnectionLoss(absl::StatusCode::kUnavailable, text);
}

// Waits for the socket. False when the deadline passed.
absl::StatusOr<bool> WaitFor(int socket, short events, absl::Time deadline) {
  pollfd waited{socket, events, 0};
  while (true) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    const int64_t ms = absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1)));
    const int ready = poll(&waited, 1, static_cast<int>(std::min<int64_t>(ms, 3'600'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return absl::UnavailableError(std::strerror(errno));
  }
}

std::string Milliseconds(absl::Duration duration) {
  return absl::StrCat("'", absl::ToInt64Milliseconds(duration), "ms'");
}

// What an answer on the wire belongs to.
struct Pending {
  bool is_preparation = false;
  std::string cache_key;    // Of a preparation.
  bool for_caller = false;  // Its rows go to the caller.
};

class PostgresConnection final : public Connection {
 public:
  // Receives each result with rows or a count.
  using ResultFunction = std::function<absl::Status(const PGresult*)>;

  PostgresConnection(ConnectionPtr connection, Access access, const Options& options)
      : connection_(std::move(connection)),
        access_(access),
        options_(options),
        call_timeout_(options.call_timeout),
        prepared_(options.cached_statements) {}

  absl::StatusOr<Result> Execute(absl::string_view sql, std::vector<Value> params,
                                 absl::Time deadline, Plan plan) override {
    Result result;
    ACCORD_RETURN_IF_ERROR(CheckParams(params));
    ACCORD_RETURN_IF_ERROR(QueueBy(plan, sql, params));
    ACCORD_RETURN_IF_ERROR(
        Finish(deadline, [&](const PGresult* answer) { return AppendTo(result, answer); }));
    return result;
  }

  absl::Status ExecuteMany(absl::string_view sql,
                           const std::vector<std::vector<Value>>& rows) override {
    ACCORD_ASSIGN_OR_RETURN(const std::vector<Oid> types, CommonTypes(rows));
    for (const std::vector<Value>& row : rows) ACCORD_RETURN_IF_ERROR(Queue(sql, row, types));
    return Finish(absl::InfiniteFuture(), [](const PGresult*) { return absl::OkStatus(); });
  }

  absl::StatusOr<std::vector<Result>> ExecuteAll(std::vector<Statement> statements) override {
    for (const Statement& statement : statements) {
      ACCORD_RETURN_IF_ERROR(CheckParams(statement.params));
    }
    for (const Statement& statement : statements) {
      ACCORD_RETURN_IF_ERROR(Queue(statement.sql, statement.params, Types(statement.params)));
    }
    std::vector<Result> results;
    ACCORD_RETURN_IF_ERROR(Finish(absl::InfiniteFuture(), [&](const PGresult* answer) {
      return AppendTo(results.emplace_back(), answer);
    }));
    return results;
  }

  absl::Status ExecuteScript(absl::string_view sql) override {
    ACCORD_RETURN_IF_ERROR(CheckAlive());
    // Plans made before a schema change may no longer fit.
    prepared_.Clear();
    stale_.clear();
    const std::string script = absl::StrCat("DEALLOCATE ALL;", sql);
    // A script is a simple query, which pipeline mode does not allow.
    if (!PQexitPipelineMode(Raw()) || !PQsendQuery(Raw(), script.c_str())) {
      return Lose(absl::StatusCode::kUnavailable, PQerrorMessage(Raw()));
    }
    ACCORD_RETURN_IF_ERROR(DrainScript(DeadlineFor(absl::InfiniteFuture())));
    if (!PQenterPipelineMode(Raw())) {
      return Lose(absl::StatusCode::kUnavailable, PQerrorMessage(Raw()));
    }
    return std::exchange(script_status_, absl::OkStatus());
  }

  absl::Status ForEach(absl::string_view sql, std::vector<Value> params, const RowFunction& fn,
                       Plan plan) override {
    ACCORD_RETURN_IF_ERROR(CheckParams(params));
    ACCORD_RETURN_IF_ERROR(QueueBy(plan, sql, params));
    streaming_ = true;
    absl::Status status = Finish(absl::InfiniteFuture(),
                                 [&](const PGresult* answer) { return GiveRows(answer, fn); });
    streaming_ = false;
    return status;
  }

  absl::Status BeginRead() override {
    // BEGIN alone takes no snapshot; the first query does.
    return Begin({"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT 1"});
  }

  absl::Status BeginWrite(const WriteLimits& limits) override {
    if (access_ == Access::kRead) return absl::InternalError("BeginWrite on a read connection");
    // The server gives up first; the connection is lost only when it does not answer at all.
    call_timeout_ = std::max(options_.call_timeout, limits.statement + absl::Seconds(1));
    absl::Status begun = Begin({
        "BEGIN ISOLATION LEVEL READ COMMITTED",
        absl::StrCat("SET LOCAL lock_timeout = ", Milliseconds(limits.lock)),
        absl::StrCat("SET LOCAL statement_timeout = ", Milliseconds(limits.statement)),
        absl::StrCat("SET LOCAL idle_in_transaction_session_timeout = ", Milliseconds(limits.idle)),
    });
    if (!begun.ok()) call_timeout_ = options_.call_timeout;
    return begun;
  }

  absl::Status Commit() override {
    ACCORD_RETURN_IF_ERROR(CheckAlive());
    // COMMIT of a failed transaction rolls back and reports success.
    if (PQtransactionStatus(Raw()) == PQTRANS_INERROR) {
      Rollback();
      return absl::AbortedError("the transaction had failed and was rolled back");
    }
    if (!InTransaction()) return absl::InternalError("Commit outside a transaction");
    absl::Status committed = RunPlain({"COMMIT"});
    call_timeout_ = options_.call_timeout;
    return committed;
  }

  void Rollback() override {
    if (InTransaction() && !RunPlain({"ROLLBACK"}).ok()) {
      Lose(absl::StatusCode::kUnavailable, "cannot roll back").IgnoreError();
    }
    call_timeout_ = options_.call_timeout;
  }

  absl::Status LockSchema() override {
    if (!InTransaction()) return absl::InternalError("not in a transaction");
    return RunPlain({std::string(kLockSchema)});
  }

  bool broken() const override {
    if (connection_ == nullptr) return true;
    // The server hangs up on a session that it ends.
    pollfd socket{PQsocket(connection_.get()), POLLRDHUP, 0};
    return poll(&socket, 1, 0) > 0;
  }

  Dialect dialect() const override { return Dialect::kPostgres; }

 private:
  PGconn* Raw() const { return connection_.get(); }

  bool InTransaction() const {
    return connection_ != nullptr && PQtransactionStatus(Raw()) != PQTRANS_IDLE;
  }

  absl::Time DeadlineFor(absl::Time given) const {
    return given == absl::InfiniteFuture() ? absl::Now() + call_timeout_ : given;
  }

  absl::Status CheckAlive() const {
    if (connection_ != nullptr) return absl::OkStatus();
    return ConnectionLoss(absl::StatusCode::kUnavailable, "the connection was lost earlier");
  }

  // Gives the session up: its state is no longer known.
  absl::Status Lose(absl::StatusCode code, absl::string_view text) {
    absl::Status status = ConnectionLoss(code, text);
    connection_.reset();
    prepared_.Clear();
    pending_.clear();
    stale_.clear();
    call_timeout_ = options_.call_timeout;
    return status;
  }

  absl::Status Begin(const std::vector<std::string>& statements) {
    if (InTransaction()) return absl::InternalError("a transaction is already open");
    absl::Status begun = RunPlain(statements);
    if (!begun.ok()) Rollback();
    return begun;
  }

  // Runs our own statements, which are not worth preparing.
  absl::Status RunPlain(const std::vector<std::string>& statements) {
    for (const std::string& sql : statements) ACCORD_RETURN_IF_ERROR(QueuePlain(sql));
    return Finish(absl::InfiniteFuture(), [](const PGresult*) { return absl::OkStatus(); });
  }

  absl::Status QueuePlain(const std::string& sql) {
    ACCORD_RETURN_IF_ERROR(CheckAlive());
    return Sent(PQsendQueryParams(Raw(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1),
                Pending{});
  }

  absl::Status Sent(int sent, Pending pending) {
    if (!sent) return Lose(absl::StatusCode::kUnavailable, PQerrorMessage(Raw()));
    pending_.push_back(std::move(pending));
    return absl::OkStatus();
  }

  static std::vector<Oid> Types(const std::vector<Value>& params) {
    std::vector<Oid> types;
    types.reserve(params.size());
    for (const Value& param : params) types.push_back(TypeOf(param));
    return types;
  }

  // One type for each column, so that all rows share one prepared statement.
  static absl::StatusOr<std::vector<Oid>> CommonTypes(const std::vector<std::vector<Value>>& rows) {
    std::vector<Oid> common = rows.empty() ? std::vector<Oid>() : Types(rows.front());
    for (const std::vector<Value>& row : rows) {
      ACCORD_RETURN_IF_ERROR(CheckParams(row));
      if (row.size() != common.size()) return absl::InvalidArgumentError("rows differ in length");
      for (size_t i = 0; i < row.size(); ++i) {
        const Oid type = TypeOf(row[i]);
        if (common[i] == 0) common[i] = type;
        if (type != 0 && type != common[i]) {
          return absl::InvalidArgumentError(absl::StrCat("$", i + 1, " differs in type"));
        }
      }
    }
    return common;
  }

  // Puts one statement on the way, prepared first when it is new.
  absl::Status Queue(absl::string_view sql, const std::vector<Value>& params,
                     const std::vector<Oid>& types) {
    ACCORD_ASSIGN_OR_RETURN(const std::string name, PreparedName(sql, types));
    const WireParams wire(params);
    Pending pending;
    pending.for_caller = true;
    return Sent(PQsendQueryPrepared(Raw(), name.c_str(), wire.count(), wire.values(),
                                    wire.lengths(), wire.formats(), 1),
                std::move(pending));
  }

  absl::Status QueueBy(Plan plan, absl::string_view sql, const std::vector<Value>& params) {
    return plan == Plan::kKept ? Queue(sql, params, Types(params)) : QueueOnce(sql, params);
  }

  // Without preparing it, so that it is planned with its values.
  absl::Status QueueOnce(absl::string_view sql, const std::vector<Value>& params) {
    ACCORD_RETURN_IF_ERROR(CheckAlive());
    const WireParams wire(params);
    const std::vector<Oid> types = Types(params);
    Pending pending;
    pending.for_caller = true;
    return Sent(PQsendQueryParams(Raw(), std::string(sql).c_str(), wire.count(), types.data(),
                                  wire.values(), wire.lengths(), wire.formats(), 1),
                std::move(pending));
  }

  // A statement is prepared for the types of its parameters, so they are part of the key.
  absl::StatusOr<std::string> PreparedName(absl::string_view sql, const std::vector<Oid>& types) {
    ACCORD_RETURN_IF_ERROR(CheckAlive());
    std::string key;
    for (Oid type : types) absl::StrAppend(&key, type, ",");
    absl::StrAppend(&key, sql);
    if (const std::string* name = prepared_.Find(key)) return *name;
    ACCORD_RETURN_IF_ERROR(DropStale());
    std::string name = absl::StrCat("s", next_name_++);
    if (std::optional<std::string> evicted = prepared_.Put(key, name)) {
      stale_.push_back(*std::move(evicted));
    }
    ACCORD_RETURN_IF_ERROR(Sent(PQsendPrepare(Raw(), name.c_str(), std::string(sql).c_str(),
                                              static_cast<int>(types.size()), types.data()),
                                Pending{true, key, false}));
    return name;
  }

  // Frees what the cache has forgotten, in batches before the next round trip.
  absl::Status DropStale() {
    if (!pending_.empty()) return absl::OkStatus();  // It may be needed by what is under way.
    if (PQtransactionStatus(Raw()) == PQTRANS_INERROR) return absl::OkStatus();
    for (const std::string& name : std::exchange(stale_, {})) {
      ACCORD_RETURN_IF_ERROR(QueuePlain(absl::StrCat("DEALLOCATE ", name)));
    }
    return absl::OkStatus();
  }

  // Reads the answers to all that is queued. Returns the first error.
  absl::Status Finish(absl::Time deadline, const ResultFunction& fn) {
    ACCORD_RETURN_IF_ERROR(CheckAlive());
    if (pending_.empty()) return absl::OkStatus();
    if (!PQpipelineSync(Raw())) return Lose(absl::StatusCode::kUnavailable, PQerrorMessage(Raw()));
    deadline_ = DeadlineFor(deadline);
    each_answer_ = deadline == absl::InfiniteFuture();
    absl::Status first = absl::OkStatus();
    while (!pending_.empty()) {
      const Pending pending = std::move(pending_.front());
      pending_.pop_front();
      absl::Status status = FinishOne(pending, fn, first.ok());
      if (connection_ == nullptr) return status;
      first.Update(status);
    }
    ACCORD_ASSIGN_OR_RETURN(ResultPtr sync, NextResult());
    if (PQresultStatus(sync.get()) == PGRES_PIPELINE_SYNC) return first;
    return Lose(absl::StatusCode::kInternal, "the pipeline is out of step");
  }

  // Reads all results of one command; gives them to `fn` while `wanted` and nothing failed.
  absl::Status FinishOne(const Pending& pending, const ResultFunction& fn, bool wanted) {
    if (streaming_ && pending.for_caller && !PQsetSingleRowMode(Raw())) {
      return Lose(absl::StatusCode::kInternal, "cannot stream");
    }
    absl::Status first = absl::OkStatus();
    while (true) {
      ACCORD_ASSIGN_OR_RETURN(ResultPtr result, NextResult());
      if (result == nullptr) break;
      absl::Status status = Check(result.get());
      if (status.ok() && pending.for_caller && wanted && first.ok()) status = fn(result.get());
      first.Update(status);
      if (connection_ == nullptr) return first;
    }
    if (!first.ok() && pending.is_preparation) prepared_.Erase(pending.cache_key);
    return first;
  }

  absl::Status Check(const PGresult* result) {
    switch (PQresultStatus(result)) {
      case PGRES_COMMAND_OK:
      case PGRES_TUPLES_OK:
      case PGRES_SINGLE_TUPLE:
        return absl::OkStatus();
      case PGRES_PIPELINE_ABORTED:
        return absl::AbortedError("not run: an earlier statement failed");
      case PGRES_EMPTY_QUERY:
        return absl::InternalError("the SQL is empty");
      default:
        break;
    }
    const absl::Status status = ToStatus(result);
    if (EndsSession(result)) return Lose(status.code(), status.message());
    // Plans made before a schema change: the next call prepares anew.
    const absl::string_view sqlstate = ErrorField(result, PG_DIAG_SQLSTATE);
    if (sqlstate == "0A000" || sqlstate == "26000") prepared_.Clear();
    return status;
  }

  // The next result, null at the end of a command, without ever blocking past the deadline.
  absl::StatusOr<ResultPtr> NextResult() {
    if (each_answer_) deadline_ = DeadlineFor(absl::InfiniteFuture());
    while (true) {
      const int unsent = PQflush(Raw());
      if (unsent < 0) return Lose(absl::StatusCode::kUnavailable, PQerrorMessage(Raw()));
      if (!PQisBusy(Raw())) return ResultPtr(PQgetResult(Raw()));
      const short events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;
      ACCORD_ASSIGN_OR_RETURN(const bool ready, WaitFor(PQsocket(Raw()), events, deadline_));
      if (!ready) return Lose(absl::StatusCode::kDeadlineExceeded, "no answer in time");
      if (!PQconsumeInput(Raw())) {
        return Lose(absl::StatusCode::kUnavailable, PQerrorMessage(Raw()));
      }
    }
  }

  // Reads a script's results into script_status_; an error here means the session is lost.
  absl::Status DrainScript(absl::Time deadline) {
    deadline_ = deadline;
    script_status_ = absl::OkStatus();
    while (true) {
      ACCORD_ASSIGN_OR_RETURN(ResultPtr result, NextResult());
      if (result == nullptr) return absl::OkStatus();
      script_status_.Update(Check(result.get()));
      if (connection_ == nullptr) return script_status_;
    }
  }

  static absl::Status AppendTo(Result& out, const PGresult* answer) {
    const int rows = PQntuples(answer);
    out.rows.reserve(rows);
    for (int i = 0; i < rows; ++i) {
      ACCORD_ASSIGN_OR_RETURN(Row row, DecodeRow(answer, i));
      out.rows.push_back(std::move(row));
    }
    // PostgreSQL counts the rows of a query too.
    auto* counted = const_cast<PGresult*>(answer);
    const bool query = absl::StartsWith(PQcmdStatus(counted), "SELECT");
    if (!query && !absl::SimpleAtoi(PQcmdTuples(counted), &out.affected)) out.affected = 0;
    return absl::OkStatus();
  }

  static absl::Status GiveRows(const PGresult* answer, const RowFunction& fn) {
    for (int i = 0; i < PQntuples(answer); ++i) {
      ACCORD_ASSIGN_OR_RETURN(Row row, DecodeRow(answer, i));
      ACCORD_RETURN_IF_ERROR(fn(row));
    }
    return absl::OkStatus();
  }

  ConnectionPtr connection_;  // Null once the session is lost.
  const Access access_;
  const Options options_;
  absl::Duration call_timeout_;
  absl::Time deadline_ = absl::InfiniteFuture();
  bool streaming_ = false;
  bool each_answer_ = false;  // The call timeout bounds the wait for each answer.
  std::deque<Pending> pending_;
  StatementCache<std::string> prepared_;  // Key to server-side name.
  std::vector<std::string> stale_;        // Names to deallocate.
  int64_t next_name_ = 0;
  absl::Status script_status_;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(Settings settings, const Options& options)
      : settings_(std::move(settings)), options_(options) {}

  absl::StatusOr<std::unique_ptr<Connection>> Connect(Access access, absl::Time deadline) override {
    deadline = std::min(deadline, absl::Now() + options_.connect_timeout);
    ConnectionPtr connection = Start(access);
    ACCORD_RETURN_IF_ERROR(Finish(connection.get(), deadline));
    PQsetNoticeProcessor(
        connection.get(), [](void*, const char*) {}, nullptr);
    // The details of an error quote rows, which may say who a person is.
    PQsetErrorVerbosity(connection.get(), PQERRORS_TERSE);
    if (PQsetnonblocking(connection.get(), 1) != 0 || !PQenterPipelineMode(connection.get())) {
      return absl::UnavailableError(PQerrorMessage(connection.get()));
    }
    return std::make_unique<PostgresConnection>(std::move(connection), access, options_);
  }

  Dialect dialect() const override { return Dialect::kPostgres; }

 private:
  ConnectionPtr Start(Access access) const {
    Settings settings = settings_;
    // Lets the server drop the work of a client that has given up.
    std::string ours = " -c client_connection_check_interval=1000";
    if (access == Access::kRead) ours += " -c default_transaction_read_only=on";
    settings["options"] += ours;
    std::vector<const char*> keys;
    std::vector<const char*> values;
    for (const auto& [key, value] : settings) {
      keys.push_back(key.c_str());
      values.push_back(value.c_str());
    }
    keys.push_back(nullptr);
    values.push_back(nullptr);
    return ConnectionPtr(PQconnectStartParams(keys.data(), values.data(), 0));
  }

  static absl::Status Finish(PGconn* connection, absl::Time deadline) {
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (connection != nullptr && PQstatus(connection) != CONNECTION_BAD) {
      if (state == PGRES_POLLING_OK) return absl::OkStatus();
      if (state == PGRES_POLLING_FAILED) break;
      const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
      ACCORD_ASSIGN_OR_RETURN(const bool ready, WaitFor(PQsocket(connection), events, deadline));
      if (!ready) return absl::UnavailableError("postgres: cannot connect in time");
      state = PQconnectPoll(connection);
    }
    return absl::UnavailableError(absl::StrCat("postgres: ", PQerrorMessage(connection)));
  }

  const Settings settings_;
  const Options options_;
};

// The settings that the URL names, over our own.
absl::StatusOr<Settings> ParseUrl(absl::string_view url, const Options& options) {
  Settings settings = {
      {"application_name", "accord"},
      {"client_encoding", "UTF8"},
      {"tcp_user_timeout", absl::StrCat(absl::ToInt64Milliseconds(options.call_timeout))},
  };
  char* error = nullptr;
  PQconninfoOption* parsed = PQconninfoParse(std::string(url).c_str(), &error);
  PQfreemem(error);  // Not shown: it may quote a password.
  if (parsed == nullptr) return absl::InvalidArgumentError("the database URL cannot be parsed");
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) settings[option->keyword] = option->val;
  }
  PQconninfoFree(parsed);
  return settings;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(absl::string_view url,
                                                       const Options& options) {
  ACCORD_ASSIGN_OR_RETURN(Settings settings, ParseUrl(url, options));
  return std::make_unique<PostgresDatabase>(std::move(settings), options);
}

}  // namespace accord::sql
