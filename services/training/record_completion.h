// Whether a completion may be put on record, and what it does to its officer. Pure; the same
// for one that is recorded by hand and one of an export.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "accord/policy/v1/policy.pb.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "services/training/exam_rule.h"

namespace accord::training {

// The course binds another model than the officer's.
bool IsOfOtherModel(const policy::v1::Course& course, const v1::Officer& officer);

// What is wrong with a score, in percent, by itself or by the course's exam rule, if there is one;
// empty when nothing is. No text has the score in it.
std::optional<std::string> WhyScoreIsWrong(const policy::v1::Course& course,
                                           v1::Completion::Result result, double score);

// What is on record of the class that a completion names.
struct ClassFacts {
  const v1::Offering& offering;
  // The day on which the offering was put on record.
  Date announced;
  // The officer's, of any offering, ended ones too.
  const std::vector<v1::Enrollment>& places;
};

// Every reason why the completion cannot be of the class; empty when it can. Each goes on after
// "the offering" or the name of a field.
std::vector<std::string> WhyNotOf(const ClassFacts& facts, const v1::Completion& completion,
                                  const v1::Officer& officer);

// The one that counts for the same course, day and attempt; null when there is none. Of one
// without an attempt that of the day, rather one with its result.
const v1::Completion* FindSame(const v1::Completion& wanted,
                               const std::vector<v1::Completion>& completions);

// Which attempt it is, if it may be put on record: that which it says, or the one that follows what
// was failed on days before it. `completions` are all of the officer's. Errors: COMPLETION_EXISTS,
// COURSE_NOT_OFFERED, ATTEMPTS_EXHAUSTED and ATTEMPT_CONTRADICTS (by what was taken before it).
absl::StatusOr<int> AttemptOf(const v1::Completion& wanted, const policy::v1::Course& course,
                              const std::vector<v1::Completion>& completions);

// After each change of the officer's completions of the course, `completions` with it. Who was
// disqualified from the basic course before being certified, as recorded or by the exam rule,
// leaves the program; who is not any more, by what is voided or came late, is where they were. Who
// is certified stays it: a basic course once passed holds, and authority is for a person to end.
// `event` says who recorded the change and when.
void FollowDisqualification(const policy::v1::Course& course,
                            const std::vector<v1::Completion>& completions, v1::OfficerEvent event,
                            v1::Officer& officer);

}  // namespace accord::training
