// What a change of the agreements log does to officers and monitors here, exactly once: the
// cursor of that log lives in this store, and each write first compares and advances it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "accord/log/v1/log.pb.h"
#include "common/policy/policy.h"
#include "common/store/store.h"

namespace accord::training {

// Takes the follower's batches. Several, of as many replicas, may take the same ones: what one
// has written the others skip. One thread at a time.
class AgreementEffects {
 public:
  // `store` outlives it.
  AgreementEffects(store::Store& store, std::shared_ptr<const Policy> policy)
      : store_(store), policy_(std::move(policy)) {}

  // Whole mutations in the order of the log. The officers under a changed agreement get what it
  // says now, with the Change as cause; those under one that was merged move on to what it was
  // merged into, and back when that is undone; monitors get the office of a changed agency.
  // Errors: FAILED_PRECONDITION when the cursor stands in another log.
  absl::Status Take(const log::v1::WatchChangesResponse& batch);

  // Where to follow from; empty before the first batch.
  absl::StatusOr<store::Position> Cursor() const;
  // Forgets where the log was followed to, so that another one is followed from its beginning.
  // For an operator who knows that the other log is meant.
  absl::Status FollowAnew();

 private:
  // Mutations that are written together: those that concern nobody here, and at most one that
  // does, at the end.
  struct Stretch {
    std::vector<const log::v1::Change*> changes;
    store::Position end;
    std::string cause;  // Empty when none concerns anybody.
  };

  absl::StatusOr<std::vector<Stretch>> Divide(const log::v1::WatchChangesResponse& batch) const;
  absl::StatusOr<store::WriteSet> Write(store::Transaction& transaction,
                                        const Stretch& stretch) const;

  store::Store& store_;
  const std::shared_ptr<const Policy> policy_;
  store::Position taken_;  // To where the last batch went.
};

}  // namespace accord::training
