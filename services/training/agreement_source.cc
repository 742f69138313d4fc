#include "services/training/agreement_source.h"

#include <grpcpp/channel.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "common/base/status.h"
#include "common/rpc/pending_call.h"
#include "common/rpc/revision.h"
#include "services/training/agreement_copy.h"
#include "services/training/errors.h"

namespace accord::training {
namespace {

using Stub = agreements::v1::Agreements::Stub;

// The most that the owner gets to answer, for a call that would wait longer.
constexpr absl::Duration kPatience = absl::Seconds(5);

absl::Time AnswerBy(const rpc::Call& call) {
  return std::min(call.deadline(), absl::Now() + kPatience);
}

// What the owner refuses is told as it says; anything else is a failure to be asked.
absl::Status Explain(const absl::Status& status, const absl::Status& not_found) {
  if (absl::IsNotFound(status)) return not_found;
  if (absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status)) return status;
  return error::AgreementsUnreachable();
}

absl::StatusOr<store::Position> ReadAt(const std::vector<std::string>& revisions) {
  for (const std::string& text : revisions) {
    const auto revision = rpc::ParseRevision(text);
    if (revision && revision->service == kAgreementsService) {
      return store::Position{revision->log, revision->revision, ""};
    }
  }
  return absl::DataLossError("an answer of the agreements service does not state its revision");
}

class AskingSource final : public AgreementSource {
 public:
  explicit AskingSource(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(agreements::v1::Agreements::NewStub(channel)) {}

  absl::StatusOr<KnownAgreement> Get(const rpc::Call& call, absl::string_view name) const override {
    agreements::v1::GetAgreementRequest request;
    request.set_name(std::string(name));
    rpc::PendingCall<agreements::v1::GetAgreementRequest, agreements::v1::Agreement> asked(
        *stub_->async(), &Stub::async::GetAgreement, std::move(request), AnswerBy(call), &call);
    auto agreement = asked.Wait();
    if (!agreement.ok()) return Explain(agreement.status(), error::AgreementNotFound(name));
    ACCORD_ASSIGN_OR_RETURN(store::Position read_at, ReadAt(asked.revisions()));
    return KnownAgreement{*std::move(agreement), std::move(read_at)};
  }

  absl::StatusOr<agreements::v1::Agency> GetAgency(const rpc::Call& call,
                                                   absl::string_view name) const override {
    agreements::v1::GetAgencyRequest request;
    request.set_name(std::string(name));
    rpc::PendingCall<agreements::v1::GetAgencyRequest, agreements::v1::Agency> asked(
        *stub_->async(), &Stub::async::GetAgency, std::move(request), AnswerBy(call), &call);
    auto agency = asked.Wait();
    if (!agency.ok()) return Explain(agency.status(), error::AgencyNotFound(name));
    return agency;
  }

 private:
  const std::unique_ptr<Stub> stub_;
};

}  // namespace

std::unique_ptr<AgreementSource> AskAgreements(std::shared_ptr<grpc::Channel> channel) {
  return std::make_unique<AskingSource>(channel);
}

}  // namespace accord::training
