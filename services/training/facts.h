// The facts about officers as they are on record, and what is kept of them on each officer.
// Every mutation that touches an officer, a completion or a waiver calls Rekeep in the same
// closure, so that no read goes through history.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"
#include "common/store/mutation.h"
#include "services/training/certification.h"

namespace accord::training {

// Owns what TrainingFacts refers to.
struct OfficerFacts {
  v1::Officer officer;
  std::vector<v1::Completion> completions;
  std::vector<v1::Waiver> waivers;
  // The officer as it was loaded, serialized.
  std::string loaded{};
  // Whether its agreement, agency or office may be another one than on record.
  bool may_have_moved = false;

  TrainingFacts view() const { return {officer, completions, waivers}; }
};

// Of one officer, or of several in their order and a few statements.
absl::StatusOr<OfficerFacts> LoadFacts(store::Reader& reader, v1::Officer officer);
absl::StatusOr<std::vector<OfficerFacts>> LoadFacts(store::Reader& reader,
                                                    std::vector<v1::Officer> officers);

// Keeps on the officer what the facts and events say on `today`; the certification, all of it but
// its words, is the answer.
v1::Certification KeepToday(OfficerFacts& facts, const PolicyView& policy, Date today);

// Writes the officers with what is kept on them by the facts, and what waivers and cases have of
// them; places in classes follow who is out of the program or may have moved. The facts, where they
// are given, may be ahead of the record by what the same closure writes. At most once in a
// mutation, with all officers that it writes: two may have places in one class. At most a few
// thousand.
absl::Status Rekeep(store::Transaction& transaction, std::vector<OfficerFacts> all,
                    const PolicyView& policy, Date today, store::WriteSet& writes);
absl::Status Rekeep(store::Transaction& transaction, OfficerFacts facts, const PolicyView& policy,
                    Date today, store::WriteSet& writes);
absl::Status Rekeep(store::Transaction& transaction, v1::Officer officer, const PolicyView& policy,
                    Date today, store::WriteSet& writes);
// Of many officers, in few statements. Nothing is written of those that stay as they were
// loaded, and nothing of waivers: no officer may have moved.
absl::Status RekeepChanged(store::Transaction& transaction, std::vector<OfficerFacts> all,
                           const PolicyView& policy, Date today, store::WriteSet& writes);

}  // namespace accord::training
