#include "services/training/summary.h"

#include <algorithm>
#include <vector>

#include "services/training/lapse.h"
#include "services/training/listed.h"
#include "services/training/officer_events.h"

namespace accord::training {
namespace {

using C = v1::Certification;
using Group = v1::TrainingSummary::Group;

void AddTo(Group& group, const OfficerCount& count) {
  const int64_t known =
      count.current + count.authority_ended + count.lapsed + count.not_certified + count.no_rule;
  const auto sum = [](int32_t so_far, int64_t more) { return so_far + static_cast<int32_t>(more); };
  group.set_officers(sum(group.officers(), count.officers));
  group.set_current(sum(group.current(), count.current));
  group.set_authority_ended(sum(group.authority_ended(), count.authority_ended));
  group.set_lapsing(sum(group.lapsing(), count.lapsing));
  group.set_lapsed(sum(group.lapsed(), count.lapsed));
  group.set_not_certified(sum(group.not_certified(), count.not_certified));
  group.set_no_rule(sum(group.no_rule(), count.no_rule));
  group.set_unknown(sum(group.unknown(), count.officers - known));
}

void CountAnnual(C::State annual, OfficerCount& count) {
  count.on_duty = 1;
  count.annual_bound = annual != C::NO_RULE ? 1 : 0;
  count.annual_not_known_current = annual != C::NO_RULE && annual != C::CURRENT ? 1 : 0;
  count.annual_known_not_current = annual == C::LAPSED || annual == C::NOT_CERTIFIED ? 1 : 0;
}

void PutGroups(const absl::flat_hash_map<std::string, Group>& groups,
               google::protobuf::RepeatedPtrField<Group>& into) {
  std::vector<std::string> keys;
  for (const auto& [key, group] : groups) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) {
    if (into.size() == kMostListed) return;
    Group& added = *into.Add();
    added = groups.at(key);
    added.set_key(key);
  }
}

}  // namespace

OfficerCount CountOf(const v1::Officer& officer, v1::Officer::State state, const C& certification,
                     bool authority_ended, Date lapsing_through) {
  const bool trained = certification.state() == C::CURRENT;
  const bool current = trained && !authority_ended;
  OfficerCount count{.model = officer.model(),
                     .field_office = officer.field_office(),
                     .agency = officer.agency(),
                     .agreement = officer.agreement(),
                     .fictitious = officer.fictitious(),
                     .officers = 1,
                     .current = current ? 1 : 0,
                     .authority_ended = trained && authority_ended ? 1 : 0,
                     .lapsed = certification.state() == C::LAPSED ? 1 : 0,
                     .not_certified = certification.state() == C::NOT_CERTIFIED ? 1 : 0,
                     .no_rule = certification.state() == C::NO_RULE ? 1 : 0};
  if (current) count.current_through = FromProto(certification.current_through());
  count.lapsing = count.current_through && *count.current_through <= lapsing_through ? 1 : 0;
  if (IsOnDuty(state) && !authority_ended) CountAnnual(certification.annual_training(), count);
  return count;
}

bool IsOverdue(const v1::RevocationCase& revocation, Date as_of) {
  const auto due = FromProto(revocation.decision_due_date());
  return due && *due < as_of && WasOpenOn(revocation, as_of);
}

void SummaryTally::Add(const OfficerCount& count) {
  AddTo(all_, count);
  AddTo(by_model_[count.model], count);
  AddTo(by_field_office_[count.field_office], count);
  AddTo(by_agency_[count.agency], count);
  AddTo(by_agreement_[count.agreement], count);
  if (count.on_duty > 0) AddAnnual(count);
  if (count.current_through) {
    next_lapse_ = std::min(next_lapse_.value_or(Date::max()), *count.current_through);
  }
  any_fictitious_ = any_fictitious_ || count.fictitious;
}

void SummaryTally::AddOverdue(const v1::RevocationCase& revocation, const std::string& model,
                              const std::string& agreement) {
  for (Group* group : {&all_, &by_model_[model], &by_field_office_[revocation.field_office()],
                       &by_agency_[revocation.agency()], &by_agreement_[agreement]}) {
    group->set_decisions_overdue(group->decisions_overdue() + 1);
  }
}

void SummaryTally::AddAnnual(const OfficerCount& count) {
  Annual& annual = annual_[count.model][count.agency];
  annual.bound += count.annual_bound;
  annual.not_known_current += count.annual_not_known_current;
  annual.known_not_current += count.annual_known_not_current;
}

v1::TrainingSummary SummaryTally::Summary() const {
  v1::TrainingSummary summary;
  *summary.mutable_all() = all_;
  PutGroups(by_model_, *summary.mutable_by_model());
  PutGroups(by_field_office_, *summary.mutable_by_field_office());
  PutGroups(by_agency_, *summary.mutable_by_agency());
  summary.set_agencies_left_out(static_cast<int>(by_agency_.size()) - summary.by_agency_size());
  for (const auto& [model, agencies] : annual_) {
    auto& compliance = *summary.add_compliance();
    compliance.set_model(model);
    for (const auto& [agency, annual] : agencies) {
      if (annual.bound == 0) {
        compliance.set_agencies_without_rule(compliance.agencies_without_rule() + 1);
        continue;
      }
      compliance.set_agencies(compliance.agencies() + 1);
      if (annual.not_known_current == 0) {
        compliance.set_agencies_compliant(compliance.agencies_compliant() + 1);
      } else if (annual.known_not_current == 0) {
        compliance.set_agencies_unknown(compliance.agencies_unknown() + 1);
      }
    }
  }
  return summary;
}

v1::AgencyTraining SummaryTally::OfAgency(const std::string& agency) const {
  v1::AgencyTraining training;
  training.set_agency(agency);
  *training.mutable_all() = all_;
  training.mutable_all()->set_key(agency);
  PutGroups(by_agreement_, *training.mutable_by_agreement());
  if (next_lapse_) *training.mutable_next_lapse_date() = ToProto(*next_lapse_);
  training.set_fictitious(any_fictitious_);
  return training;
}

}  // namespace accord::training
