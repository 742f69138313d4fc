// The signed checkpoints of a log, kept beside it; and the log as it is stored, for those
// who check it against them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "accord/log/v1/checkpoints.pb.h"
#include "common/store/store.h"

namespace accord::store {

// A key, as far as the store needs one.
struct CheckpointSigner {
  std::string key_id;
  // Sets `key_id` and `signature`. Quick: it runs while the head is held.
  std::function<absl::Status(log::v1::Checkpoint&)> sign;
};

// The one place that writes checkpoints. Appends only. Thread-safe.
class CheckpointWriter {
 public:
  // `store` outlives it; `url` and `options` are those that it was opened with. Writes go
  // over connections of its own, because they are no part of the log.
  static absl::StatusOr<std::unique_ptr<CheckpointWriter>> Open(Store& store, absl::string_view url,
                                                                const sql::Options& options = {});

  // Signs the newest position and keeps the checkpoint. Answers with the newest one that is
  // there when it is of that position and key.
  // Errors: LOG_BROKEN (DATA_LOSS) when the head is not the newest Change, or the log no
  // longer passes through its newest checkpoint; ABORTED when the head stayed taken.
  absl::StatusOr<log::v1::Checkpoint> Append(const CheckpointSigner& signer);

 private:
  CheckpointWriter(Store& store, std::unique_ptr<sql::Database> database)
      : store_(store), database_(std::move(database)) {}
  absl::StatusOr<log::v1::Checkpoint> AppendInTransaction(sql::Connection& connection,
                                                          const CheckpointSigner& signer);

  Store& store_;
  const std::unique_ptr<sql::Database> database_;
};

// The newest checkpoint; empty when there is none.
absl::StatusOr<std::optional<log::v1::Checkpoint>> NewestCheckpoint(Store& store,
                                                                    absl::Time deadline);

// Whether the checkpoint is of that place.
bool IsAt(const log::v1::Checkpoint& checkpoint, const Position& position);

absl::StatusOr<log::v1::ListCheckpointsResponse> ListCheckpoints(
    Store& store, const log::v1::ListCheckpointsRequest& request, absl::string_view caller,
    absl::Time deadline);

// Rows as they are, also those that no longer fit together.
absl::StatusOr<log::v1::ExportChangesResponse> ExportChanges(
    Store& store, const log::v1::ExportChangesRequest& request, absl::Time deadline);

}  // namespace accord::store
