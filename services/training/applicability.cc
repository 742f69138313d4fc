#include "services/training/applicability.h"

#include <optional>

#include "absl/strings/str_cat.h"

namespace accord::training {

using policy::v1::TrainingPolicy;

bool AppliesTo(const TrainingFacts& facts, TrainingPolicy::Applicability applies_to, Date first_day,
               const PolicyView& before) {
  if (AppliesToAll(applies_to)) return true;
  const std::optional<Date> certified = FromProto(facts.officer.certification_date());
  if (!certified || *certified >= first_day) return true;
  return applies_to == TrainingPolicy::OPEN &&
         CertifyWithoutWords(facts, before, first_day).state() == v1::Certification::CURRENT;
}

const PolicyView& BindingPolicy(const TrainingFacts& facts, const PolicyView& policy) {
  const PolicyView* before = policy.still_binding();
  if (before == nullptr) return policy;
  const auto applies_to = policy.version().training_policy().applies_to();
  if (AppliesTo(facts, applies_to, policy.effective_from(), *before)) return policy;
  return BindingPolicy(facts, *before);
}

std::string WhyBoundBy(const TrainingFacts& facts, const PolicyView& policy,
                       const PolicyView& binding) {
  if (&binding == &policy) return "";
  const auto applies_to = policy.version().training_policy().applies_to();
  const std::string certified =
      FormatDate(FromProto(facts.officer.certification_date()).value_or(Date::min()));
  return absl::StrCat(
      "version ", policy.id(), " is for ", TrainingPolicy::Applicability_Name(applies_to),
      " officers; this one was certified on ", certified, ", before its first day, ",
      FormatDate(policy.effective_from()),
      applies_to == TrainingPolicy::OPEN ? ", and was not current on that day" : "");
}

const policy::v1::Course& CourseFor(const TrainingFacts& facts, const PolicyView& policy,
                                    const policy::v1::Course& named) {
  const policy::v1::Course* course = BindingPolicy(facts, policy).FindCourse(named.code());
  return course == nullptr ? named : *course;
}

}  // namespace accord::training
