#include "services/training/rates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
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

// gRPC clients take 4 MiB.
TEST(RatesTest, OfferingsBeyondWhatAnAnswerHoldsAreCounted) {
  std::vector<ResultCount> counts;
  for (int i = 0; i < 20'003; ++i) {
    counts.push_back({"jem-basic", absl::StrCat("offerings/xlwzk4fg", 10'000 + i), 24, 12, 8, 4});
  }
  const v1::ResultRates rates = RatesOf(counts, [](const std::string&) { return "JEM"; });
  EXPECT_EQ(rates.by_offering_size(), 20'000);
  EXPECT_EQ(rates.offerings_left_out(), 3);
  EXPECT_EQ(rates.by_course(0).officers(), 24 * 20'003);
  EXPECT_LT(rates.ByteSizeLong(), 2u << 20);
}

}  // namespace
}  // namespace accord::training
