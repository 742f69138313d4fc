// What one published row says once policy has named its state and model: the form in
// which every rule of a reconciliation sees a row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accord/agreements/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"
#include "services/agreements/roster/roster_file.h"

namespace accord::agreements {

// Why a row is left out. The names are the row's code: STATE_MISSING, …
enum class RowFault {
  kNone,
  kStateMissing,
  kAgencyMissing,
  kModelMissing,
  kStateUnknown,
  kModelUnknown,
  // An earlier row of the list has the same key.
  kDuplicateRow,
};
std::string CodeOf(RowFault fault);

enum class SignedVerdict {
  // The cell is empty, or holds no date at all on a list without that column.
  kNone,
  kPlausible,
  // Mistyped, no real day, after the list could know it, or before the program.
  kImplausible,
};

struct ListedRow {
  const roster::PublishedRow* published = nullptr;
  RowFault fault = RowFault::kNone;
  // Postal code; empty when unknown. The key of such a row takes the published state,
  // folded, so that a list can be counted all the same.
  std::string state_code;
  std::string model_code;
  std::string agency_key;
  std::string key;
  // "" where the publisher had none to give.
  std::string county;
  SignedVerdict signed_verdict = SignedVerdict::kNone;
  // Set exactly when plausible.
  std::optional<Date> signed_date;
  // What an implausible date probably meant; plausible itself.
  std::optional<Date> proposed_date;
};

// First and last day on which a signature is plausible, both inclusive.
// Source: the statute is of 1996 (policy); a list cannot know a later signature.
struct SigningWindow {
  Date first;
  Date last;
};

// The last day is the earlier of the import's day and the day of capture.
SigningWindow WindowOf(const PolicyView& policy, std::optional<Date> capture, Date today);

std::vector<ListedRow> ReadRows(const roster::PublishedList& list, const PolicyView& policy,
                                const SigningWindow& window);

// Folded key of a row as an earlier import recorded it; see ListedRow::key.
std::string KeyOfRecordedRow(const v1::RosterRow& row, const PolicyView& policy);

// True when the row has all of state, agency and model, known or not: it counts as listed.
bool HasKey(const ListedRow& row);

}  // namespace accord::agreements
