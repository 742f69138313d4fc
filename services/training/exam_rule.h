// What the exam rule of a course makes of the exams that were taken: the one count of failures that
// certification, completions, seats and states go by. Pure.
//
// Sources: MOA-J25, MOA-J20 (one remedial exam; failing twice disqualifies), MOA-W25 (one retake).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accord/policy/v1/policy.pb.h"
#include "accord/training/v1/resources.pb.h"

namespace accord::training {

// Highest attempt that is believed.
inline constexpr int kMaxAttempt = 10;

// Counts the exams of one course, given in the order of time.
class ExamCount {
 public:
  explicit ExamCount(const policy::v1::Course& course) : course_(course) {}

  void Add(const v1::Completion& completion);

  // Since the last pass.
  int failures() const { return failures_; }
  // The one that disqualified for good, as recorded or by the exam rule: no later one counts.
  const v1::Completion* disqualified() const { return disqualified_; }
  // The number of an exam that follows: a taking of the course lasts until it is passed.
  int next_attempt() const;
  // Why no further exam may be taken; empty while one may.
  std::optional<std::string> WhyNoMore() const;

 private:
  const policy::v1::Course& course_;
  int failures_ = 0;
  // Of the last one.
  int attempt_ = 0;
  const v1::Completion* disqualified_ = nullptr;
};

// Of an officer's completions in any order, voided ones included, those of the course that count.
ExamCount CountExams(const policy::v1::Course& course,
                     const std::vector<v1::Completion>& completions);

// Whether one more exam of the course may be taken, by its rule and what is on record; why not,
// in words, otherwise.
std::optional<std::string> WhyNoMoreAttempts(const policy::v1::Course& course,
                                             const std::vector<v1::Completion>& completions);

}  // namespace accord::training
