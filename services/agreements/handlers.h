// What each method of the agreements service does: read, decide, write, answer. One
// file per group of resources; gRPC stays in service.h. All but those of roster imports,
// which are about the whole program, keep to the call's reach.
#pragma once

#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "common/policy/policy.h"
#include "common/rpc/call.h"
#include "common/service/day_sweep.h"
#include "common/service/separation.h"
#include "common/store/store.h"
#include "services/agreements/lifecycle.h"

namespace accord::agreements {

inline constexpr char kServiceName[] = "accord.agreements.v1.Agreements";

// Thread-safe. `store` outlives it. `separation` is of kServiceName.
class Handlers {
 public:
  Handlers(store::Store& store, std::shared_ptr<const Policy> policy,
           service::Separation separation = {});

  // agency_handlers.cc
  absl::StatusOr<v1::Agency> GetAgency(rpc::Call& call, const v1::GetAgencyRequest& request);
  absl::StatusOr<v1::ListAgenciesResponse> ListAgencies(rpc::Call& call,
                                                        const v1::ListAgenciesRequest& request);
  absl::StatusOr<v1::Agency> CreateAgency(rpc::Call& call, const v1::CreateAgencyRequest& request);
  absl::StatusOr<v1::Agency> UpdateAgency(rpc::Call& call, const v1::UpdateAgencyRequest& request);
  absl::StatusOr<v1::Agency> MergeAgencies(rpc::Call& call,
                                           const v1::MergeAgenciesRequest& request);
  absl::StatusOr<v1::Agency> UnmergeAgency(rpc::Call& call,
                                           const v1::UnmergeAgencyRequest& request);
  absl::StatusOr<v1::AgencyRecord> GetAgencyRecord(rpc::Call& call,
                                                   const v1::GetAgencyRecordRequest& request);

  // agreement_handlers.cc
  absl::StatusOr<v1::Agreement> GetAgreement(rpc::Call& call,
                                             const v1::GetAgreementRequest& request);
  absl::StatusOr<v1::ListAgreementsResponse> ListAgreements(
      rpc::Call& call, const v1::ListAgreementsRequest& request);
  absl::StatusOr<v1::Agreement> CreateAgreement(rpc::Call& call,
                                                const v1::CreateAgreementRequest& request);
  absl::StatusOr<v1::Agreement> UpdateAgreement(rpc::Call& call,
                                                const v1::UpdateAgreementRequest& request);
  absl::StatusOr<v1::Agreement> MoveAgreement(rpc::Call& call, Move move,
                                              const v1::MoveAgreementRequest& request);
  absl::StatusOr<v1::Agreement> SignAgreement(rpc::Call& call,
                                              const v1::SignAgreementRequest& request);
  absl::StatusOr<v1::Agreement> SupersedeAgreement(rpc::Call& call,
                                                   const v1::SupersedeAgreementRequest& request);

  // roster_handlers.cc
  absl::StatusOr<v1::RosterImport> ImportRoster(rpc::Call& call,
                                                const v1::ImportRosterRequest& request);
  absl::StatusOr<v1::RosterImport> RevertRosterImport(rpc::Call& call,
                                                      const v1::RevertRosterImportRequest& request);
  absl::StatusOr<v1::RosterImport> GetRosterImport(rpc::Call& call,
                                                   const v1::GetRosterImportRequest& request);
  absl::StatusOr<v1::ListRosterImportsResponse> ListRosterImports(
      rpc::Call& call, const v1::ListRosterImportsRequest& request);
  absl::StatusOr<v1::ListRosterRowsResponse> ListRosterRows(
      rpc::Call& call, const v1::ListRosterRowsRequest& request);

  // discrepancy_handlers.cc
  absl::StatusOr<v1::RosterDiscrepancy> GetRosterDiscrepancy(
      rpc::Call& call, const v1::GetRosterDiscrepancyRequest& request);
  absl::StatusOr<v1::ListRosterDiscrepanciesResponse> ListRosterDiscrepancies(
      rpc::Call& call, const v1::ListRosterDiscrepanciesRequest& request);
  absl::StatusOr<v1::RosterDiscrepancy> AcceptRosterDiscrepancy(
      rpc::Call& call, const v1::DecideRosterDiscrepancyRequest& request);
  absl::StatusOr<v1::RosterDiscrepancy> RejectRosterDiscrepancy(
      rpc::Call& call, const v1::DecideRosterDiscrepancyRequest& request);
  absl::StatusOr<v1::RosterDiscrepancy> UndoRosterDiscrepancy(
      rpc::Call& call, const v1::DecideRosterDiscrepancyRequest& request);
  absl::StatusOr<v1::ResolveRosterDiscrepanciesResponse> ResolveRosterDiscrepancies(
      rpc::Call& call, const v1::ResolveRosterDiscrepanciesRequest& request);

  // day_sweep.cc
  // Makes effective what the recorded transitions bring on or before `today`: one
  // Change per agreement and date, once.
  absl::Status SweepDay(
      Date today, const service::DaySweep::KeepGoing& keep_going = [] { return absl::OkStatus(); });
  // Records that this process runs under the policy, once per policy digest.
  absl::Status RecordPolicy();

 private:
  Date Today() const;
  const PolicyView& PolicyOn(Date date) const;
  bool BoardGate() const;

  store::Store& store_;
  const std::shared_ptr<const Policy> policy_;
  const service::Separation separation_;
  std::timed_mutex importing_;
};

}  // namespace accord::agreements
