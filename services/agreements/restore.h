// Taking mutations back as a whole: imports and decisions.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "common/store/mutation.h"
#include "services/agreements/store.h"

namespace accord::agreements {

// Adds to `writes` what makes every resource that the mutations wrote as it was before
// them: created ones are deleted, changed ones get their before-image. Those named in
// `except` are left alone. The log keeps everything.
// `conflict` makes the error when a resource was changed since by something else.
absl::Status RestoreBefore(store::Transaction& transaction,
                           const std::vector<MutationRange>& ranges,
                           const std::vector<std::string>& except,
                           const std::function<absl::Status(const WrittenResource&)>& conflict,
                           store::WriteSet& writes);

}  // namespace accord::agreements
