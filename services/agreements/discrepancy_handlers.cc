#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/agreements/errors.h"
#include "services/agreements/handlers.h"
#include "services/agreements/reconcile/decide.h"
#include "services/agreements/store.h"
#include "services/agreements/write_out.h"

namespace accord::agreements {
namespace {

enum class Verb { kAccept, kReject, kUndo };

const char* ActionOf(Verb verb) {
  switch (verb) {
    case Verb::kAccept:
      return "AcceptRosterDiscrepancy";
    case Verb::kReject:
      return "RejectRosterDiscrepancy";
    case Verb::kUndo:
      return "UndoRosterDiscrepancy";
  }
  return "";
}

absl::StatusOr<Decision> DecisionOf(const v1::DecideRosterDiscrepancyRequest& request,
                                    const std::string& actor) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "rosterDiscrepancies");
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  Decision decision;
  decision.discrepancy = request.name();
  decision.decided_by = actor;
  decision.reason = request.reason();
  decision.effective_date = service::CheckDate(
      violations, "effective_date", request.has_effective_date(), request.effective_date());
  decision.end_state = request.end_state();
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return decision;
}

absl::StatusOr<BeforeImage> ImageBefore(store::Reader& reader, const WrittenResource& written,
                                        const MutationRange& range) {
  BeforeImage image;
  image.name = written.name;
  image.changed_since = written.newest_revision > range.last;
  if (written.created) return image;
  if (written.type_name == v1::Agency::descriptor()->full_name()) {
    ACCORD_ASSIGN_OR_RETURN(image.before,
                            reader.GetAt<v1::Agency>(written.name, written.revision - 1));
  } else {
    ACCORD_ASSIGN_OR_RETURN(image.before,
                            reader.GetAt<v1::Agreement>(written.name, written.revision - 1));
  }
  return image;
}

// Every agency and agreement that the last decision about the discrepancy wrote, as it
// was before.
absl::StatusOr<std::vector<BeforeImage>> ImagesBefore(store::Reader& reader,
                                                      const std::string& discrepancy) {
  std::vector<MutationRange> decisions;
  for (const Verb verb : {Verb::kAccept, Verb::kReject}) {
    ACCORD_ASSIGN_OR_RETURN(const auto ranges, MutationsOf(reader, discrepancy, ActionOf(verb)));
    decisions.insert(decisions.end(), ranges.begin(), ranges.end());
  }
  std::vector<BeforeImage> images;
  if (decisions.empty()) return images;
  const MutationRange last = *std::max_element(
      decisions.begin(), decisions.end(),
      [](const MutationRange& a, const MutationRange& b) { return a.last < b.last; });
  ACCORD_ASSIGN_OR_RETURN(const auto written, WrittenBy(reader, {last}));
  for (const WrittenResource& resource : written) {
    const bool ours = resource.type_name == v1::Agency::descriptor()->full_name() ||
                      resource.type_name == v1::Agreement::descriptor()->full_name();
    if (!ours) continue;
    ACCORD_ASSIGN_OR_RETURN(BeforeImage image, ImageBefore(reader, resource, last));
    images.push_back(std::move(image));
  }
  return images;
}

absl::StatusOr<Writes> Decide(store::Reader& reader, Verb verb, const DecisionFacts& facts,
                              const Decision& decision) {
  if (verb == Verb::kAccept) return AcceptDiscrepancy(facts, decision);
  if (verb == Verb::kReject) return RejectDiscrepancy(facts, decision);
  ACCORD_ASSIGN_OR_RETURN(const auto before, ImagesBefore(reader, decision.discrepancy));
  return UndoDecision(facts, decision, before);
}

// What a decision created and its undoing takes away again.
absl::Status WriteDeletions(store::Transaction& transaction, const std::vector<std::string>& names,
                            store::WriteSet& writes) {
  for (const std::string& name : names) {
    if (name.rfind("agencies/", 0) == 0) {
      ACCORD_ASSIGN_OR_RETURN(const auto agency, transaction.Get<v1::Agency>(name));
      writes.Delete(agency);
    } else {
      ACCORD_ASSIGN_OR_RETURN(const auto agreement, transaction.Get<v1::Agreement>(name));
      writes.Delete(agreement);
    }
  }
  return absl::OkStatus();
}

// What decisions are made with; all of it outlives them.
struct DecidingParts {
  store::Store& store;
  const service::Separation& separation;
  const PolicyView& policy;
  Date today;
};

absl::StatusOr<v1::RosterDiscrepancy> DecideOne(const DecidingParts& parts, rpc::Call& call,
                                                Verb verb,
                                                const v1::DecideRosterDiscrepancyRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(const Decision decision, DecisionOf(request, call.caller().actor));
  const service::WriteAccess access(call, parts.separation, ActionOf(verb));
  return service::Commit<v1::RosterDiscrepancy>(
      parts.store, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            const auto discrepancy,
            access.Read<v1::RosterDiscrepancy>(transaction, request.name(), request.etag()));
        Record record;
        ACCORD_RETURN_IF_ERROR(
            LoadRecordOfStates(transaction, {discrepancy.agency_state()}, record));
        const NameIssuer issue = NewName;
        ACCORD_ASSIGN_OR_RETURN(
            const Writes changed,
            Decide(transaction, verb, {record, parts.policy, parts.today, issue}, decision));
        store::WriteSet writes;
        WriteOut(changed, discrepancy.name(), transaction, writes);
        ACCORD_RETURN_IF_ERROR(WriteDeletions(transaction, changed.deletions, writes));
        return writes;
      });
}

}  // namespace

absl::StatusOr<v1::RosterDiscrepancy> Handlers::GetRosterDiscrepancy(
    rpc::Call& call, const v1::GetRosterDiscrepancyRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "rosterDiscrepancies");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return service::Get<v1::RosterDiscrepancy>(store_, call, request.name());
}

absl::StatusOr<v1::ListRosterDiscrepanciesResponse> Handlers::ListRosterDiscrepancies(
    rpc::Call& call, const v1::ListRosterDiscrepanciesRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page,
                          service::ListPage<v1::RosterDiscrepancy>(store_, call, request));
  v1::ListRosterDiscrepanciesResponse response;
  response.mutable_roster_discrepancies()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::RosterDiscrepancy> Handlers::AcceptRosterDiscrepancy(
    rpc::Call& call, const v1::DecideRosterDiscrepancyRequest& request) {
  const Date today = Today();
  return DecideOne({store_, separation_, PolicyOn(today), today}, call, Verb::kAccept, request);
}

absl::StatusOr<v1::RosterDiscrepancy> Handlers::RejectRosterDiscrepancy(
    rpc::Call& call, const v1::DecideRosterDiscrepancyRequest& request) {
  const Date today = Today();
  return DecideOne({store_, separation_, PolicyOn(today), today}, call, Verb::kReject, request);
}

absl::StatusOr<v1::RosterDiscrepancy> Handlers::UndoRosterDiscrepancy(
    rpc::Call& call, const v1::DecideRosterDiscrepancyRequest& request) {
  const Date today = Today();
  return DecideOne({store_, separation_, PolicyOn(today), today}, call, Verb::kUndo, request);
}

absl::StatusOr<v1::ResolveRosterDiscrepanciesResponse> Handlers::ResolveRosterDiscrepancies(
    rpc::Call& call, const v1::ResolveRosterDiscrepanciesRequest& request) {
  FieldViolations violations;
  service::RequireText(violations, "filter", request.filter(), 4096);
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  // Names first: decisions change what the filter matches.
  std::vector<std::string> names;
  v1::ListRosterDiscrepanciesRequest list;
  list.set_filter(absl::StrCat("(", request.filter(), ") AND state = OPEN"));
  list.set_page_size(1000);
  do {
    ACCORD_ASSIGN_OR_RETURN(const auto page, ListRosterDiscrepancies(call, list));
    for (const auto& discrepancy : page.roster_discrepancies()) {
      names.push_back(discrepancy.name());
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());

  const Date today = Today();
  const DecidingParts parts{store_, separation_, PolicyOn(today), today};
  const Verb verb = request.accept() ? Verb::kAccept : Verb::kReject;
  v1::ResolveRosterDiscrepanciesResponse response;
  for (const std::string& name : names) {
    v1::DecideRosterDiscrepancyRequest one;
    one.set_name(name);
    one.set_reason(request.reason());
    one.set_validate_only(request.validate_only());
    const auto decided = DecideOne(parts, call, verb, one);
    auto* result = response.add_results();
    result->set_name(name);
    if (decided.ok()) {
      result->set_state(decided->state());
      response.set_decided(response.decided() + 1);
    } else {
      const std::string reason = GetReason(decided.status());
      result->set_state(v1::RosterDiscrepancy::OPEN);
      // Text without a reason was not meant for callers.
      result->set_error_reason(reason.empty() ? "INTERNAL" : reason);
      result->set_error(reason.empty() ? "the store failed; see the server's log"
                                       : std::string(decided.status().message()));
      response.set_failed(response.failed() + 1);
    }
  }
  return response;
}

}  // namespace accord::agreements
