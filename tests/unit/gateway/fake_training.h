// A training service in memory, with its log: what the gateway sees of the real one.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "accord/training/v1/training.grpc.pb.h"
#include "tests/unit/gateway/fake_agreements.h"

namespace accord::gateway {

// Only what it answers: all methods of the service would take a minute to compile.
using TrainingStubs = training::v1::Training::WithCallbackMethod_GetAgencyTraining<
    training::v1::Training::WithCallbackMethod_GetTrainingSummary<
        training::v1::Training::WithCallbackMethod_GetOfficerRecord<
            training::v1::Training::Service>>>;

class FakeTraining final : public TrainingStubs {
 public:
  FakeTraining();
  ~FakeTraining() override;

  std::string Target() const;
  void Stop();
  void Start();

  // Each is a mutation that names the agency. Thread-safe.
  void SetOfficers(const std::string& agency, int officers);
  void SetRecord(const training::v1::OfficerRecord& record);

  grpc::ServerUnaryReactor* GetAgencyTraining(grpc::CallbackServerContext* context,
                                              const training::v1::GetAgencyTrainingRequest* request,
                                              training::v1::AgencyTraining* response) override;
  grpc::ServerUnaryReactor* GetTrainingSummary(
      grpc::CallbackServerContext* context, const training::v1::GetTrainingSummaryRequest* request,
      training::v1::TrainingSummary* response) override;
  grpc::ServerUnaryReactor* GetOfficerRecord(grpc::CallbackServerContext* context,
                                             const training::v1::GetOfficerRecordRequest* request,
                                             training::v1::OfficerRecord* response) override;

  // Of all methods.
  std::atomic<int> asked = 0;
  FakeRecord log;
  rpc::Runtime runtime;
  FakeFeed feed;

 private:
  void NameInLog(const std::string& agency);
  std::string Token() const;

  std::mutex mutex_;
  std::map<std::string, int> officers_;  // Guarded by mutex_, as below.
  std::map<std::string, training::v1::OfficerRecord> records_;
  int port_ = 0;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace accord::gateway
