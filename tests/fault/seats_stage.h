// The training service's handlers on a store, as one replica of it has them.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/store/store.h"
#include "services/training/agreement_source.h"
#include "services/training/errors.h"
#include "services/training/handlers.h"
#include "services/training/types.h"
#include "tests/unit/training/course_policy.h"
#include "tests/unit/training/no_agreements.h"

namespace accord::fault {

// Long before the offerings begin.
inline const Date kSeatsToday = MakeDate(2026, 3, 2);
inline const Date kSeatsFirstDay = MakeDate(2026, 9, 7);

class SeatsReplica {
 public:
  static absl::StatusOr<std::unique_ptr<SeatsReplica>> Open(const std::string& url) {
    auto replica = std::unique_ptr<SeatsReplica>(new SeatsReplica);
    ACCORD_ASSIGN_OR_RETURN(replica->store_,
                            store::Store::Open("training", training::kDomain, training::Types(),
                                               replica->clock_, {.url = url}));
    replica->handlers_ = std::make_unique<training::Handlers>(
        *replica->store_, training::CoursePolicy(), replica->agreements_);
    return replica;
  }

  store::Store& store() { return *store_; }
  training::Handlers& handlers() { return *handlers_; }

 private:
  SeatsReplica() = default;

  FakeClock clock_{StartOfDay(kSeatsToday, absl::UTCTimeZone()) + absl::Hours(16)};
  const training::NoAgreements agreements_{};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<training::Handlers> handlers_;
};

// A call that is given up when the store hangs.
inline rpc::Call SeatsCall() {
  return rpc::Call::ForTest("unverified:clerk", {.deadline = absl::Now() + absl::Seconds(60)});
}

}  // namespace accord::fault
