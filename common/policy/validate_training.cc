#include "common/policy/validate_training.h"

#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/date.h"
#include "common/policy/fold.h"
#include "common/policy/validate_rules.h"

namespace accord {
namespace {

using policy::v1::Course;
using policy::v1::CourseRecurrence;
using policy::v1::PaperRequirement;
using policy::v1::TimeLimit;
using policy::v1::TrainingPolicy;

constexpr int kQuarters = 4;
constexpr int kFullMark = 100;
constexpr int kShortestYear = 365;
constexpr int kShortestMonth = 28;

// One that dates can be counted by.
void CheckDayLimit(const TimeLimit& limit, policy::v1::Event from, const std::string& path,
                   FieldViolations& violations) {
  CheckTimeLimit(limit, path, violations);
  if (limit.unit() == TimeLimit::HOURS) {
    violations.Add(FieldPath(path, "unit"), "must be DAYS, MONTHS or YEARS");
  }
  if (limit.counting() == TimeLimit::EXCLUDING_WEEKENDS ||
      limit.counting() == TimeLimit::BUSINESS_DAYS) {
    violations.Add(FieldPath(path, "counting"), "must be EVERY_DAY");
  }
  if (limit.from() != policy::v1::EVENT_UNSPECIFIED && limit.from() != from) {
    violations.Add(FieldPath(path, "from"), absl::StrCat("must be ", policy::v1::Event_Name(from)));
  }
}

void CheckAtLeast(int least, int value, const std::string& path, FieldViolations& violations) {
  if (value < least) violations.Add(path, absl::StrCat("must be at least ", least));
}

// The least days that the limit can be.
int ShortestDays(const TimeLimit& limit) {
  if (limit.unit() == TimeLimit::YEARS) return limit.count() * kShortestYear;
  return limit.count() * (limit.unit() == TimeLimit::MONTHS ? kShortestMonth : 1);
}

int ShortestPeriod(const CourseRecurrence& recurrence) {
  if (recurrence.has_anniversary_of_basic()) return ShortestDays(recurrence.anniversary_of_basic());
  if (recurrence.has_after_completion()) return ShortestDays(recurrence.after_completion());
  return kShortestYear;
}

// Names of fields of the message, other than `assumed` itself.
template <typename Entry>
void CheckAssumed(const Entry& entry, const std::string& path, FieldViolations& violations) {
  for (int i = 0; i < entry.assumed_size(); ++i) {
    const std::string& name = entry.assumed(i);
    if (name != "assumed" && Entry::descriptor()->FindFieldByName(name) != nullptr) continue;
    violations.Add(FieldPath(path, "assumed", i), absl::StrCat("no such field: \"", name, "\""));
  }
}

class TrainingValidator {
 public:
  TrainingValidator(const policy::v1::PolicyVersion& version, std::string path,
                    FieldViolations& violations)
      : training_(version.training_policy()), path_(std::move(path)), violations_(violations) {
    for (const auto& source : version.sources()) sources_.insert(source.key());
    for (const auto& model : version.models()) models_.insert(model.code());
    for (const auto& entry : version.templates()) templates_[entry.code()] = entry.model();
    for (const Course& course : training_.courses()) courses_.try_emplace(course.code(), &course);
  }

  void Run() {
    CheckCourses();
    CheckTerms();
    CheckPapers();
    CheckCalendars();
    CheckLapse();
    CheckVerification();
  }

 private:
  std::string Path(absl::string_view field, int index) const {
    return FieldPath(path_, field, index);
  }

  template <typename Entry>
  void CheckSources(const Entry& entry, const std::string& path) {
    if (entry.sources().empty()) violations_.Add(FieldPath(path, "sources"), "must name a source");
    for (int i = 0; i < entry.sources_size(); ++i) {
      if (sources_.contains(entry.sources(i))) continue;
      violations_.Add(FieldPath(path, "sources", i),
                      absl::StrCat("no such source: \"", entry.sources(i), "\""));
    }
  }

  void CheckModel(const std::string& model, const std::string& path) {
    if (models_.contains(model)) return;
    violations_.Add(path, absl::StrCat("no such model: \"", model, "\""));
  }

  // Of the entry's own model, each once.
  template <typename Entry>
  void CheckBinding(const Entry& entry, const std::string& path) {
    CheckModel(entry.model(), FieldPath(path, "model"));
    Claims once;
    for (int i = 0; i < entry.templates_size(); ++i) {
      const std::string field = FieldPath(path, "templates", i);
      const auto found = templates_.find(entry.templates(i));
      if (found == templates_.end() || found->second != entry.model()) {
        violations_.Add(
            field, absl::StrCat("no such template of the model: \"", entry.templates(i), "\""));
      }
      once.Claim(entry.templates(i), field, violations_);
    }
  }

  // One entry at most for each model and template.
  template <typename Entry>
  void ClaimBinding(Claims& bound, const Entry& entry, const std::string& path) {
    if (entry.templates().empty()) {
      for (const auto& [code, model] : templates_) {
        if (model == entry.model()) bound.Claim(code, path, violations_);
      }
      return bound.Claim(absl::StrCat("other templates of ", entry.model()), path, violations_);
    }
    for (int i = 0; i < entry.templates_size(); ++i) {
      bound.Claim(entry.templates(i), FieldPath(path, "templates", i), violations_);
    }
  }

  void CheckCourses() {
    Claims codes;
    Claims names;
    for (int i = 0; i < training_.courses_size(); ++i) {
      const Course& course = training_.courses(i);
      const std::string path = Path("courses", i);
      CheckCode(course.code(), kSlug, FieldPath(path, "code"), violations_);
      codes.Claim(course.code(), FieldPath(path, "code"), violations_);
      CheckNotEmpty(course.title(), FieldPath(path, "title"), violations_);
      CheckBinding(course, path);
      ClaimNames(names, course, path);
      CheckTeaching(course, path);
      CheckReturn(course, path);
      if (course.has_retirement()) CheckRetirement(course, FieldPath(path, "retirement"));
      CheckSources(course, path);
    }
  }

  // By which an export's row finds its course: never two.
  void ClaimNames(Claims& names, const Course& course, const std::string& path) {
    std::set<std::string> own;
    const auto claim = [&](absl::string_view name, const std::string& field) {
      if (own.insert(FoldText(name)).second) names.Claim(FoldText(name), field, violations_);
    };
    claim(course.title(), FieldPath(path, "title"));
    for (int i = 0; i < course.published_names_size(); ++i) {
      const std::string field = FieldPath(path, "published_names", i);
      CheckNotEmpty(FoldText(course.published_names(i)), field, violations_);
      claim(course.published_names(i), field);
    }
  }

  void CheckTeaching(const Course& course, const std::string& path) {
    if (!IsSet(course.kind(), Course::Kind_IsValid(course.kind()))) {
      violations_.Add(FieldPath(path, "kind"), "must be set");
    }
    if (!Course::Delivery_IsValid(course.delivery())) {
      violations_.Add(FieldPath(path, "delivery"), "is none");
    }
    if (course.has_length()) {
      const std::string length = FieldPath(path, "length");
      CheckAtLeast(1, course.length().count(), FieldPath(length, "count"), violations_);
      if (!IsSet(course.length().unit(),
                 policy::v1::CourseLength::Unit_IsValid(course.length().unit()))) {
        violations_.Add(FieldPath(length, "unit"), "must be set");
      }
    }
    if (course.has_exam()) CheckExam(course.exam(), FieldPath(path, "exam"));
  }

  void CheckExam(const policy::v1::ExamRule& exam, const std::string& path) {
    if (exam.pass_percent() < 1 || exam.pass_percent() > kFullMark) {
      violations_.Add(FieldPath(path, "pass_percent"), "must be 1 to 100");
    }
    CheckAtLeast(0, exam.remedial_exams(), FieldPath(path, "remedial_exams"), violations_);
    CheckAtLeast(0, exam.retakes(), FieldPath(path, "retakes"), violations_);
    CheckAtLeast(0, exam.failures_that_disqualify(), FieldPath(path, "failures_that_disqualify"),
                 violations_);
  }

  // When it comes back: never for a basic course, always for another.
  void CheckReturn(const Course& course, const std::string& path) {
    const bool basic = course.kind() == Course::BASIC;
    const std::string window = FieldPath(path, "window_days");
    CheckAtLeast(0, course.window_days(), window, violations_);
    if (course.has_minimum_spacing()) {
      CheckDayLimit(course.minimum_spacing(), policy::v1::PREVIOUS_OCCURRENCE,
                    FieldPath(path, "minimum_spacing"), violations_);
    }
    if (basic && course.has_recurrence()) {
      violations_.Add(FieldPath(path, "recurrence"), "must be unset for BASIC");
    }
    if (basic && course.window_days() > 0) violations_.Add(window, "must be 0 for BASIC");
    if (basic) return;
    CheckRecurrence(course.recurrence(), FieldPath(path, "recurrence"));
    if (course.window_days() > 0 && course.window_days() >= ShortestPeriod(course.recurrence())) {
      violations_.Add(window, "must be shorter than the period");
    }
  }

  void CheckRecurrence(const CourseRecurrence& recurrence, const std::string& path) {
    switch (recurrence.due_case()) {
      case CourseRecurrence::kAnniversaryOfBasic:
        return CheckDayLimit(recurrence.anniversary_of_basic(), policy::v1::PREVIOUS_OCCURRENCE,
                             FieldPath(path, "anniversary_of_basic"), violations_);
      case CourseRecurrence::kFiscalDate:
        return CheckYearlyDay(recurrence.fiscal_date().month(), recurrence.fiscal_date().day(),
                              FieldPath(path, "fiscal_date"), violations_);
      case CourseRecurrence::kAfterCompletion:
        return CheckDayLimit(recurrence.after_completion(), policy::v1::PREVIOUS_OCCURRENCE,
                             FieldPath(path, "after_completion"), violations_);
      case CourseRecurrence::DUE_NOT_SET:
        violations_.Add(path, "must be anniversary_of_basic, fiscal_date or after_completion");
    }
  }

  void CheckRetirement(const Course& course, const std::string& path) {
    if (!FromProto(course.retirement().date()).has_value()) {
      violations_.Add(FieldPath(path, "date"), "must be a real day");
    }
    Claims once;
    for (int i = 0; i < course.retirement().replaced_by_size(); ++i) {
      const std::string& code = course.retirement().replaced_by(i);
      const std::string field = FieldPath(path, "replaced_by", i);
      CheckSuccessor(course, code, field);
      once.Claim(code, field, violations_);
    }
  }

  void CheckSuccessor(const Course& course, const std::string& code, const std::string& path) {
    const auto found = courses_.find(code);
    if (found == courses_.end()) {
      return violations_.Add(path, absl::StrCat("no such course: \"", code, "\""));
    }
    if (found->second->kind() != course.kind()) {
      violations_.Add(path, "is of another kind");
    }
    std::set<std::string> seen;
    if (Leads(*found->second, course.code(), seen)) {
      violations_.Add(path, "leads back to the course itself");
    }
  }

  // Whether `course` is `to`, or is replaced by it at last.
  bool Leads(const Course& course, const std::string& to, std::set<std::string>& seen) const {
    if (course.code() == to) return true;
    if (!seen.insert(course.code()).second) return false;
    for (const std::string& next : course.retirement().replaced_by()) {
      const auto found = courses_.find(next);
      if (found != courses_.end() && Leads(*found->second, to, seen)) return true;
    }
    return false;
  }

  void CheckTerms() {
    Claims bound;
    for (int i = 0; i < training_.authorization_terms_size(); ++i) {
      const auto& term = training_.authorization_terms(i);
      const std::string path = Path("authorization_terms", i);
      CheckBinding(term, path);
      ClaimBinding(bound, term, path);
      CheckDayLimit(term.term(), policy::v1::OFFICER_AUTHORIZED, FieldPath(path, "term"),
                    violations_);
      CheckSources(term, path);
    }
  }

  void CheckPapers() {
    Claims bound;
    for (int i = 0; i < training_.paper_requirements_size(); ++i) {
      const PaperRequirement& requirement = training_.paper_requirements(i);
      const std::string path = Path("paper_requirements", i);
      CheckBinding(requirement, path);
      ClaimBinding(bound, requirement, path);
      if (requirement.papers().empty()) {
        violations_.Add(FieldPath(path, "papers"), "must not be empty");
      }
      Claims once;
      for (int j = 0; j < requirement.papers_size(); ++j) {
        const int paper = requirement.papers(j);
        const std::string field = FieldPath(path, "papers", j);
        if (!IsSet(paper, PaperRequirement::Paper_IsValid(paper))) {
          violations_.Add(field, "must be set");
        }
        once.Claim(absl::StrCat("paper ", paper), field, violations_);
      }
      CheckSources(requirement, path);
    }
  }

  void CheckCalendars() {
    Claims bound;
    for (int i = 0; i < training_.class_calendars_size(); ++i) {
      const auto& calendar = training_.class_calendars(i);
      const std::string path = Path("class_calendars", i);
      if (!courses_.contains(calendar.course())) {
        violations_.Add(FieldPath(path, "course"),
                        absl::StrCat("no such course: \"", calendar.course(), "\""));
      }
      bound.Claim(calendar.course(), FieldPath(path, "course"), violations_);
      CheckQuarters(calendar, path);
      CheckSources(calendar, path);
    }
  }

  void CheckQuarters(const policy::v1::ClassCalendar& calendar, const std::string& path) {
    const int count = calendar.closed_quarters_size();
    if (count < 1 || count >= kQuarters) {
      violations_.Add(FieldPath(path, "closed_quarters"), "must close 1 to 3 quarters");
    }
    Claims once;
    for (int i = 0; i < count; ++i) {
      const int quarter = calendar.closed_quarters(i);
      const std::string field = FieldPath(path, "closed_quarters", i);
      if (quarter < 1 || quarter > kQuarters) violations_.Add(field, "must be 1 to 4");
      once.Claim(absl::StrCat("quarter ", quarter), field, violations_);
    }
  }

  void CheckLapse() {
    if (!training_.has_lapse_policy()) return;
    const auto& lapse = training_.lapse_policy();
    const std::string path = FieldPath(path_, "lapse_policy");
    CheckAtLeast(0, lapse.grace_days(), FieldPath(path, "grace_days"), violations_);
    CheckAtLeast(1, lapse.decision_target_days(), FieldPath(path, "decision_target_days"),
                 violations_);
    CheckAtLeast(1, lapse.long_wait_days(), FieldPath(path, "long_wait_days"), violations_);
    for (int i = 0; i < lapse.notice_days_size(); ++i) {
      const std::string field = FieldPath(path, "notice_days", i);
      CheckAtLeast(0, lapse.notice_days(i), field, violations_);
      if (i > 0 && lapse.notice_days(i) >= lapse.notice_days(i - 1)) {
        violations_.Add(field, "must be less than the one before");
      }
    }
    CheckAssumed(lapse, path, violations_);
    CheckSources(lapse, path);
  }

  void CheckVerification() {
    if (!training_.has_annual_verification()) return;
    const auto& rule = training_.annual_verification();
    const std::string path = FieldPath(path_, "annual_verification");
    if (!IsSet(rule.year(), policy::v1::AnnualVerificationRule::Year_IsValid(rule.year()))) {
      violations_.Add(FieldPath(path, "year"), "must be set");
    }
    if (rule.models().empty()) violations_.Add(FieldPath(path, "models"), "must name a model");
    Claims once;
    for (int i = 0; i < rule.models_size(); ++i) {
      CheckModel(rule.models(i), FieldPath(path, "models", i));
      once.Claim(rule.models(i), FieldPath(path, "models", i), violations_);
    }
    CheckAssumed(rule, path, violations_);
    CheckSources(rule, path);
  }

  const TrainingPolicy& training_;
  const std::string path_;
  FieldViolations& violations_;
  std::set<std::string, std::less<>> sources_;
  std::set<std::string, std::less<>> models_;
  absl::flat_hash_map<std::string, std::string> templates_;  // To their models.
  absl::flat_hash_map<std::string, const Course*> courses_;
};

}  // namespace

void CheckTraining(const policy::v1::PolicyVersion& version, absl::string_view path,
                   FieldViolations& violations) {
  if (!version.has_training_policy()) return;
  TrainingValidator(version, FieldPath(path, "training_policy"), violations).Run();
}

void CheckApplicability(const policy::v1::PolicyFile& file, FieldViolations& violations) {
  for (int i = 0; i < file.versions_size(); ++i) {
    const auto& version = file.versions(i);
    if (!version.has_training_policy()) continue;
    const auto applies_to = version.training_policy().applies_to();
    const bool is_set = applies_to != TrainingPolicy::APPLICABILITY_UNSPECIFIED;
    const bool follows = i > 0 && file.versions(i - 1).has_training_policy();
    if (is_set == follows && TrainingPolicy::Applicability_IsValid(applies_to)) continue;
    violations.Add(
        FieldPath(FieldPath(FieldPath("", "versions", i), "training_policy"), "applies_to"),
        follows ? "must be NEW, OPEN or ALL: the version before has training, too"
                : "must not be set: the version before has no training that could go on binding");
  }
}

}  // namespace accord
