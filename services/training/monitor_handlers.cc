#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "common/store/page_token.h"
#include "common/store/paging.h"
#include "services/training/errors.h"
#include "services/training/handlers.h"
#include "services/training/request_checks.h"
#include "services/training/store_monitors.h"

namespace accord::training {
namespace {

constexpr size_t kMaxActor = 300;

// A person as Changes name the actor: by what a token says, or, where the caller showed none and
// so nobody does, unverified. Another form could never acknowledge.
bool IsIdentity(absl::string_view actor, bool unverified) {
  absl::string_view name = actor;
  if (unverified && absl::ConsumePrefix(&name, rpc::kUnverifiedPrefix)) return !name.empty();
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(actor, absl::MaxSplits('#', 1));
  const auto& [issuer, subject] = parts;
  return !issuer.empty() && !subject.empty() && !absl::c_any_of(issuer, absl::ascii_isspace);
}

void CheckIdentity(FieldViolations& violations, absl::string_view field, absl::string_view actor,
                   bool unverified) {
  service::RequireText(violations, field, actor, kMaxActor);
  if (absl::StripAsciiWhitespace(actor).empty() || IsIdentity(actor, unverified)) return;
  violations.Add(field,
                 absl::StrCat("must be ISSUER#SUBJECT", unverified ? ", or unverified:NAME" : "",
                              ", as AccessService.WhoAmI names the caller"));
}

void CheckMonitor(FieldViolations& violations, const v1::Monitor& monitor, bool unverified) {
  service::RequireName(violations, "monitor.agency", monitor.agency(), "agencies");
  CheckIdentity(violations, "monitor.manager", monitor.manager(), unverified);
  CheckIdentity(violations, "monitor.training_officer", monitor.training_officer(), unverified);
  const bool same = monitor.manager() == monitor.training_officer();
  if (same && !monitor.manager().empty()) {
    violations.Add("monitor.training_officer", "must be another person than the manager");
  }
}

// Whether the service asks nobody who they are.
bool IsUnverified(const rpc::Caller& caller) {
  return caller.actor == rpc::kAnonymous || absl::StartsWith(caller.actor, rpc::kUnverifiedPrefix);
}

std::string MonitorName(absl::string_view agency) {
  return absl::StrCat("monitors/", absl::StripPrefix(agency, "agencies/"));
}

// Names them; who was named before keeps the acknowledgement.
void Name(const v1::Monitor& wanted, v1::Monitor& monitor) {
  if (monitor.manager() != wanted.manager()) monitor.clear_manager_acknowledge_time();
  if (monitor.training_officer() != wanted.training_officer()) {
    monitor.clear_training_officer_acknowledge_time();
  }
  monitor.set_manager(wanted.manager());
  monitor.set_training_officer(wanted.training_officer());
}

// What a page token of the gaps is good for.
std::string PageBinding(const rpc::Call& call, const v1::ListMonitorGapsRequest& request) {
  return absl::StrJoin(
      {call.caller().actor, request.GetDescriptor()->full_name(), store::ReachText(call.reach()),
       std::string(request.fictitious() ? "1" : ""), request.field_office()},
      std::string(1, '\0'));
}

// The last agency of the page before; empty for the first page.
absl::StatusOr<std::string> PlaceAt(const store::Store& store, const std::string& binding,
                                    const std::string& token) {
  if (token.empty()) return std::string();
  ACCORD_ASSIGN_OR_RETURN(const std::vector<sql::Value> place,
                          store::OpenPageToken(store.page_key(), binding, token, store.domain()));
  return sql::GetText(place, 0);
}

}  // namespace

absl::StatusOr<v1::ListMonitorGapsResponse> Handlers::ListMonitorGaps(
    rpc::Call& call, const v1::ListMonitorGapsRequest& request) {
  FieldViolations violations;
  const auto size = static_cast<size_t>(store::ClampPageSize(request.page_size(), violations));
  if (!request.field_office().empty()) {
    service::RequireName(violations, "field_office", request.field_office(), "fieldOffices");
  }
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  const std::string binding = PageBinding(call, request);
  MonitorGapAsk ask = {.reach = call.reach(),
                       .fictitious = request.fictitious(),
                       .field_office = request.field_office(),
                       .limit = static_cast<int64_t>(size) + 1,
                       .deadline = call.deadline()};
  ACCORD_ASSIGN_OR_RETURN(ask.after, PlaceAt(store_, binding, request.page_token()));
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::MonitorGap> gaps, MonitorGaps(**snapshot, ask));
  v1::ListMonitorGapsResponse response;
  if (gaps.size() > size) {
    gaps.resize(size);
    ACCORD_ASSIGN_OR_RETURN(
        *response.mutable_next_page_token(),
        store::SealPageToken(store_.page_key(), binding, {gaps.back().agency()}));
  }
  response.mutable_gaps()->Assign(gaps.begin(), gaps.end());
  return response;
}

absl::StatusOr<v1::ListMonitorsResponse> Handlers::ListMonitors(
    rpc::Call& call, const v1::ListMonitorsRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::Monitor>(store_, call, request));
  v1::ListMonitorsResponse response;
  response.mutable_monitors()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Monitor> Handlers::NameMonitor(rpc::Call& call,
                                                  const v1::NameMonitorRequest& request) {
  const v1::Monitor& wanted = request.monitor();
  FieldViolations violations;
  CheckMonitor(violations, wanted, IsUnverified(call.caller()));
  service::CheckText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const store::MutationContext context = service::ContextOf(call, "NameMonitor", request);
  ACCORD_ASSIGN_OR_RETURN(const auto replay, store_.FindReplay(context));
  if (replay) {
    service::SetRevision(call, store_, replay->position);
    return replay->First<v1::Monitor>();
  }
  ACCORD_ASSIGN_OR_RETURN(const agreements::v1::Agency agency,
                          agreements_.GetAgency(call, wanted.agency()));
  return service::Commit<v1::Monitor>(
      store_, call, context,
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        auto known = transaction.Get<v1::Monitor>(MonitorName(agency.name()));
        if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();
        const bool exists = known.ok();
        v1::Monitor monitor = exists ? *std::move(known) : v1::Monitor();
        monitor.set_name(MonitorName(agency.name()));
        monitor.set_agency(agency.name());
        monitor.set_field_office(agency.field_office());
        monitor.set_fictitious(agency.fictitious());
        Name(wanted, monitor);
        store::WriteSet writes;
        exists ? writes.Update(monitor) : writes.Create(monitor);
        return writes;
      });
}

absl::StatusOr<v1::Monitor> Handlers::AcknowledgeMonitor(
    rpc::Call& call, const v1::AcknowledgeMonitorRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "monitors");
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const service::WriteAccess access(call, separation_, "AcknowledgeMonitor");
  return service::Commit<v1::Monitor>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(auto monitor,
                                access.Read<v1::Monitor>(transaction, request.name()));
        const std::string& actor = call.caller().actor;
        if (actor != monitor.manager() && actor != monitor.training_officer()) {
          return error::NotNamed(monitor.name());
        }
        if (actor == monitor.manager()) {
          *monitor.mutable_manager_acknowledge_time() = TimeOf(transaction);
        }
        if (actor == monitor.training_officer()) {
          *monitor.mutable_training_officer_acknowledge_time() = TimeOf(transaction);
        }
        store::WriteSet writes;
        writes.Update(monitor);
        return writes;
      });
}

}  // namespace accord::training
