// What a day brings an officer beside the day's certification: notices of what ends soon, and
// revocation cases for what has lapsed, each once. Accord proposes; it never decides.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"
#include "common/store/reader.h"

namespace accord::training {

struct DayEffects {
  std::string officer;
  std::vector<v1::Notice> notices;
  std::vector<v1::RevocationCase> cases;

  bool empty() const { return notices.empty() && cases.empty(); }
};

// Which officers a day may have something to say about: see OfficersToWatch.
struct WatchSpan {
  Date last_end;
  Date last_authorization;
};
WatchSpan WatchSpanOf(const PolicyView& policy, Date today);

// What is not on record yet, in the order of the officers.
absl::StatusOr<std::vector<DayEffects>> LoadDayEffects(store::Reader& reader,
                                                       std::vector<v1::Officer> officers,
                                                       const PolicyView& policy, Date today);

}  // namespace accord::training
