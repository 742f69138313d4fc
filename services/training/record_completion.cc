#include "services/training/record_completion.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/training/authority.h"
#include "services/training/certification.h"
#include "services/training/errors.h"
#include "services/training/officer_events.h"
#include "services/training/recurrence.h"

namespace accord::training {
namespace {

using policy::v1::Course;
using O = v1::Officer;
using v1::Completion;

// What was taken of the same course before `wanted`, with everything that voids.
std::vector<Completion> Before(const Completion& wanted,
                               const std::vector<Completion>& completions) {
  const auto place = std::make_pair(DateOf(wanted), wanted.attempt());
  std::vector<Completion> before;
  for (const Completion& completion : completions) {
    const bool is_before = completion.course() == wanted.course() &&
                           std::make_pair(DateOf(completion), completion.attempt()) < place;
    if (is_before || !completion.voids().empty()) before.push_back(completion);
  }
  return before;
}

absl::Status CheckOffered(const Course& course, Date date) {
  if (!course.has_retirement()) return absl::OkStatus();
  const policy::v1::CourseRetirement& retirement = course.retirement();
  const auto retired = FromProto(retirement.date());
  if (!retired || date < *retired) return absl::OkStatus();
  return error::CourseNotOffered(
      course.code(), date,
      retirement.replaced_by().empty()
          ? "nothing takes its place: a waiver is needed"
          : absl::StrCat("take ", absl::StrJoin(retirement.replaced_by(), " or "), " instead"));
}

bool IsBeforeCertification(O::State state) {
  return state == O::NOMINATED || state == O::SCREENED || state == O::IN_TRAINING;
}

}  // namespace

bool IsOfOtherModel(const Course& course, const O& officer) {
  return course.model() != officer.model();
}

std::optional<std::string> WhyScoreIsWrong(const Course& course, Completion::Result result,
                                           double score) {
  if (!course.has_exam()) return "is given, but the policy knows of no exam";
  if (!(score >= 0 && score <= 100)) return "must be 0 to 100 percent";
  const bool passes = score >= course.exam().pass_percent();
  if (passes == (result == Completion::PASSED)) return std::nullopt;
  return absl::StrCat("contradicts the result: ", course.exam().pass_percent(),
                      " percent are needed to pass");
}

const Completion* FindSame(const Completion& wanted, const std::vector<Completion>& completions) {
  std::set<absl::string_view> voided;
  for (const Completion& completion : completions) voided.insert(completion.voids());
  const auto same =
      std::find_if(completions.begin(), completions.end(), [&](const Completion& completion) {
        return completion.voids().empty() && !voided.contains(completion.name()) &&
               completion.course() == wanted.course() && DateOf(completion) == DateOf(wanted) &&
               completion.attempt() == wanted.attempt();
      });
  return same == completions.end() ? nullptr : &*same;
}

absl::Status CheckRecordable(const Completion& wanted, const Course& course,
                             const std::vector<Completion>& completions) {
  if (const Completion* same = FindSame(wanted, completions)) {
    return error::CompletionExists(same->name());
  }
  if (absl::Status offered = CheckOffered(course, DateOf(wanted)); !offered.ok()) return offered;
  if (const auto why = WhyNoMoreAttempts(course, Before(wanted, completions))) {
    return error::AttemptsExhausted(wanted.officer(), course.code(), *why);
  }
  return absl::OkStatus();
}

void FollowDisqualification(const Completion& completion, const Course& course,
                            v1::OfficerEvent event, O& officer) {
  if (completion.result() != Completion::DISQUALIFIED || course.kind() != Course::BASIC) return;
  if (!IsBeforeCertification(officer.state())) return;
  // It cannot be an earlier step than those that were taken in ignorance of it.
  const Date date = std::max(DateOf(completion), LastStep(officer).value_or(Date::min()));
  event.set_kind(v1::OfficerEvent::DISQUALIFIED);
  *event.mutable_date() = ToProto(date);
  event.set_agreement(officer.agreement());
  event.set_source(completion.name());
  AddEvent(std::move(event), officer);
  officer.set_state(O::DISQUALIFIED);
}

void UndoDisqualification(const std::string& completion, O& officer) {
  auto& events = *officer.mutable_events();
  const auto caused = [&completion](const v1::OfficerEvent& event) {
    return event.kind() == v1::OfficerEvent::DISQUALIFIED && event.source() == completion;
  };
  const auto kept = std::remove_if(events.begin(), events.end(), caused);
  if (kept == events.end()) return;
  events.erase(kept, events.end());
  officer.set_state(TrailOn(officer, Date::max()).state);
}

}  // namespace accord::training
