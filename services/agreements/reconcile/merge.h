// Two agencies turn out to be one, or one turns out to be two. Pure.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/calendar/date.h"
#include "services/agreements/reconcile/draft.h"

namespace accord::agreements {

// Merges `name` into `into`, both being on record.
//
// `into` takes over the keys and, as aliases, the names. An agreement moves with its
// agency (provenance `agency` names where it was), unless `into` has one of that model,
// both in force or both not: then it is merged into that one, which takes over listings,
// links, a date where it has none, and ACTIVE where it was only pending.
// `source` is who or what says so.
// Errors: ALREADY_MERGED; MERGE_CONFLICT (one agency, two states, demo with real, or
// `into` merged itself).
absl::Status MergeAgencies(absl::string_view name, absl::string_view into, absl::string_view source,
                           Date today, Draft& draft);

// Lets a merged agency stand alone again: takes back its keys and names, the agreements
// that moved and those that were merged. What a merged agreement gave to the other stays
// there; the next list corrects the listings. Errors: NOT_MERGED.
absl::Status UnmergeAgency(absl::string_view name, Draft& draft);

}  // namespace accord::agreements
