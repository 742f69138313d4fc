#include "tests/integration/officers.h"

#include <utility>

#include "absl/strings/substitute.h"
#include "common/base/status.h"

namespace accord::testing {

namespace tv1 = training::v1;

namespace {

tv1::StepOfficerRequest Step(const std::string& officer, int month, int day) {
  return Parse<tv1::StepOfficerRequest>(
      absl::Substitute("name: '$0' reason: 'as decided' date { year: 2025 month: $1 day: $2 }",
                       officer, month, day));
}

}  // namespace

OfficerRecorder::OfficerRecorder(const std::shared_ptr<grpc::Channel>& gateway, rpc::CallOptions as)
    : stub_(tv1::Training::NewStub(gateway)), as_(std::move(as)) {}

absl::StatusOr<std::string> OfficerRecorder::Nominate(const std::string& agreement) const {
  const auto request = Parse<tv1::NominateOfficerRequest>(
      absl::Substitute("officer { given_name: 'Sample' family_name: 'Person' agreement: '$0' } "
                       "nomination_date { year: 2025 month: 1 day: 6 }",
                       agreement));
  ACCORD_ASSIGN_OR_RETURN(const auto officer,
                          rpc::CallUnary(*stub_, &Stub::NominateOfficer, request, as_));
  return officer.name();
}

absl::StatusOr<std::string> OfficerRecorder::Certify(const std::string& officer,
                                                     const std::string& course) const {
  const auto take = [&](auto method, int month, int day) {
    return rpc::CallUnary(*stub_, method, Step(officer, month, day), as_).status();
  };
  ACCORD_RETURN_IF_ERROR(take(&Stub::ClearOfficer, 1, 20));
  ACCORD_RETURN_IF_ERROR(take(&Stub::StartTraining, 2, 3));
  const auto completion = rpc::CallUnary(*stub_, &Stub::RecordCompletion,
                                         Parse<tv1::RecordCompletionRequest>(absl::Substitute(
                                             "completion { officer: '$0' course: '$1' "
                                             "result: PASSED "
                                             "date { year: 2025 month: 2 day: 28 } }",
                                             officer, course)),
                                         as_);
  ACCORD_RETURN_IF_ERROR(completion.status());
  ACCORD_RETURN_IF_ERROR(take(&Stub::CertifyOfficer, 3, 3));
  return completion->name();
}

absl::Status OfficerRecorder::Authorize(const std::string& officer) const {
  ACCORD_RETURN_IF_ERROR(
      rpc::CallUnary(*stub_, &Stub::AuthorizeOfficer, Step(officer, 3, 10), as_).status());
  for (const char* paper : {"FORM_70_006_SIGNED", "CREDENTIALS_ISSUED"}) {
    const auto request = Parse<tv1::RecordPaperRequest>(absl::Substitute(
        "name: '$0' paper: $1 date { year: 2025 month: 3 day: 10 }", officer, paper));
    ACCORD_RETURN_IF_ERROR(rpc::CallUnary(*stub_, &Stub::RecordPaper, request, as_).status());
  }
  return absl::OkStatus();
}

}  // namespace accord::testing
