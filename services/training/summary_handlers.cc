#include <algorithm>
#include <utility>

#include "common/base/error.h"
#include "common/service/standard.h"
#include "services/training/authority.h"
#include "services/training/errors.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/officer_events.h"
#include "services/training/store_summary.h"
#include "services/training/summary.h"

namespace accord::training {
namespace {

constexpr int kDefaultLapsingDays = 90;
constexpr int kMaxLapsingDays = 3660;
constexpr int kBatch = 500;

struct SummaryAsk {
  const OfficerScope& scope;
  const PolicyView& policy;
  Date today;
  Date as_of;
  int lapsing_days = kDefaultLapsingDays;
  bool by_agreement = false;
  absl::Time deadline;

  Date lapsing_through() const { return as_of + days(lapsing_days); }
};

absl::Status CheckInTime(absl::Time deadline) {
  if (absl::Now() < deadline) return absl::OkStatus();
  return absl::DeadlineExceededError("the summary takes longer than the caller waits");
}

// Adds the officers, each certified anew.
absl::Status AddWeighed(store::Reader& reader, const SummaryAsk& ask,
                        std::vector<v1::Officer> officers, SummaryTally& tally) {
  ACCORD_ASSIGN_OR_RETURN(const std::vector<OfficerFacts> all,
                          LoadFacts(reader, std::move(officers)));
  for (const OfficerFacts& facts : all) {
    const bool past = ask.as_of < ask.today;
    const v1::Officer::State state =
        past ? TrailOn(facts.officer, ask.as_of).state : facts.officer.state();
    if (!IsInProgram(state)) continue;
    tally.Add(
        CountOf(facts.officer, state, CertifyWithoutWords(facts.view(), ask.policy, ask.as_of),
                EndOfAuthority(facts.officer, ask.policy, ask.as_of).ended, ask.lapsing_through()));
  }
  return CheckInTime(ask.deadline);
}

// From today on, what is kept of most officers is their answer; only the rest are weighed.
absl::Status AddFromToday(store::Reader& reader, const SummaryAsk& ask, SummaryTally& tally) {
  const KeptAsk kept{.scope = ask.scope,
                     .as_of = ask.as_of,
                     .policy_version = ask.policy.id(),
                     .lapsing_through = ask.lapsing_through(),
                     .by_agreement = ask.by_agreement,
                     .deadline = ask.deadline};
  ACCORD_ASSIGN_OR_RETURN(const std::vector<OfficerCount> counts, CountKept(reader, kept));
  for (const OfficerCount& count : counts) tally.Add(count);
  return ForEachNotKept(reader, kept, kBatch, [&](std::vector<v1::Officer> officers) {
    return AddWeighed(reader, ask, std::move(officers), tally);
  });
}

// By the pace of those who are weighed, tells a caller early that all cannot be weighed in time:
// when they would take twice as long as is left.
class Pace {
 public:
  Pace(int64_t all, absl::Time deadline) : all_(all), deadline_(deadline) {}

  absl::Status Add(size_t weighed) {
    weighed_ += weighed;
    const absl::Time now = absl::Now();
    const absl::Duration each = (now - start_) / std::max(1.0, static_cast<double>(weighed_));
    const absl::Duration rest = each * static_cast<double>(all_ - weighed_);
    if (now + rest / 2 <= deadline_) return absl::OkStatus();
    return error::PastDayNotInTime(all_, each * static_cast<double>(all_));
  }

 private:
  const int64_t all_;
  const absl::Time deadline_;
  const absl::Time start_ = absl::Now();
  int64_t weighed_ = 0;
};

// Nothing is kept of days that have passed: everybody is weighed, a batch at a time.
absl::Status AddOfPast(store::Reader& reader, const SummaryAsk& ask, SummaryTally& tally) {
  ACCORD_ASSIGN_OR_RETURN(const int64_t all, CountInScope(reader, ask.scope, ask.deadline));
  Pace pace(all, ask.deadline);
  return ForEachInScope(reader, ask.scope, kBatch, [&](std::vector<v1::Officer> officers) {
    const size_t weighed = officers.size();
    ACCORD_RETURN_IF_ERROR(AddWeighed(reader, ask, std::move(officers), tally));
    return pace.Add(weighed);
  });
}

absl::Status Tally(store::Reader& reader, const SummaryAsk& ask, SummaryTally& tally) {
  ACCORD_RETURN_IF_ERROR(ask.as_of < ask.today ? AddOfPast(reader, ask, tally)
                                               : AddFromToday(reader, ask, tally));
  return ForEachCaseDueBefore(reader, ask.scope, ask.as_of,
                              /*open_only=*/ask.as_of >= ask.today,
                              [&](const v1::RevocationCase& revocation, const std::string& model,
                                  const std::string& agreement) {
                                if (!IsOverdue(revocation, ask.as_of)) return;
                                tally.AddOverdue(revocation, model, agreement);
                              });
}

}  // namespace

absl::StatusOr<v1::TrainingSummary> Handlers::GetTrainingSummary(
    rpc::Call& call, const v1::GetTrainingSummaryRequest& request) {
  const Date today = Today();
  FieldViolations violations;
  const Date as_of =
      service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of()).value_or(today);
  if (request.lapsing_days() < 0 || request.lapsing_days() > kMaxLapsingDays) {
    violations.Add("lapsing_days", absl::StrCat("must be 0 to ", kMaxLapsingDays));
  }
  if (!request.field_office().empty()) {
    service::RequireName(violations, "field_office", request.field_office(), "fieldOffices");
  }
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  const PolicyView& policy = PolicyOn(as_of);
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  OfficerScope scope = Fictitious(request.fictitious());
  if (!request.field_office().empty()) scope = OfOffice(request.field_office(), std::move(scope));
  scope = Within(call.reach(), **snapshot, std::move(scope));
  SummaryAsk ask{.scope = scope,
                 .policy = policy,
                 .today = today,
                 .as_of = as_of,
                 .deadline = call.deadline()};
  if (request.lapsing_days() > 0) ask.lapsing_days = request.lapsing_days();

  SummaryTally tally;
  const absl::Status tallied = Tally(**snapshot, ask, tally);
  if (absl::IsDeadlineExceeded(tallied) && GetReason(tallied).empty()) {
    return error::FigureNotInTime("a field office or an agency");
  }
  ACCORD_RETURN_IF_ERROR(tallied);
  v1::TrainingSummary summary = tally.Summary();
  *summary.mutable_as_of() = ToProto(as_of);
  summary.set_fictitious(request.fictitious());
  summary.set_basis(BasisOf(request.fictitious()));
  summary.set_policy_version(policy.id());
  return summary;
}

absl::StatusOr<v1::AgencyTraining> Handlers::GetAgencyTraining(
    rpc::Call& call, const v1::GetAgencyTrainingRequest& request) {
  const Date today = Today();
  FieldViolations violations;
  service::RequireName(violations, "agency", request.agency(), "agencies");
  const Date as_of =
      service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of()).value_or(today);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  const PolicyView& policy = PolicyOn(as_of);
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  const OfficerScope scope = Within(call.reach(), **snapshot, OfAgency(request.agency()));
  SummaryTally tally;
  ACCORD_RETURN_IF_ERROR(Tally(**snapshot,
                               {.scope = scope,
                                .policy = policy,
                                .today = today,
                                .as_of = as_of,
                                .by_agreement = true,
                                .deadline = call.deadline()},
                               tally));
  v1::AgencyTraining training = tally.OfAgency(request.agency());
  *training.mutable_as_of() = ToProto(as_of);
  training.set_basis(BasisOf(training.fictitious()));
  training.set_policy_version(policy.id());
  return training;
}

}  // namespace accord::training
