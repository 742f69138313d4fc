// Holds no state and decides nothing: each method forwards to one function.
#include "services/training/service.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/rpc/runtime.h"
#include "common/service/serving.h"
#include "services/training/handlers.h"

namespace accord::training {
namespace {

// Imports hold rows about every office and agency, and a preview is about all officers.
bool IsOfWholeProgram(absl::string_view method) {
  static constexpr absl::string_view kMethods[] = {
      "ImportCompletions", "GetCompletionImport", "ListCompletionImports", "ListCompletionRows",
      "PreviewPolicy",     "RecordPolicyPreview", "GetPolicyPreview",      "ListPolicyPreviews"};
  return absl::c_linear_search(kMethods, method);
}

// A file of completions may take minutes, and so may the whole program on a past day for
// whoever waits so long; nothing else does.
rpc::MethodSpec SpecOf(absl::string_view method) {
  rpc::MethodSpec spec{absl::StrCat(kServiceName, "/", method)};
  spec.keeps_to_reach = !IsOfWholeProgram(method);
  if (method == "ImportCompletions") {
    spec.default_deadline = absl::Minutes(5);
    spec.max_deadline = absl::Minutes(10);
  }
  if (method == "GetTrainingSummary") spec.max_deadline = absl::Minutes(10);
  return spec;
}

class TrainingService final : public v1::Training::CallbackService,
                              private service::Serving<Handlers, SpecOf> {
 public:
  using Serving::Serving;

  grpc::ServerUnaryReactor* GetOfficer(grpc::CallbackServerContext* context,
                                       const v1::GetOfficerRequest* request,
                                       v1::Officer* response) override {
    return Serve<&Handlers::GetOfficer>("GetOfficer", context, request, response);
  }
  grpc::ServerUnaryReactor* ListOfficers(grpc::CallbackServerContext* context,
                                         const v1::ListOfficersRequest* request,
                                         v1::ListOfficersResponse* response) override {
    return Serve<&Handlers::ListOfficers>("ListOfficers", context, request, response);
  }
  grpc::ServerUnaryReactor* NominateOfficer(grpc::CallbackServerContext* context,
                                            const v1::NominateOfficerRequest* request,
                                            v1::Officer* response) override {
    return Serve<&Handlers::NominateOfficer>("NominateOfficer", context, request, response);
  }
  grpc::ServerUnaryReactor* UpdateOfficer(grpc::CallbackServerContext* context,
                                          const v1::UpdateOfficerRequest* request,
                                          v1::Officer* response) override {
    return Serve<&Handlers::UpdateOfficer>("UpdateOfficer", context, request, response);
  }
  grpc::ServerUnaryReactor* ClearOfficer(grpc::CallbackServerContext* context,
                                         const v1::StepOfficerRequest* request,
                                         v1::Officer* response) override {
    return ServeStep<&Handlers::TakeStep, Step::kClear>(context, request, response);
  }
  grpc::ServerUnaryReactor* ScreenOutOfficer(grpc::CallbackServerContext* context,
                                             const v1::StepOfficerRequest* request,
                                             v1::Officer* response) override {
    return ServeStep<&Handlers::TakeStep, Step::kScreenOut>(context, request, response);
  }
  grpc::ServerUnaryReactor* StartTraining(grpc::CallbackServerContext* context,
                                          const v1::StepOfficerRequest* request,
                                          v1::Officer* response) override {
    return ServeStep<&Handlers::TakeStep, Step::kStartTraining>(context, request, response);
  }
  grpc::ServerUnaryReactor* CertifyOfficer(grpc::CallbackServerContext* context,
                                           const v1::StepOfficerRequest* request,
                                           v1::Officer* response) override {
    return ServeStep<&Handlers::TakeStep, Step::kCertify>(context, request, response);
  }
  grpc::ServerUnaryReactor* AuthorizeOfficer(grpc::CallbackServerContext* context,
                                             const v1::StepOfficerRequest* request,
                                             v1::Officer* response) override {
    return ServeStep<&Handlers::TakeStep, Step::kAuthorize>(context, request, response);
  }
  grpc::ServerUnaryReactor* RecordPaper(grpc::CallbackServerContext* context,
                                        const v1::RecordPaperRequest* request,
                                        v1::Officer* response) override {
    return Serve<&Handlers::RecordPaper>("RecordPaper", context, request, response);
  }
  grpc::ServerUnaryReactor* WithdrawOfficer(grpc::CallbackServerContext* context,
                                            const v1::StepOfficerRequest* request,
                                            v1::Officer* response) override {
    return ServeStep<&Handlers::TakeStep, Step::kWithdraw>(context, request, response);
  }
  grpc::ServerUnaryReactor* TransferOfficer(grpc::CallbackServerContext* context,
                                            const v1::TransferOfficerRequest* request,
                                            v1::Officer* response) override {
    return Serve<&Handlers::TransferOfficer>("TransferOfficer", context, request, response);
  }
  grpc::ServerUnaryReactor* ListCourses(grpc::CallbackServerContext* context,
                                        const v1::ListCoursesRequest* request,
                                        v1::ListCoursesResponse* response) override {
    return Serve<&Handlers::ListCourses>("ListCourses", context, request, response);
  }
  grpc::ServerUnaryReactor* GetCompletion(grpc::CallbackServerContext* context,
                                          const v1::GetCompletionRequest* request,
                                          v1::Completion* response) override {
    return Serve<&Handlers::GetCompletion>("GetCompletion", context, request, response);
  }
  grpc::ServerUnaryReactor* ListCompletions(grpc::CallbackServerContext* context,
                                            const v1::ListCompletionsRequest* request,
                                            v1::ListCompletionsResponse* response) override {
    return Serve<&Handlers::ListCompletions>("ListCompletions", context, request, response);
  }
  grpc::ServerUnaryReactor* RecordCompletion(grpc::CallbackServerContext* context,
                                             const v1::RecordCompletionRequest* request,
                                             v1::Completion* response) override {
    return Serve<&Handlers::RecordCompletion>("RecordCompletion", context, request, response);
  }
  grpc::ServerUnaryReactor* VoidCompletion(grpc::CallbackServerContext* context,
                                           const v1::VoidCompletionRequest* request,
                                           v1::Completion* response) override {
    return Serve<&Handlers::VoidCompletion>("VoidCompletion", context, request, response);
  }
  grpc::ServerUnaryReactor* ImportCompletions(grpc::CallbackServerContext* context,
                                              const v1::ImportCompletionsRequest* request,
                                              v1::CompletionImport* response) override {
    return Serve<&Handlers::ImportCompletions>("ImportCompletions", context, request, response);
  }
  grpc::ServerUnaryReactor* GetCompletionImport(grpc::CallbackServerContext* context,
                                                const v1::GetCompletionImportRequest* request,
                                                v1::CompletionImport* response) override {
    return Serve<&Handlers::GetCompletionImport>("GetCompletionImport", context, request, response);
  }
  grpc::ServerUnaryReactor* ListCompletionImports(
      grpc::CallbackServerContext* context, const v1::ListCompletionImportsRequest* request,
      v1::ListCompletionImportsResponse* response) override {
    return Serve<&Handlers::ListCompletionImports>("ListCompletionImports", context, request,
                                                   response);
  }
  grpc::ServerUnaryReactor* ListCompletionRows(grpc::CallbackServerContext* context,
                                               const v1::ListCompletionRowsRequest* request,
                                               v1::ListCompletionRowsResponse* response) override {
    return Serve<&Handlers::ListCompletionRows>("ListCompletionRows", context, request, response);
  }
  grpc::ServerUnaryReactor* GetWaiver(grpc::CallbackServerContext* context,
                                      const v1::GetWaiverRequest* request,
                                      v1::Waiver* response) override {
    return Serve<&Handlers::GetWaiver>("GetWaiver", context, request, response);
  }
  grpc::ServerUnaryReactor* ListWaivers(grpc::CallbackServerContext* context,
                                        const v1::ListWaiversRequest* request,
                                        v1::ListWaiversResponse* response) override {
    return Serve<&Handlers::ListWaivers>("ListWaivers", context, request, response);
  }
  grpc::ServerUnaryReactor* GrantWaiver(grpc::CallbackServerContext* context,
                                        const v1::GrantWaiverRequest* request,
                                        v1::Waiver* response) override {
    return Serve<&Handlers::GrantWaiver>("GrantWaiver", context, request, response);
  }
  grpc::ServerUnaryReactor* EndWaiver(grpc::CallbackServerContext* context,
                                      const v1::EndWaiverRequest* request,
                                      v1::Waiver* response) override {
    return Serve<&Handlers::EndWaiver>("EndWaiver", context, request, response);
  }
  grpc::ServerUnaryReactor* GetCertification(grpc::CallbackServerContext* context,
                                             const v1::GetCertificationRequest* request,
                                             v1::Certification* response) override {
    return Serve<&Handlers::GetCertification>("GetCertification", context, request, response);
  }
  grpc::ServerUnaryReactor* ExplainCertification(grpc::CallbackServerContext* context,
                                                 const v1::GetCertificationRequest* request,
                                                 v1::Certification* response) override {
    return Serve<&Handlers::ExplainCertification>("ExplainCertification", context, request,
                                                  response);
  }
  grpc::ServerUnaryReactor* PreviewPolicy(grpc::CallbackServerContext* context,
                                          const v1::PreviewPolicyRequest* request,
                                          v1::PreviewPolicyResponse* response) override {
    return Serve<&Handlers::PreviewPolicy>("PreviewPolicy", context, request, response);
  }
  grpc::ServerUnaryReactor* RecordPolicyPreview(grpc::CallbackServerContext* context,
                                                const v1::RecordPolicyPreviewRequest* request,
                                                v1::PolicyPreview* response) override {
    return Serve<&Handlers::RecordPolicyPreview>("RecordPolicyPreview", context, request, response);
  }
  grpc::ServerUnaryReactor* GetPolicyPreview(grpc::CallbackServerContext* context,
                                             const v1::GetPolicyPreviewRequest* request,
                                             v1::PolicyPreview* response) override {
    return Serve<&Handlers::GetPolicyPreview>("GetPolicyPreview", context, request, response);
  }
  grpc::ServerUnaryReactor* ListPolicyPreviews(grpc::CallbackServerContext* context,
                                               const v1::ListPolicyPreviewsRequest* request,
                                               v1::ListPolicyPreviewsResponse* response) override {
    return Serve<&Handlers::ListPolicyPreviews>("ListPolicyPreviews", context, request, response);
  }
  grpc::ServerUnaryReactor* GetOffering(grpc::CallbackServerContext* context,
                                        const v1::GetOfferingRequest* request,
                                        v1::Offering* response) override {
    return Serve<&Handlers::GetOffering>("GetOffering", context, request, response);
  }
  grpc::ServerUnaryReactor* ListOfferings(grpc::CallbackServerContext* context,
                                          const v1::ListOfferingsRequest* request,
                                          v1::ListOfferingsResponse* response) override {
    return Serve<&Handlers::ListOfferings>("ListOfferings", context, request, response);
  }
  grpc::ServerUnaryReactor* CreateOffering(grpc::CallbackServerContext* context,
                                           const v1::CreateOfferingRequest* request,
                                           v1::Offering* response) override {
    return Serve<&Handlers::CreateOffering>("CreateOffering", context, request, response);
  }
  grpc::ServerUnaryReactor* UpdateOffering(grpc::CallbackServerContext* context,
                                           const v1::UpdateOfferingRequest* request,
                                           v1::Offering* response) override {
    return Serve<&Handlers::UpdateOffering>("UpdateOffering", context, request, response);
  }
  grpc::ServerUnaryReactor* CancelOffering(grpc::CallbackServerContext* context,
                                           const v1::CancelOfferingRequest* request,
                                           v1::Offering* response) override {
    return Serve<&Handlers::CancelOffering>("CancelOffering", context, request, response);
  }
  grpc::ServerUnaryReactor* GetEnrollment(grpc::CallbackServerContext* context,
                                          const v1::GetEnrollmentRequest* request,
                                          v1::Enrollment* response) override {
    return Serve<&Handlers::GetEnrollment>("GetEnrollment", context, request, response);
  }
  grpc::ServerUnaryReactor* ListEnrollments(grpc::CallbackServerContext* context,
                                            const v1::ListEnrollmentsRequest* request,
                                            v1::ListEnrollmentsResponse* response) override {
    return Serve<&Handlers::ListEnrollments>("ListEnrollments", context, request, response);
  }
  grpc::ServerUnaryReactor* EnrollOfficer(grpc::CallbackServerContext* context,
                                          const v1::EnrollOfficerRequest* request,
                                          v1::Enrollment* response) override {
    return Serve<&Handlers::EnrollOfficer>("EnrollOfficer", context, request, response);
  }
  grpc::ServerUnaryReactor* CancelEnrollment(grpc::CallbackServerContext* context,
                                             const v1::EndEnrollmentRequest* request,
                                             v1::Enrollment* response) override {
    return ServeStep<&Handlers::EndEnrollment, EnrollmentEnd::kCancel>(context, request, response);
  }
  grpc::ServerUnaryReactor* TransferEnrollment(grpc::CallbackServerContext* context,
                                               const v1::TransferEnrollmentRequest* request,
                                               v1::Enrollment* response) override {
    return Serve<&Handlers::TransferEnrollment>("TransferEnrollment", context, request, response);
  }
  grpc::ServerUnaryReactor* RecordNoShow(grpc::CallbackServerContext* context,
                                         const v1::EndEnrollmentRequest* request,
                                         v1::Enrollment* response) override {
    return ServeStep<&Handlers::EndEnrollment, EnrollmentEnd::kNoShow>(context, request, response);
  }
  grpc::ServerUnaryReactor* RecordAttendance(grpc::CallbackServerContext* context,
                                             const v1::EndEnrollmentRequest* request,
                                             v1::Enrollment* response) override {
    return ServeStep<&Handlers::EndEnrollment, EnrollmentEnd::kAttend>(context, request, response);
  }
  grpc::ServerUnaryReactor* GetRevocationCase(grpc::CallbackServerContext* context,
                                              const v1::GetRevocationCaseRequest* request,
                                              v1::RevocationCase* response) override {
    return Serve<&Handlers::GetRevocationCase>("GetRevocationCase", context, request, response);
  }
  grpc::ServerUnaryReactor* ListRevocationCases(
      grpc::CallbackServerContext* context, const v1::ListRevocationCasesRequest* request,
      v1::ListRevocationCasesResponse* response) override {
    return Serve<&Handlers::ListRevocationCases>("ListRevocationCases", context, request, response);
  }
  grpc::ServerUnaryReactor* ProposeRevocation(grpc::CallbackServerContext* context,
                                              const v1::ProposeRevocationRequest* request,
                                              v1::RevocationCase* response) override {
    return Serve<&Handlers::ProposeRevocation>("ProposeRevocation", context, request, response);
  }
  grpc::ServerUnaryReactor* GiveRevocationNotice(grpc::CallbackServerContext* context,
                                                 const v1::StepRevocationCaseRequest* request,
                                                 v1::RevocationCase* response) override {
    return ServeStep<&Handlers::TakeCaseStep, CaseStep::kGiveNotice>(context, request, response);
  }
  grpc::ServerUnaryReactor* DecideRevocation(grpc::CallbackServerContext* context,
                                             const v1::StepRevocationCaseRequest* request,
                                             v1::RevocationCase* response) override {
    return ServeStep<&Handlers::TakeCaseStep, CaseStep::kRevoke>(context, request, response);
  }
  grpc::ServerUnaryReactor* RetainOfficer(grpc::CallbackServerContext* context,
                                          const v1::StepRevocationCaseRequest* request,
                                          v1::RevocationCase* response) override {
    return ServeStep<&Handlers::TakeCaseStep, CaseStep::kRetain>(context, request, response);
  }
  grpc::ServerUnaryReactor* ReinstateOfficer(grpc::CallbackServerContext* context,
                                             const v1::StepRevocationCaseRequest* request,
                                             v1::RevocationCase* response) override {
    return ServeStep<&Handlers::TakeCaseStep, CaseStep::kReinstate>(context, request, response);
  }
  grpc::ServerUnaryReactor* ListAnnualVerifications(
      grpc::CallbackServerContext* context, const v1::ListAnnualVerificationsRequest* request,
      v1::ListAnnualVerificationsResponse* response) override {
    return Serve<&Handlers::ListAnnualVerifications>("ListAnnualVerifications", context, request,
                                                     response);
  }
  grpc::ServerUnaryReactor* RecordAnnualVerification(
      grpc::CallbackServerContext* context, const v1::RecordAnnualVerificationRequest* request,
      v1::AnnualVerification* response) override {
    return Serve<&Handlers::RecordAnnualVerification>("RecordAnnualVerification", context, request,
                                                      response);
  }
  grpc::ServerUnaryReactor* ListVerificationGaps(
      grpc::CallbackServerContext* context, const v1::ListVerificationGapsRequest* request,
      v1::ListVerificationGapsResponse* response) override {
    return Serve<&Handlers::ListVerificationGaps>("ListVerificationGaps", context, request,
                                                  response);
  }
  grpc::ServerUnaryReactor* ListMonitorGaps(grpc::CallbackServerContext* context,
                                            const v1::ListMonitorGapsRequest* request,
                                            v1::ListMonitorGapsResponse* response) override {
    return Serve<&Handlers::ListMonitorGaps>("ListMonitorGaps", context, request, response);
  }
  grpc::ServerUnaryReactor* ListMonitors(grpc::CallbackServerContext* context,
                                         const v1::ListMonitorsRequest* request,
                                         v1::ListMonitorsResponse* response) override {
    return Serve<&Handlers::ListMonitors>("ListMonitors", context, request, response);
  }
  grpc::ServerUnaryReactor* NameMonitor(grpc::CallbackServerContext* context,
                                        const v1::NameMonitorRequest* request,
                                        v1::Monitor* response) override {
    return Serve<&Handlers::NameMonitor>("NameMonitor", context, request, response);
  }
  grpc::ServerUnaryReactor* AcknowledgeMonitor(grpc::CallbackServerContext* context,
                                               const v1::AcknowledgeMonitorRequest* request,
                                               v1::Monitor* response) override {
    return Serve<&Handlers::AcknowledgeMonitor>("AcknowledgeMonitor", context, request, response);
  }
  grpc::ServerUnaryReactor* ListNotices(grpc::CallbackServerContext* context,
                                        const v1::ListNoticesRequest* request,
                                        v1::ListNoticesResponse* response) override {
    return Serve<&Handlers::ListNotices>("ListNotices", context, request, response);
  }
  grpc::ServerUnaryReactor* GetTrainingCapacity(grpc::CallbackServerContext* context,
                                                const v1::GetTrainingCapacityRequest* request,
                                                v1::TrainingCapacity* response) override {
    return Serve<&Handlers::GetTrainingCapacity>("GetTrainingCapacity", context, request, response);
  }
  grpc::ServerUnaryReactor* GetResultRates(grpc::CallbackServerContext* context,
                                           const v1::GetResultRatesRequest* request,
                                           v1::ResultRates* response) override {
    return Serve<&Handlers::GetResultRates>("GetResultRates", context, request, response);
  }
  grpc::ServerUnaryReactor* GetTrainingSummary(grpc::CallbackServerContext* context,
                                               const v1::GetTrainingSummaryRequest* request,
                                               v1::TrainingSummary* response) override {
    return Serve<&Handlers::GetTrainingSummary>("GetTrainingSummary", context, request, response);
  }
  grpc::ServerUnaryReactor* GetAgencyTraining(grpc::CallbackServerContext* context,
                                              const v1::GetAgencyTrainingRequest* request,
                                              v1::AgencyTraining* response) override {
    return Serve<&Handlers::GetAgencyTraining>("GetAgencyTraining", context, request, response);
  }
  grpc::ServerUnaryReactor* GetOfficerRecord(grpc::CallbackServerContext* context,
                                             const v1::GetOfficerRecordRequest* request,
                                             v1::OfficerRecord* response) override {
    return Serve<&Handlers::GetOfficerRecord>("GetOfficerRecord", context, request, response);
  }
};

}  // namespace

std::unique_ptr<grpc::Service> MakeService(rpc::Runtime& runtime, Handlers& handlers) {
  return std::make_unique<TrainingService>(runtime, handlers);
}

}  // namespace accord::training
