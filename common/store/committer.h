// The one writer of a process: runs waiting mutations one after another and commits
// them together, because the disk's sync is what costs.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/sql/sql.h"
#include "common/store/mutation.h"

namespace accord::store {

struct CommitterOptions {
  // Mutations committed together at most.
  size_t max_batch = 256;
  // Mutations that may wait; one more is refused with OVERLOADED.
  size_t max_waiting = 4096;
  sql::WriteLimits limits;
};

// DEADLINE_EXCEEDED: nothing was written.
absl::Status NotInTime(absl::string_view domain);
// UNAVAILABLE, reason OUTCOME_UNKNOWN: the write may have happened.
absl::Status OutcomeUnknown(absl::string_view domain);

// Thread-safe. Commit order is revision order, also with other replicas: each batch
// holds the head row.
class Committer {
 public:
  using Done = std::function<void(absl::StatusOr<Committed>)>;
  // Called on the committer's thread after each commit with the log's new end.
  using OnCommit = std::function<void(const Position&)>;

  // `database`, `types` and `clock` outlive the committer.
  Committer(sql::Database& database, const ResourceTypes& types, absl::string_view domain,
            const Clock& clock, OnCommit on_commit, CommitterOptions options = {});
  // Finishes what waits.
  ~Committer();

  // Runs `mutation` as soon as its turn comes, and `done` on the committer's thread
  // once it is durable or has failed. A failed one has written nothing.
  // Errors besides the mutation's own: OVERLOADED, DEADLINE_EXCEEDED (not begun in
  // time), UNAVAILABLE (reason OUTCOME_UNKNOWN: the connection was lost in COMMIT and
  // could not be asked again in time; retry with the same request_id).
  void Submit(MutationContext context, Mutation mutation, Done done);

 private:
  struct Job {
    MutationContext context;
    Mutation mutation;
    Done done;
    absl::StatusOr<Committed> outcome = absl::UnknownError("not run");
  };
  // How a try to commit a batch ended. kBusy: somebody else held the head row too long.
  enum class Try { kDone, kBusy, kFailed, kUnknown };

  void Run();
  std::vector<Job> TakeBatch();
  void Process(std::vector<Job>& batch);
  // Together; after a store error of one of them, each alone.
  void ProcessTogether(std::vector<Job*> jobs);
  std::vector<Job*> WithTimeLeft(const std::vector<Job*>& jobs) const;
  Try TryBatch(const std::vector<Job*>& jobs, absl::Status& error);
  absl::Status RunJobs(const std::vector<Job*>& jobs);
  absl::Status Connect();
  absl::Status LockHead();
  // Whether the batch that should have ended at `sent_` is in the log.
  absl::StatusOr<bool> Happened();
  bool ResolveUnknown(const std::vector<Job*>& jobs, absl::Status& error);

  sql::Database& database_;
  const ResourceTypes& types_;
  const std::string domain_;
  const Clock& clock_;
  const OnCommit on_commit_;
  const CommitterOptions options_;

  // The committer's thread alone.
  std::unique_ptr<sql::Connection> connection_;
  Position head_;
  absl::Time head_time_;
  Position sent_;
  bool wrote_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> waiting_;  // Guarded by mutex_.
  bool stopping_ = false;    // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace accord::store
