#include "tests/fault/corps.h"

#include "absl/strings/substitute.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"

namespace accord::fault {

namespace av1 = agreements::v1;
namespace gv1 = gateway::v1;
namespace tv1 = training::v1;
using testing::Parse;
using Agreements = av1::Agreements::Stub;

namespace {

constexpr char kCourse[] = "wso-basic";

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  const auto channel = rpc::MakeChannel(address);
  EXPECT_TRUE(channel.ok()) << channel.status();
  return *channel;
}

}  // namespace

Corps::Corps(const std::string& gateway) : Corps(ChannelTo(gateway)) {}

Corps::Corps(const std::shared_ptr<grpc::Channel>& gateway)
    : agreements_(av1::Agreements::NewStub(gateway)),
      training_(tv1::Training::NewStub(gateway)),
      gateway_(gv1::Gateway::NewStub(gateway)),
      recorder_(gateway) {}

absl::StatusOr<std::string> Corps::Sign(const std::string& display_name) const {
  const auto create = Parse<av1::CreateAgencyRequest>(absl::Substitute(
      "agency { display_name: '$0' state: 'FL' kind: MUNICIPALITY fictitious: true }",
      display_name));
  ACCORD_ASSIGN_OR_RETURN(const auto agency,
                          rpc::CallUnary(*agreements_, &Agreements::CreateAgency, create));
  const auto apply = Parse<av1::CreateAgreementRequest>(
      absl::Substitute("agreement { agency: '$0' model: 'WSO' } "
                       "application_date { year: 2025 month: 1 day: 2 }",
                       agency.name()));
  ACCORD_ASSIGN_OR_RETURN(const auto applied,
                          rpc::CallUnary(*agreements_, &Agreements::CreateAgreement, apply));
  const std::string& name = applied.name();
  ACCORD_RETURN_IF_ERROR(Move(&Agreements::StartReview, name, MakeDate(2025, 1, 10)));
  ACCORD_RETURN_IF_ERROR(Move(&Agreements::ApproveAgreement, name, MakeDate(2025, 2, 20)));
  const auto sign = Parse<av1::SignAgreementRequest>(
      absl::Substitute("name: '$0' template: 'WSO-2025-02-15' "
                       "agency_signed_date { year: 2025 month: 3 day: 2 } "
                       "federal_signed_date { year: 2025 month: 3 day: 3 }",
                       name));
  ACCORD_RETURN_IF_ERROR(rpc::CallUnary(*agreements_, &Agreements::SignAgreement, sign).status());
  return name;
}

absl::StatusOr<std::string> Corps::Authorize(const std::string& agreement) const {
  ACCORD_ASSIGN_OR_RETURN(std::string officer, recorder_.Nominate(agreement));
  ACCORD_RETURN_IF_ERROR(recorder_.Certify(officer, kCourse).status());
  ACCORD_RETURN_IF_ERROR(recorder_.Authorize(officer));
  return officer;
}

absl::Status Corps::Suspend(const std::string& agreement, Date date) const {
  return Move(&Agreements::SuspendAgreement, agreement, date);
}

absl::Status Corps::Reinstate(const std::string& agreement, Date date) const {
  return Move(&Agreements::ReinstateAgreement, agreement, date);
}

absl::Status Corps::Withdraw(const std::string& officer) const {
  const auto request = Parse<tv1::StepOfficerRequest>(absl::Substitute(
      "name: '$0' reason: 'as decided' date { year: 2025 month: 6 day: 2 }", officer));
  return rpc::CallUnary(*training_, &tv1::Training::Stub::WithdrawOfficer, request).status();
}

absl::StatusOr<tv1::Officer> Corps::Officer(const std::string& name) const {
  tv1::GetOfficerRequest request;
  request.set_name(name);
  return rpc::CallUnary(*training_, &tv1::Training::Stub::GetOfficer, request);
}

absl::StatusOr<gv1::OfficerAuthority> Corps::AuthorityOf(const std::string& officer,
                                                         absl::Duration timeout) const {
  gv1::GetOfficerAuthorityRequest request;
  request.set_officer(officer);
  return rpc::CallUnary(*gateway_, &gv1::Gateway::Stub::GetOfficerAuthority, request,
                        {.timeout = timeout});
}

gv1::OfficerAuthority::Verdict Corps::VerdictOf(const std::string& officer) const {
  const auto authority = AuthorityOf(officer);
  return authority.ok() ? authority->verdict() : gv1::OfficerAuthority::VERDICT_UNSPECIFIED;
}

template <typename Method>
absl::Status Corps::Move(Method method, const std::string& agreement, Date date) const {
  av1::MoveAgreementRequest request;
  request.set_name(agreement);
  request.set_reason("as decided");
  *request.mutable_effective_date() = ToProto(date);
  return rpc::CallUnary(*agreements_, method, request).status();
}

}  // namespace accord::fault
