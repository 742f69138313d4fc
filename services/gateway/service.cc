#include "services/gateway/service.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/store/filter.h"
#include "common/store/page_token.h"
#include "common/store/paging.h"
#include "services/gateway/errors.h"
#include "services/gateway/freshness.h"
#include "services/gateway/wire_time.h"

namespace accord::gateway {
namespace {

constexpr int kMostAgencies = 100;

rpc::MethodSpec SpecOf(absl::string_view method) {
  rpc::MethodSpec spec{absl::StrCat("accord.gateway.v1.Gateway/", method)};
  spec.keeps_to_reach = true;
  return spec;
}

const store::Fields& SummaryFields() {
  static const auto& fields =
      *new store::Fields(v1::AgencyStatusSummary::descriptor(),
                         {"agency", "display_name", "state", "field_office", "verdict",
                          "models_in_force", "agreements", "open_discrepancies", "fictitious"});
  return fields;
}

void CheckName(absl::string_view field, absl::string_view name, absl::string_view collection,
               FieldViolations& violations) {
  absl::string_view id = name;
  const bool good = absl::ConsumePrefix(&id, collection) && absl::ConsumePrefix(&id, "/") &&
                    !id.empty() && !absl::StrContains(id, '/');
  if (!good) {
    violations.Add(field, absl::StrCat("must be a name of the form ", collection, "/{id}"));
  }
}

void CheckAgencyName(absl::string_view field, absl::string_view name, FieldViolations& violations) {
  CheckName(field, name, "agencies", violations);
}

void CheckAgencyNames(const v1::BatchGetAgencyStatusesRequest& request,
                      FieldViolations& violations) {
  const int count = request.agencies_size();
  if (count == 0 || count > kMostAgencies) {
    violations.Add("agencies", absl::StrCat("must be 1 to ", kMostAgencies, " names"));
    return;
  }
  for (int i = 0; i < count; ++i) {
    CheckAgencyName(absl::StrCat("agencies[", i, "]"), request.agencies(i), violations);
  }
}

// A page token is good for the caller and the question that it was given for.
std::string BindingOf(const rpc::Call& call, const v1::ListAgencyStatusesRequest& request) {
  v1::ListAgencyStatusesRequest question = request;
  question.clear_page_size();
  question.clear_page_token();
  return absl::StrCat(call.caller().actor, "\n", question.GetTypeName(), "\n",
                      question.SerializeAsString());
}

bool Parse(grpc::ByteBuffer bytes, v1::GetAgencyStatusRequest& request) {
  return bytes.Valid() &&
         grpc::SerializationTraits<v1::GetAgencyStatusRequest>::Deserialize(&bytes, &request).ok();
}

}  // namespace

grpc::ServerUnaryReactor* GatewayService::GetAgencyStatus(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  static const auto& method = *new rpc::MethodSpec(SpecOf("GetAgencyStatus"));
  return deps_.runtime.Async(
      context, request, response, method,
      [this](const grpc::ByteBuffer& asked, rpc::Responder<grpc::ByteBuffer> responder) {
        Status(asked, std::move(responder));
      });
}

grpc::ServerUnaryReactor* GatewayService::BatchGetAgencyStatuses(
    grpc::CallbackServerContext* context, const v1::BatchGetAgencyStatusesRequest* request,
    v1::BatchGetAgencyStatusesResponse* response) {
  static const auto& method = *new rpc::MethodSpec(SpecOf("BatchGetAgencyStatuses"));
  return deps_.runtime.Unary(
      context, request, response, method,
      [this](rpc::Call& call, const auto& asked) { return Statuses(call, asked); });
}

grpc::ServerUnaryReactor* GatewayService::ListAgencyStatuses(
    grpc::CallbackServerContext* context, const v1::ListAgencyStatusesRequest* request,
    v1::ListAgencyStatusesResponse* response) {
  static const auto& method = *new rpc::MethodSpec(SpecOf("ListAgencyStatuses"));
  return deps_.runtime.Unary(
      context, request, response, method,
      [this](rpc::Call& call, const auto& asked) { return List(call, asked); });
}

grpc::ServerUnaryReactor* GatewayService::GetProgramMetrics(
    grpc::CallbackServerContext* context, const v1::GetProgramMetricsRequest* request,
    v1::ProgramMetrics* response) {
  static const auto& method = *new rpc::MethodSpec(SpecOf("GetProgramMetrics"));
  return deps_.runtime.Unary(
      context, request, response, method,
      [this](rpc::Call& call, const auto& asked) { return Metrics(call, asked); });
}

grpc::ServerUnaryReactor* GatewayService::GetOfficerAuthority(
    grpc::CallbackServerContext* context, const v1::GetOfficerAuthorityRequest* request,
    v1::OfficerAuthority* response) {
  static const auto& method = *new rpc::MethodSpec(SpecOf("GetOfficerAuthority"));
  return deps_.runtime.Unary(
      context, request, response, method,
      [this](rpc::Call& call, const auto& asked) { return Authority(call, asked); });
}

GatewayService::AsOf GatewayService::ReadAsOf(bool given, const google::type::Date& as_of,
                                              FieldViolations& violations) const {
  AsOf read;
  read.date = Today(deps_.clock.Now(), deps_.policy.time_zone());
  if (given) {
    const std::optional<Date> date = FromProto(as_of);
    if (!date) violations.Add("as_of", "must be a whole, real day");
    read.date = date.value_or(read.date);
  }
  const auto policy = deps_.policy.At(read.date);
  if (policy.ok()) {
    read.policy = *policy;
  } else {
    violations.Add("as_of", "lies before the first version of the policy");
  }
  return read;
}

std::optional<Place> GatewayService::ReadPageToken(const std::string& token,
                                                   const std::string& binding,
                                                   FieldViolations& violations) const {
  if (token.empty()) return std::nullopt;
  const auto position = store::OpenPageToken(deps_.page_key, binding, token, kDomain);
  if (position.ok() && position->size() == 3) {
    const auto text = [&](size_t i) { return std::get_if<std::string>(&(*position)[i]); };
    if (text(0) && text(1) && text(2)) return Place{*text(0), *text(1), *text(2)};
  }
  violations.Add("page_token", "is damaged, or belongs to another caller, filter or date");
  return std::nullopt;
}

void GatewayService::Status(const grpc::ByteBuffer& bytes,
                            rpc::Responder<grpc::ByteBuffer> responder) const {
  v1::GetAgencyStatusRequest request;
  if (!Parse(bytes, request)) return std::move(responder).Answer(error::MessageInvalid());
  FieldViolations violations;
  CheckAgencyName("agency", request.agency(), violations);
  const AsOf as_of = ReadAsOf(request.has_as_of(), request.as_of(), violations);
  std::vector<Revision> wanted = WantedRevisions(responder.call(), violations);
  const absl::Status valid = violations.ToStatus(kDomain);
  if (!valid.ok()) return std::move(responder).Answer(valid);
  deps_.statuses.Respond(request.agency(), {as_of.date, as_of.policy, std::move(wanted)},
                         std::move(responder));
}

absl::StatusOr<v1::BatchGetAgencyStatusesResponse> GatewayService::Statuses(
    rpc::Call& call, const v1::BatchGetAgencyStatusesRequest& request) const {
  FieldViolations violations;
  CheckAgencyNames(request, violations);
  const AsOf as_of = ReadAsOf(request.has_as_of(), request.as_of(), violations);
  std::vector<Revision> wanted = WantedRevisions(call, violations);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  v1::BatchGetAgencyStatusesResponse response;
  std::map<std::string, Revision> oldest;
  const std::vector<std::string> names(request.agencies().begin(), request.agencies().end());
  auto answers = deps_.statuses.Read(call, names, {as_of.date, as_of.policy, std::move(wanted)});
  for (size_t i = 0; i < answers.size(); ++i) {
    if (GetReason(answers[i].status()) == "AGENCY_NOT_FOUND") {
      response.add_not_found(names[i]);
      continue;
    }
    ACCORD_RETURN_IF_ERROR(answers[i].status());
    for (const Revision& revision : answers[i]->revisions) {
      Revision& kept = oldest.try_emplace(revision.service, revision).first->second;
      if (revision.revision < kept.revision) kept = revision;
    }
    *response.add_statuses() = std::move(answers[i]->status);
  }
  // What the whole of the answer is at least as new as.
  for (const auto& [service, revision] : oldest) StateRevision(revision, call);
  return response;
}

absl::StatusOr<v1::ListAgencyStatusesResponse> GatewayService::List(
    rpc::Call& call, const v1::ListAgencyStatusesRequest& request) const {
  FieldViolations violations;
  const int page_size = store::ClampPageSize(request.page_size(), violations);
  const auto filter = store::Filter::Parse(request.filter(), SummaryFields(), violations);
  const AsOf as_of = ReadAsOf(request.has_as_of(), request.as_of(), violations);
  const std::string binding = BindingOf(call, request);
  const auto after = ReadPageToken(request.page_token(), binding, violations);
  const std::vector<Revision> wanted = WantedRevisions(call, violations);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  deps_.projection.WaitFor(wanted, WaitUntil(call, deps_.freshness_wait));
  ACCORD_ASSIGN_OR_RETURN(Projection::Page page,
                          deps_.projection.List(*filter, call.reach(), as_of.date, after,
                                                static_cast<size_t>(page_size)));
  StateRevision(page.standing.revision, call);

  v1::ListAgencyStatusesResponse response;
  for (v1::AgencyStatusSummary& status : page.statuses) {
    *response.add_statuses() = std::move(status);
  }
  response.set_total_size(page.total);
  *response.add_sources() = page.standing.source;
  *response.mutable_as_of() = ToProto(as_of.date);
  if (page.next) {
    const std::vector<sql::Value> position = {page.next->state_name, page.next->display_name,
                                              page.next->agency};
    ACCORD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                            store::SealPageToken(deps_.page_key, binding, position));
  }
  return response;
}

absl::StatusOr<v1::ProgramMetrics> GatewayService::Metrics(
    rpc::Call& call, const v1::GetProgramMetricsRequest& request) const {
  FieldViolations violations;
  const AsOf as_of = ReadAsOf(request.has_as_of(), request.as_of(), violations);
  const std::vector<Revision> wanted = WantedRevisions(call, violations);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  deps_.projection.WaitFor(wanted, WaitUntil(call, deps_.freshness_wait));
  ACCORD_ASSIGN_OR_RETURN(
      Projection::Metrics answer,
      deps_.projection.MetricsOn(as_of.date, *as_of.policy, request.fictitious(), call.reach()));
  StateRevision(answer.standing.revision, call);
  v1::ProgramMetrics metrics = std::move(answer.metrics);
  std::vector<Revision> revisions = {answer.standing.revision};
  *metrics.add_sources() = answer.standing.source;
  if (deps_.training != nullptr) {
    auto training = deps_.training->Summary(call, as_of.date, request.fictitious());
    StateRevision(training.standing.revision, call);
    revisions.push_back(training.standing.revision);
    *metrics.add_sources() = training.standing.source;
    if (training.known) *metrics.mutable_training() = *std::move(training.known);
  }
  metrics.set_freshness_met(CoverAll(revisions, wanted));
  *metrics.mutable_compute_time() = ToTimestamp(deps_.clock.Now());
  return metrics;
}

absl::StatusOr<v1::OfficerAuthority> GatewayService::Authority(
    rpc::Call& call, const v1::GetOfficerAuthorityRequest& request) const {
  FieldViolations violations;
  CheckName("officer", request.officer(), "officers", violations);
  const AsOf as_of = ReadAsOf(request.has_as_of(), request.as_of(), violations);
  std::vector<Revision> wanted = WantedRevisions(call, violations);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  if (deps_.authorities == nullptr) return error::ServiceUnreachable(kTrainingService);
  ACCORD_ASSIGN_OR_RETURN(AuthorityViews::Answer answer,
                          deps_.authorities->Read(call, request.officer(),
                                                  {as_of.date, as_of.policy, std::move(wanted)}));
  StateRevisions(answer.revisions, call);
  return std::move(answer.authority);
}

}  // namespace accord::gateway
