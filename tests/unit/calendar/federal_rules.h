// The federal holidays as rules, so that calendar tests need no policy file.
#pragma once

#include <vector>

#include "common/calendar/holidays.h"

namespace accord {

inline std::vector<HolidayRule> FederalRules() {
  using std::chrono::day;
  using std::chrono::Monday;
  using std::chrono::month;
  using std::chrono::Thursday;
  const auto nearest = Observed::kNearestWeekday;
  return {
      {"New Year's Day", FixedDay{month(1), day(1)}, {}, {}, nearest},
      {"Martin Luther King", NthWeekday{month(1), Monday, 3}, 1986, {}, nearest},
      {"Washington", NthWeekday{month(2), Monday, 3}, {}, {}, nearest},
      {"Memorial Day", LastWeekday{month(5), Monday}, {}, {}, nearest},
      {"Juneteenth", FixedDay{month(6), day(19)}, 2021, {}, nearest},
      {"Independence Day", FixedDay{month(7), day(4)}, {}, {}, nearest},
      {"Labor Day", NthWeekday{month(9), Monday, 1}, {}, {}, nearest},
      {"Columbus Day", NthWeekday{month(10), Monday, 2}, {}, {}, nearest},
      {"Veterans Day", FixedDay{month(11), day(11)}, {}, {}, nearest},
      {"Thanksgiving", NthWeekday{month(11), Thursday, 4}, {}, {}, nearest},
      {"Christmas", FixedDay{month(12), day(25)}, {}, {}, nearest},
  };
}

}  // namespace accord
