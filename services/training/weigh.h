// How one requirement of an officer stands on one day. Pure; certification.h puts them together.
//
// What the documents leave open is decided here, each once:
//  - A basic course passed holds for good, also when it is failed later (no source ends it).
//  - Recurring courses count from the day of the first basic course passed; until their first
//    due day they are met by it. A later one moves nothing (assumed). Where the basic course
//    is waived, the waiver's first day stands for it (assumed).
//  - Papers of certification on record without the basic course: the evidence is missing, and
//    what rests on it is UNKNOWN. Without such papers it was never met.
//  - Failing as often as the exam rule says disqualifies, whether or not that was recorded;
//    what is passed later does not count (MOA-J25, MOA-J20, MOA-W25).
//  - A retired course counts until it is not offered any more; from then on those that take
//    its place count, whenever they were passed, and are no requirements of their own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/training/certification.h"
#include "services/training/recurrence.h"

namespace accord::training {

struct Standing {
  v1::Requirement::State state = v1::Requirement::STATE_UNSPECIFIED;
  // Last day on which it is met, or was when LAPSED.
  std::optional<Date> through;
  // The completion or waiver that meets it; empty when the basic course does.
  std::string fact;
  // Of recurring courses: the day they count from.
  std::optional<Date> basic;
  Schedule schedule;
  // The failure, or the record of it, that disqualified from the course.
  const v1::Completion* disqualified = nullptr;
  // What was passed when the course was not offered any more.
  std::vector<const v1::Completion*> after_retirement;
};

// What was looked at of the record for a requirement and does not meet it: for explanations alone.
struct Evidence {
  struct Voided {
    const v1::Completion* completion = nullptr;
    const v1::Completion* by = nullptr;
  };
  // Each in order of time.
  std::vector<Voided> voided;
  std::vector<const v1::Completion*> failed;
  // Of the course, whether or not they hold.
  std::vector<const v1::Waiver*> waivers;
};

bool IsMet(v1::Requirement::State state);
// Whether the course is not offered any more on that day.
bool IsRetired(const policy::v1::Course& course, Date day);

// The facts and the policy outlive it.
class Weigher {
 public:
  Weigher(const TrainingFacts& facts, const PolicyView& policy);

  // What binds the officer on `day`, in the order of the policy.
  std::vector<Bound<policy::v1::Course>> RequirementsOn(Date day) const;
  // By the facts of the record that are dated `day` or before.
  Standing StandingOn(const policy::v1::Course& course, Date day) const;
  // Of the facts dated `day` or before, and of all waivers.
  Evidence EvidenceFor(const policy::v1::Course& course, Date day) const;
  // The last day until which it is met from `day` on, with what is recorded for later days;
  // empty when it has no end, or another takes its place before. `now` is its standing on `day`,
  // and met.
  std::optional<Date> HoldsThrough(const policy::v1::Course& course, const Standing& now,
                                   Date day) const;
  // First day after `day` on which a fact comes to count, or a course is retired.
  std::optional<Date> NextFact(Date day) const;

 private:
  using Passes = std::vector<const v1::Completion*>;

  bool IsRequired(const policy::v1::Course& course, Date day) const;
  // The course and, once it is retired, what takes its place.
  std::vector<const policy::v1::Course*> CountingFor(const policy::v1::Course& course,
                                                     Date day) const;
  // Adds what was passed of the course itself to `passes`, and what was not to count to
  // `standing`.
  void AddPasses(const policy::v1::Course& course, Date day, Passes& passes,
                 Standing& standing) const;
  Passes PassesFor(const policy::v1::Course& course, Date day, Standing& standing) const;
  // Of those that have begun on `day`, the one that lasts longest.
  const v1::Waiver* WaiverFor(const policy::v1::Course& course, Date day) const;
  // The day from which recurring courses count.
  std::optional<Date> BasicDate(Date day) const;
  // Whether papers say that the officer was certified under the present agreement.
  bool HasPapers(Date day) const;
  void StandBasic(const policy::v1::Course& course, const Passes& passes, Date day,
                  Standing& standing) const;
  void StandRecurring(const policy::v1::Course& course, const Passes& passes, Date day,
                      Standing& standing) const;

  const TrainingFacts& facts_;
  const PolicyView& policy_;
  const TrainingView& training_;
  const std::vector<Bound<policy::v1::Course>> courses_;
  // By course, in order of time.
  std::map<std::string, Passes, std::less<>> completions_;
  std::vector<Date> fact_days_;  // Sorted.
};

}  // namespace accord::training
