// What the fake gateway answers in the tests of whole commands: one made-up world.
#pragma once

#include <string>

#include "tests/unit/cli/fake_gateway.h"

namespace accord::cli {

void PrepareWorld(FakeGateway& gateway);
// Of PrepareWorld, what training answers; in canned_training.cc.
void PrepareTraining(FakeGateway& gateway);
// The TrainingSummary of the world, in text format.
std::string CannedSummary();

inline constexpr char kAgreementsService[] = "accord.agreements.v1.Agreements.";
inline constexpr char kGatewayService[] = "accord.gateway.v1.Gateway.";
inline constexpr char kTrainingService[] = "accord.training.v1.Training.";
inline constexpr char kFeedService[] = "accord.log.v1.ChangeFeed.";

}  // namespace accord::cli
