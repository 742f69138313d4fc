#include "common/policy/view_training.h"

#include <algorithm>

#include "common/policy/fold.h"

namespace accord {
namespace {

using policy::v1::AuthorizationTerm;
using policy::v1::ClassCalendar;
using policy::v1::Course;
using policy::v1::PaperRequirement;

template <typename Map>
const Course* CourseAt(const Map& map, absl::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

template <typename List>
bool Contains(const List& list, absl::string_view code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

}  // namespace

TrainingView::TrainingView(const policy::v1::PolicyVersion& version)
    : training_(version.training_policy()) {
  for (const auto& entry : version.templates()) models_[entry.code()] = entry.model();
  for (const Course& course : training_.courses()) {
    courses_[course.code()] = &course;
    names_[FoldText(course.code())] = &course;
    names_[FoldText(course.title())] = &course;
    for (const auto& name : course.published_names()) names_[FoldText(name)] = &course;
  }
}

const Course* TrainingView::FindCourse(absl::string_view code) const {
  return CourseAt(courses_, code);
}

const Course* TrainingView::FindCourseByPublishedName(absl::string_view name) const {
  return CourseAt(names_, FoldText(name));
}

const ClassCalendar* TrainingView::CalendarOf(absl::string_view course) const {
  for (const ClassCalendar& calendar : training_.class_calendars()) {
    if (calendar.course() == course) return &calendar;
  }
  return nullptr;
}

const policy::v1::LapsePolicy* TrainingView::lapse_policy() const {
  return training_.has_lapse_policy() ? &training_.lapse_policy() : nullptr;
}

const policy::v1::AnnualVerificationRule* TrainingView::annual_verification() const {
  return training_.has_annual_verification() ? &training_.annual_verification() : nullptr;
}

bool TrainingView::NeedsVerification(absl::string_view model) const {
  return Contains(training_.annual_verification().models(), model);
}

bool TrainingView::KnowsTemplate(absl::string_view model, absl::string_view template_code) const {
  const auto found = models_.find(template_code);
  return found != models_.end() && found->second == model;
}

template <typename Rule>
Bound<Rule> TrainingView::Bind(const Rule& rule, absl::string_view model,
                               absl::string_view template_code) const {
  if (rule.model() != model) return {};
  if (rule.templates().empty() || Contains(rule.templates(), template_code)) return {&rule};
  if (KnowsTemplate(model, template_code)) return {};
  return {&rule, /*certain=*/false};
}

// A rule that surely binds comes before one that may.
template <typename Rules, typename Rule>
Bound<Rule> TrainingView::FirstBound(const Rules& rules, absl::string_view model,
                                     absl::string_view template_code) const {
  Bound<Rule> first;
  for (const Rule& rule : rules) {
    const Bound<Rule> bound = Bind(rule, model, template_code);
    if (bound.rule != nullptr && bound.certain) return bound;
    if (first.rule == nullptr) first = bound;
  }
  return first;
}

std::vector<Bound<Course>> TrainingView::CoursesFor(absl::string_view model,
                                                    absl::string_view template_code) const {
  std::vector<Bound<Course>> courses;
  for (const Course& course : training_.courses()) {
    const Bound<Course> bound = Bind(course, model, template_code);
    if (bound.rule != nullptr) courses.push_back(bound);
  }
  return courses;
}

Bound<AuthorizationTerm> TrainingView::TermFor(absl::string_view model,
                                               absl::string_view template_code) const {
  return FirstBound(training_.authorization_terms(), model, template_code);
}

Bound<PaperRequirement> TrainingView::PapersFor(absl::string_view model,
                                                absl::string_view template_code) const {
  return FirstBound(training_.paper_requirements(), model, template_code);
}

}  // namespace accord
