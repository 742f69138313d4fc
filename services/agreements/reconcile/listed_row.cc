#include "services/agreements/reconcile/listed_row.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "services/agreements/reconcile/keys.h"
#include "services/agreements/roster/text_fold.h"

namespace accord::agreements {
namespace {

// The code of the policy, or the folded text when it knows none.
std::string StateForKey(absl::string_view published, const PolicyView& policy) {
  const policy::v1::State* state = policy.FindState(published);
  return state ? state->code() : roster::FoldKey(published);
}

std::string ModelForKey(absl::string_view published, const PolicyView& policy) {
  const policy::v1::Model* model = policy.FindModelByPublishedName(published);
  return model ? model->code() : roster::FoldKey(published);
}

std::string KeyOf(absl::string_view state, absl::string_view agency, absl::string_view model,
                  const PolicyView& policy) {
  return AgreementKey(AgencyKey(StateForKey(state, policy), agency), ModelForKey(model, policy));
}

bool IsBlank(absl::string_view text) { return roster::FoldKey(text).empty(); }

RowFault FaultOf(const roster::PublishedRow& row, const PolicyView& policy) {
  if (IsBlank(row.state)) return RowFault::kStateMissing;
  if (IsBlank(row.agency)) return RowFault::kAgencyMissing;
  if (IsBlank(row.model)) return RowFault::kModelMissing;
  if (!policy.FindState(row.state)) return RowFault::kStateUnknown;
  if (!policy.FindModelByPublishedName(row.model)) return RowFault::kModelUnknown;
  return RowFault::kNone;
}

bool IsPlausible(Date date, const SigningWindow& window) {
  return date >= window.first && date <= window.last;
}

// 5025-07-07 or 1925-07-07 for 2025-07-07: the last two digits of the year are right.
std::optional<Date> InThisCentury(Date date) {
  const std::chrono::year_month_day ymd(date);
  const std::chrono::year_month_day repaired(
      std::chrono::year(2000 + static_cast<int>(ymd.year()) % 100), ymd.month(), ymd.day());
  if (!repaired.ok()) return std::nullopt;
  return Date(repaired);
}

std::optional<Date> Proposal(const roster::PublishedRow& row, const SigningWindow& window) {
  std::optional<Date> proposal = row.suggested_date;
  if (row.signed_date) proposal = InThisCentury(*row.signed_date);
  if (!proposal || !IsPlausible(*proposal, window)) return std::nullopt;
  return proposal;
}

void FoldSigned(const roster::PublishedRow& row, const SigningWindow& window, ListedRow& out) {
  if (row.signed_date && IsPlausible(*row.signed_date, window)) {
    out.signed_verdict = SignedVerdict::kPlausible;
    out.signed_date = row.signed_date;
    return;
  }
  if (!row.signed_date && IsBlank(row.signed_text)) return;
  out.signed_verdict = SignedVerdict::kImplausible;
  out.proposed_date = Proposal(row, window);
}

ListedRow ReadListedRow(const roster::PublishedRow& row, const PolicyView& policy,
                        const SigningWindow& window) {
  ListedRow listed;
  listed.published = &row;
  listed.fault = FaultOf(row, policy);
  listed.key = KeyOf(row.state, row.agency, row.model, policy);
  listed.agency_key = std::string(AgencyKeyOf(listed.key));
  if (const auto* state = policy.FindState(row.state)) listed.state_code = state->code();
  if (const auto* model = policy.FindModelByPublishedName(row.model)) {
    listed.model_code = model->code();
  }
  if (!row.county_not_available) listed.county = row.county;
  FoldSigned(row, window, listed);
  return listed;
}

}  // namespace

std::string CodeOf(RowFault fault) {
  switch (fault) {
    case RowFault::kNone:
      return "";
    case RowFault::kStateMissing:
      return "STATE_MISSING";
    case RowFault::kAgencyMissing:
      return "AGENCY_MISSING";
    case RowFault::kModelMissing:
      return "MODEL_MISSING";
    case RowFault::kStateUnknown:
      return "STATE_UNKNOWN";
    case RowFault::kModelUnknown:
      return "MODEL_UNKNOWN";
    case RowFault::kDuplicateRow:
      return "DUPLICATE_ROW";
  }
  return "";
}

SigningWindow WindowOf(const PolicyView& policy, std::optional<Date> capture, Date today) {
  const int year = policy.version().import_policy().first_plausible_signing_year();
  return {MakeDate(year, 1, 1), capture ? std::min(*capture, today) : today};
}

std::vector<ListedRow> ReadRows(const roster::PublishedList& list, const PolicyView& policy,
                                const SigningWindow& window) {
  std::vector<ListedRow> rows;
  rows.reserve(list.rows.size());
  absl::flat_hash_set<std::string> seen;
  for (const roster::PublishedRow& published : list.rows) {
    ListedRow row = ReadListedRow(published, policy, window);
    const bool first = !HasKey(row) || seen.insert(row.key).second;
    if (row.fault == RowFault::kNone && !first) row.fault = RowFault::kDuplicateRow;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string KeyOfRecordedRow(const v1::RosterRow& row, const PolicyView& policy) {
  return KeyOf(row.state(), row.agency_name(), row.model(), policy);
}

bool HasKey(const ListedRow& row) {
  return row.fault != RowFault::kStateMissing && row.fault != RowFault::kAgencyMissing &&
         row.fault != RowFault::kModelMissing;
}

}  // namespace accord::agreements
