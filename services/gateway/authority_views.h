// Authority of officers: asked of the owners, or shown from what was kept while nothing can
// have changed.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "common/base/clock.h"
#include "common/cache/view_cache.h"
#include "common/policy/policy.h"
#include "services/gateway/day_views.h"
#include "services/gateway/followed_logs.h"
#include "services/gateway/training_reader.h"

namespace accord::gateway {

// Thread-safe.
//
// A kept authority is shown only while every log that it rests on was heard within the
// policy's `authority_feed_silence`, has named its agency in no change since, and was read as
// far as the caller has seen it. Else the owners are asked; what they do not answer is
// NOT_PROVEN. What was last known never decides.
class AuthorityViews {
 public:
  struct Question {
    Date date{};
    const PolicyView* policy = nullptr;
    // What the caller has seen (freshness.h).
    std::vector<Revision> wanted{};
  };
  struct Answer {
    v1::OfficerAuthority authority;
    std::vector<Revision> revisions;
  };
  // All of it outlives this. Without `cache` nothing is kept.
  struct Deps {
    const Policy& policy;
    const Clock& clock;
    const TrainingReader& training;
    // Of agreements and training.
    const FollowedLogs& logs;
    cache::ViewCache* cache = nullptr;
    // The most that both owners get to answer, together.
    absl::Duration timeout = absl::Seconds(2);
  };

  AuthorityViews(Deps deps, const std::shared_ptr<grpc::Channel>& agreements);

  // Blocks: for a worker. Errors: OFFICER_NOT_FOUND, also for one out of the call's reach;
  // the owner's own when it refuses.
  absl::StatusOr<Answer> Read(const rpc::Call& call, const std::string& officer,
                              const Question& question) const;

 private:
  struct Agreement {
    // None when it could not be asked.
    std::optional<av1::Agreement> known{};
    Projection::Standing standing{};
  };

  // None when nothing that may be shown is kept.
  std::optional<Answer> FromKept(const std::string& officer, const Question& question) const;
  absl::StatusOr<Answer> Ask(const rpc::Call& call, const std::string& officer,
                             const Question& question) const;
  Agreement AskAgreement(const rpc::Call& call, const std::string& name, Date date,
                         absl::Time deadline) const;
  Answer NothingKnown(const std::string& officer, const Question& question) const;
  void Keep(const Answer& answer, const Question& question) const;
  std::string AgencyOf(const std::string& officer) const;

  const Deps deps_;
  const DayViews views_;
  const std::unique_ptr<av1::Agreements::Stub> agreements_;
  mutable std::mutex mutex_;
  // Where to look for what is kept of an officer. A hint: the rule judges what is found.
  mutable absl::flat_hash_map<std::string, std::string> agencies_;  // Guarded by mutex_.
};

}  // namespace accord::gateway
