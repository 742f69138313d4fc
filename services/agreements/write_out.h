// From the results of the pure rules to a write set.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/store/mutation.h"
#include "services/agreements/reconcile/draft.h"
#include "services/agreements/reconcile/writes.h"

namespace accord::agreements {

// "agencies" -> "agencies/" and a fresh id.
std::string NewName(absl::string_view collection);

template <typename Resource>
void WriteOut(const Planned<Resource>& planned, store::WriteSet& writes) {
  if (planned.is_new) {
    writes.Create(planned.resource);
  } else {
    writes.Update(planned.resource);
  }
}

// Adds everything, `first` (a resource's name) before the rest: it is what the
// mutation answers with. Decided discrepancies get the mutation's time.
void WriteOut(const Writes& changed, absl::string_view first, store::Transaction& transaction,
              store::WriteSet& writes);

}  // namespace accord::agreements
