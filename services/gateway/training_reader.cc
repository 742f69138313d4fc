#include "services/gateway/training_reader.h"

#include <grpcpp/channel.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/pending_call.h"
#include "common/store/within_reach.h"
#include "services/gateway/standing.h"

namespace accord::gateway {
namespace {

// A service that was not heard of late is asked by so many calls at a time.
constexpr int kMostReadsInSilence = 8;
// Last known answers that are remembered; when there are more, all are forgotten.
constexpr size_t kMostAgenciesHeld = 20'000;
constexpr size_t kMostSummaries = 100;

using Stub = tv1::Training::Stub;

}  // namespace

TrainingReader::TrainingReader(const std::shared_ptr<grpc::Channel>& training, const Seen& seen,
                               const Clock& clock, absl::Duration timeout)
    : stub_(tv1::Training::NewStub(training)), seen_(seen), clock_(clock), timeout_(timeout) {}

bool TrainingReader::MayAsk() const {
  if (seen_.Silence(clock_.Now()) <= kFeedSilence) return true;
  return asking_in_silence_.load() < kMostReadsInSilence;
}

Projection::Standing TrainingReader::Unreachable() const {
  return NotHeard(kTrainingService, seen_.Silence(clock_.Now()));
}

TrainingReader::Wait TrainingReader::AskAboutAgency(const rpc::Call& call,
                                                    const std::string& agency, Date as_of,
                                                    absl::Time deadline) const {
  if (!MayAsk()) return [this, agency] { return LastKnown(agency); };
  tv1::GetAgencyTrainingRequest request;
  request.set_agency(agency);
  *request.mutable_as_of() = ToProto(as_of);
  // Also when nobody waits for the answer in the end.
  ++asking_in_silence_;
  const std::shared_ptr<void> asked(nullptr, [this](void*) { --asking_in_silence_; });
  using Pending = rpc::PendingCall<tv1::GetAgencyTrainingRequest, tv1::AgencyTraining>;
  // The overload of the method is chosen by the constructor, which make_shared hides.
  const std::shared_ptr<Pending> pending(
      new Pending(*stub_->async(), &Stub::async::GetAgencyTraining, std::move(request),
                  std::min(deadline, absl::Now() + timeout_), &call));
  return [this, agency, pending, asked]() -> AgencyAnswer {
    auto training = pending->Wait();
    if (!training.ok()) return LastKnown(agency);
    Remember(*training);
    return {*std::move(training), JustHeard(kTrainingService, pending->revisions())};
  };
}

void TrainingReader::Remember(const tv1::AgencyTraining& training) const {
  std::lock_guard lock(mutex_);
  if (agencies_.size() >= kMostAgenciesHeld) agencies_.clear();
  agencies_[training.agency()] = training;
}

TrainingReader::AgencyAnswer TrainingReader::LastKnown(const std::string& agency) const {
  AgencyAnswer answer{{}, Unreachable()};
  std::lock_guard lock(mutex_);
  const auto known = agencies_.find(agency);
  if (known != agencies_.end()) answer.known = known->second;
  return answer;
}

TrainingReader::Answer<tv1::TrainingSummary> TrainingReader::Summary(const rpc::Call& call,
                                                                     Date as_of,
                                                                     bool fictitious) const {
  // Callers who may see the same are told the same.
  const std::string key =
      absl::StrCat(store::ReachText(call.reach()), "|", FormatDate(as_of), "|", fictitious);
  const absl::Time now = clock_.Now();
  {
    std::lock_guard lock(mutex_);
    const auto known = summaries_.find(key);
    const bool current = known != summaries_.end() && seen_.Silence(now) <= kFeedSilence &&
                         seen_.StandsAt(known->second.standing.revision);
    if (current) return {known->second.summary, known->second.standing};
  }
  absl::StatusOr<tv1::TrainingSummary> summary = absl::UnavailableError("not asked");
  std::vector<std::string> revisions;
  if (MayAsk()) {
    ++asking_in_silence_;
    const absl::Cleanup asked = [this] { --asking_in_silence_; };
    tv1::GetTrainingSummaryRequest request;
    *request.mutable_as_of() = ToProto(as_of);
    request.set_fictitious(fictitious);
    rpc::PendingCall<tv1::GetTrainingSummaryRequest, tv1::TrainingSummary> pending(
        *stub_->async(), &Stub::async::GetTrainingSummary, std::move(request),
        WaitUntil(call, timeout_), &call);
    summary = pending.Wait();
    revisions = pending.revisions();
  }
  std::lock_guard lock(mutex_);
  if (!summary.ok()) {
    Answer<tv1::TrainingSummary> answer{{}, Unreachable()};
    const auto known = summaries_.find(key);
    if (known != summaries_.end()) answer.known = known->second.summary;
    return answer;
  }
  // It names every agency: the program's figures need none of them.
  summary->clear_by_agency();
  summary->clear_agencies_left_out();
  if (summaries_.size() >= kMostSummaries) summaries_.clear();
  const KnownSummary& kept =
      summaries_[key] = {*std::move(summary), JustHeard(kTrainingService, revisions)};
  return {kept.summary, kept.standing};
}

absl::StatusOr<TrainingReader::Answer<tv1::OfficerRecord>> TrainingReader::Officer(
    const rpc::Call& call, const std::string& officer, Date as_of, absl::Time deadline) const {
  tv1::GetOfficerRecordRequest request;
  request.set_officer(officer);
  *request.mutable_as_of() = ToProto(as_of);
  rpc::PendingCall<tv1::GetOfficerRecordRequest, tv1::OfficerRecord> pending(
      *stub_->async(), &Stub::async::GetOfficerRecord, std::move(request), deadline, &call);
  ACCORD_ASSIGN_OR_RETURN(tv1::OfficerRecord record, pending.Wait());
  return Answer<tv1::OfficerRecord>{std::move(record),
                                    JustHeard(kTrainingService, pending.revisions())};
}

}  // namespace accord::gateway
