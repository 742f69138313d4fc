// What can go wrong at the gateway, besides INVALID_FIELDS. The contract lists them.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace accord::gateway {

inline constexpr char kDomain[] = "gateway.accord";

namespace error {

// NOT_FOUND, AGENCY_NOT_FOUND.
absl::Status AgencyNotFound(absl::string_view agency);
// NOT_FOUND, OFFICER_NOT_FOUND.
absl::Status OfficerNotFound(absl::string_view officer);
// UNAVAILABLE with RetryInfo, PROJECTION_NOT_READY.
absl::Status ProjectionNotReady();
// UNAVAILABLE with RetryInfo, SERVICE_UNREACHABLE: the service cannot be asked, and
// nothing is known that could be shown instead.
absl::Status ServiceUnreachable(absl::string_view service);

// Calls that are passed through.

// UNIMPLEMENTED, METHOD_UNKNOWN.
absl::Status MethodUnknown(absl::string_view method);
// INVALID_ARGUMENT, INVALID_FIELDS: metadata `accord-service` is missing.
absl::Status ServiceNotNamed();
// NOT_FOUND, SERVICE_UNKNOWN.
absl::Status ServiceUnknown(absl::string_view service);
// UNAVAILABLE, SHUTTING_DOWN: connect again and resume.
absl::Status ShuttingDown();
// INTERNAL, MESSAGE_INVALID: a message could not be read from the wire.
absl::Status MessageInvalid();

}  // namespace error
}  // namespace accord::gateway
