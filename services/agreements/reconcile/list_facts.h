// What is decided about a list as a whole: its kind, its date, whether it may be taken
// in, and its counts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "accord/agreements/v1/resources.pb.h"
#include "services/agreements/reconcile/listed_row.h"
#include "services/agreements/reconcile/record.h"
#include "services/agreements/roster/roster_name.h"

namespace accord::agreements {

// The caller's part of an import; see ImportRosterRequest.
struct ImportOptions {
  std::string file_name;
  v1::RosterImport::Kind kind = v1::RosterImport::KIND_UNSPECIFIED;
  std::optional<Date> as_of;
  std::optional<Date> capture_date;
  bool history = false;
  bool allow_shrink = false;
  bool fictitious = false;
};

// The caller's word, else the name's. Errors: ROSTER_KIND_UNKNOWN.
absl::StatusOr<v1::RosterImport::Kind> KindOf(const ImportOptions& options,
                                              const roster::RosterName& name);

struct ListDate {
  Date date;
  v1::RosterImport::DateBasis basis;
};

// The date of record. The caller's, if given. Else the name's, unless the newest
// plausible signature is later: then that one (lists of January 2026 said 2025). A name
// without a date, or with one after the window, leaves the capture date, then the
// newest signature. Errors: ROSTER_DATE_UNKNOWN.
absl::StatusOr<ListDate> DateOf(const ImportOptions& options, const roster::RosterName& name,
                                std::optional<Date> capture, const SigningWindow& window,
                                absl::Span<const ListedRow> rows);

// A participating list under the policy's share of `newest` may be a part of one, and
// its missing rows would look like departures. Pending lists shrink in earnest.
bool IsShrunk(int rows, const v1::RosterImport& newest, const PolicyView& policy);

// Fills rows, hidden_rows, rows_without_county, rows_with_document, agreements_listed,
// agencies_listed, states_listed, agreements_by_model; and, where there is a previous
// list (`previous_rows` not empty), newly_listed, no_longer_listed, dates_changed.
void CountList(const roster::PublishedList& list, absl::Span<const ListedRow> rows,
               const std::vector<v1::RosterRow>& previous_rows, const PolicyView& policy,
               v1::RosterImport& header);

}  // namespace accord::agreements
