// How often officers fail, try again and are disqualified: pure figures over counts.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "accord/training/v1/training.pb.h"

namespace accord::training {

// Officers who took a course, counted at their first attempt.
struct ResultCount {
  std::string course;
  // Where the first attempt was; empty when it was elsewhere.
  std::string offering;
  int64_t officers = 0;
  int64_t failed_first = 0;
  int64_t took_another = 0;
  int64_t disqualified = 0;
};

// The rates by model and course, and by offering, in this order. `model_of` a course is empty
// when no policy knows it.
v1::ResultRates RatesOf(const std::vector<ResultCount>& counts,
                        const std::function<std::string(const std::string& course)>& model_of);

}  // namespace accord::training
