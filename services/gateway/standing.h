// What an answer of a service is worth: how it was heard, and whether it refused.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/projection.h"

namespace accord::gateway {

// Whether the owner has understood the question and will not answer it. Anything else
// is a failure to be asked.
bool IsRefusal(const absl::Status& status);

// Of a service that has just answered, with the `accord-revision` values of its answer.
Projection::Standing JustHeard(absl::string_view service,
                               const std::vector<std::string>& revisions);

// Of one that could not be asked and was last heard `silence` ago.
Projection::Standing NotHeard(absl::string_view service, absl::Duration silence);

}  // namespace accord::gateway
