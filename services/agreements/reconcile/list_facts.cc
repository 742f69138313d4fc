#include "services/agreements/reconcile/list_facts.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/agreements/errors.h"
#include "services/agreements/reconcile/keys.h"

namespace accord::agreements {
namespace {

using Import = v1::RosterImport;
// Published SIGNED text by key.
using SignedByKey = absl::flat_hash_map<std::string, std::string>;

std::optional<Date> NewestSignature(absl::Span<const ListedRow> rows) {
  std::optional<Date> newest;
  for (const ListedRow& row : rows) {
    if (row.signed_date && (!newest || *row.signed_date > *newest)) newest = row.signed_date;
  }
  return newest;
}

SignedByKey SignedOf(absl::Span<const ListedRow> rows) {
  SignedByKey by_key;
  for (const ListedRow& row : rows) {
    if (HasKey(row)) by_key.emplace(row.key, row.published->signed_text);
  }
  return by_key;
}

SignedByKey SignedOf(const std::vector<v1::RosterRow>& rows, const PolicyView& policy) {
  SignedByKey by_key;
  for (const v1::RosterRow& row : rows) {
    const bool whole = !row.state().empty() && !row.agency_name().empty() && !row.model().empty();
    if (whole) by_key.emplace(KeyOfRecordedRow(row, policy), row.signed_());
  }
  return by_key;
}

void CountKeys(const SignedByKey& listed, Import& header) {
  absl::flat_hash_set<absl::string_view> agencies;
  absl::flat_hash_set<absl::string_view> states;
  header.set_agreements_listed(static_cast<int>(listed.size()));
  for (const auto& [key, signed_text] : listed) {
    agencies.insert(AgencyKeyOf(key));
    states.insert(StateOf(key));
    ++(*header.mutable_agreements_by_model())[std::string(ModelOf(key))];
  }
  header.set_agencies_listed(static_cast<int>(agencies.size()));
  header.set_states_listed(static_cast<int>(states.size()));
}

void CompareKeys(const SignedByKey& listed, const SignedByKey& previous, Import& header) {
  int kept = 0;
  int dates_changed = 0;
  for (const auto& [key, signed_text] : listed) {
    const auto before = previous.find(key);
    if (before == previous.end()) continue;
    ++kept;
    dates_changed += before->second != signed_text ? 1 : 0;
  }
  header.set_newly_listed(static_cast<int>(listed.size()) - kept);
  header.set_no_longer_listed(static_cast<int>(previous.size()) - kept);
  header.set_dates_changed(dates_changed);
}

}  // namespace

absl::StatusOr<Import::Kind> KindOf(const ImportOptions& options, const roster::RosterName& name) {
  if (options.kind != Import::KIND_UNSPECIFIED) return options.kind;
  if (!name.kind) return error::RosterKindUnknown(options.file_name);
  return *name.kind == roster::ListKind::kPending ? Import::PENDING : Import::PARTICIPATING;
}

absl::StatusOr<ListDate> DateOf(const ImportOptions& options, const roster::RosterName& name,
                                std::optional<Date> capture, const SigningWindow& window,
                                absl::Span<const ListedRow> rows) {
  if (options.as_of) return ListDate{*options.as_of, Import::CALLER};
  const std::optional<Date> newest = NewestSignature(rows);
  if (name.date && *name.date <= window.last) {
    if (newest && *newest > *name.date) return ListDate{*newest, Import::NEWEST_SIGNATURE};
    return ListDate{*name.date, Import::FILE_NAME};
  }
  if (capture) return ListDate{*capture, Import::CAPTURE};
  if (newest) return ListDate{*newest, Import::NEWEST_SIGNATURE};
  return error::RosterDateUnknown(options.file_name);
}

bool IsShrunk(int rows, const Import& newest, const PolicyView& policy) {
  const double floor = policy.version().import_policy().minimum_share_of_previous();
  return rows < floor * newest.rows();
}

void CountList(const roster::PublishedList& list, absl::Span<const ListedRow> rows,
               const std::vector<v1::RosterRow>& previous_rows, const PolicyView& policy,
               Import& header) {
  header.set_rows(static_cast<int>(rows.size()));
  header.set_hidden_rows(list.hidden_rows);
  for (const ListedRow& row : rows) {
    if (row.published->county_not_available) {
      header.set_rows_without_county(header.rows_without_county() + 1);
    }
    if (!row.published->document_uri.empty()) {
      header.set_rows_with_document(header.rows_with_document() + 1);
    }
  }
  const SignedByKey listed = SignedOf(rows);
  CountKeys(listed, header);
  if (!previous_rows.empty()) CompareKeys(listed, SignedOf(previous_rows, policy), header);
}

}  // namespace accord::agreements
