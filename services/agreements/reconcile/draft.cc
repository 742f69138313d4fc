#include "services/agreements/reconcile/draft.h"

#include <algorithm>
#include <utility>

#include "services/agreements/reconcile/keys.h"
#include "services/agreements/roster/agency_name.h"

namespace accord::agreements {
namespace {

template <typename Map>
auto FindResource(const Map& map, absl::string_view name)
    -> decltype(&map.begin()->second.resource) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second.resource;
}

// Copies the recorded resource into the plan on first use.
template <typename Map, typename Resource>
Resource& Edit(Map& map, absl::string_view name, const Resource* recorded, int row) {
  auto found = map.find(name);
  if (found == map.end()) {
    found = map.emplace(std::string(name), Planned<Resource>{*recorded, false, row}).first;
  }
  return found->second.resource;
}

template <typename Index>
const std::vector<std::string>& NamesOrNone(const Index& index, absl::string_view key) {
  static const auto& none = *new std::vector<std::string>();
  const auto found = index.find(key);
  return found == index.end() ? none : found->second;
}

}  // namespace

const v1::Agency* Draft::FindAgency(absl::string_view name) const {
  const v1::Agency* planned = FindResource(agencies_, name);
  return planned ? planned : record_.FindAgency(name);
}

const v1::Agency* Draft::AgencyByKey(absl::string_view key) const {
  const auto added = agency_by_key_.find(key);
  if (added != agency_by_key_.end()) return FindAgency(added->second);
  const v1::Agency* recorded = record_.AgencyByKey(key);
  return recorded ? FindAgency(recorded->name()) : nullptr;
}

std::vector<const v1::Agency*> Draft::AgenciesWithCanonicalName(absl::string_view state,
                                                                absl::string_view canonical) const {
  auto agencies = record_.AgenciesWithCanonicalName(state, canonical);
  for (const std::string& name :
       NamesOrNone(agencies_by_canonical_, CanonicalKey(state, canonical))) {
    agencies.push_back(FindAgency(name));
  }
  return agencies;
}

const v1::Agreement* Draft::FindAgreement(absl::string_view name) const {
  const v1::Agreement* planned = FindResource(agreements_, name);
  return planned ? planned : record_.FindAgreement(name);
}

std::vector<const v1::Agreement*> Draft::AgreementsOf(absl::string_view agency) const {
  std::vector<const v1::Agreement*> agreements;
  for (const v1::Agreement* recorded : record_.AgreementsOf(agency)) {
    agreements.push_back(FindAgreement(recorded->name()));
  }
  for (const std::string& name : NamesOrNone(agreements_by_agency_, agency)) {
    agreements.push_back(FindAgreement(name));
  }
  return agreements;
}

const v1::Agreement* Draft::CurrentAgreement(absl::string_view agency,
                                             absl::string_view model) const {
  return MostCurrent(AgreementsOf(agency), model);
}

std::vector<const v1::Agreement*> Draft::AgreementsWithDocument(absl::string_view uri) const {
  std::vector<const v1::Agreement*> agreements;
  const auto add = [&](absl::string_view name) {
    const v1::Agreement* agreement = FindAgreement(name);
    const bool seen =
        std::find(agreements.begin(), agreements.end(), agreement) != agreements.end();
    if (!seen && agreement->document_uri() == uri) agreements.push_back(agreement);
  };
  for (const v1::Agreement* recorded : record_.AgreementsWithDocument(uri)) add(recorded->name());
  for (const std::string& name : NamesOrNone(agreements_by_document_, uri)) add(name);
  return agreements;
}

const v1::RosterDiscrepancy* Draft::FindSubject(absl::string_view subject) const {
  const auto added = discrepancy_by_subject_.find(subject);
  if (added != discrepancy_by_subject_.end()) return FindResource(discrepancies_, added->second);
  const v1::RosterDiscrepancy* recorded = record_.FindSubject(subject);
  if (!recorded) return nullptr;
  const v1::RosterDiscrepancy* planned = FindResource(discrepancies_, recorded->name());
  return planned ? planned : recorded;
}

std::vector<const v1::RosterDiscrepancy*> Draft::OpenOn(absl::string_view agreement) const {
  std::vector<const v1::RosterDiscrepancy*> open;
  for (const v1::RosterDiscrepancy* recorded : record_.OpenOn(agreement)) {
    const v1::RosterDiscrepancy* planned = FindResource(discrepancies_, recorded->name());
    const v1::RosterDiscrepancy* current = planned ? planned : recorded;
    if (current->state() == v1::RosterDiscrepancy::OPEN) open.push_back(current);
  }
  for (const std::string& name : NamesOrNone(discrepancies_by_agreement_, agreement)) {
    const v1::RosterDiscrepancy* planned = FindResource(discrepancies_, name);
    if (planned->state() == v1::RosterDiscrepancy::OPEN) open.push_back(planned);
  }
  return open;
}

v1::Agency& Draft::EditAgency(absl::string_view name) {
  return Edit(agencies_, name, record_.FindAgency(name), row_);
}

v1::Agreement& Draft::EditAgreement(absl::string_view name) {
  return Edit(agreements_, name, record_.FindAgreement(name), row_);
}

v1::RosterDiscrepancy& Draft::EditDiscrepancy(absl::string_view name) {
  return Edit(discrepancies_, name, record_.FindDiscrepancy(name), row_);
}

const v1::Agency& Draft::Add(v1::Agency agency) {
  const std::string name = agency.name();
  for (const std::string& key : agency.keys()) {
    agency_by_key_[key] = name;
    const std::string canonical = roster::CanonicalAgencyName(AgencyNameOf(key));
    agencies_by_canonical_[CanonicalKey(agency.state(), canonical)].push_back(name);
  }
  const Planned<v1::Agency> planned{std::move(agency), true, row_};
  return agencies_.emplace(name, planned).first->second.resource;
}

const v1::Agreement& Draft::Add(v1::Agreement agreement) {
  const std::string name = agreement.name();
  agreements_by_agency_[agreement.agency()].push_back(name);
  const Planned<v1::Agreement> planned{std::move(agreement), true, row_};
  const v1::Agreement& added = agreements_.emplace(name, planned).first->second.resource;
  NoteDocument(added);
  return added;
}

const v1::RosterDiscrepancy& Draft::Add(v1::RosterDiscrepancy discrepancy) {
  const std::string name = discrepancy.name();
  discrepancy_by_subject_[SubjectOf(discrepancy)] = name;
  for (const std::string& agreement : {discrepancy.agreement(), discrepancy.other_agreement()}) {
    if (!agreement.empty()) discrepancies_by_agreement_[agreement].push_back(name);
  }
  const Planned<v1::RosterDiscrepancy> planned{std::move(discrepancy), true, row_};
  return discrepancies_.emplace(name, planned).first->second.resource;
}

void Draft::NoteDocument(const v1::Agreement& agreement) {
  if (agreement.document_uri().empty()) return;
  agreements_by_document_[agreement.document_uri()].push_back(agreement.name());
}

}  // namespace accord::agreements
