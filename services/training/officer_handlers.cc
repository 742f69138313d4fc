#include <functional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/service/field_mask.h"
#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/training/agreement_copy.h"
#include "services/training/errors.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/officer_events.h"
#include "services/training/request_checks.h"

namespace accord::training {
namespace {

using Event = v1::OfficerEvent;

constexpr size_t kMaxName = 100;
// How often an agreement is read anew because its log went on before the write.
constexpr int kMostReads = 5;

// An event as a caller gives it.
struct EventFacts {
  Event::Kind kind;
  Date date;
  std::string reason;
  std::string source;
};

Event EventOf(const EventFacts& facts, const store::Transaction& transaction, const rpc::Call& call,
              const std::string& agreement) {
  Event event;
  event.set_kind(facts.kind);
  *event.mutable_date() = ToProto(facts.date);
  event.set_agreement(agreement);
  *event.mutable_record_time() = TimeOf(transaction);
  event.set_actor(call.caller().actor);
  event.set_reason(facts.reason);
  event.set_source(facts.source);
  return event;
}

Event::Kind EventKindOf(Step step) {
  switch (step) {
    case Step::kClear:
      return Event::SCREENED;
    case Step::kScreenOut:
      return Event::SCREENED_OUT;
    case Step::kStartTraining:
      return Event::TRAINING_STARTED;
    case Step::kCertify:
      return Event::CERTIFIED;
    case Step::kAuthorize:
      return Event::AUTHORIZED;
    case Step::kWithdraw:
      return Event::WITHDRAWN;
  }
  return Event::KIND_UNSPECIFIED;
}

// Why somebody was found eligible or not is never recorded.
bool KeepsReason(Step step) { return step != Step::kClear && step != Step::kScreenOut; }

// A course before certification that is not met on the day; where no rule is on record, none
// is needed.
absl::Status CheckBasic(const v1::Certification& on_day) {
  for (const v1::Requirement& requirement : on_day.requirements()) {
    if (requirement.kind() != policy::v1::Course::BASIC) continue;
    const auto state = requirement.state();
    if (state == v1::Requirement::MET || state == v1::Requirement::WAIVED ||
        state == v1::Requirement::NO_RULE) {
      continue;
    }
    return error::BasicCourseMissing(on_day.officer(), requirement.code());
  }
  return absl::OkStatus();
}

// What training must be on the day of the step.
absl::Status CheckTraining(Step step, const OfficerFacts& facts, const PolicyView& policy,
                           Date date) {
  if (step != Step::kCertify && step != Step::kAuthorize) return absl::OkStatus();
  const v1::Certification on_day = Certify(facts.view(), policy, date);
  ACCORD_RETURN_IF_ERROR(CheckBasic(on_day));
  if (step == Step::kCertify || on_day.state() == v1::Certification::CURRENT ||
      on_day.state() == v1::Certification::NO_RULE) {
    return absl::OkStatus();
  }
  return error::CertificationNotCurrent(facts.officer.name(), on_day.ends_by());
}

void TakeStepOn(v1::Officer& officer, Step step, Date date) {
  officer.set_state(TargetOf(step));
  if (step == Step::kCertify) *officer.mutable_certification_date() = ToProto(date);
  if (step == Step::kAuthorize) *officer.mutable_authorization_date() = ToProto(date);
}

using WriteUnder =
    std::function<absl::StatusOr<store::WriteSet>(store::Transaction&, const KnownAgreement&)>;

// Whether the follower of the agreements log has passed the position at which the agreement was
// read: then a change of it may have been followed without this officer, and be missed.
absl::StatusOr<bool> IsPassed(store::Transaction& transaction, const store::Position& read_at) {
  ACCORD_ASSIGN_OR_RETURN(const store::Position cursor, transaction.Cursor(kAgreementsService));
  if (!cursor.log_id.empty() && cursor.log_id != read_at.log_id) return error::AgreementsForked();
  return cursor.revision > read_at.revision;
}

// Commits what is written about an officer under an agreement, so that no change of the
// agreement falls between its reading and the write.
absl::StatusOr<v1::Officer> CommitUnder(store::Store& store, const AgreementSource& agreements,
                                        rpc::Call& call, const store::MutationContext& context,
                                        const std::string& agreement, const WriteUnder& write) {
  ACCORD_ASSIGN_OR_RETURN(const auto replay, store.FindReplay(context));
  if (replay) {
    service::SetRevision(call, store, replay->position);
    return replay->First<v1::Officer>();
  }
  for (int reads = 0; reads < kMostReads; ++reads) {
    ACCORD_ASSIGN_OR_RETURN(const KnownAgreement known, agreements.Get(call, agreement));
    bool passed = false;
    auto officer = service::Commit<v1::Officer>(
        store, call, context,
        [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
          ACCORD_ASSIGN_OR_RETURN(passed, IsPassed(transaction, known.read_at));
          if (passed) return error::AgreementsUnreachable();
          return write(transaction, known);
        });
    if (!passed) return officer;
  }
  return error::AgreementsUnreachable();
}

std::string CauseOf(const KnownAgreement& known) {
  return training::CauseOf(known.read_at.log_id, known.read_at.revision);
}

}  // namespace

absl::StatusOr<v1::Officer> Handlers::GetOfficer(rpc::Call& call,
                                                 const v1::GetOfficerRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "officers");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  if (request.as_known_at() > 0) {
    return service::Get<v1::Officer>(store_, call, request.name(), request.as_known_at());
  }
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  ACCORD_ASSIGN_OR_RETURN(v1::Officer officer,
                          service::Visible(call, **snapshot, request.name(),
                                           (*snapshot)->Get<v1::Officer>(request.name())));
  // A day that the sweep has not come to yet.
  const auto next = FromProto(officer.next_change_date());
  const Date today = Today();
  if (!next || *next > today) return officer;
  ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, LoadFacts(**snapshot, std::move(officer)));
  KeepToday(facts, PolicyOn(today), today);
  return std::move(facts.officer);
}

absl::StatusOr<v1::ListOfficersResponse> Handlers::ListOfficers(
    rpc::Call& call, const v1::ListOfficersRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::Officer>(store_, call, request));
  v1::ListOfficersResponse response;
  response.mutable_officers()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Officer> Handlers::NominateOfficer(rpc::Call& call,
                                                      const v1::NominateOfficerRequest& request) {
  const Date today = Today();
  const v1::Officer& wanted = request.officer();
  FieldViolations violations;
  service::RequireText(violations, "officer.given_name", wanted.given_name(), kMaxName);
  service::RequireText(violations, "officer.family_name", wanted.family_name(), kMaxName);
  service::RequireName(violations, "officer.agreement", wanted.agreement(), "agreements");
  const auto date = RequirePast(violations, "nomination_date", request.has_nomination_date(),
                                request.nomination_date(), today);
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckText(violations, "source", request.source(), kMaxSource);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  v1::Officer officer;
  officer.set_name(NewName("officers"));
  officer.set_given_name(std::string(absl::StripAsciiWhitespace(wanted.given_name())));
  officer.set_family_name(std::string(absl::StripAsciiWhitespace(wanted.family_name())));
  officer.set_state(v1::Officer::NOMINATED);
  return CommitUnder(store_, agreements_, call,
                     service::ContextOf(call, "NominateOfficer", request), wanted.agreement(),
                     [&](store::Transaction& transaction,
                         const KnownAgreement& known) -> absl::StatusOr<store::WriteSet> {
                       OfficerFacts facts{officer, {}, {}};
                       CopyAgreement(known.agreement, CauseOf(known), facts.officer);
                       AddEvent(
                           EventOf({Event::NOMINATED, *date, request.reason(), request.source()},
                                   transaction, call, known.agreement.name()),
                           facts.officer);
                       KeepToday(facts, PolicyOn(today), today);
                       store::WriteSet writes;
                       writes.Create(facts.officer);
                       return writes;
                     });
}

absl::StatusOr<v1::Officer> Handlers::UpdateOfficer(rpc::Call& call,
                                                    const v1::UpdateOfficerRequest& request) {
  FieldViolations violations;
  const v1::Officer& wanted = request.officer();
  service::RequireName(violations, "officer.name", wanted.name(), "officers");
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  const std::vector<std::string> paths =
      service::MaskedPaths(request.update_mask(), {"given_name", "family_name"},
                           "; a state moves by its own methods", violations);
  for (const std::string& path : paths) {
    const bool given = path == "given_name";
    service::RequireText(violations, absl::StrCat("officer.", path),
                         given ? wanted.given_name() : wanted.family_name(), kMaxName);
  }
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const service::WriteAccess access(call, separation_, "UpdateOfficer");
  return service::Commit<v1::Officer>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            v1::Officer officer,
            access.Read<v1::Officer>(transaction, wanted.name(), wanted.etag()));
        service::CopyMasked(paths, wanted, officer);
        store::WriteSet writes;
        writes.Update(officer);
        return writes;
      });
}

absl::StatusOr<v1::Officer> Handlers::TakeStep(rpc::Call& call, Step step,
                                               const v1::StepOfficerRequest& request) {
  const Date today = Today();
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "officers");
  const auto date = RequirePast(violations, "date", request.has_date(), request.date(), today);
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckText(violations, "source", request.source(), kMaxSource);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const service::WriteAccess access(call, separation_, MethodOf(step));
  store::MutationContext context = service::ContextOf(call, access.action(), request);
  if (!KeepsReason(step)) context.reason.clear();
  return service::Commit<v1::Officer>(
      store_, call, context,
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            v1::Officer officer,
            access.Read<v1::Officer>(transaction, request.name(), request.etag()));
        if (!Contains(LegalSteps(officer.state()), step)) {
          return IllegalFor(officer, MethodOf(step));
        }
        ACCORD_RETURN_IF_ERROR(CheckOrder(officer, *date));
        ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, LoadFacts(transaction, std::move(officer)));
        ACCORD_RETURN_IF_ERROR(CheckTraining(step, facts, PolicyOn(*date), *date));
        TakeStepOn(facts.officer, step, *date);
        AddEvent(EventOf({EventKindOf(step), *date, context.reason, request.source()}, transaction,
                         call, facts.officer.agreement()),
                 facts.officer);
        store::WriteSet writes;
        ACCORD_RETURN_IF_ERROR(
            Rekeep(transaction, std::move(facts), PolicyOn(today), today, writes));
        return writes;
      });
}

absl::StatusOr<v1::Officer> Handlers::RecordPaper(rpc::Call& call,
                                                  const v1::RecordPaperRequest& request) {
  const Date today = Today();
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "officers");
  if (!IsPaper(request.paper())) {
    violations.Add("paper",
                   "must be FORM_70_006_SIGNED, CREDENTIALS_ISSUED or CREDENTIALS_RETURNED");
  }
  const auto date = RequirePast(violations, "date", request.has_date(), request.date(), today);
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckText(violations, "source", request.source(), kMaxSource);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const service::WriteAccess access(call, separation_, "RecordPaper");
  return service::Commit<v1::Officer>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            v1::Officer officer,
            access.Read<v1::Officer>(transaction, request.name(), request.etag()));
        const auto from = PaperFrom(officer, request.paper());
        if (!from) return IllegalFor(officer, "RecordPaper");
        if (*date < from->date) return error::DateOutOfOrder(officer.name(), *date, from->date);
        if (from->agreement == officer.agreement()) SetPaper(request.paper(), *date, officer);
        AddEvent(EventOf({request.paper(), *date, request.reason(), request.source()}, transaction,
                         call, from->agreement),
                 officer);
        store::WriteSet writes;
        ACCORD_RETURN_IF_ERROR(
            Rekeep(transaction, std::move(officer), PolicyOn(today), today, writes));
        return writes;
      });
}

absl::StatusOr<v1::Officer> Handlers::TransferOfficer(rpc::Call& call,
                                                      const v1::TransferOfficerRequest& request) {
  const Date today = Today();
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "officers");
  service::RequireName(violations, "agreement", request.agreement(), "agreements");
  const auto date = RequirePast(violations, "date", request.has_date(), request.date(), today);
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckText(violations, "source", request.source(), kMaxSource);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const service::WriteAccess access(call, separation_, "TransferOfficer");
  return CommitUnder(
      store_, agreements_, call, service::ContextOf(call, access.action(), request),
      request.agreement(),
      [&](store::Transaction& transaction,
          const KnownAgreement& known) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            v1::Officer officer,
            access.Read<v1::Officer>(transaction, request.name(), request.etag()));
        // A revocation follows the person: first a decision must reinstate them.
        if (officer.state() == v1::Officer::REVOKED) return IllegalFor(officer, "TransferOfficer");
        ACCORD_RETURN_IF_ERROR(CheckOrder(officer, *date));
        FieldViolations late;
        if (known.agreement.name() == officer.agreement() && !HasLeftProgram(officer.state())) {
          late.Add("agreement", "must be another one than the officer serves under");
        }
        if (known.agreement.fictitious() != officer.fictitious()) {
          late.Add("agreement", "must be fictitious exactly when the officer is");
        }
        ACCORD_RETURN_IF_ERROR(late.ToStatus(kDomain));
        BeginAnew(officer);
        CopyAgreement(known.agreement, CauseOf(known), officer);
        AddEvent(EventOf({Event::TRANSFERRED, *date, request.reason(), request.source()},
                         transaction, call, known.agreement.name()),
                 officer);
        ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, LoadFacts(transaction, std::move(officer)));
        facts.may_have_moved = true;
        store::WriteSet writes;
        ACCORD_RETURN_IF_ERROR(
            Rekeep(transaction, std::move(facts), PolicyOn(today), today, writes));
        return writes;
      });
}

}  // namespace accord::training
