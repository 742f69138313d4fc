// Holds no state and decides nothing: each method forwards to one function.
#include "services/agreements/service.h"

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "common/rpc/runtime.h"
#include "common/service/serving.h"
#include "services/agreements/handlers.h"

namespace accord::agreements {
namespace {

// The files of an import may take minutes to reconcile; nothing else does. A published list
// is about the whole program.
rpc::MethodSpec SpecOf(absl::string_view method) {
  rpc::MethodSpec spec{absl::StrCat(kServiceName, "/", method)};
  if (method == "ImportRoster" || method == "RevertRosterImport" ||
      method == "ResolveRosterDiscrepancies") {
    spec.default_deadline = absl::Minutes(5);
    spec.max_deadline = absl::Minutes(10);
  }
  spec.keeps_to_reach = method != "ImportRoster" && method != "RevertRosterImport" &&
                        method != "GetRosterImport" && method != "ListRosterImports" &&
                        method != "ListRosterRows";
  return spec;
}

class AgreementsService final : public v1::Agreements::CallbackService,
                                private service::Serving<Handlers, SpecOf> {
 public:
  using Serving::Serving;

  grpc::ServerUnaryReactor* GetAgency(grpc::CallbackServerContext* context,
                                      const v1::GetAgencyRequest* request,
                                      v1::Agency* response) override {
    return Serve<&Handlers::GetAgency>("GetAgency", context, request, response);
  }
  grpc::ServerUnaryReactor* ListAgencies(grpc::CallbackServerContext* context,
                                         const v1::ListAgenciesRequest* request,
                                         v1::ListAgenciesResponse* response) override {
    return Serve<&Handlers::ListAgencies>("ListAgencies", context, request, response);
  }
  grpc::ServerUnaryReactor* CreateAgency(grpc::CallbackServerContext* context,
                                         const v1::CreateAgencyRequest* request,
                                         v1::Agency* response) override {
    return Serve<&Handlers::CreateAgency>("CreateAgency", context, request, response);
  }
  grpc::ServerUnaryReactor* UpdateAgency(grpc::CallbackServerContext* context,
                                         const v1::UpdateAgencyRequest* request,
                                         v1::Agency* response) override {
    return Serve<&Handlers::UpdateAgency>("UpdateAgency", context, request, response);
  }
  grpc::ServerUnaryReactor* MergeAgencies(grpc::CallbackServerContext* context,
                                          const v1::MergeAgenciesRequest* request,
                                          v1::Agency* response) override {
    return Serve<&Handlers::MergeAgencies>("MergeAgencies", context, request, response);
  }
  grpc::ServerUnaryReactor* UnmergeAgency(grpc::CallbackServerContext* context,
                                          const v1::UnmergeAgencyRequest* request,
                                          v1::Agency* response) override {
    return Serve<&Handlers::UnmergeAgency>("UnmergeAgency", context, request, response);
  }
  grpc::ServerUnaryReactor* GetAgencyRecord(grpc::CallbackServerContext* context,
                                            const v1::GetAgencyRecordRequest* request,
                                            v1::AgencyRecord* response) override {
    return Serve<&Handlers::GetAgencyRecord>("GetAgencyRecord", context, request, response);
  }
  grpc::ServerUnaryReactor* GetAgreement(grpc::CallbackServerContext* context,
                                         const v1::GetAgreementRequest* request,
                                         v1::Agreement* response) override {
    return Serve<&Handlers::GetAgreement>("GetAgreement", context, request, response);
  }
  grpc::ServerUnaryReactor* ListAgreements(grpc::CallbackServerContext* context,
                                           const v1::ListAgreementsRequest* request,
                                           v1::ListAgreementsResponse* response) override {
    return Serve<&Handlers::ListAgreements>("ListAgreements", context, request, response);
  }
  grpc::ServerUnaryReactor* CreateAgreement(grpc::CallbackServerContext* context,
                                            const v1::CreateAgreementRequest* request,
                                            v1::Agreement* response) override {
    return Serve<&Handlers::CreateAgreement>("CreateAgreement", context, request, response);
  }
  grpc::ServerUnaryReactor* UpdateAgreement(grpc::CallbackServerContext* context,
                                            const v1::UpdateAgreementRequest* request,
                                            v1::Agreement* response) override {
    return Serve<&Handlers::UpdateAgreement>("UpdateAgreement", context, request, response);
  }
  grpc::ServerUnaryReactor* SignAgreement(grpc::CallbackServerContext* context,
                                          const v1::SignAgreementRequest* request,
                                          v1::Agreement* response) override {
    return Serve<&Handlers::SignAgreement>("SignAgreement", context, request, response);
  }
  grpc::ServerUnaryReactor* SupersedeAgreement(grpc::CallbackServerContext* context,
                                               const v1::SupersedeAgreementRequest* request,
                                               v1::Agreement* response) override {
    return Serve<&Handlers::SupersedeAgreement>("SupersedeAgreement", context, request, response);
  }
  grpc::ServerUnaryReactor* ImportRoster(grpc::CallbackServerContext* context,
                                         const v1::ImportRosterRequest* request,
                                         v1::RosterImport* response) override {
    return Serve<&Handlers::ImportRoster>("ImportRoster", context, request, response);
  }
  grpc::ServerUnaryReactor* RevertRosterImport(grpc::CallbackServerContext* context,
                                               const v1::RevertRosterImportRequest* request,
                                               v1::RosterImport* response) override {
    return Serve<&Handlers::RevertRosterImport>("RevertRosterImport", context, request, response);
  }
  grpc::ServerUnaryReactor* GetRosterImport(grpc::CallbackServerContext* context,
                                            const v1::GetRosterImportRequest* request,
                                            v1::RosterImport* response) override {
    return Serve<&Handlers::GetRosterImport>("GetRosterImport", context, request, response);
  }
  grpc::ServerUnaryReactor* ListRosterImports(grpc::CallbackServerContext* context,
                                              const v1::ListRosterImportsRequest* request,
                                              v1::ListRosterImportsResponse* response) override {
    return Serve<&Handlers::ListRosterImports>("ListRosterImports", context, request, response);
  }
  grpc::ServerUnaryReactor* ListRosterRows(grpc::CallbackServerContext* context,
                                           const v1::ListRosterRowsRequest* request,
                                           v1::ListRosterRowsResponse* response) override {
    return Serve<&Handlers::ListRosterRows>("ListRosterRows", context, request, response);
  }
  grpc::ServerUnaryReactor* GetRosterDiscrepancy(grpc::CallbackServerContext* context,
                                                 const v1::GetRosterDiscrepancyRequest* request,
                                                 v1::RosterDiscrepancy* response) override {
    return Serve<&Handlers::GetRosterDiscrepancy>("GetRosterDiscrepancy", context, request,
                                                  response);
  }
  grpc::ServerUnaryReactor* ListRosterDiscrepancies(
      grpc::CallbackServerContext* context, const v1::ListRosterDiscrepanciesRequest* request,
      v1::ListRosterDiscrepanciesResponse* response) override {
    return Serve<&Handlers::ListRosterDiscrepancies>("ListRosterDiscrepancies", context, request,
                                                     response);
  }
  grpc::ServerUnaryReactor* AcceptRosterDiscrepancy(
      grpc::CallbackServerContext* context, const v1::DecideRosterDiscrepancyRequest* request,
      v1::RosterDiscrepancy* response) override {
    return Serve<&Handlers::AcceptRosterDiscrepancy>("AcceptRosterDiscrepancy", context, request,
                                                     response);
  }
  grpc::ServerUnaryReactor* RejectRosterDiscrepancy(
      grpc::CallbackServerContext* context, const v1::DecideRosterDiscrepancyRequest* request,
      v1::RosterDiscrepancy* response) override {
    return Serve<&Handlers::RejectRosterDiscrepancy>("RejectRosterDiscrepancy", context, request,
                                                     response);
  }
  grpc::ServerUnaryReactor* UndoRosterDiscrepancy(grpc::CallbackServerContext* context,
                                                  const v1::DecideRosterDiscrepancyRequest* request,
                                                  v1::RosterDiscrepancy* response) override {
    return Serve<&Handlers::UndoRosterDiscrepancy>("UndoRosterDiscrepancy", context, request,
                                                   response);
  }
  grpc::ServerUnaryReactor* ResolveRosterDiscrepancies(
      grpc::CallbackServerContext* context, const v1::ResolveRosterDiscrepanciesRequest* request,
      v1::ResolveRosterDiscrepanciesResponse* response) override {
    return Serve<&Handlers::ResolveRosterDiscrepancies>("ResolveRosterDiscrepancies", context,
                                                        request, response);
  }
  grpc::ServerUnaryReactor* StartReview(grpc::CallbackServerContext* context,
                                        const v1::MoveAgreementRequest* request,
                                        v1::Agreement* response) override {
    return ServeStep<&Handlers::MoveAgreement, Move::kStartReview>(context, request, response);
  }
  grpc::ServerUnaryReactor* SendToBoard(grpc::CallbackServerContext* context,
                                        const v1::MoveAgreementRequest* request,
                                        v1::Agreement* response) override {
    return ServeStep<&Handlers::MoveAgreement, Move::kSendToBoard>(context, request, response);
  }
  grpc::ServerUnaryReactor* ApproveAgreement(grpc::CallbackServerContext* context,
                                             const v1::MoveAgreementRequest* request,
                                             v1::Agreement* response) override {
    return ServeStep<&Handlers::MoveAgreement, Move::kApprove>(context, request, response);
  }
  grpc::ServerUnaryReactor* DeclineAgreement(grpc::CallbackServerContext* context,
                                             const v1::MoveAgreementRequest* request,
                                             v1::Agreement* response) override {
    return ServeStep<&Handlers::MoveAgreement, Move::kDecline>(context, request, response);
  }
  grpc::ServerUnaryReactor* WithdrawAgreement(grpc::CallbackServerContext* context,
                                              const v1::MoveAgreementRequest* request,
                                              v1::Agreement* response) override {
    return ServeStep<&Handlers::MoveAgreement, Move::kWithdraw>(context, request, response);
  }
  grpc::ServerUnaryReactor* SuspendAgreement(grpc::CallbackServerContext* context,
                                             const v1::MoveAgreementRequest* request,
                                             v1::Agreement* response) override {
    return ServeStep<&Handlers::MoveAgreement, Move::kSuspend>(context, request, response);
  }
  grpc::ServerUnaryReactor* ReinstateAgreement(grpc::CallbackServerContext* context,
                                               const v1::MoveAgreementRequest* request,
                                               v1::Agreement* response) override {
    return ServeStep<&Handlers::MoveAgreement, Move::kReinstate>(context, request, response);
  }
  grpc::ServerUnaryReactor* TerminateAgreement(grpc::CallbackServerContext* context,
                                               const v1::MoveAgreementRequest* request,
                                               v1::Agreement* response) override {
    return ServeStep<&Handlers::MoveAgreement, Move::kTerminate>(context, request, response);
  }
  grpc::ServerUnaryReactor* RescindAgreement(grpc::CallbackServerContext* context,
                                             const v1::MoveAgreementRequest* request,
                                             v1::Agreement* response) override {
    return ServeStep<&Handlers::MoveAgreement, Move::kRescind>(context, request, response);
  }
};

}  // namespace

std::unique_ptr<grpc::Service> MakeService(rpc::Runtime& runtime, Handlers& handlers) {
  return std::make_unique<AgreementsService>(runtime, handlers);
}

}  // namespace accord::agreements
