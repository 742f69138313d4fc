// The training policy of one version, indexed for the questions that rules ask.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "accord/policy/v1/policy.pb.h"

namespace accord {

// What binds a model and template.
template <typename Rule>
struct Bound {
  // Null: no rule on record.
  const Rule* rule = nullptr;
  // False when the template is not known and the rule differs by template: whether it binds
  // cannot be said.
  bool certain = true;
};

// Immutable; safe to share between threads. Without a training policy it finds nothing.
class TrainingView {
 public:
  // `version` must be valid (validate.h) and outlive the view; so long live the pointers too.
  explicit TrainingView(const policy::v1::PolicyVersion& version);
  TrainingView(const TrainingView&) = delete;
  TrainingView& operator=(const TrainingView&) = delete;

  // The finders below answer null when nothing matches.
  const policy::v1::Course* FindCourse(absl::string_view code) const;
  // By code, title or any published name, compared folded (fold.h).
  const policy::v1::Course* FindCourseByPublishedName(absl::string_view name) const;
  // Quarters in which the course's classes do not begin.
  const policy::v1::ClassCalendar* CalendarOf(absl::string_view course) const;
  // Null without a training policy, or when it has none.
  const policy::v1::LapsePolicy* lapse_policy() const;
  const policy::v1::AnnualVerificationRule* annual_verification() const;
  // Whether each officer of the model is to be verified every year.
  bool NeedsVerification(absl::string_view model) const;

  // The courses that bind, or may bind, in the order of the file. A template that is empty or
  // not one of the model's is unknown.
  std::vector<Bound<policy::v1::Course>> CoursesFor(absl::string_view model,
                                                    absl::string_view template_code) const;
  // How long an authorization holds.
  Bound<policy::v1::AuthorizationTerm> TermFor(absl::string_view model,
                                               absl::string_view template_code) const;
  Bound<policy::v1::PaperRequirement> PapersFor(absl::string_view model,
                                                absl::string_view template_code) const;

 private:
  bool KnowsTemplate(absl::string_view model, absl::string_view template_code) const;
  template <typename Rule>
  Bound<Rule> Bind(const Rule& rule, absl::string_view model,
                   absl::string_view template_code) const;
  template <typename Rules, typename Rule = typename Rules::value_type>
  Bound<Rule> FirstBound(const Rules& rules, absl::string_view model,
                         absl::string_view template_code) const;

  const policy::v1::TrainingPolicy& training_;
  absl::flat_hash_map<std::string, const policy::v1::Course*> courses_;
  absl::flat_hash_map<std::string, const policy::v1::Course*> names_;  // Keys are folded.
  absl::flat_hash_map<std::string, std::string> models_;               // By template.
};

}  // namespace accord
