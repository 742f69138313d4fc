#include "services/gateway/status_views.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/gateway/errors.h"
#include "services/gateway/status_rules.h"
#include "services/gateway/wire_time.h"

namespace accord::gateway {
namespace {

using Kind = cache::ViewCache::Answer::Kind;

// An owner that was not heard of late is asked by so many calls at a time. The others
// would only wait as well: they get the last known at once.
constexpr int kMostInSilence = 8;

grpc::ByteBuffer Serialized(const v1::AgencyStatus& status) {
  const std::string bytes = status.SerializeAsString();
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

// The stored bytes themselves, kept as long as gRPC needs them.
grpc::ByteBuffer BodyOf(const cache::ViewPtr& view) {
  const absl::string_view body = view->body();
  const grpc::Slice slice(
      const_cast<char*>(body.data()), body.size(),
      [](void* held) { delete static_cast<cache::ViewPtr*>(held); }, new cache::ViewPtr(view));
  return grpc::ByteBuffer(&slice, 1);
}

bool IsLastKnown(const v1::AgencyStatus& status) {
  return std::any_of(status.sources().begin(), status.sources().end(),
                     [](const v1::Source& source) { return !source.reachable(); });
}

bool IsWithin(const Reach& reach, const v1::AgencyStatus& status) {
  return reach.Covers(status.agency().name(), status.agency().field_office());
}

// By the envelope alone.
bool IsWithin(const Reach& reach, const cache::StoredView& view) {
  return reach.Covers(view.envelope().subject, view.envelope().office);
}

// What is kept of a status: whoever it is shown to has their token met.
std::string ViewOf(v1::AgencyStatus status) {
  status.set_freshness_met(true);
  return status.SerializeAsString();
}

absl::StatusOr<grpc::ByteBuffer> AsReply(absl::StatusOr<StatusViews::Answer> answer,
                                         const std::string& agency, rpc::Call& call) {
  if (!answer.ok()) return std::move(answer).status();
  if (!IsWithin(call.reach(), answer->status)) {
    return error::AgencyNotFound(agency);
  }
  StateRevisions(answer->revisions, call);
  return Serialized(answer->status);
}

}  // namespace

// None unless what is kept of the agency may be shown.
std::optional<FollowedLogs::Answer> StatusViews::SeenOf(const std::string& agency,
                                                        const Question& question) const {
  if (!views_.AreKept(question.date)) return std::nullopt;
  auto seen = deps_.logs.Of(agency);
  if (!seen || seen->silence > kFeedSilence) return std::nullopt;
  if (!CoverAll(seen->read, question.wanted)) return std::nullopt;
  return seen;
}

// The date is part of it, so that gateways whose clocks differ do not share a day.
std::string StatusViews::KeyOf(const std::string& agency, Date date) const {
  return absl::StrCat("agency_status/", FormatDate(date), "/", agency);
}

cache::ViewPtr StatusViews::InMemory(const FollowedLogs::Answer& seen, Date date) const {
  return deps_.cache->LookupMemory(KeyOf(seen.agency, date), seen.newest);
}

void StatusViews::Respond(const std::string& agency, Question question,
                          rpc::Responder<grpc::ByteBuffer> responder) const {
  const auto seen = SeenOf(agency, question);
  if (!seen) {
    return std::move(responder).AnswerOnPool(
        [this, agency, question = std::move(question)](rpc::Call& call) {
          return AsReply(Ask(call, agency, question), agency, call);
        });
  }
  const std::string key = KeyOf(seen->agency, question.date);
  if (const cache::ViewPtr view = deps_.cache->LookupMemory(key, seen->newest)) {
    return RespondWith(view, agency, std::move(responder));
  }
  cache::ViewCache::LookupOptions options;
  options.wait_at_most = (responder.call().deadline() - absl::Now()) / 2;
  // A std::function wants a copy; a responder has none.
  const auto held = std::make_shared<Responder>(std::move(responder));
  deps_.cache->Lookup(key, seen->newest, options,
                      [this, agency = seen->agency, question = std::move(question),
                       held](cache::ViewCache::Answer found) {
                        RespondFrom(std::move(found), agency, question, std::move(*held));
                      });
}

void StatusViews::RespondWith(const cache::ViewPtr& view, const std::string& agency,
                              Responder responder) {
  rpc::Call& call = responder.call();
  if (!IsWithin(call.reach(), *view)) {
    return std::move(responder).Answer(error::AgencyNotFound(agency));
  }
  StateRevisions(RevisionsOf(*view), call);
  std::move(responder).Answer(BodyOf(view));
}

void StatusViews::RespondFrom(cache::ViewCache::Answer found, const std::string& agency,
                              const Question& question, Responder responder) const {
  switch (found.kind) {
    case Kind::kFresh:
      return RespondWith(found.view, agency, std::move(responder));
    case Kind::kStale: {
      rpc::Call& call = responder.call();
      auto answer = AsReply(Relabelled(*found.view, found.age, question), agency, call);
      return std::move(responder).Answer(std::move(answer));
    }
    case Kind::kFill:
      return std::move(responder).AnswerOnPool(
          [this, agency, question, ticket = std::move(found.ticket)](rpc::Call& call) mutable {
            return AsReply(Fill(call, agency, question, std::move(ticket)), agency, call);
          });
    case Kind::kNothing:
      return std::move(responder).AnswerOnPool([this, agency, question](rpc::Call& call) {
        return AsReply(LastKnown(call, agency, question), agency, call);
      });
  }
}

std::vector<absl::StatusOr<StatusViews::Answer>> StatusViews::Read(
    const rpc::Call& call, const std::vector<std::string>& agencies,
    const Question& question) const {
  std::vector<std::optional<absl::StatusOr<Answer>>> found(agencies.size());
  std::vector<std::string> missing;
  for (size_t i = 0; i < agencies.size(); ++i) {
    cache::ViewPtr view;
    if (const auto seen = SeenOf(agencies[i], question)) {
      view = InMemory(*seen, question.date);
    }
    Answer answer;
    if (view != nullptr && answer.status.ParseFromString(std::string(view->body()))) {
      answer.revisions = RevisionsOf(*view);
      found[i] = std::move(answer);
    } else {
      missing.push_back(agencies[i]);
    }
  }
  auto asked = deps_.agencies.Read(call, missing, question.date);
  auto next = asked.begin();
  std::vector<absl::StatusOr<Answer>> answers;
  for (size_t i = 0; i < agencies.size(); ++i) {
    auto& each = found[i];
    if (!each) {
      each = Explain(std::move(*next), question);
      ++next;
      if (each->ok()) Keep(**each, question);
    }
    if (each->ok() && !IsWithin(call.reach(), (*each)->status)) {
      each = error::AgencyNotFound(agencies[i]);
    }
    answers.push_back(*std::move(each));
  }
  return answers;
}

absl::StatusOr<AgencyReader::Answer> StatusViews::ReadOne(const rpc::Call& call,
                                                          const std::string& agency,
                                                          const Question& question) const {
  return std::move(deps_.agencies.Read(call, {agency}, question.date).front());
}

absl::StatusOr<StatusViews::Answer> StatusViews::Ask(const rpc::Call& call,
                                                     const std::string& agency,
                                                     const Question& question) const {
  const auto seen = deps_.projection.seen().Of(agency, deps_.clock.Now());
  if (!seen || seen->silence <= kFeedSilence) return AskOwner(call, agency, question);
  const bool may_ask = asking_in_silence_.fetch_add(1) < kMostInSilence;
  auto answer = may_ask ? AskOwner(call, agency, question) : LastKnown(call, agency, question);
  --asking_in_silence_;
  return answer;
}

absl::StatusOr<StatusViews::Answer> StatusViews::AskOwner(const rpc::Call& call,
                                                          const std::string& agency,
                                                          const Question& question) const {
  ACCORD_ASSIGN_OR_RETURN(AgencyReader::Answer record, ReadOne(call, agency, question));
  // What is kept may say more than the projection.
  if (!record.standing.source.reachable()) return LastKnown(call, agency, question);
  ACCORD_ASSIGN_OR_RETURN(Answer answer, Explain(std::move(record), question));
  Keep(answer, question);
  return answer;
}

absl::StatusOr<StatusViews::Answer> StatusViews::Fill(const rpc::Call& call,
                                                      const std::string& agency,
                                                      const Question& question,
                                                      Ticket ticket) const {
  ACCORD_ASSIGN_OR_RETURN(Answer answer, Explain(ReadOne(call, agency, question), question));
  // A view about another agency, into which this one was merged just now, is not the
  // view that was asked for.
  const bool same = answer.status.agency().name() == agency;
  const auto envelope = EnvelopeOf(answer, question.date);
  if (!same || !envelope) return answer;
  WarnUnlessKept(ticket->Fill(*envelope, ViewOf(answer.status)));
  return answer;
}

absl::StatusOr<StatusViews::Answer> StatusViews::LastKnown(const rpc::Call& call,
                                                           const std::string& agency,
                                                           const Question& question) const {
  const auto seen = deps_.logs.Of(agency);
  if (seen && views_.AreKept(question.date)) {
    const cache::ViewPtr view = InMemory(*seen, question.date);
    if (view != nullptr) return Relabelled(*view, seen->silence, question);
  }
  auto known = deps_.agencies.LastKnown(agency, question.date);
  // It may be new.
  if (GetReason(known.status()) == "SERVICE_UNREACHABLE") {
    known = ReadOne(call, agency, question);
  }
  return Explain(std::move(known), question);
}

absl::StatusOr<StatusViews::Answer> StatusViews::Explain(
    absl::StatusOr<AgencyReader::Answer> record, const Question& question) const {
  ACCORD_RETURN_IF_ERROR(record.status());
  Answer answer{
      AgencyStatusOn(record->record, *question.policy, deps_.policy.time_zone(), question.date),
      {}};
  const auto rests_on = [&answer](const Projection::Standing& standing) {
    answer.revisions.push_back(standing.revision);
    *answer.status.add_sources() = standing.source;
  };
  rests_on(record->standing);
  if (record->training) {
    rests_on(record->training->standing);
    if (record->training->known) *answer.status.mutable_training() = *record->training->known;
  }
  answer.status.set_freshness_met(CoverAll(answer.revisions, question.wanted));
  *answer.status.mutable_compute_time() = ToTimestamp(deps_.clock.Now());
  return answer;
}

std::optional<cache::Envelope> StatusViews::EnvelopeOf(const Answer& answer, Date date) const {
  if (IsLastKnown(answer.status)) return std::nullopt;
  return views_.EnvelopeOf(answer.status.agency().name(), answer.status.agency().field_office(),
                           answer.revisions, date);
}

void StatusViews::Keep(const Answer& answer, const Question& question) const {
  const auto envelope = EnvelopeOf(answer, question.date);
  if (!envelope) return;
  WarnUnlessKept(deps_.cache->Store(KeyOf(envelope->subject, question.date), *envelope,
                                    ViewOf(answer.status)));
}

StatusViews::Answer StatusViews::Relabelled(const cache::StoredView& view, absl::Duration age,
                                            const Question& question) const {
  Answer answer{{}, RevisionsOf(view)};
  answer.status.ParseFromString(std::string(view.body()));
  for (v1::Source& source : *answer.status.mutable_sources()) {
    source.set_reachable(false);
    *source.mutable_age() = ToDuration(age);
  }
  answer.status.set_freshness_met(CoverAll(answer.revisions, question.wanted));
  return answer;
}

}  // namespace accord::gateway
