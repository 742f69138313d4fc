// Statuses of agencies: today's from the views that are kept, as stored bytes, all others
// and what may not be shown from the owners.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "common/base/clock.h"
#include "common/cache/view_cache.h"
#include "common/policy/policy.h"
#include "common/rpc/runtime.h"
#include "services/gateway/agency_reader.h"
#include "services/gateway/day_views.h"
#include "services/gateway/followed_logs.h"
#include "services/gateway/projection.h"

namespace accord::gateway {

// Thread-safe.
//
// A kept view is shown only while the log of every owner is heard (kFeedSilence) and not
// forked, was read as far as the caller has seen it, and has named the agency in no change
// since the view was computed. Else the owner is asked, and what it says is kept. An owner that
// does not answer leaves the last known, labelled.
class StatusViews {
 public:
  struct Question {
    Date date{};
    const PolicyView* policy = nullptr;
    // What the caller has seen (freshness.h).
    std::vector<Revision> wanted{};
  };
  struct Answer {
    v1::AgencyStatus status;
    // What it was read at, of each service that has answered.
    std::vector<Revision> revisions;
  };

  // All of it outlives this. Without `cache` nothing is kept.
  struct Deps {
    const Policy& policy;
    const Clock& clock;
    const Projection& projection;
    const AgencyReader& agencies;
    // Of every owner that statuses rest on.
    const FollowedLogs& logs;
    cache::ViewCache* cache = nullptr;
  };
  explicit StatusViews(Deps deps) : deps_(deps), views_(deps.cache, deps.clock, deps.policy) {}

  // Does not block: for the callback thread. Answers with a serialized AgencyStatus, or
  // fails as AgencyReader::Read. Sets the call's revision. What is not within the call's
  // reach is answered as what does not exist.
  void Respond(const std::string& agency, Question question,
               rpc::Responder<grpc::ByteBuffer> responder) const;

  // Blocks: for a worker. In the order of `agencies`, each within the call's reach.
  std::vector<absl::StatusOr<Answer>> Read(const rpc::Call& call,
                                           const std::vector<std::string>& agencies,
                                           const Question& question) const;

 private:
  using Responder = rpc::Responder<grpc::ByteBuffer>;
  using Ticket = std::unique_ptr<cache::ViewCache::Ticket>;

  std::optional<FollowedLogs::Answer> SeenOf(const std::string& agency,
                                             const Question& question) const;
  std::string KeyOf(const std::string& agency, Date date) const;
  // Null when nothing that may be shown is kept there. Needs a cache.
  cache::ViewPtr InMemory(const FollowedLogs::Answer& seen, Date date) const;
  // With the stored bytes.
  static void RespondWith(const cache::ViewPtr& view, const std::string& agency,
                          Responder responder);
  void RespondFrom(cache::ViewCache::Answer found, const std::string& agency,
                   const Question& question, Responder responder) const;

  // Each blocks.
  absl::StatusOr<AgencyReader::Answer> ReadOne(const rpc::Call& call, const std::string& agency,
                                               const Question& question) const;
  absl::StatusOr<Answer> Ask(const rpc::Call& call, const std::string& agency,
                             const Question& question) const;
  absl::StatusOr<Answer> AskOwner(const rpc::Call& call, const std::string& agency,
                                  const Question& question) const;
  absl::StatusOr<Answer> Fill(const rpc::Call& call, const std::string& agency,
                              const Question& question, Ticket ticket) const;
  absl::StatusOr<Answer> LastKnown(const rpc::Call& call, const std::string& agency,
                                   const Question& question) const;

  absl::StatusOr<Answer> Explain(absl::StatusOr<AgencyReader::Answer> record,
                                 const Question& question) const;
  // Of the view of what the owner has just answered; none when that cannot be kept.
  std::optional<cache::Envelope> EnvelopeOf(const Answer& answer, Date date) const;
  void Keep(const Answer& answer, const Question& question) const;
  Answer Relabelled(const cache::StoredView& view, absl::Duration age,
                    const Question& question) const;

  const Deps deps_;
  const DayViews views_;
  // Calls that ask an owner whose log is silent.
  mutable std::atomic<int> asking_in_silence_ = 0;
};

}  // namespace accord::gateway
