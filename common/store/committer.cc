#include "common/store/committer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/store/apply.h"
#include "common/store/change_rows.h"

namespace accord::store {
namespace {

constexpr absl::Duration kOverloadedRetry = absl::Milliseconds(200);
constexpr absl::Duration kRetryPause = absl::Milliseconds(20);
// Tries of a batch that the database aborts after the head row was had.
constexpr int kMaxAborts = 5;

// An error without ErrorInfo was not meant for callers: it is the store's own, and
// nothing that came after it in the transaction can be trusted.
bool IsStoreError(const absl::Status& status) {
  return !status.ok() && !GetErrorInfo(status).has_value();
}

// The head row is held by somebody else. The statement's limit counts too: a queue of
// waiting replicas is more than one lock to wait for.
bool IsBusy(const absl::Status& status) {
  return absl::IsAborted(status) ||
         (absl::IsDeadlineExceeded(status) && !sql::IsConnectionLoss(status));
}

// Not an error of any one mutation: nothing can be written now.
bool IsDown(const absl::Status& status) {
  return sql::IsConnectionLoss(status) || absl::IsUnavailable(status);
}

absl::Status Overloaded(absl::string_view domain) {
  return WithRetryAfter(MakeError(absl::StatusCode::kResourceExhausted, domain, "OVERLOADED",
                                  "too many writes are waiting; try again shortly"),
                        kOverloadedRetry);
}

absl::StatusOr<WriteSet> RunMutation(const Mutation& mutation, Transaction& transaction) {
  try {
    return mutation(transaction);
  } catch (const std::exception& e) {
    return absl::InternalError(absl::StrCat("a mutation threw: ", e.what()));
  }
}

// Sets `wrote` when there is something to commit.
absl::StatusOr<Committed> RunOne(Transaction& transaction, const MutationContext& context,
                                 const Mutation& mutation, Position& head, bool& wrote) {
  ACCORD_ASSIGN_OR_RETURN(std::optional<Committed> replay, FindReplay(transaction, context));
  if (replay) return *std::move(replay);
  ACCORD_ASSIGN_OR_RETURN(WriteSet writes, RunMutation(mutation, transaction));
  wrote = wrote || !writes.empty();
  return Apply(transaction, context, std::move(writes), head);
}

}  // namespace

absl::Status NotInTime(absl::string_view domain) {
  return MakeError(absl::StatusCode::kDeadlineExceeded, domain, "DEADLINE_EXCEEDED",
                   "the write was not begun in time; nothing was written");
}

absl::Status OutcomeUnknown(absl::string_view domain) {
  return MakeError(absl::StatusCode::kUnavailable, domain, "OUTCOME_UNKNOWN",
                   "the store was lost or silent while committing; the write may have happened. "
                   "Retry with the same request_id, or read to find out");
}

Committer::Committer(sql::Database& database, const ResourceTypes& types, absl::string_view domain,
                     const Clock& clock, OnCommit on_commit, CommitterOptions options)
    : database_(database),
      types_(types),
      domain_(domain),
      clock_(clock),
      on_commit_(std::move(on_commit)),
      options_(options),
      thread_([this] { Run(); }) {}

Committer::~Committer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Committer::Submit(MutationContext context, Mutation mutation, Done done) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_ && waiting_.size() < options_.max_waiting) {
      waiting_.push_back({.context = std::move(context),
                          .mutation = std::move(mutation),
                          .done = std::move(done)});
      wake_.notify_one();
      return;
    }
  }
  done(Overloaded(domain_));
}

void Committer::Run() {
  for (;;) {
    std::vector<Job> batch = TakeBatch();
    if (batch.empty()) return;
    Process(batch);
    for (Job& job : batch) job.done(std::move(job.outcome));
  }
}

std::vector<Committer::Job> Committer::TakeBatch() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  std::vector<Job> batch;
  while (!waiting_.empty() && batch.size() < options_.max_batch) {
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
}

void Committer::Process(std::vector<Job>& batch) {
  std::vector<Job*> jobs;
  for (Job& job : batch) jobs.push_back(&job);
  ProcessTogether(std::move(jobs));
}

void Committer::ProcessTogether(std::vector<Job*> jobs) {
  bool reconnected = false;
  for (int aborts = 0;;) {
    jobs = WithTimeLeft(jobs);
    if (jobs.empty()) return;
    absl::Status error;
    const Try result = TryBatch(jobs, error);
    if (result == Try::kDone) return;
    if (result == Try::kUnknown) {
      if (ResolveUnknown(jobs, error) || !error.ok()) return;
    } else if (result == Try::kBusy || (absl::IsAborted(error) && ++aborts < kMaxAborts)) {
      // The database ends whoever holds a row too long.
      std::this_thread::sleep_for(absl::ToChronoMilliseconds(kRetryPause));
    } else if (IsDown(error) && !reconnected) {
      reconnected = true;  // A restarted server: nothing was committed, so once more.
    } else if (IsDown(error) || jobs.size() == 1) {
      for (Job* job : jobs) job->outcome = error;
      return;
    } else {
      for (Job* job : jobs) ProcessTogether({job});
      return;
    }
  }
}

std::vector<Committer::Job*> Committer::WithTimeLeft(const std::vector<Job*>& jobs) const {
  std::vector<Job*> left;
  for (Job* job : jobs) {
    if (job->context.deadline > absl::Now()) {
      left.push_back(job);
    } else {
      job->outcome = NotInTime(domain_);
    }
  }
  return left;
}

Committer::Try Committer::TryBatch(const std::vector<Job*>& jobs, absl::Status& error) {
  error = Connect();
  if (!error.ok()) return Try::kFailed;
  error = LockHead();
  if (!error.ok()) {
    connection_->Rollback();
    return IsBusy(error) ? Try::kBusy : Try::kFailed;
  }
  const Position before = head_;
  error = RunJobs(jobs);
  if (!error.ok()) {
    connection_->Rollback();
    return Try::kFailed;
  }
  if (!wrote_) {
    connection_->Rollback();  // Refusals and replays only: nothing that needs a sync.
    return Try::kDone;
  }
  sent_ = head_;
  error = connection_->Commit();
  if (error.ok()) {
    if (head_.revision > before.revision) on_commit_(head_);
    return Try::kDone;
  }
  if (sql::IsConnectionLoss(error) && head_.revision > before.revision) return Try::kUnknown;
  connection_->Rollback();
  return Try::kFailed;
}

// The mutations' own refusals are outcomes; a store error ends the batch.
absl::Status Committer::RunJobs(const std::vector<Job*>& jobs) {
  const int64_t before = head_.revision;
  wrote_ = false;
  for (Job* job : jobs) {
    Transaction transaction(types_, domain_, *connection_, head_);
    transaction.set_now(head_time_);
    job->outcome = RunOne(transaction, job->context, job->mutation, head_, wrote_);
    if (IsStoreError(job->outcome.status())) return job->outcome.status();
  }
  if (head_.revision == before) return absl::OkStatus();
  return connection_
      ->Execute("UPDATE head SET revision = $1, hash = $2, time_us = $3 WHERE id = 1",
                {head_.revision, sql::Bytes{head_.hash}, absl::ToUnixMicros(head_time_)})
      .status();
}

absl::Status Committer::Connect() {
  if (connection_ != nullptr && !connection_->broken()) return absl::OkStatus();
  connection_.reset();
  ACCORD_ASSIGN_OR_RETURN(connection_, database_.Connect(sql::Access::kWrite));
  return absl::OkStatus();
}

absl::Status Committer::LockHead() {
  ACCORD_RETURN_IF_ERROR(connection_->BeginWrite(options_.limits));
  ACCORD_ASSIGN_OR_RETURN(const sql::Result result,
                          connection_->Execute("UPDATE head SET time_us = time_us WHERE id = 1 "
                                               "RETURNING log_id, revision, hash, time_us"));
  if (result.rows.empty()) return absl::DataLossError("the log has no head");
  const sql::Row& row = result.rows[0];
  ACCORD_ASSIGN_OR_RETURN(head_.log_id, sql::GetText(row, 0));
  ACCORD_ASSIGN_OR_RETURN(head_.revision, sql::GetInt(row, 1));
  ACCORD_ASSIGN_OR_RETURN(head_.hash, sql::GetBytes(row, 2));
  ACCORD_ASSIGN_OR_RETURN(const int64_t time_us, sql::GetInt(row, 3));
  // The log's time never goes back, whatever the clock does.
  head_time_ = std::max(clock_.Now(), absl::FromUnixMicros(time_us));
  return absl::OkStatus();
}

absl::StatusOr<bool> Committer::Happened() {
  ACCORD_RETURN_IF_ERROR(Connect());
  // The head row is free only when the lost transaction has ended, either way.
  ACCORD_RETURN_IF_ERROR(LockHead());
  // The images' salts make a batch's last hash its own: no other can have it.
  const auto result =
      connection_->Execute("SELECT hash FROM changes WHERE f_revision = $1", {sent_.revision});
  connection_->Rollback();
  ACCORD_RETURN_IF_ERROR(result.status());
  if (result->rows.empty()) return false;
  ACCORD_ASSIGN_OR_RETURN(const std::string hash, sql::GetBytes(result->rows[0], 0));
  return hash == sent_.hash;
}

// True when the batch happened, so the outcomes stand. Else `error` is OK when it
// certainly did not happen, or says that nobody knows.
bool Committer::ResolveUnknown(const std::vector<Job*>& jobs, absl::Status& error) {
  absl::Time latest = absl::InfinitePast();
  for (const Job* job : jobs) latest = std::max(latest, job->context.deadline);
  latest = std::min(latest, absl::Now() + absl::Seconds(10));
  const Position sent = sent_;
  do {
    const absl::StatusOr<bool> happened = Happened();
    if (happened.ok()) {
      error = absl::OkStatus();
      if (*happened) on_commit_(sent);
      return *happened;
    }
    if (connection_ != nullptr) connection_->Rollback();
    std::this_thread::sleep_for(absl::ToChronoMilliseconds(kRetryPause));
  } while (absl::Now() < latest);
  error = OutcomeUnknown(domain_);
  for (Job* job : jobs) job->outcome = error;
  return false;
}

}  // namespace accord::store
