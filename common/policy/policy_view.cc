#include "common/policy/policy_view.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/policy/fold.h"

namespace accord {
namespace {

using policy::v1::Course;
using policy::v1::Duty;
using policy::v1::FieldOffice;
using policy::v1::Model;
using policy::v1::PolicyVersion;
using policy::v1::State;
using policy::v1::Template;
using policy::v1::TrainingPolicy;

template <typename Map>
typename Map::mapped_type FindOrNull(const Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

std::string CountyKey(absl::string_view state, absl::string_view folded_county) {
  return absl::StrCat(state, "/", folded_county);
}

// What published lists print where they have no county, once folded.
bool IsNoCounty(absl::string_view folded_county) {
  return folded_county.empty() || folded_county == "na";
}

std::chrono::month ToMonth(int month) { return std::chrono::month(static_cast<unsigned>(month)); }

std::chrono::weekday ToWeekday(policy::v1::HolidayRule::Weekday weekday) {
  return std::chrono::weekday(static_cast<unsigned>(weekday));  // 1 is Monday, 7 Sunday: ISO.
}

std::variant<FixedDay, NthWeekday, LastWeekday> ToDay(const policy::v1::HolidayRule& rule) {
  if (rule.has_fixed()) {
    return FixedDay{ToMonth(rule.fixed().month()),
                    std::chrono::day(static_cast<unsigned>(rule.fixed().day()))};
  }
  if (rule.has_nth_weekday()) {
    const auto& nth = rule.nth_weekday();
    return NthWeekday{ToMonth(nth.month()), ToWeekday(nth.weekday()),
                      static_cast<unsigned>(nth.nth())};
  }
  return LastWeekday{ToMonth(rule.last_weekday().month()),
                     ToWeekday(rule.last_weekday().weekday())};
}

std::optional<int> YearOrUnbounded(int year) {
  return year == 0 ? std::nullopt : std::optional<int>(year);
}

HolidayCalendar MakeHolidays(const PolicyVersion& version) {
  std::vector<HolidayRule> rules;
  for (const auto& rule : version.holidays()) {
    rules.push_back({rule.name(), ToDay(rule), YearOrUnbounded(rule.first_year()),
                     YearOrUnbounded(rule.last_year()),
                     rule.observed() == policy::v1::HolidayRule::NEAREST_WEEKDAY
                         ? Observed::kNearestWeekday
                         : Observed::kOnTheDay});
  }
  return HolidayCalendar(std::move(rules));
}

bool HasStamp(const Template& entry, Date stamp) {
  if (FromProto(entry.stamp()) == stamp) return true;
  const auto& alternates = entry.alternate_stamps();
  return std::any_of(alternates.begin(), alternates.end(), [stamp](const auto& alternate) {
    return FromProto(alternate.stamp()) == stamp;
  });
}

}  // namespace

absl::string_view ToString(Placement::Reason reason) {
  switch (reason) {
    case Placement::Reason::kPlaced:
      return "placed";
    case Placement::Reason::kStateUnknown:
      return "state unknown";
    case Placement::Reason::kCountyNeeded:
      return "county needed";
    case Placement::Reason::kCountyUnknown:
      return "county unknown";
    case Placement::Reason::kNoOfficeForState:
      return "no office for this state";
  }
  return "";
}

bool AppliesToAll(TrainingPolicy::Applicability applies_to) {
  return applies_to != TrainingPolicy::NEW && applies_to != TrainingPolicy::OPEN;
}

PolicyView::PolicyView(const PolicyVersion& version, const PolicyView* before)
    : version_(version),
      effective_from_(FromProto(version.effective_from()).value()),
      holidays_(MakeHolidays(version)),
      training_(version),
      still_binding_(AppliesToAll(version.training_policy().applies_to()) ? nullptr : before) {
  IndexModels();
  IndexTemplates();
  IndexStates();
  IndexOffices();
  IndexNewCourses(before);
}

void PolicyView::IndexNewCourses(const PolicyView* before) {
  if (before == nullptr || before->version_.training_policy().courses().empty()) return;
  absl::flat_hash_set<absl::string_view> successors;
  for (const PolicyView* view : {before, static_cast<const PolicyView*>(this)}) {
    for (const Course& course : view->version_.training_policy().courses()) {
      for (const std::string& code : course.retirement().replaced_by()) successors.insert(code);
    }
  }
  for (const Course& course : version_.training_policy().courses()) {
    const bool was_there = before->training_.FindCourse(course.code()) != nullptr;
    const auto since = was_there ? before->CourseSince(course.code()) : effective_from_;
    if (since && !successors.contains(course.code())) courses_since_[course.code()] = *since;
  }
}

std::optional<Date> PolicyView::CourseSince(absl::string_view code) const {
  const auto found = courses_since_.find(code);
  return found == courses_since_.end() ? std::nullopt : std::optional<Date>(found->second);
}

void PolicyView::IndexModels() {
  for (const Model& model : version_.models()) {
    models_[FoldText(model.code())] = &model;
    models_[FoldText(model.display_name())] = &model;
    for (const auto& name : model.published_names()) models_[FoldText(name)] = &model;
  }
}

void PolicyView::IndexTemplates() {
  for (const Template& entry : version_.templates()) templates_[entry.code()] = &entry;
  for (const Duty& duty : version_.duties()) {
    for (const auto& code : duty.templates()) duties_[code].push_back(&duty);
  }
}

void PolicyView::IndexStates() {
  for (const State& state : version_.states()) {
    states_[FoldText(state.code())] = &state;
    states_[FoldText(state.name())] = &state;
    for (const auto& name : state.published_names()) states_[FoldText(name)] = &state;
  }
}

void PolicyView::IndexOffices() {
  for (const FieldOffice& office : version_.field_offices()) {
    offices_[office.code()] = &office;
    for (const auto& area : office.areas()) {
      if (area.counties().empty()) areas_[area.state()] = &office;
      if (!area.counties().empty()) split_states_.insert(area.state());
      for (const auto& county : area.counties()) {
        areas_[CountyKey(area.state(), FoldCounty(county))] = &office;
      }
    }
  }
}

const Model* PolicyView::FindModelByPublishedName(absl::string_view name) const {
  return FindOrNull(models_, FoldText(name));
}

const State* PolicyView::FindState(absl::string_view text) const {
  return FindOrNull(states_, FoldText(text));
}

const Template* PolicyView::FindTemplate(absl::string_view code) const {
  return FindOrNull(templates_, std::string(code));
}

const Template* PolicyView::FindTemplateByStamp(absl::string_view model, Date stamp) const {
  for (const Template& entry : version_.templates()) {
    if (entry.model() == model && HasStamp(entry, stamp)) return &entry;
  }
  return nullptr;
}

const FieldOffice* PolicyView::FindFieldOffice(absl::string_view code) const {
  return FindOrNull(offices_, std::string(code));
}

const Course* PolicyView::FindCourse(absl::string_view code) const {
  const Course* course = training_.FindCourse(code);
  if (course != nullptr || still_binding_ == nullptr) return course;
  return still_binding_->FindCourse(code);
}

const Course* PolicyView::FindCourseByPublishedName(absl::string_view name) const {
  const Course* course = training_.FindCourseByPublishedName(name);
  if (course != nullptr || still_binding_ == nullptr) return course;
  return still_binding_->FindCourseByPublishedName(name);
}

std::vector<const Course*> PolicyView::CoursesInForce() const {
  std::vector<const Course*> courses;
  for (const Course& course : version_.training_policy().courses()) courses.push_back(&course);
  if (still_binding_ == nullptr) return courses;
  for (const Course* course : still_binding_->CoursesInForce()) {
    if (training_.FindCourse(course->code()) == nullptr) courses.push_back(course);
  }
  return courses;
}

absl::Span<const Duty* const> PolicyView::Duties(absl::string_view template_code) const {
  const auto found = duties_.find(std::string(template_code));
  if (found == duties_.end()) return {};
  return found->second;
}

const Duty* PolicyView::FindDuty(absl::string_view template_code,
                                 absl::string_view duty_code) const {
  for (const Duty* duty : Duties(template_code)) {
    if (duty->code() == duty_code) return duty;
  }
  return nullptr;
}

Placement PolicyView::PlaceFieldOffice(absl::string_view state_text,
                                       absl::string_view county_text) const {
  const State* state = FindState(state_text);
  if (state == nullptr) return {nullptr, Placement::Reason::kStateUnknown};
  if (const FieldOffice* office = FindOrNull(areas_, state->code()); office != nullptr) {
    return {office, Placement::Reason::kPlaced};
  }
  if (!split_states_.contains(state->code())) {
    return {nullptr, Placement::Reason::kNoOfficeForState};
  }
  const std::string county = FoldCounty(county_text);
  if (IsNoCounty(county)) return {nullptr, Placement::Reason::kCountyNeeded};
  const FieldOffice* office = FindOrNull(areas_, CountyKey(state->code(), county));
  if (office == nullptr) return {nullptr, Placement::Reason::kCountyUnknown};
  return {office, Placement::Reason::kPlaced};
}

}  // namespace accord
