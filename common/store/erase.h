// Takes what says who a person is out of the record and out of its past.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/store.h"

namespace accord::store {

struct Erased {
  // Of the log once the current resource was emptied.
  Position position;
  // Paths of the fields of the current resource that were emptied.
  std::vector<std::string> fields;
  // Earlier Changes whose image was erased.
  int64_t images = 0;
};

// Empties the personal fields of the resource `name` in one Change by `context`, then erases the
// images of its Changes up to there that hold any, many at a time. What is written meanwhile,
// or later, stays. Interrupted, it goes on when it is called again; when nothing is left it
// changes nothing. With validate_only it says what it would do.
//
// Errors, of domain log.accord: NOTHING_PERSONAL (FAILED_PRECONDITION), RESOURCE_NOT_FOUND
// (never existed), ERASURE_INCOMPLETE (DEADLINE_EXCEEDED, UNAVAILABLE: call again).
absl::StatusOr<Erased> ErasePersonalFields(Store& store, absl::string_view name,
                                           MutationContext context);

}  // namespace accord::store
