#include "services/gateway/program_rows.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace accord::gateway {
namespace {

// A chain of merges is short; a ring of them would be a defect of the record.
constexpr int kMostMerges = 16;

AgencyRow RowOf(const av1::Agency& agency) {
  return {agency.name(),         agency.display_name(), agency.state(),
          agency.field_office(), agency.merged_into(),  agency.fictitious()};
}

AgreementRow RowOf(const av1::Agreement& agreement, absl::TimeZone zone) {
  AgreementRow row;
  row.name = agreement.name();
  row.agency = agreement.agency();
  row.model = agreement.model();
  row.agency_state = agreement.agency_state();
  row.field_office = agreement.field_office();
  row.timeline = TimelineOf(agreement, zone);
  row.effective_date = FromProto(agreement.effective_date());
  row.fictitious = agreement.fictitious();
  row.listed = agreement.participating().listed();
  row.has_document = !agreement.document_uri().empty();
  return row;
}

template <typename Row>
void EraseFrom(std::vector<const Row*>& rows, const Row* row) {
  rows.erase(std::remove(rows.begin(), rows.end(), row), rows.end());
}

// By model, then name: the rows come in the order of their last change.
std::vector<const AgreementRow*> InOrder(std::vector<const AgreementRow*> rows) {
  std::sort(rows.begin(), rows.end(), [](const AgreementRow* a, const AgreementRow* b) {
    return std::tie(a->model, a->name) < std::tie(b->model, b->name);
  });
  return rows;
}

// As much of the message as the row holds.
av1::Agreement MessageOf(const AgreementRow& row, absl::TimeZone zone, Date date) {
  av1::Agreement agreement;
  agreement.set_name(row.name);
  agreement.set_agency(row.agency);
  agreement.set_model(row.model);
  agreement.set_agency_state(row.agency_state);
  agreement.set_field_office(row.field_office);
  agreement.set_fictitious(row.fictitious);
  agreement.mutable_participating()->set_listed(row.listed);
  if (row.effective_date) *agreement.mutable_effective_date() = ToProto(*row.effective_date);
  for (const Span& span : row.timeline) {
    av1::Transition& transition = *agreement.add_transitions();
    transition.set_state(span.state);
    transition.set_basis(span.basis);
    if (span.from != Date::min()) *transition.mutable_effective_date() = ToProto(span.from);
    if (span.recorded == Date::min()) continue;
    transition.mutable_record_time()->set_seconds(
        absl::ToUnixSeconds(StartOfDay(span.recorded, zone)));
  }
  if (const Span* span = SpanOn(row.timeline, date)) agreement.set_state(span->state);
  return agreement;
}

av1::RosterDiscrepancy MessageOf(const DiscrepancyRow& row) {
  av1::RosterDiscrepancy discrepancy;
  discrepancy.set_name(row.name);
  discrepancy.set_kind(row.kind);
  discrepancy.set_state(av1::RosterDiscrepancy::OPEN);
  discrepancy.set_agency(row.agency);
  discrepancy.set_agreement(row.agreement);
  return discrepancy;
}

av1::Agency MessageOf(const AgencyRow& row) {
  av1::Agency agency;
  agency.set_name(row.name);
  agency.set_display_name(row.display_name);
  agency.set_state(row.state);
  agency.set_field_office(row.field_office);
  agency.set_fictitious(row.fictitious);
  return agency;
}

template <typename Message>
absl::Status PutImage(const log::v1::Change& change, ProgramRows& rows) {
  Message message;
  if (!change.image().UnpackTo(&message)) {
    return absl::DataLossError(absl::StrCat(change.name(), ": its image does not parse"));
  }
  rows.Put(message, change.revision());
  return absl::OkStatus();
}

using PutFunction = absl::Status (*)(const log::v1::Change& change, ProgramRows& rows);

// Null for what the projection does not keep.
PutFunction PutFor(const std::string& resource_type) {
  static const auto& functions = *new std::map<std::string, PutFunction>{
      {av1::Agency::descriptor()->full_name(), PutImage<av1::Agency>},
      {av1::Agreement::descriptor()->full_name(), PutImage<av1::Agreement>},
      {av1::RosterDiscrepancy::descriptor()->full_name(), PutImage<av1::RosterDiscrepancy>},
      {av1::RosterImport::descriptor()->full_name(), PutImage<av1::RosterImport>},
  };
  const auto found = functions.find(resource_type);
  return found == functions.end() ? nullptr : found->second;
}

}  // namespace

ProgramRows::ProgramRows(absl::TimeZone zone, StateName state_name, Date today)
    : zone_(zone), state_name_(std::move(state_name)), today_(today) {}

ProgramRows::AgencyEntry& ProgramRows::EntryOf(const std::string& agency) {
  const auto [found, is_new] = agencies_.try_emplace(agency);
  if (is_new) {
    found->second.id = static_cast<uint32_t>(agencies_.size());
    found->second.row.name = agency;
  }
  return found->second;
}

Place ProgramRows::PlaceOf(const AgencyEntry& entry) const {
  return {state_name_(entry.row.state), entry.row.display_name, entry.row.name};
}

void ProgramRows::Put(const av1::Agency& agency, int64_t revision) {
  AgencyEntry& entry = EntryOf(agency.name());
  if (revision <= entry.revision) return;
  TallyDiscrepancies(entry, -1);
  order_.erase(PlaceOf(entry));
  entry.revision = revision;
  entry.row = RowOf(agency);
  if (entry.row.merged_into.empty()) order_.emplace(PlaceOf(entry), &entry);
  TallyDiscrepancies(entry, 1);
}

void ProgramRows::Put(const av1::Agreement& agreement, int64_t revision) {
  Kept<AgreementRow>& kept = agreements_[agreement.name()];
  if (revision <= kept.revision) return;
  if (kept.revision > 0) Detach(kept.row);
  if (!agreement.merged_into().empty()) {
    agreements_.erase(agreement.name());
    return;
  }
  kept.revision = revision;
  kept.row = RowOf(agreement, zone_);
  kept.row.agency_id = EntryOf(kept.row.agency).id;
  Attach(kept.row);
}

void ProgramRows::Attach(AgreementRow& row) {
  tallies_[row.fictitious].Add(row, today_);
  Schedule(row);
  EntryOf(row.agency).agreements.push_back(&row);
}

void ProgramRows::Detach(AgreementRow& row) {
  tallies_[row.fictitious].Remove(row, today_);
  if (const auto next = NextStateChange(row.timeline, today_)) due_.erase({*next, &row});
  EraseFrom<AgreementRow>(EntryOf(row.agency).agreements, &row);
}

void ProgramRows::Drop(const std::string& agreement) {
  const auto found = agreements_.find(agreement);
  if (found == agreements_.end()) return;
  Detach(found->second.row);
  agreements_.erase(found);
}

void ProgramRows::Schedule(AgreementRow& row) {
  if (const auto next = NextStateChange(row.timeline, today_)) due_.emplace(*next, &row);
}

void ProgramRows::Put(const av1::RosterDiscrepancy& discrepancy, int64_t revision) {
  Kept<DiscrepancyRow>& kept = discrepancies_[discrepancy.name()];
  if (revision <= kept.revision) return;
  DropDiscrepancy(discrepancy.name());
  if (discrepancy.state() != av1::RosterDiscrepancy::OPEN) return;
  Kept<DiscrepancyRow>& added = discrepancies_[discrepancy.name()];
  added = {revision,
           {discrepancy.name(), discrepancy.agency(), discrepancy.agreement(), discrepancy.kind()}};
  AgencyEntry& entry = EntryOf(added.row.agency);
  entry.discrepancies.push_back(&added.row);
  TallyDiscrepancy(added.row, entry, 1);
}

void ProgramRows::DropDiscrepancy(const std::string& name) {
  const auto found = discrepancies_.find(name);
  if (found == discrepancies_.end()) return;
  if (found->second.revision > 0) {
    AgencyEntry& entry = EntryOf(found->second.row.agency);
    TallyDiscrepancy(found->second.row, entry, -1);
    EraseFrom<DiscrepancyRow>(entry.discrepancies, &found->second.row);
  }
  discrepancies_.erase(found);
}

void ProgramRows::TallyDiscrepancy(const DiscrepancyRow& row, const AgencyEntry& entry, int sign) {
  Count(row, entry, sign, discrepancy_tallies_[entry.row.fictitious]);
}

void ProgramRows::Count(const DiscrepancyRow& row, const AgencyEntry& entry, int sign,
                        DiscrepancyTally& tally) {
  Group& group = tally[row.kind];
  if (row.agency.empty()) {
    group.ChangeWithoutAgency(sign);
  } else {
    group.Change(entry.id, sign);
  }
  if (group.empty()) tally.erase(row.kind);
}

void ProgramRows::TallyDiscrepancies(const AgencyEntry& entry, int sign) {
  for (const DiscrepancyRow* row : entry.discrepancies) TallyDiscrepancy(*row, entry, sign);
}

void ProgramRows::Put(const av1::RosterImport& roster_import, int64_t revision) {
  Kept<ListRow>& kept = lists_[roster_import.name()];
  if (revision <= kept.revision) return;
  const auto as_of = FromProto(roster_import.as_of_date());
  if (roster_import.state() != av1::RosterImport::APPLIED || !as_of) {
    lists_.erase(roster_import.name());
    return;
  }
  kept = {revision, {roster_import.kind(), *as_of, roster_import.fictitious()}};
}

void ProgramRows::Erase(const std::string& resource) {
  Drop(resource);
  DropDiscrepancy(resource);
  lists_.erase(resource);
  const auto agency = agencies_.find(resource);
  if (agency == agencies_.end()) return;
  // The entry stays: agreements may still name it.
  TallyDiscrepancies(agency->second, -1);
  order_.erase(PlaceOf(agency->second));
  agency->second.revision = 0;
  agency->second.row = {};
  agency->second.row.name = resource;
  TallyDiscrepancies(agency->second, 1);
}

absl::Status ProgramRows::Apply(const log::v1::Change& change) {
  const PutFunction put = PutFor(change.resource_type());
  if (put == nullptr || change.kind() == log::v1::Change::EVENT) return absl::OkStatus();
  if (change.kind() == log::v1::Change::DELETE) {
    Erase(change.resource());
    return absl::OkStatus();
  }
  if (change.has_image()) return put(change, *this);
  return absl::FailedPreconditionError(absl::StrCat(change.name(), ": its image is gone"));
}

void ProgramRows::MoveTo(Date today) {
  if (today < today_) {
    today_ = today;
    for (const bool fictitious : {false, true}) tallies_[fictitious] = TallyOn(today, fictitious);
    due_.clear();
    for (auto& [name, kept] : agreements_) Schedule(kept.row);
    return;
  }
  std::vector<AgreementRow*> changed;
  while (!due_.empty() && due_.begin()->first <= today) {
    AgreementRow* row = due_.begin()->second;
    due_.erase(due_.begin());
    tallies_[row->fictitious].Remove(*row, today_);
    changed.push_back(row);
  }
  today_ = today;
  for (AgreementRow* row : changed) {
    tallies_[row->fictitious].Add(*row, today_);
    Schedule(*row);
  }
}

MetricsTally ProgramRows::TallyOn(Date date, bool fictitious, const Reach& reach) const {
  MetricsTally tally;
  for (const auto& [name, kept] : agreements_) {
    if (kept.row.fictitious != fictitious) continue;
    if (reach.Covers(kept.row.agency, kept.row.field_office)) tally.Add(kept.row, date);
  }
  return tally;
}

DiscrepancyTally ProgramRows::DiscrepanciesWithin(const Reach& reach, bool fictitious) const {
  DiscrepancyTally tally;
  for (const auto& [name, entry] : agencies_) {
    if (entry.row.fictitious != fictitious) continue;
    if (!reach.Covers(name, entry.row.field_office)) continue;
    for (const DiscrepancyRow* row : entry.discrepancies) Count(*row, entry, 1, tally);
  }
  return tally;
}

NewestLists ProgramRows::Newest(bool fictitious) const {
  NewestLists newest;
  for (const auto& [name, kept] : lists_) {
    if (kept.row.fictitious != fictitious) continue;
    const bool pending = kept.row.kind == av1::RosterImport::PENDING;
    std::optional<Date>& date = pending ? newest.pending : newest.participating;
    date = std::max(date.value_or(kept.row.as_of), kept.row.as_of);
  }
  return newest;
}

std::string ProgramRows::MergedInto(absl::string_view agency) const {
  const auto found = agencies_.find(agency);
  return found == agencies_.end() ? std::string() : found->second.row.merged_into;
}

absl::flat_hash_map<std::string, std::string> ProgramRows::Merges() const {
  absl::flat_hash_map<std::string, std::string> merges;
  for (const auto& [name, entry] : agencies_) {
    if (!entry.row.merged_into.empty()) merges.emplace(name, entry.row.merged_into);
  }
  return merges;
}

std::optional<Place> ProgramRows::Visit(
    const std::optional<Place>& after, size_t limit, Date date,
    const std::function<bool(const Place&, const v1::AgencyStatusSummary&)>& visit) const {
  auto next = after ? order_.upper_bound(*after) : order_.begin();
  std::optional<Place> last;
  for (size_t visited = 0; next != order_.end() && visited < limit; ++next, ++visited) {
    last = next->first;
    if (!visit(next->first, SummaryOn(*next->second, date))) break;
  }
  return last;
}

v1::AgencyStatusSummary ProgramRows::SummaryOn(const AgencyEntry& entry, Date date) const {
  v1::AgencyStatusSummary summary;
  summary.set_agency(entry.row.name);
  summary.set_display_name(entry.row.display_name);
  summary.set_state(entry.row.state);
  summary.set_field_office(entry.row.field_office);
  summary.set_fictitious(entry.row.fictitious);
  summary.set_agreements(static_cast<int>(entry.agreements.size()));
  summary.set_open_discrepancies(static_cast<int>(entry.discrepancies.size()));
  summary.set_verdict(v1::NO_AGREEMENT);
  std::set<std::string> models;
  std::optional<Date> valid_until;
  for (const AgreementRow* row : entry.agreements) {
    const v1::Verdict verdict = VerdictOn(row->timeline, date);
    summary.set_verdict(std::min(summary.verdict(), verdict));
    if (verdict == v1::IN_FORCE) models.insert(row->model);
    valid_until = EarlierOf(valid_until, NextVerdictChange(row->timeline, date));
  }
  for (const std::string& model : models) summary.add_models_in_force(model);
  if (valid_until) *summary.mutable_valid_until() = ToProto(*valid_until);
  return summary;
}

std::optional<av1::AgencyRecord> ProgramRows::RecordOf(absl::string_view agency, Date date) const {
  auto found = agencies_.find(std::string(agency));
  for (int merges = 0; found != agencies_.end() && merges < kMostMerges; ++merges) {
    const AgencyEntry& entry = found->second;
    if (entry.revision == 0) return std::nullopt;
    if (!entry.row.merged_into.empty()) {
      found = agencies_.find(entry.row.merged_into);
      continue;
    }
    av1::AgencyRecord record;
    *record.mutable_agency() = MessageOf(entry.row);
    for (const AgreementRow* row : InOrder(entry.agreements)) {
      *record.add_agreements() = MessageOf(*row, zone_, date);
    }
    for (const DiscrepancyRow* row : entry.discrepancies) {
      *record.add_open_discrepancies() = MessageOf(*row);
    }
    return record;
  }
  return std::nullopt;
}

}  // namespace accord::gateway
