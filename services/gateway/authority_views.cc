#include "services/gateway/authority_views.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/pending_call.h"
#include "services/gateway/authority_rules.h"
#include "services/gateway/errors.h"
#include "services/gateway/standing.h"
#include "services/gateway/wire_time.h"

namespace accord::gateway {
namespace {

// Hints that are remembered; when there are more, all are forgotten.
constexpr size_t kMostHints = 100'000;

std::string KeyOf(const std::string& officer, Date date) {
  return absl::StrCat("officer_authority/", FormatDate(date), "/", officer);
}

bool AllReachable(const v1::OfficerAuthority& authority) {
  return std::all_of(authority.sources().begin(), authority.sources().end(),
                     [](const v1::Source& source) { return source.reachable(); });
}

}  // namespace

AuthorityViews::AuthorityViews(Deps deps, const std::shared_ptr<grpc::Channel>& agreements)
    : deps_(deps),
      views_(deps_.cache, deps_.clock, deps_.policy),
      agreements_(av1::Agreements::NewStub(agreements)) {}

absl::StatusOr<AuthorityViews::Answer> AuthorityViews::Read(const rpc::Call& call,
                                                            const std::string& officer,
                                                            const Question& question) const {
  std::optional<Answer> kept = FromKept(officer, question);
  absl::StatusOr<Answer> answer = kept ? *std::move(kept) : Ask(call, officer, question);
  ACCORD_RETURN_IF_ERROR(answer.status());
  const v1::OfficerAuthority& authority = answer->authority;
  // Of nobody known there is nothing to hide.
  const bool known = !authority.agency().empty();
  if (known && !call.reach().Covers(authority.agency(), authority.field_office(), officer)) {
    return error::OfficerNotFound(officer);
  }
  answer->authority.set_freshness_met(CoverAll(answer->revisions, question.wanted));
  return answer;
}

std::string AuthorityViews::AgencyOf(const std::string& officer) const {
  std::lock_guard lock(mutex_);
  const auto found = agencies_.find(officer);
  return found == agencies_.end() ? std::string() : found->second;
}

std::optional<AuthorityViews::Answer> AuthorityViews::FromKept(const std::string& officer,
                                                               const Question& question) const {
  if (!views_.AreKept(question.date)) return std::nullopt;
  const std::string agency = AgencyOf(officer);
  if (agency.empty()) return std::nullopt;
  const auto seen = deps_.logs.Of(agency);
  const auto& freshness = question.policy->version().freshness_policy();
  const absl::Duration most = absl::Seconds(freshness.authority_feed_silence().seconds()) +
                              absl::Nanoseconds(freshness.authority_feed_silence().nanos());
  // An agency that was merged away is not what the view was kept for.
  if (!seen || seen->agency != agency || seen->silence > most) return std::nullopt;
  if (!CoverAll(seen->read, question.wanted)) return std::nullopt;
  const cache::ViewPtr view =
      deps_.cache->LookupMemory(KeyOf(officer, question.date), seen->newest);
  Answer answer;
  if (view == nullptr || view->envelope().subject != agency) return std::nullopt;
  if (!answer.authority.ParseFromString(std::string(view->body()))) return std::nullopt;
  answer.revisions = RevisionsOf(*view);
  return answer;
}

absl::StatusOr<AuthorityViews::Answer> AuthorityViews::Ask(const rpc::Call& call,
                                                           const std::string& officer,
                                                           const Question& question) const {
  const absl::Time deadline = WaitUntil(call, deps_.timeout);
  auto record = deps_.training.Officer(call, officer, question.date, deadline);
  if (absl::IsNotFound(record.status())) return error::OfficerNotFound(officer);
  if (IsRefusal(record.status())) return record.status();
  if (!record.ok()) return NothingKnown(officer, question);
  const Agreement agreement =
      AskAgreement(call, record->known->officer().agreement(), question.date, deadline);
  Answer answer{OfficerAuthorityOn(*record->known, agreement.known ? &*agreement.known : nullptr,
                                   *question.policy, deps_.policy.time_zone(), question.date),
                {}};
  for (const Projection::Standing& standing : {agreement.standing, record->standing}) {
    answer.revisions.push_back(standing.revision);
    *answer.authority.add_sources() = standing.source;
  }
  *answer.authority.mutable_compute_time() = ToTimestamp(deps_.clock.Now());
  Keep(answer, question);
  return answer;
}

// By ourselves: that the officer is within the caller's reach was for training to say, and an
// officer who asks about themselves sees no agreement.
AuthorityViews::Agreement AuthorityViews::AskAgreement(const rpc::Call& call,
                                                       const std::string& name, Date date,
                                                       absl::Time deadline) const {
  av1::GetAgreementRequest request;
  request.set_name(name);
  *request.mutable_as_of() = ToProto(date);
  rpc::PendingCall<av1::GetAgreementRequest, av1::Agreement> pending(
      *agreements_->async(), &av1::Agreements::Stub::async::GetAgreement, std::move(request),
      deadline, &call, rpc::CallAs::kOurselves);
  auto agreement = pending.Wait();
  if (agreement.ok()) {
    return {*std::move(agreement), JustHeard(kAgreementsService, pending.revisions())};
  }
  const auto seen = deps_.logs.Of(name);
  return {{}, NotHeard(kAgreementsService, seen ? seen->silence : absl::InfiniteDuration())};
}

// Training cannot be asked: not even whether there is such an officer is known.
AuthorityViews::Answer AuthorityViews::NothingKnown(const std::string& officer,
                                                    const Question& question) const {
  Answer answer;
  v1::OfficerAuthority& authority = answer.authority;
  authority.set_officer(officer);
  authority.set_verdict(v1::OfficerAuthority::NOT_PROVEN);
  tv1::AuthorityCondition& condition = *authority.add_conditions();
  condition.set_code("training");
  condition.set_state(tv1::AuthorityCondition::NOT_PROVEN);
  condition.set_text("the training service could not be asked");
  condition.set_fact(officer);
  *authority.mutable_as_of() = ToProto(question.date);
  authority.set_basis(av1::DERIVED);
  authority.set_policy_version(question.policy->id());
  const Projection::Standing standing =
      NotHeard(kTrainingService, deps_.training.seen().Silence(deps_.clock.Now()));
  answer.revisions.push_back(standing.revision);
  *authority.add_sources() = standing.source;
  *authority.mutable_compute_time() = ToTimestamp(deps_.clock.Now());
  return answer;
}

void AuthorityViews::Keep(const Answer& answer, const Question& question) const {
  if (!AllReachable(answer.authority)) return;
  // Verdicts are of a day; nothing recorded changes one within it.
  const auto envelope = views_.EnvelopeOf(
      answer.authority.agency(), answer.authority.field_office(), answer.revisions, question.date);
  if (!envelope) return;
  const std::string& officer = answer.authority.officer();
  const auto kept = deps_.cache->Store(KeyOf(officer, question.date), *envelope,
                                       answer.authority.SerializeAsString());
  WarnUnlessKept(kept);
  if (!kept.ok()) return;
  std::lock_guard lock(mutex_);
  if (agencies_.size() >= kMostHints) agencies_.clear();
  agencies_[officer] = envelope->subject;
}

}  // namespace accord::gateway
