#include "services/training/exam_rule.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/training/certification.h"

namespace accord::training {

using policy::v1::Course;
using v1::Completion;

void ExamCount::Add(const Completion& completion) {
  if (disqualified_ != nullptr) return;
  attempt_ = std::max(1, completion.attempt());
  failures_ = completion.result() == Completion::PASSED ? 0 : failures_ + 1;
  const int limit = course_.exam().failures_that_disqualify();
  const bool by_rule = limit > 0 && failures_ >= limit;
  if (by_rule || completion.result() == Completion::DISQUALIFIED) disqualified_ = &completion;
}

int ExamCount::next_attempt() const {
  return failures_ == 0 ? 1 : std::min(attempt_ + 1, kMaxAttempt);
}

std::optional<std::string> ExamCount::WhyNoMore() const {
  if (disqualified_ != nullptr && disqualified_->result() == Completion::DISQUALIFIED) {
    return "disqualified for good";
  }
  if (disqualified_ != nullptr) return absl::StrCat(failures_, " failed exams disqualify");
  const int again = course_.exam().remedial_exams() + course_.exam().retakes();
  if (course_.has_exam() && failures_ > again) {
    return absl::StrCat(again, " further exams are allowed after a failed one");
  }
  return std::nullopt;
}

ExamCount CountExams(const Course& course, const std::vector<Completion>& completions) {
  ExamCount count(course);
  for (const Completion* completion : Counting(completions)) {
    if (completion->course() == course.code()) count.Add(*completion);
  }
  return count;
}

std::optional<std::string> WhyNoMoreAttempts(const Course& course,
                                             const std::vector<Completion>& completions) {
  return CountExams(course, completions).WhyNoMore();
}

}  // namespace accord::training
