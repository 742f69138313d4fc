#include <google/protobuf/util/time_util.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/service/field_mask.h"
#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/agreements/errors.h"
#include "services/agreements/handlers.h"
#include "services/agreements/store.h"
#include "services/agreements/write_out.h"

namespace accord::agreements {
namespace {

constexpr size_t kMaxUri = 2000;

// A move as recorded: its day, who said so, with which words.
struct MoveFacts {
  Date effective;
  std::string reason;
  std::string source;
};

void CheckUri(FieldViolations& violations, absl::string_view field, absl::string_view uri) {
  service::CheckText(violations, field, uri, kMaxUri);
  if (!uri.empty() && !absl::StartsWith(uri, "https://")) {
    violations.Add(field, "must begin with https://");
  }
}

void CheckTemplate(FieldViolations& violations, absl::string_view field,
                   absl::string_view template_code, const PolicyView& policy,
                   absl::string_view model) {
  if (template_code.empty()) return;
  const policy::v1::Template* found = policy.FindTemplate(template_code);
  if (found == nullptr) {
    violations.Add(field, "must be the code of a template of the policy");
  } else if (!model.empty() && found->model() != model) {
    violations.Add(
        field, absl::StrCat("is a template of ", found->model(), ", not of ", std::string(model)));
  }
}

// What is recorded of a made-up agreement is made up as well.
v1::Transition TransitionOf(const MoveFacts& facts, const v1::Agreement& agreement,
                            const store::Transaction& transaction, const std::string& actor) {
  v1::Transition transition;
  *transition.mutable_effective_date() = ToProto(facts.effective);
  *transition.mutable_record_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      absl::ToUnixMicros(transaction.now()));
  transition.set_actor(actor);
  transition.set_reason(facts.reason);
  transition.set_source(facts.source);
  transition.set_basis(agreement.fictitious() ? v1::SYNTHETIC : v1::RECORD);
  return transition;
}

// Reads an agreement that a write is about, at the version the caller saw.
absl::StatusOr<v1::Agreement> ReadForWrite(const service::WriteAccess& access,
                                           store::Transaction& transaction, const std::string& name,
                                           const std::string& etag = "") {
  return access.Check(transaction, name, etag, ResolveAgreement(transaction, name));
}

template <typename Request>
void CheckMove(FieldViolations& violations, const Request& request) {
  service::RequireName(violations, "name", request.name(), "agreements");
  service::CheckText(violations, "source", request.source(), kMaxUri);
  service::CheckRequestId(violations, request.request_id());
}

void SetSigned(v1::Agreement& agreement, const v1::SignAgreementRequest& request) {
  *agreement.mutable_agency_signed_date() = request.agency_signed_date();
  *agreement.mutable_federal_signed_date() = request.federal_signed_date();
  if (!request.template_().empty()) agreement.set_template_(request.template_());
  if (!request.document_uri().empty()) agreement.set_document_uri(request.document_uri());
}

}  // namespace

absl::StatusOr<v1::Agreement> Handlers::GetAgreement(rpc::Call& call,
                                                     const v1::GetAgreementRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "agreements");
  const auto as_of = service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  absl::StatusOr<v1::Agreement> agreement =
      request.as_known_at() > 0
          ? (*snapshot)->GetAt<v1::Agreement>(request.name(), request.as_known_at())
      : request.unresolved() ? (*snapshot)->Get<v1::Agreement>(request.name())
                             : ResolveAgreement(**snapshot, request.name());
  if (agreement.ok() && (as_of || request.as_known_at() == 0)) {
    Recompute(*agreement, as_of.value_or(Today()));
  }
  return service::Visible(call, **snapshot, request.name(), std::move(agreement));
}

absl::StatusOr<v1::ListAgreementsResponse> Handlers::ListAgreements(
    rpc::Call& call, const v1::ListAgreementsRequest& request) {
  FieldViolations violations;
  const auto as_of = service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  ACCORD_ASSIGN_OR_RETURN(
      auto page,
      service::ListPage<v1::Agreement>(store_, call, request, [&](store::ListArgs& args) {
        if (!as_of) return;
        args.view = FormatDate(*as_of);
        args.transform = [date = *as_of](google::protobuf::Message& message) {
          Recompute(static_cast<v1::Agreement&>(message), date);
        };
      }));
  v1::ListAgreementsResponse response;
  response.mutable_agreements()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Agreement> Handlers::CreateAgreement(rpc::Call& call,
                                                        const v1::CreateAgreementRequest& request) {
  const PolicyView& policy = PolicyOn(Today());
  const v1::Agreement& wanted = request.agreement();
  FieldViolations violations;
  service::RequireName(violations, "agreement.agency", wanted.agency(), "agencies");
  const policy::v1::Model* model = policy.FindModelByPublishedName(wanted.model());
  if (model == nullptr || model->code() != wanted.model()) {
    violations.Add("agreement.model", "must be the code of a model of the policy, such as JEM");
  }
  CheckTemplate(violations, "agreement.template", wanted.template_(), policy, wanted.model());
  CheckUri(violations, "agreement.document_uri", wanted.document_uri());
  CheckUri(violations, "agreement.addendum_uri", wanted.addendum_uri());
  const auto date = service::RequireDate(
      violations, "application_date", request.has_application_date(), request.application_date());
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckText(violations, "source", request.source(), kMaxUri);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const Date today = Today();
  const std::string name = NewName("agreements");
  const service::WriteAccess access(call, separation_, "CreateAgreement");
  return service::Commit<v1::Agreement>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&, today, name](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(const v1::Agency agency,
                                access.Check(transaction, wanted.agency(), "",
                                             ResolveAgency(transaction, wanted.agency())));
        v1::Agreement agreement;
        agreement.set_name(name);
        agreement.set_agency(agency.name());
        agreement.set_agency_state(agency.state());
        agreement.set_field_office(agency.field_office());
        agreement.set_fictitious(agency.fictitious());
        agreement.set_model(wanted.model());
        agreement.set_template_(wanted.template_());
        agreement.set_document_uri(wanted.document_uri());
        agreement.set_addendum_uri(wanted.addendum_uri());
        *agreement.mutable_provenance() = wanted.provenance();
        v1::Transition* applied = agreement.add_transitions();
        *applied = TransitionOf({*date, request.reason(), request.source()}, agreement, transaction,
                                call.caller().actor);
        applied->set_state(v1::Agreement::APPLIED);
        Recompute(agreement, today);
        store::WriteSet writes;
        writes.Create(agreement);
        return writes;
      });
}

absl::StatusOr<v1::Agreement> Handlers::UpdateAgreement(rpc::Call& call,
                                                        const v1::UpdateAgreementRequest& request) {
  const PolicyView& policy = PolicyOn(Today());
  const v1::Agreement& wanted = request.agreement();
  FieldViolations violations;
  service::RequireName(violations, "agreement.name", wanted.name(), "agreements");
  CheckUri(violations, "agreement.document_uri", wanted.document_uri());
  CheckUri(violations, "agreement.addendum_uri", wanted.addendum_uri());
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  const std::vector<std::string> paths = service::MaskedPaths(
      request.update_mask(), {"template", "document_uri", "addendum_uri", "provenance"},
      "; a state moves by its own methods", violations);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const service::WriteAccess access(call, separation_, "UpdateAgreement");
  return service::Commit<v1::Agreement>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(v1::Agreement agreement,
                                ReadForWrite(access, transaction, wanted.name(), wanted.etag()));
        service::CopyMasked(paths, wanted, agreement);
        FieldViolations late;
        CheckTemplate(late, "agreement.template", agreement.template_(), policy, agreement.model());
        ACCORD_RETURN_IF_ERROR(late.ToStatus(kDomain));
        store::WriteSet writes;
        writes.Update(agreement);
        return writes;
      });
}

absl::StatusOr<v1::Agreement> Handlers::MoveAgreement(rpc::Call& call, Move move,
                                                      const v1::MoveAgreementRequest& request) {
  FieldViolations violations;
  CheckMove(violations, request);
  const auto date = service::RequireDate(violations, "effective_date", request.has_effective_date(),
                                         request.effective_date());
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const Date today = Today();
  const bool board = BoardGate();
  const service::WriteAccess access(call, separation_, MethodOf(move));
  return service::Commit<v1::Agreement>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(v1::Agreement agreement,
                                ReadForWrite(access, transaction, request.name(), request.etag()));
        ACCORD_RETURN_IF_ERROR(Apply(agreement, move,
                                     TransitionOf({*date, request.reason(), request.source()},
                                                  agreement, transaction, call.caller().actor),
                                     board, today));
        store::WriteSet writes;
        writes.Update(agreement);
        return writes;
      });
}

absl::StatusOr<v1::Agreement> Handlers::SignAgreement(rpc::Call& call,
                                                      const v1::SignAgreementRequest& request) {
  const PolicyView& policy = PolicyOn(Today());
  FieldViolations violations;
  CheckMove(violations, request);
  const auto agency =
      service::RequireDate(violations, "agency_signed_date", request.has_agency_signed_date(),
                           request.agency_signed_date());
  const auto federal =
      service::RequireDate(violations, "federal_signed_date", request.has_federal_signed_date(),
                           request.federal_signed_date());
  CheckUri(violations, "document_uri", request.document_uri());
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  CheckTemplate(violations, "template", request.template_(), policy, "");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const Date today = Today();
  const bool board = BoardGate();
  const service::WriteAccess access(call, separation_, "SignAgreement");
  return service::Commit<v1::Agreement>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(v1::Agreement agreement,
                                ReadForWrite(access, transaction, request.name(), request.etag()));
        FieldViolations late;
        CheckTemplate(late, "template", request.template_(), policy, agreement.model());
        ACCORD_RETURN_IF_ERROR(late.ToStatus(kDomain));
        SetSigned(agreement, request);
        // In force on the second signature.
        ACCORD_RETURN_IF_ERROR(
            Apply(agreement, Move::kSign,
                  TransitionOf({std::max(*agency, *federal), request.reason(), request.source()},
                               agreement, transaction, call.caller().actor),
                  board, today));
        store::WriteSet writes;
        writes.Update(agreement);
        return writes;
      });
}

absl::StatusOr<v1::Agreement> Handlers::SupersedeAgreement(
    rpc::Call& call, const v1::SupersedeAgreementRequest& request) {
  FieldViolations violations;
  CheckMove(violations, request);
  service::RequireName(violations, "successor", request.successor(), "agreements");
  if (request.successor() == request.name()) {
    violations.Add("successor", "must be another agreement");
  }
  const auto date = service::RequireDate(violations, "effective_date", request.has_effective_date(),
                                         request.effective_date());
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const Date today = Today();
  const bool board = BoardGate();
  const service::WriteAccess access(call, separation_, "SupersedeAgreement");
  return service::Commit<v1::Agreement>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        // Both are looked at before anything of either is told.
        ACCORD_ASSIGN_OR_RETURN(v1::Agreement successor,
                                ReadForWrite(access, transaction, request.successor()));
        ACCORD_ASSIGN_OR_RETURN(v1::Agreement agreement,
                                ReadForWrite(access, transaction, request.name(), request.etag()));
        if (successor.agency() != agreement.agency()) {
          return error::SuccessorOfOtherAgency(agreement.name(), successor.name());
        }
        ACCORD_RETURN_IF_ERROR(Apply(agreement, Move::kSupersede,
                                     TransitionOf({*date, request.reason(), request.source()},
                                                  agreement, transaction, call.caller().actor),
                                     board, today));
        agreement.set_successor(successor.name());
        successor.set_predecessor(agreement.name());
        store::WriteSet writes;
        writes.Update(agreement);
        writes.Update(successor);
        return writes;
      });
}

}  // namespace accord::agreements
