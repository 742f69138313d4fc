#include "services/gateway/agency_reader.h"

#include <grpcpp/channel.h>

#include <deque>
#include <utility>

#include "common/base/status.h"
#include "common/rpc/pending_call.h"
#include "services/gateway/errors.h"
#include "services/gateway/standing.h"

namespace accord::gateway {
namespace {

// Questions of one batch that the owner has at a time, so that one caller's batch does
// not fill its queue.
constexpr size_t kInFlight = 16;
// A chain of merges is short.
constexpr int kMostMergesAsked = 8;

av1::GetAgencyRecordRequest RequestFor(const std::string& agency, Date as_of) {
  av1::GetAgencyRecordRequest request;
  request.set_name(agency);
  *request.mutable_as_of() = ToProto(as_of);
  return request;
}

bool MaySee(const rpc::Call& call, const av1::Agency& agency) {
  return call.reach().Covers(agency.name(), agency.field_office());
}

}  // namespace

class AgencyReader::Question {
 public:
  Question(const AgencyReader& reader, const rpc::Call& call, const std::string& agency, Date as_of,
           absl::Time deadline)
      : agency(agency),
        pending_(*reader.stub_->async(), &av1::Agreements::Stub::async::GetAgencyRecord,
                 RequestFor(agency, as_of), deadline, &call) {
    if (reader.training_ != nullptr) {
      wait_for_training_ = reader.training_->AskAboutAgency(call, agency, as_of, deadline);
    }
  }

  const std::string agency;

  absl::StatusOr<Answer> Wait() {
    ACCORD_ASSIGN_OR_RETURN(av1::AgencyRecord record, pending_.Wait());
    return Answer{std::move(record), JustHeard(kAgreementsService, pending_.revisions()), {}};
  }
  // Once. None without a training service.
  std::optional<TrainingReader::AgencyAnswer> WaitForTraining() {
    if (wait_for_training_ == nullptr) return std::nullopt;
    return wait_for_training_();
  }

 private:
  rpc::PendingCall<av1::GetAgencyRecordRequest, av1::AgencyRecord> pending_;
  TrainingReader::Wait wait_for_training_;  // Null without a training service.
};

AgencyReader::AgencyReader(const std::shared_ptr<grpc::Channel>& agreements,
                           const Projection& projection, const TrainingReader* training,
                           absl::Duration timeout)
    : stub_(av1::Agreements::NewStub(agreements)),
      projection_(projection),
      training_(training),
      timeout_(timeout) {}

std::vector<absl::StatusOr<AgencyReader::Answer>> AgencyReader::Read(
    const rpc::Call& call, const std::vector<std::string>& agencies, Date as_of) const {
  const absl::Time deadline = WaitUntil(call, timeout_);
  std::deque<Question> asked;
  std::vector<absl::StatusOr<Answer>> answers;
  for (size_t next = 0; answers.size() < agencies.size();) {
    while (next < agencies.size() && asked.size() < kInFlight) {
      asked.emplace_back(*this, call, agencies[next++], as_of, deadline);
    }
    absl::StatusOr<Answer> answer = AnswerTo(asked.front());
    if (answer.ok()) answer = Resolve(*std::move(answer), call, as_of, deadline);
    const bool unreachable = !answer.ok() && !IsRefusal(answer.status());
    if (unreachable) answer = LastKnown(asked.front().agency, as_of);
    // Who may not see the agency is told of none of its officers: that is not to be remembered.
    if (answer.ok() && MaySee(call, answer->record.agency())) {
      answer->training = TrainingOf(*answer, asked.front(), call, as_of, deadline);
    }
    answers.push_back(std::move(answer));
    asked.pop_front();
  }
  return answers;
}

absl::StatusOr<AgencyReader::Answer> AgencyReader::AnswerTo(Question& question) const {
  absl::StatusOr<Answer> answer = question.Wait();
  if (absl::IsNotFound(answer.status())) return error::AgencyNotFound(question.agency);
  return answer;
}

// What was asked along is of no use when the agency was merged into another one.
std::optional<TrainingReader::AgencyAnswer> AgencyReader::TrainingOf(const Answer& answer,
                                                                     Question& question,
                                                                     const rpc::Call& call,
                                                                     Date as_of,
                                                                     absl::Time deadline) const {
  auto training = question.WaitForTraining();
  const std::string& agency = answer.record.agency().name();
  if (!training || agency == question.agency) return training;
  return training_->AskAboutAgency(call, agency, as_of, deadline)();
}

absl::StatusOr<AgencyReader::Answer> AgencyReader::Resolve(Answer answer, const rpc::Call& call,
                                                           Date as_of, absl::Time deadline) const {
  for (int merges = 0; merges < kMostMergesAsked; ++merges) {
    const std::string& into = answer.record.agency().merged_into();
    if (into.empty()) break;
    Question question(*this, call, into, as_of, deadline);
    ACCORD_ASSIGN_OR_RETURN(answer, AnswerTo(question));
  }
  return answer;
}

absl::StatusOr<AgencyReader::Answer> AgencyReader::LastKnown(const std::string& agency,
                                                             Date as_of) const {
  ACCORD_ASSIGN_OR_RETURN(Projection::LastKnown known, projection_.RecordOf(agency, as_of));
  if (!known.record) return error::ServiceUnreachable(kAgreementsService);
  known.standing.source.set_reachable(false);
  Answer answer{*std::move(known.record), std::move(known.standing), {}};
  if (training_ != nullptr) answer.training = training_->LastKnown(answer.record.agency().name());
  return answer;
}

}  // namespace accord::gateway
