// Figures about the whole program, kept up to date one agreement at a time. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "common/policy/policy_view.h"
#include "services/gateway/rows.h"

namespace accord::gateway {

// Things counted, and the distinct agencies that they belong to.
class Group {
 public:
  // `sign` is 1 to count one more, -1 to take one back that was counted.
  void Change(uint32_t agency_id, int sign);
  // For a thing that belongs to no agency.
  void ChangeWithoutAgency(int sign) { things_ += sign; }

  int things() const { return things_; }
  int agencies() const { return static_cast<int>(agencies_.size()); }
  bool empty() const { return things_ == 0; }
  bool operator==(const Group&) const = default;

 private:
  int things_ = 0;
  absl::flat_hash_map<uint32_t, int> agencies_;  // Things by agency, never 0.
};

// Open discrepancies.
using DiscrepancyTally = std::map<av1::RosterDiscrepancy::Kind, Group>;

// Agreements on one date. Add and Remove cost the same however many are counted.
class MetricsTally {
 public:
  void Add(const AgreementRow& row, Date date) { Change(row, date, 1); }
  // The same row and date as were added.
  void Remove(const AgreementRow& row, Date date) { Change(row, date, -1); }
  bool operator==(const MetricsTally&) const = default;

 private:
  friend class MetricsWriter;

  void Change(const AgreementRow& row, Date date, int sign);
  void ChangeInForce(const AgreementRow& row, int sign);

  std::map<av1::Agreement::State, Group> by_state_of_life_;
  Group in_force_;
  std::map<std::string, Group> by_jurisdiction_;
  std::map<std::string, Group> by_model_;
  std::map<std::string, Group> by_field_office_;
  // Agreements in the pipeline by the day their state began.
  std::map<av1::Agreement::State, std::map<Date, int>> pipeline_since_;
  std::map<av1::Basis, int> by_basis_;
  int without_document_ = 0;
  int in_force_not_listed_ = 0;
};

struct NewestLists {
  std::optional<Date> participating{};
  std::optional<Date> pending{};
};

// The figures, without what depends on the moment: sources, freshness, compute time.
// Costs what there are groups and distinct days in the pipeline, not agreements.
//
// Ages count from the day the state began; an agreement whose state has no date is
// counted without an age. The median of an even number is the lower one; the 90th
// percentile is by nearest rank. `in_force_not_listed` is 0 while no participating
// list was imported: nothing can be missing from it.
// Basis: the weakest of DERIVED and of the transitions counted; SYNTHETIC when fictitious.
v1::ProgramMetrics MetricsOf(const MetricsTally& tally, const DiscrepancyTally& discrepancies,
                             const NewestLists& lists, const PolicyView& policy, Date date,
                             bool fictitious);

}  // namespace accord::gateway
