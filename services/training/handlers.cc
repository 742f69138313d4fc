#include "services/training/handlers.h"

#include <utility>

#include "common/service/standard.h"

namespace accord::training {

Handlers::Handlers(store::Store& store, std::shared_ptr<const Policy> policy,
                   const AgreementSource& agreements, service::Separation separation)
    : store_(store),
      policy_(std::move(policy)),
      agreements_(agreements),
      separation_(std::move(separation)) {}

Date Handlers::Today() const { return accord::Today(store_.clock().Now(), policy_->time_zone()); }

const PolicyView& Handlers::PolicyOn(Date date) const { return policy_->AtOrFirst(date); }

absl::Status Handlers::RecordPolicy(const std::string& without_preview) {
  return service::RecordPolicy(store_, PolicyOn(Today()).id(), policy_->digest(),
                               [&](store::Transaction& transaction, const std::string& previous) {
                                 return WhyPolicyMayChange(transaction, previous, without_preview);
                               });
}

agreements::v1::Basis BasisOf(bool fictitious) {
  return fictitious ? agreements::v1::SYNTHETIC : agreements::v1::DERIVED;
}

}  // namespace accord::training
