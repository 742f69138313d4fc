#include "services/gateway/metrics_rules.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "services/agreements/lifecycle.h"

namespace accord::gateway {
namespace {

using State = av1::Agreement::State;
using LabelOf = std::function<std::string(const std::string& key)>;

// A group that nothing is in any more is as if it had never been.
template <typename Key>
void ChangeGroup(std::map<Key, Group>& groups, const Key& key, uint32_t agency_id, int sign) {
  Group& group = groups[key];
  group.Change(agency_id, sign);
  if (group.empty()) groups.erase(key);
}

template <typename Key>
void ChangeCount(std::map<Key, int>& counts, const Key& key, int sign) {
  int& count = counts[key];
  count += sign;
  if (count == 0) counts.erase(key);
}

// "BOARD_REVIEW" as "Board review".
std::string InWords(absl::string_view enum_name) {
  std::string words = absl::AsciiStrToLower(absl::StrReplaceAll(enum_name, {{"_", " "}}));
  if (!words.empty()) words[0] = absl::ascii_toupper(words[0]);
  return words;
}

v1::Count CountOf(const std::string& key, const std::string& label, const Group& group) {
  v1::Count count;
  count.set_key(key);
  count.set_label(label);
  count.set_agreements(group.things());
  count.set_agencies(group.agencies());
  return count;
}

std::vector<v1::Count> LargestFirst(const std::map<std::string, Group>& groups,
                                    const LabelOf& label) {
  std::vector<v1::Count> counts;
  for (const auto& [key, group] : groups) {
    counts.push_back(CountOf(key, key.empty() ? std::string() : label(key), group));
  }
  std::stable_sort(counts.begin(), counts.end(), [](const v1::Count& a, const v1::Count& b) {
    return a.agreements() > b.agreements();
  });
  return counts;
}

// The age at a rank, 1 being the youngest.
int AgeAt(const std::map<Date, int>& since, int rank, Date date) {
  for (auto day = since.rbegin(); day != since.rend(); ++day) {
    rank -= day->second;
    if (rank <= 0) return static_cast<int>((date - day->first).count());
  }
  return 0;
}

void SetAges(const std::map<Date, int>& since, Date date, v1::PipelineStage& stage) {
  int dated = 0;
  for (const auto& [day, agreements] : since) dated += agreements;
  if (dated == 0) return;
  stage.set_median_age_days(AgeAt(since, (dated + 1) / 2, date));
  stage.set_p90_age_days(AgeAt(since, (dated * 9 + 9) / 10, date));
  stage.set_max_age_days(AgeAt(since, dated, date));
}

}  // namespace

void Group::Change(uint32_t agency_id, int sign) {
  things_ += sign;
  int& of_agency = agencies_[agency_id];
  of_agency += sign;
  if (of_agency == 0) agencies_.erase(agency_id);
}

void MetricsTally::Change(const AgreementRow& row, Date date, int sign) {
  const Span* span = SpanOn(row.timeline, date);
  if (span == nullptr) return;
  ChangeGroup(by_state_of_life_, span->state, row.agency_id, sign);
  ChangeCount(by_basis_, span->basis, sign);
  if (span->state == av1::Agreement::ACTIVE) ChangeInForce(row, sign);
  if (!agreements::IsPipeline(span->state) || span->from == Date::min()) return;
  auto& since = pipeline_since_[span->state];
  ChangeCount(since, span->from, sign);
  if (since.empty()) pipeline_since_.erase(span->state);
}

void MetricsTally::ChangeInForce(const AgreementRow& row, int sign) {
  in_force_.Change(row.agency_id, sign);
  const std::string office(absl::StripPrefix(row.field_office, "fieldOffices/"));
  ChangeGroup(by_jurisdiction_, row.agency_state, row.agency_id, sign);
  ChangeGroup(by_model_, row.model, row.agency_id, sign);
  ChangeGroup(by_field_office_, office, row.agency_id, sign);
  if (!row.has_document) without_document_ += sign;
  if (!row.listed) in_force_not_listed_ += sign;
}

// Turns a tally into the answer.
class MetricsWriter {
 public:
  MetricsWriter(const MetricsTally& tally, const PolicyView& policy, Date date)
      : tally_(tally), policy_(policy), date_(date) {}

  void WriteInForce(const NewestLists& lists, v1::ProgramMetrics& metrics) const {
    *metrics.mutable_in_force() = CountOf("ACTIVE", "In force", tally_.in_force_);
    Append(tally_.by_jurisdiction_, &MetricsWriter::StateLabel, *metrics.mutable_by_jurisdiction());
    Append(tally_.by_model_, &MetricsWriter::ModelLabel, *metrics.mutable_by_model());
    Append(tally_.by_field_office_, &MetricsWriter::OfficeLabel,
           *metrics.mutable_by_field_office());
    metrics.set_without_document(tally_.without_document_);
    if (lists.participating) metrics.set_in_force_not_listed(tally_.in_force_not_listed_);
  }

  void WriteLife(v1::ProgramMetrics& metrics) const {
    static const auto& undated = *new std::map<Date, int>();
    for (const auto& [state, group] : tally_.by_state_of_life_) {
      const std::string& name = av1::Agreement::State_Name(state);
      *metrics.add_by_state_of_life() = CountOf(name, InWords(name), group);
      if (!agreements::IsPipeline(state)) continue;
      v1::PipelineStage& stage = *metrics.add_pipeline();
      stage.set_state(state);
      stage.set_agreements(group.things());
      const auto since = tally_.pipeline_since_.find(state);
      SetAges(since == tally_.pipeline_since_.end() ? undated : since->second, date_, stage);
    }
  }

  av1::Basis WeakestBasis() const {
    if (tally_.by_basis_.empty()) return av1::DERIVED;
    return std::max(av1::DERIVED, tally_.by_basis_.rbegin()->first);
  }

 private:
  using Label = std::string (MetricsWriter::*)(const std::string& key) const;

  void Append(const std::map<std::string, Group>& groups, Label label,
              google::protobuf::RepeatedPtrField<v1::Count>& counts) const {
    const auto label_of = [this, label](const std::string& key) { return (this->*label)(key); };
    for (v1::Count& count : LargestFirst(groups, label_of)) *counts.Add() = std::move(count);
  }

  // A code that the policy does not know is shown as it is.
  std::string StateLabel(const std::string& key) const {
    const policy::v1::State* state = policy_.FindState(key);
    return state == nullptr ? key : state->name();
  }
  std::string ModelLabel(const std::string& key) const {
    const policy::v1::Model* model = policy_.FindModelByPublishedName(key);
    return model == nullptr ? key : model->display_name();
  }
  std::string OfficeLabel(const std::string& key) const {
    const policy::v1::FieldOffice* office = policy_.FindFieldOffice(key);
    return office == nullptr ? key : office->display_name();
  }

  const MetricsTally& tally_;
  const PolicyView& policy_;
  const Date date_;
};

v1::ProgramMetrics MetricsOf(const MetricsTally& tally, const DiscrepancyTally& discrepancies,
                             const NewestLists& lists, const PolicyView& policy, Date date,
                             bool fictitious) {
  v1::ProgramMetrics metrics;
  const MetricsWriter writer(tally, policy, date);
  writer.WriteInForce(lists, metrics);
  writer.WriteLife(metrics);
  for (const auto& [kind, group] : discrepancies) {
    const std::string& name = av1::RosterDiscrepancy::Kind_Name(kind);
    *metrics.add_open_discrepancies() = CountOf(name, InWords(name), group);
  }
  if (lists.participating) {
    *metrics.mutable_newest_participating_list() = ToProto(*lists.participating);
  }
  if (lists.pending) *metrics.mutable_newest_pending_list() = ToProto(*lists.pending);
  *metrics.mutable_as_of() = ToProto(date);
  metrics.set_basis(fictitious ? av1::SYNTHETIC : writer.WeakestBasis());
  metrics.set_fictitious(fictitious);
  metrics.set_policy_version(policy.id());
  return metrics;
}

}  // namespace accord::gateway
