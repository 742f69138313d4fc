// What the fake gateway answers in the tests of whole commands: one made-up world.
#pragma once

#include "tests/unit/cli/fake_gateway.h"

namespace accord::cli {

void PrepareWorld(FakeGateway& gateway);

inline constexpr char kAgreementsService[] = "accord.agreements.v1.Agreements.";
inline constexpr char kGatewayService[] = "accord.gateway.v1.Gateway.";
inline constexpr char kFeedService[] = "accord.log.v1.ChangeFeed.";

}  // namespace accord::cli
