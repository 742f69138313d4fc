#include "services/training/weigh.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "services/training/exam_rule.h"

namespace accord::training {
namespace {

using policy::v1::Course;
using R = v1::Requirement;
using Completion = v1::Completion;

Date FirstDayOf(const v1::Waiver& waiver) {
  return FromProto(waiver.first_date()).value_or(Date::max());
}

Date LastDayOf(const v1::Waiver& waiver) {
  return FromProto(waiver.last_date()).value_or(Date::min());
}

std::optional<Date> RetirementOf(const Course& course) {
  if (!course.has_retirement()) return std::nullopt;
  return FromProto(course.retirement().date());
}

bool InOrder(const Completion* a, const Completion* b) {
  return std::make_tuple(DateOf(*a), a->attempt(), absl::string_view(a->name())) <
         std::make_tuple(DateOf(*b), b->attempt(), absl::string_view(b->name()));
}

}  // namespace

std::vector<const Completion*> Counting(const std::vector<Completion>& completions) {
  std::set<absl::string_view> voided;
  for (const Completion& completion : completions) {
    if (!completion.voids().empty()) voided.insert(completion.voids());
  }
  std::vector<const Completion*> standing;
  for (const Completion& completion : completions) {
    const bool counts = completion.voids().empty() && !voided.contains(completion.name());
    if (counts) standing.push_back(&completion);
  }
  std::sort(standing.begin(), standing.end(), InOrder);
  std::set<absl::string_view> disqualified;
  std::erase_if(standing, [&disqualified](const Completion* completion) {
    if (disqualified.contains(completion->course())) return true;
    if (completion->result() == Completion::DISQUALIFIED) disqualified.insert(completion->course());
    return false;
  });
  return standing;
}

bool IsRetired(const Course& course, Date day) {
  const auto retired = RetirementOf(course);
  return retired && *retired <= day;
}

bool IsMet(R::State state) { return state == R::MET || state == R::WAIVED; }

Weigher::Weigher(const TrainingFacts& facts, const PolicyView& policy)
    : facts_(facts),
      policy_(policy),
      training_(policy.training()),
      courses_(training_.CoursesFor(facts.officer.model(), facts.officer.template_())) {
  for (const Completion* completion : Counting(facts.completions)) {
    completions_[completion->course()].push_back(completion);
    fact_days_.push_back(DateOf(*completion));
  }
  for (const v1::Waiver& waiver : facts.waivers) fact_days_.push_back(FirstDayOf(waiver));
  for (const Course& course : policy.version().training_policy().courses()) {
    if (const auto retired = RetirementOf(course)) fact_days_.push_back(*retired);
  }
  for (const auto* date :
       {&facts.officer.certification_date(), &facts.officer.authorization_date()}) {
    if (const auto day = FromProto(*date)) fact_days_.push_back(*day);
  }
  std::sort(fact_days_.begin(), fact_days_.end());
}

std::optional<Date> Weigher::NextFact(Date day) const {
  const auto next = std::upper_bound(fact_days_.begin(), fact_days_.end(), day);
  return next == fact_days_.end() ? std::nullopt : std::optional<Date>(*next);
}

std::vector<Bound<Course>> Weigher::RequirementsOn(Date day) const {
  const bool any_retired = std::any_of(courses_.begin(), courses_.end(), [day](const auto& bound) {
    return IsRetired(*bound.rule, day);
  });
  if (!any_retired) return courses_;
  std::set<const Course*> stand_ins;
  for (const auto& bound : courses_) {
    const std::vector<const Course*> counting = CountingFor(*bound.rule, day);
    stand_ins.insert(counting.begin() + 1, counting.end());
  }
  std::vector<Bound<Course>> requirements;
  for (const auto& bound : courses_) {
    if (!stand_ins.contains(bound.rule)) requirements.push_back(bound);
  }
  return requirements;
}

bool Weigher::IsRequired(const Course& course, Date day) const {
  const auto requirements = RequirementsOn(day);
  return std::any_of(requirements.begin(), requirements.end(),
                     [&course](const auto& bound) { return bound.rule == &course; });
}

std::vector<const Course*> Weigher::CountingFor(const Course& course, Date day) const {
  std::vector<const Course*> counting = {&course};
  for (size_t i = 0; i < counting.size(); ++i) {
    if (!IsRetired(*counting[i], day)) continue;
    for (const std::string& code : counting[i]->retirement().replaced_by()) {
      const Course* next = training_.FindCourse(code);
      const bool is_new = std::find(counting.begin(), counting.end(), next) == counting.end();
      if (next != nullptr && is_new) counting.push_back(next);
    }
  }
  return counting;
}

void Weigher::AddPasses(const Course& course, Date day, Passes& passes, Standing& standing) const {
  const auto found = completions_.find(course.code());
  if (found == completions_.end()) return;
  const std::optional<Date> retired = RetirementOf(course);
  ExamCount exams(course);
  for (const Completion* completion : found->second) {
    if (DateOf(*completion) > day) break;
    exams.Add(*completion);
    standing.disqualified = exams.disqualified();
    if (standing.disqualified != nullptr) return;
    if (completion->result() != Completion::PASSED) continue;
    const bool late = retired && DateOf(*completion) >= *retired;
    (late ? standing.after_retirement : passes).push_back(completion);
  }
}

Weigher::Passes Weigher::PassesFor(const Course& course, Date day, Standing& standing) const {
  Passes passes;
  for (const Course* counting : CountingFor(course, day)) {
    AddPasses(*counting, day, passes, standing);
  }
  std::sort(passes.begin(), passes.end(), InOrder);
  return passes;
}

const v1::Waiver* Weigher::WaiverFor(const Course& course, Date day) const {
  const std::vector<const Course*> counting = CountingFor(course, day);
  const v1::Waiver* longest = nullptr;
  for (const v1::Waiver& waiver : facts_.waivers) {
    const bool about_it =
        std::any_of(counting.begin(), counting.end(),
                    [&waiver](const Course* each) { return each->code() == waiver.course(); });
    if (!about_it || FirstDayOf(waiver) > day || LastDayOf(waiver) < FirstDayOf(waiver)) continue;
    const auto key = [](const v1::Waiver& each) {
      return std::make_pair(LastDayOf(each), absl::string_view(each.name()));
    };
    if (longest == nullptr || key(waiver) > key(*longest)) longest = &waiver;
  }
  return longest;
}

Evidence Weigher::EvidenceFor(const Course& course, Date day) const {
  const std::vector<const Course*> counting = CountingFor(course, day);
  const auto about_it = [&counting](const std::string& code) {
    return std::any_of(counting.begin(), counting.end(),
                       [&code](const Course* each) { return each->code() == code; });
  };
  std::map<absl::string_view, const Completion*> voided_by;
  for (const Completion& completion : facts_.completions) {
    if (!completion.voids().empty()) voided_by.emplace(completion.voids(), &completion);
  }
  Evidence evidence;
  for (const Completion& completion : facts_.completions) {
    if (!about_it(completion.course()) || DateOf(completion) > day) continue;
    const auto voided = voided_by.find(completion.name());
    if (voided != voided_by.end()) {
      evidence.voided.push_back({&completion, voided->second});
    } else if (completion.result() == Completion::FAILED) {
      evidence.failed.push_back(&completion);
    }
  }
  for (const v1::Waiver& waiver : facts_.waivers) {
    if (about_it(waiver.course())) evidence.waivers.push_back(&waiver);
  }
  std::sort(evidence.failed.begin(), evidence.failed.end(), InOrder);
  std::sort(evidence.voided.begin(), evidence.voided.end(),
            [](const auto& a, const auto& b) { return InOrder(a.completion, b.completion); });
  std::sort(evidence.waivers.begin(), evidence.waivers.end(),
            [](const v1::Waiver* a, const v1::Waiver* b) {
              return std::make_pair(FirstDayOf(*a), absl::string_view(a->name())) <
                     std::make_pair(FirstDayOf(*b), absl::string_view(b->name()));
            });
  return evidence;
}

std::optional<Date> Weigher::BasicDate(Date day) const {
  std::optional<Date> passed;
  std::optional<Date> waived;
  const auto earlier = [](std::optional<Date>& best, Date date) {
    best = best ? std::min(*best, date) : date;
  };
  for (const auto& bound : RequirementsOn(day)) {
    if (bound.rule->kind() != Course::BASIC || !bound.certain) continue;
    Standing ignored;
    const Passes passes = PassesFor(*bound.rule, day, ignored);
    if (!passes.empty()) earlier(passed, DateOf(*passes.front()));
    for (const v1::Waiver& waiver : facts_.waivers) {
      const bool begun = waiver.course() == bound.rule->code() && FirstDayOf(waiver) <= day;
      if (begun) earlier(waived, FirstDayOf(waiver));
    }
  }
  return passed ? passed : waived;
}

bool Weigher::HasPapers(Date day) const {
  for (const auto* paper :
       {&facts_.officer.certification_date(), &facts_.officer.authorization_date()}) {
    const auto date = FromProto(*paper);
    if (date && *date <= day) return true;
  }
  return false;
}

Standing Weigher::StandingOn(const Course& course, Date day) const {
  Standing standing;
  const Passes passes = PassesFor(course, day, standing);
  if (course.kind() == Course::BASIC) {
    StandBasic(course, passes, day, standing);
  } else {
    StandRecurring(course, passes, day, standing);
  }
  return standing;
}

void Weigher::StandBasic(const Course& course, const Passes& passes, Date day,
                         Standing& standing) const {
  if (!passes.empty()) {
    standing.state = R::MET;
    standing.fact = passes.front()->name();
    return;
  }
  if (const v1::Waiver* waiver = WaiverFor(course, day)) {
    standing.state = LastDayOf(*waiver) >= day ? R::WAIVED : R::LAPSED;
    standing.through = LastDayOf(*waiver);
    if (standing.state == R::WAIVED) standing.fact = waiver->name();
    return;
  }
  const bool missing = HasPapers(day) && standing.disqualified == nullptr;
  standing.state = missing ? R::UNKNOWN : R::NEVER_MET;
}

void Weigher::StandRecurring(const Course& course, const Passes& passes, Date day,
                             Standing& standing) const {
  standing.basic = BasicDate(day);
  standing.schedule =
      ScheduleOf(course, standing.basic, passes, policy_.CourseSince(course.code()));
  const std::optional<Date>& due = standing.schedule.due;
  const v1::Waiver* waiver = WaiverFor(course, day);
  standing.through = due;
  if (waiver != nullptr) {
    standing.through = std::max(LastDayOf(*waiver), due.value_or(Date::min()));
  }
  if (due && *due >= day) {
    standing.state = R::MET;
    if (standing.schedule.fact != nullptr) standing.fact = standing.schedule.fact->name();
  } else if (waiver != nullptr && LastDayOf(*waiver) >= day) {
    standing.state = R::WAIVED;
    standing.fact = waiver->name();
  } else if (!due && !standing.basic && HasPapers(day)) {
    // When it was due cannot be said.
    standing.state = R::UNKNOWN;
    standing.through.reset();
  } else {
    standing.state = standing.through ? R::LAPSED : R::NEVER_MET;
  }
}

std::optional<Date> Weigher::HoldsThrough(const Course& course, const Standing& now,
                                          Date day) const {
  std::optional<Date> through = now.through;
  while (through) {
    const std::optional<Date> next = NextFact(day);
    if (!next || *next > *through + days(1)) return through;
    if (!IsRequired(course, *next)) return std::nullopt;
    const Standing then = StandingOn(course, *next);
    if (!IsMet(then.state)) return *next - days(1);
    day = *next;
    through = then.through;
  }
  return std::nullopt;
}

}  // namespace accord::training
