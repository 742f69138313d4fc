// Whether an officer's training is current on a date, and why. Pure: facts, policy and date
// in; verdict with reasons out. One certification is recomputed in full from its facts; what
// is kept of it on the officer is `Keep`.
//
// Sources: OIG-18-77 (annual courses, refresher, retired courses without waiver), the exam
// and refresher clauses of the agreements' texts (MOA-J25, MOA-J20, MOA-W25, MOA-T25). What no
// source states is `no rule on record`.
#pragma once

#include <optional>
#include <vector>

#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"

namespace accord::training {

// What is on record about one officer.
struct TrainingFacts {
  const v1::Officer& officer;
  // All of the officer, voided ones and those that void them included; in any order.
  const std::vector<v1::Completion>& completions;
  const std::vector<v1::Waiver>& waivers;
};

// The certification on `as_of` by what is recorded. `explain` fills `steps` of every
// requirement; without it they are left out. The result does not depend on the order of facts.
v1::Certification Certify(const TrainingFacts& facts, const PolicyView& policy, Date as_of,
                          bool explain = false);

// The same without what only people read: titles, sources, cures and the days to come. Nothing of
// it is kept on an officer.
v1::Certification CertifyWithoutWords(const TrainingFacts& facts, const PolicyView& policy,
                                      Date as_of);

// Sets `certification`, `annual_training`, `current_through`, `ends_by`, `next_class`,
// `next_class_date`, `next_change_date` and `policy_version` of the officer from a certification
// of the day.
void Keep(const v1::Certification& today, v1::Officer& officer);

// Completions that count: not voided (from the first day on: a correction is about the record,
// and what was voided stays so), and of an officer who was not disqualified from the
// course before. By date, then attempt, then name.
std::vector<const v1::Completion*> Counting(const std::vector<v1::Completion>& completions);

}  // namespace accord::training
