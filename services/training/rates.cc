#include "services/training/rates.h"

#include <map>
#include <utility>

#include "services/training/listed.h"

namespace accord::training {
namespace {

void Add(const ResultCount& count, v1::ResultRates::Rate& rate) {
  rate.set_officers(rate.officers() + static_cast<int>(count.officers));
  rate.set_failed_first(rate.failed_first() + static_cast<int>(count.failed_first));
  rate.set_took_another(rate.took_another() + static_cast<int>(count.took_another));
  rate.set_disqualified(rate.disqualified() + static_cast<int>(count.disqualified));
}

}  // namespace

v1::ResultRates RatesOf(const std::vector<ResultCount>& counts,
                        const std::function<std::string(const std::string& course)>& model_of) {
  std::map<std::pair<std::string, std::string>, v1::ResultRates::Rate> by_course;
  std::map<std::string, v1::ResultRates::Rate> by_offering;
  for (const ResultCount& count : counts) {
    const std::string model = model_of(count.course);
    v1::ResultRates::Rate& course = by_course[{model, count.course}];
    course.set_model(model);
    course.set_course(count.course);
    Add(count, course);
    if (count.offering.empty()) continue;
    v1::ResultRates::Rate& offering = by_offering[count.offering];
    offering.set_model(model);
    offering.set_course(count.course);
    offering.set_offering(count.offering);
    Add(count, offering);
  }
  v1::ResultRates rates;
  for (auto& [key, rate] : by_course) rates.add_by_course()->Swap(&rate);
  for (auto& [key, rate] : by_offering) {
    if (rates.by_offering_size() == kMostListed) break;
    rates.add_by_offering()->Swap(&rate);
  }
  rates.set_offerings_left_out(static_cast<int>(by_offering.size()) - rates.by_offering_size());
  return rates;
}

}  // namespace accord::training
