#include "services/agreements/reconcile/record.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/agreements/lifecycle.h"
#include "services/agreements/reconcile/keys.h"
#include "services/agreements/roster/agency_name.h"

namespace accord::agreements {
namespace {

using Import = v1::RosterImport;
using Names = std::vector<std::string>;
using Index = absl::flat_hash_map<std::string, Names>;

void Insert(Index& index, absl::string_view key, absl::string_view name) {
  Names& names = index[key];
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

void Remove(Index& index, absl::string_view key, absl::string_view name) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  Names& names = found->second;
  names.erase(std::remove(names.begin(), names.end(), name), names.end());
  if (names.empty()) index.erase(found);
}

const Names& NamesAt(const Index& index, absl::string_view key) {
  static const auto& none = *new Names();
  const auto found = index.find(key);
  return found == index.end() ? none : found->second;
}

template <typename Map>
auto FindIn(const Map& map, absl::string_view name) -> const typename Map::mapped_type* {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

Date BeganOn(const v1::Agreement& agreement) {
  if (agreement.transitions().empty()) return Date::min();
  return FromProto(agreement.transitions(0).effective_date()).value_or(Date::min());
}

// A rename or reassignment keeps its row from becoming an agency of its own; other
// kinds only carry the row they are about.
bool HoldsItsRow(const v1::RosterDiscrepancy& discrepancy) {
  const bool identity = discrepancy.kind() == v1::RosterDiscrepancy::POSSIBLE_RENAME ||
                        discrepancy.kind() == v1::RosterDiscrepancy::REASSIGNMENT;
  return identity && discrepancy.has_held_row();
}

bool IsApplied(const Import& import, Import::Kind kind) {
  return import.kind() == kind && import.state() == Import::APPLIED;
}

}  // namespace

const v1::Listing& ListingOf(const v1::Agreement& agreement, Import::Kind kind) {
  return kind == Import::PENDING ? agreement.pending() : agreement.participating();
}

v1::Listing& MutableListingOf(v1::Agreement& agreement, Import::Kind kind) {
  return kind == Import::PENDING ? *agreement.mutable_pending()
                                 : *agreement.mutable_participating();
}

Date AsOf(const v1::RosterImport& import) {
  return FromProto(import.as_of_date()).value_or(Date::min());
}

bool IsMoreCurrent(const v1::Agreement& a, const v1::Agreement& b) {
  if (a.merged_into().empty() != b.merged_into().empty()) return a.merged_into().empty();
  if (HasEnded(a) != HasEnded(b)) return !HasEnded(a);
  if (BeganOn(a) != BeganOn(b)) return BeganOn(a) > BeganOn(b);
  return a.name() > b.name();
}

std::string CanonicalKey(absl::string_view state, absl::string_view canonical) {
  return absl::StrCat(state, "|", canonical);
}

void Record::IndexAgency(const v1::Agency& agency) {
  for (const std::string& key : agency.keys()) {
    Insert(agencies_by_key_, key, agency.name());
    const std::string canonical = roster::CanonicalAgencyName(AgencyNameOf(key));
    Insert(agencies_by_canonical_, CanonicalKey(agency.state(), canonical), agency.name());
  }
}

void Record::UnindexAgency(const v1::Agency& agency) {
  for (const std::string& key : agency.keys()) {
    Remove(agencies_by_key_, key, agency.name());
    const std::string canonical = roster::CanonicalAgencyName(AgencyNameOf(key));
    Remove(agencies_by_canonical_, CanonicalKey(agency.state(), canonical), agency.name());
  }
}

void Record::Put(v1::Agency agency) {
  v1::Agency& stored = agencies_[agency.name()];
  UnindexAgency(stored);
  stored = std::move(agency);
  IndexAgency(stored);
}

void Record::Put(v1::Agreement agreement) {
  v1::Agreement& stored = agreements_[agreement.name()];
  Remove(agreements_by_agency_, stored.agency(), agreement.name());
  Remove(agreements_by_document_, stored.document_uri(), agreement.name());
  stored = std::move(agreement);
  Insert(agreements_by_agency_, stored.agency(), stored.name());
  if (stored.document_uri().empty()) return;
  Insert(agreements_by_document_, stored.document_uri(), stored.name());
}

void Record::Put(v1::RosterDiscrepancy discrepancy) {
  v1::RosterDiscrepancy& stored = discrepancies_[discrepancy.name()];
  stored = std::move(discrepancy);
  discrepancy_by_subject_[SubjectOf(stored)] = stored.name();
  for (const std::string& agreement : {stored.agreement(), stored.other_agreement()}) {
    if (!agreement.empty()) Insert(discrepancies_by_agreement_, agreement, stored.name());
  }
  if (!HoldsItsRow(stored)) return;
  Insert(discrepancies_by_held_agency_, AgencyKeyOf(stored.other_key()), stored.name());
}

void Record::Put(v1::RosterImport import) {
  v1::RosterImport& stored = imports_[import.name()];
  stored = std::move(import);
}

void Record::SetNewestRows(Import::Kind kind, std::vector<v1::RosterRow> rows) {
  newest_rows_[kind] = std::move(rows);
}

void Record::Erase(absl::string_view name) {
  if (const v1::Agency* agency = FindAgency(name)) {
    UnindexAgency(*agency);
    agencies_.erase(agencies_.find(name));
  }
  if (const v1::Agreement* agreement = FindAgreement(name)) {
    Remove(agreements_by_agency_, agreement->agency(), name);
    Remove(agreements_by_document_, agreement->document_uri(), name);
    agreements_.erase(agreements_.find(name));
  }
}

const v1::Agency* Record::FindAgency(absl::string_view name) const {
  return FindIn(agencies_, name);
}

const v1::Agency* Record::ResolveAgency(absl::string_view name) const {
  const v1::Agency* agency = FindAgency(name);
  for (size_t hops = 0; agency && !agency->merged_into().empty(); ++hops) {
    if (hops > agencies_.size()) return nullptr;
    agency = FindAgency(agency->merged_into());
  }
  return agency;
}

const v1::Agency* Record::AgencyByKey(absl::string_view key) const {
  const Names& names = NamesAt(agencies_by_key_, key);
  return names.empty() ? nullptr : ResolveAgency(names.front());
}

std::vector<const v1::Agency*> Record::AgenciesWithCanonicalName(
    absl::string_view state, absl::string_view canonical) const {
  std::vector<const v1::Agency*> agencies;
  for (const std::string& name : NamesAt(agencies_by_canonical_, CanonicalKey(state, canonical))) {
    const v1::Agency* agency = FindAgency(name);
    if (agency->merged_into().empty()) agencies.push_back(agency);
  }
  return agencies;
}

const v1::Agreement* Record::FindAgreement(absl::string_view name) const {
  return FindIn(agreements_, name);
}

std::vector<const v1::Agreement*> Record::AllAgreementsOf(absl::string_view agency) const {
  std::vector<const v1::Agreement*> agreements;
  for (const std::string& name : NamesAt(agreements_by_agency_, agency)) {
    agreements.push_back(FindAgreement(name));
  }
  return agreements;
}

std::vector<const v1::Agreement*> Record::AgreementsOf(absl::string_view agency) const {
  std::vector<const v1::Agreement*> agreements;
  for (const v1::Agreement* agreement : AllAgreementsOf(agency)) {
    if (agreement->merged_into().empty()) agreements.push_back(agreement);
  }
  return agreements;
}

const v1::Agreement* MostCurrent(const std::vector<const v1::Agreement*>& agreements,
                                 absl::string_view model) {
  const v1::Agreement* current = nullptr;
  for (const v1::Agreement* agreement : agreements) {
    if (agreement->model() != model) continue;
    if (!current || IsMoreCurrent(*agreement, *current)) current = agreement;
  }
  return current;
}

const v1::Agreement* Record::CurrentAgreement(absl::string_view agency,
                                              absl::string_view model) const {
  return MostCurrent(AgreementsOf(agency), model);
}

std::vector<const v1::Agreement*> Record::AgreementsWithDocument(absl::string_view uri) const {
  std::vector<const v1::Agreement*> agreements;
  for (const std::string& name : NamesAt(agreements_by_document_, uri)) {
    const v1::Agreement* agreement = FindAgreement(name);
    if (agreement->merged_into().empty()) agreements.push_back(agreement);
  }
  return agreements;
}

const v1::RosterDiscrepancy* Record::FindDiscrepancy(absl::string_view name) const {
  return FindIn(discrepancies_, name);
}

const v1::RosterDiscrepancy* Record::FindSubject(absl::string_view subject) const {
  const auto found = discrepancy_by_subject_.find(subject);
  return found == discrepancy_by_subject_.end() ? nullptr : FindDiscrepancy(found->second);
}

std::vector<const v1::RosterDiscrepancy*> Record::OpenOn(absl::string_view agreement) const {
  std::vector<const v1::RosterDiscrepancy*> open;
  for (const std::string& name : NamesAt(discrepancies_by_agreement_, agreement)) {
    const v1::RosterDiscrepancy* discrepancy = FindDiscrepancy(name);
    if (discrepancy->state() == v1::RosterDiscrepancy::OPEN) open.push_back(discrepancy);
  }
  return open;
}

std::vector<const v1::RosterDiscrepancy*> Record::HoldingAgencyKey(
    absl::string_view agency_key) const {
  std::vector<const v1::RosterDiscrepancy*> holding;
  for (const std::string& name : NamesAt(discrepancies_by_held_agency_, agency_key)) {
    const v1::RosterDiscrepancy* discrepancy = FindDiscrepancy(name);
    const auto state = discrepancy->state();
    const bool holds =
        state == v1::RosterDiscrepancy::OPEN || state == v1::RosterDiscrepancy::UNDONE;
    if (holds) holding.push_back(discrepancy);
  }
  return holding;
}

const v1::RosterImport* Record::FindImport(absl::string_view name) const {
  return FindIn(imports_, name);
}

const v1::RosterImport* Record::NewestImport(Import::Kind kind) const {
  const Import* newest = nullptr;
  for (const auto& [name, import] : imports_) {
    if (!IsApplied(import, kind)) continue;
    const auto order = [](const Import& i) { return std::make_pair(AsOf(i), i.sequence()); };
    if (!newest || order(import) > order(*newest)) newest = &import;
  }
  return newest;
}

Date Record::OldestListDate(Import::Kind kind) const {
  Date oldest = Date::max();
  for (const auto& [name, import] : imports_) {
    if (IsApplied(import, kind)) oldest = std::min(oldest, AsOf(import));
  }
  return oldest;
}

int Record::LastSequence(Import::Kind kind) const {
  int last = 0;
  for (const auto& [name, import] : imports_) {
    if (import.kind() == kind) last = std::max(last, import.sequence());
  }
  return last;
}

const v1::RosterImport* Record::UnfinishedImport(Import::Kind kind,
                                                 absl::string_view content_digest) const {
  for (const auto& [name, import] : imports_) {
    const bool unfinished = import.kind() == kind && import.state() == Import::APPLYING;
    if (unfinished && import.content_digest() == content_digest) return &import;
  }
  return nullptr;
}

const std::vector<v1::RosterRow>& Record::NewestRows(Import::Kind kind) const {
  static const auto& none = *new std::vector<v1::RosterRow>();
  const auto found = newest_rows_.find(kind);
  return found == newest_rows_.end() ? none : found->second;
}

}  // namespace accord::agreements
