// Follows the agreements service's log, so that what happens to an agreement reaches its
// officers within seconds.
#pragma once

#include <memory>

#include "common/feed/follower.h"
#include "services/training/agreement_effects.h"

namespace prometheus {
class Registry;
}  // namespace prometheus

namespace accord::training {

// Starts to follow where the cursor stands; ends with what it returns. All outlive that. A log
// that is not the same any more stops it: an error is logged, and gauge
// accord_training_agreements_forked is 1 until an operator has the program follow anew.
absl::StatusOr<std::unique_ptr<feed::Follower>> FollowAgreements(
    std::shared_ptr<grpc::Channel> channel, AgreementEffects& effects,
    prometheus::Registry& registry);

}  // namespace accord::training
