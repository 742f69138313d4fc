#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/calendar/fiscal.h"
#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/training/errors.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/officer_events.h"
#include "services/training/request_checks.h"
#include "services/training/store.h"

namespace accord::training {
namespace {

using policy::v1::AnnualVerificationRule;

constexpr size_t kMaxActor = 300;
constexpr size_t kMaxFilter = 4096;
constexpr int kFirstYear = 1996;
constexpr int kLastYear = 2199;

void CheckYear(FieldViolations& violations, absl::string_view field, int year) {
  if (year < kFirstYear || year > kLastYear) {
    violations.Add(field, absl::StrCat("must be a year from ", kFirstYear, " to ", kLastYear));
  }
}

// First day of the year that the rule means; of the calendar year without a rule.
Date YearStart(const AnnualVerificationRule* rule, int year) {
  const bool fiscal = rule != nullptr && rule->year() == AnnualVerificationRule::FISCAL;
  return fiscal ? FiscalYearStart(year) : MakeDate(year, 1, 1);
}

// The officers that the rule binds: certified ones of its models.
std::string BoundFilter(const AnnualVerificationRule& rule) {
  const std::string models =
      absl::StrJoin(rule.models(), " OR ", [](std::string* out, const std::string& model) {
        absl::StrAppend(out, "model = \"", model, "\"");
      });
  return absl::StrCat("(", models, ") AND (state = CERTIFIED OR state = AUTHORIZED)");
}

void CheckMonitor(FieldViolations& violations, const v1::Monitor& monitor) {
  service::RequireName(violations, "monitor.agency", monitor.agency(), "agencies");
  service::RequireText(violations, "monitor.manager", monitor.manager(), kMaxActor);
  service::RequireText(violations, "monitor.training_officer", monitor.training_officer(),
                       kMaxActor);
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

}  // namespace

absl::StatusOr<v1::ListAnnualVerificationsResponse> Handlers::ListAnnualVerifications(
    rpc::Call& call, const v1::ListAnnualVerificationsRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page,
                          service::ListPage<v1::AnnualVerification>(store_, call, request));
  v1::ListAnnualVerificationsResponse response;
  response.mutable_annual_verifications()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::AnnualVerification> Handlers::RecordAnnualVerification(
    rpc::Call& call, const v1::RecordAnnualVerificationRequest& request) {
  const Date today = Today();
  const v1::AnnualVerification& wanted = request.annual_verification();
  const AnnualVerificationRule* rule = PolicyOn(today).training().annual_verification();
  FieldViolations violations;
  service::RequireName(violations, "annual_verification.officer", wanted.officer(), "officers");
  CheckYear(violations, "annual_verification.year", wanted.year());
  const auto date = RequirePast(violations, "annual_verification.verify_date",
                                wanted.has_verify_date(), wanted.verify_date(), today);
  service::CheckRequestId(violations, request.request_id());
  if (violations.empty() && *date < YearStart(rule, wanted.year())) {
    violations.Add("annual_verification.verify_date", "lies before that year");
  }
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const std::string name = NewName("annualVerifications");
  const service::WriteAccess access(call, separation_, "RecordAnnualVerification");
  return service::Commit<v1::AnnualVerification>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(v1::Officer officer,
                                access.Read<v1::Officer>(transaction, wanted.officer()));
        ACCORD_ASSIGN_OR_RETURN(const auto known,
                                VerificationsOf(transaction, wanted.year(), officer.name()));
        if (!known.empty()) return error::VerificationExists(known.front().name());
        ACCORD_ASSIGN_OR_RETURN(const OfficerFacts facts,
                                LoadFacts(transaction, std::move(officer)));
        v1::AnnualVerification verification;
        verification.set_name(name);
        verification.set_officer(wanted.officer());
        verification.set_year(wanted.year());
        *verification.mutable_verify_date() = ToProto(*date);
        verification.set_found(Certify(facts.view(), PolicyOn(*date), *date).state());
        verification.set_verified_by(call.caller().actor);
        CopyOfficer(facts.officer, verification);
        store::WriteSet writes;
        writes.Create(verification);
        return writes;
      });
}

absl::StatusOr<v1::ListVerificationGapsResponse> Handlers::ListVerificationGaps(
    rpc::Call& call, const v1::ListVerificationGapsRequest& request) {
  FieldViolations violations;
  CheckYear(violations, "year", request.year());
  service::CheckText(violations, "filter", request.filter(), kMaxFilter);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  v1::ListVerificationGapsResponse response;
  const AnnualVerificationRule* rule = PolicyOn(Today()).training().annual_verification();
  if (rule == nullptr || rule->models().empty()) return response;

  // Those verified are taken out of each page; a page that loses all of them is skipped.
  v1::ListVerificationGapsRequest bound = request;
  do {
    ACCORD_ASSIGN_OR_RETURN(
        auto page, service::ListPage<v1::Officer>(store_, call, bound, [&](store::ListArgs& args) {
          args.view = absl::StrCat(request.year());
          args.filter = request.filter().empty()
                            ? BoundFilter(*rule)
                            : absl::StrCat("(", request.filter(), ") AND ", BoundFilter(*rule));
        }));
    std::vector<std::string> names;
    for (const v1::Officer& officer : page.items) names.push_back(officer.name());
    ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
    ACCORD_ASSIGN_OR_RETURN(const auto verified, VerifiedIn(**snapshot, request.year(), names));
    for (v1::Officer& officer : page.items) {
      if (!verified.contains(officer.name())) response.add_officers()->Swap(&officer);
    }
    bound.set_page_token(page.next_page_token);
  } while (response.officers().empty() && !bound.page_token().empty() && !call.Cancelled());
  response.set_next_page_token(bound.page_token());
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
  CheckMonitor(violations, wanted);
  service::CheckText(violations, "reason", request.reason(), kMaxReason);
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

absl::StatusOr<v1::ListNoticesResponse> Handlers::ListNotices(
    rpc::Call& call, const v1::ListNoticesRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::Notice>(store_, call, request));
  v1::ListNoticesResponse response;
  response.mutable_notices()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace accord::training
