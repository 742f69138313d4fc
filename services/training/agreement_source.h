// What the training service asks the agreements service.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/rpc/call.h"
#include "common/store/reader.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace accord::training {

// An agreement, and the position of the agreements log at which it was read.
struct KnownAgreement {
  agreements::v1::Agreement agreement;
  store::Position read_at;
};

// Thread-safe.
class AgreementSource {
 public:
  virtual ~AgreementSource() = default;
  // As the caller may see it. Errors: AGREEMENT_NOT_FOUND (NOT_FOUND); AGREEMENTS_UNREACHABLE
  // (UNAVAILABLE), within the call's deadline.
  virtual absl::StatusOr<KnownAgreement> Get(const rpc::Call& call,
                                             absl::string_view name) const = 0;
  // Errors: AGENCY_NOT_FOUND (NOT_FOUND), else as Get.
  virtual absl::StatusOr<agreements::v1::Agency> GetAgency(const rpc::Call& call,
                                                           absl::string_view name) const = 0;
};

// Asks with the caller's own token.
std::unique_ptr<AgreementSource> AskAgreements(std::shared_ptr<grpc::Channel> channel);

}  // namespace accord::training
