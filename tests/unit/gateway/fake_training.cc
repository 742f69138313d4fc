#include "tests/unit/gateway/fake_training.h"

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/gateway/errors.h"
#include "tests/unit/gateway/records.h"

namespace accord::gateway {

namespace tv1 = training::v1;

FakeTraining::FakeTraining()
    : runtime({.domain = "training.accord", .workers = 8}), feed(runtime, log) {
  Start();
}

FakeTraining::~FakeTraining() { Stop(); }

std::string FakeTraining::Target() const { return absl::StrCat("ipv4:127.0.0.1:", port_); }

void FakeTraining::Start() {
  server_ = rpc::Server::Start({.listen = absl::StrCat("127.0.0.1:", port_),
                                .insecure = true,
                                .balancer_wait = absl::ZeroDuration(),
                                .drain_timeout = absl::Seconds(1)},
                               {.runtime = runtime,
                                .services = {{tv1::Training::service_full_name(), this},
                                             {log::v1::ChangeFeed::service_full_name(), &feed}},
                                .on_drain = [this] { feed.End(); }})
                .value();
  port_ = server_->port();
}

void FakeTraining::Stop() { server_.reset(); }

std::string FakeTraining::Token() const {
  const log::v1::Log head = log.Head();
  return absl::StrCat("training@", head.id(), ":", head.revision());
}

// The fake log knows how to write agencies; what counts is the subject.
void FakeTraining::NameInLog(const std::string& agency) { log.Put(MakeAgency(agency)); }

void FakeTraining::SetOfficers(const std::string& agency, int officers) {
  {
    std::lock_guard lock(mutex_);
    officers_[agency] = officers;
  }
  NameInLog(agency);
}

void FakeTraining::SetRecord(const tv1::OfficerRecord& record) {
  {
    std::lock_guard lock(mutex_);
    records_[record.officer().name()] = record;
  }
  NameInLog(record.officer().agency());
}

grpc::ServerUnaryReactor* FakeTraining::GetAgencyTraining(
    grpc::CallbackServerContext* context, const tv1::GetAgencyTrainingRequest* request,
    tv1::AgencyTraining* response) {
  static const auto& method = *new rpc::MethodSpec{"fake/GetAgencyTraining"};
  return runtime.Unary(
      context, request, response, method,
      [this](rpc::Call& call, const auto& question) -> absl::StatusOr<tv1::AgencyTraining> {
        ++asked;
        call.SetRevision(Token());
        tv1::AgencyTraining training;
        training.set_agency(question.agency());
        std::lock_guard lock(mutex_);
        training.mutable_all()->set_officers(officers_[question.agency()]);
        return training;
      });
}

grpc::ServerUnaryReactor* FakeTraining::GetTrainingSummary(
    grpc::CallbackServerContext* context, const tv1::GetTrainingSummaryRequest* request,
    tv1::TrainingSummary* response) {
  static const auto& method = *new rpc::MethodSpec{"fake/GetTrainingSummary"};
  return runtime.Unary(
      context, request, response, method,
      [this](rpc::Call& call, const auto&) -> absl::StatusOr<tv1::TrainingSummary> {
        ++asked;
        call.SetRevision(Token());
        tv1::TrainingSummary summary;
        std::lock_guard lock(mutex_);
        for (const auto& [agency, officers] : officers_) {
          summary.mutable_all()->set_officers(summary.all().officers() + officers);
          summary.add_by_agency()->set_key(agency);
        }
        return summary;
      });
}

grpc::ServerUnaryReactor* FakeTraining::GetOfficerRecord(
    grpc::CallbackServerContext* context, const tv1::GetOfficerRecordRequest* request,
    tv1::OfficerRecord* response) {
  static const auto& method = *new rpc::MethodSpec{"fake/GetOfficerRecord"};
  return runtime.Unary(
      context, request, response, method,
      [this](rpc::Call& call, const auto& question) -> absl::StatusOr<tv1::OfficerRecord> {
        ++asked;
        call.SetRevision(Token());
        std::lock_guard lock(mutex_);
        const auto found = records_.find(question.officer());
        if (found != records_.end()) return found->second;
        return MakeError(absl::StatusCode::kNotFound, "training.accord", "RESOURCE_NOT_FOUND",
                         "there is no such officer");
      });
}

}  // namespace accord::gateway
