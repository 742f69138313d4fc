#include "tests/fault/counters.h"

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/base/status.h"

namespace accord::fault {
namespace {

using agreements::v1::Agency;
using agreements::v1::Agreements;
using training::v1::Officer;
using training::v1::Training;

constexpr absl::string_view kCount = " count ";

std::string Counted(absl::string_view text, int64_t counter) {
  return absl::StrCat(text, kCount, counter);
}

// 0 for text without a counter, -1 for what Counted does not write.
int64_t CounterOf(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, kCount);
  int64_t counter = -1;
  if (parts.size() == 1) return 0;
  return absl::SimpleAtoi(parts.back(), &counter) ? counter : -1;
}

class Names final : public Counters {
 public:
  explicit Names(const std::shared_ptr<grpc::Channel>& gateway)
      : stub_(Agreements::NewStub(gateway)) {}

  absl::Status Begin(const std::string&) override { return absl::OkStatus(); }

  absl::Status Write(const CounterWrite& write, absl::Duration timeout,
                     std::vector<std::string>& revisions) override {
    agreements::v1::UpdateAgencyRequest request;
    request.mutable_agency()->set_name(write.agency);
    request.mutable_agency()->set_display_name(Counted(write.agency, write.counter));
    request.mutable_update_mask()->add_paths("display_name");
    // Former names become aliases, of which there may be only so many.
    request.mutable_update_mask()->add_paths("aliases");
    request.set_request_id(write.request_id);
    return rpc::CallUnary(*stub_, &Agreements::Stub::UpdateAgency, request, {.timeout = timeout},
                          &revisions)
        .status();
  }

  int64_t In(const gateway::v1::AgencyStatus& status) const override {
    return CounterOf(status.agency().display_name());
  }

  std::string action() const override { return "UpdateAgency"; }
  absl::StatusOr<std::optional<CounterWrite>> In(const log::v1::Change& change) const override {
    Agency agency;
    if (!change.image().UnpackTo(&agency)) return absl::DataLossError("not an agency");
    return CounterWrite{agency.name(), CounterOf(agency.display_name())};
  }

 private:
  const std::unique_ptr<Agreements::Stub> stub_;
};

class Officers final : public Counters {
 public:
  explicit Officers(const std::shared_ptr<grpc::Channel>& gateway)
      : agreements_(Agreements::NewStub(gateway)), training_(Training::NewStub(gateway)) {}

  absl::Status Begin(const std::string& agency) override {
    agreements::v1::CreateAgreementRequest request;
    request.mutable_agreement()->set_agency(agency);
    request.mutable_agreement()->set_model("TFM");
    request.mutable_application_date()->set_year(2025);
    request.mutable_application_date()->set_month(1);
    request.mutable_application_date()->set_day(6);
    return rpc::CallUnary(*agreements_, &Agreements::Stub::CreateAgreement, request).status();
  }

  absl::Status Write(const CounterWrite& write, absl::Duration timeout,
                     std::vector<std::string>& revisions) override {
    training::v1::NominateOfficerRequest request;
    ACCORD_ASSIGN_OR_RETURN(const std::string agreement, AgreementOf(write.agency, timeout));
    request.mutable_officer()->set_agreement(agreement);
    request.mutable_officer()->set_given_name("Sample");
    request.mutable_officer()->set_family_name("Person");
    request.mutable_nomination_date()->set_year(2025);
    request.mutable_nomination_date()->set_month(1);
    request.mutable_nomination_date()->set_day(6);
    request.set_source(Counted("list", write.counter));
    request.set_request_id(write.request_id);
    return rpc::CallUnary(*training_, &Training::Stub::NominateOfficer, request,
                          {.timeout = timeout}, &revisions)
        .status();
  }

  int64_t In(const gateway::v1::AgencyStatus& status) const override {
    return status.training().all().officers();
  }

  std::string action() const override { return "NominateOfficer"; }
  absl::StatusOr<std::optional<CounterWrite>> In(const log::v1::Change& change) const override {
    Officer officer;
    if (!change.image().UnpackTo(&officer)) return absl::DataLossError("not an officer");
    if (officer.events().empty()) return absl::DataLossError("nobody nominated");
    const int64_t counter = CounterOf(officer.events(0).source());
    if (counter == 0) return std::nullopt;
    return CounterWrite{officer.agency(), counter};
  }

 private:
  absl::StatusOr<std::string> AgreementOf(const std::string& agency, absl::Duration timeout) {
    std::string& known = names_[agency];
    if (!known.empty()) return known;
    agreements::v1::ListAgreementsRequest request;
    request.set_filter(absl::StrCat("agency = \"", agency, "\""));
    ACCORD_ASSIGN_OR_RETURN(const auto list,
                            rpc::CallUnary(*agreements_, &Agreements::Stub::ListAgreements, request,
                                           {.timeout = timeout}));
    if (list.agreements_size() != 1) return absl::DataLossError("not one agreement");
    return known = list.agreements(0).name();
  }

  const std::unique_ptr<Agreements::Stub> agreements_;
  const std::unique_ptr<Training::Stub> training_;
  std::map<std::string, std::string> names_;  // Of agreements, by agency.
};

}  // namespace

std::unique_ptr<Counters> Counters::Of(const std::string& service,
                                       const std::shared_ptr<grpc::Channel>& gateway) {
  if (service == kTraining) return std::make_unique<Officers>(gateway);
  return std::make_unique<Names>(gateway);
}

}  // namespace accord::fault
