// The projection's rows and the figures that are kept with them. Not thread-safe:
// projection.h is.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "accord/log/v1/log.pb.h"
#include "common/policy/reach.h"
#include "services/gateway/metrics_rules.h"
#include "services/gateway/rows.h"

namespace accord::gateway {

// Where an agency stands in the list: by name of its state, its own name, its id.
struct Place {
  std::string state_name;
  std::string display_name;
  std::string agency;

  auto operator<=>(const Place&) const = default;
};

// Every resource carries the revision at which it was read; what is not newer than that
// is ignored, so that a replay cannot bring an old image back. What was listed at mixed
// revisions is right once every Change up to the newest of them was applied.
class ProgramRows {
 public:
  // "Florida" for "FL".
  using StateName = std::function<std::string(absl::string_view code)>;

  // `today` is the date of the figures that are kept up to date.
  ProgramRows(absl::TimeZone zone, StateName state_name, Date today);
  ProgramRows(ProgramRows&&) = default;
  ProgramRows& operator=(ProgramRows&&) = default;

  // What the record says at `revision`, which is 1 or more.
  void Put(const av1::Agency& agency, int64_t revision);
  void Put(const av1::Agreement& agreement, int64_t revision);
  void Put(const av1::RosterDiscrepancy& discrepancy, int64_t revision);
  void Put(const av1::RosterImport& roster_import, int64_t revision);

  // Takes a Change of the agreements log; types that the projection does not keep are
  // passed over. FAILED_PRECONDITION when its image is gone (redacted): only a new
  // listing tells. DATA_LOSS when the image does not parse.
  absl::Status Apply(const log::v1::Change& change);

  // Makes `today` the date of the kept figures. Forwards it costs what changes state in
  // between; backwards, everything.
  void MoveTo(Date today);
  Date today() const { return today_; }

  const MetricsTally& TodaysTally(bool fictitious) const { return tallies_[fictitious]; }
  // The same for any date, of what lies within `reach`. Reads every agreement.
  MetricsTally TallyOn(Date date, bool fictitious, const Reach& reach = Reach::Whole()) const;
  const DiscrepancyTally& Discrepancies(bool fictitious) const {
    return discrepancy_tallies_[fictitious];
  }
  // Of those, what lies within `reach`. Reads every discrepancy.
  DiscrepancyTally DiscrepanciesWithin(const Reach& reach, bool fictitious) const;
  // Reads every import.
  NewestLists Newest(bool fictitious) const;

  // Agencies, merged ones left out.
  size_t agencies() const { return order_.size(); }
  size_t agreements() const { return agreements_.size(); }
  size_t discrepancies() const { return discrepancies_.size(); }

  // What an agency was merged into; empty when it was not.
  std::string MergedInto(absl::string_view agency) const;
  // All that were merged, with what into.
  absl::flat_hash_map<std::string, std::string> Merges() const;

  // Gives the summaries on `date` of up to `limit` agencies after `after` (none: from
  // the first) to `visit`, in order, until it returns false. Returns the last place
  // visited, none when there was nothing more.
  std::optional<Place> Visit(
      const std::optional<Place>& after, size_t limit, Date date,
      const std::function<bool(const Place&, const v1::AgencyStatusSummary&)>& visit) const;

  // The last known record of an agency with states as of `date`: what rows hold,
  // resolved if it was merged.
  std::optional<av1::AgencyRecord> RecordOf(absl::string_view agency, Date date) const;

 private:
  struct AgencyEntry {
    uint32_t id = 0;
    int64_t revision = 0;  // 0: only named by others so far.
    AgencyRow row{};
    std::vector<const AgreementRow*> agreements{};
    std::vector<const DiscrepancyRow*> discrepancies{};
  };
  template <typename Row>
  struct Kept {
    int64_t revision = 0;
    Row row{};
  };

  AgencyEntry& EntryOf(const std::string& agency);
  Place PlaceOf(const AgencyEntry& entry) const;
  void Attach(AgreementRow& row);
  void Detach(AgreementRow& row);
  void Drop(const std::string& agreement);
  void Schedule(AgreementRow& row);
  void DropDiscrepancy(const std::string& name);
  static void Count(const DiscrepancyRow& row, const AgencyEntry& entry, int sign,
                    DiscrepancyTally& tally);
  void TallyDiscrepancy(const DiscrepancyRow& row, const AgencyEntry& entry, int sign);
  void TallyDiscrepancies(const AgencyEntry& entry, int sign);
  void Erase(const std::string& resource);
  v1::AgencyStatusSummary SummaryOn(const AgencyEntry& entry, Date date) const;

  absl::TimeZone zone_;
  StateName state_name_;
  Date today_;
  // Node maps: rows are pointed to.
  absl::node_hash_map<std::string, AgencyEntry> agencies_;
  absl::node_hash_map<std::string, Kept<AgreementRow>> agreements_;
  absl::node_hash_map<std::string, Kept<DiscrepancyRow>> discrepancies_;
  std::map<std::string, Kept<ListRow>> lists_;
  std::map<Place, const AgencyEntry*> order_;
  // When each agreement's state changes next after today.
  std::set<std::pair<Date, AgreementRow*>> due_;
  MetricsTally tallies_[2];  // Real, fictitious.
  DiscrepancyTally discrepancy_tallies_[2];
};

}  // namespace accord::gateway
