#include "services/training/steps.h"

#include <algorithm>

namespace accord::training {
namespace {

using O = v1::Officer;
using Case = v1::RevocationCase;
using E = v1::Enrollment;

template <typename StepType, typename State>
struct StepRule {
  StepType step;
  absl::string_view method;
  std::vector<State> from;
  State to;
};

// In the order of the enum.
const auto& OfficerRules() {
  static const auto& rules = *new std::vector<StepRule<Step, O::State>>{
      {Step::kClear, "ClearOfficer", {O::NOMINATED}, O::SCREENED},
      {Step::kScreenOut, "ScreenOutOfficer", {O::NOMINATED}, O::SCREENED_OUT},
      {Step::kStartTraining, "StartTraining", {O::SCREENED}, O::IN_TRAINING},
      {Step::kCertify, "CertifyOfficer", {O::IN_TRAINING}, O::CERTIFIED},
      {Step::kAuthorize, "AuthorizeOfficer", {O::CERTIFIED, O::AUTHORIZED}, O::AUTHORIZED},
      {Step::kWithdraw,
       "WithdrawOfficer",
       {O::NOMINATED, O::SCREENED, O::IN_TRAINING, O::CERTIFIED, O::AUTHORIZED},
       O::WITHDRAWN},
  };
  return rules;
}

// A decision needs no notice first: no source asks for one.
const auto& CaseRules() {
  static const auto& rules = *new std::vector<StepRule<CaseStep, Case::State>>{
      {CaseStep::kGiveNotice, "GiveRevocationNotice", {Case::OPEN}, Case::NOTICE_GIVEN},
      {CaseStep::kRevoke, "DecideRevocation", {Case::OPEN, Case::NOTICE_GIVEN}, Case::REVOKED},
      {CaseStep::kRetain, "RetainOfficer", {Case::OPEN, Case::NOTICE_GIVEN}, Case::RETAINED},
      {CaseStep::kReinstate, "ReinstateOfficer", {Case::REVOKED}, Case::REINSTATED},
  };
  return rules;
}

const auto& EnrollmentRules() {
  static const auto& rules = *new std::vector<StepRule<EnrollmentEnd, E::State>>{
      {EnrollmentEnd::kCancel, "CancelEnrollment", {E::ENROLLED, E::WAITING}, E::CANCELLED},
      {EnrollmentEnd::kNoShow, "RecordNoShow", {E::ENROLLED}, E::NO_SHOW},
      {EnrollmentEnd::kAttend, "RecordAttendance", {E::ENROLLED}, E::ATTENDED},
  };
  return rules;
}

template <typename Rules, typename StepType>
const auto& RuleOf(const Rules& rules, StepType step) {
  return rules[static_cast<size_t>(step)];
}

template <typename StepType, typename State>
std::vector<StepType> LegalFrom(const std::vector<StepRule<StepType, State>>& rules, State state) {
  std::vector<StepType> legal;
  for (const auto& rule : rules) {
    const bool is_legal = std::find(rule.from.begin(), rule.from.end(), state) != rule.from.end();
    if (is_legal) legal.push_back(rule.step);
  }
  return legal;
}

}  // namespace

absl::string_view MethodOf(Step step) { return RuleOf(OfficerRules(), step).method; }
absl::string_view MethodOf(CaseStep step) { return RuleOf(CaseRules(), step).method; }
absl::string_view MethodOf(EnrollmentEnd end) { return RuleOf(EnrollmentRules(), end).method; }

O::State TargetOf(Step step) { return RuleOf(OfficerRules(), step).to; }
Case::State TargetOf(CaseStep step) { return RuleOf(CaseRules(), step).to; }
E::State TargetOf(EnrollmentEnd end) { return RuleOf(EnrollmentRules(), end).to; }

std::vector<Step> LegalSteps(O::State state) { return LegalFrom(OfficerRules(), state); }
std::vector<CaseStep> LegalSteps(Case::State state) { return LegalFrom(CaseRules(), state); }
std::vector<EnrollmentEnd> LegalSteps(E::State state) {
  return LegalFrom(EnrollmentRules(), state);
}

}  // namespace accord::training
