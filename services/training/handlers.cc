#include "services/training/handlers.h"

#include <utility>

namespace accord::training {

Handlers::Handlers(store::Store& store, std::shared_ptr<const Policy> policy,
                   const AgreementSource& agreements)
    : store_(store), policy_(std::move(policy)), agreements_(agreements) {}

Date Handlers::Today() const { return accord::Today(store_.clock().Now(), policy_->time_zone()); }

// The first version holds before it, too: rules about the past need some policy.
const PolicyView& Handlers::PolicyOn(Date date) const {
  const auto view = policy_->At(date);
  return view.ok() ? **view : *policy_->versions().front();
}

}  // namespace accord::training
