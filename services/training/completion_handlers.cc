#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/training/applicability.h"
#include "services/training/errors.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/officer_events.h"
#include "services/training/record_completion.h"
#include "services/training/request_checks.h"
#include "services/training/store.h"
#include "services/training/store_completions.h"

namespace accord::training {
namespace {

using v1::Completion;

// Rows are in no Change, from which a repeated request could be answered: the name that it gave
// its row is found again from the request.
std::string NameFor(const store::MutationContext& context) {
  if (context.request_id.empty()) return NewName("completions");
  const std::string digest = Sha256(absl::StrCat(context.actor, "\n", context.action, "\n",
                                                 context.request_id, "\n", context.request_digest));
  return absl::StrCat("completions/", Hex(digest).substr(0, 26));
}

void CheckResult(FieldViolations& violations, const Completion& wanted) {
  if (!Completion::Result_IsValid(wanted.result()) ||
      wanted.result() == Completion::RESULT_UNSPECIFIED) {
    violations.Add("completion.result", "must be PASSED, FAILED or DISQUALIFIED");
  }
}

absl::Status CheckRequest(const v1::RecordCompletionRequest& request,
                          const policy::v1::Course* course, Date today) {
  const Completion& wanted = request.completion();
  FieldViolations violations;
  service::RequireName(violations, "completion.officer", wanted.officer(), "officers");
  if (course == nullptr) {
    violations.Add("completion.course", "must be the code of a course of the policy");
  }
  RequirePast(violations, "completion.date", wanted.has_date(), wanted.date(), today);
  CheckResult(violations, wanted);
  if (wanted.attempt() < 0 || wanted.attempt() > kMaxAttempt) {
    violations.Add("completion.attempt", absl::StrCat("must be 1 to ", kMaxAttempt));
  }
  if (!wanted.offering().empty()) {
    service::RequireName(violations, "completion.offering", wanted.offering(), "offerings");
  }
  service::CheckText(violations, "completion.evidence", wanted.evidence(), kMaxSource);
  service::CheckText(violations, "completion.source", wanted.source(), kMaxSource);
  if (!wanted.voids().empty()) {
    violations.Add("completion.voids", "is set by VoidCompletion alone");
  }
  service::CheckText(violations, "completion.reason", wanted.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  return violations.ToStatus(kDomain);
}

// That it can be of the class it names, if it names one.
absl::Status CheckClass(store::Transaction& transaction, const Completion& completion,
                        const v1::Officer& officer, absl::TimeZone zone, FieldViolations& late) {
  if (completion.offering().empty()) return absl::OkStatus();
  ACCORD_ASSIGN_OR_RETURN(const v1::Offering offering,
                          transaction.Get<v1::Offering>(completion.offering()));
  ACCORD_ASSIGN_OR_RETURN(const std::vector<v1::Enrollment> places,
                          EnrollmentsOf(transaction, {officer.name()}));
  const ClassFacts facts = {offering, DayOf(offering.create_time(), zone), places};
  for (const std::string& why : WhyNotOf(facts, completion, officer)) {
    late.Add("completion.offering", why);
  }
  return absl::OkStatus();
}

// What can only be checked against the record.
absl::Status CheckAgainst(store::Transaction& transaction,
                          const v1::RecordCompletionRequest& request, const Completion& completion,
                          const policy::v1::Course& course, const OfficerFacts& facts,
                          absl::TimeZone zone) {
  FieldViolations late;
  if (request.has_score()) {
    const auto wrong = WhyScoreIsWrong(course, completion.result(), request.score());
    if (wrong) late.Add("score", *wrong);
  }
  if (IsOfOtherModel(course, facts.officer)) {
    late.Add("completion.course", absl::StrCat("is a course of ", course.model(),
                                               ", the officer is of ", facts.officer.model()));
  }
  ACCORD_RETURN_IF_ERROR(CheckClass(transaction, completion, facts.officer, zone, late));
  return late.ToStatus(kDomain);
}

Completion CompletionOf(const Completion& wanted, const std::string& name,
                        const v1::Officer& officer) {
  Completion completion;
  completion.set_name(name);
  completion.set_officer(officer.name());
  completion.set_course(wanted.course());
  *completion.mutable_date() = wanted.date();
  completion.set_result(wanted.result());
  completion.set_attempt(wanted.attempt());
  completion.set_offering(wanted.offering());
  completion.set_evidence(wanted.evidence());
  completion.set_source(wanted.source());
  completion.set_reason(wanted.reason());
  CopyOfficer(officer, completion);
  return completion;
}

Completion VoidOf(const v1::VoidCompletionRequest& request, const std::string& name,
                  const v1::Officer& officer) {
  Completion completion;
  completion.set_name(name);
  completion.set_officer(officer.name());
  *completion.mutable_date() = request.date();
  completion.set_voids(request.name());
  completion.set_reason(request.reason());
  CopyOfficer(officer, completion);
  return completion;
}

// By the version that binds the officer; of one that the policy no longer has, its code alone.
policy::v1::Course CourseOf(const OfficerFacts& facts, const PolicyView& policy,
                            const std::string& code) {
  policy::v1::Course unknown;
  unknown.set_code(code);
  const policy::v1::Course* named = policy.FindCourse(code);
  return CourseFor(facts.view(), policy, named == nullptr ? unknown : *named);
}

v1::OfficerEvent EventOf(const store::Transaction& transaction, const rpc::Call& call) {
  v1::OfficerEvent event;
  event.set_actor(call.caller().actor);
  *event.mutable_record_time() = TimeOf(transaction);
  return event;
}

// The officer's facts with the row last among the completions.
using Decide = std::function<absl::StatusOr<OfficerFacts>(store::Transaction&)>;

// Appends the last of the completions, and keeps what follows from it.
absl::StatusOr<store::WriteSet> WriteRow(store::Transaction& transaction, OfficerFacts facts,
                                         const PolicyView& policy, Date today) {
  std::vector<std::unique_ptr<google::protobuf::Message>> rows;
  rows.push_back(std::make_unique<Completion>(facts.completions.back()));
  store::WriteSet writes;
  writes.AppendRows(facts.officer.name(), std::move(rows));
  ACCORD_RETURN_IF_ERROR(Rekeep(transaction, std::move(facts), policy, today, writes));
  return writes;
}

// Commits one row called `name`, or answers with it when it is on record: then an equal request
// with the same id wrote it.
absl::StatusOr<Completion> CommitRow(store::Store& store, rpc::Call& call,
                                     const store::MutationContext& context, const std::string& name,
                                     const PolicyView& policy, Date today, const Decide& decide) {
  std::optional<Completion> row;
  const auto mutation = [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
    auto known = transaction.Get<Completion>(name);
    if (known.ok()) {
      row = *std::move(known);
      return store::WriteSet();
    }
    if (!absl::IsNotFound(known.status())) return known.status();
    ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, decide(transaction));
    row = facts.completions.back();
    return WriteRow(transaction, std::move(facts), policy, today);
  };
  ACCORD_ASSIGN_OR_RETURN(const store::Committed committed,
                          store.Mutate(context, service::KeepWithin(call.reach(), mutation)));
  service::SetRevision(call, store, committed.position);
  if (!committed.replayed) return *std::move(row);
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(call.deadline()));
  return (*snapshot)->Get<Completion>(name);
}

}  // namespace

absl::StatusOr<Completion> Handlers::GetCompletion(rpc::Call& call,
                                                   const v1::GetCompletionRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "completions");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return service::Get<Completion>(store_, call, request.name(), request.as_known_at());
}

absl::StatusOr<v1::ListCompletionsResponse> Handlers::ListCompletions(
    rpc::Call& call, const v1::ListCompletionsRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<Completion>(store_, call, request));
  v1::ListCompletionsResponse response;
  response.mutable_completions()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<Completion> Handlers::RecordCompletion(rpc::Call& call,
                                                      const v1::RecordCompletionRequest& request) {
  const Date today = Today();
  const PolicyView& policy = PolicyOn(today);
  const Completion& wanted = request.completion();
  const policy::v1::Course* named = policy.FindCourse(wanted.course());
  ACCORD_RETURN_IF_ERROR(CheckRequest(request, named, today));

  const service::WriteAccess access(call, separation_, "RecordCompletion");
  store::MutationContext context = service::ContextOf(call, access.action(), request);
  context.reason = wanted.reason();
  const std::string name = NameFor(context);
  return CommitRow(
      store_, call, context, name, policy, today,
      [&](store::Transaction& transaction) -> absl::StatusOr<OfficerFacts> {
        ACCORD_ASSIGN_OR_RETURN(v1::Officer officer,
                                access.Read<v1::Officer>(transaction, wanted.officer()));
        Completion completion = CompletionOf(wanted, name, officer);
        ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, LoadFacts(transaction, std::move(officer)));
        const policy::v1::Course& course = CourseFor(facts.view(), policy, *named);
        ACCORD_RETURN_IF_ERROR(
            CheckAgainst(transaction, request, completion, course, facts, policy_->time_zone()));
        ACCORD_ASSIGN_OR_RETURN(const int attempt,
                                AttemptOf(completion, course, facts.completions));
        completion.set_attempt(attempt);
        facts.completions.push_back(completion);
        FollowDisqualification(course, facts.completions, EventOf(transaction, call),
                               facts.officer);
        return facts;
      });
}

absl::StatusOr<Completion> Handlers::VoidCompletion(rpc::Call& call,
                                                    const v1::VoidCompletionRequest& request) {
  const Date today = Today();
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "completions");
  RequirePast(violations, "date", request.has_date(), request.date(), today);
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const service::WriteAccess access(call, separation_, "VoidCompletion");
  const store::MutationContext context = service::ContextOf(call, access.action(), request);
  const std::string name = NameFor(context);
  const PolicyView& policy = PolicyOn(today);
  return CommitRow(
      store_, call, context, name, policy, today,
      [&](store::Transaction& transaction) -> absl::StatusOr<OfficerFacts> {
        ACCORD_ASSIGN_OR_RETURN(const Completion voided,
                                access.Read<Completion>(transaction, request.name()));
        ACCORD_ASSIGN_OR_RETURN(const auto by, VoiderOf(transaction, voided.name()));
        if (by) return error::AlreadyVoided(voided.name(), by->name());
        FieldViolations late;
        if (!voided.voids().empty()) {
          late.Add("name", "voids another itself; record what was voided anew");
        }
        ACCORD_RETURN_IF_ERROR(late.ToStatus(kDomain));
        ACCORD_ASSIGN_OR_RETURN(v1::Officer officer,
                                transaction.Get<v1::Officer>(voided.officer()));
        Completion completion = VoidOf(request, name, officer);
        ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, LoadFacts(transaction, std::move(officer)));
        facts.completions.push_back(std::move(completion));
        FollowDisqualification(CourseOf(facts, policy, voided.course()), facts.completions,
                               EventOf(transaction, call), facts.officer);
        return facts;
      });
}

}  // namespace accord::training
