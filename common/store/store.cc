#include "common/store/store.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/store/apply.h"
#include "common/store/change_rows.h"
#include "common/store/schema.h"

namespace accord::store {
namespace {

// A mutation that nobody bounds is still not waited for without end.
constexpr absl::Duration kLongestMutation = absl::Minutes(5);
constexpr absl::Duration kLongestLeaseCall = absl::Seconds(10);

absl::Status ReadPageKey(sql::Connection& connection, std::string& key) {
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          connection.Execute("SELECT page_key FROM head WHERE id = 1"));
  if (result.rows.empty()) return absl::DataLossError("the log has no head");
  ACCORD_ASSIGN_OR_RETURN(key, sql::GetBytes(result.rows[0], 0));
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> NewestTime(sql::Connection& connection) {
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          connection.Execute("SELECT time_us FROM head WHERE id = 1"));
  if (result.rows.empty()) return absl::DataLossError("the log has no head");
  ACCORD_ASSIGN_OR_RETURN(const int64_t time_us, sql::GetInt(result.rows[0], 0));
  return absl::FromUnixMicros(time_us);
}

// As BeginRead, but answers by `deadline` even when the server does not. The snapshot is
// taken by the first query.
absl::Status BeginReadBy(sql::Connection& connection, absl::Time deadline) {
  const char* begin = connection.dialect() == sql::Dialect::kPostgres
                          ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                          : "BEGIN DEFERRED";
  return connection.Execute(begin, {}, deadline).status();
}

absl::StatusOr<Position> BeginSnapshot(sql::Connection& connection, absl::Time deadline) {
  ACCORD_RETURN_IF_ERROR(BeginReadBy(connection, deadline));
  return ReadHead(connection, deadline);
}

// What a caller that waits for its mutation shares with the committer, who may come to
// it after the caller has left.
struct Waiter {
  std::promise<absl::StatusOr<Committed>> outcome;
  // Held while the closure runs, because it may use the caller's variables.
  std::mutex running;
  bool begun = false;      // Guarded by running.
  bool abandoned = false;  // Guarded by running.
};

int64_t SteadyNanos() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace

Store::Store(absl::string_view service, absl::string_view domain, const ResourceTypes& types,
             const Clock& clock, StoreOptions options)
    : service_(service),
      domain_(domain),
      types_(types),
      clock_(clock),
      options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(absl::string_view service,
                                                   absl::string_view domain,
                                                   const ResourceTypes& types, const Clock& clock,
                                                   StoreOptions options) {
  std::unique_ptr<Store> store(new Store(service, domain, types, clock, std::move(options)));
  ACCORD_RETURN_IF_ERROR(store->Start());
  return store;
}

absl::Status Store::Start() {
  ACCORD_ASSIGN_OR_RETURN(database_, sql::Database::Open(options_.url, options_.sql));
  {
    ACCORD_ASSIGN_OR_RETURN(const auto connection, database_->Connect(sql::Access::kWrite));
    ACCORD_RETURN_IF_ERROR(PrepareSchema(*connection, LogMigrations(), types_, clock_));
    if (options_.new_log) ACCORD_RETURN_IF_ERROR(StartNewLog(*connection));
    ACCORD_RETURN_IF_ERROR(ReadPageKey(*connection, page_key_));
    ACCORD_ASSIGN_OR_RETURN(const Position head, ReadHead(*connection));
    heads_.Publish(head);
  }
  pool_ = std::make_unique<sql::Pool>(database_.get(), options_.readers);
  committer_ = std::make_unique<Committer>(
      *database_, types_, domain_, clock_, [this](const Position& head) { heads_.Publish(head); },
      options_.committer);
  if (database_->dialect() == sql::Dialect::kPostgres)
    poller_ = std::thread([this] { PollHead(); });
  return absl::OkStatus();
}

Store::~Store() {
  stopping_ = true;
  heads_.WakeAll();
  if (poller_.joinable()) poller_.join();
  committer_.reset();
}

absl::Status Store::StartNewLog(sql::Connection& connection) {
  ACCORD_RETURN_IF_ERROR(connection.BeginWrite());
  // No other replica may write between the old log's end and the new one's beginning.
  ACCORD_RETURN_IF_ERROR(
      connection.Execute("UPDATE head SET time_us = time_us WHERE id = 1").status());
  ACCORD_ASSIGN_OR_RETURN(const Position old, ReadHead(connection));
  const std::string log_id = NewId();
  const auto written = connection.ExecuteAll(
      {{"INSERT INTO log_lineage VALUES ($1, $2, $3, $4, $5)",
        {old.log_id, log_id, old.revision, sql::Bytes{old.hash}, absl::ToUnixMicros(clock_.Now())}},
       {"UPDATE head SET log_id = $1 WHERE id = 1", {log_id}}});
  if (!written.ok()) {
    connection.Rollback();
    return written.status();
  }
  return connection.Commit();
}

void Store::PollHead() {
  while (!stopping_) {
    if (const auto snapshot = Read(absl::Now() + absl::Seconds(1)); snapshot.ok()) {
      heads_.Publish((**snapshot)->position());
      polled_at_ = SteadyNanos();
    }
    // Others are woken oftener than the head is to be read.
    const absl::Time next = absl::Now() + options_.head_poll;
    while (!stopping_ && absl::Now() < next) heads_.WaitPast(INT64_MAX, heads_.Wakes(), next);
  }
}

absl::StatusOr<std::unique_ptr<Snapshot>> Store::Read(absl::Time deadline) {
  // A connection may have died since it was last used; a fresh one tells whether the
  // database is really away.
  for (bool retried = false;; retried = true) {
    ACCORD_ASSIGN_OR_RETURN(sql::Pool::Lease lease, pool_->Take(deadline));
    absl::StatusOr<Position> head = BeginSnapshot(*lease, deadline);
    if (head.ok()) {
      return std::make_unique<Snapshot>(std::move(lease), types_, domain_, *std::move(head));
    }
    if (retried || !sql::IsConnectionLoss(head.status())) return head.status();
  }
}

absl::StatusOr<Committed> Store::Mutate(MutationContext context, Mutation mutation) {
  if (context.validate_only) return Validate(context, mutation);
  context.deadline = std::min(context.deadline, absl::Now() + kLongestMutation);
  const absl::Time deadline = context.deadline;
  auto waiter = std::make_shared<Waiter>();
  auto outcome = waiter->outcome.get_future();
  committer_->Submit(
      std::move(context),
      [waiter, mutation = std::move(mutation),
       this](Transaction& transaction) -> absl::StatusOr<WriteSet> {
        std::lock_guard lock(waiter->running);
        if (waiter->abandoned) return NotInTime(domain_);
        waiter->begun = true;
        return mutation(transaction);
      },
      [waiter](absl::StatusOr<Committed> result) { waiter->outcome.set_value(std::move(result)); });
  if (outcome.wait_until(absl::ToChronoTime(deadline)) == std::future_status::ready) {
    return outcome.get();
  }
  std::lock_guard lock(waiter->running);
  waiter->abandoned = true;
  return waiter->begun ? OutcomeUnknown(domain_) : NotInTime(domain_);
}

absl::StatusOr<Committed> Store::Validate(const MutationContext& context,
                                          const Mutation& mutation) {
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, Read(context.deadline));
  Transaction transaction(types_, domain_, (*snapshot)->connection(), (*snapshot)->position());
  ACCORD_ASSIGN_OR_RETURN(const absl::Time newest, NewestTime((*snapshot)->connection()));
  transaction.set_now(std::max(clock_.Now(), newest));
  ACCORD_ASSIGN_OR_RETURN(WriteSet writes, mutation(transaction));
  return Preview(transaction, context, std::move(writes));
}

absl::StatusOr<std::optional<Committed>> Store::FindReplay(const MutationContext& context) {
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, Read(context.deadline));
  return store::FindReplay(**snapshot, context);
}

absl::StatusOr<bool> Store::TryLease(absl::string_view name, absl::string_view holder,
                                     absl::Duration ttl) {
  bool taken = false;
  const auto committed = Mutate(
      {.action = "TryLease", .actor = service_, .deadline = absl::Now() + kLongestLeaseCall},
      [&](Transaction& transaction) -> absl::StatusOr<WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            const sql::Result held,
            transaction.connection().Execute(
                "SELECT 1 FROM leases WHERE name = $1 AND holder <> $2 AND until_us > $3",
                {std::string(name), std::string(holder), absl::ToUnixMicros(transaction.now())}));
        taken = held.rows.empty();
        WriteSet writes;
        if (taken) writes.TakeLease(name, holder, transaction.now() + ttl);
        return writes;
      });
  if (!committed.ok()) return committed.status();
  return taken;
}

absl::Status Store::ForgetRequests(absl::Duration keep) {
  const int64_t before = absl::ToUnixMicros(clock_.Now() - std::max(keep, absl::Hours(24)));
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database_->Connect(sql::Access::kWrite));
  return connection->Execute("DELETE FROM requests WHERE time_us < $1", {before}).status();
}

absl::StatusOr<int64_t> Store::RedactImages(const std::vector<int64_t>& revisions) {
  std::vector<sql::Statement> statements;
  for (const int64_t revision : revisions) {
    statements.push_back({"UPDATE changes SET image = NULL WHERE f_revision = $1", {revision}});
  }
  for (const int64_t revision : revisions) {
    // A request has the time of its Changes, and an index on it.
    statements.push_back(
        {"UPDATE requests SET digest = '' WHERE first_revision <= $1 AND last_revision >= $1 "
         "AND time_us = (SELECT f_time FROM changes WHERE f_revision = $1)",
         {revision}});
  }
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database_->Connect(sql::Access::kWrite));
  ACCORD_ASSIGN_OR_RETURN(const std::vector<sql::Result> results,
                          connection->ExecuteAll(std::move(statements)));
  ++redactions_;
  int64_t redacted = 0;
  for (size_t i = 0; i < revisions.size(); ++i) redacted += results[i].affected;
  return redacted;
}

absl::Status Store::EmptyJournal() {
  if (database_->dialect() != sql::Dialect::kSqlite) return absl::OkStatus();
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database_->Connect(sql::Access::kWrite));
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          connection->Execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  ACCORD_ASSIGN_OR_RETURN(const int64_t busy, sql::GetInt(result.rows.at(0), 0));
  if (busy == 0) return absl::OkStatus();
  return absl::UnavailableError("readers kept the journal from being emptied");
}

absl::Status Store::RedactImage(int64_t revision) {
  ACCORD_ASSIGN_OR_RETURN(const int64_t redacted, RedactImages({revision}));
  if (redacted > 0) return absl::OkStatus();
  return MakeError(absl::StatusCode::kNotFound, domain_, "CHANGE_NOT_FOUND",
                   absl::StrCat(ChangeName(revision), " does not exist"),
                   {{"name", ChangeName(revision)}});
}

absl::Status Store::Probe() { return Read(absl::Now() + absl::Seconds(2)).status(); }

bool Store::HeadConfirmedWithin(absl::Duration age) const {
  // The only writer of a SQLite file is this process, which publishes what it commits.
  if (database_->dialect() == sql::Dialect::kSqlite) return true;
  return SteadyNanos() - polled_at_ <= absl::ToInt64Nanoseconds(age);
}

std::string Store::RevisionToken(const Position& position) const {
  return absl::StrCat(service_, "@", position.log_id, ":", position.revision);
}

}  // namespace accord::store
