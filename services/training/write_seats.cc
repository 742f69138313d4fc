#include "services/training/write_seats.h"

#include <google/protobuf/util/time_util.h>

#include <vector>

#include "absl/time/time.h"
#include "common/base/status.h"
#include "services/training/seats.h"
#include "services/training/store_seats.h"

namespace accord::training {
namespace {

constexpr char kPromotion[] = "PromoteEnrollment";
constexpr char kWhy[] = "a seat came free";

}  // namespace

absl::Status WriteOffering(v1::Offering offering, Date today, store::Transaction& transaction,
                           store::WriteSet& writes) {
  const int seats = SeatsToFill(offering, today);
  if (seats > 0) {
    const auto now = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
        absl::ToUnixMicros(transaction.now()));
    ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Enrollment> next,
                            FirstWaiting(transaction, offering.name(), seats));
    for (v1::Enrollment& enrollment : next) {
      Promote(offering, enrollment, now);
      store::WriteSet::Entry& entry = writes.Update(enrollment);
      entry.action = kPromotion;
      entry.reason = kWhy;
      entry.by_rule = true;  // Whoever is next, of whatever agency.
    }
  }
  writes.Update(offering);
  return absl::OkStatus();
}

}  // namespace accord::training
