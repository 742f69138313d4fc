// From the pure rules of seats to a write set.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"
#include "common/store/mutation.h"

namespace accord::training {

// Adds the offering as it was changed, and before it whoever of its waiting list has a seat to
// go to, promoted. Reads as many enrollments as it promotes. An offering is written at most
// once in a mutation; of its waiting list only `ended` may have ended in the same one.
absl::Status WriteOffering(v1::Offering offering, Date today, store::Transaction& transaction,
                           store::WriteSet& writes, const std::set<std::string>& ended = {});

// What officers bring to their places in classes that have not begun, and on waiting lists: who is
// out of the program, also one whose authority was revoked, or serves under another model than the
// course's, keeps none from those who wait; once reinstated they enroll again. Other places follow
// their officer to another agency or office. What a class that has begun says of who came is left
// to record. Reads one offering for each that they have a place in.
absl::Status FollowInClasses(const std::vector<const v1::Officer*>& officers,
                             const PolicyView& policy, Date today, store::Transaction& transaction,
                             store::WriteSet& writes);

}  // namespace accord::training
