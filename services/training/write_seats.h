// From the pure rules of seats to a write set.
#pragma once

#include "absl/status/status.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/store/mutation.h"

namespace accord::training {

// Adds the offering as it was changed, and before it whoever of its waiting list has a seat to
// go to, promoted. Reads as many enrollments as it promotes. An offering is written at most
// once in a mutation, with enrollments that wait in no write set yet.
absl::Status WriteOffering(v1::Offering offering, Date today, store::Transaction& transaction,
                           store::WriteSet& writes);

}  // namespace accord::training
