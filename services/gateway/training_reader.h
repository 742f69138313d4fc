// Asks the training service: about the officers of an agency, about one officer, and for the
// program's figures; and remembers what it last said.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/base/clock.h"
#include "common/calendar/date.h"
#include "services/gateway/projection.h"
#include "services/gateway/seen.h"

namespace accord::gateway {

namespace tv1 = training::v1;

// The service as freshness tokens and sources name it.
inline constexpr char kTrainingService[] = "training";

// Thread-safe.
//
// While its log is silent (kFeedSilence) only a few calls at a time ask it; the others
// get the last known at once, so that a service that is away does not hold up every answer.
class TrainingReader {
 public:
  // Unset when nothing is known. Not reachable when it is the last known, or nothing.
  template <typename T>
  struct Answer {
    std::optional<T> known{};
    Projection::Standing standing{};
  };
  using AgencyAnswer = Answer<tv1::AgencyTraining>;
  // Waits for the answer of a question that was asked.
  using Wait = std::function<AgencyAnswer()>;

  // `seen`, of the service's log, and `clock` outlive it. `timeout` is the most that the
  // service gets to answer.
  TrainingReader(const std::shared_ptr<grpc::Channel>& training, const Seen& seen,
                 const Clock& clock, absl::Duration timeout = absl::Seconds(2));

  // Begins to ask; the wait ends by `deadline`. Call it once.
  Wait AskAboutAgency(const rpc::Call& call, const std::string& agency, Date as_of,
                      absl::Time deadline) const;
  // What was last said of the agency, labelled.
  AgencyAnswer LastKnown(const std::string& agency) const;

  // Of all officers whom the caller may see. Asked again only when the log has moved, or the
  // question is another one.
  Answer<tv1::TrainingSummary> Summary(const rpc::Call& call, Date as_of, bool fictitious) const;

  // Errors: the service's own, such as NOT_FOUND; UNAVAILABLE.
  absl::StatusOr<Answer<tv1::OfficerRecord>> Officer(const rpc::Call& call,
                                                     const std::string& officer, Date as_of,
                                                     absl::Time deadline) const;

  const Seen& seen() const { return seen_; }

 private:
  struct KnownSummary {
    tv1::TrainingSummary summary;
    Projection::Standing standing;
  };

  // Counts those that ask in silence; false when there are enough.
  bool MayAsk() const;
  Projection::Standing Unreachable() const;
  void Remember(const tv1::AgencyTraining& training) const;

  const std::unique_ptr<tv1::Training::Stub> stub_;
  const Seen& seen_;
  const Clock& clock_;
  const absl::Duration timeout_;
  mutable std::atomic<int> asking_in_silence_ = 0;

  mutable std::mutex mutex_;
  mutable absl::flat_hash_map<std::string, tv1::AgencyTraining> agencies_;  // Guarded by mutex_.
  mutable absl::flat_hash_map<std::string, KnownSummary> summaries_;        // Guarded by mutex_.
};

}  // namespace accord::gateway
