#include "services/training/certification.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/training/applicability.h"
#include "services/training/explain.h"
#include "services/training/weigh.h"

namespace accord::training {
namespace {

using policy::v1::Course;
using C = v1::Certification;
using R = v1::Requirement;

constexpr size_t kNextDates = 3;
constexpr Course::Kind kKinds[] = {Course::BASIC, Course::REFRESHER, Course::ANNUAL};

// Higher is worse. What surely fails comes before what is unknown.
int Badness(R::State state) {
  switch (state) {
    case R::NEVER_MET:
      return 4;
    case R::LAPSED:
      return 3;
    case R::UNKNOWN:
      return 2;
    case R::MET:
    case R::WAIVED:
      return 1;
    default:
      return 0;
  }
}

C::State StateBy(R::State worst) {
  switch (worst) {
    case R::NEVER_MET:
      return C::NOT_CERTIFIED;
    case R::LAPSED:
      return C::LAPSED;
    case R::UNKNOWN:
      return C::UNKNOWN;
    case R::MET:
    case R::WAIVED:
      return C::CURRENT;
    default:
      return C::NO_RULE;
  }
}

// Where the template is not known and the rule differs by template.
bool IsOpen(const Bound<Course>& bound) { return !bound.certain; }

// Until when it is met, or was.
std::optional<Date> ThroughOf(const Weigher& weigher, const Course& course,
                              const Standing& standing, Date day) {
  return IsMet(standing.state) ? weigher.HoldsThrough(course, standing, day) : standing.through;
}

R::State StateOn(const Weigher& weigher, const Bound<Course>& bound, Date day) {
  return IsOpen(bound) ? R::UNKNOWN : weigher.StandingOn(*bound.rule, day).state;
}

// By all requirements, and by the annual ones alone.
class States {
 public:
  void Add(Course::Kind kind, R::State state) {
    if (Badness(state) > Badness(worst_)) worst_ = state;
    if (kind == Course::ANNUAL && Badness(state) > Badness(worst_annual_)) worst_annual_ = state;
  }
  C::State all() const { return StateBy(worst_); }
  C::State annual() const { return StateBy(worst_annual_); }

 private:
  R::State worst_ = R::NO_RULE;
  R::State worst_annual_ = R::NO_RULE;
};

States StatesOn(const Weigher& weigher, Date day) {
  States states;
  for (const auto& bound : weigher.RequirementsOn(day)) {
    states.Add(bound.rule->kind(), StateOn(weigher, bound, day));
  }
  return states;
}

// What is needed in class first, and the last day on which it is met.
struct ClassNeed {
  std::string course;
  std::optional<Date> through;

  bool operator==(const ClassNeed&) const = default;
};

ClassNeed ClassNeedOn(const Weigher& weigher, Date day) {
  ClassNeed first;
  for (const auto& bound : weigher.RequirementsOn(day)) {
    const Course& course = *bound.rule;
    if (IsOpen(bound) || course.delivery() == Course::ONLINE) continue;
    const auto through = ThroughOf(weigher, course, weigher.StandingOn(course, day), day);
    if (!through || (first.through && *first.through <= *through)) continue;
    first = {course.code(), through};
  }
  return first;
}

// Whether what is kept of a certification is the same on `day`.
bool IsAs(const C& certification, const Weigher& weigher, Date day) {
  const States states = StatesOn(weigher, day);
  const ClassNeed kept = {certification.next_class(), FromProto(certification.next_class_date())};
  return certification.state() == states.all() &&
         certification.annual_training() == states.annual() && kept == ClassNeedOn(weigher, day);
}

void SetDate(const std::optional<Date>& date, google::type::Date* (R::*mutate)(), R& requirement) {
  if (date) *(requirement.*mutate)() = ToProto(*date);
}

// How much of a certification is said in words: nothing, what cures it, or each step to it too.
enum class Words { kNone, kCures, kSteps };

void Title(const Course& course, const PolicyView& policy, Words words, R& requirement) {
  requirement.set_code(course.code());
  requirement.set_kind(course.kind());
  if (words == Words::kNone) return;
  requirement.set_title(course.title());
  requirement.add_sources(absl::StrCat("policy ", policy.id(), ", course ", course.code()));
  for (const std::string& source : course.sources()) requirement.add_sources(source);
}

R OpenRequirement(const Course& course, Words words) {
  R requirement;
  requirement.set_state(R::UNKNOWN);
  if (words == Words::kNone) return requirement;
  requirement.set_cure("record which text the agreement has");
  if (words != Words::kSteps) return requirement;
  requirement.add_steps(
      absl::StrCat(course.code(), " binds only: ", absl::StrJoin(course.templates(), ", ")));
  requirement.add_steps("unknown: which text the officer's agreement has is not on record");
  return requirement;
}

void FillSteps(const Weigher& weigher, const Course& course, const Standing& standing,
               std::optional<Date> through, Date day, R& requirement) {
  const Evidence evidence = weigher.EvidenceFor(course, day);
  for (std::string& step : StepsOf(course, standing, evidence, day)) {
    requirement.add_steps(std::move(step));
  }
  if (through == standing.through) return;
  requirement.add_steps(absl::StrCat(
      "with what is recorded for later days, met ",
      through ? absl::StrCat("through ", FormatDate(*through)) : std::string("for good")));
}

R Weighed(const Weigher& weigher, const Course& course, Date day, Words words) {
  R requirement;
  const Standing standing = weigher.StandingOn(course, day);
  const std::optional<Date> through = ThroughOf(weigher, course, standing, day);
  requirement.set_state(standing.state);
  requirement.set_fact(standing.fact);
  SetDate(through, &R::mutable_met_through, requirement);
  if (words == Words::kNone) return requirement;
  requirement.set_cure(CureOf(course, standing, day));
  SetDate(standing.schedule.due, &R::mutable_due_date, requirement);
  SetDate(standing.schedule.window, &R::mutable_window_date, requirement);
  SetDate(standing.schedule.not_before, &R::mutable_not_before_date, requirement);
  if (words == Words::kSteps) FillSteps(weigher, course, standing, through, day, requirement);
  return requirement;
}

// Of a kind that no course on record has for the officer: silence is not a rule, and shown.
R NoRule(Course::Kind kind) {
  R requirement;
  requirement.set_code(KindName(kind));
  requirement.set_title(kNoRule);
  requirement.set_kind(kind);
  requirement.set_state(R::NO_RULE);
  return requirement;
}

bool Worse(const R& a, const R& b) {
  const auto key = [](const R& requirement) {
    return std::make_pair(-Badness(requirement.state()),
                          FromProto(requirement.met_through()).value_or(Date::max()));
  };
  return key(a) < key(b);
}

std::vector<R> Requirements(const Weigher& weigher, const PolicyView& policy, Date day,
                            Words words) {
  std::vector<R> requirements;
  std::set<Course::Kind> kinds;
  for (const auto& bound : weigher.RequirementsOn(day)) {
    R requirement = IsOpen(bound) ? OpenRequirement(*bound.rule, words)
                                  : Weighed(weigher, *bound.rule, day, words);
    Title(*bound.rule, policy, words, requirement);
    kinds.insert(bound.rule->kind());
    requirements.push_back(std::move(requirement));
  }
  for (const Course::Kind kind : kKinds) {
    if (!kinds.contains(kind)) requirements.push_back(NoRule(kind));
  }
  std::stable_sort(requirements.begin(), requirements.end(), Worse);
  return requirements;
}

// First day after `day` on which one of the requirements may stand otherwise.
std::optional<Date> NextTurn(const Weigher& weigher, Date day) {
  std::optional<Date> turn = weigher.NextFact(day);
  for (const auto& bound : weigher.RequirementsOn(day)) {
    if (IsOpen(bound)) continue;
    const Standing standing = weigher.StandingOn(*bound.rule, day);
    if (!IsMet(standing.state) || !standing.through) continue;
    const Date end = *standing.through + days(1);
    if (!turn || end < *turn) turn = end;
  }
  return turn;
}

// Until it ends, a CURRENT one changes only where a course begins or ceases to bind.
std::optional<Date> NextChangeOfCurrent(const Weigher& weigher, const C& certification, Date day) {
  const auto last = FromProto(certification.current_through());
  for (auto fact = weigher.NextFact(day); fact && (!last || *fact <= *last);
       fact = weigher.NextFact(*fact)) {
    if (!IsAs(certification, weigher, *fact)) return fact;
  }
  return last ? std::optional<Date>(*last + days(1)) : std::nullopt;
}

// The requirements that are met on the day, whatever follows from the others.
std::vector<absl::string_view> MetOn(const Weigher& weigher, Date day) {
  std::vector<absl::string_view> met;
  for (const auto& bound : weigher.RequirementsOn(day)) {
    if (IsMet(StateOn(weigher, bound, day))) met.push_back(bound.rule->code());
  }
  return met;
}

// One that is not current changes with each requirement: a case may be about any of them.
std::optional<Date> NextChange(const Weigher& weigher, const C& certification, Date day) {
  if (certification.state() == C::CURRENT) return NextChangeOfCurrent(weigher, certification, day);
  const std::vector<absl::string_view> met = MetOn(weigher, day);
  for (auto turn = NextTurn(weigher, day); turn; turn = NextTurn(weigher, *turn)) {
    if (!IsAs(certification, weigher, *turn) || MetOn(weigher, *turn) != met) return turn;
  }
  return std::nullopt;
}

// By day; what happens on one day together.
using Calendar = std::map<Date, std::vector<std::string>>;

void AddDate(const google::type::Date& date, int shift, Date after, std::string what,
             Calendar& calendar) {
  const auto day = FromProto(date);
  if (day && *day + days(shift) > after) calendar[*day + days(shift)].push_back(std::move(what));
}

void AddDates(const R& requirement, Date as_of, Calendar& calendar) {
  const std::string& code = requirement.code();
  if (IsMet(requirement.state())) {
    AddDate(requirement.met_through(), 1, as_of, absl::StrCat(code, " lapses"), calendar);
  }
  AddDate(requirement.due_date(), 0, as_of, absl::StrCat(code, " is due"), calendar);
  AddDate(requirement.window_date(), 0, as_of,
          absl::StrCat(code, " counts for the next period from this day on"), calendar);
  AddDate(requirement.not_before_date(), 0, as_of,
          absl::StrCat(code, " counts again from this day on"), calendar);
}

void FillNextDates(const TrainingFacts& facts, Date as_of, C& certification) {
  Calendar calendar;
  for (const R& requirement : certification.requirements()) {
    AddDates(requirement, as_of, calendar);
  }
  for (const v1::Waiver& waiver : facts.waivers) {
    AddDate(waiver.first_date(), 0, as_of, absl::StrCat(waiver.name(), " begins"), calendar);
    AddDate(waiver.last_date(), 0, as_of, absl::StrCat(waiver.name(), " ends"), calendar);
  }
  for (auto& [date, events] : calendar) {
    if (certification.next_dates_size() == static_cast<int>(kNextDates)) return;
    std::sort(events.begin(), events.end());
    v1::NextDate& next = *certification.add_next_dates();
    *next.mutable_date() = ToProto(date);
    next.set_what(absl::StrJoin(events, "; "));
  }
}

void FillEnd(const std::vector<R>& requirements, C& certification) {
  const R& worst = requirements.front();
  if (certification.state() == C::NO_RULE) return;
  if (certification.state() != C::CURRENT) return certification.set_ends_by(worst.code());
  if (!worst.has_met_through()) return;
  certification.set_ends_by(worst.code());
  *certification.mutable_current_through() = worst.met_through();
}

void FillClass(const ClassNeed& need, C& certification) {
  if (!need.through) return;
  certification.set_next_class(need.course);
  *certification.mutable_next_class_date() = ToProto(*need.through);
}

void FillWords(const TrainingFacts& facts, Date as_of, C& certification) {
  std::set<std::string> cures;
  for (const R& requirement : certification.requirements()) {
    const std::string& cure = requirement.cure();
    if (!cure.empty() && cures.insert(cure).second) certification.add_cures(cure);
  }
  FillNextDates(facts, as_of, certification);
}

C CertifyIn(Words words, const TrainingFacts& facts, const PolicyView& policy, Date as_of) {
  const PolicyView& binding = BindingPolicy(facts, policy);
  const Weigher weigher(facts, binding);
  C certification;
  certification.set_officer(facts.officer.name());
  *certification.mutable_as_of() = ToProto(as_of);
  certification.set_fictitious(facts.officer.fictitious());
  certification.set_policy_version(policy.id());
  certification.set_bound_by(binding.id());
  if (words != Words::kNone) {
    certification.set_bound_because(WhyBoundBy(facts, policy, binding));
  }
  std::vector<R> requirements = Requirements(weigher, binding, as_of, words);
  States states;
  for (const R& requirement : requirements) states.Add(requirement.kind(), requirement.state());
  certification.set_state(states.all());
  certification.set_annual_training(states.annual());
  FillEnd(requirements, certification);
  FillClass(ClassNeedOn(weigher, as_of), certification);
  for (R& requirement : requirements) *certification.add_requirements() = std::move(requirement);
  if (words != Words::kNone) FillWords(facts, as_of, certification);
  if (words == Words::kSteps) {
    for (std::string& input : InputsOf(facts.officer, as_of)) {
      certification.add_inputs(std::move(input));
    }
  }
  if (const auto change = NextChange(weigher, certification, as_of)) {
    *certification.mutable_next_change_date() = ToProto(*change);
  }
  return certification;
}

}  // namespace

C Certify(const TrainingFacts& facts, const PolicyView& policy, Date as_of, bool explain) {
  return CertifyIn(explain ? Words::kSteps : Words::kCures, facts, policy, as_of);
}

C CertifyWithoutWords(const TrainingFacts& facts, const PolicyView& policy, Date as_of) {
  return CertifyIn(Words::kNone, facts, policy, as_of);
}

void Keep(const C& today, v1::Officer& officer) {
  officer.set_certification(today.state());
  officer.set_annual_training(today.annual_training());
  officer.set_ends_by(today.ends_by());
  officer.set_policy_version(today.policy_version());
  officer.set_next_class(today.next_class());
  officer.clear_next_class_date();
  officer.clear_current_through();
  officer.clear_next_change_date();
  if (today.has_next_class_date()) *officer.mutable_next_class_date() = today.next_class_date();
  if (today.has_current_through()) *officer.mutable_current_through() = today.current_through();
  if (today.has_next_change_date()) {
    *officer.mutable_next_change_date() = today.next_change_date();
  }
}

}  // namespace accord::training
