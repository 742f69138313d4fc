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

// What counts of the course and was taken before `wanted`; on days before it, when no attempt says
// its place within its day.
ExamCount ExamsBefore(const Completion& wanted, const Course& course,
                      const std::vector<Completion>& completions) {
  const auto place = std::make_pair(DateOf(wanted), wanted.attempt());
  ExamCount exams(course);
  for (const Completion* completion : Counting(completions)) {
    const bool is_before = std::make_pair(DateOf(*completion), completion->attempt()) < place;
    if (completion->course() == course.code() && is_before) exams.Add(*completion);
  }
  return exams;
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

// Whether the officer has a seat, kept or used. Of a class that was put on record after its first
// day, as one of the past, nobody can have one: its results alone say who was there.
bool CouldAttend(const ClassFacts& facts) {
  const auto first = FromProto(facts.offering.first_date());
  if (first && facts.announced > *first) return true;
  return std::any_of(facts.places.begin(), facts.places.end(), [&](const v1::Enrollment& place) {
    const bool seated =
        place.state() == v1::Enrollment::ENROLLED || place.state() == v1::Enrollment::ATTENDED;
    return seated && place.offering() == facts.offering.name();
  });
}

bool IsBeforeCertification(O::State state) {
  return state == O::NOMINATED || state == O::SCREENED || state == O::IN_TRAINING;
}

bool Disqualifies(const v1::OfficerEvent& event) {
  return event.kind() == v1::OfficerEvent::DISQUALIFIED;
}

// Also when the officer has served under another agreement since.
bool IsFollowed(const Completion& by, const O& officer) {
  return std::any_of(officer.events().begin(), officer.events().end(), [&by](const auto& event) {
    return Disqualifies(event) && event.source() == by.name();
  });
}

// Takes back the events that followed from other completions of the course than `by`, which may be
// null.
void TakeBackOthers(const Course& course, const std::vector<Completion>& completions,
                    const Completion* by, O& officer) {
  std::set<absl::string_view> others;
  for (const Completion& completion : completions) {
    const bool is_other = by == nullptr || completion.name() != by->name();
    if (completion.course() == course.code() && is_other) others.insert(completion.name());
  }
  auto& events = *officer.mutable_events();
  const auto kept =
      std::remove_if(events.begin(), events.end(), [&others](const v1::OfficerEvent& event) {
        return Disqualifies(event) && others.contains(event.source());
      });
  if (kept == events.end()) return;
  events.erase(kept, events.end());
  officer.set_state(TrailOn(officer, Date::max()).state);
}

}  // namespace

bool IsOfOtherModel(const Course& course, const O& officer) {
  return course.model() != officer.model();
}

std::optional<std::string> WhyScoreIsWrong(const Course& course, Completion::Result result,
                                           double score) {
  if (!(score >= 0 && score <= 100)) return "must be 0 to 100 percent";
  // Learning systems export one for every course. Where no mark is known, also one with exams
  // (MOA-T25), it says nothing of the result.
  if (!course.has_exam()) return std::nullopt;
  const bool passes = score >= course.exam().pass_percent();
  if (passes == (result == Completion::PASSED)) return std::nullopt;
  return absl::StrCat("contradicts the result: ", course.exam().pass_percent(),
                      " percent are needed to pass");
}

std::vector<std::string> WhyNotOf(const ClassFacts& facts, const Completion& completion,
                                  const O& officer) {
  const v1::Offering& offering = facts.offering;
  std::vector<std::string> why;
  if (offering.course() != completion.course()) {
    why.push_back(absl::StrCat("is of the course ", offering.course()));
  }
  const auto first = FromProto(offering.first_date());
  if (first && DateOf(completion) < *first) {
    why.push_back(absl::StrCat("begins on ", FormatDate(*first), ", after the completion's date"));
  }
  if (offering.state() == v1::Offering::CANCELLED) why.push_back("was cancelled");
  if (offering.fictitious() != officer.fictitious()) {
    why.push_back(offering.fictitious() ? "is fictitious, and the officer is not"
                                        : "is not fictitious, and the officer is");
  }
  if (!CouldAttend(facts)) {
    why.push_back("has no seat of the officer's: name where it was taken, or nothing");
  }
  return why;
}

const Completion* FindSame(const Completion& wanted, const std::vector<Completion>& completions) {
  std::set<absl::string_view> voided;
  for (const Completion& completion : completions) voided.insert(completion.voids());
  const Completion* same = nullptr;
  for (const Completion& completion : completions) {
    const bool counts = completion.voids().empty() && !voided.contains(completion.name());
    const bool of_the_day =
        completion.course() == wanted.course() && DateOf(completion) == DateOf(wanted);
    const bool is_attempt = wanted.attempt() == 0 || completion.attempt() == wanted.attempt();
    if (!counts || !of_the_day || !is_attempt) continue;
    same = &completion;
    if (completion.result() == wanted.result()) return same;
  }
  return same;
}

absl::StatusOr<int> AttemptOf(const Completion& wanted, const Course& course,
                              const std::vector<Completion>& completions) {
  if (const Completion* same = FindSame(wanted, completions)) {
    return error::CompletionExists(same->name());
  }
  if (absl::Status offered = CheckOffered(course, DateOf(wanted)); !offered.ok()) return offered;
  const ExamCount exams = ExamsBefore(wanted, course, completions);
  if (const auto why = exams.WhyNoMore()) {
    return error::AttemptsExhausted(wanted.officer(), course.code(), *why);
  }
  const int next = exams.next_attempt();
  if (wanted.attempt() == 0) return next;
  // Without an exam rule, whoever counts may begin anew with each period.
  if (course.has_exam() && wanted.attempt() < next) {
    return error::AttemptContradicts(course.code(), wanted.attempt(), next);
  }
  return wanted.attempt();
}

void FollowDisqualification(const Course& course, const std::vector<Completion>& completions,
                            v1::OfficerEvent event, O& officer) {
  const auto& events = officer.events();
  if (course.kind() != Course::BASIC && std::none_of(events.begin(), events.end(), Disqualifies)) {
    return;
  }
  const ExamCount exams = CountExams(course, completions);
  TakeBackOthers(course, completions, exams.disqualified(), officer);
  if (exams.disqualified() == nullptr || course.kind() != Course::BASIC) return;
  const Completion& by = *exams.disqualified();
  if (!IsBeforeCertification(officer.state()) || IsFollowed(by, officer)) return;
  // It cannot be an earlier step than those that were taken in ignorance of it.
  const Date date = std::max(DateOf(by), LastStep(officer).value_or(Date::min()));
  event.set_kind(v1::OfficerEvent::DISQUALIFIED);
  *event.mutable_date() = ToProto(date);
  event.set_agreement(officer.agreement());
  event.set_source(by.name());
  const bool by_rule = by.result() != Completion::DISQUALIFIED;
  event.set_reason(by_rule ? exams.WhyNoMore().value_or("") : by.reason());
  AddEvent(std::move(event), officer);
  officer.set_state(O::DISQUALIFIED);
}

}  // namespace accord::training
