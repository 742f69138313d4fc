#include <utility>

#include "absl/strings/str_join.h"
#include "common/service/standard.h"
#include "services/training/authority.h"
#include "services/training/errors.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/lapse.h"
#include "services/training/store.h"
#include "services/training/store_completions.h"

namespace accord::training {
namespace {

// The facts now, or as the record said at a revision.
absl::StatusOr<OfficerFacts> FactsOf(const rpc::Call& call, store::Reader& reader,
                                     const std::string& name, int64_t as_known_at) {
  const bool now = as_known_at <= 0;
  ACCORD_ASSIGN_OR_RETURN(v1::Officer officer,
                          service::Visible(call, reader, name,
                                           now ? reader.Get<v1::Officer>(name)
                                               : reader.GetAt<v1::Officer>(name, as_known_at)));
  if (now) return LoadFacts(reader, std::move(officer));
  OfficerFacts facts;
  facts.officer = std::move(officer);
  ACCORD_ASSIGN_OR_RETURN(facts.completions, CompletionsOfAt(reader, name, as_known_at));
  ACCORD_ASSIGN_OR_RETURN(facts.waivers, WaiversOfAt(reader, name, as_known_at));
  return facts;
}

v1::Certification CertifyWhole(const OfficerFacts& facts, const PolicyView& policy, Date as_of,
                               bool explain) {
  v1::Certification certification = Certify(facts.view(), policy, as_of, explain);
  certification.set_basis(BasisOf(facts.officer.fictitious()));
  return certification;
}

v1::AuthorityCondition::State StateOf(Proof proof) {
  switch (proof) {
    case Proof::kProven:
      return v1::AuthorityCondition::PROVEN;
    case Proof::kDisproven:
      return v1::AuthorityCondition::DISPROVEN;
    case Proof::kNotProven:
      return v1::AuthorityCondition::NOT_PROVEN;
    case Proof::kNotRequired:
      return v1::AuthorityCondition::NOT_REQUIRED;
  }
  return v1::AuthorityCondition::STATE_UNSPECIFIED;
}

// The completion or waiver on which the requirement that ends it rests.
std::string TrainingFact(const v1::Certification& certification) {
  for (const v1::Requirement& requirement : certification.requirements()) {
    if (requirement.code() == certification.ends_by()) return requirement.fact();
  }
  return "";
}

v1::AuthorityCondition ConditionOf(const Condition& condition,
                                   const v1::Certification& certification) {
  v1::AuthorityCondition whole;
  whole.set_code(condition.code);
  whole.set_state(StateOf(condition.proof));
  whole.set_text(condition.text);
  // A revocation's sources are the case that proves it; those of the rest are the policy's.
  const bool by_case = condition.code == "not_revoked";
  const std::string sources = absl::StrJoin(condition.sources, "; ");
  whole.set_fact(by_case                        ? sources
                 : condition.code == "training" ? TrainingFact(certification)
                                                : certification.officer());
  whole.set_clause(by_case || sources.empty() ? kNoRule : sources);
  if (condition.proof == Proof::kProven && condition.date) {
    *whole.mutable_holds_through() = ToProto(*condition.date - days(1));
  }
  return whole;
}

}  // namespace

absl::StatusOr<v1::ListCoursesResponse> Handlers::ListCourses(
    rpc::Call& call, const v1::ListCoursesRequest& request) {
  FieldViolations violations;
  const Date as_of = service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of())
                         .value_or(Today());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  service::SetRevision(call, store_, store_.heads().Current());
  const PolicyView& policy = PolicyOn(as_of);
  v1::ListCoursesResponse response;
  for (const policy::v1::Course* course : policy.CoursesInForce()) {
    if (request.model().empty() || course->model() == request.model()) {
      *response.add_courses() = *course;
    }
  }
  response.set_policy_version(policy.id());
  return response;
}

absl::StatusOr<v1::Certification> Handlers::CertificationOf(
    rpc::Call& call, const v1::GetCertificationRequest& request, bool explain) {
  FieldViolations violations;
  service::RequireName(violations, "officer", request.officer(), "officers");
  const Date as_of = service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of())
                         .value_or(Today());
  if (request.as_known_at() < 0) {
    violations.Add("as_known_at", "must be a revision, or 0 for now");
  }
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  ACCORD_ASSIGN_OR_RETURN(const OfficerFacts facts,
                          FactsOf(call, **snapshot, request.officer(), request.as_known_at()));
  return CertifyWhole(facts, PolicyOn(as_of), as_of, explain);
}

absl::StatusOr<v1::Certification> Handlers::GetCertification(
    rpc::Call& call, const v1::GetCertificationRequest& request) {
  return CertificationOf(call, request, /*explain=*/false);
}

absl::StatusOr<v1::Certification> Handlers::ExplainCertification(
    rpc::Call& call, const v1::GetCertificationRequest& request) {
  return CertificationOf(call, request, /*explain=*/true);
}

absl::StatusOr<v1::OfficerRecord> Handlers::GetOfficerRecord(
    rpc::Call& call, const v1::GetOfficerRecordRequest& request) {
  const Date today = Today();
  FieldViolations violations;
  service::RequireName(violations, "officer", request.officer(), "officers");
  const Date as_of =
      service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of()).value_or(today);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  const PolicyView& policy = PolicyOn(as_of);
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, FactsOf(call, **snapshot, request.officer(), 0));
  ACCORD_ASSIGN_OR_RETURN(const std::vector<v1::RevocationCase> cases,
                          CasesOf(**snapshot, {request.officer()}));
  v1::OfficerRecord record;
  *record.mutable_certification() = CertifyWhole(facts, policy, as_of, /*explain=*/false);
  for (const Condition& condition :
       AuthorityOf(facts.officer, record.certification(), cases, policy, as_of)) {
    // Its owner is asked about it.
    if (condition.code == "agreement") continue;
    *record.add_conditions() = ConditionOf(condition, record.certification());
  }
  for (const v1::RevocationCase& revocation : cases) {
    if (WasOpenOn(revocation, as_of)) *record.add_open_cases() = revocation;
  }
  // A day that the sweep has not come to yet.
  KeepToday(facts, PolicyOn(today), today);
  *record.mutable_officer() = std::move(facts.officer);
  return record;
}

}  // namespace accord::training
