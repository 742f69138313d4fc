#include "services/gateway/errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace accord::gateway::error {
namespace {

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

}  // namespace

absl::Status AgencyNotFound(absl::string_view agency) {
  return MakeError(absl::StatusCode::kNotFound, kDomain, "AGENCY_NOT_FOUND",
                   absl::StrCat("there is no agency ", agency), {{"agency", std::string(agency)}});
}

absl::Status OfficerNotFound(absl::string_view officer) {
  return MakeError(absl::StatusCode::kNotFound, kDomain, "OFFICER_NOT_FOUND",
                   absl::StrCat("there is no officer ", officer),
                   {{"officer", std::string(officer)}});
}

absl::Status ProjectionNotReady() {
  return WithRetryAfter(MakeError(absl::StatusCode::kUnavailable, kDomain, "PROJECTION_NOT_READY",
                                  "the gateway is still reading the record; try again in a moment"),
                        kRetryAfter);
}

absl::Status ServiceUnreachable(absl::string_view service) {
  return WithRetryAfter(MakeError(absl::StatusCode::kUnavailable, kDomain, "SERVICE_UNREACHABLE",
                                  absl::StrCat("the service ", service, " cannot be reached"),
                                  {{"service", std::string(service)}}),
                        kRetryAfter);
}

absl::Status MethodUnknown(absl::string_view method) {
  return MakeError(absl::StatusCode::kUnimplemented, kDomain, "METHOD_UNKNOWN",
                   absl::StrCat("this endpoint has no method ", method),
                   {{"method", std::string(method)}});
}

absl::Status ServiceNotNamed() {
  FieldViolations violations;
  violations.Add("accord-service",
                 "metadata must name the service whose log is meant, for example agreements");
  return violations.ToStatus(kDomain);
}

absl::Status ServiceUnknown(absl::string_view service) {
  return MakeError(absl::StatusCode::kNotFound, kDomain, "SERVICE_UNKNOWN",
                   absl::StrCat("metadata accord-service: there is no service ", service),
                   {{"service", std::string(service)}});
}

absl::Status ShuttingDown() {
  return MakeError(absl::StatusCode::kUnavailable, kDomain, "SHUTTING_DOWN",
                   "the gateway is shutting down; connect again and resume");
}

absl::Status MessageInvalid() {
  return MakeError(absl::StatusCode::kInternal, kDomain, "MESSAGE_INVALID",
                   "a message could not be read from the wire");
}

}  // namespace accord::gateway::error
