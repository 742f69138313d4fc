// Asks the owners about agencies, in parallel: the agreements service, with what the
// projection last knew to fall back on, and the training service.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "services/gateway/projection.h"
#include "services/gateway/training_reader.h"

namespace accord::gateway {

// Thread-safe.
class AgencyReader {
 public:
  struct Answer {
    av1::AgencyRecord record;
    // Not reachable when the record is the last known one.
    Projection::Standing standing;
    // None where there is no training service.
    std::optional<TrainingReader::AgencyAnswer> training;
  };

  // `projection` and `training` (null where there is none) outlive it. `timeout` is the most
  // that an owner gets to answer.
  AgencyReader(const std::shared_ptr<grpc::Channel>& agreements, const Projection& projection,
               const TrainingReader* training = nullptr, absl::Duration timeout = absl::Seconds(2));

  // Answers in the order of `agencies`, merged ones resolved, with the owner asked about
  // several at a time and all under one deadline that leaves time for the fallback.
  //
  // Errors of each: AGENCY_NOT_FOUND; the owner's own when it refuses the question;
  // when it cannot be asked, PROJECTION_NOT_READY, or SERVICE_UNREACHABLE for an
  // agency that the projection does not know: it may be new.
  std::vector<absl::StatusOr<Answer>> Read(const rpc::Call& call,
                                           const std::vector<std::string>& agencies,
                                           Date as_of) const;
  // What the projection knows, labelled. Errors: PROJECTION_NOT_READY, and
  // SERVICE_UNREACHABLE for an agency that it does not know.
  absl::StatusOr<Answer> LastKnown(const std::string& agency, Date as_of) const;

 private:
  class Question;

  absl::StatusOr<Answer> AnswerTo(Question& question) const;
  std::optional<TrainingReader::AgencyAnswer> TrainingOf(const Answer& answer, Question& question,
                                                         const rpc::Call& call, Date as_of,
                                                         absl::Time deadline) const;
  absl::StatusOr<Answer> Resolve(Answer answer, const rpc::Call& call, Date as_of,
                                 absl::Time deadline) const;

  const std::unique_ptr<av1::Agreements::Stub> stub_;
  const Projection& projection_;
  const TrainingReader* const training_;
  const absl::Duration timeout_;
};

}  // namespace accord::gateway
