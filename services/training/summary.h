// Adds officers up to the groups of a summary. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "accord/training/v1/training.pb.h"
#include "common/calendar/date.h"
#include "services/training/store_summary.h"

namespace accord::training {

// The count of one officer by their certification on a date. `state` is theirs on that date, and
// `authority_ended` whether what EndOfAuthority says had ended by then.
OfficerCount CountOf(const v1::Officer& officer, v1::Officer::State state,
                     const v1::Certification& certification, bool authority_ended,
                     Date lapsing_through);

// Whether no decision was taken in time by `as_of`: the case was open then and its due day past.
bool IsOverdue(const v1::RevocationCase& revocation, Date as_of);

class SummaryTally {
 public:
  void Add(const OfficerCount& count);
  // A case without a decision after its due date, of an officer of that model and agreement.
  void AddOverdue(const v1::RevocationCase& revocation, const std::string& model,
                  const std::string& agreement);

  // Groups by key.
  v1::TrainingSummary Summary() const;
  // By agreement; `agency` is the one that was counted.
  v1::AgencyTraining OfAgency(const std::string& agency) const;

 private:
  using Group = v1::TrainingSummary::Group;
  using Groups = absl::flat_hash_map<std::string, Group>;
  // The officers on duty of one agency and model, as in OfficerCount.
  struct Annual {
    int64_t bound = 0;
    int64_t not_known_current = 0;
    int64_t known_not_current = 0;
  };

  void AddAnnual(const OfficerCount& count);

  Group all_;
  Groups by_model_;
  Groups by_field_office_;
  Groups by_agency_;
  Groups by_agreement_;
  // By model, then agency.
  std::map<std::string, absl::flat_hash_map<std::string, Annual>> annual_;
  std::optional<Date> next_lapse_;
  bool any_fictitious_ = false;
};

}  // namespace accord::training
