// What each method of the training service does: read, decide, write, answer. One file per
// group of resources; gRPC stays in service.h.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "accord/training/v1/training.pb.h"
#include "common/policy/policy.h"
#include "common/rpc/call.h"
#include "common/service/day_sweep.h"
#include "common/service/separation.h"
#include "common/store/store.h"
#include "services/training/agreement_source.h"
#include "services/training/steps.h"

namespace accord::training {

// How far the derivation of what officers keep has come, after a change of policy.
struct SweepProgress {
  int64_t derived = 0;
  int64_t left = 0;
};

inline constexpr char kServiceName[] = "accord.training.v1.Training";

// Thread-safe. `store` and `agreements` outlive it. `separation` is of kServiceName.
class Handlers {
 public:
  using KeepGoing = service::DaySweep::KeepGoing;
  using OnProgress = std::function<void(const SweepProgress&)>;

  Handlers(store::Store& store, std::shared_ptr<const Policy> policy,
           const AgreementSource& agreements, service::Separation separation = {});

  // officer_handlers.cc
  absl::StatusOr<v1::Officer> GetOfficer(rpc::Call& call, const v1::GetOfficerRequest& request);
  absl::StatusOr<v1::ListOfficersResponse> ListOfficers(rpc::Call& call,
                                                        const v1::ListOfficersRequest& request);
  absl::StatusOr<v1::Officer> NominateOfficer(rpc::Call& call,
                                              const v1::NominateOfficerRequest& request);
  absl::StatusOr<v1::Officer> UpdateOfficer(rpc::Call& call,
                                            const v1::UpdateOfficerRequest& request);
  absl::StatusOr<v1::Officer> RecordPaper(rpc::Call& call, const v1::RecordPaperRequest& request);
  absl::StatusOr<v1::Officer> TransferOfficer(rpc::Call& call,
                                              const v1::TransferOfficerRequest& request);
  absl::StatusOr<v1::Officer> TakeStep(rpc::Call& call, Step step,
                                       const v1::StepOfficerRequest& request);

  // completion_handlers.cc
  absl::StatusOr<v1::Completion> GetCompletion(rpc::Call& call,
                                               const v1::GetCompletionRequest& request);
  absl::StatusOr<v1::ListCompletionsResponse> ListCompletions(
      rpc::Call& call, const v1::ListCompletionsRequest& request);
  absl::StatusOr<v1::Completion> RecordCompletion(rpc::Call& call,
                                                  const v1::RecordCompletionRequest& request);
  absl::StatusOr<v1::Completion> VoidCompletion(rpc::Call& call,
                                                const v1::VoidCompletionRequest& request);

  // import_handlers.cc
  absl::StatusOr<v1::CompletionImport> ImportCompletions(
      rpc::Call& call, const v1::ImportCompletionsRequest& request);
  absl::StatusOr<v1::CompletionImport> GetCompletionImport(
      rpc::Call& call, const v1::GetCompletionImportRequest& request);
  absl::StatusOr<v1::ListCompletionImportsResponse> ListCompletionImports(
      rpc::Call& call, const v1::ListCompletionImportsRequest& request);
  absl::StatusOr<v1::ListCompletionRowsResponse> ListCompletionRows(
      rpc::Call& call, const v1::ListCompletionRowsRequest& request);

  // waiver_handlers.cc
  absl::StatusOr<v1::Waiver> GetWaiver(rpc::Call& call, const v1::GetWaiverRequest& request);
  absl::StatusOr<v1::ListWaiversResponse> ListWaivers(rpc::Call& call,
                                                      const v1::ListWaiversRequest& request);
  absl::StatusOr<v1::Waiver> GrantWaiver(rpc::Call& call, const v1::GrantWaiverRequest& request);
  absl::StatusOr<v1::Waiver> EndWaiver(rpc::Call& call, const v1::EndWaiverRequest& request);

  // certification_handlers.cc
  absl::StatusOr<v1::ListCoursesResponse> ListCourses(rpc::Call& call,
                                                      const v1::ListCoursesRequest& request);
  absl::StatusOr<v1::Certification> GetCertification(rpc::Call& call,
                                                     const v1::GetCertificationRequest& request);
  absl::StatusOr<v1::Certification> ExplainCertification(
      rpc::Call& call, const v1::GetCertificationRequest& request);
  absl::StatusOr<v1::OfficerRecord> GetOfficerRecord(rpc::Call& call,
                                                     const v1::GetOfficerRecordRequest& request);

  // preview_handlers.cc
  absl::StatusOr<v1::PreviewPolicyResponse> PreviewPolicy(rpc::Call& call,
                                                          const v1::PreviewPolicyRequest& request);
  absl::StatusOr<v1::PolicyPreview> RecordPolicyPreview(
      rpc::Call& call, const v1::RecordPolicyPreviewRequest& request);
  absl::StatusOr<v1::PolicyPreview> GetPolicyPreview(rpc::Call& call,
                                                     const v1::GetPolicyPreviewRequest& request);
  absl::StatusOr<v1::ListPolicyPreviewsResponse> ListPolicyPreviews(
      rpc::Call& call, const v1::ListPolicyPreviewsRequest& request);

  // offering_handlers.cc
  absl::StatusOr<v1::Offering> GetOffering(rpc::Call& call, const v1::GetOfferingRequest& request);
  absl::StatusOr<v1::ListOfferingsResponse> ListOfferings(rpc::Call& call,
                                                          const v1::ListOfferingsRequest& request);
  absl::StatusOr<v1::Offering> CreateOffering(rpc::Call& call,
                                              const v1::CreateOfferingRequest& request);
  absl::StatusOr<v1::Offering> UpdateOffering(rpc::Call& call,
                                              const v1::UpdateOfferingRequest& request);
  absl::StatusOr<v1::Offering> CancelOffering(rpc::Call& call,
                                              const v1::CancelOfferingRequest& request);

  // enrollment_handlers.cc
  absl::StatusOr<v1::Enrollment> GetEnrollment(rpc::Call& call,
                                               const v1::GetEnrollmentRequest& request);
  absl::StatusOr<v1::ListEnrollmentsResponse> ListEnrollments(
      rpc::Call& call, const v1::ListEnrollmentsRequest& request);
  absl::StatusOr<v1::Enrollment> EnrollOfficer(rpc::Call& call,
                                               const v1::EnrollOfficerRequest& request);
  absl::StatusOr<v1::Enrollment> TransferEnrollment(rpc::Call& call,
                                                    const v1::TransferEnrollmentRequest& request);
  absl::StatusOr<v1::Enrollment> EndEnrollment(rpc::Call& call, EnrollmentEnd end,
                                               const v1::EndEnrollmentRequest& request);

  // revocation_handlers.cc
  absl::StatusOr<v1::RevocationCase> GetRevocationCase(rpc::Call& call,
                                                       const v1::GetRevocationCaseRequest& request);
  absl::StatusOr<v1::ListRevocationCasesResponse> ListRevocationCases(
      rpc::Call& call, const v1::ListRevocationCasesRequest& request);
  absl::StatusOr<v1::RevocationCase> ProposeRevocation(rpc::Call& call,
                                                       const v1::ProposeRevocationRequest& request);
  absl::StatusOr<v1::RevocationCase> TakeCaseStep(rpc::Call& call, CaseStep step,
                                                  const v1::StepRevocationCaseRequest& request);

  // oversight_handlers.cc
  absl::StatusOr<v1::ListAnnualVerificationsResponse> ListAnnualVerifications(
      rpc::Call& call, const v1::ListAnnualVerificationsRequest& request);
  absl::StatusOr<v1::AnnualVerification> RecordAnnualVerification(
      rpc::Call& call, const v1::RecordAnnualVerificationRequest& request);
  absl::StatusOr<v1::ListVerificationGapsResponse> ListVerificationGaps(
      rpc::Call& call, const v1::ListVerificationGapsRequest& request);
  absl::StatusOr<v1::ListNoticesResponse> ListNotices(rpc::Call& call,
                                                      const v1::ListNoticesRequest& request);

  // monitor_handlers.cc
  absl::StatusOr<v1::ListMonitorGapsResponse> ListMonitorGaps(
      rpc::Call& call, const v1::ListMonitorGapsRequest& request);
  absl::StatusOr<v1::ListMonitorsResponse> ListMonitors(rpc::Call& call,
                                                        const v1::ListMonitorsRequest& request);
  absl::StatusOr<v1::Monitor> NameMonitor(rpc::Call& call, const v1::NameMonitorRequest& request);
  absl::StatusOr<v1::Monitor> AcknowledgeMonitor(rpc::Call& call,
                                                 const v1::AcknowledgeMonitorRequest& request);

  // figures_handlers.cc
  absl::StatusOr<v1::TrainingCapacity> GetTrainingCapacity(
      rpc::Call& call, const v1::GetTrainingCapacityRequest& request);
  absl::StatusOr<v1::ResultRates> GetResultRates(rpc::Call& call,
                                                 const v1::GetResultRatesRequest& request);

  // summary_handlers.cc
  absl::StatusOr<v1::TrainingSummary> GetTrainingSummary(
      rpc::Call& call, const v1::GetTrainingSummaryRequest& request);
  absl::StatusOr<v1::AgencyTraining> GetAgencyTraining(rpc::Call& call,
                                                       const v1::GetAgencyTrainingRequest& request);

  // sweep.cc
  // What `today` brings: kept certifications, revocation cases and notices, each once. What was
  // done before `keep_going` ends it stays done, and the next sweep goes on from there.
  absl::Status SweepDay(
      Date today, const KeepGoing& keep_going = [] { return absl::OkStatus(); },
      const OnProgress& on_progress = {});
  // Records that this process runs under the policy, once per policy digest; the sweep then
  // derives anew what is kept under another one. POLICY_NOT_PREVIEWED (FAILED_PRECONDITION) when
  // another is on record, so are officers, nobody has seen whom the change affects, and
  // `without_preview`, the reason for doing without, is empty.
  absl::Status RecordPolicy(const std::string& without_preview = "");

 private:
  Date Today() const;
  const PolicyView& PolicyOn(Date date) const;
  // preview_handlers.cc
  absl::StatusOr<std::string> WhyPolicyMayChange(store::Transaction& transaction,
                                                 const std::string& previous,
                                                 const std::string& without_preview);
  absl::StatusOr<v1::Certification> CertificationOf(rpc::Call& call,
                                                    const v1::GetCertificationRequest& request,
                                                    bool explain);
  // The certifications that change by `today`.
  absl::Status SweepDue(Date today, const KeepGoing& keep_going);
  // What is kept under another policy, or another wording of it, in batches that are resumed.
  absl::Status DeriveAnew(Date today, const KeepGoing& keep_going, const OnProgress& on_progress);
  // Notices and revocation cases.
  absl::Status SweepEffects(Date today, const KeepGoing& keep_going);

  store::Store& store_;
  const std::shared_ptr<const Policy> policy_;
  const AgreementSource& agreements_;
  const service::Separation separation_;
  std::timed_mutex importing_;
};

// What an answer about officers rests on: made-up records, or recorded ones.
agreements::v1::Basis BasisOf(bool fictitious);

}  // namespace accord::training
