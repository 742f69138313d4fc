// An agreements service that does not answer: for tests of what needs nothing of it.
#pragma once

#include "services/training/agreement_source.h"
#include "services/training/errors.h"

namespace accord::training {

class NoAgreements final : public AgreementSource {
 public:
  absl::StatusOr<KnownAgreement> Get(const rpc::Call&, absl::string_view) const override {
    return error::AgreementsUnreachable();
  }
  absl::StatusOr<agreements::v1::Agency> GetAgency(const rpc::Call&,
                                                   absl::string_view) const override {
    return error::AgreementsUnreachable();
  }
};

}  // namespace accord::training
