// An agreements service in memory, with its log: what the gateway sees of the real one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "services/gateway/timeline.h"

namespace accord::gateway {

// The resources and their log. Thread-safe.
class FakeRecord {
 public:
  FakeRecord() = default;

  // Each is a mutation of its own and gives its revision.
  int64_t Put(const av1::Agency& agency);
  int64_t Put(const av1::Agreement& agreement);
  int64_t Put(const av1::RosterDiscrepancy& discrepancy);
  int64_t Put(const av1::RosterImport& roster_import);
  // The image of a Change is gone, as after a redaction.
  void Redact(int64_t revision);
  // The log becomes another one, as after a restore.
  void Fork();

  log::v1::Log Head() const;
  std::string Token() const;  // "agreements@LOG:REVISION"
  // Changes after `revision`, and the head, at one moment.
  log::v1::WatchChangesResponse After(int64_t revision) const;

  // The resources of type Message that `filter` lets through, by name.
  template <typename Message>
  std::vector<Message> All(const std::string& filter) const;

  // Called after every mutation.
  std::function<void()> on_change = [] {};

 private:
  template <typename Message>
  int64_t Write(const Message& message);

  mutable std::mutex mutex_;
  std::string log_ = "L1";
  std::map<std::string, log::v1::Change> newest_;  // By resource.
  std::vector<log::v1::Change> changes_;
};

// Only what it answers: all methods of the service would take long to compile.
using AgreementsStubs = av1::Agreements::WithCallbackMethod_GetAgencyRecord<
    av1::Agreements::WithCallbackMethod_GetAgency<av1::Agreements::WithCallbackMethod_GetAgreement<
        av1::Agreements::WithCallbackMethod_ListAgencies<
            av1::Agreements::WithCallbackMethod_ListAgreements<
                av1::Agreements::WithCallbackMethod_ListRosterDiscrepancies<
                    av1::Agreements::WithCallbackMethod_ListRosterImports<
                        av1::Agreements::Service>>>>>>>;

class FakeAgreements final : public AgreementsStubs {
 public:
  FakeAgreements(rpc::Runtime& runtime, FakeRecord& record) : runtime_(runtime), record_(record) {}

  // Runs at the beginning of each GetAgencyRecord, GetAgency and GetAgreement.
  std::function<absl::Status(rpc::Call& call)> before = [](rpc::Call&) { return absl::OkStatus(); };
  // Runs after a GetAgencyRecord has read its answer.
  std::function<void()> after = [] {};
  // Runs before each page of a List.
  std::function<void()> before_page = [] {};
  std::atomic<int> pages = 0;

  grpc::ServerUnaryReactor* GetAgencyRecord(grpc::CallbackServerContext* context,
                                            const av1::GetAgencyRecordRequest* request,
                                            av1::AgencyRecord* response) override;
  grpc::ServerUnaryReactor* GetAgency(grpc::CallbackServerContext* context,
                                      const av1::GetAgencyRequest* request,
                                      av1::Agency* response) override;
  grpc::ServerUnaryReactor* GetAgreement(grpc::CallbackServerContext* context,
                                         const av1::GetAgreementRequest* request,
                                         av1::Agreement* response) override;
  grpc::ServerUnaryReactor* ListAgencies(grpc::CallbackServerContext* context,
                                         const av1::ListAgenciesRequest* request,
                                         av1::ListAgenciesResponse* response) override;
  grpc::ServerUnaryReactor* ListAgreements(grpc::CallbackServerContext* context,
                                           const av1::ListAgreementsRequest* request,
                                           av1::ListAgreementsResponse* response) override;
  grpc::ServerUnaryReactor* ListRosterDiscrepancies(
      grpc::CallbackServerContext* context, const av1::ListRosterDiscrepanciesRequest* request,
      av1::ListRosterDiscrepanciesResponse* response) override;
  grpc::ServerUnaryReactor* ListRosterImports(grpc::CallbackServerContext* context,
                                              const av1::ListRosterImportsRequest* request,
                                              av1::ListRosterImportsResponse* response) override;

 private:
  template <typename Message, typename Request>
  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context, const Request* request,
                                Message* response);
  template <typename Message, typename Request, typename Response>
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const Request* request,
                                 Response* response,
                                 google::protobuf::RepeatedPtrField<Message>* (Response::*items)());

  rpc::Runtime& runtime_;
  FakeRecord& record_;
};

class FakeFeed final : public log::v1::ChangeFeed::CallbackService {
 public:
  FakeFeed(rpc::Runtime& runtime, FakeRecord& record);
  ~FakeFeed() override;

  grpc::ServerUnaryReactor* GetLog(grpc::CallbackServerContext* context,
                                   const log::v1::GetLogRequest* request,
                                   log::v1::Log* response) override;
  grpc::ServerWriteReactor<log::v1::WatchChangesResponse>* WatchChanges(
      grpc::CallbackServerContext* context, const log::v1::WatchChangesRequest* request) override;

  // Watches hear nothing, not even a heartbeat, while it is held.
  void Hold(bool held);
  // Ends every watch.
  void End();
  // Watches in progress.
  int watching() const;

 private:
  class Watch;

  void Poke();
  void Run();

  rpc::Runtime& runtime_;
  FakeRecord& record_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::set<Watch*> watches_;  // Guarded by mutex_, as all below.
  bool held_ = false;
  bool stopping_ = false;
  std::thread heart_;
};

// The service, served. It can be stopped and started again on the same port.
class FakeServer {
 public:
  FakeServer();
  ~FakeServer();

  std::string Target() const;
  void Stop();
  void Start();

  FakeRecord record;
  rpc::Runtime runtime;
  FakeAgreements agreements;
  FakeFeed feed;

 private:
  int port_ = 0;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace accord::gateway
