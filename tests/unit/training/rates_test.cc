#include "services/training/rates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"

namespace accord::training {
namespace {

using testing::ProtoEquals;

TEST(RatesTest, OfferingsAddUpToTheirCourse) {
  const v1::ResultRates rates = RatesOf(
      {
          {"jem-basic", "", 3, 1, 1, 0},
          {"jem-basic", "offerings/o1", 20, 4, 3, 1},
          {"jem-basic", "offerings/o2", 10, 2, 2, 0},
          {"gone", "offerings/o3", 1, 1, 0, 1},
      },
      [](const std::string& course) { return course == "jem-basic" ? "JEM" : ""; });
  EXPECT_THAT(rates, ProtoEquals(R"pb(
                by_course { course: "gone" officers: 1 failed_first: 1 disqualified: 1 }
                by_course {
                  model: "JEM"
                  course: "jem-basic"
                  officers: 33
                  failed_first: 7
                  took_another: 6
                  disqualified: 1
                }
                by_offering {
                  model: "JEM"
                  course: "jem-basic"
                  offering: "offerings/o1"
                  officers: 20
                  failed_first: 4
                  took_another: 3
                  disqualified: 1
                }
                by_offering {
                  model: "JEM"
                  course: "jem-basic"
                  offering: "offerings/o2"
                  officers: 10
                  failed_first: 2
                  took_another: 2
                }
                by_offering {
                  course: "gone"
                  offering: "offerings/o3"
                  officers: 1
                  failed_first: 1
                  disqualified: 1
                }
              )pb"));
}

}  // namespace
}  // namespace accord::training
