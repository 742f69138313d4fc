#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/crypto.h"
#include "common/service/field_mask.h"
#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/agreements/errors.h"
#include "services/agreements/handlers.h"
#include "services/agreements/reconcile/keys.h"
#include "services/agreements/reconcile/listing.h"
#include "services/agreements/reconcile/merge.h"
#include "services/agreements/roster/text_fold.h"
#include "services/agreements/store.h"
#include "services/agreements/write_out.h"

namespace accord::agreements {
namespace {

constexpr size_t kMaxName = 200;
constexpr int kMaxAliases = 50;

void CheckOri(FieldViolations& violations, const std::string& ori) {
  const bool well_formed = ori.size() == 9 && std::all_of(ori.begin(), ori.end(), [](char c) {
                             return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                           });
  if (!ori.empty() && !well_formed) {
    violations.Add("agency.ori", "must be nine characters of A-Z and 0-9, as the FBI writes it");
  }
}

void CheckAgency(FieldViolations& violations, const v1::Agency& agency, const PolicyView& policy) {
  service::RequireText(violations, "agency.display_name", agency.display_name(), kMaxName);
  service::CheckText(violations, "agency.county", agency.county(), kMaxName);
  const policy::v1::State* state = policy.FindState(agency.state());
  if (state == nullptr || state->code() != agency.state()) {
    violations.Add("agency.state", "must be the USPS code of a state or territory, such as FL");
  }
  if (!v1::Agency::Kind_IsValid(agency.kind()) || agency.kind() == v1::Agency::KIND_UNSPECIFIED) {
    violations.Add("agency.kind", "must be COUNTY, MUNICIPALITY, STATE_AGENCY or OTHER");
  }
  CheckOri(violations, agency.ori());
  if (agency.aliases_size() > kMaxAliases) {
    violations.Add("agency.aliases", absl::StrCat("must be at most ", kMaxAliases));
  }
  for (int i = 0; i < agency.aliases_size(); ++i) {
    service::RequireText(violations, absl::StrCat("agency.aliases[", i, "]"), agency.aliases(i),
                         kMaxName);
  }
  absl::string_view office = agency.field_office();
  const bool named = absl::ConsumePrefix(&office, "fieldOffices/");
  if (!agency.field_office().empty() && (!named || policy.FindFieldOffice(office) == nullptr)) {
    violations.Add("agency.field_office",
                   "must be fieldOffices/{code} with the code of an office of the policy");
  }
}

// The folded names that find the agency in lists.
void SetKeys(v1::Agency& agency) {
  std::set<std::string> keys;
  const std::string first = AgencyKey(agency.state(), agency.display_name());
  for (const std::string& alias : agency.aliases()) keys.insert(AgencyKey(agency.state(), alias));
  keys.erase(first);
  agency.clear_keys();
  agency.add_keys(first);
  for (const std::string& key : keys) agency.add_keys(key);
}

// Every key finds one agency. One that the caller may not see is not named.
absl::Status CheckKeysFree(const rpc::Call& call, store::Reader& reader, const v1::Agency& agency) {
  for (const std::string& key : agency.keys()) {
    ACCORD_ASSIGN_OR_RETURN(const std::optional<v1::Agency> other, AgencyByKey(reader, key));
    if (!other || other->name() == agency.name()) continue;
    const bool visible = service::Visible<v1::Agency>(call, reader, other->name(), *other).ok();
    return visible ? error::AgencyExists(other->name(), key) : error::AgencyExistsElsewhere(key);
  }
  return absl::OkStatus();
}

const std::vector<std::string>& Changeable() {
  static const auto& paths = *new std::vector<std::string>{
      "display_name", "aliases", "county", "kind", "ori", "field_office", "provenance"};
  return paths;
}

// A person's choice of office stays; without one it follows from state and county.
void PinOffice(v1::Agency& agency) {
  agency.set_field_office_pinned(!agency.field_office().empty());
  agency.set_field_office_note(agency.field_office().empty() ? "" : "chosen by a person");
}

// What is about the agency carries its office: for filters and sums, and because it says who
// may see it.
absl::Status FollowOffice(store::Reader& reader, const v1::Agency& agency,
                          store::WriteSet& writes) {
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Agreement> agreements,
                          AgreementsOf(reader, agency.name(), /*merged_too=*/true));
  for (v1::Agreement& agreement : agreements) {
    if (agreement.field_office() == agency.field_office()) continue;
    agreement.set_field_office(agency.field_office());
    writes.Update(agreement);
  }
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::RosterDiscrepancy> discrepancies,
                          DiscrepanciesOf(reader, agency.name()));
  for (v1::RosterDiscrepancy& discrepancy : discrepancies) {
    if (discrepancy.field_office() == agency.field_office()) continue;
    discrepancy.set_field_office(agency.field_office());
    writes.Update(discrepancy);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Agency> Handlers::GetAgency(rpc::Call& call,
                                               const v1::GetAgencyRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "agencies");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  if (request.as_known_at() > 0 || request.unresolved()) {
    return service::Get<v1::Agency>(store_, call, request.name(), request.as_known_at());
  }
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  return service::Visible(call, **snapshot, request.name(),
                          ResolveAgency(**snapshot, request.name()));
}

absl::StatusOr<v1::ListAgenciesResponse> Handlers::ListAgencies(
    rpc::Call& call, const v1::ListAgenciesRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::Agency>(store_, call, request));
  v1::ListAgenciesResponse response;
  response.mutable_agencies()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Agency> Handlers::CreateAgency(rpc::Call& call,
                                                  const v1::CreateAgencyRequest& request) {
  const PolicyView& policy = PolicyOn(Today());
  v1::Agency agency;
  agency.set_display_name(roster::CleanText(request.agency().display_name()));
  *agency.mutable_aliases() = request.agency().aliases();
  agency.set_state(request.agency().state());
  agency.set_county(request.agency().county());
  agency.set_kind(request.agency().kind());
  agency.set_ori(request.agency().ori());
  agency.set_field_office(request.agency().field_office());
  agency.set_fictitious(request.agency().fictitious());
  *agency.mutable_provenance() = request.agency().provenance();
  FieldViolations violations;
  CheckAgency(violations, agency, policy);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  agency.set_field_office_pinned(!agency.field_office().empty());
  PlaceAgency(agency, policy);
  SetKeys(agency);
  agency.set_name(absl::StrCat("agencies/", NewId()));
  return service::Commit<v1::Agency>(
      store_, call, service::ContextOf(call, "CreateAgency", request),
      [&call, agency](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        // First: what is taken elsewhere is not theirs to know.
        ACCORD_RETURN_IF_ERROR(service::CheckWithin(call.reach(), transaction, agency));
        ACCORD_RETURN_IF_ERROR(CheckKeysFree(call, transaction, agency));
        store::WriteSet writes;
        writes.Create(agency);
        return writes;
      });
}

absl::StatusOr<v1::Agency> Handlers::UpdateAgency(rpc::Call& call,
                                                  const v1::UpdateAgencyRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "agency.name", request.agency().name(), "agencies");
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  const std::vector<std::string> paths = service::MaskedPaths(
      request.update_mask(), Changeable(), "; it follows from other fields", violations);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const PolicyView& policy = PolicyOn(Today());
  const std::string& name = request.agency().name();
  const service::WriteAccess access(call, separation_, "UpdateAgency");
  return service::Commit<v1::Agency>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(v1::Agency agency,
                                access.Check(transaction, name, request.agency().etag(),
                                             ResolveAgency(transaction, name)));
        FieldViolations violations;
        const std::string old_name = agency.display_name();
        service::CopyMasked(paths, request.agency(), agency);
        agency.set_display_name(roster::CleanText(agency.display_name()));
        if (std::find(paths.begin(), paths.end(), "field_office") != paths.end()) {
          PinOffice(agency);
        }
        CheckAgency(violations, agency, policy);
        ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
        // The name it had goes on finding it in lists.
        if (agency.display_name() != old_name) agency.add_aliases(old_name);
        SetKeys(agency);
        PlaceAgency(agency, policy);
        ACCORD_RETURN_IF_ERROR(CheckKeysFree(call, transaction, agency));
        store::WriteSet writes;
        writes.Update(agency);
        ACCORD_RETURN_IF_ERROR(FollowOffice(transaction, agency, writes));
        return writes;
      });
}

absl::StatusOr<v1::Agency> Handlers::MergeAgencies(rpc::Call& call,
                                                   const v1::MergeAgenciesRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "agencies");
  service::RequireName(violations, "into", request.into(), "agencies");
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  if (request.name() == request.into()) violations.Add("into", "must be another agency");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  const Date today = Today();
  const service::WriteAccess access(call, separation_, "MergeAgencies");
  return service::Commit<v1::Agency>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        // Both are looked at before anything of either is told.
        ACCORD_ASSIGN_OR_RETURN(const v1::Agency into,
                                access.Read<v1::Agency>(transaction, request.into()));
        ACCORD_ASSIGN_OR_RETURN(
            const v1::Agency from,
            access.Read<v1::Agency>(transaction, request.name(), request.etag()));
        Record record;
        ACCORD_RETURN_IF_ERROR(
            LoadRecordOfStates(transaction, {from.state(), into.state()}, record));
        const NameIssuer issue = NewName;
        Draft draft(record, issue);
        ACCORD_RETURN_IF_ERROR(
            agreements::MergeAgencies(from.name(), into.name(), request.reason(), today, draft));
        store::WriteSet writes;
        WriteOut(WritesOf(draft), into.name(), transaction, writes);
        return writes;
      });
}

absl::StatusOr<v1::Agency> Handlers::UnmergeAgency(rpc::Call& call,
                                                   const v1::UnmergeAgencyRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "agencies");
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  const service::WriteAccess access(call, separation_, "UnmergeAgency");
  return service::Commit<v1::Agency>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(
            const v1::Agency merged,
            access.Read<v1::Agency>(transaction, request.name(), request.etag()));
        Record record;
        ACCORD_RETURN_IF_ERROR(LoadRecordOfStates(transaction, {merged.state()}, record));
        const NameIssuer issue = NewName;
        Draft draft(record, issue);
        ACCORD_RETURN_IF_ERROR(agreements::UnmergeAgency(merged.name(), draft));
        store::WriteSet writes;
        WriteOut(WritesOf(draft), merged.name(), transaction, writes);
        return writes;
      });
}

absl::StatusOr<v1::AgencyRecord> Handlers::GetAgencyRecord(
    rpc::Call& call, const v1::GetAgencyRecordRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "agencies");
  const auto as_of = service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  const Date date = as_of.value_or(Today());

  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  v1::AgencyRecord record;
  ACCORD_ASSIGN_OR_RETURN(*record.mutable_agency(),
                          service::Visible(call, **snapshot, request.name(),
                                           ResolveAgency(**snapshot, request.name())));
  ACCORD_ASSIGN_OR_RETURN(auto agreements, AgreementsOf(**snapshot, record.agency().name()));
  for (v1::Agreement& agreement : agreements) {
    Recompute(agreement, date);
    record.add_agreements()->Swap(&agreement);
  }
  ACCORD_ASSIGN_OR_RETURN(auto discrepancies,
                          OpenDiscrepanciesOf(**snapshot, record.agency().name()));
  // Some are another agency's, with this one as the other side.
  for (v1::RosterDiscrepancy& discrepancy : discrepancies) {
    ACCORD_ASSIGN_OR_RETURN(const bool covered,
                            store::Covers(call.reach(), **snapshot, discrepancy));
    if (!covered) continue;
    record.add_open_discrepancies()->Swap(&discrepancy);
  }
  return record;
}

}  // namespace accord::agreements
