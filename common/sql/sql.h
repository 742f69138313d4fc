// One small face for SQLite and PostgreSQL: SQL text with $1 placeholders in,
// rows of plain values out. No mapping of objects, no SQL building.
//
// Portable types are BIGINT, DOUBLE PRECISION, TEXT and BYTEA; a truth value is
// a BIGINT. sum(BIGINT) is NUMERIC on PostgreSQL, so cast it: CAST(sum(x) AS BIGINT).
//
// Errors of every call, besides what it names itself:
//   ALREADY_EXISTS       a unique key is taken
//   FAILED_PRECONDITION  foreign key, CHECK or NOT NULL
//   ABORTED              lock timeout, deadlock, serialization: roll back and try again
//   DEADLINE_EXCEEDED    the statement took too long
//   UNAVAILABLE          connection lost, cannot connect, disk full or failing
//   DATA_LOSS            the database file is damaged
//   INVALID_ARGUMENT     text with a NUL byte, a NaN, too few parameters (SQLite: or too many)
//   INTERNAL             anything else, which is a defect of ours
// None carries ErrorInfo: the text may quote SQL and is for the log only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace accord::sql {

// Octets, told apart from text by type.
struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

// NULL, integer, real, UTF-8 text without NUL, octets.
using Value = std::variant<std::monostate, int64_t, double, std::string, Bytes>;
using Row = std::vector<Value>;

// Puts the value behind the parameters that are there; "$3", its place.
std::string Bind(Value value, std::vector<Value>& params);

bool IsNull(const Row& row, size_t column);
// Each fails with INTERNAL when the column is absent, NULL or of another type.
absl::StatusOr<int64_t> GetInt(const Row& row, size_t column);
absl::StatusOr<double> GetDouble(const Row& row, size_t column);
absl::StatusOr<std::string> GetText(const Row& row, size_t column);
absl::StatusOr<std::string> GetBytes(const Row& row, size_t column);

struct Statement {
  std::string sql;
  std::vector<Value> params;
};

struct Result {
  std::vector<Row> rows;
  // Rows inserted, updated or deleted; 0 for a query.
  int64_t affected = 0;
};

enum class Dialect { kSqlite, kPostgres };
enum class Access { kRead, kWrite };
// Whether a statement is prepared and kept. PostgreSQL then soon has one plan for all values, which
// for most statements is right and saves making one. Where the values decide which index is the
// right one (a caller's filter with an order and a limit) that plan may go through a whole table.
enum class Plan { kKept, kForValues };

struct Options {
  // Bound of one call that is given no deadline; of each statement, where it runs several.
  absl::Duration call_timeout = absl::Seconds(5);
  absl::Duration connect_timeout = absl::Seconds(2);
  // How long SQLite waits for another writer outside a write transaction.
  absl::Duration busy_timeout = absl::Seconds(2);
  // Prepared statements kept per connection; the least recently used goes first.
  size_t cached_statements = 128;
};

// What a write transaction may cost before the database ends it. SQLite has no idle limit.
struct WriteLimits {
  // Below `statement`, so that waiting for a lock is reported as such (ABORTED).
  absl::Duration lock = absl::Milliseconds(1800);
  absl::Duration statement = absl::Seconds(2);
  absl::Duration idle = absl::Seconds(2);

  // For migrations: waits for the schema lock and rewrites tables.
  static WriteLimits Schema() { return {absl::Minutes(5), absl::Minutes(10), absl::Minutes(10)}; }
};

// Receives one streamed row and may move from it. Must not use the connection.
using RowFunction = std::function<absl::Status(Row&)>;

// One session. One thread at a time. Parameters are given as Value; a statement
// without a transaction around it is a transaction of its own.
//
// After an error inside a transaction nothing more is accepted but Rollback.
class Connection {
 public:
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs one statement; `Plan::kKept` is prepared, and kept by its text. `deadline` replaces
  // Options::call_timeout. When it passes on PostgreSQL the connection is lost,
  // and the statement may or may not have happened.
  virtual absl::StatusOr<Result> Execute(absl::string_view sql, std::vector<Value> params = {},
                                         absl::Time deadline = absl::InfiniteFuture(),
                                         Plan plan = Plan::kKept) = 0;

  // Runs one statement with many parameter sets: all happen or none. A column
  // holds one type, or NULL, throughout. PostgreSQL: one round trip.
  virtual absl::Status ExecuteMany(absl::string_view sql,
                                   const std::vector<std::vector<Value>>& rows) = 0;

  // Runs different statements in order and stops at the first error, which it
  // returns: all happen or none. PostgreSQL: one round trip.
  virtual absl::StatusOr<std::vector<Result>> ExecuteAll(std::vector<Statement> statements) = 0;

  // Runs several statements separated by semicolons, without parameters: all
  // happen or none. For migrations.
  virtual absl::Status ExecuteScript(absl::string_view sql) = 0;

  // Gives each row to `fn` as it arrives, holding few at a time. The timeout
  // bounds the wait for each row, not the whole. An error of `fn` is returned
  // after the rest has been skipped: to stop early, use LIMIT.
  virtual absl::Status ForEach(absl::string_view sql, std::vector<Value> params,
                               const RowFunction& fn, Plan plan = Plan::kKept) = 0;

  // Begins a read transaction that sees one snapshot, taken before it returns.
  virtual absl::Status BeginRead() = 0;

  // Begins a write transaction (PostgreSQL: READ COMMITTED). INTERNAL on a
  // read connection. SQLite waits here for the other writer, PostgreSQL at the
  // first row both want; both give up with ABORTED after `limits.lock`.
  virtual absl::Status BeginWrite(const WriteLimits& limits = {}) = 0;

  // Ends the transaction. When IsConnectionLoss holds for the error it may have
  // been committed or not; otherwise an error means that nothing was written.
  virtual absl::Status Commit() = 0;

  // Undoes the transaction, if there is one. Never fails the caller: a
  // connection that cannot roll back is broken.
  virtual void Rollback() = 0;

  // Inside a write transaction: waits until no other session changes the
  // schema, and keeps others from it until the transaction ends.
  virtual absl::Status LockSchema() = 0;

  // True when no further call can succeed. Asks without a round trip, so false is no proof.
  virtual bool broken() const = 0;
  virtual Dialect dialect() const = 0;

 protected:
  Connection() = default;
};

// A database to connect to. Thread-safe.
class Database {
 public:
  virtual ~Database() = default;

  // `url` is "sqlite:PATH" or "postgresql://…" (also "postgres://…", options
  // such as search_path are kept). A SQLite file and its folder (mode 0700) are created;
  // PostgreSQL is not contacted yet.
  // Errors: INVALID_ARGUMENT for another URL, UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Database>> Open(absl::string_view url,
                                                        const Options& options = {});

  // A new session; a read one cannot write. Waits at most
  // Options::connect_timeout and not past `deadline`. UNAVAILABLE when there is no server.
  virtual absl::StatusOr<std::unique_ptr<Connection>> Connect(
      Access access, absl::Time deadline = absl::InfiniteFuture()) = 0;

  virtual Dialect dialect() const = 0;
};

// True when the session is gone, so that what was under way may have happened or not.
bool IsConnectionLoss(const absl::Status& status);

// Marks an error so that IsConnectionLoss holds. For drivers.
absl::Status ConnectionLoss(absl::StatusCode code, absl::string_view text);

// INVALID_ARGUMENT for what one of the two databases cannot hold: NUL in text, NaN. For drivers.
absl::Status CheckParams(const std::vector<Value>& params);

}  // namespace accord::sql
